// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a function in C speaks of: operands, the locals that they are copies of,
 * and the traps that it raises. See translate_body.c.
 */
#include "translator.h"

const struct hbk_wasm_raised hbk_wasm_raised[HBK_WASM_TRAP_COUNT] = {
	[HBK_WASM_TRAP_UNREACHABLE] = { "unreachable", "UNREACHABLE" },
	[HBK_WASM_TRAP_DIVIDE_BY_ZERO] = { "divide_by_zero", "DIVIDE_BY_ZERO" },
	[HBK_WASM_TRAP_INTEGER_OVERFLOW] = { "integer_overflow", "INTEGER_OVERFLOW" },
	[HBK_WASM_TRAP_INVALID_CONVERSION] = { "invalid_conversion", "INVALID_CONVERSION" },
	[HBK_WASM_TRAP_MEMORY_BOUNDS] = { "memory_bounds", "MEMORY_BOUNDS" },
};

/* The variable of the operand at @height; good until HBK_WASM_C_NAMES others have been asked for. */
const char *hbk_wasm_operand(struct hbk_wasm_translator *t, u32 height, u8 type)
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
u32 hbk_wasm_origin(const struct hbk_wasm_translator *t, u32 height)
{
	const struct hbk_wasm_copy *copy = &t->copies[height];

	if (!copy->local || copy->since < t->known[copy->local - 1].set)
		return HBK_WASM_NO_INDEX;
	return copy->local - 1;
}

/* The operand at @height, to be read. */
const char *hbk_wasm_value(struct hbk_wasm_translator *t, u32 height, u8 type)
{
	u32 local = height < t->heights ? hbk_wasm_origin(t, height) : HBK_WASM_NO_INDEX;
	char *name;

	if (local == HBK_WASM_NO_INDEX)
		return hbk_wasm_operand(t, height, type);
	t->operands[height] |= 1 << hbk_wasm_c_type(type);
	name = t->names[t->name++ % HBK_WASM_C_NAMES];
	snprintf(name, sizeof(t->names[0]), "%sl%u", hbk_wasm_c_type(type) == HBK_WASM_C_U32 ? "(u32)" : "", local);
	return name;
}

void hbk_wasm_put_trap(struct hbk_wasm_translator *t, enum hbk_wasm_trap trap, const char *in)
{
	t->traps |= 1u << trap;
	hbk_wasm_put(t, "%sgoto %s%s;\n", in, hbk_wasm_raised[trap].label, t->copied.copies ? HBK_WASM_C_TRAPPED : "");
}

void hbk_wasm_put_reload(struct hbk_wasm_translator *t)
{
	if (t->module->memory_count)
		hbk_wasm_put(t, "\tmemory = instance->memory_base;\n\tmemory_size = instance->memory_size;\n");
}
