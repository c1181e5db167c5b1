// SPDX-License-Identifier: GPL-2.0-only
#include "engine.h"

#include <stdlib.h>

#include "../../wasm/interp.h"
#include "../../wasm/validate.h"
#include "link.h"

#define STACK	(4u << 20)	/* bytes of native stack; the sanitizers' frames are large */
#define SLOTS	131072		/* of the interpreter's stack */
#define PAGES	256		/* of a guest's memory, as in the kernel */

static u64 slots[SLOTS];

static struct tool_heap *heap_of(struct hbk_wasm_heap *heap)
{
	return (struct tool_heap *)heap;	/* it is the first member */
}

static bool may_allocate(struct tool_heap *heap)
{
	if (!heap->left)
		return false;
	if (heap->left > 0)
		heap->left--;
	return true;
}

static void *heap_allocate(struct hbk_wasm_heap *heap, size_t size)
{
	void *memory = may_allocate(heap_of(heap)) ? calloc(1, size) : NULL;

	if (memory)
		heap_of(heap)->used += size;
	return memory;
}

static void *heap_resize(struct hbk_wasm_heap *heap, void *memory, size_t old_size, size_t new_size)
{
	memory = may_allocate(heap_of(heap)) ? realloc(memory, new_size) : NULL;
	if (!memory)
		return NULL;
	if (new_size > old_size)
		memset((u8 *)memory + old_size, 0, new_size - old_size);
	heap_of(heap)->used += new_size - old_size;
	return memory;
}

static void heap_release(struct hbk_wasm_heap *heap, void *memory, size_t size)
{
	if (!memory)
		return;
	free(memory);
	heap_of(heap)->used -= size;
}

/**
 * tool_heap_init() - make a heap of malloc()
 * @heap: the heap
 */
void tool_heap_init(struct tool_heap *heap)
{
	*heap = (struct tool_heap){
		.heap = { .allocate = heap_allocate, .resize = heap_resize, .release = heap_release },
		.left = -1,
	};
}

static const struct hbk_wasm_stacks *stacks_from_here(void)
{
	static struct hbk_wasm_stacks stacks;

	stacks.native_limit = (const u8 *)__builtin_frame_address(0) - STACK;
	stacks.slots = slots;
	stacks.slots_end = slots + SLOTS;
	return &stacks;
}

enum hbk_wasm_trap tool_call(struct hbk_vm *vm, u32 function, u64 *values, u64 budget)
{
	return hbk_wasm_invoke(&vm->core->functions[function], values, budget, stacks_from_here(), NULL);
}

void *tool_memory(const struct hbk_wasm_instance *core, u32 offset, u32 length)
{
	const struct hbk_wasm_memory *memory = core->memory;

	if (!memory || length > memory->size || offset > memory->size - length)
		return NULL;
	return memory->base + offset;
}

static struct hbk_wasm_instance *instance_new(struct tool_engine *tool, struct hbk_vm *vm,
					      struct hbk_wasm_error *error)
{
	struct hbk_wasm_plan plan = {
		.module = &tool->module,
		.backend = &hbk_wasm_interp,
		.code = tool->code,
		.heap = &tool->heap.heap,
		.resolve = tool_resolve,
		.host = vm,
		.max_pages = PAGES,
	};

	return hbk_wasm_instance_new(&plan, error);
}

enum hbk_wasm_trap tool_make(const struct hbk_trial_engine *engine, struct hbk_vm *vm)
{
	struct hbk_wasm_error error;
	enum hbk_wasm_trap trap;

	vm->core = instance_new((struct tool_engine *)engine, vm, &error);
	if (!vm->core)
		return HBK_WASM_TRAP_HOST;
	trap = hbk_wasm_instance_start(vm->core, HBK_PROXY_START_BUDGET, stacks_from_here());
	if (trap)
		tool_destroy(engine, vm);
	return trap;
}

void tool_destroy(const struct hbk_trial_engine *engine, struct hbk_vm *vm)
{
	(void)engine;
	hbk_wasm_instance_free(vm->core);
	vm->core = NULL;
}

/* Links once, so that it is told what the module imports that there is not. */
static int try_link(struct tool_engine *tool, struct hbk_wasm_error *error)
{
	struct hbk_wasm_instance *instance = instance_new(tool, NULL, error);

	if (!instance)
		return -ENOENT;
	hbk_wasm_instance_free(instance);
	return 0;
}

/**
 * tool_engine_open() - validate a module and make it ready to run
 * @tool: filled
 * @bytes: of the module
 * @size: of them
 */
int tool_engine_open(struct tool_engine *tool, const void *bytes, size_t size)
{
	struct hbk_wasm_error error = { };
	int err;

	memset(tool, 0, sizeof(*tool));
	tool_heap_init(&tool->heap);
	tool->engine = (struct hbk_trial_engine){
		.module = &tool->module,
		.make = tool_make,
		.destroy = tool_destroy,
		.call = tool_call,
		.memory = tool_memory,
		.heap = &tool->heap.heap,
	};
	err = hbk_wasm_validate(&tool->module, bytes, size, 0, &tool->heap.heap, &error);
	if (!err)
		err = hbk_wasm_interp.prepare(&tool->code, &tool->module, &tool->heap.heap, &error);
	if (!err)
		err = try_link(tool, &error);
	if (err)
		hbk_wasm_error_print(&error, tool->why, sizeof(tool->why));
	return err;
}

/**
 * tool_engine_close() - the reverse
 * @tool: from tool_engine_open()
 */
void tool_engine_close(struct tool_engine *tool)
{
	if (tool->code)
		hbk_wasm_interp.release(tool->code, &tool->heap.heap);
	if (tool->module.heap)
		hbk_wasm_module_free(&tool->module);
}
