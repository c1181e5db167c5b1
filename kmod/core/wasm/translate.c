// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module as one C file: a type, a way in and a way through tables for each
 * signature, then the functions, then the table of them. The same module
 * always gives the same bytes. No name of the guest's is in it.
 */
#include "translate.h"
#include "translator.h"

/* What hbk_compiled_native() finds is called as this. */
static void put_type(struct hbk_wasm_translator *t, u32 index)
{
	const struct hbk_wasm_type *type = &t->module->types[index];

	hbk_wasm_put(t, "\ntypedef ");
	hbk_wasm_put_result(t, type);
	hbk_wasm_put(t, " (*%sn%u)", t->prefix, index);
	hbk_wasm_put_parameters(t, type, NULL, "");
	hbk_wasm_put(t, ";\n");
}

/* From the host: arguments and results are in an array. */
static void put_entrance(struct hbk_wasm_translator *t, u32 index)
{
	const struct hbk_wasm_type *type = &t->module->types[index];
	bool one = type->result_count == 1;
	char value[32];
	u32 i;

	hbk_wasm_put(t, "\nstatic void %st%u(struct hbk_wasm_instance *instance, const void *native, u64 *values)\n{\n\t",
		     t->prefix, index);
	if (one)
		hbk_wasm_put(t, "%s result = ", hbk_wasm_c_spelling(type->results[0])->type);
	hbk_wasm_put(t, "((%sn%u)native)(instance", t->prefix, index);
	for (i = 0; i < type->param_count; i++) {
		snprintf(value, sizeof(value), "values[%u]", i);
		hbk_wasm_put(t, ", ");
		hbk_wasm_put_from_bits(t, type->params[i], value);
	}
	hbk_wasm_put(t, "%s);\n", type->result_count > 1 ? ", values" : "");
	if (one) {
		hbk_wasm_put(t, "\n\tvalues[0] = ");
		hbk_wasm_put_to_bits(t, type->results[0], "result");
		hbk_wasm_put(t, ";\n");
	}
	hbk_wasm_put(t, "}\n");
}

/* Through a table to anything but an own function of that type: out of line. */
static void put_way_out(struct hbk_wasm_translator *t, u32 index)
{
	const struct hbk_wasm_type *type = &t->module->types[index];
	bool one = type->result_count == 1;
	char value[32];
	u32 i;

	hbk_wasm_put(t, "\nstatic HBK_COMPILED_RARE ");
	hbk_wasm_put_result(t, type);
	hbk_wasm_put(t, " %sx%u", t->prefix, index);
	hbk_wasm_put_parameters(t, type, "a", ", u32 table, u32 index");
	hbk_wasm_put(t, "\n{\n\tu64 values[%u];\n\n", hbk_wasm_values_count(type));
	for (i = 0; i < type->param_count; i++) {
		snprintf(value, sizeof(value), "a%u", i);
		hbk_wasm_put(t, "\tvalues[%u] = ", i);
		hbk_wasm_put_to_bits(t, type->params[i], value);
		hbk_wasm_put(t, ";\n");
	}
	hbk_wasm_put(t, "\tif (hbk_compiled_call_indirect(instance, table, %u, index, values))\n\t\treturn%s;\n", index,
		     one ? " 0" : "");
	for (i = 0; i < type->result_count && !one; i++)
		hbk_wasm_put(t, "\tresults[%u] = values[%u];\n", i, i);
	if (one) {
		hbk_wasm_put(t, "\treturn ");
		hbk_wasm_put_from_bits(t, type->results[0], "values[0]");
		hbk_wasm_put(t, ";\n");
	}
	hbk_wasm_put(t, "}\n");
}

