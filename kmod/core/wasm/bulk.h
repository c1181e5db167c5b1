/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instructions that work on much at once, for both backends. Each pays its
 * fuel first: one unit, and one more for every HBK_WASM_FUEL_BULK bytes or
 * entries. Offsets and lengths are what the guest gave: nothing is assumed.
 */
#ifndef _HBK_WASM_BULK_H
#define _HBK_WASM_BULK_H

#include "engine.h"

#define HBK_WASM_GROW_FAILED	((u32)-1)

/* memory.grow: *result is the old number of pages, or HBK_WASM_GROW_FAILED. */
enum hbk_wasm_trap hbk_wasm_memory_grow(struct hbk_wasm_instance *instance, u32 pages, u32 *result);
enum hbk_wasm_trap hbk_wasm_memory_fill(struct hbk_wasm_instance *instance, u32 to, u32 byte,
					u32 length);
enum hbk_wasm_trap hbk_wasm_memory_copy(struct hbk_wasm_instance *instance, u32 to, u32 from,
					u32 length);
enum hbk_wasm_trap hbk_wasm_memory_init(struct hbk_wasm_instance *instance, u32 segment, u32 to,
					u32 from, u32 length);
void hbk_wasm_data_drop(struct hbk_wasm_instance *instance, u32 segment);

enum hbk_wasm_trap hbk_wasm_table_get(struct hbk_wasm_instance *instance, u32 table, u32 index,
				      u64 *value);
enum hbk_wasm_trap hbk_wasm_table_set(struct hbk_wasm_instance *instance, u32 table, u32 index,
				      u64 value);
/* table.grow: *result is the old size, or HBK_WASM_GROW_FAILED. */
enum hbk_wasm_trap hbk_wasm_table_grow(struct hbk_wasm_instance *instance, u32 table, u64 value,
				       u32 entries, u32 *result);
enum hbk_wasm_trap hbk_wasm_table_fill(struct hbk_wasm_instance *instance, u32 table, u32 to,
				       u64 value, u32 length);
enum hbk_wasm_trap hbk_wasm_table_copy(struct hbk_wasm_instance *instance, u32 to_table,
				       u32 from_table, u32 to, u32 from, u32 length);
enum hbk_wasm_trap hbk_wasm_table_init(struct hbk_wasm_instance *instance, u32 table, u32 segment,
				       u32 to, u32 from, u32 length);
void hbk_wasm_element_drop(struct hbk_wasm_instance *instance, u32 segment);

static inline u32 hbk_wasm_memory_pages(const struct hbk_wasm_instance *instance)
{
	return instance->memory_size >> 16;
}

static inline u32 hbk_wasm_table_size(const struct hbk_wasm_instance *instance, u32 table)
{
	return instance->tables[table]->size;
}

/* ref.func */
static inline u64 hbk_wasm_function_ref(const struct hbk_wasm_instance *instance, u32 index)
{
	return (uintptr_t)&instance->functions[index];
}

#endif /* _HBK_WASM_BULK_H */
