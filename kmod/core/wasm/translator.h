/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the translator share: translate.c has the file, translate_body.c the functions. */
#ifndef _HBK_CORE_WASM_TRANSLATOR_H
#define _HBK_CORE_WASM_TRANSLATOR_H

#include "translate.h"
#include "validate.h"

#define HBK_WASM_C_NAMES	8	/* operands that are spoken of at once */
#define HBK_WASM_C_GLOBALS	8	/* that a function has pointers to */
#define HBK_WASM_C_SMALL	64	/* locals and operands of a function whose frame is small */

/* Text that is still to be written. */
struct hbk_wasm_text {
	char *bytes;
	size_t length;
	size_t room;
};

/* The C types that operands and locals have; references are numbers. */
enum hbk_wasm_c_type {
	HBK_WASM_C_U32,
	HBK_WASM_C_U64,
	HBK_WASM_C_FLOAT,
	HBK_WASM_C_DOUBLE,
	HBK_WASM_C_REFERENCE,
	HBK_WASM_C_COUNT
};

/*
 * What is known of a local at one place of a function: when it was set, and when and how far behind it the memory was
 * last found to reach. Times are counts of instructions.
 */
struct hbk_wasm_known {
	u32 set;
	u32 checked;
	u64 reach;
};

/* Of which local an operand is a copy, and since when; no local is 0, others are one more than their index. */
struct hbk_wasm_copy {
	u32 local;
	u32 since;
};

/**
 * struct hbk_wasm_c_spelling - a value type in C
 * @type: the C type
 * @letter: after the number of an operand, so that an operand has a variable for each type that it ever has
 */
struct hbk_wasm_c_spelling {
	const char *type;
	char letter;
};

/**
 * struct hbk_wasm_translator - a translation that goes on
 * @visitor: shows the instructions
 * @task: what is asked for
 * @module: of @task
 * @prefix: of @task
 * @heap: pays
 * @error: where to tell what went wrong
 * @sink: takes the text
 * @head: text that is to be written first
 * @body: of the function at hand; its declarations are known only at its end
 * @to: which of the two is added to
 * @written: bytes of text so far
 * @operands: for each height a bit for each C type that it has in this function
 * @heights: how many heights this function has
 * @copies: for each height of which local its operand is a copy
 * @known: for each local what is known of it
 * @now: instructions of this function so far
 * @joined: when several ways last met; nothing older is known
 * @least: bytes that the memory always has
 * @place: where the access at hand is, in C
 * @small: this function has few locals and operands
 * @calls: this function calls something that may look at the instance
 * @globals: those that this function has pointers to, @global_count of them
 * @types: for each type what becomes of it: see translate.c
 * @traps: bits of the traps that this function can raise itself
 * @room: bytes of stack that any call of the module pushes for its arguments
 * @names: of operands that were asked for last
 * @name: the next of them to be used
 * @err: the first thing that went wrong
 */
struct hbk_wasm_translator {
	struct hbk_wasm_visitor visitor;
	const struct hbk_wasm_translation *task;
	const struct hbk_wasm_module *module;
	const char *prefix;
	struct hbk_wasm_heap *heap;
	struct hbk_wasm_error *error;
	struct hbk_wasm_sink *sink;
	struct hbk_wasm_text head;
	struct hbk_wasm_text body;
	struct hbk_wasm_text *to;
	u64 written;
	u8 *operands;
	u32 heights;
	struct hbk_wasm_copy *copies;
	struct hbk_wasm_known *known;
	u32 now;
	u32 joined;
	u64 least;
	char place[64];
	bool small;
	bool calls;
	u32 globals[HBK_WASM_C_GLOBALS];
	u32 global_count;
	u8 *types;
	u32 traps;
	u32 room;
	char names[HBK_WASM_C_NAMES][16];
	u32 name;
	int err;
};

/* A condition that stops the guest before an instruction has an effect. */
struct hbk_wasm_check {
	const char *condition;
	enum hbk_wasm_trap trap;
};

/**
 * struct hbk_wasm_expression - a plain instruction, load or store in C
 * @text: its result, or the statement of a store; $0, $1 are its operands, deepest first, and $@ the place in memory
 * @checks: what must not be, in this order
 */
struct hbk_wasm_expression {
	const char *text;
	struct hbk_wasm_check checks[2];
};

enum hbk_wasm_c_type hbk_wasm_c_type(u8 type);
const struct hbk_wasm_c_spelling *hbk_wasm_c_spelling(u8 type);
const struct hbk_wasm_expression *hbk_wasm_expression_find(u16 op);

void hbk_wasm_put(struct hbk_wasm_translator *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void hbk_wasm_flush(struct hbk_wasm_translator *t, struct hbk_wasm_text *text);
void hbk_wasm_text_free(struct hbk_wasm_translator *t, struct hbk_wasm_text *text);
void hbk_wasm_put_from_bits(struct hbk_wasm_translator *t, u8 type, const char *bits);
void hbk_wasm_put_to_bits(struct hbk_wasm_translator *t, u8 type, const char *value);
void hbk_wasm_put_result(struct hbk_wasm_translator *t, const struct hbk_wasm_type *type);
void hbk_wasm_put_parameters(struct hbk_wasm_translator *t, const struct hbk_wasm_type *type, const char *name,
			     const char *more);
void hbk_wasm_put_arguments(struct hbk_wasm_translator *t, const struct hbk_wasm_type *type, const char *name);
u32 hbk_wasm_values_count(const struct hbk_wasm_type *type);

int hbk_wasm_translate_begin(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_body *body);
int hbk_wasm_translate_instruction(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_step *step);
int hbk_wasm_translate_end(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_body *body);

#endif /* _HBK_CORE_WASM_TRANSLATOR_H */
