/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making an instance of a module and calling what it exports.
 */
#ifndef _HBK_WASM_INSTANCE_H
#define _HBK_WASM_INSTANCE_H

#include "engine.h"

/**
 * struct hbk_wasm_extern - what an import was resolved to
 * @kind: one of the kinds of import of module.h
 * @signature: of @host: a letter for the result or 'v', then those of the
 *             parameters in parentheses: i is i32, I i64, f f32, F f64.
 *             "i(iI)" takes an i32 and an i64 and gives an i32.
 * @host: a function of the host, or NULL where @function is meant
 * @data: for @host
 * @function: a function of another instance, which must live longer
 * @memory: likewise
 * @table: likewise
 * @global: the cell of a global, @global_type and @global_mutable its type
 */
struct hbk_wasm_extern {
	u32 kind;
	const char *signature;
	hbk_wasm_host_call host;
	void *data;
	const struct hbk_wasm_function *function;
	struct hbk_wasm_memory *memory;
	struct hbk_wasm_table *table;
	u64 *global;
	u8 global_type;
	bool global_mutable;
};

/* Finds what @import names; false when there is nothing of that name. */
typedef bool (*hbk_wasm_resolve)(void *context, const struct hbk_wasm_import *import,
				 struct hbk_wasm_extern *found);

/**
 * struct hbk_wasm_plan - how an instance is to be made
 * @module: validated; must live as long as the instance, and so must its bytes
 * @backend: which way it is run
 * @code: what @backend's prepare made
 * @heap: pays for the instance
 * @world: where it runs
 * @resolve: finds imports, once for each
 * @context: for @resolve
 * @host: becomes instance->host
 * @max_pages: cap on the memory; 0 for the default of limits.h
 */
struct hbk_wasm_plan {
	const struct hbk_wasm_module *module;
	const struct hbk_wasm_backend *backend;
	const void *code;
	struct hbk_wasm_heap *heap;
	const struct hbk_wasm_world *world;
	hbk_wasm_resolve resolve;
	void *context;
	void *host;
	u32 max_pages;
};

bool hbk_wasm_signature_matches(const char *signature, const struct hbk_wasm_type *type);

struct hbk_wasm_instance *hbk_wasm_instance_new(const struct hbk_wasm_plan *plan,
						struct hbk_wasm_error *error);
enum hbk_wasm_trap hbk_wasm_instance_start(struct hbk_wasm_instance *instance, u64 fuel,
					   const struct hbk_wasm_stacks *stacks);
void hbk_wasm_instance_free(struct hbk_wasm_instance *instance);

const struct hbk_wasm_function *hbk_wasm_instance_function(const struct hbk_wasm_instance *instance,
							   const char *name);
bool hbk_wasm_instance_export(struct hbk_wasm_instance *instance, const char *name, u32 length,
			      struct hbk_wasm_extern *found);

enum hbk_wasm_trap hbk_wasm_invoke(const struct hbk_wasm_function *function, u64 *values, u64 fuel,
				   const struct hbk_wasm_stacks *stacks, u64 *used);

#endif /* _HBK_WASM_INSTANCE_H */
