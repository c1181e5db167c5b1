// SPDX-License-Identifier: GPL-2.0-only
/* Every limit of limits.h: a module at its edge is accepted, one past it refused by its number. */
#include "validate_tests.h"

static void build_types(struct builder *builder, u32 count)
{
	put_types(builder, count);
}

static void build_imports(struct builder *builder, u32 count)
{
	put_types(builder, 1);
	begin_section(builder, 2);
	put_u32(builder, count);
	while (count--)
		put_bytes(builder, "\1m\1n\0\0", 6);
	end_section(builder);
}

static void build_functions(struct builder *builder, u32 count)
{
	put_types(builder, 1);
	put_functions(builder, count);
	put_empty_bodies(builder, count);
}

/* One is imported: the limit counts it too. */
static void build_imported_functions(struct builder *builder, u32 count)
{
	build_imports(builder, 1);
	put_functions(builder, count - 1);
	put_empty_bodies(builder, count - 1);
}

static void build_tables(struct builder *builder, u32 count)
{
	begin_section(builder, 4);
	put_u32(builder, count);
	while (count--)
		put_bytes(builder, "\x70\0\0", 3);
	end_section(builder);
}

static void build_globals(struct builder *builder, u32 count)
{
	begin_section(builder, 6);
	put_u32(builder, count);
	while (count--)
		put_bytes(builder, "\x7f\0\x41\0\x0b", 5);
	end_section(builder);
}

static void build_exports(struct builder *builder, u32 count)
{
	char name[12];

	put_memory(builder, 0);
	begin_section(builder, 7);
	put_u32(builder, count);
	while (count--) {
		snprintf(name, sizeof(name), "%u", count);
		put_name(builder, name);
		put_bytes(builder, "\2\0", 2);
	}
	end_section(builder);
}

static void build_element_segments(struct builder *builder, u32 count)
{
	begin_section(builder, 9);
	put_u32(builder, count);
	while (count--)
		put_bytes(builder, "\1\0\0", 3);
	end_section(builder);
}

/* In two segments: the limit is of all together. */
static void build_elements(struct builder *builder, u32 count)
{
	put_types(builder, 1);
	put_functions(builder, 1);
	begin_section(builder, 9);
	put_bytes(builder, "\2\1\0\1\0\1\0", 7);
	put_u32(builder, count - 1);
	put_fill(builder, 0, count - 1);
	end_section(builder);
	put_empty_bodies(builder, 1);
}

static void build_data_segments(struct builder *builder, u32 count)
{
	begin_section(builder, 11);
	put_u32(builder, count);
	while (count--)
		put_bytes(builder, "\1\0", 2);
	end_section(builder);
}

static void build_signature(struct builder *builder, u32 params, u32 results)
{
	begin_section(builder, 1);
	put_bytes(builder, "\1\x60", 2);
	put_u32(builder, params);
	put_fill(builder, HBK_WASM_I32, params);
	put_u32(builder, results);
	put_fill(builder, HBK_WASM_I32, results);
	end_section(builder);
}

static void build_params(struct builder *builder, u32 count)
{
	build_signature(builder, count, 0);
}

static void build_results(struct builder *builder, u32 count)
{
	build_signature(builder, 0, count);
}

static void build_export_name(struct builder *builder, u32 length)
{
	put_memory(builder, 0);
	begin_section(builder, 7);
	put_u32(builder, 1);
	put_u32(builder, length);
	put_fill(builder, 'n', length);
	put_bytes(builder, "\2\0", 2);
	end_section(builder);
}

/* A body of `size` bytes, nops for the most part. */
static void put_body(struct builder *builder, u32 size)
{
	begin_body(builder);
	put_byte(builder, 0);
	put_fill(builder, HBK_WASM_OP_NOP, size - 2);
	put_byte(builder, HBK_WASM_OP_END);
	end_body(builder);
}

static void build_body(struct builder *builder, u32 size)
{
	put_types(builder, 1);
	put_functions(builder, 1);
	begin_section(builder, 10);
	put_u32(builder, 1);
	put_body(builder, size);
	end_section(builder);
}

