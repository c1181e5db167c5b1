// SPDX-License-Identifier: GPL-2.0-only
/*
 * The canonical table: strings are pooled (the rules' names first, in order,
 * then for each rule its identity, server name, comms, peers and filters), no records
 * are shared between rules, an empty slice is 0, 0, and the table ends with
 * the last byte of its strings.
 */
#include "table_builder.h"

#include <assert.h>
#include <stdlib.h>

struct bytes {
	u8 *data;
	size_t length;
};

struct build {
	const struct build_rule *rules;
	u32 count;
	struct bytes sections[HBK_SECTION_COUNT];
	u32 inbound_spans;
};

static const u32 record_sizes[HBK_SECTION_COUNT] = {
	sizeof(struct hbk_table_rule), sizeof(struct hbk_table_span), 4, sizeof(struct hbk_table_range),
	sizeof(struct hbk_table_cidr), sizeof(struct hbk_table_range), 8, 4, 1,
};

static void append(struct bytes *bytes, const void *data, size_t length)
{
	bytes->data = realloc(bytes->data, bytes->length + length);
	assert(bytes->data);
	memcpy(bytes->data + bytes->length, data, length);
	bytes->length += length;
}

static u32 append_u32(struct bytes *bytes, u32 value)
{
	u8 wire[4];

	put_unaligned_le32(value, wire);
	append(bytes, wire, sizeof(wire));
	return value;
}

/* The reference of a string that is there already, or is appended. */
static u32 pool(struct build *b, const char *string)
{
	struct bytes *strings = &b->sections[HBK_SECTION_STRINGS];
	size_t at = 0;

	if (!string)
		return HBK_STRING_NONE;
	for (; at < strings->length; at += strlen((char *)strings->data + at) + 1) {
		if (!strcmp((char *)strings->data + at, string))
			return at;
	}
	append(strings, string, strlen(string) + 1);
	return at;
}

static struct hbk_table_slice slice_since(struct build *b, enum hbk_section section, size_t first)
{
	u32 end = b->sections[section].length / record_sizes[section];
	struct hbk_table_slice slice = { 0 };

	if (end > first) {
		put_unaligned_le32(first, &slice.first);
		put_unaligned_le32(end - first, &slice.count);
	}
	return slice;
}

static struct hbk_table_slice add_ranges(struct build *b, enum hbk_section section,
					 const struct build_range *ranges, u32 count)
{
	size_t first = b->sections[section].length / record_sizes[section];
	u32 i;

	for (i = 0; i < count; i++) {
		append_u32(&b->sections[section], ranges[i].low);
		append_u32(&b->sections[section], ranges[i].high);
	}
	return slice_since(b, section, first);
}

static struct hbk_table_slice add_ports(struct build *b, const struct build_range *ranges)
{
	u32 count = 0;

	while (count < BUILD_MAX && ranges[count].low)
		count++;
	return add_ranges(b, HBK_SECTION_PORTS, ranges, count);
}

static struct hbk_table_slice add_cidrs(struct build *b, const struct build_rule *rule)
{
	struct bytes *section = &b->sections[HBK_SECTION_CIDRS];
	size_t first = section->length / sizeof(struct hbk_table_cidr);
	u32 i;

	for (i = 0; i < rule->cidr_count; i++) {
		struct hbk_table_cidr cidr = { .prefix = rule->cidrs[i].prefix };

		memcpy(cidr.address, rule->cidrs[i].address, 16);
		append(section, &cidr, sizeof(cidr));
	}
	return slice_since(b, HBK_SECTION_CIDRS, first);
}

static struct hbk_table_slice add_numbers(struct build *b, const u64 *numbers)
{
	struct bytes *section = &b->sections[HBK_SECTION_NUMBERS];
	size_t first = section->length / 8;
	u8 wire[8];
	u32 i;

	for (i = 0; i < BUILD_MAX && numbers[i]; i++) {
		put_unaligned_le64(numbers[i], wire);
		append(section, wire, sizeof(wire));
	}
	return slice_since(b, HBK_SECTION_NUMBERS, first);
}

static struct hbk_table_slice add_refs(struct build *b, const char *const *strings, u32 max)
{
	struct bytes *section = &b->sections[HBK_SECTION_REFS];
	size_t first = section->length / 4;
	u32 i;

	for (i = 0; i < max && strings[i]; i++)
		append_u32(section, pool(b, strings[i]));
	return slice_since(b, HBK_SECTION_REFS, first);
}