static void put_indirect(struct hbk_wasm_translator *t, u32 index)
{
	const struct hbk_wasm_type *type = &t->module->types[index];
	bool one = type->result_count == 1;

	hbk_wasm_put(t, "\nHBK_COMPILED_INLINE ");
	hbk_wasm_put_result(t, type);
	hbk_wasm_put(t, " %sc%u", t->prefix, index);
	hbk_wasm_put_parameters(t, type, "a", ", u32 table, u32 index");
	hbk_wasm_put(t, "\n{\n\tconst void *native = hbk_compiled_native(instance, table, %u, index);\n\n", index);
	hbk_wasm_put(t, "\tif (likely(native))\n\t\t%s((%sn%u)native)(instance", one ? "return " : "", t->prefix, index);
	hbk_wasm_put_arguments(t, type, "a");
	hbk_wasm_put(t, one ? "\treturn " : "\telse\n\t\t");
	hbk_wasm_put(t, "%sx%u(instance, table, index", t->prefix, index);
	hbk_wasm_put_arguments(t, type, "a");
	hbk_wasm_put(t, "}\n");
}

/* What becomes of a type, as bits for each. */
enum {
	TYPE_ENTERED = 1,	/* a function has it */
	TYPE_INDIRECT = 2,	/* call_indirect has it */
};

#define SETS_FIRST	1024	/* instructions that set locals for which there is room at first */

static int note_set(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	u32 room = t->set_room ? 2 * t->set_room : SETS_FIRST;
	struct hbk_wasm_set *sets;

	if (t->set_count == t->set_room) {
		sets = t->heap->resize(t->heap, t->sets, t->set_room * sizeof(*sets), room * sizeof(*sets));
		if (!sets)
			return hbk_wasm_error_failed(t->error, -ENOMEM);
		t->sets = sets;
		t->set_room = room;
	}
	t->sets[t->set_count++] = (struct hbk_wasm_set){ .offset = step->offset, .local = step->index };
	return 0;
}

/* The innermost loop around an instruction, @skip frames left out, cannot pay for several rounds at once. */
static void note_exact(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step, u32 skip)
{
	u32 i;

	for (i = step->frame_count - skip; i > 0; i--) {
		if (step->frames[i - 1].kind != HBK_WASM_FRAME_LOOP)
			continue;
		t->loops[step->frames[i - 1].loop].exact = true;
		return;
	}
}

/* A constant, a comparison, and once more round. */
static void note_count(struct hbk_wasm_translator *t, const struct hbk_wasm_step *step)
{
	const struct hbk_wasm_frame *frame = hbk_wasm_step_frame(step, step->index);

	if (frame->kind == HBK_WASM_FRAME_LOOP && t->constants & 2)
		t->loops[frame->loop].counts = true;
}

/* What the translation of an instruction has to know of those behind it. */
static int note_instruction(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_step *step)
{
	struct hbk_wasm_translator *t = (struct hbk_wasm_translator *)visitor;
	const struct hbk_wasm_frame *frame = &step->frames[step->frame_count - 1];

	if (step->op == HBK_WASM_OP_BR_IF)
		note_count(t, step);
	t->constants = t->constants << 1 | (step->opcode->shape == HBK_WASM_SHAPE_CONSTANT);
	switch (step->op) {
	case HBK_WASM_OP_CALL_INDIRECT:
		if (!step->dead)
			t->types[step->callee->canonical] |= TYPE_INDIRECT;
		break;
	case HBK_WASM_OP_LOCAL_SET:
	case HBK_WASM_OP_LOCAL_TEE:
		return note_set(t, step);
	case HBK_WASM_OP_END:
		if (frame->kind == HBK_WASM_FRAME_LOOP)
			t->loops[frame->loop].end = step->offset;
		return 0;
	case HBK_WASM_OP_LOOP:
		note_exact(t, step, 1);
		return 0;
	case HBK_WASM_OP_MEMORY_GROW:
		t->steady = false;
		break;
	}
	if (!hbk_wasm_is_plain(step))
		note_exact(t, step, 0);
	return 0;
}

static u32 first_own(const struct hbk_wasm_module *module)
{
	return module->import_counts[HBK_WASM_KIND_FUNCTION];
}

