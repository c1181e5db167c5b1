// SPDX-License-Identifier: GPL-2.0-only
/* The table finds what a loop over the rules would find. */
#include <stdlib.h>

#include "golden.h"
#include "tests.h"

struct row {
	const char *name;
	struct hbk_flow flow;
	int rule;
};

#define V4(a, b, c, d)	{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d }

static const u64 own_cgroup[] = { 4242 };
static const u64 nested_cgroup[] = { 99, 4242, 1 };
static const u64 other_cgroup[] = { 4243, 1 };

#define OUT(to, user, command, groups, net) \
	{ HBK_OUTBOUND, to, V4(192, 0, 2, 1), user, 0, command, groups, ROWS(groups), net }

/* Against the golden rules. */
static const struct row rows[] = {
	{ "match: denied network, first port", { HBK_INBOUND, 1, V4(192, 0, 2, 9), 0, 0, "x", NULL, 0, 1 }, 0 },
	{ "match: denied network, last port", { HBK_INBOUND, 65535, V4(192, 0, 2, 255), 0, 0, "x", NULL, 0, 1 }, 0 },
	{ "match: denied network before web-in", { HBK_INBOUND, 8000, V4(192, 0, 2, 9), 0, 1000, "x", NULL, 0, 1 }, 0 },
	{ "match: next network", { HBK_INBOUND, 22, V4(192, 0, 3, 9), 0, 0, "x", NULL, 0, 1 }, HBK_NO_RULE },
	{ "match: same bytes in IPv6", { HBK_INBOUND, 22, { [12] = 192, 0, 2, 9 }, 0, 0, "x", NULL, 0, 1 }, HBK_NO_RULE },
	{ "match: web-in, IPv4", { HBK_INBOUND, 8000, V4(10, 1, 2, 3), 0, 1000, "x", NULL, 0, 1 }, 1 },
	{ "match: web-in, IPv6", { HBK_INBOUND, 8000, { 0xfd, [15] = 1 }, 0, 1999, "x", NULL, 0, 1 }, 1 },
	{ "match: web-in, first of its range", { HBK_INBOUND, 8080, V4(10, 0, 0, 0), 0, 1500, "x", NULL, 0, 1 }, 1 },
	{ "match: web-in, last of its range", { HBK_INBOUND, 8090, V4(10, 255, 255, 255), 0, 1500, "x", NULL, 0, 1 }, 1 },
	{ "match: port before the range", { HBK_INBOUND, 8079, V4(10, 0, 0, 1), 0, 1500, "x", NULL, 0, 1 }, HBK_NO_RULE },
	{ "match: port after the range", { HBK_INBOUND, 8091, V4(10, 0, 0, 1), 0, 1500, "x", NULL, 0, 1 }, HBK_NO_RULE },
	{ "match: gid below", { HBK_INBOUND, 8000, V4(10, 0, 0, 1), 0, 999, "x", NULL, 0, 1 }, HBK_NO_RULE },
	{ "match: gid above", { HBK_INBOUND, 8000, V4(10, 0, 0, 1), 0, 2000, "x", NULL, 0, 1 }, HBK_NO_RULE },
	{ "match: other IPv6 network", { HBK_INBOUND, 8000, { 0xfc }, 0, 1500, "x", NULL, 0, 1 }, HBK_NO_RULE },
	{ "match: web-out", OUT(8000, 1000, "curl", own_cgroup, 4026531840), 2 },
	{ "match: web-out, second comm", OUT(8000, 0, "wget", own_cgroup, 4026531840), 2 },
	{ "match: web-out, ancestor cgroup", OUT(8000, 0, "curl", nested_cgroup, 4026531840), 2 },
	{ "match: other cgroup", OUT(8000, 0, "curl", other_cgroup, 4026531840), HBK_NO_RULE },
	{ "match: other netns", OUT(8000, 0, "curl", own_cgroup, 4026531841), HBK_NO_RULE },
	{ "match: other uid", OUT(8000, 1001, "curl", own_cgroup, 4026531840), HBK_NO_RULE },
	{ "match: comm is a prefix", OUT(8000, 0, "cur", own_cgroup, 4026531840), HBK_NO_RULE },
	{ "match: comm is longer", OUT(8000, 0, "curly", own_cgroup, 4026531840), HBK_NO_RULE },
	{ "match: outbound port below", OUT(7999, 0, "curl", own_cgroup, 4026531840), HBK_NO_RULE },
	{ "match: outbound port above", OUT(8001, 0, "curl", own_cgroup, 4026531840), HBK_NO_RULE },
	{ "match: port 0", { HBK_INBOUND, 0, V4(192, 0, 2, 9), 0, 0, "x", NULL, 0, 1 }, HBK_NO_RULE },
};

