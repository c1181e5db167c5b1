// SPDX-License-Identifier: GPL-2.0-only
/* The host module that the core test suite imports from. */
#include "guest.h"

#define MATCHES(word, from)	((from).length == strlen(word) && !memcmp((from).text, word, (from).length))

static u64 entries[10];
static u8 page[2 * HBK_WASM_PAGE_SIZE];

static const struct hbk_wasm_table first_table = {
	.entries = entries, .size = 10, .capacity = 10, .max = 10, .declared_max = 20, .has_max = true,
	.type = HBK_WASM_FUNCREF,
};

static const struct hbk_wasm_memory first_memory = {
	.base = page, .size = HBK_WASM_PAGE_SIZE, .capacity = sizeof(page), .pages = 1, .max_pages = 2,
	.declared_max = 2, .has_max = true,
};

static struct hbk_wasm_table table;
static struct hbk_wasm_memory memory;

/**
 * spectest_reset() - as if nobody had used it yet
 */
void spectest_reset(void)
{
	memset(entries, 0, sizeof(entries));
	memset(page, 0, sizeof(page));
	table = first_table;
	memory = first_memory;
}

static enum hbk_wasm_trap print(struct hbk_wasm_instance *instance, void *data, u64 *values)
{
	(void)instance;
	(void)data;
	(void)values;
	return HBK_WASM_TRAP_NONE;
}

static const struct {
	const char *name;
	const char *signature;
} functions[] = {
	{ "print", "v()" },
	{ "print_i32", "v(i)" },
	{ "print_i64", "v(I)" },
	{ "print_f32", "v(f)" },
	{ "print_f64", "v(F)" },
	{ "print_i32_f32", "v(if)" },
	{ "print_f64_f64", "v(FF)" },
};

static struct {
	const char *name;
	u8 type;
	u64 bits;
} globals[] = {
	{ "global_i32", HBK_WASM_I32, 666 },
	{ "global_i64", HBK_WASM_I64, 666 },
	{ "global_f32", HBK_WASM_F32, 0x4426a666 },
	{ "global_f64", HBK_WASM_F64, 0x4084d4cccccccccd },
};

static bool resolve_function(const struct hbk_wasm_import *import, struct hbk_wasm_extern *found)
{
	size_t i;

	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		if (!MATCHES(functions[i].name, import->name))
			continue;
		found->kind = HBK_WASM_KIND_FUNCTION;
		found->host = print;
		found->signature = functions[i].signature;
		return true;
	}
	return false;
}

static bool resolve_global(const struct hbk_wasm_import *import, struct hbk_wasm_extern *found)
{
	size_t i;

	for (i = 0; i < sizeof(globals) / sizeof(globals[0]); i++) {
		if (!MATCHES(globals[i].name, import->name))
			continue;
		found->kind = HBK_WASM_KIND_GLOBAL;
		found->global = &globals[i].bits;
		found->global_type = globals[i].type;
		return true;
	}
	return false;
}

/**
 * spectest_resolve() - find what the suite's host module offers
 * @import: what is wanted
 * @found: filled in
 */
bool spectest_resolve(const struct hbk_wasm_import *import, struct hbk_wasm_extern *found)
{
	if (!MATCHES("spectest", import->module))
		return false;
	if (MATCHES("table", import->name)) {
		found->kind = HBK_WASM_KIND_TABLE;
		found->table = &table;
		return true;
	}
	if (MATCHES("memory", import->name)) {
		found->kind = HBK_WASM_KIND_MEMORY;
		found->memory = &memory;
		return true;
	}
	return resolve_function(import, found) || resolve_global(import, found);
}
