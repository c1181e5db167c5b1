// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "../../table.h"

static void match_everything(const struct hbk_table *table)
{
	static const u64 cgroups[] = { 4242, 1 };
	static const u16 ports[] = { 0, 1, 23, 7999, 8000, 8080, 8090, 65535 };
	struct hbk_flow flow = {
		.remote = { [10] = 0xff, 0xff, 10, 0, 0, 1 }, .uid = 1000, .gid = 1000, .comm = "curl",
		.cgroups = cgroups, .cgroup_count = 2, .netns = 4026531840,
	};
	size_t i;
	int rule;

	for (flow.direction = HBK_INBOUND; flow.direction <= HBK_OUTBOUND; flow.direction++) {
		for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
			flow.port = ports[i];
			rule = hbk_table_match(table, &flow);
			if (rule >= (int)table->rule_count || rule < HBK_NO_RULE)
				abort();
		}
	}
}

/* The input is a table whose length is put right. It is copied, so that it is aligned and ends where its memory ends. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	struct hbk_table table;
	struct hbk_fault fault;
	const char *name;
	u8 *blob = malloc(length);
	u32 i;

	memcpy(blob, data, length);
	if (length >= 12)
		put_unaligned_le32(length, blob + 8);
	if (!hbk_table_verify(&table, blob, length, &fault)) {
		for (i = 0; i < table.rule_count; i++) {
			name = hbk_table_string(&table, table.rules[i].name);
			if (strlen(name) > HBK_NAME_MAX)
				abort();
		}
		match_everything(&table);
	}
	free(blob);
	return 0;
}
