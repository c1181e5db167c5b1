// SPDX-License-Identifier: Apache-2.0
/* The benchmarks run by our engine in user space, interpreted or compiled: ENGINE is how they are run. */
#include "../../kmod/core/wasm/error.h"
#include "../../kmod/core/wasm/instance.h"
#include "../../kmod/core/wasm/validate.h"

#include "backend.h"
#include "file.h"
#include "measure.h"

#ifdef UNMETERED
#define METERED		0
#else
#define METERED		1
#endif

#define FUEL		(1ull << 40)
#define SLOTS		(32 * 1024)
#define NATIVE_ROOM	(256 * 1024)

static void *heap_allocate(struct hbk_wasm_heap *heap, size_t size)
{
	(void)heap;
	return calloc(1, size);
}

static void *heap_resize(struct hbk_wasm_heap *heap, void *memory, size_t old_size, size_t new_size)
{
	char *resized = realloc(memory, new_size);

	(void)heap;
	if (resized && new_size > old_size)
		memset(resized + old_size, 0, new_size - old_size);
	return resized;
}

static void heap_release(struct hbk_wasm_heap *heap, void *memory, size_t size)
{
	(void)heap;
	(void)size;
	free(memory);
}

static struct hbk_wasm_heap heap = {
	.allocate = heap_allocate,
	.resize = heap_resize,
	.release = heap_release,
};

static const struct hbk_wasm_world world;
static struct hbk_wasm_stacks stacks;

static uint32_t run(void *context, uint32_t amount)
{
	uint64_t value = amount, used;
	enum hbk_wasm_trap trap;

	trap = hbk_wasm_invoke(context, &value, FUEL, &stacks, &used);
	if (trap)
		errx(1, "%s", hbk_wasm_trap_name(trap));
	if (METERED != !!used)
		errx(1, "%s: %llu units charged", ENGINE, (unsigned long long)used);
	return value;
}

static struct hbk_wasm_module *validated(const char *folder, const char *name)
{
	struct hbk_wasm_module *module = calloc(1, sizeof(*module));
	struct hbk_wasm_error error = { 0 };
	size_t size;
	uint8_t *bytes = file_read(folder, name, &size);

	if (!module || hbk_wasm_validate(module, bytes, size, 0, &heap, &error))
		errx(1, "%s: %s", name, error.text);
	return module;
}

static void *load(const char *folder, const char *name)
{
	struct hbk_wasm_module *module = validated(folder, name);
	struct hbk_wasm_plan plan = { .module = module, .heap = &heap, .world = &world };
	struct hbk_wasm_error error = { 0 };
	struct hbk_wasm_instance *instance;

	plan.backend = backend_for(name, &plan.code);
	if (plan.backend->prepare && plan.backend->prepare(&plan.code, module, &heap, &error))
		errx(1, "%s: %s", name, error.text);
	instance = hbk_wasm_instance_new(&plan, &error);
	if (!instance)
		errx(1, "%s: %s", name, error.text);
	if (hbk_wasm_instance_start(instance, FUEL, &stacks))
		errx(1, "%s: its start trapped", name);
	return (void *)hbk_wasm_instance_function(instance, "run");
}

int main(int argc, char **argv)
{
	if (argc != 2)
		errx(2, "usage: %s FOLDER", ENGINE);
	stacks.native_limit = (const u8 *)__builtin_frame_address(0) - NATIVE_ROOM;
	stacks.slots = calloc(SLOTS, sizeof(*stacks.slots));
	stacks.slots_end = stacks.slots + SLOTS;
#define ONE(name, amount)	measure(ENGINE, #name, run, load(argv[1], #name), amount);
	BENCH_LIST(ONE)
	measure_calls(ENGINE, run, load(argv[1], "nop"));
	return 0;
}
