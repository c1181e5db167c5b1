// SPDX-License-Identifier: GPL-2.0-only
#include "validate.h"
#include "body.h"
#include "parse.h"

/* What is charged at once runs at once: no function may keep others waiting for long. */
static int check_costs(const struct hbk_wasm_module *module, struct hbk_wasm_error *error)
{
	u32 i;

	for (i = 0; i < module->function_count; i++) {
		const struct hbk_wasm_function_def *function = &module->functions[i];

		if (function->cost > HBK_WASM_COST_MAX)
			return hbk_wasm_error_set(error, HBK_WASM_LIMIT, function->offset, i,
						  "too costly a function: %u instructions and operands moved, at most %u are allowed",
						  function->cost, HBK_WASM_COST_MAX);
	}
	return 0;
}

/**
 * hbk_wasm_validate() - parse a module and check it in full
 * @module: filled; hbk_wasm_module_free() gives back what it took
 * @bytes: of the module; they must stay, unchanged, for as long as the module is used
 * @size: of them
 * @forbidden: bits of enum hbk_wasm_feature that are refused by name, though they are supported
 * @heap: pays for the module, and is kept in it
 * @error: where the first fault is told, or NULL
 *
 * Context: as the heap: it may sleep if that may.
 * Return: 0; -ENOEXEC if it is malformed or invalid, -EOPNOTSUPP if it needs what is not supported or forbidden, -E2BIG
 * if it is past a limit, -ENOMEM, or what the heap's yield() answered. On a fault @module is empty.
 */
int hbk_wasm_validate(struct hbk_wasm_module *module, const u8 *bytes, size_t size, u32 forbidden,
		      struct hbk_wasm_heap *heap, struct hbk_wasm_error *error)
{
	int err;

	memset(module, 0, sizeof(*module));
	if (error)
		memset(error, 0, sizeof(*error));
	if (size > HBK_WASM_MODULE_MAX)
		return hbk_wasm_error_set(error, HBK_WASM_LIMIT, 0, HBK_WASM_NO_INDEX,
					  "module too large: %zu bytes, at most %u are allowed", size,
					  HBK_WASM_MODULE_MAX);
	module->bytes = bytes;
	module->size = size;
	module->heap = heap;
	err = hbk_wasm_module_parse(module, forbidden, error);
	if (!err)
		err = check_costs(module, error);
	if (err)
		hbk_wasm_module_free(module);
	return err;
}

static int visit(const struct hbk_wasm_module *module, u32 first, u32 end, struct hbk_wasm_visitor *visitor,
		 struct hbk_wasm_error *error)
{
	struct hbk_wasm_walk *walk;
	int err = 0;
	u32 i;

	walk = hbk_wasm_walk_new(module, error);
	if (!walk)
		return -ENOMEM;
	walk->visitor = visitor;
	for (i = first; !err && i < end; i++)
		err = hbk_wasm_walk_function(walk, i);
	hbk_wasm_walk_free(walk);
	return err;
}

/**
 * hbk_wasm_visit() - show all code of a module to a visitor
 * @module: validated
 * @visitor: whom
 * @error: told if the visit fails by itself: no memory, or the heap's yield()
 *
 * Return: 0, what ended the visit, or -ENOMEM.
 */
int hbk_wasm_visit(const struct hbk_wasm_module *module, struct hbk_wasm_visitor *visitor,
		   struct hbk_wasm_error *error)
{
	return visit(module, module->import_counts[HBK_WASM_KIND_FUNCTION], module->function_count, visitor, error);
}

/**
 * hbk_wasm_visit_function() - show the code of one function to a visitor
 * @module: validated
 * @function: its index; not an imported one
 * @visitor: whom
 * @error: told if the visit fails by itself: no memory, or the heap's yield()
 *
 * Return: 0, what ended the visit, or -ENOMEM.
 */
int hbk_wasm_visit_function(const struct hbk_wasm_module *module, u32 function, struct hbk_wasm_visitor *visitor,
			    struct hbk_wasm_error *error)
{
	return visit(module, function, function + 1, visitor, error);
}

/**
 * hbk_wasm_step_target() - read the next label of a br_table
 * @step: the br_table
 * @cursor: begins as step->targets; moved on
 *
 * Return: the label; to be called step->target_count times.
 */
u32 hbk_wasm_step_target(const struct hbk_wasm_step *step, u32 *cursor)
{
	struct hbk_wasm_reader reader = {
		.bytes = step->body->module->bytes,
		.at = *cursor,
		.end = step->next,
		.function = step->body->function,
	};
	u32 label = 0;

	hbk_wasm_read_u32(&reader, &label);
	*cursor = reader.at;
	return label;
}
