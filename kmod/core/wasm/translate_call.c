// SPDX-License-Identifier: GPL-2.0-only
/* Calls in C: of functions, and of what bulk.h has for an instruction. See translate_body.c. */
#include "translator.h"

static void put_results(struct hbk_wasm_translator *t, const struct hbk_wasm_type *type, u32 base, const char *array)
{
	char value[HBK_WASM_C_VALUE];
	u32 i;

	for (i = 0; i < type->result_count; i++) {
		snprintf(value, sizeof(value), "%s[%u]", array, i);
		hbk_wasm_put(t, "\t\t%s = ", hbk_wasm_operand(t, base + i, type->results[i]));
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
		hbk_wasm_put(t, "%s = ", hbk_wasm_operand(t, base, type->results[0]));
	hbk_wasm_put(t, "%s", callee);
	for (i = 0; i < type->param_count; i++)
		hbk_wasm_put(t, ", %s", hbk_wasm_value(t, base + i, type->params[i]));
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
		hbk_wasm_put_to_bits(t, type->params[i], hbk_wasm_operand(t, base + i, type->params[i]));
		hbk_wasm_put(t, ";\n");
	}
	hbk_wasm_put(t, "\t\tif (hbk_compiled_call(instance, &instance->functions[%u], values))\n\t\t\tgoto out;\n",
		     function);
	put_results(t, type, base, "values");
	hbk_wasm_put(t, "\t}\n");
	hbk_wasm_put_reload(t);
}

void hbk_wasm_translate_call(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	u32 base = step->before - step->callee->param_count;
	char callee[HBK_WASM_TRANSLATED_PREFIX + HBK_WASM_C_VALUE];

	if (step->index < t->module->import_counts[HBK_WASM_KIND_FUNCTION])
		return put_imported_call(t, step->callee, base, step->index);
	snprintf(callee, sizeof(callee), "%sf%u(instance", t->prefix, step->index);
	put_own_call(t, step->callee, base, callee);
	if (!t->steady)
		hbk_wasm_put_reload(t);
}

void hbk_wasm_translate_call_indirect(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	char callee[HBK_WASM_TRANSLATED_PREFIX + 2 * HBK_WASM_C_VALUE];

	snprintf(callee, sizeof(callee), "%sc%u(instance, %u, %s", t->prefix, step->callee->canonical, step->second,
		 hbk_wasm_operand(t, step->before - 1, HBK_WASM_I32));
	put_own_call(t, step->callee, step->before - 1 - step->callee->param_count, callee);
	hbk_wasm_put_reload(t);
}

/* Instructions that bulk.h has. */

/* One that yields a trap and nothing else: @name with the module's own numbers in it, then @count operands. */
static void put_bulk(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step, const char *name, u32 count)
{
	u32 i;

	t->calls = true;
	hbk_wasm_put(t, "\tif (hbk_compiled_stop(instance, hbk_wasm_%s", name);
	for (i = 0; i < count; i++)
		hbk_wasm_put(t, ", %s", hbk_wasm_operand(t, step->before - count + i, HBK_WASM_I32));
	hbk_wasm_put(t, ")))\n\t\tgoto out;\n");
}

void hbk_wasm_translate_memory(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	const char *top;

	switch (step->op) {
	case HBK_WASM_OP_MEMORY_SIZE:
		return hbk_wasm_put(t, "\t%s = memory_size >> 16;\n", hbk_wasm_operand(t, step->before, HBK_WASM_I32));
	case HBK_WASM_OP_MEMORY_FILL:
		return put_bulk(t, step, "memory_fill(instance", 3);
	default:
		t->calls = true;
		top = hbk_wasm_operand(t, step->before - 1, HBK_WASM_I32);
		hbk_wasm_put(t, "\tif (hbk_compiled_stop(instance, hbk_wasm_memory_grow(instance, %s, &number)))\n"
			     "\t\tgoto out;\n\t%s = number;\n", top, top);
		hbk_wasm_put_reload(t);
	}
}

void hbk_wasm_translate_segment(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	char name[2 * HBK_WASM_C_VALUE];

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

void hbk_wasm_translate_table(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	static const char stop[] = "\tif (hbk_compiled_stop(instance, hbk_wasm_table_";
	u32 top = step->before;

	t->calls = true;
	switch (step->op) {
	case HBK_WASM_OP_TABLE_GET:
		return hbk_wasm_put(t, "%sget(instance, %u, %s, &reference)))\n\t\tgoto out;\n\t%s = reference;\n",
				    stop, step->index, hbk_wasm_operand(t, top - 1, HBK_WASM_I32),
				    hbk_wasm_operand(t, top - 1, step->type));
	case HBK_WASM_OP_TABLE_SET:
		return hbk_wasm_put(t, "%sset(instance, %u, %s, %s)))\n\t\tgoto out;\n", stop, step->index,
				    hbk_wasm_operand(t, top - 2, HBK_WASM_I32), hbk_wasm_operand(t, top - 1, step->type));
	case HBK_WASM_OP_TABLE_GROW:
		return hbk_wasm_put(t, "%sgrow(instance, %u, %s, %s, &number)))\n\t\tgoto out;\n\t%s = number;\n",
				    stop, step->index, hbk_wasm_operand(t, top - 2, step->type),
				    hbk_wasm_operand(t, top - 1, HBK_WASM_I32),
				    hbk_wasm_operand(t, top - 2, HBK_WASM_I32));
	case HBK_WASM_OP_TABLE_FILL:
		return hbk_wasm_put(t, "%sfill(instance, %u, %s, %s, %s)))\n\t\tgoto out;\n", stop, step->index,
				    hbk_wasm_operand(t, top - 3, HBK_WASM_I32),
				    hbk_wasm_operand(t, top - 2, step->type),
				    hbk_wasm_operand(t, top - 1, HBK_WASM_I32));
	default:
		return hbk_wasm_put(t, "\t%s = hbk_wasm_table_size(instance, %u);\n",
				    hbk_wasm_operand(t, top, HBK_WASM_I32), step->index);
	}
}

void hbk_wasm_translate_reference(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	switch (step->op) {
	case HBK_WASM_OP_REF_NULL:
		return hbk_wasm_put(t, "\t%s = 0;\n", hbk_wasm_operand(t, step->before, HBK_WASM_FUNCREF));
	case HBK_WASM_OP_REF_FUNC:
		return hbk_wasm_put(t, "\t%s = hbk_wasm_function_ref(instance, %u);\n",
				    hbk_wasm_operand(t, step->before, HBK_WASM_FUNCREF), step->index);
	default:
		return hbk_wasm_put(t, "\t%s = !%s;\n", hbk_wasm_operand(t, step->before - 1, HBK_WASM_I32),
				    hbk_wasm_operand(t, step->before - 1, HBK_WASM_FUNCREF));
	}
}
