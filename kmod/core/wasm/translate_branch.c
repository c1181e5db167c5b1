// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocks and branches of a function in C, and loops that are written several
 * times. See translate_body.c.
 */
#include "translator.h"

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
		hbk_wasm_put(t, "%s%s = %s;\n", in, hbk_wasm_operand(t, frame->height + i, types[i]),
			     hbk_wasm_value(t, top - count + i, types[i]));
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
		hbk_wasm_put(t, "%s_%u%c:\n", hbk_wasm_raised[trap].label, t->copied.number, copy_letter(copy));
		put_refund(t, copy);
		hbk_wasm_put(t, "\tgoto %s;\n", hbk_wasm_raised[trap].label);
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

void hbk_wasm_translate_br_if(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	hbk_wasm_put(t, "\tif (%s) {\n", hbk_wasm_value(t, step->before - 1, HBK_WASM_I32));
	put_branch(t, step, step->index, step->before - 1, "\t\t");
	hbk_wasm_put(t, "\t}\n");
}

/* Neighbours with the same label share its branch. */
void hbk_wasm_translate_br_table(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	u32 cursor = step->targets;
	u32 label = 0, next = 0, i;

	hbk_wasm_put(t, "\tswitch (%s) {\n", hbk_wasm_value(t, step->before - 1, HBK_WASM_I32));
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
void hbk_wasm_translate_jump(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	if (step->op == HBK_WASM_OP_UNREACHABLE)
		hbk_wasm_put_trap(t, HBK_WASM_TRAP_UNREACHABLE, "\t");
	else if (step->op == HBK_WASM_OP_BR)
		put_branch(t, step, step->index, step->before, "\t");
	else
		put_branch(t, step, step->frame_count - 1, step->before, "\t");
}

void hbk_wasm_translate_block(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	const struct hbk_wasm_frame *frame = &step->frames[step->frame_count - 1];

	if (step->op == HBK_WASM_OP_LOOP) {
		begin_copied(t, frame);
		put_label(t, 'L', frame->number);
	} else if (step->op == HBK_WASM_OP_IF) {
		hbk_wasm_put(t, "\tif (!%s)\n\t\tgoto E%u%s;\n", hbk_wasm_value(t, step->before - 1, HBK_WASM_I32),
			     frame->number, is_copied(t, frame->number) ? HBK_WASM_C_COPY : "");
	}
}

void hbk_wasm_translate_else(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	const struct hbk_wasm_frame *frame = &step->frames[step->frame_count - 1];

	put_goto(t, frame, "\t");
	put_label(t, 'E', frame->number);
}

/* A function that calls nothing is not counted: see hbk_compiled_pay(). */
const char *hbk_wasm_leave(const struct hbk_wasm_translator *t)
{
	return t->calls || !t->small ? "\thbk_compiled_ascend(instance);\n" : "";
}

static void put_return(struct hbk_wasm_translator *t, const struct hbk_wasm_type *type)
{
	u32 i;

	for (i = 0; i < type->result_count && type->result_count > 1; i++) {
		hbk_wasm_put(t, "\tresults[%u] = ", i);
		hbk_wasm_put_to_bits(t, type->results[i], hbk_wasm_value(t, i, type->results[i]));
		hbk_wasm_put(t, ";\n");
	}
	hbk_wasm_put(t, "%s\treturn%s%s;\n", hbk_wasm_leave(t), type->result_count == 1 ? " " : "",
		     type->result_count == 1 ? hbk_wasm_value(t, 0, type->results[0]) : "");
}

void hbk_wasm_translate_frame_end(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
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
