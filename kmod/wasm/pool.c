// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pools of instances. Process context.
 *
 * A CPU pool has a slot for each CPU that may ever be there, with a mutex that
 * whoever has taken the slot's instance holds: a task that is moved meanwhile
 * keeps it, and one that comes to the CPU waits. When a CPU goes, so does the
 * instance of its slot; should a task take it again, that makes it anew.
 *
 * A taker pool makes an instance for each taker and frees it when it is given
 * back. None is kept for the next one: what a guest has seen of one connection
 * must not be there when it serves another.
 */
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "guest.h"
#include "instance.h"
#include "pool.h"

/**
 * struct hbk_pool_slot - the instance of a CPU
 * @lock: held while the instance is taken
 * @instance: NULL until somebody wants it
 */
struct hbk_pool_slot {
	struct mutex lock;
	struct hbk_guest_instance *instance;
};

/**
 * struct hbk_guest_pool - instances of a guest
 * @guest: of which it holds a reference
 * @kind: see hauberk/wasm.h
 * @max: instances that there may be
 * @count: instances that there are
 * @data: what each is made with
 * @node: among the pools that are told when a CPU goes
 * @slots: of a CPU pool, one for each possible CPU
 */
struct hbk_guest_pool {
	struct hbk_guest *guest;
	enum hbk_guest_pool_kind kind;
	u32 max;
	atomic_t count;
	void *data;
	struct hlist_node node;
	struct hbk_pool_slot slots[];
};

static enum cpuhp_state hotplug_state;

static struct hbk_guest_instance *make(struct hbk_guest_pool *pool, struct hbk_guest_run *run)
{
	struct hbk_guest_instance *instance;
	struct hbk_guest_error *error;

	if (atomic_inc_return(&pool->count) > pool->max) {
		atomic_dec(&pool->count);
		return ERR_PTR(-EUSERS);
	}
	error = kmalloc(sizeof(*error), GFP_KERNEL);
	if (error)
		instance = hbk_guest_instance_new(pool->guest, pool->data, run, error);
	else
		instance = ERR_PTR(-ENOMEM);
	kfree(error);
	if (IS_ERR(instance))
		atomic_dec(&pool->count);
	return instance;
}

static void discard(struct hbk_guest_pool *pool, struct hbk_guest_instance *instance)
{
	hbk_guest_instance_free(instance);
	atomic_dec(&pool->count);
}

static void empty(struct hbk_guest_pool *pool, struct hbk_pool_slot *slot)
{
	mutex_lock(&slot->lock);
	if (slot->instance)
		discard(pool, slot->instance);
	slot->instance = NULL;
	mutex_unlock(&slot->lock);
}

static struct hbk_guest_instance *take_slot(struct hbk_guest_pool *pool, struct hbk_guest_run *run)
{
	struct hbk_pool_slot *slot = &pool->slots[raw_smp_processor_id()];
	struct hbk_guest_instance *instance;

	if (mutex_lock_killable(&slot->lock))
		return ERR_PTR(-EINTR);
	if (slot->instance)
		return slot->instance;
	instance = make(pool, run);
	if (IS_ERR(instance)) {
		mutex_unlock(&slot->lock);
		return instance;
	}
	instance->slot = slot;
	slot->instance = instance;
	return instance;
}

/**
 * hbk_guest_pool_take() - an instance to call
 * @pool: where from
 * @run: @run->fuel bounds the start of a new one
 *
 * Of a CPU pool the caller has the CPU's slot for itself until it gives the
 * instance back, and so must give it back itself, soon, and take no other.
 *
 * Return: the instance, for hbk_guest_pool_give(), or ERR_PTR: -EUSERS when
 * there are @max, -EINTR, or why one could not be made.
 */
struct hbk_guest_instance *hbk_guest_pool_take(struct hbk_guest_pool *pool,
					       struct hbk_guest_run *run)
{
	return pool->kind == HBK_GUEST_POOL_CPU ? take_slot(pool, run) : make(pool, run);
}
EXPORT_SYMBOL_GPL(hbk_guest_pool_take);

void hbk_guest_pool_give(struct hbk_guest_pool *pool, struct hbk_guest_instance *instance)
{
	struct hbk_pool_slot *slot = instance->slot;

	if (!slot || hbk_guest_is_poisoned(instance)) {
		discard(pool, instance);
		if (slot)
			slot->instance = NULL;
	}
	if (slot)
		mutex_unlock(&slot->lock);
}
EXPORT_SYMBOL_GPL(hbk_guest_pool_give);

static int cpu_goes(unsigned int cpu, struct hlist_node *node)
{
	struct hbk_guest_pool *pool = hlist_entry(node, struct hbk_guest_pool, node);

	empty(pool, &pool->slots[cpu]);
	return 0;
}

/**
 * hbk_guest_pool_new() - a pool of instances of a guest
 * @guest: of which the pool takes a reference of its own
 * @kind: see enum hbk_guest_pool_kind
 * @max: how many instances there may be at once
 * @data: for host functions
 *
 * Instances are made when they are taken.
 *
 * Return: the pool, or ERR_PTR(-ENOMEM).
 */
struct hbk_guest_pool *hbk_guest_pool_new(struct hbk_guest *guest, enum hbk_guest_pool_kind kind,
					  u32 max, void *data)
{
	u32 slots = kind == HBK_GUEST_POOL_CPU ? nr_cpu_ids : 0, i;
	struct hbk_guest_pool *pool;
	int err;

	pool = kzalloc(struct_size(pool, slots, slots), GFP_KERNEL);
	if (!pool)
		return ERR_PTR(-ENOMEM);
	pool->guest = guest;
	pool->kind = kind;
	pool->max = max;
	pool->data = data;
	for (i = 0; i < slots; i++)
		mutex_init(&pool->slots[i].lock);
	if (slots) {
		err = cpuhp_state_add_instance_nocalls(hotplug_state, &pool->node);
		if (err) {
			kfree(pool);
			return ERR_PTR(err);
		}
	}
	hbk_guest_get(guest);
	return pool;
}
EXPORT_SYMBOL_GPL(hbk_guest_pool_new);

/* All instances have been given back. */
void hbk_guest_pool_free(struct hbk_guest_pool *pool)
{
	u32 i;

	if (pool->kind == HBK_GUEST_POOL_CPU) {
		cpuhp_state_remove_instance_nocalls(hotplug_state, &pool->node);
		for (i = 0; i < nr_cpu_ids; i++)
			empty(pool, &pool->slots[i]);
	}
	WARN_ON_ONCE(atomic_read(&pool->count));
	hbk_guest_put(pool->guest);
	kfree(pool);
}
EXPORT_SYMBOL_GPL(hbk_guest_pool_free);

int hbk_pool_init(void)
{
	int state = cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN, "hauberk/wasm:online", NULL,
					    cpu_goes);

	if (state < 0)
		return state;
	hotplug_state = state;
	return 0;
}

void hbk_pool_exit(void)
{
	cpuhp_remove_multi_state(hotplug_state);
}
