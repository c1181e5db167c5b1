/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A validated module: what its bytes say, in a form that can be used without
 * looking at them again. Read-only once hbk_wasm_validate() has succeeded, so
 * any number of instances and CPUs may share it without a lock.
 *
 * It points into the caller's bytes, which must stay where they are, and
 * unchanged, for as long as it is used.
 */
#ifndef _HBK_CORE_WASM_MODULE_H
#define _HBK_CORE_WASM_MODULE_H

#include "heap.h"
#include "limits.h"

#ifndef HBK_WASM_NO_INDEX
#define HBK_WASM_NO_INDEX	0xffffffffu
#endif

/* Value types, as the binary format writes them. */
enum hbk_wasm_value_type {
	HBK_WASM_ANY = 0,		/* of an operand in code that cannot be reached: whatever is wanted */
	HBK_WASM_I32 = 0x7f,
	HBK_WASM_I64 = 0x7e,
	HBK_WASM_F32 = 0x7d,
	HBK_WASM_F64 = 0x7c,
	HBK_WASM_V128 = 0x7b,		/* refused; only here so that it has a name */
	HBK_WASM_FUNCREF = 0x70,
	HBK_WASM_EXTERNREF = 0x6f,
};

enum hbk_wasm_kind {			/* of an import or export, as the binary format writes it */
	HBK_WASM_KIND_FUNCTION,
	HBK_WASM_KIND_TABLE,
	HBK_WASM_KIND_MEMORY,
	HBK_WASM_KIND_GLOBAL,
	HBK_WASM_KIND_COUNT
};

/* What a module uses beyond integers and WebAssembly 1.0. hbk_wasm_validate() can be told to refuse any of them. */
enum hbk_wasm_feature {
	HBK_WASM_FLOATS = 1 << 0,		/* a float type or instruction anywhere */
	HBK_WASM_SIGN_EXTENSION = 1 << 1,
	HBK_WASM_SATURATING = 1 << 2,
	HBK_WASM_BULK_MEMORY = 1 << 3,
	HBK_WASM_MULTI_VALUE = 1 << 4,
	HBK_WASM_REFERENCE_TYPES = 1 << 5,
	HBK_WASM_MUTABLE_GLOBALS = 1 << 6,	/* imported or exported */
};

#define HBK_WASM_FEATURE_COUNT	7

/* Bytes of a name, UTF-8, not NUL-terminated; it may contain a NUL. */
struct hbk_wasm_name {
	const char *text;
	u32 length;
};

/**
 * struct hbk_wasm_type - the type of a function
 * @params: bytes of the module: enum hbk_wasm_value_type each, param_count of them
 * @results: likewise, result_count of them
 * @canonical: index of the first type of the module that equals this one; comparing it is comparing types
 */
struct hbk_wasm_type {
	const u8 *params;
	const u8 *results;
	u16 param_count;
	u16 result_count;
	u32 canonical;
};

struct hbk_wasm_limits {
	u32 minimum;
	u32 maximum;		/* HBK_WASM_NO_INDEX if the module names none (and for tables also if it names that) */
	bool bounded;		/* the module names a maximum */
};

/**
 * struct hbk_wasm_import - what a module wants from others
 * @module: of whom
 * @name: what
 * @kind: enum hbk_wasm_kind
 * @index: in the index space of its kind (functions[], tables[], memories[], globals[]), which has its type
 */
struct hbk_wasm_import {
	struct hbk_wasm_name module;
	struct hbk_wasm_name name;
	u8 kind;
	u32 index;
};

/**
 * struct hbk_wasm_export - what a module offers
 * @name: unique in the module
 * @kind: enum hbk_wasm_kind
 * @index: in the index space of its kind
 */
struct hbk_wasm_export {
	struct hbk_wasm_name name;
	u8 kind;
	u32 index;
};

/* A loop and what one more round of it costs. What moves several operands to or from a block is an instruction for each. */
struct hbk_wasm_loop {
	u32 offset;		/* of its opcode, from the module's beginning */
	u32 cost;		/* instructions after its opcode, up to its `end` and with it */
};

/**
 * struct hbk_wasm_function_def - an imported function or one of the module's own
 * @type: index into types[], the canonical one: equal types are the same object
 * @import: index into imports[], or HBK_WASM_NO_INDEX
 * @offset: of its body, from the module's beginning: local declarations first
 * @length: of its body
 * @code: offset of its first instruction
 * @local_count: parameters included
 * @operands_max: the highest that the operand stack gets in code that can be reached
 * @nesting_max: the most control frames that are open at once, its own included
 * @cost: instructions of its body, also those that cannot be reached, its final `end` included; and a unit for every
 *	HBK_WASM_FUEL_BULK locals, which begin as zero each time
 * @first_loop: index into loops[]
 * @loop_count: its loops there, in the order in which they begin
 * @exported: by name
 * @referenced: outside of function bodies (export, element segment, global): ref.func may name it
 * @floats: its signature, its locals or its instructions have floats
 */
struct hbk_wasm_function_def {
	u32 type;
	u32 import;
	u32 offset;
	u32 length;
	u32 code;
	u32 local_count;
	u32 operands_max;
	u32 nesting_max;
	u32 cost;
	u32 first_loop;
	u32 loop_count;
	bool exported;
	bool referenced;
	bool floats;
};

