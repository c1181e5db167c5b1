// SPDX-License-Identifier: GPL-2.0-only
/*
 * One function in C. Each height of the operand stack is a variable for each
 * type that it has there, so that moving operands is assigning variables, and
 * the C compiler sees values and not a stack. A branch is a goto. Code that
 * cannot be reached is left out; its instructions are paid for all the same.
 *
 * In the text: l0, l1 … are locals, p0 is l0 as it was given, s0i is the lowest
 * operand as an i32, g0 a global's cell, L3 where a branch to frame 3 goes, E3
 * where the `else` of frame 3 begins; f5 is a function, w5 its slow beginning.
 *
 * An operand that is a copy of a local is read as that local: an address that
 * was found to be in the memory remains the one variable that was looked at.
 */
#include "translator.h"

#define OPERANDS_IN_LINE	16	/* declared together */
#define VALUE_NAME		32	/* bytes of "values[1000]" */

/* Whether an instruction neither pays for more than is written, nor shows anybody what has been paid. */
bool hbk_wasm_is_plain(const struct hbk_wasm_step *step)
{
	switch (step->opcode->shape) {
	case HBK_WASM_SHAPE_CALL:
	case HBK_WASM_SHAPE_CALL_INDIRECT:
	case HBK_WASM_SHAPE_TABLE_GET:
	case HBK_WASM_SHAPE_TABLE_SET:
	case HBK_WASM_SHAPE_TABLE_GROW:
	case HBK_WASM_SHAPE_TABLE_FILL:
	case HBK_WASM_SHAPE_TABLE_COPY:
	case HBK_WASM_SHAPE_TABLE_INIT:
	case HBK_WASM_SHAPE_MEMORY_INIT:
	case HBK_WASM_SHAPE_MEMORY_COPY:
	case HBK_WASM_SHAPE_MEMORY_INDEX:
		return step->op == HBK_WASM_OP_MEMORY_SIZE;
	default:
		return true;
	}
}

static const struct {
	const char *label;
	const char *name;
} raised[HBK_WASM_TRAP_COUNT] = {
	[HBK_WASM_TRAP_UNREACHABLE] = { "unreachable", "UNREACHABLE" },
	[HBK_WASM_TRAP_DIVIDE_BY_ZERO] = { "divide_by_zero", "DIVIDE_BY_ZERO" },
	[HBK_WASM_TRAP_INTEGER_OVERFLOW] = { "integer_overflow", "INTEGER_OVERFLOW" },
	[HBK_WASM_TRAP_INVALID_CONVERSION] = { "invalid_conversion", "INVALID_CONVERSION" },
	[HBK_WASM_TRAP_MEMORY_BOUNDS] = { "memory_bounds", "MEMORY_BOUNDS" },
};

/* The variable of the operand at @height; good until HBK_WASM_C_NAMES others have been asked for. */
static const char *operand(struct hbk_wasm_translator *t, u32 height, u8 type)
{
	char *name = t->names[t->name++ % HBK_WASM_C_NAMES];

	if (height >= t->heights) {
		t->err = hbk_wasm_error_failed(t->error, -EOVERFLOW);
		return "";
	}
	t->operands[height] |= 1 << hbk_wasm_c_type(type);
	snprintf(name, sizeof(t->names[0]), "s%u%c", height, hbk_wasm_c_spelling(type)->letter);
	return name;
}

/* The local that the operand at @height is a copy of, or HBK_WASM_NO_INDEX. */
static u32 origin(const struct hbk_wasm_translator *t, u32 height)
{
	const struct hbk_wasm_copy *copy = &t->copies[height];

	if (!copy->local || copy->since < t->known[copy->local - 1].set)
		return HBK_WASM_NO_INDEX;
	return copy->local - 1;
}

/* The operand at @height, to be read. */
static const char *value(struct hbk_wasm_translator *t, u32 height, u8 type)
{
	u32 local = height < t->heights ? origin(t, height) : HBK_WASM_NO_INDEX;
	char *name;

	if (local == HBK_WASM_NO_INDEX)
		return operand(t, height, type);
	t->operands[height] |= 1 << hbk_wasm_c_type(type);
	name = t->names[t->name++ % HBK_WASM_C_NAMES];
	snprintf(name, sizeof(t->names[0]), "%sl%u", hbk_wasm_c_type(type) == HBK_WASM_C_U32 ? "(u32)" : "", local);
	return name;
}

static void put_trap(struct hbk_wasm_translator *t, enum hbk_wasm_trap trap, const char *in)
{
	t->traps |= 1u << trap;
	hbk_wasm_put(t, "%sgoto %s%s;\n", in, raised[trap].label, t->copied.copies ? HBK_WASM_C_TRAPPED : "");
}

static void put_reload(struct hbk_wasm_translator *t)
{
	if (t->module->memory_count)
		hbk_wasm_put(t, "\tmemory = instance->memory_base;\n\tmemory_size = instance->memory_size;\n");
}

/* Branches. */

/* Whether the frame that has this number is one of those of which there will be copies. */
static bool is_copied(const struct hbk_wasm_translator *t, u32 number)
{
	return t->copied.copies && number >= t->copied.number;
}

/* To the place of a frame; a loop is charged for what it is about to do again. */
static void put_goto(struct hbk_wasm_translator *t, const struct hbk_wasm_frame *frame, const char *in)
{
	bool copied = is_copied(t, frame->number);

	if (copied && frame->number == t->copied.number)
		return hbk_wasm_put(t, HBK_WASM_C_AGAIN);
	if (t->copied.copies && !copied)
		hbk_wasm_put(t, HBK_WASM_C_REFUND);
	if (frame->kind == HBK_WASM_FRAME_LOOP)
		hbk_wasm_put(t, "%sif (hbk_compiled_charge(instance, %u))\n%s\tgoto out;\n", in,
			     t->module->loops[frame->loop].cost, in);
	hbk_wasm_put(t, "%sgoto L%u%s;\n", in, frame->number, copied ? HBK_WASM_C_COPY : "");
}