static void add_rule(struct build *b, const struct build_rule *rule)
{
	struct hbk_table_rule record = {
		.direction = rule->direction, .action = rule->action, .on_tls = rule->on_tls,
	};

	put_unaligned_le32(pool(b, rule->name), &record.name);
	put_unaligned_le32(pool(b, rule->identity), &record.identity);
	put_unaligned_le32(pool(b, rule->server_name), &record.server_name);
	record.ports = add_ports(b, rule->ports);
	record.cidrs = add_cidrs(b, rule);
	record.uids = add_ranges(b, HBK_SECTION_IDS, rule->uids, rule->uid_count);
	record.gids = add_ranges(b, HBK_SECTION_IDS, rule->gids, rule->gid_count);
	record.comms = add_refs(b, rule->comms, BUILD_MAX);
	record.cgroups = add_numbers(b, rule->cgroups);
	record.netns = add_numbers(b, rule->netns);
	record.peers = add_refs(b, rule->peers, BUILD_MAX);
	record.filters = add_refs(b, rule->filters, BUILD_FILTERS_MAX);
	append(&b->sections[HBK_SECTION_RULES], &record, sizeof(record));
}

static bool has_port(const struct build_rule *rule, u32 port)
{
	u32 i;

	for (i = 0; i < BUILD_MAX && rule->ports[i].low; i++) {
		if (port >= rule->ports[i].low && port <= rule->ports[i].high)
			return true;
	}
	return false;
}

/* True if some rule of this direction begins at this port or ends right before it. */
static bool is_edge(const struct build *b, u8 direction, u32 port)
{
	u32 i, j;

	for (i = 0; i < b->count; i++) {
		for (j = 0; j < BUILD_MAX && b->rules[i].ports[j].low; j++) {
			if (b->rules[i].direction == direction &&
			    (b->rules[i].ports[j].low == port || b->rules[i].ports[j].high + 1 == port))
				return true;
		}
	}
	return false;
}

static void add_span(struct build *b, u8 direction, u32 low, u32 high)
{
	struct bytes *candidates = &b->sections[HBK_SECTION_CANDIDATES];
	struct hbk_table_span span;
	size_t first = candidates->length / 4;
	u32 i;

	for (i = 0; i < b->count; i++) {
		if (b->rules[i].direction == direction && has_port(&b->rules[i], low))
			append_u32(candidates, i);
	}
	span.rules = slice_since(b, HBK_SECTION_CANDIDATES, first);
	if (!span.rules.count)
		return;
	put_unaligned_le32(low, &span.low);
	put_unaligned_le32(high, &span.high);
	append(&b->sections[HBK_SECTION_SPANS], &span, sizeof(span));
}

static void add_spans(struct build *b, u8 direction)
{
	u32 low = 1, port;

	for (port = 2; port <= 65536; port++) {
		if (port == 65536 || is_edge(b, direction, port)) {
			add_span(b, direction, low, port - 1);
			low = port;
		}
	}
}

static u8 *assemble(struct build *b, size_t *length)
{
	struct hbk_table_header header = { 0 };
	struct bytes blob = { 0 };
	static const u8 zero[8];
	u32 i;

	append(&blob, &header, sizeof(header));
	for (i = 0; i < HBK_SECTION_COUNT; i++) {
		append(&blob, zero, -blob.length & 7);
		put_unaligned_le32(blob.length, &header.sections[i].offset);
		put_unaligned_le32(b->sections[i].length / record_sizes[i], &header.sections[i].count);
		if (b->sections[i].length)
			append(&blob, b->sections[i].data, b->sections[i].length);
		free(b->sections[i].data);
	}
	put_unaligned_le32(HBK_TABLE_MAGIC, &header.magic);
	put_unaligned_le16(HBK_TABLE_VERSION, &header.version);
	put_unaligned_le16(sizeof(header), &header.header_length);
	put_unaligned_le32(blob.length, &header.length);
	put_unaligned_le32(b->inbound_spans, &header.inbound_spans);
	memcpy(blob.data, &header, sizeof(header));
	*length = blob.length;
	return blob.data;
}

u8 *table_build(const struct build_rule *rules, u32 count, size_t *length)
{
	struct build b = { .rules = rules, .count = count };
	u32 i;

	for (i = 0; i < count; i++)
		pool(&b, rules[i].name);
	for (i = 0; i < count; i++)
		add_rule(&b, &rules[i]);
	add_spans(&b, HBK_INBOUND);
	b.inbound_spans = b.sections[HBK_SECTION_SPANS].length / sizeof(struct hbk_table_span);
	add_spans(&b, HBK_OUTBOUND);
	return assemble(&b, length);
}
