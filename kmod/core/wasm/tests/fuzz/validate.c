// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "../../tool/tool.h"

volatile u64 fuzz_sink;	/* keeps the reads from being optimised away */

/* Reads all that a visitor may, and counts again what the validator noted. */
struct looker {
	struct hbk_wasm_visitor visitor;
	u32 instructions;
	u32 loops;
	bool moves;	/* some of them move more than one operand, and are charged for each */
};

static void look_at_table(const struct hbk_wasm_step *step)
{
	u32 i, cursor = step->targets;

	for (i = 0; i < step->target_count; i++)
		fuzz_sink += hbk_wasm_step_frame(step, hbk_wasm_step_target(step, &cursor))->height;
	fuzz_sink += hbk_wasm_step_frame(step, step->index)->height;
}

static int look_at_instruction(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_step *step)
{
	struct looker *looker = (struct looker *)visitor;
	const struct hbk_wasm_module *module = step->body->module;
	const struct hbk_wasm_frame *frame = hbk_wasm_step_frame(step, 0);
	u32 i;

	looker->instructions++;
	looker->moves |= frame->param_count > 1 || frame->result_count > 1;
	for (i = 0; i < step->after; i++)
		fuzz_sink += step->stack[i];
	if (step->op == HBK_WASM_OP_BR_TABLE)
		look_at_table(step);
	if (step->op != HBK_WASM_OP_LOOP)
		return 0;
	if (hbk_wasm_loop_cost(module, step->body->function, step->offset) !=
	    module->loops[frame->loop].cost)
		abort();
	looker->loops++;
	return 0;
}

static int look_at_end(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_body *body)
{
	struct looker *looker = (struct looker *)visitor;
	const struct hbk_wasm_function_def *function = &body->module->functions[body->function];
	u32 cost = looker->instructions + function->local_count / HBK_WASM_FUEL_BULK;

	if (looker->loops != function->loop_count || cost > function->cost ||
	    (cost < function->cost && !looker->moves))
		abort();
	looker->instructions = 0;
	looker->loops = 0;
	looker->moves = false;
	return 0;
}

static void look_at(const struct hbk_wasm_module *module)
{
	struct looker looker = {
		.visitor = { .instruction = look_at_instruction, .function_end = look_at_end },
	};
	struct hbk_wasm_name name = { 0 };
	u32 i;

	if (hbk_wasm_visit(module, &looker.visitor, NULL))
		abort();
	for (i = 0; i < module->export_count; i++) {
		name = module->exports[i].name;
		if (hbk_wasm_export_find(module, name.text, name.length) != &module->exports[i])
			abort();
	}
	if (module->function_count && hbk_wasm_function_name(module, module->function_count - 1, &name))
		fuzz_sink += name.length;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	struct hbk_wasm_module module;
	struct hbk_wasm_error error;
	struct tool_heap heap;

	tool_heap_init(&heap);
	if (!hbk_wasm_validate(&module, data, length, 0, &heap.heap, &error)) {
		look_at(&module);
		hbk_wasm_module_free(&module);
	} else if (error.refusal == HBK_WASM_ACCEPTED || error.offset > length) {
		abort();
	}
	if (heap.used)
		abort();
	return 0;
}