#define CODE_BODIES	64	/* of a code section at its limit */

/* A code section of `size` bytes: a byte for the number of bodies, five for the size of each. */
static void build_code(struct builder *builder, u32 size)
{
	u32 i, each = (size - 1) / CODE_BODIES - 5;

	put_types(builder, 1);
	put_functions(builder, CODE_BODIES);
	begin_section(builder, 10);
	put_u32(builder, CODE_BODIES);
	for (i = 1; i < CODE_BODIES; i++)
		put_body(builder, each);
	put_body(builder, size - 1 - (CODE_BODIES - 1) * (each + 5) - 5);
	end_section(builder);
}

/* A module of `size` bytes: a custom section makes up for what is missing. */
static void build_module(struct builder *builder, u32 size)
{
	begin_section(builder, 0);
	put_name(builder, "x");
	put_fill(builder, 0, size - builder->size);
	end_section(builder);
}

/* A parameter and two groups of locals. */
static void build_locals(struct builder *builder, u32 count)
{
	build_signature(builder, 1, 0);
	put_functions(builder, 1);
	begin_section(builder, 10);
	put_u32(builder, 1);
	begin_body(builder);
	put_bytes(builder, "\2\1\x7f", 3);
	put_u32(builder, count - 2);
	put_bytes(builder, "\x7e\x0b", 2);
	end_body(builder);
	end_section(builder);
}

static void build_operands(struct builder *builder, u32 count)
{
	u32 i;

	put_types(builder, 1);
	put_functions(builder, 1);
	begin_section(builder, 10);
	put_u32(builder, 1);
	begin_body(builder);
	put_byte(builder, 0);
	for (i = 0; i < count; i++)
		put_bytes(builder, "\x41\0", 2);
	put_fill(builder, HBK_WASM_OP_DROP, count);
	put_byte(builder, HBK_WASM_OP_END);
	end_body(builder);
	end_section(builder);
}

/* The function's own frame is one of them. */
static void build_nesting(struct builder *builder, u32 count)
{
	u32 i;

	put_types(builder, 1);
	put_functions(builder, 1);
	begin_section(builder, 10);
	put_u32(builder, 1);
	begin_body(builder);
	put_byte(builder, 0);
	for (i = 1; i < count; i++)
		put_bytes(builder, i % 2 ? "\2\x40" : "\3\x40", 2);
	put_fill(builder, HBK_WASM_OP_END, count);
	end_body(builder);
	end_section(builder);
}

static void build_targets(struct builder *builder, u32 count)
{
	put_types(builder, 1);
	put_functions(builder, 1);
	begin_section(builder, 10);
	put_u32(builder, 1);
	begin_body(builder);
	put_bytes(builder, "\0\x41\0\x0e", 4);
	put_u32(builder, count - 1);
	put_fill(builder, 0, count);
	put_byte(builder, HBK_WASM_OP_END);
	end_body(builder);
	end_section(builder);
}

static void build_pages(struct builder *builder, u32 pages)
{
	put_memory(builder, pages);
}

static void build_table(struct builder *builder, u32 size)
{
	begin_section(builder, 4);
	put_bytes(builder, "\1\x70\0", 3);
	put_u32(builder, size);
	end_section(builder);
}

