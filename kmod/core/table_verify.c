// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table is verified in this order, so that each step may rely on the one
 * before it: the header, the extent of the sections, the strings, the rules
 * with all they refer to, and last the spans with their candidates.
 *
 * The spans are checked for completeness by counting.  Spans of a direction
 * are disjoint, candidates of a span differ, and each covers the whole span:
 * so every pair of a port and a candidate is a pair of a port and a rule, none
 * counted twice.  If there are as many of the one as of the other, no rule is
 * missing on any of its ports.
 */
#include "peer.h"
#include "table.h"
#include "text.h"

#define PORT_LAST	65535

struct verifier {
	struct hbk_table *table;
	const u8 *blob;
	size_t length;
	u32 steps;		/* spent, of HBK_TABLE_STEPS_MAX */
	u64 rule_ports;		/* pairs of a rule and a port of its */
	u64 span_ports;		/* pairs of a candidate and a port of its span */
	struct hbk_fault *fault;
};

static const struct section_layout {
	const char *name;
	u32 size;		/* of a record */
	u32 max;		/* records */
} layouts[HBK_SECTION_COUNT] = {
	[HBK_SECTION_RULES]	 = { "rules", sizeof(struct hbk_table_rule), HBK_RULES_MAX },
	[HBK_SECTION_SPANS]	 = { "spans", sizeof(struct hbk_table_span), HBK_TABLE_MAX },
	[HBK_SECTION_CANDIDATES] = { "candidates", sizeof(__le32), HBK_TABLE_MAX },
	[HBK_SECTION_PORTS]	 = { "ports", sizeof(struct hbk_table_range), HBK_TABLE_MAX },
	[HBK_SECTION_CIDRS]	 = { "cidrs", sizeof(struct hbk_table_cidr), HBK_TABLE_MAX },
	[HBK_SECTION_IDS]	 = { "ids", sizeof(struct hbk_table_range), HBK_TABLE_MAX },
	[HBK_SECTION_NUMBERS]	 = { "numbers", sizeof(__le64), HBK_TABLE_MAX },
	[HBK_SECTION_REFS]	 = { "refs", sizeof(__le32), HBK_TABLE_MAX },
	[HBK_SECTION_STRINGS]	 = { "strings", 1, HBK_TABLE_MAX },
};

_Static_assert(sizeof(struct hbk_table_header) == 88, "the table's header is 88 bytes");
_Static_assert(sizeof(struct hbk_table_rule) == 88, "a rule is 88 bytes");
_Static_assert(sizeof(struct hbk_table_span) == 16, "a span is 16 bytes");
_Static_assert(sizeof(struct hbk_table_cidr) == 24, "a cidr is 24 bytes");

static int table_fault(struct verifier *v, int err, const char *text)
{
	return hbk_fault_set(v->fault, err, "table", "%s", text);
}

__attribute__((format(printf, 3, 4)))
static int section_fault(struct verifier *v, enum hbk_section section, const char *format, ...)
{
	char item[HBK_FAULT_ITEM];
	va_list args;

	snprintf(item, sizeof(item), "section %s", layouts[section].name);
	va_start(args, format);
	hbk_fault_vset(v->fault, -EINVAL, item, format, args);
	va_end(args);
	return -EINVAL;
}

/* The string that a reference means; NULL if it is not the offset of a string's first byte. */
static const char *string_at(const struct verifier *v, __le32 reference)
{
	const struct hbk_table *table = v->table;
	u32 offset = le32_to_cpu(reference);

	if (offset >= table->counts[HBK_SECTION_STRINGS])
		return NULL;
	if (offset > 0 && table->strings[offset - 1])
		return NULL;
	return table->strings + offset;
}

