// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every instruction is checked as the specification's appendix does it: a stack
 * of operand types (body_operand.c) and a stack of control frames
 * (body_control.c). Nothing recurses.
 */
#include "walker.h"

static int (*const steps[])(struct hbk_wasm_walk *walk) = {
	[HBK_WASM_SHAPE_PLAIN] = hbk_wasm_walk_fixed,
	[HBK_WASM_SHAPE_MEMORY] = hbk_wasm_walk_memory,
	[HBK_WASM_SHAPE_MEMORY_INDEX] = hbk_wasm_walk_memory_index,
	[HBK_WASM_SHAPE_CONSTANT] = hbk_wasm_walk_constant,
	[HBK_WASM_SHAPE_UNREACHABLE] = hbk_wasm_walk_unreachable,
	[HBK_WASM_SHAPE_BLOCK] = hbk_wasm_walk_block,
	[HBK_WASM_SHAPE_ELSE] = hbk_wasm_walk_else,
	[HBK_WASM_SHAPE_END] = hbk_wasm_walk_end,
	[HBK_WASM_SHAPE_BR] = hbk_wasm_walk_br,
	[HBK_WASM_SHAPE_BR_IF] = hbk_wasm_walk_br_if,
	[HBK_WASM_SHAPE_BR_TABLE] = hbk_wasm_walk_br_table,
	[HBK_WASM_SHAPE_RETURN] = hbk_wasm_walk_return,
	[HBK_WASM_SHAPE_CALL] = hbk_wasm_walk_call,
	[HBK_WASM_SHAPE_CALL_INDIRECT] = hbk_wasm_walk_call_indirect,
	[HBK_WASM_SHAPE_DROP] = hbk_wasm_walk_drop,
	[HBK_WASM_SHAPE_SELECT] = hbk_wasm_walk_select,
	[HBK_WASM_SHAPE_SELECT_TYPED] = hbk_wasm_walk_select_typed,
	[HBK_WASM_SHAPE_LOCAL_GET] = hbk_wasm_walk_local_get,
	[HBK_WASM_SHAPE_LOCAL_SET] = hbk_wasm_walk_local_set,
	[HBK_WASM_SHAPE_LOCAL_TEE] = hbk_wasm_walk_local_tee,
	[HBK_WASM_SHAPE_GLOBAL_GET] = hbk_wasm_walk_global_get,
	[HBK_WASM_SHAPE_GLOBAL_SET] = hbk_wasm_walk_global_set,
	[HBK_WASM_SHAPE_TABLE_GET] = hbk_wasm_walk_table_get,
	[HBK_WASM_SHAPE_TABLE_SET] = hbk_wasm_walk_table_set,
	[HBK_WASM_SHAPE_TABLE_SIZE] = hbk_wasm_walk_table_size,
	[HBK_WASM_SHAPE_TABLE_GROW] = hbk_wasm_walk_table_grow,
	[HBK_WASM_SHAPE_TABLE_FILL] = hbk_wasm_walk_table_fill,
	[HBK_WASM_SHAPE_TABLE_COPY] = hbk_wasm_walk_table_copy,
	[HBK_WASM_SHAPE_TABLE_INIT] = hbk_wasm_walk_table_init,
	[HBK_WASM_SHAPE_ELEM_DROP] = hbk_wasm_walk_elem_drop,
	[HBK_WASM_SHAPE_MEMORY_INIT] = hbk_wasm_walk_memory_init,
	[HBK_WASM_SHAPE_MEMORY_COPY] = hbk_wasm_walk_memory_copy,
	[HBK_WASM_SHAPE_DATA_DROP] = hbk_wasm_walk_data_drop,
	[HBK_WASM_SHAPE_REF_NULL] = hbk_wasm_walk_ref_null,
	[HBK_WASM_SHAPE_REF_IS_NULL] = hbk_wasm_walk_ref_is_null,
	[HBK_WASM_SHAPE_REF_FUNC] = hbk_wasm_walk_ref_func,
};

