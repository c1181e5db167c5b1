// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instances: made of a validated module, called by the host, and calling one
 * another and the host.
 *
 * Context: process; instantiation allocates and may sleep. Calls sleep only
 * in what the host does when asked (yield, host functions, the heap).
 */

#include "instance.h"

#include "bulk.h"
#include "error.h"
#include "heap.h"
#include "module.h"
#include "opcode.h"

static const char * const trap_names[HBK_WASM_TRAP_COUNT] = {
	[HBK_WASM_TRAP_NONE] = "none",
	[HBK_WASM_TRAP_UNREACHABLE] = "unreachable",
	[HBK_WASM_TRAP_DIVIDE_BY_ZERO] = "integer divide by zero",
	[HBK_WASM_TRAP_INTEGER_OVERFLOW] = "integer overflow",
	[HBK_WASM_TRAP_INVALID_CONVERSION] = "invalid conversion to integer",
	[HBK_WASM_TRAP_MEMORY_BOUNDS] = "out of bounds memory access",
	[HBK_WASM_TRAP_TABLE_BOUNDS] = "out of bounds table access",
	[HBK_WASM_TRAP_UNDEFINED_ELEMENT] = "undefined element",
	[HBK_WASM_TRAP_UNINITIALIZED_ELEMENT] = "uninitialized element",
	[HBK_WASM_TRAP_INDIRECT_TYPE] = "indirect call type mismatch",
	[HBK_WASM_TRAP_STACK_EXHAUSTED] = "call stack exhausted",
	[HBK_WASM_TRAP_FUEL_EXHAUSTED] = "fuel exhausted",
	[HBK_WASM_TRAP_HOST] = "host error",
	[HBK_WASM_TRAP_EXIT] = "exit",
	[HBK_WASM_TRAP_INTERRUPTED] = "interrupted",
	[HBK_WASM_TRAP_POISONED] = "instance trapped before",
};

/**
 * hbk_wasm_trap_name() - what a trap is called
 * @trap: which
 */
const char *hbk_wasm_trap_name(enum hbk_wasm_trap trap)
{
	return (u32)trap < HBK_WASM_TRAP_COUNT ? trap_names[trap] : "unknown trap";
}

/**
 * hbk_wasm_type_equal() - are these the same signature?
 * @a: of one module
 * @b: of the same or of another one
 */
bool hbk_wasm_type_equal(const struct hbk_wasm_type *a, const struct hbk_wasm_type *b)
{
	return a == b || (a->param_count == b->param_count && a->result_count == b->result_count &&
			  !memcmp(a->params, b->params, a->param_count) &&
			  !memcmp(a->results, b->results, a->result_count));
}

/* Metering. */

static void set_fuel(struct hbk_wasm_instance *instance, u64 fuel)
{
	instance->slice = fuel < HBK_WASM_SLICE ? fuel : HBK_WASM_SLICE;
	instance->fuel = fuel - instance->slice;
}

/**
 * hbk_wasm_refill() - what hbk_wasm_charge() does when the slice is used up
 * @instance: who pays; its slice has been charged with @cost
 * @cost: units
 */
enum hbk_wasm_trap hbk_wasm_refill(struct hbk_wasm_instance *instance, u64 cost)
{
	u64 left = instance->fuel + (instance->slice + cost);

	if (left < cost) {
		set_fuel(instance, 0);
		return HBK_WASM_TRAP_FUEL_EXHAUSTED;
	}
	set_fuel(instance, left - cost);
	return instance->world->yield ? instance->world->yield(instance) : HBK_WASM_TRAP_NONE;
}

/**
 * hbk_wasm_pause() - leave the FPU section, if there is one
 * @instance: that runs
 *
 * Return: true if hbk_wasm_resume() is needed.
 */
bool hbk_wasm_pause(struct hbk_wasm_instance *instance)
{
	if (!instance->in_fpu)
		return false;
	instance->in_fpu = false;
	if (instance->world->fpu_end)
		instance->world->fpu_end(instance);
	return true;
}

/**
 * hbk_wasm_resume() - enter the FPU section (again)
 * @instance: that runs
 */
void hbk_wasm_resume(struct hbk_wasm_instance *instance)
{
	if (instance->world->fpu_begin)
		instance->world->fpu_begin(instance);
	instance->in_fpu = true;
}

/**
 * hbk_wasm_memory_measure() - the memory has another size than before
 * @instance: that has a memory
 */
