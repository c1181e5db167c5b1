// SPDX-License-Identifier: GPL-2.0-only
/* Guests in user space. */
#include <stdlib.h>

#include "../interp.h"
#include "compiled.h"
#include "guest.h"

/**
 * struct file_guest - a guest
 * @guest: for the others
 * @file: its bytes, which @module points into
 * @heap: what all of it is allocated from
 * @module: validated
 * @code: the interpreter's
 * @validated: there is a module
 */
struct file_guest {
	struct guest guest;
	struct tool_file file;
	struct tool_heap heap;
	struct hbk_wasm_module module;
	const void *code;
	bool validated;
};

static u64 slots[GUEST_SLOTS];

static const struct hbk_wasm_stacks *stacks_from_here(void)
{
	static struct hbk_wasm_stacks stacks;

	stacks.native_limit = (const u8 *)__builtin_frame_address(0) - GUEST_STACK;
	stacks.slots = slots;
	stacks.slots_end = slots + GUEST_SLOTS;
	return &stacks;
}

static enum guest_verdict fail(struct hbk_wasm_error *error, const char *path, int err)
{
	hbk_wasm_error_set(error, HBK_WASM_FAILED, 0, HBK_WASM_NO_INDEX, "%s: %s", path, strerror(-err));
	return GUEST_FAILED;
}

/**
 * guest_check() - validate a file and forget it
 * @path: of the file
 * @error: why it was refused, or what failed
 *
 * A heap that is not empty at the end is a fault of the engine, and so is a module that was refused and kept something.
 */
enum guest_verdict guest_check(const char *path, struct hbk_wasm_error *error)
{
	struct hbk_wasm_module module;
	enum guest_verdict verdict;
	struct tool_file file;
	struct tool_heap heap;
	int err;

	err = tool_file_read(&file, path);
	if (err)
		return fail(error, path, err);
	tool_heap_init(&heap);
	err = hbk_wasm_validate(&module, file.bytes, file.size, 0, &heap.heap, error);
	verdict = err ? GUEST_REFUSED : GUEST_MADE;
	if (!err)
		hbk_wasm_module_free(&module);
	if (heap.used) {
		hbk_wasm_error_set(error, HBK_WASM_FAILED, 0, HBK_WASM_NO_INDEX, "%s: %zu bytes were not given back",
				   path, heap.used);
		verdict = GUEST_FAILED;
	}
	tool_file_free(&file);
	return verdict;
}

static int prepare(struct file_guest *guest, struct hbk_wasm_plan *plan, struct hbk_wasm_error *error)
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

static enum guest_verdict make(struct file_guest *guest, const char *path, struct hbk_wasm_plan *plan,
			       struct hbk_wasm_error *error, enum hbk_wasm_trap *trap)
{
	int err = tool_file_read(&guest->file, path);

	if (err)
		return fail(error, path, err);
	tool_heap_init(&guest->heap);
	if (hbk_wasm_validate(&guest->module, guest->file.bytes, guest->file.size, 0, plan->heap, error))
		return GUEST_REFUSED;
	guest->validated = true;
	if (prepare(guest, plan, error))
		return GUEST_REFUSED;
	guest->guest.instance = hbk_wasm_instance_new(plan, error);
	if (!guest->guest.instance)
		return GUEST_UNLINKABLE;
	*trap = hbk_wasm_instance_start(guest->guest.instance, GUEST_FUEL, stacks_from_here());
	return *trap ? GUEST_TRAPPED : GUEST_MADE;
}

/**
 * guest_open() - make a guest of a file
 * @opened: becomes the guest; guest_close() gives it back whatever the verdict
 * @path: of the file
 * @resolve: finds what it imports
 * @context: for @resolve
 * @error: why it was refused or not linked, or what failed
 * @trap: what stopped it when it was started
 */
enum guest_verdict guest_open(struct guest **opened, const char *path, hbk_wasm_resolve resolve,
			      void *context, struct hbk_wasm_error *error, enum hbk_wasm_trap *trap)
{
	struct file_guest *guest = calloc(1, sizeof(*guest));
	struct hbk_wasm_plan plan = {
		.backend = &hbk_wasm_interp,
		.resolve = resolve,
		.context = context,
		.max_pages = GUEST_PAGES_MAX,
	};

	if (!guest)
		abort();
	*opened = &guest->guest;
	plan.module = &guest->module;
	plan.heap = &guest->heap.heap;
	return make(guest, path, &plan, error, trap);
}

/**
 * guest_close() - the end of a guest
 * @closed: from guest_open(); no other guest may refer to it any more
 *
 * What is still allocated then is a fault of the engine, and told.
 */
void guest_close(struct guest *closed)
{
	struct file_guest *guest = (struct file_guest *)closed;	/* it is the first member */

	hbk_wasm_instance_free(closed->instance);
	if (guest->code)
		hbk_wasm_interp.release(guest->code, &guest->heap.heap);
	if (guest->validated)
		hbk_wasm_module_free(&guest->module);
	if (guest->heap.used) {
		fprintf(stderr, "hauberk-wasm: %zu bytes were not given back\n", guest->heap.used);
		exit(TOOL_REFUSED);
	}
	tool_file_free(&guest->file);
	free(guest);
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