static void put_label(struct hbk_wasm_translator *t, char letter, u32 number)
{
	hbk_wasm_put(t, "%c%u%s:;\n", letter, number, is_copied(t, number) ? HBK_WASM_C_COPY : "");
}

/* @in are the tabs before a line. */
static void put_branch(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step, u32 label, u32 top,
		       const char *in)
{
	const struct hbk_wasm_frame *frame = hbk_wasm_step_frame(step, label);
	const u8 *types;
	u32 count = hbk_wasm_frame_arity(frame, &types);
	u32 i;

	for (i = 0; i < count && top - count != frame->height; i++)
		hbk_wasm_put(t, "%s%s = %s;\n", in, operand(t, frame->height + i, types[i]),
			     value(t, top - count + i, types[i]));
	put_goto(t, frame, in);
}

/* A loop that is written several times: each copy has a letter. All but the first have paid for those after them. */

static char copy_letter(u32 copy)
{
	return 'a' + copy;
}

static u32 copy_refund(const struct hbk_wasm_translator *t, u32 copy)
{
	return copy ? (t->copied.copies - copy) * t->copied.cost : 0;
}

static void begin_copied(struct hbk_wasm_translator *t, const struct hbk_wasm_frame *frame)
{
	u32 cost = t->module->loops[frame->loop].cost;

	if (t->loops[frame->loop].exact ||
	    cost > (t->loops[frame->loop].counts ? HBK_WASM_C_LOOP_COUNTS : HBK_WASM_C_LOOP_SMALL))
		return;
	t->copied = (struct hbk_wasm_copied){
		.copies = HBK_WASM_C_COPIES,
		.number = frame->number,
		.cost = cost,
		.traps = t->traps,
	};
	t->traps = 0;
	t->to = &t->loop;
}

/* From the first copy to the second, if several rounds can be paid for, or else to itself; from others to the next. */
static void put_again(struct hbk_wasm_translator *t, u32 copy)
{
	const struct hbk_wasm_copied *copied = &t->copied;

	if (copy)
		return hbk_wasm_put(t, "\tgoto L%u%c;\n", copied->number, copy_letter((copy + 1) % copied->copies));
	hbk_wasm_put(t, "\tif (likely(!hbk_compiled_spend(instance, %u)))\n\t\tgoto L%u%c;\n",
		     copied->copies * copied->cost, copied->number, copy_letter(1));
	hbk_wasm_put(t, "\tif (hbk_compiled_spend_less(instance, %u, %u))\n\t\tgoto out;\n\tgoto L%u%c;\n",
		     copied->copies * copied->cost, copied->cost, copied->number, copy_letter(0));
}

static void put_refund(struct hbk_wasm_translator *t, u32 copy)
{
	if (copy)
		hbk_wasm_put(t, "\thbk_compiled_refund(instance, %u);\n", copy_refund(t, copy));
}

static void put_mark(struct hbk_wasm_translator *t, char mark, u32 copy)
{
	if (mark == *HBK_WASM_C_COPY)
		hbk_wasm_put(t, "%c", copy_letter(copy));
	else if (mark == *HBK_WASM_C_REFUND)
		put_refund(t, copy);
	else if (mark == *HBK_WASM_C_AGAIN)
		put_again(t, copy);
	else if (copy)
		hbk_wasm_put(t, "_%u%c", t->copied.number, copy_letter(copy));
}

static void put_copy(struct hbk_wasm_translator *t, u32 copy)
{
	size_t from = 0, to;

	for (to = 0; to < t->loop.length && !t->err; to++) {
		if ((unsigned char)t->loop.bytes[to] > (unsigned char)*HBK_WASM_C_AGAIN)
			continue;
		hbk_wasm_put_text(t, t->loop.bytes + from, to - from);
		put_mark(t, t->loop.bytes[to], copy);
		from = to + 1;
	}
	hbk_wasm_put_text(t, t->loop.bytes + from, to - from);
	put_refund(t, copy);
	hbk_wasm_put(t, "\tgoto Z%u;\n", t->copied.number);
}

/* Where the copies' traps go first. */
static void put_copied_traps(struct hbk_wasm_translator *t, u32 copy)
{
	u32 trap;

	for (trap = 0; trap < HBK_WASM_TRAP_COUNT; trap++) {
		if (!(t->traps & 1u << trap))
			continue;
		hbk_wasm_put(t, "%s_%u%c:\n", raised[trap].label, t->copied.number, copy_letter(copy));
		put_refund(t, copy);
		hbk_wasm_put(t, "\tgoto %s;\n", raised[trap].label);
	}
}

static void put_copies(struct hbk_wasm_translator *t)
{
	u32 copy;

	t->to = &t->body;
	for (copy = 0; copy < t->copied.copies; copy++)
		put_copy(t, copy);
	for (copy = 1; copy < t->copied.copies; copy++)
		put_copied_traps(t, copy);
	hbk_wasm_put(t, "Z%u:;\n", t->copied.number);
	t->loop.length = 0;
	t->traps |= t->copied.traps;
	t->copied.copies = 0;
}

static void translate_br_if(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	hbk_wasm_put(t, "\tif (%s) {\n", value(t, step->before - 1, HBK_WASM_I32));
	put_branch(t, step, step->index, step->before - 1, "\t\t");
	hbk_wasm_put(t, "\t}\n");
}