static int read_opcode(struct hbk_wasm_walk *walk)
{
	struct hbk_wasm_step *step = &walk->step;
	const char *proposal;
	u32 op, second = 0;
	u8 byte = 0;
	int err;

	step->offset = walk->reader.at;
	err = hbk_wasm_read_u8(&walk->reader, &byte);
	op = byte;
	if (!err && byte == HBK_WASM_PREFIX >> 8) {
		err = hbk_wasm_read_u32(&walk->reader, &second);
		op = second < 256 ? HBK_WASM_PREFIX + second : HBK_WASM_PREFIX + 255;
	}
	if (err)
		return err;
	step->op = op;
	step->opcode = hbk_wasm_opcode_find(op);
	if (step->opcode)
		return use(walk, step->opcode->feature, step->opcode->name, step->offset);
	proposal = hbk_wasm_opcode_proposal(byte);
	if (proposal)
		return fail(walk, HBK_WASM_UNSUPPORTED, "opcode 0x%02x belongs to %s, which is not supported", byte,
			    proposal);
	if (byte == HBK_WASM_PREFIX >> 8)
		return fail(walk, HBK_WASM_MALFORMED, "illegal opcode 0xfc %u", second);
	return fail(walk, HBK_WASM_MALFORMED, "illegal opcode 0x%02x", byte);
}

static void begin_step(struct hbk_wasm_walk *walk)
{
	const struct hbk_wasm_frame *frame = top_frame(walk);
	struct hbk_wasm_step *step = &walk->step;

	step->dead = frame->dead || frame->dead_before;
	step->before = walk->height;
	step->type = HBK_WASM_ANY;
	step->align = 0;
	step->index = 0;
	step->second = 0;
	step->bits = 0;
	step->target_count = 0;
	step->targets = 0;
	step->callee = NULL;
}

static int end_step(struct hbk_wasm_walk *walk)
{
	struct hbk_wasm_step *step = &walk->step;
	u32 highest = walk->height > step->before ? walk->height : step->before;

	if (!step->dead && highest > walk->operands_max)
		walk->operands_max = highest;
	step->next = walk->reader.at;
	step->after = walk->height;
	step->frame_count = walk->frame_count;
	if (walk->visitor && walk->visitor->instruction)
		return walk->visitor->instruction(walk->visitor, step);
	return 0;
}

static int walk_instruction(struct hbk_wasm_walk *walk)
{
	int err;

	begin_step(walk);
	err = read_opcode(walk);
	if (err)
		return err;
	walk->instructions++;
	err = hbk_wasm_walk_spend(walk, 1);
	if (!err)
		err = steps[walk->step.opcode->shape](walk);
	if (!err)
		err = end_step(walk);
	if (!err && walk->step.op == HBK_WASM_OP_END)
		walk->frame_count--;
	return err;
}

/* @count more locals of one type; what is past the limit is only counted. */
static void add_locals(struct hbk_wasm_walk *walk, u64 *total, u32 count, u8 type)
{
	u64 room = *total < HBK_WASM_LOCALS_MAX ? HBK_WASM_LOCALS_MAX - *total : 0;

	memset(walk->locals + (*total < HBK_WASM_LOCALS_MAX ? *total : 0), type, count < room ? count : room);
	*total += count;
}

static int read_locals(struct hbk_wasm_walk *walk)
{
	const struct hbk_wasm_type *type = walk->body.type;
	u32 i, groups = 0, count = 0;
	u64 total = type->param_count;
	u8 local = 0;
	int err;

	memcpy(walk->locals, type->params, type->param_count);
	err = hbk_wasm_read_count(&walk->reader, HBK_WASM_LOCALS_MAX, "groups of locals", &groups);
	for (i = 0; !err && i < groups; i++) {
		err = hbk_wasm_read_u32(&walk->reader, &count);
		if (!err)
			err = hbk_wasm_read_value_type(&walk->reader, &local);
		if (!err)
			err = use_type(walk, local);
		if (!err)
			add_locals(walk, &total, count, local);
	}
	if (err)
		return err;
	if (total > 0xffffffff)
		return fail(walk, HBK_WASM_MALFORMED, "too many locals: more than 2^32");
	if (total > HBK_WASM_LOCALS_MAX)
		return fail(walk, HBK_WASM_LIMIT, "too many locals: %u, at most %u are allowed", (u32)total,
			    HBK_WASM_LOCALS_MAX);
	walk->body.local_count = total;
	return 0;
}

static bool has_floats(const u8 *types, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (types[i] == HBK_WASM_F32 || types[i] == HBK_WASM_F64)
			return true;
	}
	return false;
}