/* Rules are told by their index in the table, from 0, and by their name as far as it can be shown. */
__attribute__((format(printf, 3, 4)))
static int rule_fault(struct verifier *v, u32 index, const char *format, ...)
{
	const char *name = string_at(v, v->table->rules[index].name);
	char item[HBK_FAULT_ITEM];
	va_list args;

	if (name && hbk_name_valid((const u8 *)name, strnlen(name, HBK_NAME_MAX + 1)))
		snprintf(item, sizeof(item), "rule %u (%s)", index, name);
	else
		snprintf(item, sizeof(item), "rule %u", index);
	va_start(args, format);
	hbk_fault_vset(v->fault, -EINVAL, item, format, args);
	va_end(args);
	return -EINVAL;
}

static int spend(struct verifier *v, size_t steps)
{
	if (steps > HBK_TABLE_STEPS_MAX - v->steps)
		return table_fault(v, -E2BIG, "the table shares records so often that verifying it takes too long");
	v->steps += steps;
	return 0;
}

static bool is_zero(const u8 *data, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (data[i])
			return false;
	}
	return true;
}

static int verify_header(struct verifier *v)
{
	const struct hbk_table_header *header = (const void *)v->blob;

	if (v->length > HBK_TABLE_MAX)
		return table_fault(v, -E2BIG, "the table is too long");
	if (v->length < sizeof(*header))
		return table_fault(v, -EINVAL, "the table is shorter than its header");
	if (le32_to_cpu(header->magic) != HBK_TABLE_MAGIC)
		return table_fault(v, -EINVAL, "the table does not begin with its magic number");
	if (get_unaligned_le16(&header->version) != HBK_TABLE_VERSION)
		return table_fault(v, -EINVAL, "the table's version is unknown");
	if (get_unaligned_le16(&header->header_length) != sizeof(*header))
		return table_fault(v, -EINVAL, "the header's length is wrong");
	if (le32_to_cpu(header->length) != v->length)
		return table_fault(v, -EINVAL, "the table is not as long as its header says");
	return 0;
}

/* Checks one section and moves *end from the end of the section before it to its own. */
static int verify_section(struct verifier *v, enum hbk_section i, u64 *end)
{
	const struct hbk_table_header *header = (const void *)v->blob;
	u64 offset = le32_to_cpu(header->sections[i].offset);
	u64 count = le32_to_cpu(header->sections[i].count);
	u64 begin = (*end + 7) & ~7ULL;

	if (offset != begin)
		return section_fault(v, i, "the section begins at %llu, it must begin at %llu",
				     (unsigned long long)offset, (unsigned long long)begin);
	if (offset > v->length || count * layouts[i].size > v->length - offset)
		return section_fault(v, i, "the section goes past the table's end");
	if (count > layouts[i].max)
		return section_fault(v, i, "more than %u records", layouts[i].max);
	if (!is_zero(v->blob + *end, offset - *end))
		return section_fault(v, i, "the padding before the section is not zero");

	*end = offset + count * layouts[i].size;
	v->table->counts[i] = count;
	return 0;
}

static void point_to_sections(struct verifier *v)
{
	const struct hbk_table_header *header = (const void *)v->blob;
	const void *at[HBK_SECTION_COUNT];
	struct hbk_table *table = v->table;
	u32 i;

	for (i = 0; i < HBK_SECTION_COUNT; i++)
		at[i] = v->blob + le32_to_cpu(header->sections[i].offset);
	table->rules = at[HBK_SECTION_RULES];
	table->spans = at[HBK_SECTION_SPANS];
	table->candidates = at[HBK_SECTION_CANDIDATES];
	table->ports = at[HBK_SECTION_PORTS];
	table->cidrs = at[HBK_SECTION_CIDRS];
	table->ids = at[HBK_SECTION_IDS];
	table->numbers = at[HBK_SECTION_NUMBERS];
	table->refs = at[HBK_SECTION_REFS];
	table->strings = at[HBK_SECTION_STRINGS];
	table->rule_count = table->counts[HBK_SECTION_RULES];
	table->span_count = table->counts[HBK_SECTION_SPANS];
	table->inbound_spans = le32_to_cpu(header->inbound_spans);
}