/* Neighbours with the same label share its branch. */
static void translate_br_table(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	u32 cursor = step->targets;
	u32 label = 0, next = 0, i;

	hbk_wasm_put(t, "\tswitch (%s) {\n", value(t, step->before - 1, HBK_WASM_I32));
	for (i = 0; i < step->target_count && !t->err; i++) {
		next = hbk_wasm_step_target(step, &cursor);
		if (i && next != label)
			put_branch(t, step, label, step->before - 1, "\t\t");
		label = next;
		hbk_wasm_put(t, "\tcase %u:\n", i);
	}
	if (i && label != step->index)
		put_branch(t, step, label, step->before - 1, "\t\t");
	hbk_wasm_put(t, "\tdefault:\n");
	put_branch(t, step, step->index, step->before - 1, "\t\t");
	hbk_wasm_put(t, "\t}\n");
}

/* What never goes on to the next instruction. */
static void translate_jump(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	if (step->op == HBK_WASM_OP_UNREACHABLE)
		put_trap(t, HBK_WASM_TRAP_UNREACHABLE, "\t");
	else if (step->op == HBK_WASM_OP_BR)
		put_branch(t, step, step->index, step->before, "\t");
	else
		put_branch(t, step, step->frame_count - 1, step->before, "\t");
}

static void translate_block(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	const struct hbk_wasm_frame *frame = &step->frames[step->frame_count - 1];

	if (step->op == HBK_WASM_OP_LOOP) {
		begin_copied(t, frame);
		put_label(t, 'L', frame->number);
	} else if (step->op == HBK_WASM_OP_IF) {
		hbk_wasm_put(t, "\tif (!%s)\n\t\tgoto E%u%s;\n", value(t, step->before - 1, HBK_WASM_I32),
			     frame->number, is_copied(t, frame->number) ? HBK_WASM_C_COPY : "");
	}
}

static void translate_else(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	const struct hbk_wasm_frame *frame = &step->frames[step->frame_count - 1];

	put_goto(t, frame, "\t");
	put_label(t, 'E', frame->number);
}

/* A function that calls nothing is not counted: see hbk_compiled_pay(). */
static const char *leave(const struct hbk_wasm_translator *t)
{
	return t->calls || !t->small ? "\thbk_compiled_ascend(instance);\n" : "";
}

static void put_return(struct hbk_wasm_translator *t, const struct hbk_wasm_type *type)
{
	u32 i;

	for (i = 0; i < type->result_count && type->result_count > 1; i++) {
		hbk_wasm_put(t, "\tresults[%u] = ", i);
		hbk_wasm_put_to_bits(t, type->results[i], value(t, i, type->results[i]));
		hbk_wasm_put(t, ";\n");
	}
	hbk_wasm_put(t, "%s\treturn%s%s;\n", leave(t), type->result_count == 1 ? " " : "",
		     type->result_count == 1 ? value(t, 0, type->results[0]) : "");
}

static void translate_frame_end(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	const struct hbk_wasm_frame *frame = &step->frames[step->frame_count - 1];

	if (frame->kind == HBK_WASM_FRAME_IF)
		put_label(t, 'E', frame->number);
	if (frame->kind != HBK_WASM_FRAME_LOOP)
		put_label(t, 'L', frame->number);
	else if (is_copied(t, frame->number))
		put_copies(t);
	if (frame->kind == HBK_WASM_FRAME_FUNCTION)
		put_return(t, step->body->type);
}

/* Plain instructions, loads and stores: an expression with its operands filled in. */

static void put_expression(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step, const char *text)
{
	const char *pops = step->opcode->pops;
	u32 base = step->before - strlen(pops);
	const char *mark;

	for (; (mark = strchr(text, '$')); text = mark + 2) {
		hbk_wasm_put(t, "%.*s", (int)(mark - text), text);
		if (mark[1] == '@')
			hbk_wasm_put(t, "%s", t->place);
		else
			hbk_wasm_put(t, "%s", value(t, base + mark[1] - '0', pops[mark[1] - '0']));
	}
	hbk_wasm_put(t, "%s", text);
}

static bool is_checked(const struct hbk_wasm_translator *t, u32 local, u64 reach)
{
	const struct hbk_wasm_known *known = &t->known[local];

	return known->checked > known->set && reach <= known->reach;
}

static void note_check(struct hbk_wasm_translator *t, u32 local, u64 reach)
{
	struct hbk_wasm_known *known = &t->known[local];

	known->address = true;
	if (t->trail_count == HBK_WASM_C_TRAIL)
		return;
	t->trail[t->trail_count++] = (struct hbk_wasm_trail){
		.local = local, .checked = known->checked, .reach = known->reach,
	};
	known->checked = t->now;
	known->reach = reach;
}

#define REACH_DIGITS	2	/* of a check that is near */

/*
 * Whether the last check of a local could have been for @reach as well, and now is: nothing has happened since that
 * anybody could have seen, so one trap is like the other.
 */
static bool extend_check(struct hbk_wasm_translator *t, u32 local, u64 reach)
{
	struct hbk_wasm_known *known = &t->known[local];
	char digits[REACH_DIGITS + 1];

	if (known->checked <= known->set || known->checked <= t->acted || reach > HBK_WASM_REACH_MAX)
		return false;
	snprintf(digits, sizeof(digits), "%*u", REACH_DIGITS, (u32)reach % 100);
	memcpy(t->to->bytes + known->text, digits, REACH_DIGITS);
	known->reach = reach;
	return true;
}

