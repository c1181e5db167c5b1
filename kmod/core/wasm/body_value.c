// SPDX-License-Identifier: GPL-2.0-only
/* Instructions that move values: constants, memory, locals, globals, tables and references. */
#include "walker.h"

int hbk_wasm_walk_memory(struct hbk_wasm_walk *walk)
{
	struct hbk_wasm_step *step = &walk->step;
	u32 align = 0, offset = 0;
	int err;

	err = hbk_wasm_read_u32(&walk->reader, &align);
	if (err)
		return err;
	if (align >= 32)
		return fail(walk, HBK_WASM_MALFORMED, "malformed memop flags 0x%x in %s", align, step->opcode->name);
	err = hbk_wasm_read_u32(&walk->reader, &offset);
	if (err)
		return err;
	err = hbk_wasm_walk_need_memory(walk);
	if (err)
		return err;
	if (align > step->opcode->align)
		return fail(walk, HBK_WASM_INVALID,
			    "alignment must not be larger than natural in %s: expected at most 2^%u, found 2^%u",
			    step->opcode->name, step->opcode->align, align);
	step->align = align;
	step->bits = offset;
	err = use(walk, step->opcode->pops[1] == HBK_WASM_F32 || step->opcode->pops[1] == HBK_WASM_F64 ||
			step->opcode->pushes[0] == HBK_WASM_F32 || step->opcode->pushes[0] == HBK_WASM_F64 ?
			HBK_WASM_FLOATS : 0, step->opcode->name, step->offset);
	return err ? err : hbk_wasm_walk_fixed(walk);
}

int hbk_wasm_walk_memory_index(struct hbk_wasm_walk *walk)
{
	int err;

	err = hbk_wasm_walk_zero(walk);
	if (!err)
		err = hbk_wasm_walk_need_memory(walk);
	return err ? err : hbk_wasm_walk_fixed(walk);
}

static int read_fixed_bits(struct hbk_wasm_walk *walk, u32 length, u64 *bits)
{
	const u8 *bytes = NULL;
	int err;

	err = hbk_wasm_read_bytes(&walk->reader, length, &bytes);
	if (!err)
		*bits = length == 4 ? get_unaligned_le32(bytes) : get_unaligned_le64(bytes);
	return err;
}

int hbk_wasm_walk_constant(struct hbk_wasm_walk *walk)
{
	struct hbk_wasm_step *step = &walk->step;
	u32 narrow = 0;
	int err;

	switch (step->op) {
	case HBK_WASM_OP_I32_CONST:
		err = hbk_wasm_read_s32(&walk->reader, &narrow);
		step->bits = narrow;
		break;
	case HBK_WASM_OP_I64_CONST:
		err = hbk_wasm_read_s64(&walk->reader, &step->bits);
		break;
	case HBK_WASM_OP_F32_CONST:
		err = read_fixed_bits(walk, 4, &step->bits);
		break;
	default:
		err = read_fixed_bits(walk, 8, &step->bits);
		break;
	}
	return err ? err : hbk_wasm_walk_fixed(walk);
}

int hbk_wasm_walk_drop(struct hbk_wasm_walk *walk)
{
	return hbk_wasm_walk_pop_any(walk, &walk->step.type);
}

static bool is_reference(u8 type)
{
	return type == HBK_WASM_FUNCREF || type == HBK_WASM_EXTERNREF;
}

int hbk_wasm_walk_select(struct hbk_wasm_walk *walk)
{
	u8 first = HBK_WASM_ANY, second = HBK_WASM_ANY;
	int err;

	err = pop_fixed(walk);
	if (!err)
		err = hbk_wasm_walk_pop_any(walk, &second);
	if (!err)
		err = hbk_wasm_walk_pop_any(walk, &first);
	if (err)
		return err;
	if (is_reference(first) || is_reference(second) ||
	    (first != second && first != HBK_WASM_ANY && second != HBK_WASM_ANY))
		return fail(walk, HBK_WASM_INVALID,
			    "type mismatch in select: expected two numbers of one type, found [%s, %s]",
			    hbk_wasm_value_type_name(first), hbk_wasm_value_type_name(second));
	walk->step.type = first == HBK_WASM_ANY ? second : first;
	return push_type(walk, walk->step.type);
}