static const struct limit_row {
	const char *name;
	void (*build)(struct builder *builder, u32 count);
	u32 limit;
	const char *text;
} rows[] = {
	{ "module", build_module, HBK_WASM_MODULE_MAX, "module too large" },
	{ "code", build_code, HBK_WASM_CODE_MAX, "too many bytes of code" },
	{ "types", build_types, HBK_WASM_TYPES_MAX, "too many types" },
	{ "imports", build_imports, HBK_WASM_IMPORTS_MAX, "too many imports" },
	{ "functions", build_functions, HBK_WASM_FUNCTIONS_MAX, "too many functions" },
	{ "functions, one imported", build_imported_functions, HBK_WASM_FUNCTIONS_MAX, "too many functions" },
	{ "tables", build_tables, HBK_WASM_TABLES_MAX, "too many tables" },
	{ "globals", build_globals, HBK_WASM_GLOBALS_MAX, "too many globals" },
	{ "exports", build_exports, HBK_WASM_EXPORTS_MAX, "too many exports" },
	{ "element segments", build_element_segments, HBK_WASM_ELEMENT_SEGMENTS_MAX, "too many element segments" },
	{ "elements", build_elements, HBK_WASM_ELEMENTS_MAX, "too many elements of all segments" },
	{ "data segments", build_data_segments, HBK_WASM_DATA_SEGMENTS_MAX, "too many data segments" },
	{ "name", build_export_name, HBK_WASM_NAME_MAX, "name too long" },
	{ "parameters", build_params, HBK_WASM_PARAMS_MAX, "too many parameters" },
	{ "results", build_results, HBK_WASM_RESULTS_MAX, "too many results" },
	{ "body", build_body, HBK_WASM_BODY_MAX, "too many bytes in a function" },
	{ "locals", build_locals, HBK_WASM_LOCALS_MAX, "too many locals" },
	{ "operands", build_operands, HBK_WASM_OPERANDS_MAX, "too many operands" },
	{ "nesting", build_nesting, HBK_WASM_NESTING_MAX, "nested too deeply" },
	{ "br_table", build_targets, HBK_WASM_TARGETS_MAX, "too many labels of br_table" },
	{ "pages", build_pages, HBK_WASM_MEMORY_PAGES_MAX, "too many pages of memory" },
	{ "table size", build_table, HBK_WASM_TABLE_SIZE_MAX, "too many elements in a table" },
};

static void test_limit(void **state)
{
	const struct limit_row *row = *state;
	struct hbk_wasm_error error;
	struct builder builder;

	builder_begin(&builder);
	row->build(&builder, row->limit);
	if (check_built(&builder, 0, &error))
		fail_msg("%s: at its limit: %s", row->name, error.text);

	builder_begin(&builder);
	row->build(&builder, row->limit + 1);
	assert_int_equal(check_built(&builder, 0, &error), -E2BIG);
	assert_int_equal(error.refusal, HBK_WASM_LIMIT);
	if (!strstr(error.text, row->text))
		fail_msg("%s: past its limit: %s", row->name, error.text);
}

/* Two bytes of an instruction, two thousand operands: many of them are too much, though each limit is kept. */
static void test_steps(void **state)
{
	struct hbk_wasm_error error;
	struct builder builder;
	u32 i;

	(void)state;
	builder_begin(&builder);
	begin_section(&builder, 1);
	put_bytes(&builder, "\2\x60\0\0\x60", 5);
	for (i = 0; i < 2; i++) {
		put_u32(&builder, 1000);
		put_fill(&builder, HBK_WASM_I32, 1000);
	}
	end_section(&builder);
	begin_section(&builder, 3);
	put_bytes(&builder, "\2\0\1", 3);
	end_section(&builder);
	begin_section(&builder, 10);
	put_byte(&builder, 2);
	begin_body(&builder);
	put_bytes(&builder, "\0\0", 2);
	for (i = 0; i < HBK_WASM_STEPS_MAX / 2000; i++)
		put_bytes(&builder, "\x10\1", 2);
	put_byte(&builder, HBK_WASM_OP_UNREACHABLE);
	put_byte(&builder, HBK_WASM_OP_END);
	end_body(&builder);
	put_bytes(&builder, "\3\0\0\x0b", 4);
	end_section(&builder);

	assert_int_equal(check_built(&builder, 0, &error), -E2BIG);
	assert_non_null(strstr(error.text, "too costly to validate"));
	assert_int_equal(error.function, 0);
}

void add_limit_tests(struct tests *tests)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		tests_add(tests, rows[i].name, test_limit, &rows[i]);
	tests_add(tests, "steps", test_steps, NULL);
}