/* Other ways than the one that was just written lead to what follows: they need not have come by the checks since @mark. */
static void forget_checks(struct hbk_wasm_translator *t, u32 mark)
{
	while (t->trail_count > mark) {
		const struct hbk_wasm_trail *trail = &t->trail[--t->trail_count];

		t->known[trail->local].checked = trail->checked;
		t->known[trail->local].reach = trail->reach;
	}
}

/* What a loop begins with has to hold each time it goes round. */
static void forget_sets(struct hbk_wasm_translator *t, u32 end)
{
	u32 i;

	while (t->set < t->set_count && t->sets[t->set].offset < t->now)
		t->set++;
	for (i = t->set; i < t->set_count && t->sets[i].offset < end; i++)
		t->known[t->sets[i].local].set = t->now;
}

static void put_far_place(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step, const char *base)
{
	hbk_wasm_put(t, "\tat = %s + %lluull;\n", base, (unsigned long long)step->bits);
	hbk_wasm_put(t, "\tif (unlikely(hbk_compiled_outside_far(at, %u, memory_size, &mask)))\n",
		     1u << step->opcode->align);
	put_trap(t, HBK_WASM_TRAP_MEMORY_BOUNDS, "\t\t");
	snprintf(t->place, sizeof(t->place), "memory + (at & mask)");
}

static void put_check(struct hbk_wasm_translator *t, const char *variable, u32 local, u64 reach)
{
	if (reach > HBK_WASM_REACH_MAX) {
		if (local != HBK_WASM_NO_INDEX)
			t->known[local].text = 0;
		hbk_wasm_put(t, "\tHBK_COMPILED_CHECK(%s, memory_size - %llu", variable, (unsigned long long)reach);
	} else {
		hbk_wasm_put(t, "\tHBK_COMPILED_CHECK_NEAR(%s, ", variable);
		if (local != HBK_WASM_NO_INDEX)
			t->known[local].text = t->to->length;
		hbk_wasm_put(t, "%*u", REACH_DIGITS, (u32)reach);
	}
	hbk_wasm_put(t, ", memory_bounds%s);\n", t->copied.copies ? HBK_WASM_C_TRAPPED : "");
	t->traps |= 1u << HBK_WASM_TRAP_MEMORY_BOUNDS;
}

/*
 * Finds out where an access goes. What a local was once found to reach it reaches until it is set: the check leaves in
 * it what it was, or a place in the memory for a CPU that guesses that it was not outside.
 */
static void put_place(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	u32 height = step->before - strlen(step->opcode->pops);
	u64 reach = step->bits + (1u << step->opcode->align);
	u32 local = origin(t, height);
	const char *base;
	char variable[VALUE_NAME] = "at";

	base = value(t, height, HBK_WASM_I32);
	if (reach > t->least)
		return put_far_place(t, step, base);
	if (local != HBK_WASM_NO_INDEX)
		snprintf(variable, sizeof(variable), "l%u", local);
	snprintf(t->place, sizeof(t->place), "memory + %s + %llu", variable, (unsigned long long)step->bits);
	if (local != HBK_WASM_NO_INDEX && (is_checked(t, local, reach) || extend_check(t, local, reach)))
		return;
	if (local == HBK_WASM_NO_INDEX)
		hbk_wasm_put(t, "\tat = %s;\n", base);
	else
		note_check(t, local, reach);
	put_check(t, variable, local, reach);
}

static void translate_expression(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step,
				 const struct hbk_wasm_expression *expression)
{
	u32 base = step->before - strlen(step->opcode->pops);
	u32 i;

	for (i = 0; i < 2 && expression->checks[i].condition; i++) {
		hbk_wasm_put(t, "\tif (unlikely(");
		put_expression(t, step, expression->checks[i].condition);
		hbk_wasm_put(t, "))\n");
		put_trap(t, expression->checks[i].trap, "\t\t");
	}
	if (step->opcode->shape == HBK_WASM_SHAPE_MEMORY)
		put_place(t, step);
	hbk_wasm_put(t, "\t");
	if (step->opcode->pushes[0])
		hbk_wasm_put(t, "%s = ", operand(t, base, step->opcode->pushes[0]));
	put_expression(t, step, expression->text);
	hbk_wasm_put(t, ";\n");
	t->copies[base].local = 0;
}

static void translate_constant(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	u8 type = step->opcode->pushes[0];
	char bits[VALUE_NAME];

	snprintf(bits, sizeof(bits), "0x%llxull", (unsigned long long)step->bits);
	hbk_wasm_put(t, "\t%s = ", operand(t, step->before, type));
	hbk_wasm_put_from_bits(t, type, bits);
	hbk_wasm_put(t, ";\n");
}

/* Variables. */

static void translate_select(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	const char *kept = operand(t, step->before - 3, step->type);

	hbk_wasm_put(t, "\t%s = %s ? %s : %s;\n", kept, operand(t, step->before - 1, HBK_WASM_I32), kept,
		     operand(t, step->before - 2, step->type));
}

static void note_copy(struct hbk_wasm_translator *t, u32 height, u32 local)
{
	t->copies[height] = (struct hbk_wasm_copy){ .local = local + 1, .since = t->now };
}

static void translate_local_get(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	hbk_wasm_put(t, "\t%s = l%u;\n", operand(t, step->before, step->type), step->index);
	note_copy(t, step->before, step->index);
}

static void translate_local_set(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	hbk_wasm_put(t, "\tl%u = %s;\n", step->index, value(t, step->before - 1, step->type));
	t->known[step->index].set = t->now;
	if (step->op == HBK_WASM_OP_LOCAL_TEE)
		note_copy(t, step->before - 1, step->index);
}