int hbk_wasm_walk_select_typed(struct hbk_wasm_walk *walk)
{
	u32 count = 0;
	u8 types[3] = { 0, 0, HBK_WASM_I32 };
	int err;

	err = hbk_wasm_read_u32(&walk->reader, &count);
	if (err)
		return err;
	if (count != 1)
		return fail(walk, HBK_WASM_INVALID, "invalid result arity in select: expected 1 type, found %u",
			    count);
	err = hbk_wasm_read_value_type(&walk->reader, &types[0]);
	if (!err)
		err = use_type(walk, types[0]);
	if (err)
		return err;
	types[1] = types[0];
	walk->step.type = types[0];
	err = hbk_wasm_walk_pop(walk, types, 3);
	return err ? err : push_type(walk, types[0]);
}

static int read_local(struct hbk_wasm_walk *walk)
{
	int err;

	err = hbk_wasm_walk_index(walk, walk->body.local_count, "local", &walk->step.index);
	if (!err)
		walk->step.type = walk->locals[walk->step.index];
	return err;
}

int hbk_wasm_walk_local_get(struct hbk_wasm_walk *walk)
{
	int err;

	err = read_local(walk);
	return err ? err : push_type(walk, walk->step.type);
}

int hbk_wasm_walk_local_set(struct hbk_wasm_walk *walk)
{
	int err;

	err = read_local(walk);
	return err ? err : pop_type(walk, walk->step.type);
}

int hbk_wasm_walk_local_tee(struct hbk_wasm_walk *walk)
{
	int err;

	err = hbk_wasm_walk_local_set(walk);
	return err ? err : push_type(walk, walk->step.type);
}

static int read_global(struct hbk_wasm_walk *walk)
{
	int err;

	err = hbk_wasm_walk_index(walk, walk->module->global_count, "global", &walk->step.index);
	if (!err)
		walk->step.type = walk->module->globals[walk->step.index].type;
	return err;
}

int hbk_wasm_walk_global_get(struct hbk_wasm_walk *walk)
{
	int err;

	err = read_global(walk);
	return err ? err : push_type(walk, walk->step.type);
}

int hbk_wasm_walk_global_set(struct hbk_wasm_walk *walk)
{
	int err;

	err = read_global(walk);
	if (err)
		return err;
	if (!walk->module->globals[walk->step.index].mutable)
		return fail(walk, HBK_WASM_INVALID, "global is immutable: global.set of global %u", walk->step.index);
	return pop_type(walk, walk->step.type);
}

int hbk_wasm_walk_table_get(struct hbk_wasm_walk *walk)
{
	int err;

	err = hbk_wasm_walk_table(walk, &walk->step.index);
	if (!err)
		err = pop_fixed(walk);
	return err ? err : push_type(walk, walk->step.type);
}

int hbk_wasm_walk_table_set(struct hbk_wasm_walk *walk)
{
	u8 types[2] = { HBK_WASM_I32 };
	int err;

	err = hbk_wasm_walk_table(walk, &walk->step.index);
	types[1] = walk->step.type;
	return err ? err : hbk_wasm_walk_pop(walk, types, 2);
}

int hbk_wasm_walk_table_size(struct hbk_wasm_walk *walk)
{
	int err;

	err = hbk_wasm_walk_table(walk, &walk->step.index);
	return err ? err : push_fixed(walk);
}

int hbk_wasm_walk_table_grow(struct hbk_wasm_walk *walk)
{
	u8 types[2] = { 0, HBK_WASM_I32 };
	int err;

	err = hbk_wasm_walk_table(walk, &walk->step.index);
	types[0] = walk->step.type;
	if (!err)
		err = hbk_wasm_walk_pop(walk, types, 2);
	return err ? err : push_fixed(walk);
}

