// SPDX-License-Identifier: GPL-2.0-only
/* What is known of a module once it is valid, what a visitor sees of it, and what happens when its heap says no. */
#include "../interp.h"
#include "validate_tests.h"

/*
 * (type (func)) (type (func (param i32) (result i32))) (type (func (param i32) (result i32)))
 * (import "m" "f" (func (type 2)))
 * (memory 1) (global (mut i32) (i32.const -1))
 * (export "run" (func 1)) (export "memory" (memory 0)) (start 2)
 * (func $run (type 1) (local i64)
 *   loop (result i32)          ;; 11 instructions after this one, its end included
 *     local.get 0
 *     i32.const 1
 *     i32.sub
 *     local.tee 0
 *     br_if 0
 *     loop br 0 end            ;; 2
 *     unreachable
 *     i32.add
 *   end)
 * (func (type 0))
 */
static const u8 sample[] =
	"\0asm\1\0\0\0"
	"\1\x0e\3\x60\0\0\x60\1\x7f\1\x7f\x60\1\x7f\1\x7f"
	"\2\7\1\1m\1f\0\2"
	"\3\3\2\1\0"
	"\5\3\1\0\1"
	"\6\6\1\x7f\1\x41\x7f\x0b"
	"\7\x10\2\3run\0\1\6memory\2\0"
	"\x08\1\2"
	"\x0a\x1c\2\x17\1\1\x7e\3\x7f\x20\0\x41\1\x6b\x22\0\x0d\0\3\x40\x0c\0\x0b\0\x6a\x0b\x0b\2\0\x0b"
	"\0\x0e\4name\1\7\1\1\4main";

#define SAMPLE_SIZE	(sizeof(sample) - 1)

struct sample {
	struct tool_heap heap;
	struct hbk_wasm_module module;
};

static void sample_begin(struct sample *it)
{
	struct hbk_wasm_error error;
	int err;

	tool_heap_init(&it->heap);
	err = hbk_wasm_validate(&it->module, sample, SAMPLE_SIZE, 0, &it->heap.heap, &error);
	if (err)
		fail_msg("at 0x%x: %s", error.offset, error.text);
}

static void sample_end(struct sample *it)
{
	hbk_wasm_module_free(&it->module);
	assert_int_equal(it->heap.used, 0);
}

static void test_contents(void **state)
{
	struct sample it;

	(void)state;
	sample_begin(&it);
	assert_int_equal(it.module.function_count, 3);
	assert_int_equal(it.module.import_counts[HBK_WASM_KIND_FUNCTION], 1);
	assert_memory_equal(it.module.imports[0].name.text, "f", 1);
	assert_int_equal(it.module.functions[0].import, 0);
	assert_int_equal(it.module.functions[1].import, HBK_WASM_NO_INDEX);
	assert_true(it.module.functions[1].exported);
	assert_false(it.module.functions[2].exported);
	assert_int_equal(it.module.functions[1].local_count, 2);
	assert_int_equal(it.module.start, 2);
	assert_int_equal(it.module.memories[0].limits.minimum, 1);
	assert_false(it.module.memories[0].limits.bounded);
	assert_true(it.module.globals[0].mutable);
	assert_int_equal(it.module.globals[0].value.op, HBK_WASM_OP_I32_CONST);
	assert_int_equal(it.module.globals[0].value.bits, 0xffffffff);
	assert_int_equal(it.module.features, 0);
	sample_end(&it);
}

/* Equal types are one object. */
static void test_canonical_types(void **state)
{
	struct sample it;

	(void)state;
	sample_begin(&it);
	assert_int_equal(it.module.types[0].canonical, 0);
	assert_int_equal(it.module.types[1].canonical, 1);
	assert_int_equal(it.module.types[2].canonical, 1);
	assert_ptr_equal(hbk_wasm_function_type(&it.module, 0), hbk_wasm_function_type(&it.module, 1));
	sample_end(&it);
}

static void test_exports(void **state)
{
	const struct hbk_wasm_export *export;
	struct sample it;

	(void)state;
	sample_begin(&it);
	export = hbk_wasm_export_find(&it.module, "memory", 6);
	assert_non_null(export);
	assert_int_equal(export->kind, HBK_WASM_KIND_MEMORY);
	assert_non_null(hbk_wasm_export_find(&it.module, "run", 3));
	assert_null(hbk_wasm_export_find(&it.module, "ru", 2));
	assert_null(hbk_wasm_export_find(&it.module, "run\0", 4));
	assert_null(hbk_wasm_export_find(&it.module, "", 0));
	sample_end(&it);
}