/* The cell of a global stays where it is: a function looks it up once. */
static void spell_global(struct hbk_wasm_translator *t, u32 global, char *cell, size_t room)
{
	u32 i;

	for (i = 0; i < t->global_count && t->globals[i] != global; i++)
		;
	if (i == t->global_count && i < HBK_WASM_C_GLOBALS)
		t->globals[t->global_count++] = global;
	snprintf(cell, room, i < HBK_WASM_C_GLOBALS ? "*g%u" : "*instance->globals[%u]", global);
}

static void translate_global_get(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	char cell[VALUE_NAME];

	spell_global(t, step->index, cell, sizeof(cell));
	hbk_wasm_put(t, "\t%s = ", operand(t, step->before, step->type));
	hbk_wasm_put_from_bits(t, step->type, cell);
	hbk_wasm_put(t, ";\n");
}

static void translate_global_set(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	char cell[VALUE_NAME];

	spell_global(t, step->index, cell, sizeof(cell));
	hbk_wasm_put(t, "\t%s = ", cell);
	hbk_wasm_put_to_bits(t, step->type, operand(t, step->before - 1, step->type));
	hbk_wasm_put(t, ";\n");
}

/* Calls. */

static void put_results(struct hbk_wasm_translator *t, const struct hbk_wasm_type *type, u32 base, const char *array)
{
	char value[VALUE_NAME];
	u32 i;

	for (i = 0; i < type->result_count; i++) {
		snprintf(value, sizeof(value), "%s[%u]", array, i);
		hbk_wasm_put(t, "\t\t%s = ", operand(t, base + i, type->results[i]));
		hbk_wasm_put_from_bits(t, type->results[i], value);
		hbk_wasm_put(t, ";\n");
	}
}

/* A function of the guest itself, or the way to one through a table: @callee and its first arguments are written. */
static void put_own_call(struct hbk_wasm_translator *t, const struct hbk_wasm_type *type, u32 base,
			 const char *callee)
{
	bool several = type->result_count > 1;
	const char *in = several ? "\t\t" : "\t";
	u32 i;

	t->calls = true;
	if (several)
		hbk_wasm_put(t, "\t{\n\t\tu64 results[%u];\n\n", type->result_count);
	hbk_wasm_put(t, "%s", in);
	if (type->result_count == 1)
		hbk_wasm_put(t, "%s = ", operand(t, base, type->results[0]));
	hbk_wasm_put(t, "%s", callee);
	for (i = 0; i < type->param_count; i++)
		hbk_wasm_put(t, ", %s", value(t, base + i, type->params[i]));
	hbk_wasm_put(t, "%s);\n%sif (unlikely(hbk_compiled_trapped(instance)))\n%s\tgoto out;\n", several ? ", results" : "", in, in);
	if (several) {
		put_results(t, type, base, "results");
		hbk_wasm_put(t, "\t}\n");
	}
}

static void put_imported_call(struct hbk_wasm_translator *t, const struct hbk_wasm_type *type, u32 base, u32 function)
{
	u32 i;

	t->calls = true;
	hbk_wasm_put(t, "\t{\n\t\tu64 values[%u];\n\n", hbk_wasm_values_count(type));
	for (i = 0; i < type->param_count; i++) {
		hbk_wasm_put(t, "\t\tvalues[%u] = ", i);
		hbk_wasm_put_to_bits(t, type->params[i], operand(t, base + i, type->params[i]));
		hbk_wasm_put(t, ";\n");
	}
	hbk_wasm_put(t, "\t\tif (hbk_compiled_call(instance, &instance->functions[%u], values))\n\t\t\tgoto out;\n",
		     function);
	put_results(t, type, base, "values");
	hbk_wasm_put(t, "\t}\n");
	put_reload(t);
}

static void translate_call(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	u32 base = step->before - step->callee->param_count;
	char callee[HBK_WASM_TRANSLATED_PREFIX + VALUE_NAME];

	if (step->index < t->module->import_counts[HBK_WASM_KIND_FUNCTION])
		return put_imported_call(t, step->callee, base, step->index);
	snprintf(callee, sizeof(callee), "%sf%u(instance", t->prefix, step->index);
	put_own_call(t, step->callee, base, callee);
	if (!t->steady)
		put_reload(t);
}

static void translate_call_indirect(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	char callee[HBK_WASM_TRANSLATED_PREFIX + 2 * VALUE_NAME];

	snprintf(callee, sizeof(callee), "%sc%u(instance, %u, %s", t->prefix, step->callee->canonical, step->second,
		 operand(t, step->before - 1, HBK_WASM_I32));
	put_own_call(t, step->callee, step->before - 1 - step->callee->param_count, callee);
	put_reload(t);
}

/* Instructions that bulk.h has. */

/* One that yields a trap and nothing else: @name with the module's own numbers in it, then @count operands. */
static void put_bulk(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step, const char *name, u32 count)
{
	u32 i;

	t->calls = true;
	hbk_wasm_put(t, "\tif (hbk_compiled_stop(instance, hbk_wasm_%s", name);
	for (i = 0; i < count; i++)
		hbk_wasm_put(t, ", %s", operand(t, step->before - count + i, HBK_WASM_I32));
	hbk_wasm_put(t, ")))\n\t\tgoto out;\n");
}

static void translate_memory(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	const char *top;

	switch (step->op) {
	case HBK_WASM_OP_MEMORY_SIZE:
		return hbk_wasm_put(t, "\t%s = memory_size >> 16;\n", operand(t, step->before, HBK_WASM_I32));
	case HBK_WASM_OP_MEMORY_FILL:
		return put_bulk(t, step, "memory_fill(instance", 3);
	default:
		t->calls = true;
		top = operand(t, step->before - 1, HBK_WASM_I32);
		hbk_wasm_put(t, "\tif (hbk_compiled_stop(instance, hbk_wasm_memory_grow(instance, %s, &number)))\n"
			     "\t\tgoto out;\n\t%s = number;\n", top, top);
		put_reload(t);
	}
}