int hbk_wasm_walk_table_fill(struct hbk_wasm_walk *walk)
{
	u8 types[3] = { HBK_WASM_I32, 0, HBK_WASM_I32 };
	int err;

	err = hbk_wasm_walk_table(walk, &walk->step.index);
	types[1] = walk->step.type;
	return err ? err : hbk_wasm_walk_pop(walk, types, 3);
}

static int fail_references(struct hbk_wasm_walk *walk, u8 expected, u8 found)
{
	return fail(walk, HBK_WASM_INVALID, "type mismatch in %s: expected %s, found %s", walk->step.opcode->name,
		    hbk_wasm_value_type_name(expected), hbk_wasm_value_type_name(found));
}

int hbk_wasm_walk_table_copy(struct hbk_wasm_walk *walk)
{
	u8 to;
	int err;

	err = hbk_wasm_walk_table(walk, &walk->step.index);
	to = walk->step.type;
	if (!err)
		err = hbk_wasm_walk_table(walk, &walk->step.second);
	if (!err && to != walk->step.type)
		err = fail_references(walk, to, walk->step.type);
	walk->step.type = HBK_WASM_ANY;
	return err ? err : hbk_wasm_walk_fixed(walk);
}

int hbk_wasm_walk_table_init(struct hbk_wasm_walk *walk)
{
	u8 found;
	int err;

	err = hbk_wasm_walk_index(walk, walk->module->element_segment_count, "elem segment", &walk->step.index);
	if (!err)
		err = hbk_wasm_walk_table(walk, &walk->step.second);
	if (err)
		return err;
	found = walk->module->element_segments[walk->step.index].type;
	if (found != walk->step.type)
		return fail_references(walk, walk->step.type, found);
	walk->step.type = HBK_WASM_ANY;
	return hbk_wasm_walk_fixed(walk);
}

int hbk_wasm_walk_elem_drop(struct hbk_wasm_walk *walk)
{
	return hbk_wasm_walk_index(walk, walk->module->element_segment_count, "elem segment", &walk->step.index);
}

int hbk_wasm_walk_memory_init(struct hbk_wasm_walk *walk)
{
	int err;

	err = hbk_wasm_walk_segment(walk);
	return err ? err : hbk_wasm_walk_memory_index(walk);
}

int hbk_wasm_walk_memory_copy(struct hbk_wasm_walk *walk)
{
	int err;

	err = hbk_wasm_walk_zero(walk);
	return err ? err : hbk_wasm_walk_memory_index(walk);
}

int hbk_wasm_walk_data_drop(struct hbk_wasm_walk *walk)
{
	return hbk_wasm_walk_segment(walk);
}

int hbk_wasm_walk_ref_null(struct hbk_wasm_walk *walk)
{
	int err;

	err = hbk_wasm_read_reference_type(&walk->reader, &walk->step.type);
	return err ? err : push_type(walk, walk->step.type);
}

int hbk_wasm_walk_ref_is_null(struct hbk_wasm_walk *walk)
{
	int err;

	err = hbk_wasm_walk_pop_any(walk, &walk->step.type);
	if (err)
		return err;
	if (walk->step.type != HBK_WASM_ANY && !is_reference(walk->step.type))
		return fail(walk, HBK_WASM_INVALID, "type mismatch in ref.is_null: expected a reference, found %s",
			    hbk_wasm_value_type_name(walk->step.type));
	return push_fixed(walk);
}

int hbk_wasm_walk_ref_func(struct hbk_wasm_walk *walk)
{
	int err;

	err = hbk_wasm_walk_index(walk, walk->module->function_count, "function", &walk->step.index);
	if (err)
		return err;
	if (!walk->module->functions[walk->step.index].referenced)
		return fail(walk, HBK_WASM_INVALID, "undeclared function reference: function %u", walk->step.index);
	walk->step.type = HBK_WASM_FUNCREF;
	return push_type(walk, HBK_WASM_FUNCREF);
}
