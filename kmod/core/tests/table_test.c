// SPDX-License-Identifier: GPL-2.0-only
/* Tables that must be refused: the golden one with a few bytes changed, and rule-sets that make no sense. */
#include <stdlib.h>

#include "golden.h"
#include "tests.h"

#define HEADER	(-1)

/* Writes a value into a field of a record of a section, or of the header. */
struct poke {
	int section;
	u32 record, field, width;
	u64 value;
};

struct poke_row {
	const char *name;
	struct poke pokes[3];
	const char *item;
};

#define IN_HEADER(field, value) \
	{ HEADER, 0, offsetof(struct hbk_table_header, field), \
	  sizeof(((struct hbk_table_header *)0)->field), value }
#define IN_RULE(index, field, value) \
	{ HBK_SECTION_RULES, index, offsetof(struct hbk_table_rule, field), \
	  sizeof(((struct hbk_table_rule *)0)->field), value }
#define IN_SPAN(index, field, value) \
	{ HBK_SECTION_SPANS, index, offsetof(struct hbk_table_span, field), 4, value }
#define IN_PORTS(index, field, value) \
	{ HBK_SECTION_PORTS, index, offsetof(struct hbk_table_range, field), 4, value }
#define IN_IDS(index, field, value) \
	{ HBK_SECTION_IDS, index, offsetof(struct hbk_table_range, field), 4, value }
#define IN_CIDR(index, field, value) \
	{ HBK_SECTION_CIDRS, index, offsetof(struct hbk_table_cidr, field), 1, value }
#define CANDIDATE(index, value)		{ HBK_SECTION_CANDIDATES, index, 0, 4, value }
#define REF(index, value)		{ HBK_SECTION_REFS, index, 0, 4, value }
#define BYTE(index, value)		{ HBK_SECTION_STRINGS, index, 0, 1, value }

#define TESTNET	"rule 0 (block-testnet)"
#define WEB_IN	"rule 1 (web-in)"
#define WEB_OUT	"rule 2 (web-out)"

