/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests as wasm.ko sees them from inside. */
#ifndef _HBK_WASM_GUEST_H
#define _HBK_WASM_GUEST_H

#include <linux/list.h>
#include <linux/ratelimit.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>

#include <hauberk/wasm.h>

#include "account.h"

struct hbk_compiled_entry;

/**
 * struct hbk_quarantine - how often a guest trapped of late
 * @lock: guards the others
 * @since: when the window began (ktime, nanoseconds)
 * @count: traps since then
 * @closed: it has been too many; for good
 */
struct hbk_quarantine {
	spinlock_t lock;
	u64 since;
	u32 count;
	bool closed;
};

/**
 * struct hbk_guest - a loaded module
 * @node: in the registry, newest last
 * @refs: the registry's, and that of each who uses it
 * @name: unique in the registry
 * @sha256: of @bytes
 * @flags: HBK_GUEST_*
 * @loaded_ns: CLOCK_REALTIME
 * @account: pays for everything below and for the instances
 * @bytes: the module's own copy; @module points into it
 * @size: of it
 * @module: what they say
 * @imports: what each import was resolved to
 * @hosts: the host modules among them, each once
 * @host_count: how many
 * @compiled: the machine code that it runs; NULL if it is interpreted
 * @backend: what runs it
 * @code: what that has prepared
 * @instances: that there are
 * @calls: made into it
 * @traps: of them
 * @fuel: charged to them
 * @quarantine: closed after too many traps
 * @log_rate: what it may write to the log
 */
struct hbk_guest {
	struct list_head node;
	refcount_t refs;
	char name[HBK_GUEST_NAME];
	u8 sha256[HBK_GUEST_SHA256];
	u32 flags;
	u64 loaded_ns;
	struct hbk_account account;
	void *bytes;
	size_t size;
	struct hbk_wasm_module module;
	const struct hbk_host_function **imports;
	struct hbk_host_module **hosts;
	u32 host_count;
	const struct hbk_compiled_entry *compiled;
	const struct hbk_wasm_backend *backend;
	const void *code;
	atomic_t instances;
	atomic64_t calls;
	atomic64_t traps;
	atomic64_t fuel;
	struct hbk_quarantine quarantine;
	struct ratelimit_state log_rate;
};

void hbk_guest_get(struct hbk_guest *guest);
int hbk_guest_hold_hosts(struct hbk_guest *guest);
void hbk_guest_drop_host(struct hbk_host_module *host);
void hbk_guest_exit(void);

int hbk_guest_fail(struct hbk_guest_error *error, int err, const char *format, ...)
	__printf(3, 4);

static inline bool hbk_quarantine_is_closed(const struct hbk_guest *guest)
{
	return READ_ONCE(guest->quarantine.closed);
}

void hbk_quarantine_count(struct hbk_guest *guest, enum hbk_wasm_trap trap);

/* Process context. */
void hbk_watch_tell(enum hbk_guest_event event, struct hbk_guest *guest);

#endif /* _HBK_WASM_GUEST_H */