static void check_row(void **state)
{
	const struct row *row = *state;
	struct hbk_table table;
	size_t length;
	u8 *blob = table_build(golden_rules, golden_rule_count, &length);

	assert_int_equal(hbk_table_verify(&table, blob, length, NULL), 0);
	assert_int_equal(hbk_table_match(&table, &row->flow), row->rule);
	free(blob);
}

/* xorshift64: the same sequence on every machine. */
static u32 below(u64 *seed, u32 limit)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (*seed >> 32) % limit;
}

/* Few distinct values, so that random flows often meet random rules; the last ports are the edges. */
#define PORTS	24
static const char *const comms[] = { "curl", "wget", "nginx" };

static void random_ports(u64 *seed, struct build_range *ranges)
{
	u32 low = 1 + below(seed, 6), i;

	if (below(seed, 8) == 0) {
		ranges[0] = (struct build_range){ 1, 65535 };
		return;
	}
	for (i = 0; i < 4 && (i == 0 || below(seed, 2)); i++) {
		ranges[i].low = low;
		ranges[i].high = low + below(seed, 5);
		low = ranges[i].high + 1 + below(seed, 3);
	}
}

static void random_cidr(u64 *seed, struct build_cidr *cidr)
{
	u32 bit;

	*cidr = (struct build_cidr){ .address = V4(10, below(seed, 4), below(seed, 4), below(seed, 256)) };
	cidr->prefix = below(seed, 4) ? 96 + below(seed, 33) : 0;
	for (bit = cidr->prefix; bit < 128; bit++)
		cidr->address[bit / 8] &= ~(0x80 >> bit % 8);
}

static struct build_range random_ids(u64 *seed)
{
	u32 low = below(seed, 4);

	return (struct build_range){ low, low + below(seed, 3) };
}

static void random_rule(u64 *seed, struct build_rule *rule, const char *name)
{
	*rule = (struct build_rule){ .name = name, .direction = 1 + below(seed, 2), .action = HBK_OFF };
	random_ports(seed, rule->ports);
	for (rule->cidr_count = 0; rule->cidr_count < BUILD_MAX && !below(seed, 3); rule->cidr_count++)
		random_cidr(seed, &rule->cidrs[rule->cidr_count]);
	for (rule->uid_count = 0; rule->uid_count < 3 && !below(seed, 3); rule->uid_count++)
		rule->uids[rule->uid_count] = random_ids(seed);
	for (rule->gid_count = 0; rule->gid_count < 3 && !below(seed, 4); rule->gid_count++)
		rule->gids[rule->gid_count] = random_ids(seed);
	if (!below(seed, 4))
		rule->comms[0] = comms[below(seed, 3)];
	if (!below(seed, 4))
		rule->cgroups[0] = 1 + below(seed, 3);
	if (!below(seed, 4))
		rule->netns[0] = 1 + below(seed, 2);
}

static bool in_ranges(const struct build_range *ranges, u32 count, u32 value)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (value >= ranges[i].low && value <= ranges[i].high)
			return true;
	}
	return count == 0;
}

static bool in_cidr(const struct build_cidr *cidr, const u8 *address)
{
	u32 bit;

	for (bit = 0; bit < cidr->prefix; bit++) {
		if ((cidr->address[bit / 8] ^ address[bit / 8]) & 0x80 >> bit % 8)
			return false;
	}
	return true;
}

