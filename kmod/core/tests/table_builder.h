/* SPDX-License-Identifier: GPL-2.0-only */
/* Builds decision tables for tests: the reference of what a compiler writes, byte for byte. */
#ifndef _HBK_TESTS_TABLE_BUILDER_H
#define _HBK_TESTS_TABLE_BUILDER_H

#include "../table.h"

#define BUILD_MAX	8	/* entries of each list of a rule; a list ends at its first zero entry */
#define BUILD_FILTERS_MAX	(HBK_FILTER_CHAIN_MAX + 1)	/* one more than is allowed */

struct build_range {
	u32 low, high;
};

struct build_cidr {
	u8 address[16];
	u8 prefix;
};

struct build_rule {
	const char *name;
	u8 direction, action, on_tls;
	const char *identity, *server_name;
	struct build_range ports[BUILD_MAX];
	struct build_cidr cidrs[BUILD_MAX];
	u32 cidr_count;
	struct build_range uids[BUILD_MAX];
	u32 uid_count;
	struct build_range gids[BUILD_MAX];
	u32 gid_count;
	const char *comms[BUILD_MAX];
	u64 cgroups[BUILD_MAX];
	u64 netns[BUILD_MAX];
	const char *peers[BUILD_MAX];
	const char *filters[BUILD_FILTERS_MAX];
};

/* The caller frees it. */
u8 *table_build(const struct build_rule *rules, u32 count, size_t *length);

#endif /* _HBK_TESTS_TABLE_BUILDER_H */
