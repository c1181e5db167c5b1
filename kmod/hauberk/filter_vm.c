// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VMs of a filter.
 *
 * A VM's own works, its tick and what is pending for it, hold no reference:
 * they are waited for when the last one was dropped, by a work that buries it,
 * and never drop one themselves.
 *
 * A guest may take seconds until it is configured, and nobody sleeps for that:
 * a VM is started by a work that holds a reference, and who needs the VM has a
 * work of his own queued when that is over.  Each filter has a workqueue for
 * its starts, so that none waits behind those of another filter.  Only where
 * very many are at work the next one waits for any of them: each holds one of
 * the stacks of wasm.ko, of which callbacks need some, too.
 */
#include "filter_vm.h"

#include <hauberk/wasm.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "filter.h"
#include "filter_call.h"
#include "filter_env.h"
#include "inject.h"

#define VM_PATIENCE	HZ	/* before a VM that could not be made is tried again */
#define VM_STARTS	32	/* at work at once, half of the stacks that there are besides one per processor */
#define VM_STARTS_OF_ONE	8	/* of one filter */
#define VM_SENTENCE	256	/* bytes of what is said of one, in the log of guests */

enum vm_state { VM_STARTING, VM_READY, VM_FAILED };

static atomic_t starts_left = ATOMIC_INIT(VM_STARTS);
static DECLARE_WAIT_QUEUE_HEAD(starts_over);

struct hbk_filter_vms {
	struct mutex lock;		/* slots, VMs' states and who waits for them; held for a moment */
	struct workqueue_struct *starts;
	unsigned long not_before;	/* jiffies; 0: at once */
	atomic_t alive;			/* VMs that are not freed yet, and one for the filter */
	struct completion gone;
	struct hbk_filter_vm *slots[];	/* nr_cpu_ids; each a reference */
};

static void vm_say(struct hbk_filter *filter, const char *what)
{
	char line[VM_SENTENCE];
	int length = scnprintf(line, sizeof(line), "filter %s: %s", filter->name, what);

	hbk_guest_log_write(filter->guest, line, length);
}

static void vm_tick_work(struct work_struct *work)
{
	struct hbk_filter_vm *vm = container_of(to_delayed_work(work), struct hbk_filter_vm, tick);
	u32 milliseconds = READ_ONCE(vm->tick_ms);

	if (READ_ONCE(vm->dying) || !milliseconds || vm->core.poisoned)
		return;
	/* Before it runs: it may choose another period. */
	queue_delayed_work(hbk_filter_workqueue, &vm->tick, msecs_to_jiffies(milliseconds));
	hbk_vm_tick(&vm->core);
}

static void vm_pending_work(struct work_struct *work)
{
	struct hbk_filter_vm *vm = container_of(work, struct hbk_filter_vm, pending);

	if (!READ_ONCE(vm->dying))
		hbk_vm_run_pending(&vm->core);
}

/**
 * hbk_filter_vm_tick() - the guest wants to be called every so often
 * @core: of the VM
 * @milliseconds: 0: no more
 *
 * Context: process; the VM's lock held.
 */
void hbk_filter_vm_tick(struct hbk_vm *core, u32 milliseconds)
{
	struct hbk_filter_vm *vm = hbk_filter_vm_of(core);

	if (milliseconds)
		milliseconds = max_t(u32, milliseconds, HBK_PROXY_TICK_MIN);
	WRITE_ONCE(vm->tick_ms, milliseconds);
	if (!milliseconds)
		cancel_delayed_work(&vm->tick);
	else if (!READ_ONCE(vm->dying))
		mod_delayed_work(hbk_filter_workqueue, &vm->tick, msecs_to_jiffies(milliseconds));
}

/**
 * hbk_filter_vm_wake() - something waits for the VM
 * @core: of the VM
 *
 * Context: any that may take a spinlock.
 */
void hbk_filter_vm_wake(struct hbk_vm *core)
{
	struct hbk_filter_vm *vm = hbk_filter_vm_of(core);

	if (!READ_ONCE(vm->dying))
		queue_work(hbk_filter_workqueue, &vm->pending);
}

/* Is there anybody but its own start? */
static bool vm_is_wanted(const struct hbk_filter_vm *vm)
{
	return refcount_read(&vm->refs) > 1;
}

