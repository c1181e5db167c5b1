// SPDX-License-Identifier: GPL-2.0-only
/* What is refused, with which words, and where. */
#include "validate_tests.h"

/* One function without parameters and results; the bytes are its locals and instructions. */
#define BODY(bytes) { bytes, sizeof(bytes) - 1 }

#define NOWHERE	0xffffffffu	/* the place is not looked at */

static const struct body_row {
	const char *name;
	struct {
		const char *bytes;
		size_t size;
	} code;
	enum hbk_wasm_refusal refusal;
	u32 at;			/* byte of the body */
	const char *text;
} body_rows[] = {
	{ "operand of another type", BODY("\0\x41\0\x42\0\x6a\x1a\x0b"), HBK_WASM_INVALID, 5,
	  "type mismatch in i32.add: expected [i32, i32], found [i32, i64]" },
	{ "operand missing", BODY("\0\x41\0\x6a\x1a\x0b"), HBK_WASM_INVALID, 3,
	  "type mismatch in i32.add: expected [i32, i32], found [i32]" },
	{ "operand left over", BODY("\0\x41\0\x0b"), HBK_WASM_INVALID, 3,
	  "type mismatch at end of function: expected [], found [i32]" },
	{ "result missing", BODY("\0\2\x7f\x0b\x1a\x0b"), HBK_WASM_INVALID, 3,
	  "type mismatch at end of block: expected [i32], found []" },
	{ "operand beneath a block", BODY("\0\x41\0\2\x40\x1a\x0b\x1a\x0b"), HBK_WASM_INVALID, 5,
	  "type mismatch in drop: expected [any], found []" },
	{ "if without else", BODY("\0\x41\0\4\x7f\x41\0\x0b\x1a\x0b"), HBK_WASM_INVALID, 7,
	  "type mismatch in if without else: expected [i32], found []" },
	{ "else of another type", BODY("\0\x41\0\4\x7f\x41\0\5\x42\0\x0b\x1a\x0b"), HBK_WASM_INVALID, 10,
	  "type mismatch at end of else: expected [i32], found [i64]" },
	{ "branch without operand", BODY("\0\2\x7f\x0c\0\x0b\x1a\x0b"), HBK_WASM_INVALID, 3,
	  "type mismatch in br: expected [i32], found []" },
	{ "unknown label", BODY("\0\x0c\1\x0b"), HBK_WASM_INVALID, 1, "unknown label 1 in br: there are 1" },
	{ "unknown local", BODY("\1\2\x7f\x20\2\x1a\x0b"), HBK_WASM_INVALID, 3,
	  "unknown local 2 in local.get: there are 2" },
	{ "unknown function", BODY("\0\x10\1\x0b"), HBK_WASM_INVALID, 1, "unknown function 1 in call: there are 1" },
	{ "unknown memory", BODY("\0\x41\0\x28\2\0\x1a\x0b"), HBK_WASM_INVALID, 3, "unknown memory 0 in i32.load" },
	{ "unknown table", BODY("\0\x41\0\x11\0\0\x0b"), HBK_WASM_INVALID, 3,
	  "unknown table 0 in call_indirect: there are 0" },
	{ "unknown type", BODY("\0\2\1\x0b\x0b"), HBK_WASM_INVALID, 1, "unknown type 1 in block: there are 1" },
	{ "select of two types", BODY("\0\x41\0\x42\0\x41\0\x1b\x1a\x0b"), HBK_WASM_INVALID, 7,
	  "type mismatch in select: expected two numbers of one type, found [i32, i64]" },
	{ "br_table of two arities", BODY("\0\2\x7f\x41\0\x41\0\x0e\1\0\1\x0b\x1a\x0b"), HBK_WASM_INVALID, 7,
	  "type mismatch in br_table: label 1 takes 0 operands, another one 1" },
	{ "end of the function twice", BODY("\0\x0b\x0b"), HBK_WASM_MALFORMED, 2,
	  "unexpected content after the function's end: 1 bytes" },
	{ "no end", BODY("\0\1"), HBK_WASM_MALFORMED, 2, "unexpected end" },
	{ "else outside of if", BODY("\0\5\x0b"), HBK_WASM_MALFORMED, 1, "else without if" },
	{ "number too long", BODY("\0\x41\x80\x80\x80\x80\x80\0\x1a\x0b"), HBK_WASM_MALFORMED, 2,
	  "integer representation too long: more than 32 bits" },
	{ "number too large", BODY("\0\x41\xff\xff\xff\xff\x0f\x1a\x0b"), HBK_WASM_MALFORMED, 2,
	  "integer too large: more than 32 bits" },
	{ "2^32 locals", BODY("\2\xff\xff\xff\xff\x0f\x7f\2\x7e\x0b"), HBK_WASM_MALFORMED, 0, "too many locals: more than 2^32" },
	{ "2^32 - 1 labels", BODY("\0\x41\0\x0e\xff\xff\xff\xff\x0f\0\x0b"), HBK_WASM_MALFORMED, 4,
	  "unexpected end: length out of bounds: 4294967295 labels of br_table in 2 bytes" },
	{ "opcode 0xff", BODY("\0\xff\x0b"), HBK_WASM_MALFORMED, 1, "illegal opcode 0xff" },
	{ "opcode 0xfc 18", BODY("\0\xfc\x12\x0b"), HBK_WASM_MALFORMED, 1, "illegal opcode 0xfc 18" },
	{ "opcode 0xfc 2^32 - 1", BODY("\0\xfc\xff\xff\xff\xff\x0f\x0b"), HBK_WASM_MALFORMED, 1,
	  "illegal opcode 0xfc 4294967295" },
	{ "SIMD", BODY("\0\xfd\x0c\x0b"), HBK_WASM_UNSUPPORTED, 1, "belongs to SIMD" },
	{ "SIMD local", BODY("\1\1\x7b\x0b"), HBK_WASM_UNSUPPORTED, 2, "belongs to SIMD" },
	{ "threads", BODY("\0\xfe\0\x0b"), HBK_WASM_UNSUPPORTED, 1, "belongs to threads" },
	{ "garbage collection", BODY("\0\xfb\0\x0b"), HBK_WASM_UNSUPPORTED, 1, "belongs to garbage collection" },
	{ "exceptions", BODY("\0\6\x40\x0b\x0b"), HBK_WASM_UNSUPPORTED, 1, "belongs to exceptions" },
	{ "tail calls", BODY("\0\x12\0\x0b"), HBK_WASM_UNSUPPORTED, 1, "belongs to tail calls" },
	{ "typed function references", BODY("\0\x14\0\x0b"), HBK_WASM_UNSUPPORTED, 1,
	  "belongs to typed function references" },
};

