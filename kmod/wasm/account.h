/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory that is paid for: an account for each guest, and one above them for all of wasm.ko. */
#ifndef _HBK_WASM_ACCOUNT_H
#define _HBK_WASM_ACCOUNT_H

#include <linux/atomic.h>
#include <linux/types.h>

#include "../core/wasm/heap.h"

/**
 * struct hbk_account - who pays for memory
 * @heap: for the engine: what it allocates is charged here
 * @used: bytes
 * @max: it never has more
 */
struct hbk_account {
	struct hbk_wasm_heap heap;
	atomic64_t used;
	u64 max;
};

void hbk_account_init(struct hbk_account *account);
int hbk_account_charge(struct hbk_account *account, u64 size);
void hbk_account_uncharge(struct hbk_account *account, u64 size);

void *hbk_account_alloc(struct hbk_account *account, size_t size);
void hbk_account_free(struct hbk_account *account, const void *memory, size_t size);

/* Stacks belong to no guest: they are charged to the whole alone. */
int hbk_account_charge_total(u64 size);
void hbk_account_uncharge_total(u64 size);

#endif /* _HBK_WASM_ACCOUNT_H */