void hbk_wasm_memory_measure(struct hbk_wasm_instance *instance)
{
	u64 size = instance->memory->size;
	u32 i;

	instance->memory_size = size;
	for (i = 0; i < 4; i++)
		instance->memory_starts[i] = size ? size + 1 - (1u << i) : 0;
	for (i = 0; i <= HBK_WASM_REACH_MAX; i++)
		instance->memory_last[i] = size ? size - i : 0;
}

/* Calls. */

static enum hbk_wasm_trap call_host(struct hbk_wasm_instance *caller,
				    const struct hbk_wasm_function *function, u64 *values)
{
	bool paused = hbk_wasm_pause(caller);
	enum hbk_wasm_trap trap = function->host(caller, function->data, values);

	if (paused)
		hbk_wasm_resume(caller);
	return trap;
}

/* One run goes on in another instance: its meter and its stacks go along. */
static void hand_over(struct hbk_wasm_instance *to, const struct hbk_wasm_instance *from)
{
	to->slice = from->slice;
	to->fuel = from->fuel;
	to->levels = from->levels;
	to->native_limit = from->native_limit;
	to->slots_end = from->slots_end;
	to->in_fpu = from->in_fpu;
}

static enum hbk_wasm_trap call_guest(struct hbk_wasm_instance *caller,
				     const struct hbk_wasm_function *function, u64 *values)
{
	struct hbk_wasm_instance *callee = function->instance;
	u64 *slots = callee->slots;
	enum hbk_wasm_trap trap;
	bool outside;

	if (callee != caller) {
		hand_over(callee, caller);
		callee->slots = caller->slots;
	}
	hbk_wasm_memory_reload(callee);
	outside = callee->uses_fpu && !callee->in_fpu;
	if (outside)
		hbk_wasm_resume(callee);
	trap = callee->backend->call(function, values);
	if (outside)
		hbk_wasm_pause(callee);
	if (callee != caller) {
		hand_over(caller, callee);
		callee->slots = slots;
		callee->trap = trap;
	}
	return trap;
}

/**
 * hbk_wasm_call_function() - call any function in the course of a run
 * @caller: the instance that runs: its fuel pays, its stacks are used
 * @function: to be called
 * @values: arguments, then results
 *
 * This is how a guest calls the host or another instance, and how a function
 * of the host calls back into the guest that called it.
 */
enum hbk_wasm_trap hbk_wasm_call_function(struct hbk_wasm_instance *caller,
					  const struct hbk_wasm_function *function, u64 *values)
{
	enum hbk_wasm_trap trap;

	if (function->kind == HBK_WASM_FUNCTION_HOST)
		trap = call_host(caller, function, values);
	else
		trap = call_guest(caller, function, values);
	hbk_wasm_memory_reload(caller);
	if (trap)
		caller->trap = trap;
	return trap;
}

static void begin_run(struct hbk_wasm_instance *instance, u64 fuel,
		      const struct hbk_wasm_stacks *stacks)
{
	set_fuel(instance, fuel);
	instance->levels = HBK_WASM_DEPTH_MAX;
	instance->trap = HBK_WASM_TRAP_NONE;
	instance->host_error = 0;
	instance->in_fpu = false;
	instance->native_limit = stacks->native_limit;
	instance->slots = stacks->slots;
	instance->slots_end = stacks->slots_end;
}

static __attribute__((__noinline__)) enum hbk_wasm_trap
call_in_fpu(struct hbk_wasm_instance *instance, const struct hbk_wasm_function *function, u64 *values)
{
	enum hbk_wasm_trap trap;

	hbk_wasm_resume(instance);
	trap = instance->backend->call(function, values);
	hbk_wasm_pause(instance);
	return trap;
}

/* The call that a run begins with: nothing is to be handed over, nor to be read again afterwards. */
static enum hbk_wasm_trap call_first(struct hbk_wasm_instance *instance,
				     const struct hbk_wasm_function *function, u64 *values)
{
	if (unlikely(function->kind == HBK_WASM_FUNCTION_HOST))
		return hbk_wasm_call_function(instance, function, values);
	hbk_wasm_memory_reload(instance);
	return instance->uses_fpu ? call_in_fpu(instance, function, values) :
				    instance->backend->call(function, values);
}

/**
 * hbk_wasm_invoke() - call a function from outside of any run
 * @function: of an instance that does not run just now
 * @values: arguments, then results: room for the longer of both
 * @fuel: that it may use
 * @stacks: to run on; the caller is on the native one already
 * @used: how much fuel was used; may be NULL
 *
 * Context: no FPU section; @function's instance is the caller's alone.
 * Return: HBK_WASM_TRAP_NONE, or the trap, which poisons the instance.
 */
