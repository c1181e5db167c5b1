// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every instruction is checked as the specification's appendix does it: a stack
 * of operand types and a stack of control frames. Nothing recurses.
 *
 * Operands stay on the stack's array after they were popped, so that a type
 * mismatch can name what was found.
 */
#include "body.h"
#include "parse.h"

static struct hbk_wasm_frame *top_frame(struct hbk_wasm_walk *walk)
{
	return &walk->frames[walk->frame_count - 1];
}

/* A step was taken, or @count of them. */
static int spend(struct hbk_wasm_walk *walk, u32 count)
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

/* An instruction that moves @count operands is one for each of them: a loop's branch could move a thousand each time. */
static void weigh(struct hbk_wasm_walk *walk, u32 count)
{
	walk->instructions += count > 1 ? count - 1 : 0;
}

static int use(struct hbk_wasm_walk *walk, u32 features, const char *what, u32 offset)
{
	walk->floats |= features & HBK_WASM_FLOATS;
	if (!features || !walk->draft)
		return 0;
	return hbk_wasm_feature_use(&walk->reader, walk->draft, walk->forbidden, features, what, offset);
}

static int use_type(struct hbk_wasm_walk *walk, u8 type)
{
	if (type == HBK_WASM_F32 || type == HBK_WASM_F64)
		return use(walk, HBK_WASM_FLOATS, hbk_wasm_value_type_name(type), walk->reader.at - 1);
	if (type == HBK_WASM_FUNCREF || type == HBK_WASM_EXTERNREF)
		return use(walk, HBK_WASM_REFERENCE_TYPES, hbk_wasm_value_type_name(type), walk->reader.at - 1);
	return 0;
}

