// SPDX-License-Identifier: GPL-2.0-only
/* Compiled guests as a backend, and what their code calls out of line. */
#include "compiled.h"

/**
 * hbk_wasm_compiled_cost() - what struct hbk_wasm_compiled has as its cost
 * @module: validated
 */
u64 hbk_wasm_compiled_cost(const struct hbk_wasm_module *module)
{
	u64 cost = 0;
	u32 i;

	for (i = 0; i < module->function_count; i++)
		cost += module->functions[i].cost;
	for (i = 0; i < module->loop_count; i++)
		cost += module->loops[i].cost;
	return cost;
}

/**
 * hbk_wasm_compiled_fits() - whether a compiled guest can stand in for a module
 * @compiled: the guest; its SHA-256 is that of the module's bytes
 * @module: validated
 */
bool hbk_wasm_compiled_fits(const struct hbk_wasm_compiled *compiled, const struct hbk_wasm_module *module)
{
	return compiled->instance_size == sizeof(struct hbk_wasm_instance) &&
	       compiled->function_count == module->function_count - module->import_counts[HBK_WASM_KIND_FUNCTION] &&
	       compiled->cost == hbk_wasm_compiled_cost(module) &&
	       compiled->floats == !!(module->features & HBK_WASM_FLOATS);
}

static const struct hbk_wasm_compiled_function *
compiled_function(const struct hbk_wasm_instance *instance, u32 index)
{
	const struct hbk_wasm_compiled *compiled = instance->code;

	return &compiled->functions[index - instance->module->import_counts[HBK_WASM_KIND_FUNCTION]];
}

static void compiled_bind_one(struct hbk_wasm_instance *instance, u32 index)
{
	struct hbk_wasm_function *function = &instance->functions[index];

	function->code = compiled_function(instance, index)->native;
	function->enter = compiled_function(instance, index)->enter;
	function->tag = &instance->tags[function->type->canonical];
}

static void compiled_bind(struct hbk_wasm_instance *instance)
{
	u32 i;

	for (i = instance->module->import_counts[HBK_WASM_KIND_FUNCTION]; i < instance->module->function_count; i++)
		compiled_bind_one(instance, i);
}

static enum hbk_wasm_trap compiled_call(const struct hbk_wasm_function *function, u64 *values)
{
	struct hbk_wasm_instance *instance = function->instance;

	instance->trap = HBK_WASM_TRAP_NONE;
	function->enter(instance, function->code, values);
	return instance->trap;
}

const struct hbk_wasm_backend hbk_wasm_compiled_integers = {
	.name = "compiled",
	.kind = HBK_WASM_FUNCTION_COMPILED,
	.bind = compiled_bind,
	.call = compiled_call,
};

const struct hbk_wasm_backend hbk_wasm_compiled_floats = {
	.name = "compiled",
	.kind = HBK_WASM_FUNCTION_COMPILED,
	.uses_fpu = true,
	.bind = compiled_bind,
	.call = compiled_call,
};

/**
 * hbk_compiled_enter_slow() - why a function could not simply begin
 * @instance: who runs
 * @cost: of the function
 * @counted: it was counted as a call in progress
 *
 * Either there is no more stack for it, or it has used the slice up. In the latter case it may begin again, and pay
 * again.
 *
 * Return: true if the guest is to be stopped.
 */
bool hbk_compiled_enter_slow(struct hbk_wasm_instance *instance, u64 cost, bool counted)
{
	instance->levels += counted;
	if (instance->slice >= 0)
		return hbk_compiled_stop(instance, HBK_WASM_TRAP_STACK_EXHAUSTED);
	if (hbk_compiled_refill(instance, cost))
		return true;
	instance->slice += cost;
	return false;
}

/**
 * hbk_compiled_refill() - the slice is used up: have a new one, or stop
 * @instance: who runs
 * @cost: what made it run out
 *
 * Return: true if the guest is to be stopped.
 */
bool hbk_compiled_refill(struct hbk_wasm_instance *instance, u64 cost)
{
	return hbk_compiled_stop(instance, hbk_wasm_refill(instance, cost));
}

/**
 * hbk_compiled_spend_less() - pay for one round of a loop instead of several
 * @instance: who runs
 * @spent: what was paid for several, which was too much
 * @cost: of one
 *
 * Return: true if the guest is to be stopped.
 */
bool hbk_compiled_spend_less(struct hbk_wasm_instance *instance, u64 spent, u64 cost)
{
	instance->slice += spent;
	return hbk_compiled_charge(instance, cost);
}

/**
 * hbk_compiled_call() - calls what is not this guest's own code
 * @instance: the caller
 * @function: an imported function
 * @values: arguments, then results
 *
 * Return: true if there was a trap.
 */
bool hbk_compiled_call(struct hbk_wasm_instance *instance, const struct hbk_wasm_function *function, u64 *values)
{
	return hbk_compiled_stop(instance, hbk_wasm_call_function(instance, function, values));
}

/**
 * hbk_compiled_call_indirect() - what hbk_compiled_native() did not take on
 * @instance: the caller
 * @table: index of the table
 * @type: index of the expected type
 * @index: of the entry
 * @values: arguments, then results
 *
 * Return: true if there was a trap.
 */
bool hbk_compiled_call_indirect(struct hbk_wasm_instance *instance, u32 table, u32 type, u32 index, u64 *values)
{
	const struct hbk_wasm_type *expected = &instance->module->types[type];
	enum hbk_wasm_trap trap = HBK_WASM_TRAP_NONE;
	const struct hbk_wasm_function *function;

	function = hbk_wasm_table_function(instance, table, expected, index, &trap);
	if (!function)
		return hbk_compiled_stop(instance, trap);
	return hbk_compiled_call(instance, function, values);
}