static void test_names(void **state)
{
	struct hbk_wasm_name name;
	struct sample it;

	(void)state;
	sample_begin(&it);
	assert_true(hbk_wasm_function_name(&it.module, 1, &name));
	assert_int_equal(name.length, 4);
	assert_memory_equal(name.text, "main", 4);
	assert_false(hbk_wasm_function_name(&it.module, 2, &name));
	sample_end(&it);
}

/* The numbers that fuel is charged by. */
static void test_costs(void **state)
{
	struct sample it;

	(void)state;
	sample_begin(&it);
	assert_int_equal(it.module.functions[1].cost, 13);
	assert_int_equal(it.module.functions[2].cost, 1);
	assert_int_equal(it.module.functions[1].loop_count, 2);
	assert_int_equal(it.module.loops[0].cost, 11);
	assert_int_equal(it.module.loops[1].cost, 2);
	assert_int_equal(hbk_wasm_loop_cost(&it.module, 1, it.module.functions[1].code), 11);
	assert_int_equal(hbk_wasm_loop_cost(&it.module, 1, it.module.loops[1].offset), 2);
	assert_int_equal(hbk_wasm_loop_cost(&it.module, 1, it.module.loops[1].offset + 1), 0);
	assert_int_equal(it.module.functions[1].operands_max, 2);
	assert_int_equal(it.module.functions[1].nesting_max, 3);
	sample_end(&it);
}

/* A loop of three parameters, one more operand on top: going round moves three. */
static const u8 moves[] = {
	0,
	0x42, 0, 0x42, 0, 0x42, 0,	/* i64.const 0, three times */
	0x03, 0,			/* loop of type 0 */
	0x42, 7, 0x41, 0,		/* i64.const 7, i32.const 0 */
	0x0d, 0, 0x1a, 0x0b,		/* br_if 0, drop, end */
	0x1a, 0x1a, 0x1a, 0x0b,		/* drop, three times, end */
};

static void test_moves_cost(void **state)
{
	static const u8 types[] = { 0x60, 3, 0x7e, 0x7e, 0x7e, 3, 0x7e, 0x7e, 0x7e, 0x60, 0, 0 };
	struct hbk_wasm_module module;
	struct hbk_wasm_error error;
	struct builder builder;
	struct tool_heap heap;

	(void)state;
	tool_heap_init(&heap);
	builder_begin(&builder);
	begin_section(&builder, 1);
	put_u32(&builder, 2);
	put_bytes(&builder, types, sizeof(types));
	end_section(&builder);
	begin_section(&builder, 3);
	put_u32(&builder, 1);
	put_u32(&builder, 1);
	end_section(&builder);
	begin_section(&builder, 10);
	put_u32(&builder, 1);
	begin_body(&builder);
	put_bytes(&builder, moves, sizeof(moves));
	end_body(&builder);
	end_section(&builder);
	assert_int_equal(hbk_wasm_validate(&module, builder.bytes, builder.size, 0, &heap.heap, &error), 0);
	assert_int_equal(module.loops[0].cost, 9);
	assert_int_equal(module.functions[0].cost, 19);
	hbk_wasm_module_free(&module);
	builder_free(&builder);
}

struct seen {
	struct hbk_wasm_visitor visitor;
	char text[1024];
};

static int see_begin(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_body *body)
{
	struct seen *seen = (struct seen *)visitor;
	size_t length = strlen(seen->text);

	snprintf(seen->text + length, sizeof(seen->text) - length, "(%u:%u ", body->function, body->local_count);
	return 0;
}

static int see_instruction(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_step *step)
{
	struct seen *seen = (struct seen *)visitor;
	size_t length = strlen(seen->text);

	snprintf(seen->text + length, sizeof(seen->text) - length, "%s%s %u>%u/%u ", step->dead ? "-" : "",
		 step->opcode->name, step->before, step->after, step->frame_count);
	return 0;
}

static int see_end(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_body *body)
{
	struct seen *seen = (struct seen *)visitor;

	(void)body;
	strcat(seen->text, ")");
	return 0;
}

