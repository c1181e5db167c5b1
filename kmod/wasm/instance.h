/* SPDX-License-Identifier: GPL-2.0-only */
/* Instances of guests: the engine's, and what the kernel knows besides. */
#ifndef _HBK_WASM_GUEST_INSTANCE_H
#define _HBK_WASM_GUEST_INSTANCE_H

#include <hauberk/wasm.h>

struct hbk_pool_slot;
struct hbk_stack;

/**
 * struct hbk_guest_visit - one entry into the engine
 * @run: how it is to go, and how it went
 * @function: NULL: the instance's start
 * @values: its arguments, then its results
 * @stack: that it runs on
 */
struct hbk_guest_visit {
	struct hbk_guest_run *run;
	const struct hbk_wasm_function *function;
	u64 *values;
	struct hbk_stack *stack;
};

/**
 * struct hbk_guest_instance - one running copy of a guest
 * @guest: of which it holds a reference
 * @core: the engine's
 * @data: the host's
 * @hosts: what it imports from before the registered ones, NULL for these alone
 * @host_count: how many
 * @context: of the call that runs
 * @busy: a call runs
 * @visit: that call
 * @slot: of the pool that it was taken from, where that has slots
 */
struct hbk_guest_instance {
	struct hbk_guest *guest;
	struct hbk_wasm_instance *core;
	void *data;
	const struct hbk_host_module *hosts;
	u32 host_count;
	enum hbk_guest_context context;
	atomic_t busy;
	struct hbk_guest_visit visit;
	struct hbk_pool_slot *slot;
};

/* What the engine needs of the kernel. */
extern const struct hbk_wasm_world hbk_guest_world;

#endif /* _HBK_WASM_GUEST_INSTANCE_H */