struct hbk_wasm_table_def {
	struct hbk_wasm_limits limits;
	u8 type;		/* HBK_WASM_FUNCREF or HBK_WASM_EXTERNREF */
	u32 import;		/* index into imports[], or HBK_WASM_NO_INDEX */
};

struct hbk_wasm_memory_def {
	struct hbk_wasm_limits limits;	/* in pages */
	u32 import;
};

/**
 * struct hbk_wasm_constant - a constant expression
 * @op: opcode: i32.const, i64.const, f32.const, f64.const, global.get, ref.null or ref.func
 * @type: what it yields
 * @bits: the value (an i32 or f32 in the low half, the high half zero); the index of the global or function; the
 *	type of the null
 */
struct hbk_wasm_constant {
	u16 op;
	u8 type;
	u64 bits;
};

struct hbk_wasm_global_def {
	u8 type;
	bool mutable;
	u32 import;
	struct hbk_wasm_constant value;	/* not of an imported one */
};

enum hbk_wasm_mode {
	HBK_WASM_ACTIVE,
	HBK_WASM_PASSIVE,
	HBK_WASM_DECLARED,	/* elements only: good for nothing but ref.func */
};

/* One element: the index of a function, or one of these. */
#define HBK_WASM_ELEMENT_NULL		HBK_WASM_NO_INDEX
#define HBK_WASM_ELEMENT_GLOBAL		0x80000000u	/* set: the rest is the index of an imported global */

/**
 * struct hbk_wasm_element_segment - what a table is filled with
 * @mode: enum hbk_wasm_mode
 * @type: of its references
 * @table: that an active one is copied to
 * @offset: where to
 * @first: index into elements[]
 * @count: of its elements there
 */
struct hbk_wasm_element_segment {
	u8 mode;
	u8 type;
	u32 table;
	struct hbk_wasm_constant offset;
	u32 first;
	u32 count;
};

/* What the memory is filled with: @length bytes at @bytes; @offset only of an active one. */
struct hbk_wasm_data_segment {
	u8 mode;
	struct hbk_wasm_constant offset;
	const u8 *bytes;
	u32 length;
};

/**
 * struct hbk_wasm_module - all that a module says
 * @bytes: the caller's
 * @size: of them
 * @features: bits of enum hbk_wasm_feature that it uses
 * @import_counts: how many of each kind are imported; they come first in their index space
 * @sorted_exports: indices into exports[], by name
 * @start: index of the start function, or HBK_WASM_NO_INDEX
 * @data_count: of the data count section, or HBK_WASM_NO_INDEX
 * @code_size: bytes of the code section
 * @names: payload of the "name" section, empty if there is none; not checked
 * @heap: what it was allocated from
 */
struct hbk_wasm_module {
	const u8 *bytes;
	u32 size;
	u32 features;

	struct hbk_wasm_type *types;
	struct hbk_wasm_import *imports;
	struct hbk_wasm_function_def *functions;
	struct hbk_wasm_table_def *tables;
	struct hbk_wasm_memory_def *memories;
	struct hbk_wasm_global_def *globals;
	struct hbk_wasm_export *exports;
	u32 *sorted_exports;
	struct hbk_wasm_element_segment *element_segments;
	u32 *elements;
	struct hbk_wasm_data_segment *data_segments;
	struct hbk_wasm_loop *loops;

	u32 type_count;
	u32 import_count;
	u32 function_count;
	u32 table_count;
	u32 memory_count;
	u32 global_count;
	u32 export_count;
	u32 element_segment_count;
	u32 element_count;
	u32 data_segment_count;
	u32 loop_count;
	u32 import_counts[HBK_WASM_KIND_COUNT];

	u32 start;
	u32 data_count;
	u32 code_size;
	struct hbk_wasm_name names;
	struct hbk_wasm_heap *heap;

	/* Room that the arrays above have; only for whoever fills and frees them. */
	u32 room_imports, room_functions, room_tables, room_memories, room_globals, room_elements, room_loops;
	u32 room_types, room_exports, room_element_segments, room_data_segments;
};

static inline const struct hbk_wasm_type *
hbk_wasm_function_type(const struct hbk_wasm_module *module, u32 function)
{
	return &module->types[module->functions[function].type];
}

void hbk_wasm_module_free(struct hbk_wasm_module *module);
int hbk_wasm_name_compare(const struct hbk_wasm_name *a, const struct hbk_wasm_name *b);
const struct hbk_wasm_export *hbk_wasm_export_find(const struct hbk_wasm_module *module, const char *name,
						   size_t length);
u32 hbk_wasm_loop_cost(const struct hbk_wasm_module *module, u32 function, u32 offset);
bool hbk_wasm_function_name(const struct hbk_wasm_module *module, u32 function, struct hbk_wasm_name *name);
const char *hbk_wasm_value_type_name(u8 type);
const char *hbk_wasm_kind_name(u8 kind);
const char *hbk_wasm_feature_name(enum hbk_wasm_feature feature);

#endif /* _HBK_CORE_WASM_MODULE_H */
