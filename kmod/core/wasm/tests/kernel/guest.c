// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests as tool/execute.c wants them: each with an account, run on wasm.ko's
 * stacks, in the world that its own guests run in.
 */
#include <crypto/sha2.h>

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "../../error.h"
#include "../../interp.h"
#include "../../tool/guest.h"
#include "../../tool/suite.h"
#include "../../../../wasm/account.h"
#include "../../../../wasm/compiled.h"
#include "../../../../wasm/instance.h"
#include "../../../../wasm/stack.h"

#define ACCOUNT_MAX	(448ULL << 20)	/* bytes; a module of the suite has a memory of 128 MiB, which is copied as it grows */

static bool compiled_only;
module_param(compiled_only, bool, 0644);
MODULE_PARM_DESC(compiled_only, "guests must have been compiled; otherwise they are interpreted");

/**
 * struct suite_guest - a guest
 * @guest: for the others
 * @bytes: of the file, which @module points into
 * @size: of it
 * @account: pays for what follows
 * @module: validated
 * @code: the interpreter's
 * @compiled: or the compiled guest
 * @validated: there is a module
 */
struct suite_guest {
	struct guest guest;
	void *bytes;
	size_t size;
	struct hbk_account account;
	struct hbk_wasm_module module;
	const void *code;
	const struct hbk_compiled_entry *compiled;
	bool validated;
};

static enum guest_verdict fail(struct hbk_wasm_error *error, const char *path, const char *text, long number)
{
	hbk_wasm_error_set(error, HBK_WASM_FAILED, 0, HBK_WASM_NO_INDEX, "%s: %s (%ld)", path, text, number);
	return GUEST_FAILED;
}

static int read_opened(struct suite_guest *guest, struct file *file)
{
	loff_t size = i_size_read(file_inode(file)), position = 0;
	ssize_t count;

	if (size > HBK_WASM_MODULE_MAX)
		return -EFBIG;
	guest->bytes = vmalloc(size + 1);
	if (!guest->bytes)
		return -ENOMEM;
	while (position < size) {
		count = kernel_read(file, guest->bytes + position, size - position, &position);
		if (count <= 0)
			return count ?: -EIO;
	}
	guest->size = size;
	return 0;
}

static int read_file(struct suite_guest *guest, const char *path)
{
	struct file *file = filp_open(path, O_RDONLY, 0);
	int err;

	if (IS_ERR(file))
		return PTR_ERR(file);
	err = read_opened(guest, file);
	filp_close(file, NULL);
	return err;
}

static void init(struct suite_guest *guest)
{
	hbk_account_init(&guest->account);
	guest->account.max = ACCOUNT_MAX;
}

/**
 * guest_check() - validate a file and forget it
 * @path: of the file
 * @error: why it was refused, or what failed
 */
enum guest_verdict guest_check(const char *path, struct hbk_wasm_error *error)
{
	struct suite_guest *guest = suite_alloc(sizeof(*guest));
	enum guest_verdict verdict;
	int err;

	init(guest);
	err = read_file(guest, path);
	if (err) {
		verdict = fail(error, path, "it cannot be read", err);
		goto out;
	}
	err = hbk_wasm_validate(&guest->module, guest->bytes, guest->size, 0, &guest->account.heap, error);
	verdict = err ? GUEST_REFUSED : GUEST_MADE;
	if (!err)
		hbk_wasm_module_free(&guest->module);
	if (atomic64_read(&guest->account.used))
		verdict = fail(error, path, "not all bytes were given back", atomic64_read(&guest->account.used));
out:
	vfree(guest->bytes);
	suite_free(guest);
	return verdict;
}

static int use_compiled(struct suite_guest *guest, struct hbk_wasm_plan *plan, struct hbk_wasm_error *error)
{
	u8 digest[SHA256_DIGEST_SIZE];

	sha256(guest->bytes, guest->size, digest);
	guest->compiled = hbk_compiled_get(digest);
	if (!guest->compiled || !hbk_wasm_compiled_fits(guest->compiled->compiled, &guest->module))
		return hbk_wasm_error_set(error, HBK_WASM_FAILED, 0, HBK_WASM_NO_INDEX, "it was not compiled");
	plan->backend = hbk_wasm_compiled_backend(guest->compiled->compiled);
	plan->code = guest->compiled->compiled;
	return 0;
}

