/* SPDX-License-Identifier: GPL-2.0-only */
/* The walk through function bodies: the specification's algorithm, with a visitor once they are known to be valid. */
#ifndef _HBK_CORE_WASM_BODY_H
#define _HBK_CORE_WASM_BODY_H

#include "reader.h"
#include "validate.h"

/**
 * struct hbk_wasm_walk - where a walk is
 * @module: whose bodies they are
 * @draft: the same module while it is being validated, to note costs and features; NULL on a visit
 * @visitor: NULL while the module is being validated
 * @forbidden: features that are refused
 * @reader: in the body
 * @body: what the visitor is told of the function
 * @step: what it is told of the instruction
 * @steps: done since the walk began
 * @pause: when the heap's yield() is called next
 * @instructions: of this function so far
 * @frames_opened: of this function so far
 * @loops_opened: of this function so far
 * @operands_max: highest stack of this function so far
 * @nesting_max: most open frames of this function so far
 * @floats: this function has some
 * @height: of @stack
 * @frame_count: of @frames
 * @frames: open ones
 * @stack: types of operands
 * @locals: types of locals
 *
 * It is too large for a kernel's stack: it comes from the heap.
 */
struct hbk_wasm_walk {
	const struct hbk_wasm_module *module;
	struct hbk_wasm_module *draft;
	struct hbk_wasm_visitor *visitor;
	u32 forbidden;
	struct hbk_wasm_reader reader;
	struct hbk_wasm_body body;
	struct hbk_wasm_step step;
	u32 steps;
	u32 pause;
	u32 instructions;
	u32 frames_opened;
	u32 loops_opened;
	u32 operands_max;
	u32 nesting_max;
	bool floats;
	u32 height;
	u32 frame_count;
	struct hbk_wasm_frame frames[HBK_WASM_NESTING_MAX];
	u8 stack[HBK_WASM_OPERANDS_MAX];
	u8 locals[HBK_WASM_LOCALS_MAX];
};

struct hbk_wasm_walk *hbk_wasm_walk_new(const struct hbk_wasm_module *module, struct hbk_wasm_error *error);
int hbk_wasm_walk_function(struct hbk_wasm_walk *walk, u32 function);
void hbk_wasm_walk_free(struct hbk_wasm_walk *walk);

#endif /* _HBK_CORE_WASM_BODY_H */
