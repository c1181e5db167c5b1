// SPDX-License-Identifier: GPL-2.0-only
/* Blocks, branches and calls: the stack of control frames. */
#include "walker.h"

int hbk_wasm_walk_unreachable(struct hbk_wasm_walk *walk)
{
	mark_dead(walk);
	return 0;
}

/* Opens a frame whose parameters were popped and are pushed again. */
int hbk_wasm_walk_open(struct hbk_wasm_walk *walk, u8 kind, const struct hbk_wasm_type *type)
{
	const struct hbk_wasm_frame *outer = walk->frame_count ? top_frame(walk) : NULL;
	struct hbk_wasm_frame *frame;

	if (walk->frame_count == HBK_WASM_NESTING_MAX)
		return fail(walk, HBK_WASM_LIMIT, "nested too deeply: at most %u frames are allowed",
			    HBK_WASM_NESTING_MAX);
	frame = &walk->frames[walk->frame_count++];
	*frame = (struct hbk_wasm_frame){
		.kind = kind,
		.dead_before = outer && (outer->dead || outer->dead_before),
		.number = walk->frames_opened++,
		.height = walk->height,
		.params = type->params,
		.param_count = type->param_count,
		.results = type->results,
		.result_count = type->result_count,
		.begin = walk->instructions,
	};
	if (walk->frame_count > walk->nesting_max)
		walk->nesting_max = walk->frame_count;
	return hbk_wasm_walk_push(walk, type->params, kind == HBK_WASM_FRAME_FUNCTION ? 0 : type->param_count);
}

/* Notes a loop while validating; finds it again on a visit. */
static int open_loop(struct hbk_wasm_walk *walk)
{
	struct hbk_wasm_module *draft = walk->draft;
	int err;

	if (!draft) {
		top_frame(walk)->loop = walk->module->functions[walk->body.function].first_loop + walk->loops_opened++;
		return 0;
	}
	err = hbk_wasm_array_reserve(draft, loops, room_loops, draft->loop_count + 1);
	if (err)
		return hbk_wasm_error_failed(walk->reader.error, err);
	draft->loops[draft->loop_count].offset = walk->step.offset;
	top_frame(walk)->loop = draft->loop_count++;
	walk->loops_opened++;
	return 0;
}

/* Nothing, one type, or the index of a function type. */
static int read_block_type(struct hbk_wasm_walk *walk, struct hbk_wasm_type *type)
{
	struct hbk_wasm_reader *reader = &walk->reader;
	u32 begin = reader->at;
	s64 index = 0;
	u8 byte = 0;
	int err;

	*type = (struct hbk_wasm_type){ .params = reader->bytes, .results = reader->bytes };
	if (hbk_wasm_reader_left(reader))
		byte = reader->bytes[begin];
	if ((byte & 0xc0) == 0x40) {
		if (byte == 0x40) {
			reader->at++;
			return 0;
		}
		type->results = reader->bytes + begin;
		type->result_count = 1;
		err = hbk_wasm_read_value_type(reader, &byte);
		return err ? err : use_type(walk, byte);
	}
	err = hbk_wasm_read_s33(reader, &index);
	if (err)
		return err;
	if (index < 0)
		return fail(walk, HBK_WASM_MALFORMED, "malformed block type in %s", walk->step.opcode->name);
	if (index >= walk->module->type_count)
		return fail(walk, HBK_WASM_INVALID, "unknown type %u in %s: there are %u", (u32)index,
			    walk->step.opcode->name, walk->module->type_count);
	*type = walk->module->types[index];
	return use(walk, HBK_WASM_MULTI_VALUE, "a block of a function type", begin);
}

int hbk_wasm_walk_block(struct hbk_wasm_walk *walk)
{
	u8 kind = HBK_WASM_FRAME_BLOCK + (walk->step.op - HBK_WASM_OP_BLOCK);
	struct hbk_wasm_type type;
	int err;

	err = read_block_type(walk, &type);
	if (!err)
		err = pop_fixed(walk);
	if (!err)
		err = hbk_wasm_walk_pop(walk, type.params, type.param_count);
	weigh(walk, type.param_count);
	if (!err)
		err = hbk_wasm_walk_open(walk, kind, &type);
	if (!err && kind == HBK_WASM_FRAME_LOOP)
		err = open_loop(walk);
	return err;
}

/* The frame's results are there, and nothing else. */
static int pop_results(struct hbk_wasm_walk *walk, const struct hbk_wasm_frame *frame)
{
	u32 height = walk->height;
	int err;

	weigh(walk, frame->result_count);
	err = hbk_wasm_walk_pop(walk, frame->results, frame->result_count);
	if (err)
		return err;
	if (walk->height != frame->height)
		return hbk_wasm_walk_misfit(walk, frame->results, frame->result_count, height, true);
	return 0;
}

int hbk_wasm_walk_else(struct hbk_wasm_walk *walk)
{
	struct hbk_wasm_frame *frame = top_frame(walk);
	int err;

	if (frame->kind != HBK_WASM_FRAME_IF)
		return fail(walk, HBK_WASM_MALFORMED, "else without if: END opcode expected");
	err = pop_results(walk, frame);
	if (err)
		return err;
	frame->kind = HBK_WASM_FRAME_ELSE;
	frame->dead = false;
	walk->step.dead = frame->dead_before;
	return hbk_wasm_walk_push(walk, frame->params, frame->param_count);
}