static void test_body(void **state)
{
	const struct body_row *row = *state;
	struct hbk_wasm_error error;
	struct builder builder;
	u32 body;

	builder_begin(&builder);
	put_one_body(&builder, row->code.bytes, row->code.size);
	body = builder.body + 5;
	assert_int_not_equal(check_built(&builder, 0, &error), 0);
	assert_int_equal(error.refusal, row->refusal);
	assert_int_equal(error.function, 0);
	if (error.offset - body != row->at || !strstr(error.text, row->text))
		fail_msg("at %u: %s", error.offset - body, error.text);
}

/* Whole modules, without the first eight bytes. */
static const struct module_row {
	const char *name;
	struct {
		const char *bytes;
		size_t size;
	} module;
	u32 forbidden;
	enum hbk_wasm_refusal refusal;
	u32 offset;
	const char *text;
} module_rows[] = {
	{ "memory64", BODY("\5\3\1\4\0"), 0, HBK_WASM_UNSUPPORTED, 11, "belong to memory64" },
	{ "shared memory", BODY("\5\4\1\3\0\0"), 0, HBK_WASM_UNSUPPORTED, 11, "belong to threads" },
	{ "multi-memory", BODY("\5\5\2\0\0\0\0"), 0, HBK_WASM_UNSUPPORTED, 13, "belongs to multi-memory" },
	{ "tags", BODY("\x0d\3\1\0\0"), 0, HBK_WASM_UNSUPPORTED, 8, "belongs to exceptions" },
	{ "struct type", BODY("\1\3\1\x5f\0"), 0, HBK_WASM_UNSUPPORTED, 11, "belongs to garbage collection" },
	{ "extended constant", BODY("\6\x09\1\x7f\0\x41\0\x41\0\x6a\x0b"), 0, HBK_WASM_UNSUPPORTED, NOWHERE,
	  "i32.add belongs to extended constant expressions" },
	{ "duplicate export", BODY("\5\3\1\0\0\7\x0d\3\1a\2\0\1b\2\0\1a\2\0"), 0, HBK_WASM_INVALID, NOWHERE,
	  "duplicate export name \"a\"" },
	{ "duplicate export that moves a cursor", BODY("\5\3\1\0\0\7\x0d\2\3\x1b[A\2\0\3\x1b[A\2\0"), 0,
	  HBK_WASM_INVALID, NOWHERE, "duplicate export name \".[A\"" },
	{ "section twice", BODY("\5\3\1\0\0\5\3\1\0\0"), 0, HBK_WASM_MALFORMED, 13,
	  "section 5 (memories) is out of order or there twice" },
	{ "section out of order", BODY("\6\1\0\5\1\0"), 0, HBK_WASM_MALFORMED, 11, "out of order" },
	{ "section too short", BODY("\5\2\1\0\0"), 0, HBK_WASM_MALFORMED, NOWHERE, "unexpected end" },
	{ "section too long", BODY("\5\4\1\0\0\0"), 0, HBK_WASM_MALFORMED, 13, "section size mismatch" },
	{ "section past the end", BODY("\5\5\1\0\0"), 0, HBK_WASM_MALFORMED, 8, "unexpected end" },
	{ "section 14", BODY("\x0e\0"), 0, HBK_WASM_MALFORMED, 8, "malformed section id 14" },
	{ "function without code", BODY("\1\4\1\x60\0\0\3\2\1\0"), 0, HBK_WASM_MALFORMED, 18,
	  "function and code section have inconsistent lengths: expected 1, found none" },
	{ "data count without data", BODY("\x0c\1\1"), 0, HBK_WASM_MALFORMED, 11,
	  "data count and data section have inconsistent lengths: expected 1, found 0" },
	{ "export of what is not there", BODY("\7\5\1\1a\0\0"), 0, HBK_WASM_INVALID, 11, "unknown function 0" },
	{ "overlong UTF-8", BODY("\0\3\2\xc0\x80"), 0, HBK_WASM_MALFORMED, 10, "malformed UTF-8 encoding" },
	{ "start with parameters", BODY("\1\5\1\x60\1\x7f\0\3\2\1\0\x08\1\0\x0a\4\1\2\0\x0b"), 0, HBK_WASM_INVALID,
	  NOWHERE, "start function 0 must have no parameters and no results, it has 1 and 0" },
	{ "65537 pages", BODY("\5\5\1\0\x81\x80\4"), 0, HBK_WASM_INVALID, 11, "memory size must be at most 65536 pages" },
	{ "least above most", BODY("\5\4\1\1\2\1"), 0, HBK_WASM_INVALID, 11,
	  "size minimum must not be greater than maximum: expected at most 1, found 2" },
	{ "float constant forbidden", BODY("\6\x0d\1\x7c\0\x44\0\0\0\0\0\0\0\0\x0b"), HBK_WASM_FLOATS,
	  HBK_WASM_UNSUPPORTED, 11, "f64 needs floats, which is forbidden here" },
	{ "float parameter forbidden", BODY("\1\5\1\x60\1\x7d\0"), HBK_WASM_FLOATS, HBK_WASM_UNSUPPORTED, 13,
	  "f32 needs floats, which is forbidden here" },
	{ "float instruction forbidden", BODY("\1\4\1\x60\0\0\3\2\1\0\5\3\1\0\0\x0a\x0f\1\x0d\0\x41\0\x2a\2\0\x41\0\xfd\0\0\0\x0b"),
	  HBK_WASM_FLOATS, HBK_WASM_UNSUPPORTED, NOWHERE, "f32.load needs floats, which is forbidden here" },
	{ "bulk memory forbidden", BODY("\x0b\3\1\1\0"), HBK_WASM_BULK_MEMORY, HBK_WASM_UNSUPPORTED, 11,
	  "a data segment needs bulk memory, which is forbidden here" },
};

