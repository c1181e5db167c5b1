// SPDX-License-Identifier: GPL-2.0-only
/*
 * Matching.  The table has been verified (table_verify.c), so no index, slice
 * or reference is checked again.  Any context: no lock, no allocation.
 */
#include "table.h"

static u32 first_of(const struct hbk_table_slice *slice)
{
	return le32_to_cpu(slice->first);
}

static u32 count_of(const struct hbk_table_slice *slice)
{
	return le32_to_cpu(slice->count);
}

static bool prefix_equal(const u8 *address, const struct hbk_table_cidr *cidr)
{
	u32 bytes = cidr->prefix / 8, bits = cidr->prefix % 8;
	u8 mask = 0xff << (8 - bits);

	if (memcmp(address, cidr->address, bytes))
		return false;
	return !bits || (address[bytes] & mask) == cidr->address[bytes];
}

static bool cidrs_hold(const struct hbk_table *table, const struct hbk_table_slice *slice,
		       const u8 *address)
{
	const struct hbk_table_cidr *cidr = table->cidrs + first_of(slice);
	u32 i, count = count_of(slice);

	for (i = 0; i < count; i++) {
		if (prefix_equal(address, &cidr[i]))
			return true;
	}
	return !count;
}

static bool ids_hold(const struct hbk_table *table, const struct hbk_table_slice *slice, u32 id)
{
	const struct hbk_table_range *range = table->ids + first_of(slice);
	u32 i, count = count_of(slice);

	for (i = 0; i < count; i++) {
		if (id >= le32_to_cpu(range[i].low) && id <= le32_to_cpu(range[i].high))
			return true;
	}
	return !count;
}

static bool comms_hold(const struct hbk_table *table, const struct hbk_table_slice *slice,
		       const char *comm)
{
	const __le32 *ref = table->refs + first_of(slice);
	u32 i, count = count_of(slice);

	for (i = 0; i < count; i++) {
		if (!strcmp(comm, table->strings + le32_to_cpu(ref[i])))
			return true;
	}
	return !count;
}

static bool numbers_hold(const struct hbk_table *table, const struct hbk_table_slice *slice,
			 const u64 *values, u32 value_count)
{
	const __le64 *number = table->numbers + first_of(slice);
	u32 i, j, count = count_of(slice);

	for (i = 0; i < count; i++) {
		for (j = 0; j < value_count; j++) {
			if (le64_to_cpu(number[i]) == values[j])
				return true;
		}
	}
	return !count;
}

/* What is known before a task takes part. The ports hold already: the span that lists the rule says so. */
static bool wire_holds(const struct hbk_table *table, const struct hbk_table_rule *rule,
		       const struct hbk_flow *flow)
{
	return cidrs_hold(table, &rule->cidrs, flow->remote) &&
	       numbers_hold(table, &rule->netns, &flow->netns, 1);
}

static bool task_holds(const struct hbk_table *table, const struct hbk_table_rule *rule,
		       const struct hbk_flow *flow)
{
	return ids_hold(table, &rule->uids, flow->uid) &&
	       ids_hold(table, &rule->gids, flow->gid) &&
	       comms_hold(table, &rule->comms, flow->comm) &&
	       numbers_hold(table, &rule->cgroups, flow->cgroups, flow->cgroup_count);
}

static bool task_matters(const struct hbk_table_rule *rule)
{
	return count_of(&rule->uids) || count_of(&rule->gids) || count_of(&rule->comms) ||
	       count_of(&rule->cgroups);
}

static const struct hbk_table_span *span_find(const struct hbk_table *table, u8 direction, u16 port)
{
	bool inbound = direction == HBK_INBOUND;
	u32 low = inbound ? 0 : table->inbound_spans;
	u32 end = inbound ? table->inbound_spans : table->span_count;
	u32 high = end, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (port > le32_to_cpu(table->spans[middle].high))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == end || port < le32_to_cpu(table->spans[low].low))
		return NULL;
	return &table->spans[low];
}

static int match(const struct hbk_table *table, const struct hbk_flow *flow, bool early)
{
	const struct hbk_table_span *span = span_find(table, flow->direction, flow->port);
	const struct hbk_table_rule *rule;
	const __le32 *candidate;
	u32 i, count;

	if (!span)
		return HBK_NO_RULE;
	candidate = table->candidates + first_of(&span->rules);
	count = count_of(&span->rules);
	for (i = 0; i < count; i++) {
		rule = &table->rules[le32_to_cpu(candidate[i])];
		if (!wire_holds(table, rule, flow))
			continue;
		if (early && task_matters(rule))
			return HBK_RULE_LATER;
		if (task_holds(table, rule, flow))
			return le32_to_cpu(candidate[i]);
	}
	return HBK_NO_RULE;
}

/**
 * hbk_table_match() - find the rule that decides about a connection
 * @table: a verified table
 * @flow: the connection
 *
 * Return: the index of the first rule that matches, or HBK_NO_RULE.
 */
int hbk_table_match(const struct hbk_table *table, const struct hbk_flow *flow)
{
	return match(table, flow, false);
}

/**
 * hbk_table_match_early() - the same before the task that will accept is known
 * @table: a verified table
 * @flow: the connection; its task's fields are not looked at
 *
 * Return: the index of the rule that decides whoever the task is, HBK_NO_RULE,
 * or HBK_RULE_LATER if it depends on the task.
 */
int hbk_table_match_early(const struct hbk_table *table, const struct hbk_flow *flow)
{
	return match(table, flow, true);
}

/**
 * hbk_table_string() - the string that a reference of a verified table means
 * @table: a verified table
 * @reference: the reference, out of that table
 *
 * Return: a NUL-terminated string in the table, or NULL for HBK_STRING_NONE.
 */
const char *hbk_table_string(const struct hbk_table *table, __le32 reference)
{
	u32 offset = le32_to_cpu(reference);

	return offset == HBK_STRING_NONE ? NULL : table->strings + offset;
}