static int verify_sections(struct verifier *v)
{
	u64 end = sizeof(struct hbk_table_header);
	u32 i;
	int err;

	for (i = 0; i < HBK_SECTION_COUNT; i++) {
		err = verify_section(v, i, &end);
		if (err)
			return err;
	}
	if (v->length - end > 7 || !is_zero(v->blob + end, v->length - end))
		return table_fault(v, -EINVAL, "bytes trail after the last section");

	point_to_sections(v);
	if (v->table->inbound_spans > v->table->span_count)
		return section_fault(v, HBK_SECTION_SPANS, "%u inbound spans of %u",
				     v->table->inbound_spans, v->table->span_count);
	return 0;
}

static int verify_strings(struct verifier *v)
{
	u32 count = v->table->counts[HBK_SECTION_STRINGS];

	if (count > 0 && v->table->strings[count - 1])
		return section_fault(v, HBK_SECTION_STRINGS, "the last string does not end with a NUL");
	return 0;
}

static int check_name(struct verifier *v, u32 index)
{
	const struct hbk_table_rule *rule = &v->table->rules[index];
	const char *name = string_at(v, rule->name);

	if (!name || !hbk_name_valid((const u8 *)name, strnlen(name, HBK_NAME_MAX + 1)))
		return rule_fault(v, index, "the name is not valid");
	/* Ascending references are distinct strings, without comparing each with each. */
	if (index > 0 && le32_to_cpu(rule->name) <= le32_to_cpu(rule[-1].name))
		return rule_fault(v, index, "the name's reference is not above the one of the rule before");
	return 0;
}

static bool has_tls(const struct hbk_table_rule *rule)
{
	return rule->action == HBK_STRICT || rule->action == HBK_PERMISSIVE;
}

static int check_kind(struct verifier *v, u32 index)
{
	const struct hbk_table_rule *rule = &v->table->rules[index];

	if (rule->direction != HBK_INBOUND && rule->direction != HBK_OUTBOUND)
		return rule_fault(v, index, "the direction is %u", rule->direction);
	if (rule->action < HBK_STRICT || rule->action > HBK_PERMISSIVE)
		return rule_fault(v, index, "the action is %u", rule->action);
	if (rule->action == HBK_PERMISSIVE && rule->direction != HBK_INBOUND)
		return rule_fault(v, index, "only an inbound rule is permissive");
	if (rule->on_tls > HBK_ON_TLS_PASSTHROUGH)
		return rule_fault(v, index, "what becomes of an application's own TLS is %u", rule->on_tls);
	if (rule->on_tls && !has_tls(rule))
		return rule_fault(v, index, "only a strict or permissive rule passes an application's own TLS through");
	if (rule->reserved)
		return rule_fault(v, index, "a reserved field is not zero");
	return 0;
}

static int check_server_name(struct verifier *v, u32 index)
{
	const struct hbk_table_rule *rule = &v->table->rules[index];
	const char *name;

	if (le32_to_cpu(rule->server_name) == HBK_STRING_NONE)
		return 0;
	if (rule->direction != HBK_OUTBOUND || rule->action != HBK_STRICT)
		return rule_fault(v, index, "only a strict outbound rule has a server name");
	name = string_at(v, rule->server_name);
	if (!name || !hbk_dns_name_valid((const u8 *)name, strnlen(name, HBK_DNS_NAME_MAX + 1), false))
		return rule_fault(v, index, "the server name is not a DNS name");
	return 0;
}

