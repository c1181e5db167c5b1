/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The VMs of a filter: one for each processor, made when the first connection
 * there asks for it, or one for each connection.  A VM lives as long as
 * somebody uses it, and is started by a work; one whose guest has trapped is
 * replaced by the next connection.  Process context.
 */
#ifndef _HBK_FILTER_VM_H
#define _HBK_FILTER_VM_H

#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/workqueue.h>

#include "../core/proxy/vm.h"

struct hbk_filter;
struct hbk_guest_instance;

struct hbk_filter_vm {
	struct hbk_vm core;
	struct hbk_filter *filter;
	struct hbk_guest_instance *instance;
	struct mutex lock;		/* one at a time runs the guest, or looks at what it may look at */
	refcount_t refs;
	u8 state;			/* see filter_vm.c, with the lock of the filter's VMs */
	struct hbk_filter_vm **slot;	/* where it is shared; NULL: one connection's */
	struct work_struct start;
	struct list_head waits;		/* struct hbk_filter_wait, until it is started or failed */
	bool dying;
	u32 tick_ms;			/* 0: none */
	struct delayed_work tick;
	struct work_struct pending;
	struct work_struct burial;
	struct list_head calls;		/* see filter_call.c */
};

/* Somebody who needs a VM that is being started. */
struct hbk_filter_wait {
	struct list_head node;		/* empty: does not wait */
	struct work_struct *work;	/* queued on hbk_filter_workqueue when the VM is started, or failed */
};

static inline struct hbk_vm *hbk_filter_vm_core(struct hbk_filter_vm *vm)
{
	return &vm->core;
}

static inline struct hbk_filter_vm *hbk_filter_vm_of(struct hbk_vm *core)
{
	return container_of(core, struct hbk_filter_vm, core);
}

int hbk_filter_vms_init(struct hbk_filter *filter);
void hbk_filter_vms_exit(struct hbk_filter *filter);

struct hbk_filter_vm *hbk_filter_vm_get(struct hbk_filter *filter);
int hbk_filter_vm_wait(struct hbk_filter_vm *vm, struct hbk_filter_wait *wait);
void hbk_filter_vm_forget(struct hbk_filter_vm *vm, struct hbk_filter_wait *wait);
void hbk_filter_vm_put(struct hbk_filter_vm *vm);

enum hbk_wasm_trap hbk_filter_vm_call(struct hbk_vm *core, u32 function, u64 *values, u64 budget);
void hbk_filter_vm_tick(struct hbk_vm *core, u32 milliseconds);
void hbk_filter_vm_wake(struct hbk_vm *core);

#endif /* _HBK_FILTER_VM_H */