static void translate_segment(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	char name[2 * VALUE_NAME];

	switch (step->op) {
	case HBK_WASM_OP_MEMORY_COPY:
		return put_bulk(t, step, "memory_copy(instance", 3);
	case HBK_WASM_OP_MEMORY_INIT:
		snprintf(name, sizeof(name), "memory_init(instance, %u", step->index);
		return put_bulk(t, step, name, 3);
	case HBK_WASM_OP_TABLE_COPY:
		snprintf(name, sizeof(name), "table_copy(instance, %u, %u", step->index, step->second);
		return put_bulk(t, step, name, 3);
	case HBK_WASM_OP_TABLE_INIT:
		snprintf(name, sizeof(name), "table_init(instance, %u, %u", step->second, step->index);
		return put_bulk(t, step, name, 3);
	case HBK_WASM_OP_DATA_DROP:
		return hbk_wasm_put(t, "\thbk_wasm_data_drop(instance, %u);\n", step->index);
	default:
		return hbk_wasm_put(t, "\thbk_wasm_element_drop(instance, %u);\n", step->index);
	}
}

static void translate_table(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	static const char stop[] = "\tif (hbk_compiled_stop(instance, hbk_wasm_table_";
	u32 top = step->before;

	t->calls = true;
	switch (step->op) {
	case HBK_WASM_OP_TABLE_GET:
		return hbk_wasm_put(t, "%sget(instance, %u, %s, &reference)))\n\t\tgoto out;\n\t%s = reference;\n",
				    stop, step->index, operand(t, top - 1, HBK_WASM_I32),
				    operand(t, top - 1, step->type));
	case HBK_WASM_OP_TABLE_SET:
		return hbk_wasm_put(t, "%sset(instance, %u, %s, %s)))\n\t\tgoto out;\n", stop, step->index,
				    operand(t, top - 2, HBK_WASM_I32), operand(t, top - 1, step->type));
	case HBK_WASM_OP_TABLE_GROW:
		return hbk_wasm_put(t, "%sgrow(instance, %u, %s, %s, &number)))\n\t\tgoto out;\n\t%s = number;\n",
				    stop, step->index, operand(t, top - 2, step->type),
				    operand(t, top - 1, HBK_WASM_I32), operand(t, top - 2, HBK_WASM_I32));
	case HBK_WASM_OP_TABLE_FILL:
		return hbk_wasm_put(t, "%sfill(instance, %u, %s, %s, %s)))\n\t\tgoto out;\n", stop, step->index,
				    operand(t, top - 3, HBK_WASM_I32), operand(t, top - 2, step->type),
				    operand(t, top - 1, HBK_WASM_I32));
	default:
		return hbk_wasm_put(t, "\t%s = hbk_wasm_table_size(instance, %u);\n",
				    operand(t, top, HBK_WASM_I32), step->index);
	}
}

static void translate_reference(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	switch (step->op) {
	case HBK_WASM_OP_REF_NULL:
		return hbk_wasm_put(t, "\t%s = 0;\n", operand(t, step->before, HBK_WASM_FUNCREF));
	case HBK_WASM_OP_REF_FUNC:
		return hbk_wasm_put(t, "\t%s = hbk_wasm_function_ref(instance, %u);\n",
				    operand(t, step->before, HBK_WASM_FUNCREF), step->index);
	default:
		return hbk_wasm_put(t, "\t%s = !%s;\n", operand(t, step->before - 1, HBK_WASM_I32),
				    operand(t, step->before - 1, HBK_WASM_FUNCREF));
	}
}

/* Neither nop nor drop does anything: an operand that nobody reads is gone. */
static void (*const translate_shape[])(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step) = {
	[HBK_WASM_SHAPE_MEMORY_INDEX] = translate_memory,
	[HBK_WASM_SHAPE_CONSTANT] = translate_constant,
	[HBK_WASM_SHAPE_UNREACHABLE] = translate_jump,
	[HBK_WASM_SHAPE_BLOCK] = translate_block,
	[HBK_WASM_SHAPE_ELSE] = translate_else,
	[HBK_WASM_SHAPE_END] = translate_frame_end,
	[HBK_WASM_SHAPE_BR] = translate_jump,
	[HBK_WASM_SHAPE_BR_IF] = translate_br_if,
	[HBK_WASM_SHAPE_BR_TABLE] = translate_br_table,
	[HBK_WASM_SHAPE_RETURN] = translate_jump,
	[HBK_WASM_SHAPE_CALL] = translate_call,
	[HBK_WASM_SHAPE_CALL_INDIRECT] = translate_call_indirect,
	[HBK_WASM_SHAPE_SELECT] = translate_select,
	[HBK_WASM_SHAPE_SELECT_TYPED] = translate_select,
	[HBK_WASM_SHAPE_LOCAL_GET] = translate_local_get,
	[HBK_WASM_SHAPE_LOCAL_SET] = translate_local_set,
	[HBK_WASM_SHAPE_LOCAL_TEE] = translate_local_set,
	[HBK_WASM_SHAPE_GLOBAL_GET] = translate_global_get,
	[HBK_WASM_SHAPE_GLOBAL_SET] = translate_global_set,
	[HBK_WASM_SHAPE_TABLE_GET] = translate_table,
	[HBK_WASM_SHAPE_TABLE_SET] = translate_table,
	[HBK_WASM_SHAPE_TABLE_SIZE] = translate_table,
	[HBK_WASM_SHAPE_TABLE_GROW] = translate_table,
	[HBK_WASM_SHAPE_TABLE_FILL] = translate_table,
	[HBK_WASM_SHAPE_TABLE_COPY] = translate_segment,
	[HBK_WASM_SHAPE_TABLE_INIT] = translate_segment,
	[HBK_WASM_SHAPE_ELEM_DROP] = translate_segment,
	[HBK_WASM_SHAPE_MEMORY_INIT] = translate_segment,
	[HBK_WASM_SHAPE_MEMORY_COPY] = translate_segment,
	[HBK_WASM_SHAPE_DATA_DROP] = translate_segment,
	[HBK_WASM_SHAPE_REF_NULL] = translate_reference,
	[HBK_WASM_SHAPE_REF_IS_NULL] = translate_reference,
	[HBK_WASM_SHAPE_REF_FUNC] = translate_reference,
};

