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

/* Variables. */

static void translate_select(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	const char *kept = hbk_wasm_operand(t, step->before - 3, step->type);

	hbk_wasm_put(t, "\t%s = %s ? %s : %s;\n", kept, hbk_wasm_operand(t, step->before - 1, HBK_WASM_I32), kept,
		     hbk_wasm_operand(t, step->before - 2, step->type));
}

static void note_copy(struct hbk_wasm_translator *t, u32 height, u32 local)
{
	t->copies[height] = (struct hbk_wasm_copy){ .local = local + 1, .since = t->now };
}

static void translate_local_get(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	hbk_wasm_put(t, "\t%s = l%u;\n", hbk_wasm_operand(t, step->before, step->type), step->index);
	note_copy(t, step->before, step->index);
}

static void translate_local_set(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	hbk_wasm_put(t, "\tl%u = %s;\n", step->index, hbk_wasm_value(t, step->before - 1, step->type));
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
	char cell[HBK_WASM_C_VALUE];

	spell_global(t, step->index, cell, sizeof(cell));
	hbk_wasm_put(t, "\t%s = ", hbk_wasm_operand(t, step->before, step->type));
	hbk_wasm_put_from_bits(t, step->type, cell);
	hbk_wasm_put(t, ";\n");
}

static void translate_global_set(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	char cell[HBK_WASM_C_VALUE];

	spell_global(t, step->index, cell, sizeof(cell));
	hbk_wasm_put(t, "\t%s = ", cell);
	hbk_wasm_put_to_bits(t, step->type, hbk_wasm_operand(t, step->before - 1, step->type));
	hbk_wasm_put(t, ";\n");
}

/* Neither nop nor drop does anything: an operand that nobody reads is gone. */
static void (*const translate_shape[])(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step) = {
	[HBK_WASM_SHAPE_MEMORY_INDEX] = hbk_wasm_translate_memory,
	[HBK_WASM_SHAPE_CONSTANT] = hbk_wasm_translate_constant,
	[HBK_WASM_SHAPE_UNREACHABLE] = hbk_wasm_translate_jump,
	[HBK_WASM_SHAPE_BLOCK] = hbk_wasm_translate_block,
	[HBK_WASM_SHAPE_ELSE] = hbk_wasm_translate_else,
	[HBK_WASM_SHAPE_END] = hbk_wasm_translate_frame_end,
	[HBK_WASM_SHAPE_BR] = hbk_wasm_translate_jump,
	[HBK_WASM_SHAPE_BR_IF] = hbk_wasm_translate_br_if,
	[HBK_WASM_SHAPE_BR_TABLE] = hbk_wasm_translate_br_table,
	[HBK_WASM_SHAPE_RETURN] = hbk_wasm_translate_jump,
	[HBK_WASM_SHAPE_CALL] = hbk_wasm_translate_call,
	[HBK_WASM_SHAPE_CALL_INDIRECT] = hbk_wasm_translate_call_indirect,
	[HBK_WASM_SHAPE_SELECT] = translate_select,
	[HBK_WASM_SHAPE_SELECT_TYPED] = translate_select,
	[HBK_WASM_SHAPE_LOCAL_GET] = translate_local_get,
	[HBK_WASM_SHAPE_LOCAL_SET] = translate_local_set,
	[HBK_WASM_SHAPE_LOCAL_TEE] = translate_local_set,
	[HBK_WASM_SHAPE_GLOBAL_GET] = translate_global_get,
	[HBK_WASM_SHAPE_GLOBAL_SET] = translate_global_set,
	[HBK_WASM_SHAPE_TABLE_GET] = hbk_wasm_translate_table,
	[HBK_WASM_SHAPE_TABLE_SET] = hbk_wasm_translate_table,
	[HBK_WASM_SHAPE_TABLE_SIZE] = hbk_wasm_translate_table,
	[HBK_WASM_SHAPE_TABLE_GROW] = hbk_wasm_translate_table,
	[HBK_WASM_SHAPE_TABLE_FILL] = hbk_wasm_translate_table,
	[HBK_WASM_SHAPE_TABLE_COPY] = hbk_wasm_translate_segment,
	[HBK_WASM_SHAPE_TABLE_INIT] = hbk_wasm_translate_segment,
	[HBK_WASM_SHAPE_ELEM_DROP] = hbk_wasm_translate_segment,
	[HBK_WASM_SHAPE_MEMORY_INIT] = hbk_wasm_translate_segment,
	[HBK_WASM_SHAPE_MEMORY_COPY] = hbk_wasm_translate_segment,
	[HBK_WASM_SHAPE_DATA_DROP] = hbk_wasm_translate_segment,
	[HBK_WASM_SHAPE_REF_NULL] = hbk_wasm_translate_reference,
	[HBK_WASM_SHAPE_REF_IS_NULL] = hbk_wasm_translate_reference,
	[HBK_WASM_SHAPE_REF_FUNC] = hbk_wasm_translate_reference,
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
		hbk_wasm_forget_sets(t, t->loops[frame->loop].end);
		break;
	case HBK_WASM_OP_ELSE:
		return hbk_wasm_forget_checks(t, t->marks[step->frame_count]);
	case HBK_WASM_OP_END:
		if (frame->kind != HBK_WASM_FRAME_LOOP)
			hbk_wasm_forget_checks(t, t->marks[step->frame_count]);
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
		hbk_wasm_translate_expression(t, step, expression);
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
				     hbk_wasm_operand(t, height, types[type]));
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
		     *hbk_wasm_leave(t) ? "true" : "false", body->type->result_count == 1 ? " 0" : "");
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
	if (*hbk_wasm_leave(t))
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
				     hbk_wasm_raised[trap].label, hbk_wasm_raised[trap].name);
	}
	hbk_wasm_put(t, "out:\n%s\treturn%s;\n}\n", hbk_wasm_leave(t), body->type->result_count == 1 ? " 0" : "");
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