static int fail(struct hbk_wasm_walk *walk, enum hbk_wasm_refusal refusal, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static int fail(struct hbk_wasm_walk *walk, enum hbk_wasm_refusal refusal, const char *format, ...)
{
	va_list args;
	int err;

	va_start(args, format);
	err = hbk_wasm_error_vset(walk->reader.error, refusal, walk->step.offset, walk->reader.function, format,
				  args);
	va_end(args);
	return err;
}

#define TYPE_LIST	72	/* bytes of a list of types in an error, the final NUL included */

/* "[i32, f64]", cut to the deepest ones if they are many. */
static void list_types(char *list, const u8 *types, u32 count)
{
	u32 i, length = 1;

	list[0] = '[';
	for (i = 0; i < count && length < TYPE_LIST - 20; i++)
		length += snprintf(list + length, TYPE_LIST - length, "%s%s", i ? ", " : "",
				   hbk_wasm_value_type_name(types[i]));
	snprintf(list + length, TYPE_LIST - length, "%s]", i < count ? ", ..." : "");
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
static int fail_types(struct hbk_wasm_walk *walk, const u8 *wanted, u32 count, u32 height, bool all)
{
	const struct hbk_wasm_frame *frame = top_frame(walk);
	bool closing = walk->step.op == HBK_WASM_OP_END || walk->step.op == HBK_WASM_OP_ELSE;
	char expected[TYPE_LIST], found[TYPE_LIST];
	u32 there = height - frame->height;

	if (there > count && !all)
		there = count;
	list_types(expected, wanted, count);
	list_types(found, walk->stack + height - there, there);
	return fail(walk, HBK_WASM_INVALID, "type mismatch %s %s: expected %s, found %s",
		    closing ? "at end of" : "in", closing ? frame_name(frame) : walk->step.opcode->name, expected,
		    found);
}

static int pop_types(struct hbk_wasm_walk *walk, const u8 *types, u32 count)
{
	const struct hbk_wasm_frame *frame = top_frame(walk);
	u32 i, height = walk->height;
	int err;

	err = spend(walk, count);
	if (err)
		return err;
	for (i = count; i > 0; i--) {
		if (walk->height == frame->height) {
			if (frame->dead)
				return 0;
			return fail_types(walk, types, count, height, false);
		}
		walk->height--;
		if (walk->stack[walk->height] != types[i - 1] && walk->stack[walk->height] != HBK_WASM_ANY)
			return fail_types(walk, types, count, height, false);
	}
	return 0;
}

static int push_types(struct hbk_wasm_walk *walk, const u8 *types, u32 count)
{
	if (count > HBK_WASM_OPERANDS_MAX - walk->height)
		return fail(walk, HBK_WASM_LIMIT, "too many operands: %u, at most %u are allowed",
			    walk->height + count, HBK_WASM_OPERANDS_MAX);
	memcpy(walk->stack + walk->height, types, count);
	walk->height += count;
	return spend(walk, count);
}

static int pop_type(struct hbk_wasm_walk *walk, u8 type)
{
	return pop_types(walk, &type, 1);
}

static int push_type(struct hbk_wasm_walk *walk, u8 type)
{
	return push_types(walk, &type, 1);
}

/* Any one operand; HBK_WASM_ANY if the code cannot be reached. */
static int pop_any(struct hbk_wasm_walk *walk, u8 *type)
{
	const struct hbk_wasm_frame *frame = top_frame(walk);
	const u8 wanted = HBK_WASM_ANY;

	*type = HBK_WASM_ANY;
	if (walk->height > frame->height)
		*type = walk->stack[--walk->height];
	else if (!frame->dead)
		return fail_types(walk, &wanted, 1, walk->height, false);
	return spend(walk, 1);
}

static int pop_fixed(struct hbk_wasm_walk *walk)
{
	const char *pops = walk->step.opcode->pops;

	return pop_types(walk, (const u8 *)pops, strlen(pops));
}

static int push_fixed(struct hbk_wasm_walk *walk)
{
	const char *pushes = walk->step.opcode->pushes;

	return push_types(walk, (const u8 *)pushes, strlen(pushes));
}

/* What the table of opcodes says, and no more. */
static int step_fixed(struct hbk_wasm_walk *walk)
{
	int err;

	err = pop_fixed(walk);
	return err ? err : push_fixed(walk);
}

/* The rest of the frame cannot be reached. */
static void mark_dead(struct hbk_wasm_walk *walk)
{
	struct hbk_wasm_frame *frame = top_frame(walk);

	walk->height = frame->height;
	frame->dead = true;
}

/* An index below @count. */
static int read_index(struct hbk_wasm_walk *walk, u32 count, const char *what, u32 *index)
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

static int read_zero(struct hbk_wasm_walk *walk)
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

static int need_memory(struct hbk_wasm_walk *walk)
{
	if (!walk->module->memory_count)
		return fail(walk, HBK_WASM_INVALID, "unknown memory 0 in %s", walk->step.opcode->name);
	return 0;
}

static int read_segment(struct hbk_wasm_walk *walk)
{
	if (walk->module->data_count == HBK_WASM_NO_INDEX)
		return fail(walk, HBK_WASM_MALFORMED, "data count section required by %s", walk->step.opcode->name);
	return read_index(walk, walk->module->data_count, "data segment", &walk->step.index);
}

static int read_table(struct hbk_wasm_walk *walk, u32 *index)
{
	int err;

	err = read_index(walk, walk->module->table_count, "table", index);
	if (!err)
		walk->step.type = walk->module->tables[*index].type;
	return err;
}

static int step_memory(struct hbk_wasm_walk *walk)
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
	err = need_memory(walk);
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
	return err ? err : step_fixed(walk);
}

static int step_memory_index(struct hbk_wasm_walk *walk)
{
	int err;

	err = read_zero(walk);
	if (!err)
		err = need_memory(walk);
	return err ? err : step_fixed(walk);
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

static int step_constant(struct hbk_wasm_walk *walk)
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
	return err ? err : step_fixed(walk);
}

static int step_unreachable(struct hbk_wasm_walk *walk)
{
	mark_dead(walk);
	return 0;
}

/* Opens a frame whose parameters were popped and are pushed again. */
static int open_frame(struct hbk_wasm_walk *walk, u8 kind, const struct hbk_wasm_type *type)
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
	return push_types(walk, type->params, kind == HBK_WASM_FRAME_FUNCTION ? 0 : type->param_count);
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

static int step_block(struct hbk_wasm_walk *walk)
{
	u8 kind = HBK_WASM_FRAME_BLOCK + (walk->step.op - HBK_WASM_OP_BLOCK);
	struct hbk_wasm_type type;
	int err;

	err = read_block_type(walk, &type);
	if (!err)
		err = pop_fixed(walk);
	if (!err)
		err = pop_types(walk, type.params, type.param_count);
	weigh(walk, type.param_count);
	if (!err)
		err = open_frame(walk, kind, &type);
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
	err = pop_types(walk, frame->results, frame->result_count);
	if (err)
		return err;
	if (walk->height != frame->height)
		return fail_types(walk, frame->results, frame->result_count, height, true);
	return 0;
}

static int step_else(struct hbk_wasm_walk *walk)
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
	return push_types(walk, frame->params, frame->param_count);
}