#define SHAPES	(sizeof(translate_shape) / sizeof(translate_shape[0]))

/* Whether nothing is to be written for an instruction: what ends a frame that was reached may be dead, and still has its label. */
static bool is_dead(const struct hbk_wasm_step *step)
{
	if (step->op == HBK_WASM_OP_ELSE || step->op == HBK_WASM_OP_END)
		return step->frames[step->frame_count - 1].dead_before;
	return step->dead;
}

/* How many operands an instruction takes away; only of those that end no way and begin none. */
static u32 taken(const struct hbk_wasm_step *step)
{
	switch (step->opcode->shape) {
	case HBK_WASM_SHAPE_DROP:
	case HBK_WASM_SHAPE_LOCAL_SET:
	case HBK_WASM_SHAPE_GLOBAL_SET:
	case HBK_WASM_SHAPE_REF_IS_NULL:
		return 1;
	case HBK_WASM_SHAPE_TABLE_SET:
	case HBK_WASM_SHAPE_TABLE_GROW:
		return 2;
	case HBK_WASM_SHAPE_SELECT:
	case HBK_WASM_SHAPE_SELECT_TYPED:
	case HBK_WASM_SHAPE_TABLE_FILL:
		return 3;
	case HBK_WASM_SHAPE_CALL:
		return step->callee->param_count;
	case HBK_WASM_SHAPE_CALL_INDIRECT:
		return step->callee->param_count + 1;
	default:
		return strlen(step->opcode->pops);
	}
}

/* Whether an instruction does what can be seen, or may go elsewhere; a load that does not trap is neither. */
static bool acts(const struct hbk_wasm_step *step)
{
	const struct hbk_wasm_expression *expression = hbk_wasm_expression_find(step->op);

	switch (step->opcode->shape) {
	case HBK_WASM_SHAPE_CONSTANT:
	case HBK_WASM_SHAPE_DROP:
	case HBK_WASM_SHAPE_LOCAL_GET:
	case HBK_WASM_SHAPE_LOCAL_SET:
	case HBK_WASM_SHAPE_LOCAL_TEE:
	case HBK_WASM_SHAPE_GLOBAL_GET:
	case HBK_WASM_SHAPE_SELECT:
	case HBK_WASM_SHAPE_SELECT_TYPED:
		return false;
	case HBK_WASM_SHAPE_BLOCK:
		return step->op != HBK_WASM_OP_BLOCK;
	default:
		return !expression || expression->checks[0].condition || !step->opcode->pushes[0];
	}
}

static bool is_frame(u16 op)
{
	return op == HBK_WASM_OP_BLOCK || op == HBK_WASM_OP_LOOP || op == HBK_WASM_OP_IF || op == HBK_WASM_OP_ELSE ||
	       op == HBK_WASM_OP_END;
}

/* Where a frame begins, or several ways meet: the operands that it takes and leaves come from everywhere. */
static void forget_at_frame(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	const struct hbk_wasm_frame *frame = &step->frames[step->frame_count - 1];
	u32 height;

	for (height = frame->height; height < step->before || height < step->after; height++)
		t->copies[height].local = 0;
	switch (step->op) {
	case HBK_WASM_OP_LOOP:
		forget_sets(t, t->loops[frame->loop].end);
		break;
	case HBK_WASM_OP_ELSE:
		return forget_checks(t, t->marks[step->frame_count]);
	case HBK_WASM_OP_END:
		if (frame->kind != HBK_WASM_FRAME_LOOP)
			forget_checks(t, t->marks[step->frame_count]);
		return;
	}
	t->marks[step->frame_count] = t->trail_count;
}

/* Forgets of which locals the operands were copies that an instruction is about to replace. */
static void forget(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	u32 height;

	t->now = step->offset;
	if (acts(step))
		t->acted = t->now;
	if (is_frame(step->op))
		return forget_at_frame(t, step);
	if (step->opcode->shape == HBK_WASM_SHAPE_MEMORY)
		return;		/* put_place() is to see the copy; the instruction forgets it itself */
	for (height = step->before - taken(step); height < step->after; height++)
		t->copies[height].local = 0;
}

int hbk_wasm_translate_instruction(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_step *step)
{
	struct hbk_wasm_translator *t = (struct hbk_wasm_translator *)visitor;
	const struct hbk_wasm_expression *expression = hbk_wasm_expression_find(step->op);

	if (is_dead(step))
		return 0;
	forget(t, step);
	if (expression)
		translate_expression(t, step, expression);
	else if (step->opcode->shape < SHAPES && translate_shape[step->opcode->shape])
		translate_shape[step->opcode->shape](t, step);
	return t->err;
}

