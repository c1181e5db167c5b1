// SPDX-License-Identifier: GPL-2.0-only
#include "reader.h"
#include "../utf8.h"

/**
 * hbk_wasm_reader_fail() - refuse what is being read
 * @reader: where
 * @refusal: of which kind the fault is
 * @offset: of the byte at fault
 * @format: the sentence, as for printf()
 *
 * Return: the negative errno of that kind.
 */
int hbk_wasm_reader_fail(const struct hbk_wasm_reader *reader, enum hbk_wasm_refusal refusal, u32 offset,
			 const char *format, ...)
{
	va_list args;
	int err;

	va_start(args, format);
	err = hbk_wasm_error_vset(reader->error, refusal, offset, reader->function, format, args);
	va_end(args);
	return err;
}

static int fail_end(const struct hbk_wasm_reader *reader)
{
	return hbk_wasm_reader_fail(reader, HBK_WASM_MALFORMED, reader->at, "unexpected end");
}

/**
 * hbk_wasm_read_u8() - read one byte
 * @reader: where
 * @value: the byte
 *
 * Return: 0, or the negative errno of the fault.
 */
int hbk_wasm_read_u8(struct hbk_wasm_reader *reader, u8 *value)
{
	if (reader->at == reader->end)
		return fail_end(reader);
	*value = reader->bytes[reader->at++];
	return 0;
}

/*
 * The bits of the last byte that the number has no room for must repeat its
 * sign, or be zero if it has none.
 */
static bool last_byte_fits(u8 byte, u32 used, bool is_signed)
{
	u8 spare = 0x7f & ~((1u << used) - 1);
	bool negative = is_signed && (byte & (1u << (used - 1)));

	return (byte & spare) == (negative ? spare : 0);
}

/* LEB128 of at most @bits bits. */
static int read_leb(struct hbk_wasm_reader *reader, u32 bits, bool is_signed, u64 *value)
{
	u32 begin = reader->at, shift = 0;
	u64 sum = 0;
	u8 byte;

	for (;;) {
		if (reader->at == reader->end)
			return fail_end(reader);
		byte = reader->bytes[reader->at++];
		sum |= (u64)(byte & 0x7f) << shift;
		if (bits - shift <= 7) {
			if (byte & 0x80)
				return hbk_wasm_reader_fail(reader, HBK_WASM_MALFORMED, begin,
							    "integer representation too long: more than %u bits",
							    bits);
			if (bits - shift < 7 && !last_byte_fits(byte, bits - shift, is_signed))
				return hbk_wasm_reader_fail(reader, HBK_WASM_MALFORMED, begin,
							    "integer too large: more than %u bits", bits);
		}
		shift += 7;
		if (!(byte & 0x80))
			break;
	}
	if (is_signed && shift < 64 && (byte & 0x40))
		sum |= ~0ULL << shift;
	*value = sum;
	return 0;
}

/**
 * hbk_wasm_read_u32() - read an unsigned number of 32 bits
 * @reader: where
 * @value: the number
 *
 * Return: 0, or the negative errno of the fault.
 */
int hbk_wasm_read_u32(struct hbk_wasm_reader *reader, u32 *value)
{
	u64 wide;
	int err;

	/* Nearly all are of one byte. */
	if (reader->at < reader->end && reader->bytes[reader->at] < 0x80) {
		*value = reader->bytes[reader->at++];
		return 0;
	}
	err = read_leb(reader, 32, false, &wide);
	if (!err)
		*value = wide;
	return err;
}

/**
 * hbk_wasm_read_s32() - read a signed number of 32 bits
 * @reader: where
 * @value: its bits
 *
 * Return: 0, or the negative errno of the fault.
 */
int hbk_wasm_read_s32(struct hbk_wasm_reader *reader, u32 *value)
{
	u64 wide;
	int err;

	err = read_leb(reader, 32, true, &wide);
	if (!err)
		*value = wide;
	return err;
}

/**
 * hbk_wasm_read_s33() - read a signed number of 33 bits: a block type
 * @reader: where
 * @value: the number
 *
 * Return: 0, or the negative errno of the fault.
 */
int hbk_wasm_read_s33(struct hbk_wasm_reader *reader, s64 *value)
{
	u64 wide;
	int err;

	err = read_leb(reader, 33, true, &wide);
	if (!err)
		*value = wide;
	return err;
}

/**
 * hbk_wasm_read_s64() - read a signed number of 64 bits
 * @reader: where
 * @value: its bits
 *
 * Return: 0, or the negative errno of the fault.
 */
int hbk_wasm_read_s64(struct hbk_wasm_reader *reader, u64 *value)
{
	return read_leb(reader, 64, true, value);
}

/**
 * hbk_wasm_read_bytes() - step over bytes
 * @reader: where
 * @length: how many
 * @bytes: the first of them
 *
 * Return: 0, or the negative errno of the fault.
 */