static bool model_holds(const struct build_rule *rule, const struct hbk_flow *flow)
{
	u32 i, ports = 0;
	bool holds = rule->cidr_count == 0;

	while (ports < BUILD_MAX && rule->ports[ports].low)
		ports++;
	for (i = 0; i < rule->cidr_count; i++)
		holds |= in_cidr(&rule->cidrs[i], flow->remote);
	if (rule->direction != flow->direction || !in_ranges(rule->ports, ports, flow->port) || !holds)
		return false;
	if (!in_ranges(rule->uids, rule->uid_count, flow->uid) || !in_ranges(rule->gids, rule->gid_count, flow->gid))
		return false;
	if (rule->comms[0] && strcmp(rule->comms[0], flow->comm))
		return false;
	for (i = 0, holds = !rule->cgroups[0]; i < flow->cgroup_count; i++)
		holds |= rule->cgroups[0] == flow->cgroups[i];
	return holds && (!rule->netns[0] || rule->netns[0] == flow->netns);
}

static int model_match(const struct build_rule *rules, u32 count, const struct hbk_flow *flow)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (model_holds(&rules[i], flow))
			return i;
	}
	return HBK_NO_RULE;
}

/* Without the task the answer is the same one, or that the task must be known. */
static void check_early(const struct hbk_table *table, const struct hbk_flow *flow, int rule)
{
	struct hbk_flow wire = { flow->direction, flow->port, .netns = flow->netns };
	int early;

	memcpy(wire.remote, flow->remote, sizeof(wire.remote));
	early = hbk_table_match_early(table, &wire);
	assert_true(early == rule || early == HBK_RULE_LATER);
}

static bool task_matters(const struct build_rule *rule)
{
	return rule->uid_count || rule->gid_count || rule->comms[0] || rule->cgroups[0];
}

/* "Later" must not be said where all rules look at the wire alone. */
static void check_later(const struct build_rule *rules, u32 count, const struct hbk_table *table,
			const struct hbk_flow *flow)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (task_matters(&rules[i]))
			return;
	}
	assert_int_not_equal(hbk_table_match_early(table, flow), HBK_RULE_LATER);
}

static u32 random_flows(u64 *seed, const struct build_rule *rules, u32 count, const struct hbk_table *table)
{
	u32 i, met = 0;

	for (i = 0; i < 400; i++) {
		u64 cgroups[2] = { 1 + below(seed, 4), 1 + below(seed, 4) };
		struct hbk_flow flow = {
			.direction = 1 + below(seed, 2), .port = below(seed, 8) ? below(seed, PORTS) : 65535,
			.remote = V4(10, below(seed, 4), below(seed, 4), below(seed, 256)),
			.uid = below(seed, 6), .gid = below(seed, 6), .comm = comms[below(seed, 3)],
			.cgroups = cgroups, .cgroup_count = below(seed, 3), .netns = 1 + below(seed, 3),
		};
		int rule = hbk_table_match(table, &flow);

		assert_int_equal(rule, model_match(rules, count, &flow));
		check_early(table, &flow, rule);
		check_later(rules, count, table, &flow);
		met += rule > 0;
	}
	return met;
}

static void check_random_rule_sets(void **state)
{
	static const char *const names[] = { "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9" };
	struct build_rule rules[ROWS(names)];
	u64 seed = 0x9e3779b97f4a7c15;
	u32 round, i, count, met = 0;
	struct hbk_fault fault;
	struct hbk_table table;
	size_t length;
	u8 *blob;

	(void)state;
	for (round = 0; round < 250; round++) {
		count = 1 + below(&seed, ROWS(names));
		for (i = 0; i < count; i++)
			random_rule(&seed, &rules[i], names[i]);
		blob = table_build(rules, count, &length);
		if (hbk_table_verify(&table, blob, length, &fault))
			fail_msg("round %u: %s: %s", round, fault.item, fault.text);
		met += random_flows(&seed, rules, count, &table);
		free(blob);
	}
	/* The model must have had something to disagree about. */
	assert_true(met > 5000);
}

void add_match_tests(struct tests *tests)
{
	size_t i;

	for (i = 0; i < ROWS(rows); i++)
		tests_add(tests, rows[i].name, check_row, &rows[i]);
	tests_add(tests, "match: 100,000 random flows as a loop over the rules", check_random_rule_sets, NULL);
}
