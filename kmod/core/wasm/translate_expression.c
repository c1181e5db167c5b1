// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plain instructions, loads and stores: an expression in C with its operands
 * filled in, and before it what must not be. See translate_body.c.
 */
#include "translator.h"

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
			hbk_wasm_put(t, "%s", hbk_wasm_value(t, base + mark[1] - '0', pops[mark[1] - '0']));
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
void hbk_wasm_forget_checks(struct hbk_wasm_translator *t, u32 mark)
{
	while (t->trail_count > mark) {
		const struct hbk_wasm_trail *trail = &t->trail[--t->trail_count];

		t->known[trail->local].checked = trail->checked;
		t->known[trail->local].reach = trail->reach;
	}
}

/* What a loop begins with has to hold each time it goes round. */
void hbk_wasm_forget_sets(struct hbk_wasm_translator *t, u32 end)
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
	hbk_wasm_put_trap(t, HBK_WASM_TRAP_MEMORY_BOUNDS, "\t\t");
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
	u32 local = hbk_wasm_origin(t, height);
	const char *base;
	char variable[HBK_WASM_C_VALUE] = "at";

	base = hbk_wasm_value(t, height, HBK_WASM_I32);
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

void hbk_wasm_translate_expression(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step,
				   const struct hbk_wasm_expression *expression)
{
	u32 base = step->before - strlen(step->opcode->pops);
	u32 i;

	for (i = 0; i < 2 && expression->checks[i].condition; i++) {
		hbk_wasm_put(t, "\tif (unlikely(");
		put_expression(t, step, expression->checks[i].condition);
		hbk_wasm_put(t, "))\n");
		hbk_wasm_put_trap(t, expression->checks[i].trap, "\t\t");
	}
	if (step->opcode->shape == HBK_WASM_SHAPE_MEMORY)
		put_place(t, step);
	hbk_wasm_put(t, "\t");
	if (step->opcode->pushes[0])
		hbk_wasm_put(t, "%s = ", hbk_wasm_operand(t, base, step->opcode->pushes[0]));
	put_expression(t, step, expression->text);
	hbk_wasm_put(t, ";\n");
	t->copies[base].local = 0;
}

void hbk_wasm_translate_constant(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	u8 type = step->opcode->pushes[0];
	char bits[HBK_WASM_C_VALUE];

	snprintf(bits, sizeof(bits), "0x%llxull", (unsigned long long)step->bits);
	hbk_wasm_put(t, "\t%s = ", hbk_wasm_operand(t, step->before, type));
	hbk_wasm_put_from_bits(t, type, bits);
	hbk_wasm_put(t, ";\n");
}