/* An `if` without `else` leaves what it took. */
static int check_no_else(struct hbk_wasm_walk *walk, const struct hbk_wasm_frame *frame)
{
	char expected[TYPE_LIST], found[TYPE_LIST];

	if (frame->param_count == frame->result_count &&
	    !memcmp(frame->params, frame->results, frame->param_count))
		return 0;
	list_types(expected, frame->results, frame->result_count);
	list_types(found, frame->params, frame->param_count);
	return fail(walk, HBK_WASM_INVALID, "type mismatch in if without else: expected %s, found %s", expected,
		    found);
}

/* The frame itself goes after the visitor has seen it. */
static int step_end(struct hbk_wasm_walk *walk)
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
	return push_types(walk, frame->results, frame->result_count);
}

static int read_label(struct hbk_wasm_walk *walk, u32 *label)
{
	return read_index(walk, walk->frame_count, "label", label);
}

static u32 label_types(const struct hbk_wasm_walk *walk, u32 label, const u8 **types)
{
	return hbk_wasm_frame_arity(&walk->frames[walk->frame_count - 1 - label], types);
}

static int step_br(struct hbk_wasm_walk *walk)
{
	const u8 *types;
	u32 count;
	int err;

	err = read_label(walk, &walk->step.index);
	if (err)
		return err;
	count = label_types(walk, walk->step.index, &types);
	weigh(walk, count);
	err = pop_types(walk, types, count);
	if (!err)
		mark_dead(walk);
	return err;
}

static int step_br_if(struct hbk_wasm_walk *walk)
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
	err = pop_types(walk, types, count);
	return err ? err : push_types(walk, types, count);
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
	err = pop_types(walk, types, count);
	walk->height = height;
	return err;
}

static int step_br_table(struct hbk_wasm_walk *walk)
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
			err = spend(walk, 1);
	}
	weigh(walk, arity);
	if (!err)
		mark_dead(walk);
	return err;
}

static int step_return(struct hbk_wasm_walk *walk)
{
	int err;

	weigh(walk, walk->body.type->result_count);
	err = pop_types(walk, walk->body.type->results, walk->body.type->result_count);
	if (!err)
		mark_dead(walk);
	return err;
}

static int apply_callee(struct hbk_wasm_walk *walk, u32 type)
{
	const struct hbk_wasm_type *callee = &walk->module->types[walk->module->types[type].canonical];
	int err;

	walk->step.callee = callee;
	err = pop_types(walk, callee->params, callee->param_count);
	return err ? err : push_types(walk, callee->results, callee->result_count);
}

static int step_call(struct hbk_wasm_walk *walk)
{
	int err;

	err = read_index(walk, walk->module->function_count, "function", &walk->step.index);
	return err ? err : apply_callee(walk, walk->module->functions[walk->step.index].type);
}

static int step_call_indirect(struct hbk_wasm_walk *walk)
{
	struct hbk_wasm_step *step = &walk->step;
	int err;

	err = read_index(walk, walk->module->type_count, "type", &step->index);
	if (!err)
		err = read_table(walk, &step->second);
	if (err)
		return err;
	if (step->type != HBK_WASM_FUNCREF)
		return fail(walk, HBK_WASM_INVALID, "type mismatch in call_indirect: expected a table of funcref, found %s",
			    hbk_wasm_value_type_name(step->type));
	step->type = HBK_WASM_ANY;
	err = pop_fixed(walk);
	return err ? err : apply_callee(walk, step->index);
}

static int step_drop(struct hbk_wasm_walk *walk)
{
	return pop_any(walk, &walk->step.type);
}

static bool is_reference(u8 type)
{
	return type == HBK_WASM_FUNCREF || type == HBK_WASM_EXTERNREF;
}

static int step_select(struct hbk_wasm_walk *walk)
{
	u8 first = HBK_WASM_ANY, second = HBK_WASM_ANY;
	int err;

	err = pop_fixed(walk);
	if (!err)
		err = pop_any(walk, &second);
	if (!err)
		err = pop_any(walk, &first);
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

static int step_select_typed(struct hbk_wasm_walk *walk)
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
	err = pop_types(walk, types, 3);
	return err ? err : push_type(walk, types[0]);
}

static int read_local(struct hbk_wasm_walk *walk)
{
	int err;

	err = read_index(walk, walk->body.local_count, "local", &walk->step.index);
	if (!err)
		walk->step.type = walk->locals[walk->step.index];
	return err;
}