static int look_round(struct hbk_wasm_translator *t)
{
	const struct hbk_wasm_module *module = t->module;
	u32 most = 0, values, i;

	for (i = first_own(module); i < module->function_count; i++)
		t->types[hbk_wasm_function_type(module, i)->canonical] |= TYPE_ENTERED;
	if (module->memory_count)
		t->least = (u64)module->memories[0].limits.minimum * HBK_WASM_PAGE_SIZE;
	for (i = 0; i < module->type_count; i++) {
		values = hbk_wasm_values_count(&module->types[i]);
		most = values > most ? values : most;
	}
	/* What a call pushes: arguments, up to four more before and after them; and once as much for the way out of a table. */
	t->room = (2 * most + 4) * sizeof(u64);
	t->steady = !module->import_count;
	t->visitor.instruction = note_instruction;
	return hbk_wasm_visit(module, &t->visitor, t->error);
}

static void put_types(struct hbk_wasm_translator *t)
{
	u32 i;

	for (i = 0; i < t->module->type_count && !t->err; i++) {
		if (t->types[i])
			put_type(t, i);
		if (t->types[i] & TYPE_ENTERED)
			put_entrance(t, i);
		if (t->types[i] & TYPE_INDIRECT) {
			put_way_out(t, i);
			put_indirect(t, i);
		}
	}
}

static void put_declarations(struct hbk_wasm_translator *t)
{
	u32 i;

	hbk_wasm_put(t, "\n");
	for (i = first_own(t->module); i < t->module->function_count && !t->err; i++) {
		hbk_wasm_put(t, "static ");
		hbk_wasm_put_result(t, hbk_wasm_function_type(t->module, i));
		hbk_wasm_put(t, " %sf%u", t->prefix, i);
		hbk_wasm_put_parameters(t, hbk_wasm_function_type(t->module, i), NULL, "");
		hbk_wasm_put(t, ";\n");
	}
}

static void put_table(struct hbk_wasm_translator *t)
{
	const struct hbk_wasm_module *module = t->module;
	u32 i;

	/* C has no arrays without elements. */
	hbk_wasm_put(t, "\nstatic const struct hbk_wasm_compiled_function %sfunctions[] = {\n", t->prefix);
	for (i = first_own(module); i < module->function_count; i++)
		hbk_wasm_put(t, "\t{ %sf%u, %st%u },\n", t->prefix, i, t->prefix,
			     hbk_wasm_function_type(module, i)->canonical);
	if (first_own(module) == module->function_count)
		hbk_wasm_put(t, "\t{ NULL, NULL },\n");
	hbk_wasm_put(t, "};\n");
}

static void put_guest(struct hbk_wasm_translator *t)
{
	const struct hbk_wasm_module *module = t->module;
	u32 i;

	hbk_wasm_put(t, "\nHBK_WASM_COMPILED_SCOPE const struct hbk_wasm_compiled %sguest = {\n\t.sha256 = {", t->prefix);
	for (i = 0; i < HBK_COMPILED_SHA256; i++)
		hbk_wasm_put(t, "%s0x%02x,", i % 8 ? " " : "\n\t\t", t->task->sha256[i]);
	hbk_wasm_put(t, "\n\t},\n\t.instance_size = sizeof(struct hbk_wasm_instance),\n");
	hbk_wasm_put(t, "\t.function_count = %u,\n", module->function_count - first_own(module));
	hbk_wasm_put(t, "\t.cost = %lluull,\n", (unsigned long long)hbk_wasm_compiled_cost(module));
	hbk_wasm_put(t, "\t.floats = %s,\n", module->features & HBK_WASM_FLOATS ? "true" : "false");
	hbk_wasm_put(t, "\t.functions = %sfunctions,\n};\n", t->prefix);
	hbk_wasm_put(t, "\nHBK_WASM_COMPILED(%sguest);\n", t->prefix);
}