static int check_identity(struct verifier *v, u32 index)
{
	const struct hbk_table_rule *rule = &v->table->rules[index];
	bool none = le32_to_cpu(rule->identity) == HBK_STRING_NONE;
	const char *name;

	if (!has_tls(rule)) {
		if (!none || le32_to_cpu(rule->peers.count))
			return rule_fault(v, index, "only a strict or permissive rule has an identity and peers");
		return 0;
	}
	if (none)
		return rule_fault(v, index, "a strict or permissive rule must have an identity");
	if (!le32_to_cpu(rule->peers.count))
		return rule_fault(v, index, "a strict or permissive rule must allow peers");
	name = string_at(v, rule->identity);
	if (!name || !hbk_name_valid((const u8 *)name, strnlen(name, HBK_NAME_MAX + 1)))
		return rule_fault(v, index, "the identity's name is not valid");
	return 0;
}

static int check_ports(struct verifier *v, u32 index, u32 first, u32 count)
{
	const struct hbk_table_range *range = v->table->ports + first;
	u32 i, low, high, before = 0;

	if (!count)
		return rule_fault(v, index, "a rule must have ports");
	for (i = 0; i < count; i++) {
		low = le32_to_cpu(range[i].low);
		high = le32_to_cpu(range[i].high);
		if (low <= before || low > high || high > PORT_LAST)
			return rule_fault(v, index, "the ports are not disjoint, ascending and within 1 to 65535");
		v->rule_ports += high - low + 1;
		before = high;
	}
	return 0;
}

static bool cidr_is_canonical(const struct hbk_table_cidr *cidr)
{
	u32 bytes = cidr->prefix / 8, bits = cidr->prefix % 8;

	if (cidr->prefix > 128 || !is_zero(cidr->reserved, sizeof(cidr->reserved)))
		return false;
	if (bits && (u8)(cidr->address[bytes++] << bits))
		return false;
	return is_zero(cidr->address + bytes, sizeof(cidr->address) - bytes);
}

static int check_cidrs(struct verifier *v, u32 index, u32 first, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++) {
		if (!cidr_is_canonical(&v->table->cidrs[first + i]))
			return rule_fault(v, index, "cidr %u is malformed or has bits past its prefix", i);
	}
	return 0;
}

static int check_ids(struct verifier *v, u32 index, u32 first, u32 count)
{
	const struct hbk_table_range *range = v->table->ids + first;
	u32 i;

	for (i = 0; i < count; i++) {
		if (le32_to_cpu(range[i].low) > le32_to_cpu(range[i].high))
			return rule_fault(v, index, "range %u of its uids or gids is upside down", i);
	}
	return 0;
}

static int check_comms(struct verifier *v, u32 index, u32 first, u32 count)
{
	const char *comm;
	size_t length;
	u32 i;

	for (i = 0; i < count; i++) {
		comm = string_at(v, v->table->refs[first + i]);
		length = comm ? strnlen(comm, HBK_COMM_LEN) : 0;
		if (!length || length >= HBK_COMM_LEN || !hbk_text_valid((const u8 *)comm, length))
			return rule_fault(v, index, "comm %u is not a text of 1 to 15 bytes", i);
	}
	return 0;
}

static int check_peers(struct verifier *v, u32 index, u32 first, u32 count)
{
	const char *pattern;
	u32 i;
	int err;

	for (i = 0; i < count; i++) {
		pattern = string_at(v, v->table->refs[first + i]);
		if (!pattern)
			return rule_fault(v, index, "peer %u is no reference to a string", i);
		err = spend(v, strlen(pattern));
		if (err)
			return err;
		if (!hbk_peer_pattern_valid(pattern))
			return rule_fault(v, index, "peer %u is not a valid pattern", i);
	}
	return 0;
}

static int check_filters(struct verifier *v, u32 index, u32 first, u32 count)
{
	const struct hbk_table_rule *rule = &v->table->rules[index];
	const char *name;
	u32 i;

	if (count && rule->action == HBK_DENY)
		return rule_fault(v, index, "a rule that denies has no filters");
	if (count > HBK_FILTER_CHAIN_MAX)
		return rule_fault(v, index, "%u filters, at most %u are allowed", count, HBK_FILTER_CHAIN_MAX);
	for (i = 0; i < count; i++) {
		name = string_at(v, v->table->refs[first + i]);
		if (!name || !hbk_name_valid((const u8 *)name, strnlen(name, HBK_NAME_MAX + 1)))
			return rule_fault(v, index, "filter %u has no valid name", i);
	}
	return 0;
}