int hbk_wasm_translate_begin(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_body *body)
{
	struct hbk_wasm_translator *t = (struct hbk_wasm_translator *)visitor;

	t->heights = t->module->functions[body->function].operands_max + 1;
	t->small = t->heights + body->local_count <= HBK_WASM_C_SMALL;
	t->calls = false;
	t->global_count = 0;
	t->trail_count = 0;
	t->acted = 0;
	t->marks[1] = 0;
	memset(t->operands, 0, t->heights);
	memset(t->copies, 0, t->heights * sizeof(*t->copies));
	memset(t->known, 0, body->local_count * sizeof(*t->known));
	t->traps = 0;
	t->to = &t->body;
	return 0;
}

static void put_operands(struct hbk_wasm_translator *t)
{
	static const u8 types[HBK_WASM_C_COUNT] = {
		HBK_WASM_I32, HBK_WASM_I64, HBK_WASM_F32, HBK_WASM_F64, HBK_WASM_FUNCREF
	};
	u32 type, height, count;

	for (type = 0; type < HBK_WASM_C_COUNT; type++) {
		for (height = 0, count = 0; height < t->heights; height++) {
			if (!(t->operands[height] & 1 << type))
				continue;
			if (count % OPERANDS_IN_LINE == 0)
				hbk_wasm_put(t, "%s\t%s ", count ? ";\n" : "",
					     hbk_wasm_c_spelling(types[type])->type);
			hbk_wasm_put(t, "%s%s", count++ % OPERANDS_IN_LINE ? ", " : "",
				     operand(t, height, types[type]));
		}
		if (count)
			hbk_wasm_put(t, ";\n");
	}
}

static void put_local(struct hbk_wasm_translator *t, const struct hbk_wasm_body *body, u32 local)
{
	const char *type = t->known[local].address ? "u64" : hbk_wasm_c_spelling(body->locals[local])->type;

	if (local < body->type->param_count)
		hbk_wasm_put(t, "\t%s l%u = p%u;\n", type, local, local);
	else
		hbk_wasm_put(t, "\t%s l%u = 0;\n", type, local);
}

static void put_variables(struct hbk_wasm_translator *t, const struct hbk_wasm_body *body)
{
	u32 i;

	if (t->module->memory_count)
		hbk_wasm_put(t, "\tu64 memory_size = instance->memory_size;\n\tu8 *memory = instance->memory_base;\n"
			     "\tu64 at, mask;\n");
	hbk_wasm_put(t, "\tu64 reference;\n\tu32 number;\n");
	for (i = 0; i < t->global_count; i++)
		hbk_wasm_put(t, "\tu64 *g%u = instance->globals[%u];\n", t->globals[i], t->globals[i]);
	for (i = 0; i < body->local_count; i++)
		put_local(t, body, i);
	put_operands(t);
}

static void put_signature(struct hbk_wasm_translator *t, const struct hbk_wasm_body *body, const char *kind)
{
	hbk_wasm_put(t, "\nstatic %s", kind);
	hbk_wasm_put_result(t, body->type);
	hbk_wasm_put(t, " %s%s%u", t->prefix, *kind ? "w" : "f", body->function);
	hbk_wasm_put_parameters(t, body->type, "p", "");
	hbk_wasm_put(t, "\n{\n");
}

/* What a function calls, and with it ends, where it cannot simply begin: a call in its midst would cost it registers. */
static void put_slow_beginning(struct hbk_wasm_translator *t, const struct hbk_wasm_body *body, u32 cost)
{
	put_signature(t, body, "HBK_COMPILED_RARE ");
	hbk_wasm_put(t, "\tif (hbk_compiled_enter_slow(instance, %u, %s))\n\t\treturn%s;\n", cost,
		     *leave(t) ? "true" : "false", body->type->result_count == 1 ? " 0" : "");
	hbk_wasm_put(t, "\treturn %sf%u(instance", t->prefix, body->function);
	hbk_wasm_put_arguments(t, body->type, "p");
	hbk_wasm_put(t, "}\n");
}

static void put_head(struct hbk_wasm_translator *t, const struct hbk_wasm_body *body)
{
	u32 cost = t->module->functions[body->function].cost;

	put_slow_beginning(t, body, cost);
	put_signature(t, body, "");
	put_variables(t, body);
	if (*leave(t))
		hbk_wasm_put(t, "\n\tif (unlikely(hbk_compiled_enter(instance, %u, %u)))", cost, t->room);
	else
		hbk_wasm_put(t, "\n\tif (unlikely(hbk_compiled_pay(instance, %u)))", cost);
	hbk_wasm_put(t, "\n\t\treturn %sw%u(instance", t->prefix, body->function);
	hbk_wasm_put_arguments(t, body->type, "p");
}

static void put_tail(struct hbk_wasm_translator *t, const struct hbk_wasm_body *body)
{
	u32 trap;

	for (trap = 0; trap < HBK_WASM_TRAP_COUNT; trap++) {
		if (t->traps & 1u << trap)
			hbk_wasm_put(t, "%s:\n\tinstance->trap = HBK_WASM_TRAP_%s;\n\tgoto out;\n",
				     raised[trap].label, raised[trap].name);
	}
	hbk_wasm_put(t, "out:\n%s\treturn%s;\n}\n", leave(t), body->type->result_count == 1 ? " 0" : "");
}

int hbk_wasm_translate_end(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_body *body)
{
	struct hbk_wasm_translator *t = (struct hbk_wasm_translator *)visitor;

	put_tail(t, body);
	t->to = &t->head;
	put_head(t, body);
	hbk_wasm_flush(t, &t->head);
	hbk_wasm_flush(t, &t->body);
	return t->err;
}