/**
 * hbk_filter_vm_call() - call the guest
 * @core: of the VM
 * @function: which
 * @values: arguments, then the result
 * @budget: instructions
 *
 * Context: process; the VM's lock held.
 * Return: what stopped it; HBK_WASM_TRAP_HOST where it was not even begun.
 */
enum hbk_wasm_trap hbk_filter_vm_call(struct hbk_vm *core, u32 function, u64 *values, u64 budget)
{
	struct hbk_filter_vm *vm = hbk_filter_vm_of(core);
	struct hbk_guest_run run = { .context = HBK_GUEST_IN_STREAM, .fuel = budget };
	int err;

	/* The rest of the start may be saved. */
	if (READ_ONCE(vm->state) == VM_STARTING && !vm_is_wanted(vm))
		return HBK_WASM_TRAP_HOST;
	err = hbk_guest_call(vm->instance, function, values, &run);
	atomic64_inc(&vm->filter->calls);
	atomic64_add(run.used, &vm->filter->instructions);
	if (!err)
		return HBK_WASM_TRAP_NONE;
	atomic64_inc(&vm->filter->traps);
	return run.trap ?: HBK_WASM_TRAP_HOST;
}

static int vm_make_instance(struct hbk_filter_vm *vm, struct hbk_guest_error *error)
{
	struct hbk_guest_run run = { .fuel = HBK_PROXY_START_BUDGET };

	vm->instance = hbk_guest_instance_new_on(vm->filter->guest, hbk_filter_hosts,
						 HBK_FILTER_HOSTS, &vm->core, &run, error);
	if (IS_ERR(vm->instance)) {
		int err = PTR_ERR(vm->instance);

		vm->instance = NULL;
		vm_say(vm->filter, error->text);
		return err;
	}
	vm->core.core = hbk_guest_core(vm->instance);
	return 0;
}

static int vm_make_core(struct hbk_filter_vm *vm)
{
	const struct hbk_filter *filter = vm->filter;
	struct hbk_vm_config config = {
		.name = filter->name, .vm_id = filter->vm_id, .root_id = filter->root_id,
		.vm = filter->vm_config, .vm_length = filter->vm_config_length,
		.plugin = filter->config, .plugin_length = filter->config_length,
		.budget = filter->budget,
	};
	const char *why = NULL;
	int err = hbk_vm_init(&vm->core, &hbk_filter_env, hbk_guest_module(filter->guest), NULL,
			      &config, &why);

	if (err && why)
		vm_say(vm->filter, why);
	return err;
}

static int vm_start(struct hbk_filter_vm *vm)
{
	struct hbk_guest_error *error = HBK_INJECT(FILTER_VM) ? NULL :
					kvzalloc(sizeof(*error), GFP_KERNEL_ACCOUNT);
	const char *why = NULL;
	int err;

	if (!error)
		return -ENOMEM;
	err = vm_make_instance(vm, error);
	kvfree(error);
	if (err)
		return err;
	atomic_inc(&vm->filter->instances);
	err = hbk_vm_start(&vm->core, &why);
	if (err && why && vm_is_wanted(vm))
		vm_say(vm->filter, why);
	return err;
}

static void vms_leave(struct hbk_filter_vms *vms)
{
	if (atomic_dec_and_test(&vms->alive))
		complete(&vms->gone);
}

static void vm_free(struct hbk_filter_vm *vm)
{
	WRITE_ONCE(vm->dying, true);
	hbk_filter_calls_end(vm);
	cancel_delayed_work_sync(&vm->tick);
	cancel_work_sync(&vm->pending);
	if (vm->core.configured)
		hbk_vm_shutdown(&vm->core);
	if (vm->core.env)	/* it has come to its turn */
		hbk_vm_release(&vm->core);
	/* What the last callbacks have asked for. */
	hbk_filter_calls_end(vm);
	cancel_delayed_work_sync(&vm->tick);
	cancel_work_sync(&vm->pending);
	if (vm->instance) {
		hbk_guest_instance_free(vm->instance);
		atomic_dec(&vm->filter->instances);
	}
	mutex_destroy(&vm->lock);
	vms_leave(vm->filter->vms);
	kvfree(vm);
}