static void test_module(void **state)
{
	const struct module_row *row = *state;
	struct hbk_wasm_error error;
	struct builder builder;

	builder_begin(&builder);
	put_bytes(&builder, row->module.bytes, row->module.size);
	assert_int_not_equal(check_built(&builder, row->forbidden, &error), 0);
	if (error.refusal != row->refusal || !strstr(error.text, row->text) ||
	    (row->offset != NOWHERE && error.offset != row->offset))
		fail_msg("%s at %u: %s", hbk_wasm_refusal_name(error.refusal), error.offset, error.text);
}

static void test_header(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		enum hbk_wasm_refusal refusal;
		const char *text;
	} headers[] = {
		{ "", 0, HBK_WASM_MALFORMED, "unexpected end" },
		{ "\0as", 3, HBK_WASM_MALFORMED, "unexpected end" },
		{ "\0asm\1\0\0", 7, HBK_WASM_MALFORMED, "unexpected end" },
		{ "\x7f" "ELF\1\0\0\0", 8, HBK_WASM_MALFORMED, "magic header not detected" },
		{ "\0asm\2\0\0\0", 8, HBK_WASM_MALFORMED, "unknown binary version: expected 1, found 2" },
		{ "\0asm\x0d\0\1\0", 8, HBK_WASM_UNSUPPORTED, "a component, which is not supported" },
	};
	struct hbk_wasm_error error;
	struct builder builder;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		memset(&builder, 0, sizeof(builder));
		put_bytes(&builder, headers[i].bytes, headers[i].size);
		assert_int_not_equal(check_built(&builder, 0, &error), 0);
		if (error.refusal != headers[i].refusal || !strstr(error.text, headers[i].text))
			fail_msg("header %zu: %s", i, error.text);
	}
}

