// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instances and calls into them. Process context, where one may sleep.
 *
 * A call runs on a stack of its own (stack.c). Guests that have floats run in
 * FPU sections, in which nobody may sleep: the engine leaves them around host
 * functions and allocations, and world_yield() leaves them each time a slice of
 * fuel has been used up.
 */
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/sched/signal.h>

#include "../core/wasm/error.h"
#include "../core/wasm/instance.h"
#include "compat.h"
#include "guest.h"
#include "host.h"
#include "instance.h"
#include "stack.h"

static unsigned int fuel_max = 100000000;
module_param(fuel_max, uint, 0644);
MODULE_PARM_DESC(fuel_max, "instructions of a call whose caller names no number, and of a start function");

static unsigned int instance_max = 1024;
module_param(instance_max, uint, 0644);
MODULE_PARM_DESC(instance_max, "instances that a guest may have");

static void world_fpu_begin(struct hbk_wasm_instance *core)
{
	hbk_fpu_begin();
}

static void world_fpu_end(struct hbk_wasm_instance *core)
{
	hbk_fpu_end();
}

/*
 * An instance may serve many streams, and a trap is its end: one task that is
 * killed must not take the others along.  Guests of the core test suite have no
 * instance here.
 */
static bool is_interruptible(const struct hbk_wasm_instance *core)
{
	const struct hbk_guest_instance *instance = core->host;

	return !instance || instance->context != HBK_GUEST_IN_STREAM;
}

static enum hbk_wasm_trap world_yield(struct hbk_wasm_instance *core)
{
	if (core->in_fpu)
		hbk_fpu_end();
	cond_resched();
	if (core->in_fpu)
		hbk_fpu_begin();
	return is_interruptible(core) && fatal_signal_pending(current) ? HBK_WASM_TRAP_INTERRUPTED :
									 HBK_WASM_TRAP_NONE;
}

const struct hbk_wasm_world hbk_guest_world = {
	.yield = world_yield,
	.fpu_begin = world_fpu_begin,
	.fpu_end = world_fpu_end,
};

/* Stands before every host function: is the guest called from where it may be used? */
static enum hbk_wasm_trap call_host(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	const struct hbk_host_function *function = data;
	struct hbk_guest_instance *instance = core->host;

	might_sleep();
	if (!(function->contexts & instance->context)) {
		core->host_error = -EPERM;
		return HBK_WASM_TRAP_HOST;
	}
	return function->call(core, function->data, values);
}

static bool resolve(void *context, const struct hbk_wasm_import *import,
		    struct hbk_wasm_extern *found)
{
	struct hbk_guest_instance *instance = context;
	struct hbk_guest *guest = instance->guest;
	const struct hbk_host_function *function;

	function = hbk_host_prefer(instance->hosts, instance->host_count, &guest->module, import) ?:
		   guest->imports[import - guest->module.imports];
	*found = (struct hbk_wasm_extern) {
		.kind = HBK_WASM_KIND_FUNCTION,
		.signature = function->signature,
		.host = call_host,
		.data = (void *)function,
	};
	return true;
}

/* On the guest's stack. */
static void run_visit(struct hbk_guest_instance *instance)
{
	const struct hbk_guest_visit *visit = &instance->visit;
	const struct hbk_wasm_stacks *stacks = hbk_stack_limits(visit->stack);
	struct hbk_guest_run *run = visit->run;
	u64 fuel = run->fuel ?: READ_ONCE(fuel_max);

	if (likely(visit->function))
		run->trap = hbk_wasm_invoke(visit->function, visit->values, fuel, stacks,
					    &run->used);
	else
		run->trap = hbk_wasm_instance_start(instance->core, fuel, stacks);
}

/* For whoever wants to know how long it takes. */
static noinline void run_timed(struct hbk_guest_instance *instance)
{
	u64 begin = ktime_get_ns();

	hbk_stack_run(instance->visit.stack, run_visit, instance);
	instance->visit.run->ns = ktime_get_ns() - begin;
}

/*
 * Inline, as are the functions of stack.h, and with nothing on the task's stack that others look at: a call without
 * work is to cost 300 instructions at most (bench/).
 */