static int prepare(struct suite_guest *guest, struct hbk_wasm_plan *plan, struct hbk_wasm_error *error)
{
	int err;

	if (compiled_only)
		return use_compiled(guest, plan, error);
	err = plan->backend->prepare(&guest->code, &guest->module, plan->heap, error);
	plan->code = guest->code;
	return err;
}

/* One entry into the engine. */
struct visit {
	struct hbk_wasm_instance *instance;		/* to be started, or NULL */
	const struct hbk_wasm_function *function;	/* to be called, or NULL */
	u64 *values;
	u64 fuel;
	struct hbk_wasm_stacks stacks;
	enum hbk_wasm_trap trap;
};

/* On the guest's stack. */
static void visit(void *data)
{
	struct visit *visit = data;

	if (visit->instance)
		visit->trap = hbk_wasm_instance_start(visit->instance, visit->fuel, &visit->stacks);
	else
		visit->trap = hbk_wasm_invoke(visit->function, visit->values, visit->fuel, &visit->stacks, NULL);
}

static enum hbk_wasm_trap enter(struct visit *guest_visit)
{
	struct hbk_stack *stack = hbk_stack_take(true);

	if (IS_ERR(stack))
		return HBK_WASM_TRAP_INTERRUPTED;
	hbk_stack_describe(stack, &guest_visit->stacks);
	hbk_stack_call(stack, visit, guest_visit);
	hbk_stack_give(stack);
	return guest_visit->trap;
}

static enum guest_verdict make(struct suite_guest *guest, const char *path, struct hbk_wasm_plan *plan,
			       struct hbk_wasm_error *error, enum hbk_wasm_trap *trap)
{
	struct visit start = { .fuel = GUEST_FUEL };
	int err = read_file(guest, path);

	if (err)
		return fail(error, path, "it cannot be read", err);
	if (hbk_wasm_validate(&guest->module, guest->bytes, guest->size, 0, plan->heap, error))
		return GUEST_REFUSED;
	guest->validated = true;
	if (prepare(guest, plan, error))
		return GUEST_REFUSED;
	guest->guest.instance = hbk_wasm_instance_new(plan, error);
	if (!guest->guest.instance)
		return GUEST_UNLINKABLE;
	start.instance = guest->guest.instance;
	*trap = enter(&start);
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
	struct suite_guest *guest = suite_alloc(sizeof(*guest));
	struct hbk_wasm_plan plan = {
		.module = &guest->module,
		.backend = &hbk_wasm_interp,
		.heap = &guest->account.heap,
		.world = &hbk_guest_world,
		.resolve = resolve,
		.context = context,
		.max_pages = GUEST_PAGES_MAX,
	};

	init(guest);
	*opened = &guest->guest;
	return make(guest, path, &plan, error, trap);
}

/**
 * guest_close() - the end of a guest
 * @closed: from guest_open(); no other guest may refer to it any more
 */
void guest_close(struct guest *closed)
{
	struct suite_guest *guest = container_of(closed, struct suite_guest, guest);

	hbk_wasm_instance_free(closed->instance);
	if (guest->code)
		hbk_wasm_interp.release(guest->code, &guest->account.heap);
	if (guest->compiled)
		hbk_compiled_put(guest->compiled);
	if (guest->validated)
		hbk_wasm_module_free(&guest->module);
	WARN_ONCE(atomic64_read(&guest->account.used), "a guest of the suite leaks memory\n");
	vfree(guest->bytes);
	suite_free(guest);
}

/**
 * guest_call() - call a function of a guest
 * @function: of any guest
 * @values: arguments, then results
 * @fuel: that it may use
 * @used: not told here
 */
enum hbk_wasm_trap guest_call(const struct hbk_wasm_function *function, u64 *values, u64 fuel, u64 *used)
{
	struct visit call = { .function = function, .values = values, .fuel = fuel };

	return enter(&call);
}