static int step_local_get(struct hbk_wasm_walk *walk)
{
	int err;

	err = read_local(walk);
	return err ? err : push_type(walk, walk->step.type);
}

static int step_local_set(struct hbk_wasm_walk *walk)
{
	int err;

	err = read_local(walk);
	return err ? err : pop_type(walk, walk->step.type);
}

static int step_local_tee(struct hbk_wasm_walk *walk)
{
	int err;

	err = step_local_set(walk);
	return err ? err : push_type(walk, walk->step.type);
}

static int read_global(struct hbk_wasm_walk *walk)
{
	int err;

	err = read_index(walk, walk->module->global_count, "global", &walk->step.index);
	if (!err)
		walk->step.type = walk->module->globals[walk->step.index].type;
	return err;
}

static int step_global_get(struct hbk_wasm_walk *walk)
{
	int err;

	err = read_global(walk);
	return err ? err : push_type(walk, walk->step.type);
}

static int step_global_set(struct hbk_wasm_walk *walk)
{
	int err;

	err = read_global(walk);
	if (err)
		return err;
	if (!walk->module->globals[walk->step.index].mutable)
		return fail(walk, HBK_WASM_INVALID, "global is immutable: global.set of global %u", walk->step.index);
	return pop_type(walk, walk->step.type);
}

static int step_table_get(struct hbk_wasm_walk *walk)
{
	int err;

	err = read_table(walk, &walk->step.index);
	if (!err)
		err = pop_fixed(walk);
	return err ? err : push_type(walk, walk->step.type);
}

static int step_table_set(struct hbk_wasm_walk *walk)
{
	u8 types[2] = { HBK_WASM_I32 };
	int err;

	err = read_table(walk, &walk->step.index);
	types[1] = walk->step.type;
	return err ? err : pop_types(walk, types, 2);
}

static int step_table_size(struct hbk_wasm_walk *walk)
{
	int err;

	err = read_table(walk, &walk->step.index);
	return err ? err : push_fixed(walk);
}

static int step_table_grow(struct hbk_wasm_walk *walk)
{
	u8 types[2] = { 0, HBK_WASM_I32 };
	int err;

	err = read_table(walk, &walk->step.index);
	types[0] = walk->step.type;
	if (!err)
		err = pop_types(walk, types, 2);
	return err ? err : push_fixed(walk);
}

static int step_table_fill(struct hbk_wasm_walk *walk)
{
	u8 types[3] = { HBK_WASM_I32, 0, HBK_WASM_I32 };
	int err;

	err = read_table(walk, &walk->step.index);
	types[1] = walk->step.type;
	return err ? err : pop_types(walk, types, 3);
}

static int fail_references(struct hbk_wasm_walk *walk, u8 expected, u8 found)
{
	return fail(walk, HBK_WASM_INVALID, "type mismatch in %s: expected %s, found %s", walk->step.opcode->name,
		    hbk_wasm_value_type_name(expected), hbk_wasm_value_type_name(found));
}

static int step_table_copy(struct hbk_wasm_walk *walk)
{
	u8 to;
	int err;

	err = read_table(walk, &walk->step.index);
	to = walk->step.type;
	if (!err)
		err = read_table(walk, &walk->step.second);
	if (!err && to != walk->step.type)
		err = fail_references(walk, to, walk->step.type);
	walk->step.type = HBK_WASM_ANY;
	return err ? err : step_fixed(walk);
}

static int step_table_init(struct hbk_wasm_walk *walk)
{
	u8 found;
	int err;

	err = read_index(walk, walk->module->element_segment_count, "elem segment", &walk->step.index);
	if (!err)
		err = read_table(walk, &walk->step.second);
	if (err)
		return err;
	found = walk->module->element_segments[walk->step.index].type;
	if (found != walk->step.type)
		return fail_references(walk, walk->step.type, found);
	walk->step.type = HBK_WASM_ANY;
	return step_fixed(walk);
}

static int step_elem_drop(struct hbk_wasm_walk *walk)
{
	return read_index(walk, walk->module->element_segment_count, "elem segment", &walk->step.index);
}

static int step_memory_init(struct hbk_wasm_walk *walk)
{
	int err;

	err = read_segment(walk);
	return err ? err : step_memory_index(walk);
}

static int step_memory_copy(struct hbk_wasm_walk *walk)
{
	int err;

	err = read_zero(walk);
	return err ? err : step_memory_index(walk);
}

