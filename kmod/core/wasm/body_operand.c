// SPDX-License-Identifier: GPL-2.0-only
/*
 * The stack of operand types. Operands stay on the stack's array after they
 * were popped, so that a type mismatch can name what was found.
 */
#include "walker.h"

/* A step was taken, or @count of them. */
int hbk_wasm_walk_spend(struct hbk_wasm_walk *walk, u32 count)
{
	struct hbk_wasm_heap *heap = walk->module->heap;
	int err;

	walk->steps += count;
	if (walk->steps < walk->pause)
		return 0;
	if (walk->steps > HBK_WASM_STEPS_MAX)
		return hbk_wasm_reader_fail(&walk->reader, HBK_WASM_LIMIT, walk->step.offset,
					    "too costly to validate: more than %u steps", HBK_WASM_STEPS_MAX);
	walk->pause = walk->steps + HBK_WASM_STEPS_SLICE;
	err = heap->yield ? heap->yield(heap) : 0;
	return err ? hbk_wasm_error_failed(walk->reader.error, err) : 0;
}

/* Tells what is wrong with the instruction. */
int hbk_wasm_walk_fail(struct hbk_wasm_walk *walk, enum hbk_wasm_refusal refusal, const char *format, ...)
{
	va_list args;
	int err;

	va_start(args, format);
	err = hbk_wasm_error_vset(walk->reader.error, refusal, walk->step.offset, walk->reader.function, format,
				  args);
	va_end(args);
	return err;
}

/* "[i32, f64]", cut to the deepest ones if they are many. */
void hbk_wasm_walk_list(char *list, const u8 *types, u32 count)
{
	u32 i, length = 1;

	list[0] = '[';
	for (i = 0; i < count && length < HBK_WASM_TYPE_LIST - 20; i++)
		length += snprintf(list + length, HBK_WASM_TYPE_LIST - length, "%s%s", i ? ", " : "",
				   hbk_wasm_value_type_name(types[i]));
	snprintf(list + length, HBK_WASM_TYPE_LIST - length, "%s]", i < count ? ", ..." : "");
}

static const char *frame_name(const struct hbk_wasm_frame *frame)
{
	static const char *const names[] = {
		[HBK_WASM_FRAME_FUNCTION] = "function",
		[HBK_WASM_FRAME_BLOCK] = "block",
		[HBK_WASM_FRAME_LOOP] = "loop",
		[HBK_WASM_FRAME_IF] = "if",
		[HBK_WASM_FRAME_ELSE] = "else",
	};

	return names[frame->kind];
}

/* The operands beneath @height are not those that are wanted. */
int hbk_wasm_walk_misfit(struct hbk_wasm_walk *walk, const u8 *wanted, u32 count, u32 height, bool all)
{
	const struct hbk_wasm_frame *frame = top_frame(walk);
	bool closing = walk->step.op == HBK_WASM_OP_END || walk->step.op == HBK_WASM_OP_ELSE;
	char expected[HBK_WASM_TYPE_LIST], found[HBK_WASM_TYPE_LIST];
	u32 there = height - frame->height;

	if (there > count && !all)
		there = count;
	hbk_wasm_walk_list(expected, wanted, count);
	hbk_wasm_walk_list(found, walk->stack + height - there, there);
	return fail(walk, HBK_WASM_INVALID, "type mismatch %s %s: expected %s, found %s",
		    closing ? "at end of" : "in", closing ? frame_name(frame) : walk->step.opcode->name, expected,
		    found);
}

int hbk_wasm_walk_pop(struct hbk_wasm_walk *walk, const u8 *types, u32 count)
{
	const struct hbk_wasm_frame *frame = top_frame(walk);
	u32 i, height = walk->height;
	int err;

	err = hbk_wasm_walk_spend(walk, count);
	if (err)
		return err;
	for (i = count; i > 0; i--) {
		if (walk->height == frame->height) {
			if (frame->dead)
				return 0;
			return hbk_wasm_walk_misfit(walk, types, count, height, false);
		}
		walk->height--;
		if (walk->stack[walk->height] != types[i - 1] && walk->stack[walk->height] != HBK_WASM_ANY)
			return hbk_wasm_walk_misfit(walk, types, count, height, false);
	}
	return 0;
}

int hbk_wasm_walk_push(struct hbk_wasm_walk *walk, const u8 *types, u32 count)
{
	if (count > HBK_WASM_OPERANDS_MAX - walk->height)
		return fail(walk, HBK_WASM_LIMIT, "too many operands: %u, at most %u are allowed",
			    walk->height + count, HBK_WASM_OPERANDS_MAX);
	memcpy(walk->stack + walk->height, types, count);
	walk->height += count;
	return hbk_wasm_walk_spend(walk, count);
}

/* Any one operand; HBK_WASM_ANY if the code cannot be reached. */
int hbk_wasm_walk_pop_any(struct hbk_wasm_walk *walk, u8 *type)
{
	const struct hbk_wasm_frame *frame = top_frame(walk);
	const u8 wanted = HBK_WASM_ANY;

	*type = HBK_WASM_ANY;
	if (walk->height > frame->height)
		*type = walk->stack[--walk->height];
	else if (!frame->dead)
		return hbk_wasm_walk_misfit(walk, &wanted, 1, walk->height, false);
	return hbk_wasm_walk_spend(walk, 1);
}

/* What the table of opcodes says, and no more. */
int hbk_wasm_walk_fixed(struct hbk_wasm_walk *walk)
{
	int err;

	err = pop_fixed(walk);
	return err ? err : push_fixed(walk);
}

/* An index below @count. */
int hbk_wasm_walk_index(struct hbk_wasm_walk *walk, u32 count, const char *what, u32 *index)
{
	int err;

	err = hbk_wasm_read_u32(&walk->reader, index);
	if (err)
		return err;
	if (*index >= count)
		return fail(walk, HBK_WASM_INVALID, "unknown %s %u in %s: there are %u", what, *index,
			    walk->step.opcode->name, count);
	return 0;
}

int hbk_wasm_walk_zero(struct hbk_wasm_walk *walk)
{
	u8 byte = 0;
	int err;

	err = hbk_wasm_read_u8(&walk->reader, &byte);
	if (err)
		return err;
	if (byte)
		return fail(walk, HBK_WASM_MALFORMED, "zero byte expected in %s: multi-memory is not supported",
			    walk->step.opcode->name);
	return 0;
}

int hbk_wasm_walk_need_memory(struct hbk_wasm_walk *walk)
{
	if (!walk->module->memory_count)
		return fail(walk, HBK_WASM_INVALID, "unknown memory 0 in %s", walk->step.opcode->name);
	return 0;
}

int hbk_wasm_walk_segment(struct hbk_wasm_walk *walk)
{
	if (walk->module->data_count == HBK_WASM_NO_INDEX)
		return fail(walk, HBK_WASM_MALFORMED, "data count section required by %s", walk->step.opcode->name);
	return hbk_wasm_walk_index(walk, walk->module->data_count, "data segment", &walk->step.index);
}

int hbk_wasm_walk_table(struct hbk_wasm_walk *walk, u32 *index)
{
	int err;

	err = hbk_wasm_walk_index(walk, walk->module->table_count, "table", index);
	if (!err)
		walk->step.type = walk->module->tables[*index].type;
	return err;
}