/* Names, heights before and after, open frames; "-" is what cannot be reached. */
static void test_visit(void **state)
{
	struct seen seen = {
		.visitor = { see_begin, see_instruction, see_end },
	};
	struct sample it;

	(void)state;
	sample_begin(&it);
	assert_int_equal(hbk_wasm_visit(&it.module, &seen.visitor, NULL), 0);
	assert_string_equal(seen.text,
			    "(1:2 loop 0>0/2 local.get 0>1/2 i32.const 1>2/2 i32.sub 2>1/2 local.tee 1>1/2 br_if 1>0/2 "
			    "loop 0>0/3 br 0>0/3 end 0>0/3 unreachable 0>0/2 -i32.add 0>1/2 end 1>1/2 end 1>1/1 )"
			    "(2:0 end 0>0/1 )");
	seen.text[0] = 0;
	assert_int_equal(hbk_wasm_visit_function(&it.module, 2, &seen.visitor, NULL), 0);
	assert_string_equal(seen.text, "(2:0 end 0>0/1 )");
	sample_end(&it);
}

static int stop_at_br_if(struct hbk_wasm_visitor *visitor, const struct hbk_wasm_step *step)
{
	(void)visitor;
	return step->op == HBK_WASM_OP_BR_IF ? 42 : 0;
}

static void test_visit_stopped(void **state)
{
	struct hbk_wasm_visitor visitor = { .instruction = stop_at_br_if };
	struct sample it;

	(void)state;
	sample_begin(&it);
	assert_int_equal(hbk_wasm_visit(&it.module, &visitor, NULL), 42);
	sample_end(&it);
}

/* Any part of a module is refused, unless it ends where a section does that no later one needs; nothing is kept. */
static void test_truncated(void **state)
{
	static const size_t whole[] = { 8, 24, 33, SAMPLE_SIZE - 16 };
	struct hbk_wasm_error error;
	struct builder builder;
	size_t size, next = 0;
	int err;

	(void)state;
	for (size = 0; size < SAMPLE_SIZE; size++) {
		memset(&builder, 0, sizeof(builder));
		put_bytes(&builder, sample, size);
		err = check_built(&builder, 0, &error);
		if (!err != (next < 4 && size == whole[next]))
			fail_msg("the first %zu bytes: %s", size, err ? error.text : "accepted");
		next += !err;
	}
}

/* Each byte replaced by each other one: whatever the verdict, nothing is kept and the sanitizers are silent. */
static void test_mutated(void **state)
{
	struct hbk_wasm_error error;
	struct builder builder;
	u32 value, refused = 0;
	size_t at;

	(void)state;
	for (at = 0; at < SAMPLE_SIZE; at++) {
		for (value = 0; value < 256; value++) {
			memset(&builder, 0, sizeof(builder));
			put_bytes(&builder, sample, SAMPLE_SIZE);
			builder.bytes[at] = value;
			refused += check_built(&builder, 0, &error) != 0;
		}
	}
	assert_true(refused > SAMPLE_SIZE * 256 / 2);
}

/* A heap whose allocations or patience end. */
struct poor_heap {
	struct tool_heap heap;
	struct tool_heap real;
	u32 left;
	int answer;
	u32 yields;
};

static struct poor_heap *poor_heap_of(struct hbk_wasm_heap *heap)
{
	return (struct poor_heap *)heap;
}

static void *poor_allocate(struct hbk_wasm_heap *heap, size_t size)
{
	struct poor_heap *poor = poor_heap_of(heap);

	if (!poor->left)
		return NULL;
	poor->left--;
	return poor->real.heap.allocate(&poor->real.heap, size);
}

static void *poor_resize(struct hbk_wasm_heap *heap, void *memory, size_t old_size, size_t new_size)
{
	struct poor_heap *poor = poor_heap_of(heap);

	if (!poor->left)
		return NULL;
	poor->left--;
	return poor->real.heap.resize(&poor->real.heap, memory, old_size, new_size);
}

static void poor_release(struct hbk_wasm_heap *heap, void *memory, size_t size)
{
	poor_heap_of(heap)->real.heap.release(&poor_heap_of(heap)->real.heap, memory, size);
}

static int poor_yield(struct hbk_wasm_heap *heap)
{
	struct poor_heap *poor = poor_heap_of(heap);

	poor->yields++;
	return poor->answer;
}

