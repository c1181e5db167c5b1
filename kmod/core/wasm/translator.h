/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the translator share. translate.c has the file, translate_body.c a function, the others what is in it. */
#ifndef _HBK_CORE_WASM_TRANSLATOR_H
#define _HBK_CORE_WASM_TRANSLATOR_H

#include "translate.h"
#include "validate.h"

#define HBK_WASM_C_NAMES	8	/* operands that are spoken of at once */
#define HBK_WASM_C_VALUE	32	/* bytes of "values[1000]" */
#define HBK_WASM_C_GLOBALS	8	/* that a function has pointers to */
#define HBK_WASM_C_SMALL	64	/* locals and operands of a function whose frame is small */
#define HBK_WASM_C_TRAIL	4096	/* checks that are remembered together */

/*
 * A small loop is written several times, so that it pays for as many rounds at once. In its text these characters
 * stand for what differs: the letter of a copy, giving back what was paid too much before the loop is left, what a
 * trap's label has behind it for that, and going round once more.
 */
#define HBK_WASM_C_COPY		"\1"
#define HBK_WASM_C_REFUND	"\2"
#define HBK_WASM_C_TRAPPED	"\3"
#define HBK_WASM_C_AGAIN	"\4"

#define HBK_WASM_C_COPIES	4	/* of such a loop */
#define HBK_WASM_C_LOOP_SMALL	12	/* instructions that it has at most */
#define HBK_WASM_C_LOOP_COUNTS	80	/* or so many, if it counts to a constant: it will go round often */

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
 * found to reach on each way that leads there. Times are offsets of instructions; a loop sets at its beginning what is
 * set anywhere in it.
 */
struct hbk_wasm_known {
	u32 set;
	u32 checked;
	u64 reach;
	size_t text;	/* where the reach of the last check is written */
	bool address;	/* it is used as an address somewhere: 64 bits in C, the upper ones zero */
};

/* A check that holds until its frame ends, and what was known before. */
struct hbk_wasm_trail {
	u32 local;
	u32 checked;
	u64 reach;
};

/*
 * A loop of the module: the offset of its end, whether something in it has to know exactly what has been paid, and
 * whether it goes round until something is compared with a constant.
 */
struct hbk_wasm_loop_known {
	u32 end;
	bool exact;
	bool counts;
};

/*
 * The loop that is being written as a text of which there will be copies; none while @copies is 0. @traps are those
 * that the function raised before it.
 */
struct hbk_wasm_copied {
	u32 copies;
	u32 number;
	u32 cost;
	u32 traps;
};

/* An instruction that sets a local. */
struct hbk_wasm_set {
	u32 offset;
	u32 local;
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
 * @trail: the checks that are known of and will be forgotten, @trail_count of them
 * @marks: for each open frame how many of them there were when it began
 * @sets: all instructions of the module that set a local, in order; @set_count of them, room for @set_room
 * @constants: of the last instructions a bit for each that was a constant, the last one lowest
 * @set: the first of them that is not before the loop that began last
 * @loops: for each loop of the module what is known of it
 * @copied: the loop that is written several times
 * @loop: its text
 * @acted: offset of the last instruction that did more than compute, load or set a local
 * @now: offset of the instruction at hand
 * @steady: nothing that this module calls can move its memory or make it larger
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
	struct hbk_wasm_trail *trail;
	u32 trail_count;
	u32 *marks;
	struct hbk_wasm_set *sets;
	u32 set_count;
	u32 set_room;
	u32 constants;
	u32 set;
	struct hbk_wasm_loop_known *loops;
	struct hbk_wasm_copied copied;
	struct hbk_wasm_text loop;
	u32 acted;
	u32 now;
	bool steady;
	u64 least;
	char place[64];
	bool small;
	bool calls;
	u32 globals[HBK_WASM_C_GLOBALS];
	u32 global_count;
	u8 *types;
	u32 traps;
	u32 room;
	char names[HBK_WASM_C_NAMES][24];
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

/* A trap that a function raises itself: where it goes to for that, and the trap's name in C. */
struct hbk_wasm_raised {
	const char *label;
	const char *name;
};

enum hbk_wasm_c_type hbk_wasm_c_type(u8 type);
const struct hbk_wasm_c_spelling *hbk_wasm_c_spelling(u8 type);
const struct hbk_wasm_expression *hbk_wasm_expression_find(u16 op);

void hbk_wasm_put(struct hbk_wasm_translator *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void hbk_wasm_put_text(struct hbk_wasm_translator *t, const char *bytes, size_t length);
void hbk_wasm_flush(struct hbk_wasm_translator *t, struct hbk_wasm_text *text);
void hbk_wasm_text_free(struct hbk_wasm_translator *t, struct hbk_wasm_text *text);
void hbk_wasm_put_from_bits(struct hbk_wasm_translator *t, u8 type, const char *bits);
void hbk_wasm_put_to_bits(struct hbk_wasm_translator *t, u8 type, const char *value);
void hbk_wasm_put_result(struct hbk_wasm_translator *t, const struct hbk_wasm_type *type);
void hbk_wasm_put_parameters(struct hbk_wasm_translator *t, const struct hbk_wasm_type *type, const char *name,
			     const char *more);
void hbk_wasm_put_arguments(struct hbk_wasm_translator *t, const struct hbk_wasm_type *type, const char *name);
u32 hbk_wasm_values_count(const struct hbk_wasm_type *type);

/* translate_value.c */
extern const struct hbk_wasm_raised hbk_wasm_raised[HBK_WASM_TRAP_COUNT];

const char *hbk_wasm_operand(struct hbk_wasm_translator *t, u32 height, u8 type);
u32 hbk_wasm_origin(const struct hbk_wasm_translator *t, u32 height);
const char *hbk_wasm_value(struct hbk_wasm_translator *t, u32 height, u8 type);
void hbk_wasm_put_trap(struct hbk_wasm_translator *t, enum hbk_wasm_trap trap, const char *in);
void hbk_wasm_put_reload(struct hbk_wasm_translator *t);

/* translate_branch.c */
const char *hbk_wasm_leave(const struct hbk_wasm_translator *t);
void hbk_wasm_translate_block(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step);
void hbk_wasm_translate_else(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step);
void hbk_wasm_translate_frame_end(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step);
void hbk_wasm_translate_jump(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step);
void hbk_wasm_translate_br_if(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step);
void hbk_wasm_translate_br_table(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step);

/* translate_expression.c */
void hbk_wasm_forget_checks(struct hbk_wasm_translator *t, u32 mark);
void hbk_wasm_forget_sets(struct hbk_wasm_translator *t, u32 end);
void hbk_wasm_translate_constant(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step);
void hbk_wasm_translate_expression(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step,
				   const struct hbk_wasm_expression *expression);

/* translate_call.c */
void hbk_wasm_translate_call(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step);
void hbk_wasm_translate_call_indirect(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step);
void hbk_wasm_translate_memory(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step);
void hbk_wasm_translate_segment(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step);
void hbk_wasm_translate_table(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step);
void hbk_wasm_translate_reference(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step);

bool hbk_wasm_is_plain(const struct hbk_wasm_step *step);
int hbk_wasm_translate_begin(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_body *body);
int hbk_wasm_translate_instruction(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_step *step);
int hbk_wasm_translate_end(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_body *body);

#endif /* _HBK_CORE_WASM_TRANSLATOR_H */