enum hbk_wasm_trap hbk_wasm_invoke(const struct hbk_wasm_function *function, u64 *values, u64 fuel,
				   const struct hbk_wasm_stacks *stacks, u64 *used)
{
	struct hbk_wasm_instance *instance = function->instance;
	enum hbk_wasm_trap trap;

	if (instance->poisoned)
		return HBK_WASM_TRAP_POISONED;
	begin_run(instance, fuel, stacks);
	trap = call_first(instance, function, values);
	if (used)
		*used = fuel - (instance->fuel + instance->slice);
	if (unlikely(trap)) {
		instance->trap = trap;
		instance->poisoned = true;
	}
	return trap;
}

/* Making an instance. */

static u64 constant_value(const struct hbk_wasm_instance *instance,
			  const struct hbk_wasm_constant *constant)
{
	switch (constant->op) {
	case HBK_WASM_OP_GLOBAL_GET:
		return *instance->globals[constant->bits];
	case HBK_WASM_OP_REF_FUNC:
		return hbk_wasm_function_ref(instance, constant->bits);
	case HBK_WASM_OP_REF_NULL:
		return 0;
	default:
		return constant->bits;
	}
}

static bool letter_is_type(char letter, u8 type)
{
	switch (letter) {
	case 'i':
		return type == HBK_WASM_I32;
	case 'I':
		return type == HBK_WASM_I64;
	case 'f':
		return type == HBK_WASM_F32;
	case 'F':
		return type == HBK_WASM_F64;
	default:
		return false;
	}
}

/**
 * hbk_wasm_signature_matches() - is a function of this type what a host declares so?
 * @signature: see struct hbk_wasm_extern
 * @type: what a module wants
 */
bool hbk_wasm_signature_matches(const char *signature, const struct hbk_wasm_type *type)
{
	u32 i;

	if (*signature == 'v') {
		if (type->result_count)
			return false;
	} else if (type->result_count != 1 || !letter_is_type(*signature, type->results[0])) {
		return false;
	}
	if (*++signature != '(')
		return false;
	for (i = 0; i < type->param_count; i++)
		if (!letter_is_type(*++signature, type->params[i]))
			return false;
	return *++signature == ')';
}

static bool limits_match(const struct hbk_wasm_limits *wanted, u32 size, bool has_max, u32 max)
{
	if (size < wanted->minimum)
		return false;
	return !wanted->bounded || (has_max && max <= wanted->maximum);
}

static bool bind_function(struct hbk_wasm_instance *instance, u32 index,
			  const struct hbk_wasm_extern *found)
{
	const struct hbk_wasm_type *type = hbk_wasm_function_type(instance->module, index);
	struct hbk_wasm_function *function = &instance->functions[index];

	if (found->function) {
		*function = *found->function;
		return hbk_wasm_type_equal(function->type, type);
	}
	function->type = type;
	function->instance = instance;
	function->host = found->host;
	function->data = found->data;
	function->index = index;
	function->kind = HBK_WASM_FUNCTION_HOST;
	return hbk_wasm_signature_matches(found->signature, type);
}

static bool bind_table(struct hbk_wasm_instance *instance, u32 index,
		       const struct hbk_wasm_extern *found)
{
	const struct hbk_wasm_table_def *wanted = &instance->module->tables[index];
	struct hbk_wasm_table *table = found->table;

	instance->tables[index] = table;
	return table->type == wanted->type &&
	       limits_match(&wanted->limits, table->size, table->has_max, table->declared_max);
}

static bool bind_memory(struct hbk_wasm_instance *instance, u32 index,
			const struct hbk_wasm_extern *found)
{
	const struct hbk_wasm_memory_def *wanted = &instance->module->memories[index];
	struct hbk_wasm_memory *memory = found->memory;

	instance->memory = memory;
	return limits_match(&wanted->limits, memory->pages, memory->has_max, memory->declared_max);
}

static bool bind_global(struct hbk_wasm_instance *instance, u32 index,
			const struct hbk_wasm_extern *found)
{
	const struct hbk_wasm_global_def *wanted = &instance->module->globals[index];

	instance->globals[index] = found->global;
	return found->global_type == wanted->type && found->global_mutable == wanted->mutable;
}

