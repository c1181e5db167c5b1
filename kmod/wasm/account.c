// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory accounts, and the heap that the engine is given. Charging is atomic
 * and takes no lock; allocating sleeps, so process context, outside of any FPU
 * section.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "account.h"

#define ACCOUNT_GFP	(GFP_KERNEL | __GFP_NOWARN)
#define COPY_CHUNK	(256 * 1024)	/* bytes that are copied without a chance to reschedule */

static unsigned int memory_max = 512;
module_param(memory_max, uint, 0644);
MODULE_PARM_DESC(memory_max, "MiB that all guests together may have");

static unsigned int guest_memory_max = 128;
module_param(guest_memory_max, uint, 0644);
MODULE_PARM_DESC(guest_memory_max, "MiB that a guest with all its instances may have, of those loaded from now on");

static atomic64_t total_used;

static bool charge(atomic64_t *used, u64 size, u64 max)
{
	s64 before = atomic64_read(used);

	do {
		if (size > max || before > max - size)
			return false;
	} while (!atomic64_try_cmpxchg(used, &before, before + size));
	return true;
}

int hbk_account_charge_total(u64 size)
{
	return charge(&total_used, size, (u64)READ_ONCE(memory_max) << 20) ? 0 : -ENOMEM;
}

void hbk_account_uncharge_total(u64 size)
{
	atomic64_sub(size, &total_used);
}

/**
 * hbk_account_charge() - let a guest pay
 * @account: its account
 * @size: bytes
 *
 * Context: any.
 * Return: 0, or -ENOMEM when the guest or all of them together would have too much.
 */
int hbk_account_charge(struct hbk_account *account, u64 size)
{
	if (!charge(&account->used, size, account->max))
		return -ENOMEM;
	if (hbk_account_charge_total(size)) {
		atomic64_sub(size, &account->used);
		return -ENOMEM;
	}
	return 0;
}

void hbk_account_uncharge(struct hbk_account *account, u64 size)
{
	hbk_account_uncharge_total(size);
	atomic64_sub(size, &account->used);
}

/* Zeroed memory that @account pays for, or NULL. May sleep. */
void *hbk_account_alloc(struct hbk_account *account, size_t size)
{
	void *memory;

	might_sleep();
	if (hbk_account_charge(account, size))
		return NULL;
	memory = kvzalloc(size, ACCOUNT_GFP);
	if (!memory)
		hbk_account_uncharge(account, size);
	return memory;
}

void hbk_account_free(struct hbk_account *account, const void *memory, size_t size)
{
	if (!memory)
		return;
	kvfree(memory);
	hbk_account_uncharge(account, size);
}

static struct hbk_account *account_of(struct hbk_wasm_heap *heap)
{
	return container_of(heap, struct hbk_account, heap);
}

static void *heap_allocate(struct hbk_wasm_heap *heap, size_t size)
{
	return hbk_account_alloc(account_of(heap), size);
}

static void heap_release(struct hbk_wasm_heap *heap, void *memory, size_t size)
{
	hbk_account_free(account_of(heap), memory, size);
}

static void copy(u8 *to, const u8 *from, size_t size)
{
	size_t chunk;

	for (; size; size -= chunk, to += chunk, from += chunk) {
		chunk = min_t(size_t, size, COPY_CHUNK);
		memcpy(to, from, chunk);
		cond_resched();
	}
}

static void *heap_resize(struct hbk_wasm_heap *heap, void *memory, size_t old_size, size_t new_size)
{
	void *moved = heap_allocate(heap, new_size);

	if (!moved)
		return NULL;
	copy(moved, memory, min(old_size, new_size));
	heap_release(heap, memory, old_size);
	return moved;
}

static int heap_yield(struct hbk_wasm_heap *heap)
{
	cond_resched();
	return fatal_signal_pending(current) ? -EINTR : 0;
}

void hbk_account_init(struct hbk_account *account)
{
	account->heap = (struct hbk_wasm_heap) {
		.allocate = heap_allocate,
		.resize = heap_resize,
		.release = heap_release,
		.yield = heap_yield,
	};
	atomic64_set(&account->used, 0);
	account->max = (u64)READ_ONCE(guest_memory_max) << 20;
}
