// SPDX-License-Identifier: GPL-2.0-only
/*
 * The environment of core/proxy in the kernel: memory, locks, clocks, and what
 * becomes of what filters ask for.
 */
#include "filter_env.h"

#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "../core/proxy/chain.h"
#include "conn.h"
#include "event.h"
#include "filter_call.h"
#include "filter_vm.h"
#include "inject.h"
#include "layer_filter.h"

struct workqueue_struct *hbk_filter_workqueue;
struct workqueue_struct *hbk_filter_call_workqueue;	/* calls sleep for long: nothing else waits behind them */

static DEFINE_MUTEX(hub_mutex);
static struct hbk_hub hub;

static void *heap_allocate(struct hbk_wasm_heap *heap, size_t size)
{
	return HBK_INJECT(FILTER_MEMORY) ? NULL : kvzalloc(size, GFP_KERNEL_ACCOUNT);
}

static void heap_release(struct hbk_wasm_heap *heap, void *memory, size_t size)
{
	kvfree_sensitive(memory, size);
}

static void *heap_resize(struct hbk_wasm_heap *heap, void *memory, size_t old_size, size_t new_size)
{
	void *other = heap_allocate(heap, new_size);

	if (!other)
		return NULL;
	if (memory)
		memcpy(other, memory, min(old_size, new_size));
	kvfree_sensitive(memory, old_size);
	return other;
}

struct hbk_wasm_heap hbk_filter_heap = {
	.allocate = heap_allocate,
	.resize = heap_resize,
	.release = heap_release,
};

static void hub_lock(struct hbk_hub *locked)
{
	mutex_lock(&hub_mutex);
}

static void hub_unlock(struct hbk_hub *locked)
{
	mutex_unlock(&hub_mutex);
}

static void env_lock(struct hbk_vm *core)
{
	mutex_lock(&hbk_filter_vm_of(core)->lock);
}

static void env_unlock(struct hbk_vm *core)
{
	mutex_unlock(&hbk_filter_vm_of(core)->lock);
}

static void env_log(struct hbk_vm *core, enum hbk_proxy_log_level level, const char *text,
		    u32 length)
{
	hbk_guest_log_write(hbk_filter_vm_of(core)->filter->guest, text, length);
}

static enum hbk_proxy_log_level env_log_level(struct hbk_vm *core)
{
	return HBK_PROXY_INFO;
}

static u64 env_clock(struct hbk_vm *core, bool monotonic)
{
	return monotonic ? ktime_get_ns() : ktime_get_real_ns();
}

static void env_random(struct hbk_vm *core, void *to, u32 length)
{
	get_random_bytes(to, length);
}

static void env_wake_chain(struct hbk_chain *chain)
{
	struct hbk_filtering *filtering = chain->owner;

	WRITE_ONCE(filtering->woken, true);
	hbk_filtering_kick(filtering);
}

static void env_failed(struct hbk_chain *chain, u32 index, enum hbk_wasm_trap trap, bool bypassed)
{
	const struct hbk_filtering *filtering = chain->owner;
	const struct hbk_conn *conn = filtering->conn;
	struct hbk_filter *filter = conn->rule->filters[index];

	atomic64_inc(bypassed ? &filter->bypassed : &filter->failed);
	hbk_event_filter_failed(filter->name, &conn->info,
				trap ? hbk_wasm_trap_name(trap) : "",
				bypassed ? "bypassed" : "connection-failed");
}

static const struct hbk_proxy_ops env_ops = {
	.call = hbk_filter_vm_call,
	.memory = hbk_guest_memory,
	.lock = env_lock,
	.unlock = env_unlock,
	.log = env_log,
	.log_level = env_log_level,
	.clock = env_clock,
	.random = env_random,
	.property = hbk_filter_property,
	.http_call = hbk_filter_call,
	.tick = hbk_filter_vm_tick,
	.wake_chain = env_wake_chain,
	.wake_vm = hbk_filter_vm_wake,
	.failed = env_failed,
};

struct hbk_proxy_env hbk_filter_env = {
	.ops = &env_ops,
	.heap = &hbk_filter_heap,
	.hub = &hub,
};

/**
 * hbk_filter_env_init() - get ready for filters
 *
 * Return: 0 or a negative errno.
 */
int hbk_filter_env_init(void)
{
	int err;

	/* Guests may run long, and sleep for each other: they must not hold up those of other connections. */
	hbk_filter_workqueue = alloc_workqueue("hauberk_filters", WQ_UNBOUND, WQ_MAX_ACTIVE);
	if (!hbk_filter_workqueue)
		return -ENOMEM;
	hbk_filter_call_workqueue = alloc_workqueue("hauberk_filter_calls", WQ_UNBOUND,
						    WQ_MAX_ACTIVE);
	if (!hbk_filter_call_workqueue) {
		destroy_workqueue(hbk_filter_workqueue);
		return -ENOMEM;
	}
	hub.lock = hub_lock;
	hub.unlock = hub_unlock;
	hbk_hub_init(&hub, &hbk_filter_heap);
	err = hbk_filter_hosts_init();
	if (!err)
		return 0;
	hbk_hub_release(&hub);
	destroy_workqueue(hbk_filter_call_workqueue);
	destroy_workqueue(hbk_filter_workqueue);
	return err;
}

/**
 * hbk_filter_env_exit() - there is no rule-set any more
 */
void hbk_filter_env_exit(void)
{
	hbk_filter_hosts_exit();
	destroy_workqueue(hbk_filter_call_workqueue);
	destroy_workqueue(hbk_filter_workqueue);
	hbk_hub_release(&hub);
}