static int step_data_drop(struct hbk_wasm_walk *walk)
{
	return read_segment(walk);
}

static int step_ref_null(struct hbk_wasm_walk *walk)
{
	int err;

	err = hbk_wasm_read_reference_type(&walk->reader, &walk->step.type);
	return err ? err : push_type(walk, walk->step.type);
}

static int step_ref_is_null(struct hbk_wasm_walk *walk)
{
	int err;

	err = pop_any(walk, &walk->step.type);
	if (err)
		return err;
	if (walk->step.type != HBK_WASM_ANY && !is_reference(walk->step.type))
		return fail(walk, HBK_WASM_INVALID, "type mismatch in ref.is_null: expected a reference, found %s",
			    hbk_wasm_value_type_name(walk->step.type));
	return push_fixed(walk);
}

static int step_ref_func(struct hbk_wasm_walk *walk)
{
	int err;

	err = read_index(walk, walk->module->function_count, "function", &walk->step.index);
	if (err)
		return err;
	if (!walk->module->functions[walk->step.index].referenced)
		return fail(walk, HBK_WASM_INVALID, "undeclared function reference: function %u", walk->step.index);
	walk->step.type = HBK_WASM_FUNCREF;
	return push_type(walk, HBK_WASM_FUNCREF);
}

static int (*const steps[])(struct hbk_wasm_walk *walk) = {
	[HBK_WASM_SHAPE_PLAIN] = step_fixed,
	[HBK_WASM_SHAPE_MEMORY] = step_memory,
	[HBK_WASM_SHAPE_MEMORY_INDEX] = step_memory_index,
	[HBK_WASM_SHAPE_CONSTANT] = step_constant,
	[HBK_WASM_SHAPE_UNREACHABLE] = step_unreachable,
	[HBK_WASM_SHAPE_BLOCK] = step_block,
	[HBK_WASM_SHAPE_ELSE] = step_else,
	[HBK_WASM_SHAPE_END] = step_end,
	[HBK_WASM_SHAPE_BR] = step_br,
	[HBK_WASM_SHAPE_BR_IF] = step_br_if,
	[HBK_WASM_SHAPE_BR_TABLE] = step_br_table,
	[HBK_WASM_SHAPE_RETURN] = step_return,
	[HBK_WASM_SHAPE_CALL] = step_call,
	[HBK_WASM_SHAPE_CALL_INDIRECT] = step_call_indirect,
	[HBK_WASM_SHAPE_DROP] = step_drop,
	[HBK_WASM_SHAPE_SELECT] = step_select,
	[HBK_WASM_SHAPE_SELECT_TYPED] = step_select_typed,
	[HBK_WASM_SHAPE_LOCAL_GET] = step_local_get,
	[HBK_WASM_SHAPE_LOCAL_SET] = step_local_set,
	[HBK_WASM_SHAPE_LOCAL_TEE] = step_local_tee,
	[HBK_WASM_SHAPE_GLOBAL_GET] = step_global_get,
	[HBK_WASM_SHAPE_GLOBAL_SET] = step_global_set,
	[HBK_WASM_SHAPE_TABLE_GET] = step_table_get,
	[HBK_WASM_SHAPE_TABLE_SET] = step_table_set,
	[HBK_WASM_SHAPE_TABLE_SIZE] = step_table_size,
	[HBK_WASM_SHAPE_TABLE_GROW] = step_table_grow,
	[HBK_WASM_SHAPE_TABLE_FILL] = step_table_fill,
	[HBK_WASM_SHAPE_TABLE_COPY] = step_table_copy,
	[HBK_WASM_SHAPE_TABLE_INIT] = step_table_init,
	[HBK_WASM_SHAPE_ELEM_DROP] = step_elem_drop,
	[HBK_WASM_SHAPE_MEMORY_INIT] = step_memory_init,
	[HBK_WASM_SHAPE_MEMORY_COPY] = step_memory_copy,
	[HBK_WASM_SHAPE_DATA_DROP] = step_data_drop,
	[HBK_WASM_SHAPE_REF_NULL] = step_ref_null,
	[HBK_WASM_SHAPE_REF_IS_NULL] = step_ref_is_null,
	[HBK_WASM_SHAPE_REF_FUNC] = step_ref_func,
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
	err = spend(walk, 1);
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
		err = open_frame(walk, HBK_WASM_FRAME_FUNCTION, walk->body.type);
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