static bool (* const binders[HBK_WASM_KIND_COUNT])(struct hbk_wasm_instance *instance, u32 index,
						    const struct hbk_wasm_extern *found) = {
	[HBK_WASM_KIND_FUNCTION] = bind_function,
	[HBK_WASM_KIND_TABLE] = bind_table,
	[HBK_WASM_KIND_MEMORY] = bind_memory,
	[HBK_WASM_KIND_GLOBAL] = bind_global,
};

static int refuse_import(struct hbk_wasm_error *error, const char *why,
			 const struct hbk_wasm_import *import)
{
	return hbk_wasm_error_set(error, HBK_WASM_INVALID, 0, HBK_WASM_NO_INDEX,
				  "%s: %s \"%.*s\" \"%.*s\"", why, hbk_wasm_kind_name(import->kind),
				  (int)(import->module.length < 64 ? import->module.length : 64),
				  import->module.text,
				  (int)(import->name.length < 64 ? import->name.length : 64),
				  import->name.text);
}

static int bind_imports(struct hbk_wasm_instance *instance, const struct hbk_wasm_plan *plan,
			struct hbk_wasm_error *error)
{
	const struct hbk_wasm_module *module = instance->module;
	u32 i;

	for (i = 0; i < module->import_count; i++) {
		const struct hbk_wasm_import *import = &module->imports[i];
		struct hbk_wasm_extern found = {};

		if (!plan->resolve || !plan->resolve(plan->context, import, &found))
			return refuse_import(error, "unknown import", import);
		if (found.kind != import->kind ||
		    !binders[import->kind](instance, import->index, &found))
			return refuse_import(error, "incompatible import type", import);
	}
	return 0;
}

static void define_functions(struct hbk_wasm_instance *instance)
{
	const struct hbk_wasm_module *module = instance->module;
	u32 i;

	for (i = module->import_counts[HBK_WASM_KIND_FUNCTION]; i < module->function_count; i++) {
		struct hbk_wasm_function *function = &instance->functions[i];

		function->type = hbk_wasm_function_type(module, i);
		function->instance = instance;
		function->index = i;
		function->kind = instance->backend->kind;
	}
	instance->backend->bind(instance);
}

static void define_globals(struct hbk_wasm_instance *instance)
{
	const struct hbk_wasm_module *module = instance->module;
	u32 i;

	for (i = module->import_counts[HBK_WASM_KIND_GLOBAL]; i < module->global_count; i++) {
		instance->own_globals[i] = constant_value(instance, &module->globals[i].value);
		instance->globals[i] = &instance->own_globals[i];
	}
}

static int define_tables(struct hbk_wasm_instance *instance)
{
	const struct hbk_wasm_module *module = instance->module;
	struct hbk_wasm_heap *heap = instance->heap;
	u32 i;

	for (i = module->import_counts[HBK_WASM_KIND_TABLE]; i < module->table_count; i++) {
		const struct hbk_wasm_table_def *def = &module->tables[i];
		struct hbk_wasm_table *table = &instance->own_tables[i];

		table->heap = heap;
		table->type = def->type;
		table->has_max = def->limits.bounded;
		table->declared_max = def->limits.maximum;
		table->max = def->limits.maximum < HBK_WASM_TABLE_SIZE_MAX ?
				     def->limits.maximum : HBK_WASM_TABLE_SIZE_MAX;
		instance->tables[i] = table;
		if (!def->limits.minimum)
			continue;
		table->entries = heap->allocate(heap, def->limits.minimum * sizeof(u64));
		if (!table->entries)
			return -ENOMEM;
		table->size = def->limits.minimum;
		table->capacity = table->size;
	}
	return 0;
}

static int define_memory(struct hbk_wasm_instance *instance, u32 max_pages,
			 struct hbk_wasm_error *error)
{
	const struct hbk_wasm_module *module = instance->module;
	struct hbk_wasm_memory *memory = &instance->own_memory;
	const struct hbk_wasm_limits *limits;

