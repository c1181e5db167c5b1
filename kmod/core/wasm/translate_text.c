// SPDX-License-Identifier: GPL-2.0-only
/* How the translator writes: text that waits, and the spelling of types. */
#include "translator.h"

#define ROOM_FIRST	65536	/* bytes that a text begins with */
#define PIECE_MAX	256	/* bytes of one hbk_wasm_put() */

static const struct hbk_wasm_c_spelling spellings[HBK_WASM_C_COUNT] = {
	[HBK_WASM_C_U32] = { "u32", 'i' },
	[HBK_WASM_C_U64] = { "u64", 'l' },
	[HBK_WASM_C_FLOAT] = { "float", 'f' },
	[HBK_WASM_C_DOUBLE] = { "double", 'd' },
	[HBK_WASM_C_REFERENCE] = { "u64", 'r' },
};

enum hbk_wasm_c_type hbk_wasm_c_type(u8 type)
{
	switch (type) {
	case HBK_WASM_I32:
		return HBK_WASM_C_U32;
	case HBK_WASM_I64:
		return HBK_WASM_C_U64;
	case HBK_WASM_F32:
		return HBK_WASM_C_FLOAT;
	case HBK_WASM_F64:
		return HBK_WASM_C_DOUBLE;
	default:
		return HBK_WASM_C_REFERENCE;
	}
}

const struct hbk_wasm_c_spelling *hbk_wasm_c_spelling(u8 type)
{
	return &spellings[hbk_wasm_c_type(type)];
}

static bool text_make_room(struct hbk_wasm_translator *t, struct hbk_wasm_text *text, size_t length)
{
	size_t room = text->room ? text->room : ROOM_FIRST;
	char *bytes;

	if (text->room - text->length >= length)
		return true;
	while (room - text->length < length)
		room *= 2;
	bytes = t->heap->resize(t->heap, text->bytes, text->room, room);
	if (!bytes) {
		t->err = hbk_wasm_error_failed(t->error, -ENOMEM);
		return false;
	}
	text->bytes = bytes;
	text->room = room;
	return true;
}

/* Adds a piece of text to what is being written; nothing once anything has gone wrong. */
void hbk_wasm_put(struct hbk_wasm_translator *t, const char *format, ...)
{
	char piece[PIECE_MAX];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(piece, sizeof(piece), format, args);
	va_end(args);
	if (t->err)
		return;
	if (length < 0 || length >= PIECE_MAX) {
		t->err = hbk_wasm_error_failed(t->error, -EOVERFLOW);
		return;
	}
	hbk_wasm_put_text(t, piece, length);
}

/* The same with text that is ready. */
void hbk_wasm_put_text(struct hbk_wasm_translator *t, const char *bytes, size_t length)
{
	if (t->err)
		return;
	t->written += length;
	if (t->written > HBK_WASM_TRANSLATED_MAX) {
		t->err = hbk_wasm_error_set(t->error, HBK_WASM_LIMIT, 0, HBK_WASM_NO_INDEX,
					    "more than %u bytes of C", HBK_WASM_TRANSLATED_MAX);
		return;
	}
	if (!text_make_room(t, t->to, length))
		return;
	memcpy(t->to->bytes + t->to->length, bytes, length);
	t->to->length += length;
}

void hbk_wasm_flush(struct hbk_wasm_translator *t, struct hbk_wasm_text *text)
{
	int err = 0;

	if (!t->err && text->length)
		err = t->sink->write(t->sink, text->bytes, text->length);
	if (err)
		t->err = hbk_wasm_error_failed(t->error, err);
	text->length = 0;
}

void hbk_wasm_text_free(struct hbk_wasm_translator *t, struct hbk_wasm_text *text)
{
	t->heap->release(t->heap, text->bytes, text->room);
}

/* A value of @type, made of 64 bits. */
void hbk_wasm_put_from_bits(struct hbk_wasm_translator *t, u8 type, const char *bits)
{
	switch (hbk_wasm_c_type(type)) {
	case HBK_WASM_C_U32:
		return hbk_wasm_put(t, "(u32)%s", bits);
	case HBK_WASM_C_FLOAT:
		return hbk_wasm_put(t, "hbk_f32((u32)%s)", bits);
	case HBK_WASM_C_DOUBLE:
		return hbk_wasm_put(t, "hbk_f64(%s)", bits);
	default:
		return hbk_wasm_put(t, "%s", bits);
	}
}

/* And 64 bits, made of a value. */
void hbk_wasm_put_to_bits(struct hbk_wasm_translator *t, u8 type, const char *value)
{
	switch (hbk_wasm_c_type(type)) {
	case HBK_WASM_C_FLOAT:
		return hbk_wasm_put(t, "hbk_f32_bits(%s)", value);
	case HBK_WASM_C_DOUBLE:
		return hbk_wasm_put(t, "hbk_f64_bits(%s)", value);
	default:
		return hbk_wasm_put(t, "%s", value);
	}
}

/* The C type of what a function returns: several results go elsewhere. */
void hbk_wasm_put_result(struct hbk_wasm_translator *t, const struct hbk_wasm_type *type)
{
	hbk_wasm_put(t, "%s", type->result_count == 1 ? hbk_wasm_c_spelling(type->results[0])->type : "void");
}

/* The parameters of a function, named @name and a number, or not if it is NULL; @more are others before its own. */
void hbk_wasm_put_parameters(struct hbk_wasm_translator *t, const struct hbk_wasm_type *type, const char *name,
			     const char *more)
{
	u32 i;

	hbk_wasm_put(t, "(struct hbk_wasm_instance *%s%s", name ? "instance" : "", more);
	for (i = 0; i < type->param_count; i++) {
		hbk_wasm_put(t, ", %s", hbk_wasm_c_spelling(type->params[i])->type);
		if (name)
			hbk_wasm_put(t, " %s%u", name, i);
	}
	if (type->result_count > 1)
		hbk_wasm_put(t, name ? ", u64 *results" : ", u64 *");
	hbk_wasm_put(t, ")");
}

/* And what a function with such parameters hands on, after its first arguments. */
void hbk_wasm_put_arguments(struct hbk_wasm_translator *t, const struct hbk_wasm_type *type, const char *name)
{
	u32 i;

	for (i = 0; i < type->param_count; i++)
		hbk_wasm_put(t, ", %s%u", name, i);
	hbk_wasm_put(t, "%s);\n", type->result_count > 1 ? ", results" : "");
}

/* Room for the arguments, then the results, of a function: never none. */
u32 hbk_wasm_values_count(const struct hbk_wasm_type *type)
{
	u32 count = type->param_count > type->result_count ? type->param_count : type->result_count;

	return count ? count : 1;
}
