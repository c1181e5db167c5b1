/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one gate to the engine: a module that has passed hbk_wasm_validate() may
 * be read by anything; one that has not, by nothing. Neither recurses, and what
 * they need beyond a few hundred bytes of stack comes from the heap.
 */
#ifndef _HBK_CORE_WASM_VALIDATE_H
#define _HBK_CORE_WASM_VALIDATE_H

#include "error.h"
#include "module.h"
#include "opcode.h"

enum hbk_wasm_frame_kind {
	HBK_WASM_FRAME_FUNCTION,
	HBK_WASM_FRAME_BLOCK,
	HBK_WASM_FRAME_LOOP,
	HBK_WASM_FRAME_IF,
	HBK_WASM_FRAME_ELSE,	/* an `if` whose `else` has begun */
};

/**
 * struct hbk_wasm_frame - an open control frame
 * @kind: enum hbk_wasm_frame_kind
 * @dead: what follows in it, up to its `else` or `end`, cannot be reached
 * @dead_before: already its first instruction cannot
 * @number: of it within its function, in the order in which frames begin; the function's own is 0
 * @height: of the operand stack beneath its parameters
 * @params: types that it takes: param_count of them
 * @results: types that it leaves: result_count of them
 * @loop: index into the module's loops[], of a loop only
 * @begin: instructions of the function up to and including the one that opened it
 *
 * A branch to a loop takes its parameters, a branch to any other frame its
 * results: see hbk_wasm_frame_arity(). The operands that are taken end up at
 * @height and above.
 */
struct hbk_wasm_frame {
	u8 kind;
	bool dead;
	bool dead_before;
	u16 param_count;
	u16 result_count;
	u32 number;
	u32 height;
	const u8 *params;
	const u8 *results;
	u32 loop;
	u32 begin;
};

/* How many operands a branch to @frame takes along; their types are *@types. */
static inline u32 hbk_wasm_frame_arity(const struct hbk_wasm_frame *frame, const u8 **types)
{
	bool loop = frame->kind == HBK_WASM_FRAME_LOOP;

	*types = loop ? frame->params : frame->results;
	return loop ? frame->param_count : frame->result_count;
}

/**
 * struct hbk_wasm_body - the function whose instructions a visitor is shown
 * @module: validated
 * @function: its index
 * @type: its type
 * @locals: types of all its locals, parameters first; local_count of them
 * @local_count: how many
 */
struct hbk_wasm_body {
	const struct hbk_wasm_module *module;
	u32 function;
	const struct hbk_wasm_type *type;
	const u8 *locals;
	u32 local_count;
};

/**
 * struct hbk_wasm_step - one instruction
 * @body: the function
 * @offset: of the opcode, from the module's beginning
 * @next: offset of what follows its immediates
 * @op: 0x00..0xff, or 0xfc00 and up for those with that prefix
 * @opcode: its row of the table: name, operand and result types, kind of immediates
 * @dead: cannot be reached; its operands may then be HBK_WASM_ANY and fewer than it takes
 * @before: height of the operand stack before it
 * @after: and after it. `br`, `return`, `unreachable` and the like cut it down to the frame's own height; `else`
 *	puts the parameters of its `if` back; `block`, `loop` and `if` leave their parameters where they are
 * @type: of the operand of `drop`, of both of `select`, of the local of local.*, the global of global.*, the table
 *	of table.get, .set, .grow and .fill, the reference of ref.null and ref.is_null; else HBK_WASM_ANY
 * @index: first index: local, global, function, type (call_indirect), label (br, br_if, and the default of br_table),
 *	table (table.*; the destination of table.copy), segment (*.init, *.drop)
 * @second: second index: table of call_indirect and table.init, source of table.copy
 * @bits: value of a constant; offset of a load or store
 * @align: log2, of a load or store
 * @target_count: of br_table, its default not included
 * @targets: offset of the first of them; read them with hbk_wasm_step_target()
 * @callee: type of what call and call_indirect call, the canonical one
 * @stack: types of the operands after it, bottom first, @after of them
 * @frames: the open frames, outermost first. block, loop, if: theirs is already the last one. else: it is the `if`,
 *	already of kind ELSE. end: what ends is still the last one
 * @frame_count: at least one
 */
struct hbk_wasm_step {
	const struct hbk_wasm_body *body;
	u32 offset;
	u32 next;
	u16 op;
	const struct hbk_wasm_opcode *opcode;
	bool dead;
	u8 type;
	u8 align;
	u32 before;
	u32 after;
	u32 index;
	u32 second;
	u64 bits;
	u32 target_count;
	u32 targets;
	const struct hbk_wasm_type *callee;
	const u8 *stack;
	const struct hbk_wasm_frame *frames;
	u32 frame_count;
};

/* The frame that a branch to @label goes to; 0 is the innermost. */
static inline const struct hbk_wasm_frame *hbk_wasm_step_frame(const struct hbk_wasm_step *step, u32 label)
{
	return &step->frames[step->frame_count - 1 - label];
}

/* The next label of a br_table; *@cursor begins as step->targets. */
u32 hbk_wasm_step_target(const struct hbk_wasm_step *step, u32 *cursor);

/**
 * struct hbk_wasm_visitor - who looks at a validated module's code
 * @function_begin: before the first instruction of a function
 * @instruction: for each, in the order of the bytes, dead ones and the final `end` included
 * @function_end: after the last one
 *
 * Any may be NULL. What is not zero ends the visit, which then answers it.
 */
struct hbk_wasm_visitor {
	int (*function_begin)(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_body *body);
	int (*instruction)(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_step *step);
	int (*function_end)(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_body *body);
};

int hbk_wasm_validate(struct hbk_wasm_module *module, const u8 *bytes, size_t size, u32 forbidden,
		      struct hbk_wasm_heap *heap, struct hbk_wasm_error *error);
int hbk_wasm_visit(const struct hbk_wasm_module *module, struct hbk_wasm_visitor *visitor,
		   struct hbk_wasm_error *error);
int hbk_wasm_visit_function(const struct hbk_wasm_module *module, u32 function, struct hbk_wasm_visitor *visitor,
			    struct hbk_wasm_error *error);

#endif /* _HBK_CORE_WASM_VALIDATE_H */