static void test_print(void **state)
{
	struct hbk_wasm_error error;
	char text[300];

	(void)state;
	hbk_wasm_error_set(&error, HBK_WASM_INVALID, 0x1f, 7, "unknown local %u", 3);
	hbk_wasm_error_print(&error, text, sizeof(text));
	assert_string_equal(text, "invalid at offset 0x1f in function 7: unknown local 3");
	hbk_wasm_error_set(&error, HBK_WASM_LIMIT, 8, HBK_WASM_NO_INDEX, "too many types");
	hbk_wasm_error_print(&error, text, sizeof(text));
	assert_string_equal(text, "over the limit at offset 0x8: too many types");
	assert_int_equal(hbk_wasm_error_failed(&error, -ENOMEM), -ENOMEM);
	hbk_wasm_error_print(&error, text, sizeof(text));
	assert_string_equal(text, "not enough memory");
}

void add_refusal_tests(struct tests *tests)
{
	size_t i;

	for (i = 0; i < sizeof(body_rows) / sizeof(body_rows[0]); i++)
		tests_add(tests, body_rows[i].name, test_body, &body_rows[i]);
	for (i = 0; i < sizeof(module_rows) / sizeof(module_rows[0]); i++)
		tests_add(tests, module_rows[i].name, test_module, &module_rows[i]);
	tests_add(tests, "header", test_header, NULL);
	tests_add(tests, "error as a line", test_print, NULL);
}