int hbk_wasm_read_bytes(struct hbk_wasm_reader *reader, u32 length, const u8 **bytes)
{
	if (length > hbk_wasm_reader_left(reader))
		return hbk_wasm_reader_fail(reader, HBK_WASM_MALFORMED, reader->at,
					    "unexpected end: length out of bounds: %u bytes, %u are left", length,
					    hbk_wasm_reader_left(reader));
	*bytes = reader->bytes + reader->at;
	reader->at += length;
	return 0;
}

/**
 * hbk_wasm_read_name() - read a name
 * @reader: where
 * @name: the name
 *
 * Return: 0, or the negative errno of the fault.
 */
int hbk_wasm_read_name(struct hbk_wasm_reader *reader, struct hbk_wasm_name *name)
{
	u32 begin = reader->at;
	const u8 *text = NULL;
	int err;

	err = hbk_wasm_read_u32(reader, &name->length);
	if (err)
		return err;
	err = hbk_wasm_read_bytes(reader, name->length, &text);
	if (err)
		return err;
	if (!hbk_wasm_utf8_valid(text, name->length))
		return hbk_wasm_reader_fail(reader, HBK_WASM_MALFORMED, begin, "malformed UTF-8 encoding");
	name->text = (const char *)text;
	return 0;
}

/**
 * hbk_wasm_read_count() - read how many items of a vector follow
 * @reader: where
 * @limit: how many there may be
 * @what: the items, for the fault: "types"
 * @count: how many
 *
 * An item has at least one byte, so a count that cannot be is refused before
 * anything is allocated for it.
 *
 * Return: 0, or the negative errno of the fault.
 */
int hbk_wasm_read_count(struct hbk_wasm_reader *reader, u32 limit, const char *what, u32 *count)
{
	u32 begin = reader->at;
	int err;

	err = hbk_wasm_read_u32(reader, count);
	if (err)
		return err;
	if (*count > hbk_wasm_reader_left(reader))
		return hbk_wasm_reader_fail(reader, HBK_WASM_MALFORMED, begin,
					    "unexpected end: length out of bounds: %u %s in %u bytes", *count, what,
					    hbk_wasm_reader_left(reader));
	if (*count > limit)
		return hbk_wasm_reader_fail(reader, HBK_WASM_LIMIT, begin, "too many %s: %u, at most %u are allowed",
					    what, *count, limit);
	return 0;
}

/* Types of proposals that we refuse: each gets its name. */
static const char *refused_type(u8 type)
{
	switch (type) {
	case HBK_WASM_V128:
		return "SIMD";
	case 0x63:
	case 0x64:
		return "typed function references";
	case 0x69:
	case 0x74:
		return "exceptions";
	case 0x6a ... 0x6e:
	case 0x71 ... 0x73:
		return "garbage collection";
	default:
		return NULL;
	}
}

static int fail_type(const struct hbk_wasm_reader *reader, const char *what, u8 type)
{
	const char *proposal = refused_type(type);

	if (proposal)
		return hbk_wasm_reader_fail(reader, HBK_WASM_UNSUPPORTED, reader->at - 1,
					    "%s 0x%02x belongs to %s, which is not supported", what, type, proposal);
	return hbk_wasm_reader_fail(reader, HBK_WASM_MALFORMED, reader->at - 1, "malformed %s 0x%02x", what, type);
}

/**
 * hbk_wasm_read_value_type() - read the type of a value
 * @reader: where
 * @type: enum hbk_wasm_value_type
 *
 * Return: 0, or the negative errno of the fault.
 */
int hbk_wasm_read_value_type(struct hbk_wasm_reader *reader, u8 *type)
{
	int err;

	err = hbk_wasm_read_u8(reader, type);
	if (err)
		return err;
	switch (*type) {
	case HBK_WASM_I32:
	case HBK_WASM_I64:
	case HBK_WASM_F32:
	case HBK_WASM_F64:
	case HBK_WASM_FUNCREF:
	case HBK_WASM_EXTERNREF:
		return 0;
	default:
		return fail_type(reader, "value type", *type);
	}
}

/**
 * hbk_wasm_read_reference_type() - read the type of a reference
 * @reader: where
 * @type: HBK_WASM_FUNCREF or HBK_WASM_EXTERNREF
 *
 * Return: 0, or the negative errno of the fault.
 */
int hbk_wasm_read_reference_type(struct hbk_wasm_reader *reader, u8 *type)
{
	int err;

	err = hbk_wasm_read_u8(reader, type);
	if (err)
		return err;
	if (*type != HBK_WASM_FUNCREF && *type != HBK_WASM_EXTERNREF)
		return fail_type(reader, "reference type", *type);
	return 0;
}

/**
 * hbk_wasm_utf8_valid() - is this UTF-8, as Unicode defines it?
 * @text: the bytes
 * @length: of them
 *
 * Return: true if it is.
 */
bool hbk_wasm_utf8_valid(const u8 *text, u32 length)
{
	size_t at = 0, step;

	while (at < length) {
		step = hbk_utf8_length(text + at, length - at);
		if (!step)
			return false;
		at += step;
	}
	return true;
}