/* Takes as long as its calls need to be cut off: whoever drops a VM does not wait for it. */
static void vm_burial_work(struct work_struct *work)
{
	vm_free(container_of(work, struct hbk_filter_vm, burial));
}

/* Whoever waited goes on. @err: why it cannot be used, or 0. */
static void vm_settle(struct hbk_filter_vm *vm, int err)
{
	struct hbk_filter_vms *vms = vm->filter->vms;
	struct hbk_filter_wait *wait, *next;

	lockdep_assert_held(&vms->lock);
	WRITE_ONCE(vm->state, err ? VM_FAILED : VM_READY);	/* hbk_filter_vm_call() has no lock of ours */
	if (vm->slot && *vm->slot == vm) {
		vms->not_before = err ? (jiffies + VM_PATIENCE) ?: 1 : 0;
		if (err) {
			*vm->slot = NULL;
			hbk_filter_vm_put(vm);
		}
	}
	list_for_each_entry_safe(wait, next, &vm->waits, node) {
		list_del_init(&wait->node);
		queue_work(hbk_filter_workqueue, wait->work);
	}
}

static int vm_begin(struct hbk_filter_vm *vm)
{
	int err;

	if (!vm_is_wanted(vm))
		return -ECANCELED;
	err = vm_make_core(vm);
	return err ?: vm_start(vm);
}

static void vm_start_work(struct work_struct *work)
{
	struct hbk_filter_vm *vm = container_of(work, struct hbk_filter_vm, start);
	struct hbk_filter_vms *vms = vm->filter->vms;
	int err;

	wait_event_idle_exclusive(starts_over, atomic_dec_if_positive(&starts_left) >= 0);
	err = vm_begin(vm);
	atomic_inc(&starts_left);
	wake_up(&starts_over);
	mutex_lock(&vms->lock);
	vm_settle(vm, err);
	mutex_unlock(&vms->lock);
	hbk_filter_vm_put(vm);
}

/* With a reference for the caller, and one for its start. */
static struct hbk_filter_vm *vm_new(struct hbk_filter *filter, struct hbk_filter_vm **slot)
{
	struct hbk_filter_vm *vm = HBK_INJECT(FILTER_VM) ? NULL :
				   kvzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);

	if (!vm)
		return NULL;
	vm->filter = filter;
	vm->slot = slot;
	vm->state = VM_STARTING;
	mutex_init(&vm->lock);
	refcount_set(&vm->refs, 2);
	INIT_LIST_HEAD(&vm->waits);
	INIT_WORK(&vm->start, vm_start_work);
	INIT_DELAYED_WORK(&vm->tick, vm_tick_work);
	INIT_WORK(&vm->pending, vm_pending_work);
	INIT_WORK(&vm->burial, vm_burial_work);
	atomic_inc(&filter->vms->alive);
	INIT_LIST_HEAD(&vm->calls);
	queue_work(filter->vms->starts, &vm->start);
	return vm;
}

/* The slot's VM, or a new one in its place. */
static struct hbk_filter_vm *vm_in_slot(struct hbk_filter *filter, struct hbk_filter_vm **slot)
{
	struct hbk_filter_vms *vms = filter->vms;

	lockdep_assert_held(&vms->lock);
	if (*slot && (*slot)->state == VM_READY && READ_ONCE((*slot)->core.poisoned)) {
		hbk_filter_vm_put(*slot);
		*slot = NULL;
	}
	if (!*slot && vms->not_before && time_before(jiffies, vms->not_before))
		return NULL;
	if (!*slot)
		*slot = vm_new(filter, slot);
	return *slot;
}

/**
 * hbk_filter_vm_get() - a VM for a connection
 * @filter: which filter
 *
 * Context: process; does not wait for guests.
 * Return: the VM, for hbk_filter_vm_put(), which may have to be started yet: see
 * hbk_filter_vm_wait(); NULL where it cannot be made.
 */
struct hbk_filter_vm *hbk_filter_vm_get(struct hbk_filter *filter)
{
	struct hbk_filter_vms *vms = filter->vms;
	struct hbk_filter_vm *vm;