	if (module->memory_count == module->import_counts[HBK_WASM_KIND_MEMORY])
		return 0;
	limits = &module->memories[0].limits;
	if (!max_pages)
		max_pages = HBK_WASM_MEMORY_PAGES_MAX;
	if (limits->minimum > max_pages)
		return hbk_wasm_error_set(error, HBK_WASM_LIMIT, 0, HBK_WASM_NO_INDEX,
					  "the memory begins with %u pages; at most %u are allowed",
					  limits->minimum, max_pages);
	memory->heap = instance->heap;
	memory->has_max = limits->bounded;
	memory->declared_max = limits->maximum;
	memory->max_pages = limits->bounded && limits->maximum < max_pages ? limits->maximum : max_pages;
	instance->memory = memory;
	if (!limits->minimum)
		return 0;
	memory->capacity = (u64)limits->minimum * HBK_WASM_PAGE_SIZE;
	memory->base = memory->heap->allocate(memory->heap, memory->capacity);
	if (!memory->base) {
		memory->capacity = 0;
		return hbk_wasm_error_failed(error, -ENOMEM);
	}
	memory->size = memory->capacity;
	memory->pages = limits->minimum;
	return 0;
}

/* The arrays of an instance: as many entries as the module's index spaces have. */
#define INSTANCE_ARRAYS(each)							\
	each(functions, function_count)						\
	each(tags, type_count)							\
	each(globals, global_count)						\
	each(own_globals, global_count)						\
	each(tables, table_count)						\
	each(own_tables, table_count)						\
	each(dropped_data, data_segment_count)					\
	each(dropped_elements, element_segment_count)

static int allocate_arrays(struct hbk_wasm_instance *instance)
{
	const struct hbk_wasm_module *module = instance->module;
	struct hbk_wasm_heap *heap = instance->heap;

#define ALLOCATE(field, count)							\
	if (module->count) {							\
		instance->field = heap->allocate(heap, module->count *		\
						       sizeof(*instance->field)); \
		if (!instance->field)						\
			return -ENOMEM;						\
	}
	INSTANCE_ARRAYS(ALLOCATE)
#undef ALLOCATE
	return 0;
}

static void release_arrays(struct hbk_wasm_instance *instance)
{
	const struct hbk_wasm_module *module = instance->module;
	struct hbk_wasm_heap *heap = instance->heap;

#define RELEASE(field, count)							\
	heap->release(heap, instance->field, module->count * sizeof(*instance->field));
	INSTANCE_ARRAYS(RELEASE)
#undef RELEASE
}

static const struct hbk_wasm_world empty_world;

/**
 * hbk_wasm_instance_new() - make an instance, but run nothing of it yet
 * @plan: how
 * @error: why not
 *
 * hbk_wasm_instance_start() has to be called before anything else.
 *
 * Return: the instance, or NULL with @error filled in.
 */
struct hbk_wasm_instance *hbk_wasm_instance_new(const struct hbk_wasm_plan *plan,
						struct hbk_wasm_error *error)
{
	struct hbk_wasm_heap *heap = plan->heap;
	struct hbk_wasm_instance *instance = heap->allocate(heap, sizeof(*instance));
	int err;

	if (!instance) {
		hbk_wasm_error_failed(error, -ENOMEM);
		return NULL;
	}
	instance->heap = heap;
	instance->module = plan->module;
	instance->backend = plan->backend;
	instance->uses_fpu = plan->backend->uses_fpu && plan->module->features & HBK_WASM_FLOATS;
	instance->code = plan->code;
	instance->world = plan->world ? plan->world : &empty_world;
	instance->host = plan->host;

	err = allocate_arrays(instance);
	if (err)
		goto err_failed;
	err = bind_imports(instance, plan, error);
	if (err)
		goto err_free;
	define_functions(instance);
	define_globals(instance);
	err = define_tables(instance);
	if (err)
		goto err_failed;
	err = define_memory(instance, plan->max_pages, error);
	if (err)
		goto err_free;
	hbk_wasm_memory_reload(instance);
	return instance;

err_failed:
	hbk_wasm_error_failed(error, err);
err_free:
	hbk_wasm_instance_free(instance);
	return NULL;
}

/**
 * hbk_wasm_instance_free() - the end of an instance
 * @instance: that nothing runs in, nor will; may be NULL
 */
void hbk_wasm_instance_free(struct hbk_wasm_instance *instance)
{
	struct hbk_wasm_heap *heap;
	u32 i;

	if (!instance)
		return;
	heap = instance->heap;
	heap->release(heap, instance->own_memory.base, instance->own_memory.capacity);
	for (i = 0; instance->own_tables && i < instance->module->table_count; i++)
		heap->release(heap, instance->own_tables[i].entries,
			      instance->own_tables[i].capacity * sizeof(u64));
	release_arrays(instance);
	heap->release(heap, instance, sizeof(*instance));
}

