// SPDX-License-Identifier: GPL-2.0-only
#include "module.h"
#include "reader.h"

static const char *const feature_names[HBK_WASM_FEATURE_COUNT] = {
	"floats", "sign extension", "saturating conversions", "bulk memory", "multi-value", "reference types",
	"mutable globals",
};

/**
 * hbk_wasm_feature_name() - what a feature is called
 * @feature: one bit of enum hbk_wasm_feature
 *
 * Return: "floats", "bulk memory" and so on.
 */
const char *hbk_wasm_feature_name(enum hbk_wasm_feature feature)
{
	u32 i;

	for (i = 0; i < HBK_WASM_FEATURE_COUNT; i++) {
		if (feature == 1u << i)
			return feature_names[i];
	}
	return "unknown feature";
}

/**
 * hbk_wasm_kind_name() - what a kind of import or export is called
 * @kind: enum hbk_wasm_kind
 *
 * Return: "function", "table", "memory" or "global".
 */
const char *hbk_wasm_kind_name(u8 kind)
{
	static const char *const names[HBK_WASM_KIND_COUNT] = { "function", "table", "memory", "global" };

	return kind < HBK_WASM_KIND_COUNT ? names[kind] : "unknown kind";
}

/**
 * hbk_wasm_value_type_name() - what a type of values is called
 * @type: enum hbk_wasm_value_type
 *
 * Return: "i32" and so on, "any" of what cannot be reached.
 */
const char *hbk_wasm_value_type_name(u8 type)
{
	switch (type) {
	case HBK_WASM_ANY:
		return "any";
	case HBK_WASM_I32:
		return "i32";
	case HBK_WASM_I64:
		return "i64";
	case HBK_WASM_F32:
		return "f32";
	case HBK_WASM_F64:
		return "f64";
	case HBK_WASM_V128:
		return "v128";
	case HBK_WASM_FUNCREF:
		return "funcref";
	case HBK_WASM_EXTERNREF:
		return "externref";
	default:
		return "unknown type";
	}
}

/**
 * hbk_wasm_module_free() - give back what a module took
 * @module: filled by hbk_wasm_validate(), also if that failed; empty afterwards
 */
void hbk_wasm_module_free(struct hbk_wasm_module *module)
{
	struct hbk_wasm_heap *heap = module->heap;

	if (!heap)
		return;
#define FREE(array, room) heap->release(heap, module->array, sizeof(*module->array) * module->room)
	FREE(types, room_types);
	FREE(imports, room_imports);
	FREE(functions, room_functions);
	FREE(tables, room_tables);
	FREE(memories, room_memories);
	FREE(globals, room_globals);
	FREE(exports, room_exports);
	FREE(sorted_exports, room_exports);
	FREE(element_segments, room_element_segments);
	FREE(elements, room_elements);
	FREE(data_segments, room_data_segments);
	FREE(loops, room_loops);
#undef FREE
	memset(module, 0, sizeof(*module));
}

/**
 * hbk_wasm_name_compare() - order names
 * @a: a name
 * @b: another one
 *
 * Return: below, equal to or above zero, as memcmp(); a prefix comes first.
 */
int hbk_wasm_name_compare(const struct hbk_wasm_name *a, const struct hbk_wasm_name *b)
{
	u32 shorter = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->text, b->text, shorter);

	if (order || a->length == b->length)
		return order;
	return a->length < b->length ? -1 : 1;
}

/**
 * hbk_wasm_export_find() - look an export up
 * @module: validated
 * @name: of the export
 * @length: of its name, in bytes
 *
 * Return: the export, or NULL if there is none of that name.
 */
const struct hbk_wasm_export *hbk_wasm_export_find(const struct hbk_wasm_module *module, const char *name,
						   size_t length)
{
	struct hbk_wasm_name wanted = { name, length };
	u32 low = 0, high = module->export_count;

	if (length > HBK_WASM_NAME_MAX)
		return NULL;
	while (low < high) {
		u32 middle = low + (high - low) / 2;
		const struct hbk_wasm_export *export = &module->exports[module->sorted_exports[middle]];
		int order = hbk_wasm_name_compare(&wanted, &export->name);

		if (!order)
			return export;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/**
 * hbk_wasm_loop_cost() - what one more round of a loop costs
 * @module: validated
 * @function: that the loop is in
 * @offset: of the loop's opcode, from the module's beginning
 *
 * Return: the instructions of its body, its `end` included; 0 if no loop begins there.
 */
u32 hbk_wasm_loop_cost(const struct hbk_wasm_module *module, u32 function, u32 offset)
{
	u32 low = module->functions[function].first_loop;
	u32 high = low + module->functions[function].loop_count;

	while (low < high) {
		u32 middle = low + (high - low) / 2;
		const struct hbk_wasm_loop *loop = &module->loops[middle];

		if (loop->offset == offset)
			return loop->cost;
		if (loop->offset < offset)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

/* Finds the subsection of function names; the name section is not part of what was validated. */
static bool find_function_names(struct hbk_wasm_reader *reader)
{
	const u8 *skipped;
	u32 size = 0;
	u8 id = 0;

	while (hbk_wasm_reader_left(reader)) {
		if (hbk_wasm_read_u8(reader, &id) || hbk_wasm_read_u32(reader, &size))
			return false;
		if (size > hbk_wasm_reader_left(reader))
			return false;
		if (id == 1) {
			reader->end = reader->at + size;
			return true;
		}
		if (hbk_wasm_read_bytes(reader, size, &skipped))
			return false;
	}
	return false;
}

/**
 * hbk_wasm_function_name() - what the module's author called a function
 * @module: validated
 * @function: its index
 * @name: filled if there is one
 *
 * Return: true if there is one. It is UTF-8, and may be anything else.
 */
bool hbk_wasm_function_name(const struct hbk_wasm_module *module, u32 function, struct hbk_wasm_name *name)
{
	struct hbk_wasm_reader reader = { .bytes = module->bytes, .function = HBK_WASM_NO_INDEX };
	u32 i, count = 0, index = 0;

	if (!module->names.length)
		return false;
	reader.at = (const u8 *)module->names.text - module->bytes;
	reader.end = reader.at + module->names.length;
	if (!find_function_names(&reader) || hbk_wasm_read_u32(&reader, &count))
		return false;
	for (i = 0; i < count; i++) {
		if (hbk_wasm_read_u32(&reader, &index) || hbk_wasm_read_name(&reader, name))
			return false;
		if (index == function)
			return true;
	}
	return false;
}