/* What a rule refers to: where the slice is, into which section, and what its records must be. */
static const struct slice_policy {
	const char *name;
	size_t offset;
	enum hbk_section section;
	int (*check)(struct verifier *v, u32 index, u32 first, u32 count);	/* NULL: anything */
} slice_policies[] = {
	{ "ports", offsetof(struct hbk_table_rule, ports), HBK_SECTION_PORTS, check_ports },
	{ "cidrs", offsetof(struct hbk_table_rule, cidrs), HBK_SECTION_CIDRS, check_cidrs },
	{ "uids", offsetof(struct hbk_table_rule, uids), HBK_SECTION_IDS, check_ids },
	{ "gids", offsetof(struct hbk_table_rule, gids), HBK_SECTION_IDS, check_ids },
	{ "comms", offsetof(struct hbk_table_rule, comms), HBK_SECTION_REFS, check_comms },
	{ "cgroups", offsetof(struct hbk_table_rule, cgroups), HBK_SECTION_NUMBERS, NULL },
	{ "netns", offsetof(struct hbk_table_rule, netns), HBK_SECTION_NUMBERS, NULL },
	{ "peers", offsetof(struct hbk_table_rule, peers), HBK_SECTION_REFS, check_peers },
	{ "filters", offsetof(struct hbk_table_rule, filters), HBK_SECTION_REFS, check_filters },
};

static int check_slice(struct verifier *v, u32 index, const struct slice_policy *policy)
{
	const u8 *rule = (const u8 *)&v->table->rules[index];
	const struct hbk_table_slice *slice = (const void *)(rule + policy->offset);
	u32 first = le32_to_cpu(slice->first), count = le32_to_cpu(slice->count);
	int err;

	if ((u64)first + count > v->table->counts[policy->section])
		return rule_fault(v, index, "its %s go past the end of section %s", policy->name,
				  layouts[policy->section].name);
	err = spend(v, count);
	if (err || !policy->check)
		return err;
	return policy->check(v, index, first, count);
}

static int check_slices(struct verifier *v, u32 index)
{
	size_t i;
	int err;

	for (i = 0; i < sizeof(slice_policies) / sizeof(slice_policies[0]); i++) {
		err = check_slice(v, index, &slice_policies[i]);
		if (err)
			return err;
	}
	return 0;
}

static int (*const rule_checks[])(struct verifier *v, u32 index) = {
	check_name, check_kind, check_identity, check_server_name, check_slices,
};

static int verify_rules(struct verifier *v)
{
	struct hbk_table *table = v->table;
	u32 i;
	size_t j;
	int err;

	for (i = 0; i < table->rule_count; i++) {
		for (j = 0; j < sizeof(rule_checks) / sizeof(rule_checks[0]); j++) {
			err = rule_checks[j](v, i);
			if (err)
				return err;
		}
		if (le32_to_cpu(table->rules[i].cgroups.count))
			table->uses_cgroups = true;
	}
	return 0;
}

/* True if each port from low to high is one of the rule's; its ranges may touch. */
static bool rule_covers(const struct hbk_table *table, const struct hbk_table_rule *rule, u32 low, u32 high)
{
	const struct hbk_table_range *range = table->ports + le32_to_cpu(rule->ports.first);
	u32 count = le32_to_cpu(rule->ports.count), left = 0, right = count, middle;

	while (left < right) {
		middle = left + (right - left) / 2;
		if (le32_to_cpu(range[middle].high) < low)
			left = middle + 1;
		else
			right = middle;
	}
	for (; left < count && le32_to_cpu(range[left].low) <= low; left++) {
		if (le32_to_cpu(range[left].high) >= high)
			return true;
		low = le32_to_cpu(range[left].high) + 1;
	}
	return false;
}