static void begin_function(struct hbk_wasm_walk *walk, u32 index)
{
	const struct hbk_wasm_module *module = walk->module;
	const struct hbk_wasm_function_def *function = &module->functions[index];
	const struct hbk_wasm_type *type = &module->types[function->type];

	walk->reader.at = function->offset;
	walk->reader.end = function->offset + function->length;
	walk->reader.function = index;
	walk->body.function = index;
	walk->body.type = type;
	walk->step.offset = function->offset;
	walk->instructions = 0;
	walk->frames_opened = 0;
	walk->loops_opened = 0;
	walk->operands_max = 0;
	walk->nesting_max = 0;
	walk->height = 0;
	walk->frame_count = 0;
	walk->floats = has_floats(type->params, type->param_count) || has_floats(type->results, type->result_count);
	if (walk->draft)
		walk->draft->functions[index].first_loop = module->loop_count;
}

/* What validating found out of the function. */
static void note_function(struct hbk_wasm_walk *walk)
{
	struct hbk_wasm_function_def *function;

	if (!walk->draft)
		return;
	function = &walk->draft->functions[walk->body.function];
	function->local_count = walk->body.local_count;
	function->operands_max = walk->operands_max;
	function->nesting_max = walk->nesting_max;
	function->cost = walk->instructions + walk->body.local_count / HBK_WASM_FUEL_BULK;
	function->loop_count = walk->loops_opened;
	function->floats = walk->floats;
}

static int walk_code(struct hbk_wasm_walk *walk)
{
	int err = 0;

	while (!err && walk->frame_count)
		err = walk_instruction(walk);
	if (!err && hbk_wasm_reader_left(&walk->reader)) {
		walk->step.offset = walk->reader.at;
		err = fail(walk, HBK_WASM_MALFORMED, "unexpected content after the function's end: %u bytes",
			   hbk_wasm_reader_left(&walk->reader));
	}
	return err;
}

/**
 * hbk_wasm_walk_function() - walk through one function's body
 * @walk: the walk
 * @function: its index; not an imported one; its type, offset and length are known
 *
 * While the module is being validated this checks the body and notes what was
 * found out; on a visit it shows it to the visitor.
 *
 * Return: 0, the negative errno of a fault that has been told, or what the visitor answered.
 */
int hbk_wasm_walk_function(struct hbk_wasm_walk *walk, u32 function)
{
	struct hbk_wasm_visitor *visitor = walk->visitor;
	int err;

	begin_function(walk, function);
	err = read_locals(walk);
	if (err)
		return err;
	if (walk->draft)
		walk->draft->functions[function].code = walk->reader.at;
	if (visitor && visitor->function_begin)
		err = visitor->function_begin(visitor, &walk->body);
	if (!err)
		err = hbk_wasm_walk_open(walk, HBK_WASM_FRAME_FUNCTION, walk->body.type);
	if (!err)
		err = walk_code(walk);
	if (err)
		return err;
	note_function(walk);
	if (visitor && visitor->function_end)
		err = visitor->function_end(visitor, &walk->body);
	return err;
}

/**
 * hbk_wasm_walk_new() - begin a walk
 * @module: whose bodies it goes through
 * @error: where the first fault is told, or NULL
 *
 * Return: the walk, a visit without a visitor so far; NULL if there is no memory for it.
 */
struct hbk_wasm_walk *hbk_wasm_walk_new(const struct hbk_wasm_module *module, struct hbk_wasm_error *error)
{
	struct hbk_wasm_walk *walk;

	walk = module->heap->allocate(module->heap, sizeof(*walk));
	if (!walk) {
		hbk_wasm_error_failed(error, -ENOMEM);
		return NULL;
	}
	walk->module = module;
	walk->reader.bytes = module->bytes;
	walk->reader.error = error;
	walk->body.module = module;
	walk->body.locals = walk->locals;
	walk->step.body = &walk->body;
	walk->step.stack = walk->stack;
	walk->step.frames = walk->frames;
	walk->pause = HBK_WASM_STEPS_SLICE;
	return walk;
}

/**
 * hbk_wasm_walk_free() - end a walk
 * @walk: the walk, or NULL
 */
void hbk_wasm_walk_free(struct hbk_wasm_walk *walk)
{
	if (walk)
		walk->module->heap->release(walk->module->heap, walk, sizeof(*walk));
}
