/* SPDX-License-Identifier: GPL-2.0-only */
/* The decision table: verified once when it is pushed, then matched without a check, a lock or an allocation. */
#ifndef _HBK_CORE_TABLE_H
#define _HBK_CORE_TABLE_H

#include "fault.h"

/* What is known of a connection when connect() or accept() is called. */
struct hbk_flow {
	u8 direction;			/* enum hbk_direction */
	u16 port;			/* local if inbound, remote if outbound; host byte order */
	u8 remote[16];			/* IPv4 as ::ffff:a.b.c.d */
	u32 uid;
	u32 gid;
	const char *comm;		/* NUL-terminated */
	const u64 *cgroups;		/* own id first, then the ancestors' */
	u32 cgroup_count;
	u64 netns;
};

/* A verified table. Pointers go into the blob, which the caller keeps and never changes. */
struct hbk_table {
	const struct hbk_table_rule *rules;
	const struct hbk_table_span *spans;
	const __le32 *candidates;
	const struct hbk_table_range *ports;
	const struct hbk_table_cidr *cidrs;
	const struct hbk_table_range *ids;
	const __le64 *numbers;
	const __le32 *refs;
	const char *strings;
	u32 rule_count;
	u32 span_count;
	u32 inbound_spans;
	u32 counts[HBK_SECTION_COUNT];
	bool uses_cgroups;		/* some rule names a cgroup: the caller must fill flow->cgroups */
};

#define HBK_NO_RULE	(-1)
#define HBK_RULE_LATER	(-2)	/* the task must be known first */

/*
 * What verifying may cost: a step for each record and each byte of a string
 * that is looked at.  Slices may share records, so without a bound a small
 * table could keep the kernel busy for hours; an honest one stays far below.
 */
#define HBK_TABLE_STEPS_MAX	16777216

int hbk_table_verify(struct hbk_table *table, const void *blob, size_t length,
		     struct hbk_fault *fault);
int hbk_table_match(const struct hbk_table *table, const struct hbk_flow *flow);
int hbk_table_match_early(const struct hbk_table *table, const struct hbk_flow *flow);
const char *hbk_table_string(const struct hbk_table *table, __le32 reference);

#endif /* _HBK_CORE_TABLE_H */