/* The golden table: 3 rules, spans 0 to 4 inbound and 5 outbound, 8 candidates, 4 ports, 3 cidrs, 3 ids, 2 numbers, 5 refs. */
static const struct poke_row pokes[] = {
	{ "table: magic", { IN_HEADER(magic, 0x544b4247) }, "table" },
	{ "table: version 0", { IN_HEADER(version, 0) }, "table" },
	{ "table: version 1", { IN_HEADER(version, 1) }, "table" },
	{ "table: version 3", { IN_HEADER(version, 3) }, "table" },
	{ "table: header length", { IN_HEADER(header_length, 80) }, "table" },
	{ "table: length short", { IN_HEADER(length, 0x317) }, "table" },
	{ "table: length long", { IN_HEADER(length, 0xffffffff) }, "table" },
	{ "table: more inbound spans than spans", { IN_HEADER(inbound_spans, 7) }, "section spans" },
	{ "table: inbound spans overflow", { IN_HEADER(inbound_spans, 0xffffffff) }, "section spans" },
	{ "table: first section in the header", { IN_HEADER(sections[0].offset, 80) }, "section rules" },
	{ "table: section not aligned", { IN_HEADER(sections[1].offset, 0x161) }, "section spans" },
	{ "table: section overlaps", { IN_HEADER(sections[1].offset, 0x158) }, "section spans" },
	{ "table: sections out of order", { IN_HEADER(sections[2].offset, 0x1e0), IN_HEADER(sections[3].offset, 0x1c0) }, "section candidates" },
	{ "table: gap between sections", { IN_HEADER(sections[3].offset, 0x1e8) }, "section ports" },
	{ "table: offset past the end", { IN_HEADER(sections[8].offset, 0x7ffffff8) }, "section strings" },
	{ "table: one string byte too many", { IN_HEADER(sections[8].count, 0x91) }, "section strings" },
	{ "table: count overflows", { IN_HEADER(sections[0].count, 0xffffffff) }, "section rules" },
	{ "table: count wraps to a small size", { IN_HEADER(sections[6].count, 0x20000000) }, "section numbers" },
	{ "table: one rule fewer", { IN_HEADER(sections[0].count, 2) }, "section spans" },
	{ "table: padding is not zero", { { HEADER, 0, 0x284, 1, 1 } }, "section strings" },
	{ "table: strings do not end", { BYTE(0x8f, 'x') }, "section strings" },
	{ "table: many bytes trail", { IN_HEADER(sections[8].count, 0x78) }, "table" },

	{ "rule: name is no reference", { IN_RULE(0, name, 0x90) }, "rule 0" },
	{ "rule: name is HBK_STRING_NONE", { IN_RULE(0, name, HBK_STRING_NONE) }, "rule 0" },
	{ "rule: name in the middle of a string", { IN_RULE(1, name, 0x0f) }, "rule 1" },
	{ "rule: name is no name", { BYTE(0x0e, ' ') }, "rule 1" },
	{ "rule: name with a control character", { BYTE(0x0e, '\n') }, "rule 1" },
	{ "rule: empty name", { BYTE(0x0e, 0) }, "rule 1" },
	{ "rule: name of the rule before", { IN_RULE(1, name, 0) }, "rule 1 (block-testnet)" },
	{ "rule: names descend", { IN_RULE(0, name, 0x0e), IN_RULE(1, name, 0) }, "rule 1 (block-testnet)" },
	{ "rule: direction 0", { IN_RULE(0, direction, 0) }, TESTNET },
	{ "rule: direction 3", { IN_RULE(0, direction, 3) }, TESTNET },
	{ "rule: action 0", { IN_RULE(1, action, 0) }, WEB_IN },
	{ "rule: action 5", { IN_RULE(1, action, 5) }, WEB_IN },
	{ "rule: permissive outbound", { IN_RULE(2, action, HBK_PERMISSIVE), IN_RULE(2, server_name, HBK_STRING_NONE) }, WEB_OUT },
	{ "rule: permissive without identity", { IN_RULE(1, action, HBK_PERMISSIVE), IN_RULE(1, identity, HBK_STRING_NONE) }, WEB_IN },
	{ "rule: permissive without peers", { IN_RULE(1, action, HBK_PERMISSIVE), IN_RULE(1, peers.count, 0) }, WEB_IN },
	{ "rule: on_tls 2", { IN_RULE(1, on_tls, 2) }, WEB_IN },
	{ "rule: passthrough with deny", { IN_RULE(0, on_tls, HBK_ON_TLS_PASSTHROUGH) }, TESTNET },
	{ "rule: reserved byte", { { HBK_SECTION_RULES, 2, 7, 1, 1 } }, WEB_OUT },
	{ "rule: strict without identity", { IN_RULE(1, identity, HBK_STRING_NONE) }, WEB_IN },
	{ "rule: identity is no reference", { IN_RULE(1, identity, 0x8000) }, WEB_IN },
	{ "rule: identity in the middle of a string", { IN_RULE(1, identity, 0x1e) }, WEB_IN },
	{ "rule: identity is no name", { IN_RULE(1, identity, 0x21) }, WEB_IN },
	{ "rule: identity without strict", { IN_RULE(0, identity, 0x1d) }, TESTNET },
	{ "rule: peers without strict", { IN_RULE(0, peers.first, 0), IN_RULE(0, peers.count, 1) }, TESTNET },
	{ "rule: off with an identity and peers", { IN_RULE(1, action, HBK_OFF) }, WEB_IN },
	{ "rule: strict without peers", { IN_RULE(1, peers.count, 0) }, WEB_IN },
	{ "rule: server name inbound", { IN_RULE(1, server_name, 0x5d) }, WEB_IN },
	{ "rule: server name with deny", { IN_RULE(0, server_name, 0x5d) }, TESTNET },
	{ "rule: server name is no reference", { IN_RULE(2, server_name, 0xfffffffe) }, WEB_OUT },
	{ "rule: server name is no DNS name", { BYTE(0x60, '/') }, WEB_OUT },
	{ "rule: server name is a wildcard", { BYTE(0x5d, '*'), BYTE(0x5e, '.') }, WEB_OUT },
	{ "rule: no ports", { IN_RULE(0, ports.count, 0) }, TESTNET },
	{ "rule: ports past the end", { IN_RULE(2, ports.first, 4) }, WEB_OUT },
	{ "rule: port slice overflows", { IN_RULE(2, ports.first, 0xffffffff), IN_RULE(2, ports.count, 2) }, WEB_OUT },
	{ "rule: port slice far too long", { IN_RULE(0, ports.count, 0xffffffff) }, TESTNET },
	{ "rule: port 0", { IN_PORTS(0, low, 0) }, TESTNET },
	{ "rule: port 65536", { IN_PORTS(0, high, 65536) }, TESTNET },
	{ "rule: ports upside down", { IN_PORTS(2, high, 8079) }, WEB_IN },
	{ "rule: ports overlap", { IN_PORTS(2, low, 8000) }, WEB_IN },
	{ "rule: ports descend", { IN_PORTS(2, low, 7000), IN_PORTS(2, high, 7001) }, WEB_IN },
	{ "rule: cidr prefix 129", { IN_CIDR(2, prefix, 129) }, WEB_IN },
	{ "rule: cidr prefix 255", { IN_CIDR(2, prefix, 255) }, WEB_IN },
	{ "rule: cidr byte past the prefix", { IN_CIDR(2, address[15], 1) }, WEB_IN },
	{ "rule: cidr bit past the prefix", { IN_CIDR(0, prefix, 117), IN_CIDR(0, address[14], 4) }, TESTNET },
	{ "rule: IPv4 cidr with a prefix below 96", { IN_CIDR(1, prefix, 95) }, WEB_IN },
	{ "rule: cidr reserved byte", { IN_CIDR(0, reserved[6], 1) }, TESTNET },
	{ "rule: cidrs past the end", { IN_RULE(1, cidrs.count, 3) }, WEB_IN },
	{ "rule: uids upside down", { IN_IDS(1, low, 1) }, WEB_OUT },
	{ "rule: gids upside down", { IN_IDS(0, high, 999) }, WEB_IN },
	{ "rule: uids past the end", { IN_RULE(2, uids.count, 3) }, WEB_OUT },
	{ "rule: gids past the end", { IN_RULE(1, gids.first, 3) }, WEB_IN },
	{ "rule: comms past the end", { IN_RULE(2, comms.first, 0xfffffffe) }, WEB_OUT },
	{ "rule: comm is no reference", { REF(2, 0x6e) }, WEB_OUT },
	{ "rule: comm too long", { REF(2, 0x77) }, WEB_OUT },
	{ "rule: empty comm", { BYTE(0x6d, 0) }, WEB_OUT },
	{ "rule: comm is not UTF-8", { BYTE(0x6d, 0xff) }, WEB_OUT },
	{ "rule: cgroups past the end", { IN_RULE(2, cgroups.count, 3) }, WEB_OUT },
	{ "rule: netns past the end", { IN_RULE(2, netns.first, 2) }, WEB_OUT },
	{ "rule: peers past the end", { IN_RULE(2, peers.count, 2) }, WEB_OUT },
	{ "rule: peer is no reference", { REF(4, HBK_STRING_NONE) }, WEB_OUT },
	{ "rule: peer is no pattern", { REF(4, 0x6d) }, WEB_OUT },
	{ "rule: peer in the middle of a pattern", { REF(0, 0x22) }, WEB_IN },
	{ "rule: filters past the end", { IN_RULE(2, filters.first, 5), IN_RULE(2, filters.count, 1) }, WEB_OUT },
	{ "rule: filter slice overflows", { IN_RULE(2, filters.first, 0xffffffff), IN_RULE(2, filters.count, 2) }, WEB_OUT },
	{ "rule: filter is no name", { IN_RULE(2, filters.first, 4), IN_RULE(2, filters.count, 1) }, WEB_OUT },
	{ "rule: deny with filters", { IN_RULE(0, filters.first, 2), IN_RULE(0, filters.count, 1) }, TESTNET },

	{ "span: port 0", { IN_SPAN(0, low, 0) }, "section spans" },
	{ "span: port 65536", { IN_SPAN(4, high, 65536) }, "section spans" },
	{ "span: upside down", { IN_SPAN(3, high, 8079) }, "section spans" },
	{ "span: overlaps", { IN_SPAN(1, low, 7999) }, "section spans" },
	{ "span: lists no rule", { IN_SPAN(0, rules.count, 0) }, "section spans" },
	{ "span: past the candidates", { IN_SPAN(5, rules.count, 2) }, "section spans" },
	{ "span: slice overflows", { IN_SPAN(5, rules.first, 0xffffffff) }, "section spans" },
	{ "span: shorter than the rule", { IN_SPAN(0, low, 2) }, "section spans" },
	{ "span: ends before the rule", { IN_SPAN(4, high, 65534) }, "section spans" },
	{ "span: leaves a rule out", { IN_SPAN(1, rules.count, 1) }, "section spans" },
	{ "span: the last one is missing", { IN_HEADER(sections[1].count, 5) }, "section candidates" },
	{ "span: inbound one counted as outbound", { IN_HEADER(inbound_spans, 4) }, TESTNET },
	{ "span: outbound one counted as inbound", { IN_HEADER(inbound_spans, 6) }, "section spans" },
	{ "candidate: no such rule", { CANDIDATE(0, 3) }, "section candidates" },
	{ "candidate: index overflows", { CANDIDATE(0, 0xffffffff) }, "section candidates" },
	{ "candidate: twice", { CANDIDATE(2, 0) }, "section candidates" },
	{ "candidate: descending", { CANDIDATE(1, 1), CANDIDATE(2, 0) }, "section candidates" },
	{ "candidate: of the other direction", { CANDIDATE(2, 2) }, WEB_OUT },
	{ "candidate: on ports it does not have", { CANDIDATE(3, 1) }, WEB_IN },
	{ "candidate: another rule's place", { CANDIDATE(7, 0) }, TESTNET },
};

