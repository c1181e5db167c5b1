// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "golden.h"
#include "tests.h"

static const char *directory;

static void check_written(void **state)
{
	const struct golden_frame *golden = *state;
	u8 buffer[4096];
	u32 made = golden_frame_make(golden, buffer, sizeof(buffer));
	size_t length;
	u8 *bytes = golden_read(directory, golden->name, &length);

	assert_int_equal(length, made);
	assert_memory_equal(bytes, buffer, length);
	free(bytes);
}

static void check_parsed(void **state)
{
	const struct golden_frame *golden = *state;
	struct hbk_request request;
	struct hbk_fault fault = { 0 };
	size_t length;
	u8 *bytes = golden_read(directory, golden->name, &length);

	assert_int_equal(hbk_frame_parse(&request, bytes, length, &fault), 0);
	assert_int_equal(request.type, golden->type);
	assert_int_equal(request.sequence, golden->sequence);
	free(bytes);
}

static void check_table(void **state)
{
	struct hbk_table table;
	struct hbk_fault fault = { 0 };
	size_t length, made_length;
	u8 *bytes = golden_read(directory, "table", &length);
	u8 *made = table_build(golden_rules, golden_rule_count, &made_length);

	(void)state;
	assert_int_equal(length, made_length);
	assert_memory_equal(bytes, made, length);
	assert_int_equal(hbk_table_verify(&table, bytes, length, &fault), 0);
	assert_int_equal(table.rule_count, 3);
	assert_int_equal(table.inbound_spans, 5);
	assert_true(table.uses_cgroups);
	assert_string_equal(hbk_table_string(&table, table.rules[1].name), "web-in");
	assert_string_equal(hbk_table_string(&table, table.rules[2].server_name), "web.example.org");
	assert_null(hbk_table_string(&table, table.rules[0].identity));
	free(bytes);
	free(made);
}

static void check_tls_table(void **state)
{
	struct hbk_table table;
	struct hbk_fault fault = { 0 };
	size_t length, made_length;
	u8 *bytes = golden_read(directory, "table-tls", &length);
	u8 *made = table_build(golden_tls_rules, golden_tls_rule_count, &made_length);

	(void)state;
	assert_int_equal(length, made_length);
	assert_memory_equal(bytes, made, length);
	assert_int_equal(hbk_table_verify(&table, bytes, length, &fault), 0);
	assert_int_equal(table.rule_count, 3);
	assert_int_equal(table.rules[0].action, HBK_PERMISSIVE);
	assert_int_equal(table.rules[0].on_tls, HBK_ON_TLS_PASSTHROUGH);
	assert_string_equal(hbk_table_string(&table, table.rules[0].identity), "web");
	assert_int_equal(table.rules[1].on_tls, HBK_ON_TLS_PASSTHROUGH);
	assert_int_equal(table.rules[2].on_tls, HBK_ON_TLS_REFUSE);
	free(bytes);
	free(made);
}

static void check_filter_table(void **state)
{
	struct hbk_table table;
	struct hbk_fault fault = { 0 };
	size_t length, made_length;
	u8 *bytes = golden_read(directory, "table-filters", &length);
	u8 *made = table_build(golden_filter_rules, golden_filter_rule_count, &made_length);
	u32 first;

	(void)state;
	assert_int_equal(length, made_length);
	assert_memory_equal(bytes, made, length);
	assert_int_equal(hbk_table_verify(&table, bytes, length, &fault), 0);
	assert_int_equal(get_unaligned_le32(&table.rules[0].filters.count), 1);
	assert_int_equal(get_unaligned_le32(&table.rules[1].filters.count), 3);
	assert_int_equal(get_unaligned_le32(&table.rules[2].filters.count), 0);
	first = get_unaligned_le32(&table.rules[1].filters.first);
	assert_string_equal(hbk_table_string(&table, table.refs[first + 2]), "stamp");
	free(bytes);
	free(made);
}

void add_golden_tests(struct tests *tests)
{
	u32 i;

	directory = tests->golden;
	for (i = 0; i < golden_frame_count; i++) {
		tests_add(tests, golden_frames[i].name, check_written, &golden_frames[i]);
		if (golden_frames[i].type < HBK_REPLY)
			tests_add(tests, golden_frames[i].name, check_parsed, &golden_frames[i]);
	}
	tests_add(tests, "golden table", check_table, NULL);
	tests_add(tests, "golden table: permissive and passthrough", check_tls_table, NULL);
	tests_add(tests, "golden table: filters", check_filter_table, NULL);
}
