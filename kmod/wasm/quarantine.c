// SPDX-License-Identifier: GPL-2.0-only
/*
 * Quarantine: a guest that traps too often within a window of time is not
 * called any more, until it is loaded anew. Process context.
 */
#include <linux/module.h>
#include <linux/timekeeping.h>

#include "guest.h"

static unsigned int trap_max = 16;
module_param(trap_max, uint, 0644);
MODULE_PARM_DESC(trap_max, "traps within trap_window that put a guest into quarantine; 0: never");

static unsigned int trap_window = 60;
module_param(trap_window, uint, 0644);
MODULE_PARM_DESC(trap_window, "seconds");

/* Whether the guest is to blame: not for the host's signals, nor for ending by itself. */
static bool counts(enum hbk_wasm_trap trap)
{
	return trap != HBK_WASM_TRAP_NONE && trap != HBK_WASM_TRAP_EXIT &&
	       trap != HBK_WASM_TRAP_INTERRUPTED && trap != HBK_WASM_TRAP_POISONED;
}

/* True for the trap that is one too many, once. */
static bool count_trap(struct hbk_quarantine *quarantine, u32 max, u64 window)
{
	u64 now = ktime_get_ns();
	bool closes;

	spin_lock(&quarantine->lock);
	if (now - quarantine->since > window) {
		quarantine->since = now;
		quarantine->count = 0;
	}
	closes = ++quarantine->count >= max && !quarantine->closed;
	if (closes)
		WRITE_ONCE(quarantine->closed, true);
	spin_unlock(&quarantine->lock);
	return closes;
}

/**
 * hbk_quarantine_count() - note how a call ended
 * @guest: that was called
 * @trap: what stopped it
 */
void hbk_quarantine_count(struct hbk_guest *guest, enum hbk_wasm_trap trap)
{
	u32 max = READ_ONCE(trap_max);

	if (!counts(trap))
		return;
	atomic64_inc(&guest->traps);
	if (max && count_trap(&guest->quarantine, max, (u64)READ_ONCE(trap_window) * NSEC_PER_SEC))
		hbk_watch_tell(HBK_GUEST_QUARANTINED, guest);
}