static int check_candidates(struct verifier *v, u32 index, u8 direction)
{
	const struct hbk_table *table = v->table;
	const struct hbk_table_span *span = &table->spans[index];
	const __le32 *candidate = table->candidates + le32_to_cpu(span->rules.first);
	u32 i, rule, count = le32_to_cpu(span->rules.count);

	for (i = 0; i < count; i++) {
		rule = le32_to_cpu(candidate[i]);
		if (rule >= table->rule_count)
			return section_fault(v, HBK_SECTION_CANDIDATES, "span %u lists rule %u, which does not exist",
					     index, rule);
		if (i > 0 && rule <= le32_to_cpu(candidate[i - 1]))
			return section_fault(v, HBK_SECTION_CANDIDATES, "span %u lists rules that do not ascend",
					     index);
		if (table->rules[rule].direction != direction)
			return rule_fault(v, rule, "span %u of the other direction lists it", index);
		if (!rule_covers(table, &table->rules[rule], le32_to_cpu(span->low), le32_to_cpu(span->high)))
			return rule_fault(v, rule, "span %u lists it on ports that it does not have", index);
	}
	return 0;
}

static int check_span(struct verifier *v, u32 index)
{
	const struct hbk_table *table = v->table;
	const struct hbk_table_span *span = &table->spans[index];
	bool is_first = index == 0 || index == table->inbound_spans;
	u32 before = is_first ? 0 : le32_to_cpu(span[-1].high);
	u32 low = le32_to_cpu(span->low), high = le32_to_cpu(span->high);
	u32 first = le32_to_cpu(span->rules.first), count = le32_to_cpu(span->rules.count);
	int err;

	if (low <= before || low > high || high > PORT_LAST)
		return section_fault(v, HBK_SECTION_SPANS,
				     "span %u is not above the one before and within 1 to 65535", index);
	if (!count)
		return section_fault(v, HBK_SECTION_SPANS, "span %u lists no rule", index);
	if ((u64)first + count > table->counts[HBK_SECTION_CANDIDATES])
		return section_fault(v, HBK_SECTION_SPANS, "span %u goes past the end of section candidates", index);
	err = spend(v, count);
	if (err)
		return err;

	v->span_ports += (u64)(high - low + 1) * count;
	return check_candidates(v, index, index < table->inbound_spans ? HBK_INBOUND : HBK_OUTBOUND);
}

static int verify_spans(struct verifier *v)
{
	u32 i;
	int err;

	for (i = 0; i < v->table->span_count; i++) {
		err = check_span(v, i);
		if (err)
			return err;
	}
	if (v->span_ports != v->rule_ports)
		return section_fault(v, HBK_SECTION_SPANS, "a rule is missing on some of its ports");
	return 0;
}

static int (*const steps[])(struct verifier *v) = {
	verify_header, verify_sections, verify_strings, verify_rules, verify_spans,
};

/**
 * hbk_table_verify() - verify a decision table that came from outside
 * @table: the outcome; all zero if the table is refused
 * @blob: the table, aligned to 8 bytes; it must outlive @table, unchanged
 * @length: its bytes
 * @fault: what is wrong, with "table", "section spans" or "rule 3 (web-in)" as the item
 *
 * Bounded: see HBK_TABLE_STEPS_MAX.  Does not sleep.
 *
 * Return: 0, -EINVAL if the table is malformed, -E2BIG if it is too long or
 * too costly.
 */
int hbk_table_verify(struct hbk_table *table, const void *blob, size_t length,
		     struct hbk_fault *fault)
{
	struct verifier v = { .table = table, .blob = blob, .length = length, .fault = fault };
	size_t i;
	int err = 0;

	memset(table, 0, sizeof(*table));
	for (i = 0; !err && i < sizeof(steps) / sizeof(steps[0]); i++)
		err = steps[i](&v);
	if (err)
		memset(table, 0, sizeof(*table));
	return err;
}