/* An `if` without `else` leaves what it took. */
static int check_no_else(struct hbk_wasm_walk *walk, const struct hbk_wasm_frame *frame)
{
	char expected[HBK_WASM_TYPE_LIST], found[HBK_WASM_TYPE_LIST];

	if (frame->param_count == frame->result_count &&
	    !memcmp(frame->params, frame->results, frame->param_count))
		return 0;
	hbk_wasm_walk_list(expected, frame->results, frame->result_count);
	hbk_wasm_walk_list(found, frame->params, frame->param_count);
	return fail(walk, HBK_WASM_INVALID, "type mismatch in if without else: expected %s, found %s", expected,
		    found);
}

/* The frame itself goes after the visitor has seen it. */
int hbk_wasm_walk_end(struct hbk_wasm_walk *walk)
{
	struct hbk_wasm_frame *frame = top_frame(walk);
	int err;

	err = pop_results(walk, frame);
	if (!err && frame->kind == HBK_WASM_FRAME_IF)
		err = check_no_else(walk, frame);
	if (err)
		return err;
	if (frame->kind == HBK_WASM_FRAME_LOOP && walk->draft)
		walk->draft->loops[frame->loop].cost = walk->instructions - frame->begin;
	walk->step.dead = frame->dead_before;
	return hbk_wasm_walk_push(walk, frame->results, frame->result_count);
}

static int read_label(struct hbk_wasm_walk *walk, u32 *label)
{
	return hbk_wasm_walk_index(walk, walk->frame_count, "label", label);
}

static u32 label_types(const struct hbk_wasm_walk *walk, u32 label, const u8 **types)
{
	return hbk_wasm_frame_arity(&walk->frames[walk->frame_count - 1 - label], types);
}

int hbk_wasm_walk_br(struct hbk_wasm_walk *walk)
{
	const u8 *types;
	u32 count;
	int err;

	err = read_label(walk, &walk->step.index);
	if (err)
		return err;
	count = label_types(walk, walk->step.index, &types);
	weigh(walk, count);
	err = hbk_wasm_walk_pop(walk, types, count);
	if (!err)
		mark_dead(walk);
	return err;
}

int hbk_wasm_walk_br_if(struct hbk_wasm_walk *walk)
{
	const u8 *types;
	u32 count;
	int err;

	err = read_label(walk, &walk->step.index);
	if (!err)
		err = pop_fixed(walk);
	if (err)
		return err;
	count = label_types(walk, walk->step.index, &types);
	weigh(walk, count);
	err = hbk_wasm_walk_pop(walk, types, count);
	return err ? err : hbk_wasm_walk_push(walk, types, count);
}

/* One target of a br_table: as many operands as the first one has, and of types that are there. */
static int check_target(struct hbk_wasm_walk *walk, u32 label, u32 *arity, bool first)
{
	u32 height = walk->height;
	const u8 *types;
	u32 count;
	int err;

	count = label_types(walk, label, &types);
	if (!first && count != *arity)
		return fail(walk, HBK_WASM_INVALID,
			    "type mismatch in br_table: label %u takes %u operands, another one %u", label, count,
			    *arity);
	*arity = count;
	err = hbk_wasm_walk_pop(walk, types, count);
	walk->height = height;
	return err;
}

int hbk_wasm_walk_br_table(struct hbk_wasm_walk *walk)
{
	struct hbk_wasm_step *step = &walk->step;
	u32 i, arity = 0;
	int err;

	err = hbk_wasm_read_count(&walk->reader, HBK_WASM_TARGETS_MAX - 1, "labels of br_table", &step->target_count);
	if (!err)
		err = pop_fixed(walk);
	step->targets = walk->reader.at;
	for (i = 0; !err && i <= step->target_count; i++) {
		err = read_label(walk, &step->index);
		if (!err)
			err = check_target(walk, step->index, &arity, !i);
		if (!err)
			err = hbk_wasm_walk_spend(walk, 1);
	}
	weigh(walk, arity);
	if (!err)
		mark_dead(walk);
	return err;
}

int hbk_wasm_walk_return(struct hbk_wasm_walk *walk)
{
	int err;

	weigh(walk, walk->body.type->result_count);
	err = hbk_wasm_walk_pop(walk, walk->body.type->results, walk->body.type->result_count);
	if (!err)
		mark_dead(walk);
	return err;
}

static int apply_callee(struct hbk_wasm_walk *walk, u32 type)
{
	const struct hbk_wasm_type *callee = &walk->module->types[walk->module->types[type].canonical];
	int err;

	walk->step.callee = callee;
	err = hbk_wasm_walk_pop(walk, callee->params, callee->param_count);
	return err ? err : hbk_wasm_walk_push(walk, callee->results, callee->result_count);
}

int hbk_wasm_walk_call(struct hbk_wasm_walk *walk)
{
	int err;

	err = hbk_wasm_walk_index(walk, walk->module->function_count, "function", &walk->step.index);
	return err ? err : apply_callee(walk, walk->module->functions[walk->step.index].type);
}

int hbk_wasm_walk_call_indirect(struct hbk_wasm_walk *walk)
{
	struct hbk_wasm_step *step = &walk->step;
	int err;

	err = hbk_wasm_walk_index(walk, walk->module->type_count, "type", &step->index);
	if (!err)
		err = hbk_wasm_walk_table(walk, &step->second);
	if (err)
		return err;
	if (step->type != HBK_WASM_FUNCREF)
		return fail(walk, HBK_WASM_INVALID, "type mismatch in call_indirect: expected a table of funcref, found %s",
			    hbk_wasm_value_type_name(step->type));
	step->type = HBK_WASM_ANY;
	err = pop_fixed(walk);
	return err ? err : apply_callee(walk, step->index);
}