struct rule_row {
	const char *name;
	struct build_rule rules[3];
	u32 count;
	const char *item;	/* NULL: the table is accepted */
};

#define COMMON	.direction = HBK_OUTBOUND, .action = HBK_STRICT, .identity = "me", .ports = { { 1, 65535 } }
#define PEER(pattern)	{ .name = "r", COMMON, .peers = { pattern } }
#define SERVER(server)	{ .name = "r", COMMON, .peers = { "dns:a.b" }, .server_name = server }
#define NAMED(rule_name, own_name) \
	{ .name = rule_name, .direction = HBK_OUTBOUND, .action = HBK_STRICT, .identity = own_name, \
	  .ports = { { 1, 1 } }, .peers = { "dns:a.b" } }
#define X61	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X63	X61 "xx"
#define COMM(text)	{ .name = "r", COMMON, .peers = { "dns:a.b" }, .comms = { text } }
#define OFF(rule_name, rule_direction, ...) \
	{ .name = rule_name, .direction = HBK_##rule_direction, .action = HBK_OFF, .ports = { __VA_ARGS__ } }

#define FILTERED(rule_action, ...) \
	{ .name = "r", .direction = HBK_INBOUND, .action = rule_action, .ports = { { 1, 1 } }, .filters = { __VA_ARGS__ } }
#define FILTERS16 "a", "b", "c", "d", "e", "f", "g", "h", "a", "b", "c", "d", "e", "f", "g", "h"

static const struct rule_row rule_sets[] = {
	{ "rules: none", { { 0 } }, 0, NULL },
	{ "rules: one", { PEER("spiffe://a/b") }, 1, NULL },
	{ "rules: wildcard below a trust domain", { PEER("spiffe://a/*") }, 1, NULL },
	{ "rules: DNS peer", { PEER("dns:localhost") }, 1, NULL },
	{ "rules: server name", { SERVER("web.example.org") }, 1, NULL },
	{ "rules: comm of 15 bytes", { COMM("abcdefghijklmno") }, 1, NULL },
	{ "rules: comm in UTF-8", { COMM("\xc3\xbc") }, 1, NULL },
	{ "rules: ranges that touch", { OFF("r", INBOUND, { 1, 10 }, { 11, 20 }), OFF("s", INBOUND, { 5, 15 }) }, 2, NULL },
	{ "rules: single ports at both ends", { OFF("r", INBOUND, { 1, 1 }, { 65535, 65535 }) }, 1, NULL },
	{ "rules: both directions", { OFF("r", INBOUND, { 9, 9 }), OFF("s", OUTBOUND, { 9, 9 }), OFF("t", INBOUND, { 8, 9 }) }, 3, NULL },
	{ "rules: names of 63 bytes", { NAMED(X63, X63) }, 1, NULL },
	{ "rules: name of 64 bytes", { NAMED(X63 "x", "me") }, 1, "rule 0" },
	{ "rules: identity of 64 bytes", { NAMED("r", X63 "x") }, 1, "rule 0 (r)" },
	{ "rules: server name of 253 bytes", { SERVER(X63 "." X63 "." X63 "." X61) }, 1, NULL },
	{ "rules: server name of 254 bytes", { SERVER(X63 "." X63 "." X63 "." X61 "x") }, 1, "rule 0 (r)" },
	{ "rules: comm of 16 bytes", { COMM("abcdefghijklmnop") }, 1, "rule 0 (r)" },
	{ "rules: comm with a control character", { COMM("a\tb") }, 1, "rule 0 (r)" },
	{ "rules: the same name twice", { OFF("r", INBOUND, { 1, 2 }), OFF("r", INBOUND, { 3, 4 }) }, 2, "rule 1 (r)" },
	{ "rules: peer without a scheme", { PEER("a/b") }, 1, "rule 0 (r)" },
	{ "rules: peer with another scheme", { PEER("https://a/b") }, 1, "rule 0 (r)" },
	{ "rules: peer without a path", { PEER("spiffe://a") }, 1, "rule 0 (r)" },
	{ "rules: peer with an inner wildcard", { PEER("spiffe://a/*/b") }, 1, "rule 0 (r)" },
	{ "rules: peer with a partial wildcard", { PEER("spiffe://a/b*") }, 1, "rule 0 (r)" },
	{ "rules: peer with two wildcards", { PEER("spiffe://a/*/*") }, 1, "rule 0 (r)" },
	{ "rules: any peer", { PEER("*") }, 1, "rule 0 (r)" },
	{ "rules: empty peer", { PEER("") }, 1, "rule 0 (r)" },
	{ "rules: DNS peer without a name", { PEER("dns:") }, 1, "rule 0 (r)" },
	{ "rules: DNS peer with a wildcard", { PEER("dns:*.example.org") }, 1, "rule 0 (r)" },
	{ "rules: server name is an address", { SERVER("192.0.2.1") }, 1, "rule 0 (r)" },
	{ "rules: server name ends in a dot", { SERVER("a.b.") }, 1, "rule 0 (r)" },
	{ "rules: empty server name", { SERVER("") }, 1, "rule 0 (r)" },
	{ "rules: off with filters", { FILTERED(HBK_OFF, "stamp", "stamp") }, 1, NULL },
	{ "rules: as many filters as may be", { FILTERED(HBK_OFF, FILTERS16) }, 1, NULL },
	{ "rules: one filter too many", { FILTERED(HBK_OFF, FILTERS16, "i") }, 1, "rule 0 (r)" },
	{ "rules: deny with a filter", { FILTERED(HBK_DENY, "stamp") }, 1, "rule 0 (r)" },
	{ "rules: filter that is no name", { FILTERED(HBK_OFF, "a b") }, 1, "rule 0 (r)" },
	{ "rules: filter without a name", { FILTERED(HBK_OFF, "") }, 1, "rule 0 (r)" },
	{ "rules: filter's name of 64 bytes", { FILTERED(HBK_OFF, X63 "x") }, 1, "rule 0 (r)" },
};

static u8 *golden_table(size_t *length)
{
	return table_build(golden_rules, golden_rule_count, length);
}

static void apply(u8 *blob, const struct poke *poke)
{
	static const u32 sizes[HBK_SECTION_COUNT] = { sizeof(struct hbk_table_rule), 16, 4, 8, 24, 8, 8, 4, 1 };
	u32 at = poke->field, i;

	if (poke->section != HEADER)
		at += get_unaligned_le32(blob + 16 + 8 * poke->section) + sizes[poke->section] * poke->record;
	for (i = 0; i < poke->width; i++)
		blob[at + i] = poke->value >> 8 * i;
}

static void check_poked(void **state)
{
	const struct poke_row *row = *state;
	struct hbk_table table;
	struct hbk_fault fault = { 0 };
	size_t length, i;
	u8 *blob = golden_table(&length), *poked = golden_table(&length);

	/* Sections are found by the intact header. */
	for (i = 0; i < ROWS(row->pokes) && row->pokes[i].width; i++) {
		u8 *before = malloc(length);
		size_t j;

		memcpy(before, blob, length);
		apply(before, &row->pokes[i]);
		for (j = 0; j < length; j++) {
			if (before[j] != blob[j])
				poked[j] = before[j];
		}
		free(before);
	}
	assert_memory_not_equal(poked, blob, length);
	assert_int_equal(hbk_table_verify(&table, poked, length, &fault), -EINVAL);
	assert_string_equal(fault.item, row->item);
	assert_true(fault.text[0]);
	assert_null(table.rules);
	free(blob);
	free(poked);
}

static void check_rule_set(void **state)
{
	const struct rule_row *row = *state;
	struct hbk_table table;
	struct hbk_fault fault = { 0 };
	size_t length;
	u8 *blob = table_build(row->rules, row->count, &length);
	int err = hbk_table_verify(&table, blob, length, &fault);

	assert_string_equal(fault.item, row->item ? row->item : "");
	assert_int_equal(err, row->item ? -EINVAL : 0);
	if (!err)
		assert_int_equal(table.rule_count, row->count);
	free(blob);
}

static void check_truncated(void **state)
{
	struct hbk_table table;
	size_t length, cut;
	u8 *blob = golden_table(&length), *part;

	(void)state;
	for (cut = 0; cut < length; cut++) {
		part = malloc(cut);
		memcpy(part, blob, cut);
		assert_int_equal(hbk_table_verify(&table, part, cut, NULL), -EINVAL);
		if (cut >= 88) {
			put_unaligned_le32(cut, part + 8);
			assert_int_equal(hbk_table_verify(&table, part, cut, NULL), -EINVAL);
		}
		free(part);
	}
	free(blob);
}

static void check_tail(void **state)
{
	struct hbk_table table;
	size_t length, tail;
	u8 *blob = golden_table(&length);

	(void)state;
	blob = realloc(blob, length + 8);
	memset(blob + length, 0, 8);
	for (tail = 0; tail <= 8; tail++) {
		put_unaligned_le32(length + tail, blob + 8);
		assert_int_equal(hbk_table_verify(&table, blob, length + tail, NULL), tail < 8 ? 0 : -EINVAL);
	}
	blob[length] = 1;
	put_unaligned_le32(length + 1, blob + 8);
	assert_int_equal(hbk_table_verify(&table, blob, length + 1, NULL), -EINVAL);
	free(blob);
}

/* The builder cuts spans at each edge; one that runs over two ranges is right only where they touch. */
static void check_span_over_two_ranges(void **state)
{
	static const struct build_rule touching[] = { OFF("r", INBOUND, { 1, 10 }, { 11, 20 }) };
	static const struct build_rule apart[] = { OFF("r", INBOUND, { 1, 10 }, { 12, 21 }) };
	static const struct poke longer = IN_SPAN(0, high, 11), later = IN_SPAN(1, low, 12);
	struct hbk_fault fault;
	struct hbk_table table;
	size_t length;
	u8 *blob = table_build(touching, 1, &length);

	(void)state;
	apply(blob, &longer);
	apply(blob, &later);
	assert_int_equal(hbk_table_verify(&table, blob, length, &fault), 0);
	free(blob);

	blob = table_build(apart, 1, &length);
	apply(blob, &longer);
	assert_int_equal(hbk_table_verify(&table, blob, length, &fault), -EINVAL);
	assert_string_equal(fault.item, "rule 0 (r)");
	free(blob);
}

static void check_too_long(void **state)
{
	u8 *blob = calloc(1, HBK_TABLE_MAX + 1);
	struct hbk_fault fault = { 0 };
	struct hbk_table table;

	(void)state;
	assert_int_equal(hbk_table_verify(&table, blob, HBK_TABLE_MAX + 1, &fault), -E2BIG);
	assert_string_equal(fault.item, "table");
	free(blob);
}

/* 255 patterns of 2 kB each, looked at by 100 rules: every slice is in range, but it adds up to 50 MB. */
static void check_costly(void **state)
{
	enum { RULES = 100, SHARED = 255, LONG = 2000 };
	struct build_rule *rules = calloc(RULES, sizeof(*rules));
	char (*names)[8] = calloc(RULES, sizeof(*names)), *pattern = malloc(LONG + 1);
	struct hbk_fault fault = { 0 };
	struct hbk_table table;
	size_t length, grown, refs, i;
	u8 *blob;

	(void)state;
	memset(pattern, 'x', LONG);
	memcpy(pattern, "spiffe://a/", 11);
	pattern[LONG] = '\0';
	for (i = 0; i < RULES; i++) {
		snprintf(names[i], sizeof(names[i]), "r%03zu", i);
		rules[i] = (struct build_rule){ COMMON, .name = names[i], .peers = { pattern } };
	}
	blob = table_build(rules, RULES, &length);
	assert_int_equal(hbk_table_verify(&table, blob, length, NULL), 0);

	/* The refs are all alike, so that more of them can be put in front of the strings. */
	refs = get_unaligned_le32(blob + 16 + 8 * HBK_SECTION_REFS);
	grown = 8 * SHARED;
	blob = realloc(blob, length + grown);
	memmove(blob + refs + grown, blob + refs, length - refs);
	for (i = 0; i < grown; i += 4)
		put_unaligned_le32(get_unaligned_le32(blob + refs + grown), blob + refs + i);
	put_unaligned_le32(length + grown, blob + 8);
	put_unaligned_le32(RULES + 2 * SHARED, blob + 16 + 8 * HBK_SECTION_REFS + 4);
	put_unaligned_le32(get_unaligned_le32(blob + 16 + 8 * HBK_SECTION_STRINGS) + grown,
			   blob + 16 + 8 * HBK_SECTION_STRINGS);
	for (i = 0; i < RULES; i++) {
		u8 *rule = blob + sizeof(struct hbk_table_header) + sizeof(struct hbk_table_rule) * i;

		put_unaligned_le32(0, rule + offsetof(struct hbk_table_rule, peers.first));
		put_unaligned_le32(SHARED, rule + offsetof(struct hbk_table_rule, peers.count));
	}
	assert_int_equal(hbk_table_verify(&table, blob, length + grown, &fault), -E2BIG);
	assert_string_equal(fault.item, "table");
	free(blob);
	free(rules);
	free(names);
	free(pattern);
}

/* Whatever a byte is changed to: the table is refused, or matching in it stays within it. */
static void check_each_byte(void **state)
{
	static const u8 changes[] = { 0x01, 0x80, 0xff };
	struct hbk_flow flow = { .remote = { 0xfd }, .gid = 1000, .uid = 1000, .comm = "curl" };
	struct hbk_table table;
	size_t length, at, i;
	u8 *blob = golden_table(&length);
	u32 refused = 0;

	(void)state;
	for (at = 0; at < length; at++) {
		for (i = 0; i < sizeof(changes); i++) {
			blob[at] ^= changes[i];
			if (hbk_table_verify(&table, blob, length, NULL)) {
				refused++;
			} else {
				for (flow.direction = HBK_INBOUND; flow.direction <= HBK_OUTBOUND; flow.direction++) {
					flow.port = 8000;
					assert_in_range(hbk_table_match(&table, &flow) + 1, 0, table.rule_count);
				}
			}
			blob[at] ^= changes[i];
		}
	}
	assert_true(refused > length);
	free(blob);
}

void add_table_tests(struct tests *tests)
{
	size_t i;

	for (i = 0; i < ROWS(pokes); i++)
		tests_add(tests, pokes[i].name, check_poked, &pokes[i]);
	for (i = 0; i < ROWS(rule_sets); i++)
		tests_add(tests, rule_sets[i].name, check_rule_set, &rule_sets[i]);
	tests_add(tests, "table: cut off anywhere", check_truncated, NULL);
	tests_add(tests, "table: up to 7 zero bytes at the end", check_tail, NULL);
	tests_add(tests, "table: a span over two ranges", check_span_over_two_ranges, NULL);
	tests_add(tests, "table: longer than the limit", check_too_long, NULL);
	tests_add(tests, "table: too costly to verify", check_costly, NULL);
	tests_add(tests, "table: each byte changed", check_each_byte, NULL);
}