/* A guest computes what nobody reads, and has places that nobody goes to: no reason to tell anybody. */
static void put_first_lines(struct hbk_wasm_translator *t)
{
	static const char *const unused[] = { "variable", "but-set-variable", "parameter", "but-set-parameter", "label" };
	u32 i;

	hbk_wasm_put(t, "/* Made by `hauberk-wasm translate` from a WebAssembly module: not to be edited. */\n");
	for (i = 0; i < sizeof(unused) / sizeof(unused[0]); i++)
		hbk_wasm_put(t, "#pragma GCC diagnostic ignored \"-Wunused-%s\"\n", unused[i]);
}

static int translate(struct hbk_wasm_translator *t)
{
	bool floats = t->module->features & HBK_WASM_FLOATS;
	int err = look_round(t);

	if (err)
		return err;
	put_first_lines(t);
	hbk_wasm_put(t, "#include \"%s.h\"\n", floats ? "compiled_float" : "compiled");
	hbk_wasm_put(t, "%s", floats ? "\nHBK_FLOATS_BEGIN\n" : "");
	put_declarations(t);
	put_types(t);
	hbk_wasm_flush(t, &t->head);

	t->visitor.function_begin = hbk_wasm_translate_begin;
	t->visitor.instruction = hbk_wasm_translate_instruction;
	t->visitor.function_end = hbk_wasm_translate_end;
	err = t->err ? t->err : hbk_wasm_visit(t->module, &t->visitor, t->error);
	if (err)
		return err;
	hbk_wasm_put(t, "%s", floats ? "\nHBK_FLOATS_END\n" : "");
	put_table(t);
	put_guest(t);
	hbk_wasm_flush(t, &t->head);
	return t->err;
}

/* The arrays of a translator: an element for each type, height and local that there may be. */
#define ARRAYS(each)						\
	each(types, t->module->type_count + 1)			\
	each(operands, HBK_WASM_OPERANDS_MAX + 1)		\
	each(copies, HBK_WASM_OPERANDS_MAX + 1)			\
	each(known, HBK_WASM_LOCALS_MAX + 1)			\
	each(trail, HBK_WASM_C_TRAIL)				\
	each(marks, HBK_WASM_NESTING_MAX + 1)			\
	each(loops, t->module->loop_count + 1)

static bool allocate(struct hbk_wasm_translator *t)
{
#define ALLOCATE(array, count) t->array = t->heap->allocate(t->heap, (count) * sizeof(*t->array));
	ARRAYS(ALLOCATE)
#undef ALLOCATE
	return t->types && t->operands && t->copies && t->known && t->trail && t->marks && t->loops;
}

static void release(struct hbk_wasm_translator *t)
{
#define RELEASE(array, count) t->heap->release(t->heap, t->array, (count) * sizeof(*t->array));
	ARRAYS(RELEASE)
#undef RELEASE
	t->heap->release(t->heap, t->sets, t->set_room * sizeof(*t->sets));
}

/**
 * hbk_wasm_translate() - writes a module as C
 * @task: what is asked for
 * @sink: takes the text, in its order
 * @heap: for what is needed meanwhile
 * @error: why it failed
 *
 * Return: 0; -E2BIG if it becomes more than HBK_WASM_TRANSLATED_MAX, what the sink answered, or -ENOMEM.
 */
int hbk_wasm_translate(const struct hbk_wasm_translation *task, struct hbk_wasm_sink *sink,
		       struct hbk_wasm_heap *heap, struct hbk_wasm_error *error)
{
	struct hbk_wasm_translator *t = heap->allocate(heap, sizeof(*t));
	int err;

	if (!t)
		return hbk_wasm_error_failed(error, -ENOMEM);
	t->task = task;
	t->module = task->module;
	t->prefix = task->prefix;
	t->heap = heap;
	t->error = error;
	t->sink = sink;
	t->to = &t->head;
	err = allocate(t) ? translate(t) : hbk_wasm_error_failed(error, -ENOMEM);
	hbk_wasm_text_free(t, &t->head);
	hbk_wasm_text_free(t, &t->body);
	hbk_wasm_text_free(t, &t->loop);
	release(t);
	heap->release(heap, t, sizeof(*t));
	return err;
}