static __always_inline int enter(struct hbk_guest_instance *instance, struct hbk_guest_run *run,
				 const struct hbk_wasm_function *function, u64 *values)
{
	struct hbk_guest *guest = instance->guest;
	struct hbk_stack *stack = hbk_stack_take_nearest();

	if (unlikely(!stack)) {
		stack = hbk_stack_take_slowly(run->context != HBK_GUEST_IN_STREAM);
		if (IS_ERR(stack))
			return PTR_ERR(stack);
	}
	instance->context = run->context;
	instance->visit = (struct hbk_guest_visit){
		.run = run,
		.function = function,
		.values = values,
		.stack = stack,
	};
	if (unlikely(run->context == HBK_GUEST_IN_RUN))
		run_timed(instance);
	else
		hbk_stack_run(stack, run_visit, instance);
	hbk_stack_give(stack);
	atomic64_add(run->used, &guest->fuel);
	if (likely(run->trap == HBK_WASM_TRAP_NONE))
		return 0;
	if (!run->trial)
		hbk_quarantine_count(guest, run->trap);
	return -EIO;
}

static void run_reset(struct hbk_guest_run *run)
{
	run->used = 0;
	run->ns = 0;
	run->trap = HBK_WASM_TRAP_NONE;
}

static int make_core(struct hbk_guest_instance *instance, struct hbk_guest_error *error)
{
	struct hbk_guest *guest = instance->guest;
	struct hbk_wasm_error core = { };
	struct hbk_wasm_plan plan = {
		.module = &guest->module,
		.backend = guest->backend,
		.code = guest->code,
		.heap = &guest->account.heap,
		.world = &hbk_guest_world,
		.resolve = resolve,
		.context = instance,
		.host = instance,
	};

	instance->core = hbk_wasm_instance_new(&plan, &core);
	if (instance->core)
		return 0;
	return hbk_guest_fail(error, -ENOMEM, "%s",
			      core.text[0] ? core.text : "not enough memory for the instance");
}

static int run_start(struct hbk_guest_instance *instance, struct hbk_guest_run *run,
		 struct hbk_guest_error *error)
{
	int err;

	run_reset(run);
	run->context = HBK_GUEST_IN_START;
	err = enter(instance, run, NULL, NULL);
	if (err == -EIO)
		hbk_guest_fail(error, err, "its start was stopped: %s",
			       hbk_wasm_trap_name(run->trap));
	else if (err)
		hbk_guest_fail(error, err, "no stack to start it on");
	return err;
}

static int count_instance(struct hbk_guest *guest, struct hbk_guest_error *error)
{
	if (hbk_quarantine_is_closed(guest))
		return hbk_guest_fail(error, -ESHUTDOWN, "the guest is in quarantine");
	if (hbk_stack_is_foreign())
		return hbk_guest_fail(error, -EDEADLK, "a guest cannot begin inside another");
	if (atomic_inc_return(&guest->instances) <= READ_ONCE(instance_max))
		return 0;
	atomic_dec(&guest->instances);
	return hbk_guest_fail(error, -EUSERS, "the guest has as many instances as it may");
}

static struct hbk_guest_instance *alloc_instance(struct hbk_guest *guest, void *data)
{
	struct hbk_guest_instance *instance;

	instance = hbk_account_alloc(&guest->account, sizeof(*instance));
	if (!instance)
		return NULL;
	instance->guest = guest;
	instance->data = data;
	return instance;
}

static void free_instance(struct hbk_guest_instance *instance)
{
	hbk_account_free(&instance->guest->account, instance, sizeof(*instance));
}

/**
 * hbk_guest_instance_new_on() - make an instance of a guest with host functions of its own, and start it
 * @guest: of what
 * @hosts: imports that they have, with the same type, are found here; the others among
 *	   the registered host modules, where the guest found all of them when it was
 *	   loaded; they outlive the instance
 * @host_count: how many
 * @data: for host functions, see hbk_guest_data()
 * @run: @run->fuel bounds the start; its context becomes HBK_GUEST_IN_START
 * @error: tells what went wrong
 *
 * Return: the instance, or ERR_PTR with @error filled in: -ENOMEM, -EUSERS
 * (too many), -EIO (the start trapped, see @run->trap), -ESHUTDOWN
 * (quarantine), -ENOENT (a host module is going), -EDEADLK, -EINTR.
 */
struct hbk_guest_instance *
hbk_guest_instance_new_on(struct hbk_guest *guest, const struct hbk_host_module *hosts,
			  u32 host_count, void *data, struct hbk_guest_run *run,
			  struct hbk_guest_error *error)
{
	struct hbk_guest_instance *instance;
	int err;

