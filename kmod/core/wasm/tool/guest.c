// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "../interp.h"
#include "compiled.h"
#include "guest.h"

static u64 slots[GUEST_SLOTS];

static const struct hbk_wasm_stacks *stacks_from_here(void)
{
	static struct hbk_wasm_stacks stacks;

	stacks.native_limit = (const u8 *)__builtin_frame_address(0) - GUEST_STACK;
	stacks.slots = slots;
	stacks.slots_end = slots + GUEST_SLOTS;
	return &stacks;
}

static int prepare(struct guest *guest, struct hbk_wasm_plan *plan, struct hbk_wasm_error *error)
{
	const struct hbk_wasm_compiled *compiled;
	int err;

	if (!tool_compiled_only()) {
		err = plan->backend->prepare(&guest->code, &guest->module, plan->heap, error);
		plan->code = guest->code;
		return err;
	}
	compiled = tool_compiled_find(&guest->module);
	if (!compiled)
		return hbk_wasm_error_set(error, HBK_WASM_FAILED, 0, HBK_WASM_NO_INDEX, "it was not compiled");
	plan->backend = hbk_wasm_compiled_backend(compiled);
	plan->code = compiled;
	return 0;
}

/**
 * guest_open() - make a guest of a file
 * @guest: filled; guest_close() gives it back whatever the verdict
 * @path: of the file
 * @resolve: finds what it imports
 * @context: for @resolve
 * @error: why it was refused or not linked
 * @trap: what stopped it when it was started
 */
enum guest_verdict guest_open(struct guest *guest, const char *path, hbk_wasm_resolve resolve,
			      void *context, struct hbk_wasm_error *error, enum hbk_wasm_trap *trap)
{
	struct hbk_wasm_plan plan = {
		.module = &guest->module,
		.backend = &hbk_wasm_interp,
		.heap = &guest->heap.heap,
		.resolve = resolve,
		.context = context,
		.max_pages = GUEST_PAGES_MAX,
	};
	int err;

	*guest = (struct guest){};
	err = tool_file_read(&guest->file, path);
	if (err) {
		errno = -err;
		return GUEST_UNREADABLE;
	}
	tool_heap_init(&guest->heap);
	if (hbk_wasm_validate(&guest->module, guest->file.bytes, guest->file.size, 0, plan.heap, error))
		return GUEST_REFUSED;
	guest->validated = true;
	if (prepare(guest, &plan, error))
		return GUEST_REFUSED;
	guest->instance = hbk_wasm_instance_new(&plan, error);
	if (!guest->instance)
		return GUEST_UNLINKABLE;
	*trap = hbk_wasm_instance_start(guest->instance, GUEST_FUEL, stacks_from_here());
	return *trap ? GUEST_TRAPPED : GUEST_MADE;
}

/**
 * guest_close() - the end of a guest
 * @guest: from guest_open(); no other guest may refer to it any more
 *
 * What is still allocated then is a fault of the engine, and told.
 */
void guest_close(struct guest *guest)
{
	hbk_wasm_instance_free(guest->instance);
	if (guest->code)
		hbk_wasm_interp.release(guest->code, &guest->heap.heap);
	if (guest->validated)
		hbk_wasm_module_free(&guest->module);
	if (guest->heap.used) {
		fprintf(stderr, "hauberk-wasm: %zu bytes were not given back\n", guest->heap.used);
		exit(TOOL_REFUSED);
	}
	tool_file_free(&guest->file);
}

/**
 * guest_call() - call a function of a guest
 * @function: of any guest
 * @values: arguments, then results
 * @fuel: that it may use
 * @used: how much it did use; may be NULL
 */
enum hbk_wasm_trap guest_call(const struct hbk_wasm_function *function, u64 *values, u64 fuel, u64 *used)
{
	return hbk_wasm_invoke(function, values, fuel, stacks_from_here(), used);
}