	if (filter->isolation == HBK_ISOLATION_CONNECTION)
		return vm_new(filter, NULL);
	mutex_lock(&vms->lock);
	vm = vm_in_slot(filter, &vms->slots[raw_smp_processor_id()]);
	if (vm)
		refcount_inc(&vm->refs);
	mutex_unlock(&vms->lock);
	return vm;
}

/**
 * hbk_filter_vm_wait() - has a VM been started?
 * @vm: from hbk_filter_vm_get(), and held until it is known, or forgotten
 * @wait: not in use, but perhaps for the same VM; its work is queued when it is known
 *
 * Context: process; does not wait for guests.
 * Return: 0 if it has, -EINPROGRESS if that is to be seen, -EIO if it cannot be.
 */
int hbk_filter_vm_wait(struct hbk_filter_vm *vm, struct hbk_filter_wait *wait)
{
	static const int results[] = {
		[VM_STARTING] = -EINPROGRESS, [VM_READY] = 0, [VM_FAILED] = -EIO,
	};
	struct hbk_filter_vms *vms = vm->filter->vms;
	int result;

	mutex_lock(&vms->lock);
	result = results[vm->state];
	if (result == -EINPROGRESS && list_empty(&wait->node))
		list_add_tail(&wait->node, &vm->waits);
	mutex_unlock(&vms->lock);
	return result;
}

/**
 * hbk_filter_vm_forget() - do not wait any more
 * @vm: which may have been waited for
 * @wait: the same; its work may have been queued already
 *
 * Context: process.
 */
void hbk_filter_vm_forget(struct hbk_filter_vm *vm, struct hbk_filter_wait *wait)
{
	struct hbk_filter_vms *vms = vm->filter->vms;

	mutex_lock(&vms->lock);
	list_del_init(&wait->node);
	mutex_unlock(&vms->lock);
	/* Nobody else could want it: it is not to queue for nothing. */
	if (!vm->slot && cancel_work(&vm->start))
		hbk_filter_vm_put(vm);
}

/**
 * hbk_filter_vm_put() - drop a reference
 * @vm: may be NULL
 *
 * Context: any.
 */
void hbk_filter_vm_put(struct hbk_filter_vm *vm)
{
	if (vm && refcount_dec_and_test(&vm->refs))
		queue_work(hbk_filter_workqueue, &vm->burial);
}

/**
 * hbk_filter_vms_init() - get ready to make VMs
 * @filter: has none
 *
 * Return: 0 or -ENOMEM.
 */
int hbk_filter_vms_init(struct hbk_filter *filter)
{
	struct hbk_filter_vms *vms;

	vms = HBK_INJECT(FILTER_VM) ? NULL :
	      kvzalloc(struct_size(vms, slots, nr_cpu_ids), GFP_KERNEL_ACCOUNT);
	if (!vms)
		return -ENOMEM;
	/* Starts do nothing but calculate: more at a time than there are processors end no earlier. */
	vms->starts = alloc_workqueue("hauberk_starts", WQ_UNBOUND,
				      min_t(int, num_possible_cpus(), VM_STARTS_OF_ONE));
	if (!vms->starts) {
		kvfree(vms);
		return -ENOMEM;
	}
	mutex_init(&vms->lock);
	atomic_set(&vms->alive, 1);
	init_completion(&vms->gone);
	filter->vms = vms;
	return 0;
}

static void vms_empty(struct hbk_filter_vms *vms)
{
	u32 i;

	mutex_lock(&vms->lock);
	for (i = 0; i < nr_cpu_ids; i++) {
		hbk_filter_vm_put(vms->slots[i]);
		vms->slots[i] = NULL;
	}
	mutex_unlock(&vms->lock);
}

/**
 * hbk_filter_vms_exit() - free what the slots hold
 * @filter: no connection uses it; may never have been ready
 *
 * Context: process; sleeps until the guest has been told, which may be starting.
 */
void hbk_filter_vms_exit(struct hbk_filter *filter)
{
	struct hbk_filter_vms *vms = filter->vms;

	if (!vms)
		return;
	vms_empty(vms);
	vms_leave(vms);
	wait_for_completion(&vms->gone);
	destroy_workqueue(vms->starts);
	mutex_destroy(&vms->lock);
	kvfree(vms);
}