static void poor_init(struct poor_heap *poor, u32 left)
{
	tool_heap_init(&poor->real);
	poor->left = left;
	poor->answer = 0;
	poor->yields = 0;
	poor->heap.heap = (struct hbk_wasm_heap){ poor_allocate, poor_resize, poor_release, poor_yield };
}

static void test_no_memory(void **state)
{
	struct hbk_wasm_module module;
	struct hbk_wasm_error error;
	struct poor_heap poor;
	u32 allocations;
	int err = -ENOMEM;

	(void)state;
	for (allocations = 0; err; allocations++) {
		poor_init(&poor, allocations);
		err = hbk_wasm_validate(&module, sample, SAMPLE_SIZE, 0, &poor.heap.heap, &error);
		if (!err)
			break;
		assert_int_equal(err, -ENOMEM);
		assert_int_equal(error.refusal, HBK_WASM_FAILED);
		assert_int_equal(poor.real.used, 0);
	}
	assert_true(allocations > 8);
	hbk_wasm_module_free(&module);
	assert_int_equal(poor.real.used, 0);
}

/* wasm3's issue 482: what a compilation that failed half-way had made was freed wrongly. */
static void test_interpreter_without_memory(void **state)
{
	struct hbk_wasm_module module;
	struct hbk_wasm_error error;
	struct tool_heap rich;
	struct poor_heap poor;
	const void *code;
	u32 allocations;
	int err = -ENOMEM;

	(void)state;
	tool_heap_init(&rich);
	assert_int_equal(hbk_wasm_validate(&module, sample, SAMPLE_SIZE, 0, &rich.heap, &error), 0);
	for (allocations = 0; err; allocations++) {
		poor_init(&poor, allocations);
		err = hbk_wasm_interp.prepare(&code, &module, &poor.heap.heap, &error);
		if (!err)
			break;
		assert_int_equal(err, -ENOMEM);
		assert_int_equal(poor.real.used, 0);
	}
	assert_true(allocations > 2);
	hbk_wasm_interp.release(code, &poor.heap.heap);
	assert_int_equal(poor.real.used, 0);
	hbk_wasm_module_free(&module);
}

/* A fatal signal while a module is validated. */
static void test_interrupted(void **state)
{
	struct hbk_wasm_module module;
	struct hbk_wasm_error error;
	struct poor_heap poor;

	(void)state;
	poor_init(&poor, 100);
	poor.answer = -EINTR;
	assert_int_equal(hbk_wasm_validate(&module, sample, SAMPLE_SIZE, 0, &poor.heap.heap, &error), -EINTR);
	assert_string_equal(error.text, "interrupted");
	assert_int_equal(poor.real.used, 0);
}

/* Each of ten thousand types may have a thousand parameters, and sorting compares all of them. */
static void test_sorting_rests(void **state)
{
	struct hbk_wasm_module module;
	struct hbk_wasm_error error;
	struct poor_heap poor;
	struct builder builder;

	(void)state;
	poor_init(&poor, 100);
	builder_begin(&builder);
	put_types(&builder, HBK_WASM_TYPES_MAX);
	assert_int_equal(hbk_wasm_validate(&module, builder.bytes, builder.size, 0, &poor.heap.heap, &error), 0);
	assert_true(poor.yields > HBK_WASM_TYPES_MAX / 64);
	hbk_wasm_module_free(&module);
	builder_free(&builder);
	assert_int_equal(poor.real.used, 0);
}

static const struct {
	const char *name;
	CMUnitTestFunction test;
} rows[] = {
	{ "contents", test_contents },
	{ "canonical types", test_canonical_types },
	{ "exports", test_exports },
	{ "function names", test_names },
	{ "costs", test_costs },
	{ "moves cost", test_moves_cost },
	{ "visit", test_visit },
	{ "visit stopped", test_visit_stopped },
	{ "truncated", test_truncated },
	{ "mutated", test_mutated },
	{ "no memory", test_no_memory },
	{ "interpreter without memory", test_interpreter_without_memory },
	{ "interrupted", test_interrupted },
	{ "sorting rests", test_sorting_rests },
};

void add_module_tests(struct tests *tests)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		tests_add(tests, rows[i].name, rows[i].test, NULL);
}