static enum hbk_wasm_trap copy_elements(struct hbk_wasm_instance *instance, u32 index)
{
	const struct hbk_wasm_element_segment *segment = &instance->module->element_segments[index];
	enum hbk_wasm_trap trap = HBK_WASM_TRAP_NONE;

	if (segment->mode == HBK_WASM_PASSIVE)
		return HBK_WASM_TRAP_NONE;
	if (segment->mode == HBK_WASM_ACTIVE)
		trap = hbk_wasm_table_init(instance, segment->table, index,
					   constant_value(instance, &segment->offset), 0,
					   segment->count);
	hbk_wasm_element_drop(instance, index);
	return trap;
}

static enum hbk_wasm_trap copy_data(struct hbk_wasm_instance *instance, u32 index)
{
	const struct hbk_wasm_data_segment *segment = &instance->module->data_segments[index];
	enum hbk_wasm_trap trap;

	if (segment->mode != HBK_WASM_ACTIVE)
		return HBK_WASM_TRAP_NONE;
	trap = hbk_wasm_memory_init(instance, index, constant_value(instance, &segment->offset), 0,
				    segment->length);
	hbk_wasm_data_drop(instance, index);
	return trap;
}

static enum hbk_wasm_trap start(struct hbk_wasm_instance *instance)
{
	const struct hbk_wasm_module *module = instance->module;
	enum hbk_wasm_trap trap = HBK_WASM_TRAP_NONE;
	u64 none;
	u32 i;

	for (i = 0; !trap && i < module->element_segment_count; i++)
		trap = copy_elements(instance, i);
	for (i = 0; !trap && i < module->data_segment_count; i++)
		trap = copy_data(instance, i);
	if (!trap && module->start != HBK_WASM_NO_INDEX)
		trap = hbk_wasm_call_function(instance, &instance->functions[module->start], &none);
	return trap;
}

/**
 * hbk_wasm_instance_start() - fill memory and tables, run the start function
 * @instance: new
 * @fuel: that it may use
 * @stacks: as for hbk_wasm_invoke()
 *
 * Return: HBK_WASM_TRAP_NONE, or why the instance is good for nothing.
 */
enum hbk_wasm_trap hbk_wasm_instance_start(struct hbk_wasm_instance *instance, u64 fuel,
					   const struct hbk_wasm_stacks *stacks)
{
	enum hbk_wasm_trap trap;

	begin_run(instance, fuel, stacks);
	trap = start(instance);
	instance->trap = trap;
	instance->poisoned = trap != HBK_WASM_TRAP_NONE;
	return trap;
}

/* Exports. */

static bool describe_export(struct hbk_wasm_instance *instance, const struct hbk_wasm_export *export,
			    struct hbk_wasm_extern *found)
{
	memset(found, 0, sizeof(*found));
	found->kind = export->kind;
	switch (export->kind) {
	case HBK_WASM_KIND_FUNCTION:
		found->function = &instance->functions[export->index];
		return true;
	case HBK_WASM_KIND_TABLE:
		found->table = instance->tables[export->index];
		return true;
	case HBK_WASM_KIND_MEMORY:
		found->memory = instance->memory;
		return true;
	case HBK_WASM_KIND_GLOBAL:
		found->global = instance->globals[export->index];
		found->global_type = instance->module->globals[export->index].type;
		found->global_mutable = instance->module->globals[export->index].mutable;
		return true;
	default:
		return false;
	}
}

/**
 * hbk_wasm_instance_export() - what an instance exports by a name
 * @instance: whose
 * @name: not NUL-terminated
 * @length: of it
 * @found: filled in; fit to be what an import of another instance is resolved to
 */
bool hbk_wasm_instance_export(struct hbk_wasm_instance *instance, const char *name, u32 length,
			      struct hbk_wasm_extern *found)
{
	const struct hbk_wasm_export *export = hbk_wasm_export_find(instance->module, name, length);

	return export && describe_export(instance, export, found);
}

/**
 * hbk_wasm_instance_function() - an exported function
 * @instance: whose
 * @name: NUL-terminated
 *
 * Return: the function, as long as the instance lives, or NULL.
 */
const struct hbk_wasm_function *hbk_wasm_instance_function(const struct hbk_wasm_instance *instance,
							   const char *name)
{
	const struct hbk_wasm_export *export =
		hbk_wasm_export_find(instance->module, name, strlen(name));

	if (!export || export->kind != HBK_WASM_KIND_FUNCTION)
		return NULL;
	return &instance->functions[export->index];
}
