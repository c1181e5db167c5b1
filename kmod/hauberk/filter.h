/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Filters: guests that see what the connections of a rule carry.  A filter is
 * an entry of a rule-set, and lives as long as that; so do the VMs that are
 * made of it.
 */
#ifndef _HBK_FILTER_H
#define _HBK_FILTER_H

#include <linux/atomic.h>
#include <linux/in6.h>

#include "../core/fault.h"
#include "../core/frame.h"

#define HBK_FILTER_CALLS_MAX	256	/* HTTP calls of a filter that are under way, of all its VMs */

struct hbk_filter_vms;
struct hbk_guest;
struct hbk_hub_space;
struct hbk_ruleset;

struct hbk_filter {
	char name[HBK_NAME_MAX + 1];
	char module[HBK_NAME_MAX + 1];		/* the guest's name */
	char vm_id[HBK_FILTER_ID_MAX + 1];
	char root_id[HBK_FILTER_ID_MAX + 1];
	struct hbk_ruleset *ruleset;		/* holds us */
	struct hbk_guest *guest;
	u8 *vm_config, *config;			/* NULL if empty */
	u32 vm_config_length, config_length;
	u8 on_failure;				/* enum hbk_on_failure */
	u8 mode;				/* enum hbk_filter_mode */
	u8 isolation;				/* enum hbk_isolation */
	u64 budget;				/* instructions of a call; 0: the engine's own limit */
	atomic64_t calls, traps, instructions;
	atomic64_t streams, bypassed, failed;
	atomic_t instances;
	atomic_t calls_out;			/* HTTP calls that are under way */
	struct hbk_hub_space *space;		/* what its VMs share, also while there is none */
	struct hbk_filter_vms *vms;		/* see filter_vm.c */
};

/* Whom filters may call. */
struct hbk_upstream {
	char name[HBK_NAME_MAX + 1];
	struct in6_addr address;		/* IPv4 as ::ffff:a.b.c.d */
	u16 port;				/* host byte order */
};

struct hbk_filter *hbk_filter_create(struct hbk_ruleset *ruleset, const struct hbk_request *request,
				     struct hbk_fault *fault);
void hbk_filter_free(struct hbk_filter *filter);

#endif /* _HBK_FILTER_H */
