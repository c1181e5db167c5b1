/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files that walk through function bodies share, some of it under short names: nobody else includes this. */
#ifndef _HBK_CORE_WASM_WALKER_H
#define _HBK_CORE_WASM_WALKER_H

#include "body.h"
#include "parse.h"

#define HBK_WASM_TYPE_LIST	72	/* bytes of a list of types in an error, the final NUL included */

#define fail(walk, refusal, ...)	hbk_wasm_walk_fail(walk, refusal, __VA_ARGS__)

int hbk_wasm_walk_fail(struct hbk_wasm_walk *walk, enum hbk_wasm_refusal refusal, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void hbk_wasm_walk_list(char *list, const u8 *types, u32 count);
int hbk_wasm_walk_misfit(struct hbk_wasm_walk *walk, const u8 *wanted, u32 count, u32 height, bool all);
int hbk_wasm_walk_spend(struct hbk_wasm_walk *walk, u32 count);
int hbk_wasm_walk_pop(struct hbk_wasm_walk *walk, const u8 *types, u32 count);
int hbk_wasm_walk_push(struct hbk_wasm_walk *walk, const u8 *types, u32 count);
int hbk_wasm_walk_pop_any(struct hbk_wasm_walk *walk, u8 *type);
int hbk_wasm_walk_index(struct hbk_wasm_walk *walk, u32 count, const char *what, u32 *index);
int hbk_wasm_walk_zero(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_segment(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_table(struct hbk_wasm_walk *walk, u32 *index);
int hbk_wasm_walk_need_memory(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_open(struct hbk_wasm_walk *walk, u8 kind, const struct hbk_wasm_type *type);

/* A step each, one for each shape of instruction. */
int hbk_wasm_walk_fixed(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_memory(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_memory_index(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_constant(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_unreachable(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_block(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_else(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_end(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_br(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_br_if(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_br_table(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_return(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_call(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_call_indirect(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_drop(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_select(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_select_typed(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_local_get(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_local_set(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_local_tee(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_global_get(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_global_set(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_table_get(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_table_set(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_table_size(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_table_grow(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_table_fill(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_table_copy(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_table_init(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_elem_drop(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_memory_init(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_memory_copy(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_data_drop(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_ref_null(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_ref_is_null(struct hbk_wasm_walk *walk);
int hbk_wasm_walk_ref_func(struct hbk_wasm_walk *walk);

static inline struct hbk_wasm_frame *top_frame(struct hbk_wasm_walk *walk)
{
	return &walk->frames[walk->frame_count - 1];
}

/* Moving @count operands is an instruction for each: a loop's branch could move a thousand each time. */
static inline void weigh(struct hbk_wasm_walk *walk, u32 count)
{
	walk->instructions += count > 1 ? count - 1 : 0;
}

static inline int use(struct hbk_wasm_walk *walk, u32 features, const char *what, u32 offset)
{
	walk->floats |= features & HBK_WASM_FLOATS;
	if (!features || !walk->draft)
		return 0;
	return hbk_wasm_feature_use(&walk->reader, walk->draft, walk->forbidden, features, what, offset);
}

static inline int use_type(struct hbk_wasm_walk *walk, u8 type)
{
	if (type == HBK_WASM_F32 || type == HBK_WASM_F64)
		return use(walk, HBK_WASM_FLOATS, hbk_wasm_value_type_name(type), walk->reader.at - 1);
	if (type == HBK_WASM_FUNCREF || type == HBK_WASM_EXTERNREF)
		return use(walk, HBK_WASM_REFERENCE_TYPES, hbk_wasm_value_type_name(type), walk->reader.at - 1);
	return 0;
}

static inline int pop_type(struct hbk_wasm_walk *walk, u8 type)
{
	return hbk_wasm_walk_pop(walk, &type, 1);
}

static inline int push_type(struct hbk_wasm_walk *walk, u8 type)
{
	return hbk_wasm_walk_push(walk, &type, 1);
}

static inline int pop_fixed(struct hbk_wasm_walk *walk)
{
	const char *pops = walk->step.opcode->pops;

	return hbk_wasm_walk_pop(walk, (const u8 *)pops, strlen(pops));
}

static inline int push_fixed(struct hbk_wasm_walk *walk)
{
	const char *pushes = walk->step.opcode->pushes;

	return hbk_wasm_walk_push(walk, (const u8 *)pushes, strlen(pushes));
}

/* The rest of the frame cannot be reached. */
static inline void mark_dead(struct hbk_wasm_walk *walk)
{
	struct hbk_wasm_frame *frame = top_frame(walk);

	walk->height = frame->height;
	frame->dead = true;
}

#endif /* _HBK_CORE_WASM_WALKER_H */