	error->offset = HBK_GUEST_NOWHERE;
	error->function = HBK_GUEST_NOWHERE;
	err = count_instance(guest, error);
	if (err)
		return ERR_PTR(err);
	err = hbk_guest_hold_hosts(guest);
	if (err) {
		hbk_guest_fail(error, err, "what it imports is just being unloaded");
		goto err_count;
	}
	instance = alloc_instance(guest, data);
	if (!instance) {
		err = hbk_guest_fail(error, -ENOMEM, "not enough memory for the instance");
		goto err_host;
	}
	instance->hosts = hosts;
	instance->host_count = host_count;
	err = make_core(instance, error);
	if (err)
		goto err_instance;
	err = run_start(instance, run, error);
	if (err)
		goto err_core;
	hbk_guest_get(guest);
	return instance;

err_core:
	hbk_wasm_instance_free(instance->core);
err_instance:
	free_instance(instance);
err_host:
	hbk_host_put(guest);
err_count:
	atomic_dec(&guest->instances);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_GPL(hbk_guest_instance_new_on);

/* The same with the registered host modules alone. */
struct hbk_guest_instance *hbk_guest_instance_new(struct hbk_guest *guest, void *data,
						  struct hbk_guest_run *run,
						  struct hbk_guest_error *error)
{
	return hbk_guest_instance_new_on(guest, NULL, 0, data, run, error);
}
EXPORT_SYMBOL_GPL(hbk_guest_instance_new);

/* No call may run in it any more. May sleep. */
void hbk_guest_instance_free(struct hbk_guest_instance *instance)
{
	struct hbk_guest *guest = instance->guest;

	hbk_wasm_instance_free(instance->core);
	free_instance(instance);
	hbk_host_put(guest);
	atomic_dec(&guest->instances);
	hbk_guest_put(guest);
}
EXPORT_SYMBOL_GPL(hbk_guest_instance_free);

static int may_call(struct hbk_guest_instance *instance, u32 function, struct hbk_guest_run *run)
{
	struct hbk_guest *guest = instance->guest;

	if (function >= guest->module.function_count)
		return -EINVAL;
	if (hbk_quarantine_is_closed(guest))
		return -ESHUTDOWN;
	if (hbk_stack_is_foreign())
		return -EDEADLK;
	if (!instance->core->poisoned)
		return 0;
	run->trap = HBK_WASM_TRAP_POISONED;
	return -EIO;
}

/**
 * hbk_guest_call() - call a function of a guest
 * @instance: in which
 * @function: its index, of hbk_guest_export()
 * @values: its arguments, which its results replace; room for whichever are more
 * @run: from where, with how much fuel; tells how it went
 *
 * Context: process context; sleeps for a stack, and when the guest has used up
 * a slice of fuel.
 * Return: see the declaration.
 */
int hbk_guest_call(struct hbk_guest_instance *instance, u32 function, u64 *values,
		   struct hbk_guest_run *run)
{
	int err;

	if (IS_ENABLED(CONFIG_DEBUG_ATOMIC_SLEEP))
		might_sleep();
	run_reset(run);
	err = may_call(instance, function, run);
	if (err)
		return err;
	if (atomic_cmpxchg_acquire(&instance->busy, 0, 1))
		return -EBUSY;
	atomic64_inc(&instance->guest->calls);
	err = enter(instance, run, &instance->core->functions[function], values);
	atomic_set_release(&instance->busy, 0);
	return err;
}
EXPORT_SYMBOL_GPL(hbk_guest_call);

bool hbk_guest_is_poisoned(const struct hbk_guest_instance *instance)
{
	return instance->core->poisoned;
}
EXPORT_SYMBOL_GPL(hbk_guest_is_poisoned);

struct hbk_guest_instance *hbk_guest_of(struct hbk_wasm_instance *core)
{
	return core->host;
}
EXPORT_SYMBOL_GPL(hbk_guest_of);

void *hbk_guest_data(const struct hbk_guest_instance *instance)
{
	return instance->data;
}
EXPORT_SYMBOL_GPL(hbk_guest_data);

struct hbk_wasm_instance *hbk_guest_core(const struct hbk_guest_instance *instance)
{
	return instance->core;
}
EXPORT_SYMBOL_GPL(hbk_guest_core);

struct hbk_guest *hbk_guest_of_instance(const struct hbk_guest_instance *instance)
{
	return instance->guest;
}
EXPORT_SYMBOL_GPL(hbk_guest_of_instance);

void *hbk_guest_memory(const struct hbk_wasm_instance *core, u32 offset, u32 length)
{
	const struct hbk_wasm_memory *memory = core->memory;

	if (!memory || length > memory->size || offset > memory->size - length)
		return NULL;
	return memory->base + array_index_nospec((u64)offset, memory->size - length + 1);
}
EXPORT_SYMBOL_GPL(hbk_guest_memory);
