// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bulk instructions on memory and tables; see bulk.h.
 */

#include "bulk.h"
#include "heap.h"
#include "module.h"

#define PAUSE_BYTES	65536	/* longer ones leave the FPU section, in which nothing else can run */

static enum hbk_wasm_trap charge_bulk(struct hbk_wasm_instance *instance, u32 length)
{
	return hbk_wasm_charge(instance, length / HBK_WASM_FUEL_BULK + 1);
}

static bool is_within(u64 from, u64 length, u64 size)
{
	return from + length <= size;
}

static bool pause_if_long(struct hbk_wasm_instance *instance, u64 length)
{
	return length > PAUSE_BYTES && hbk_wasm_pause(instance);
}

/* How much to allocate for @wanted units: some to spare, so that growing by little does not copy each time. */
static u32 roomy(u32 wanted, u32 max)
{
	u64 room = (u64)wanted + wanted / 4;

	return room < max ? room : max;
}

static bool memory_reserve(struct hbk_wasm_memory *memory, u32 pages)
{
	struct hbk_wasm_heap *heap = memory->heap;
	u64 wanted = (u64)pages * HBK_WASM_PAGE_SIZE;
	u64 room = (u64)roomy(pages, memory->max_pages) * HBK_WASM_PAGE_SIZE;
	u8 *base;

	if (wanted <= memory->capacity)
		return true;
	base = heap->resize(heap, memory->base, memory->capacity, room);
	if (!base && room > wanted) {
		room = wanted;
		base = heap->resize(heap, memory->base, memory->capacity, room);
	}
	if (!base)
		return false;
	memory->base = base;
	memory->capacity = room;
	return true;
}

enum hbk_wasm_trap hbk_wasm_memory_grow(struct hbk_wasm_instance *instance, u32 pages, u32 *result)
{
	struct hbk_wasm_memory *memory = instance->memory;
	enum hbk_wasm_trap trap;
	bool paused, grown;

	*result = HBK_WASM_GROW_FAILED;
	trap = hbk_wasm_charge(instance, HBK_WASM_FUEL_GROW);
	if (trap)
		return trap;
	if (pages > memory->max_pages - memory->pages)
		return HBK_WASM_TRAP_NONE;
	trap = hbk_wasm_charge(instance, (u64)pages * HBK_WASM_FUEL_PAGE);
	if (trap)
		return trap;

	paused = hbk_wasm_pause(instance);
	grown = memory_reserve(memory, memory->pages + pages);
	if (paused)
		hbk_wasm_resume(instance);
	if (!grown)
		return HBK_WASM_TRAP_NONE;

	*result = memory->pages;
	memory->pages += pages;
	memory->size = (u64)memory->pages * HBK_WASM_PAGE_SIZE;
	hbk_wasm_memory_reload(instance);
	return HBK_WASM_TRAP_NONE;
}

enum hbk_wasm_trap hbk_wasm_memory_fill(struct hbk_wasm_instance *instance, u32 to, u32 byte,
					u32 length)
{
	enum hbk_wasm_trap trap = charge_bulk(instance, length);
	bool paused;

	if (trap)
		return trap;
	if (!is_within(to, length, instance->memory_size))
		return HBK_WASM_TRAP_MEMORY_BOUNDS;
	if (!length)
		return HBK_WASM_TRAP_NONE;

	paused = pause_if_long(instance, length);
	memset(instance->memory_base + to, (u8)byte, length);
	if (paused)
		hbk_wasm_resume(instance);
	return HBK_WASM_TRAP_NONE;
}

enum hbk_wasm_trap hbk_wasm_memory_copy(struct hbk_wasm_instance *instance, u32 to, u32 from,
					u32 length)
{
	enum hbk_wasm_trap trap = charge_bulk(instance, length);
	bool paused;

	if (trap)
		return trap;
	if (!is_within(to, length, instance->memory_size) ||
	    !is_within(from, length, instance->memory_size))
		return HBK_WASM_TRAP_MEMORY_BOUNDS;
	if (!length)
		return HBK_WASM_TRAP_NONE;

	paused = pause_if_long(instance, length);
	memmove(instance->memory_base + to, instance->memory_base + from, length);
	if (paused)
		hbk_wasm_resume(instance);
	return HBK_WASM_TRAP_NONE;
}

enum hbk_wasm_trap hbk_wasm_memory_init(struct hbk_wasm_instance *instance, u32 segment, u32 to,
					u32 from, u32 length)
{
	const struct hbk_wasm_data_segment *data = &instance->module->data_segments[segment];
	u32 size = instance->dropped_data[segment] ? 0 : data->length;
	enum hbk_wasm_trap trap = charge_bulk(instance, length);
	bool paused;

	if (trap)
		return trap;
	if (!is_within(to, length, instance->memory_size) || !is_within(from, length, size))
		return HBK_WASM_TRAP_MEMORY_BOUNDS;
	if (!length)
		return HBK_WASM_TRAP_NONE;

	paused = pause_if_long(instance, length);
	memcpy(instance->memory_base + to, data->bytes + from, length);
	if (paused)
		hbk_wasm_resume(instance);
	return HBK_WASM_TRAP_NONE;
}

void hbk_wasm_data_drop(struct hbk_wasm_instance *instance, u32 segment)
{
	instance->dropped_data[segment] = 1;
}

enum hbk_wasm_trap hbk_wasm_table_get(struct hbk_wasm_instance *instance, u32 table, u32 index,
				      u64 *value)
{
	const struct hbk_wasm_table *entries = instance->tables[table];

	if (index >= entries->size)
		return HBK_WASM_TRAP_TABLE_BOUNDS;
	*value = entries->entries[index];
	return HBK_WASM_TRAP_NONE;
}

enum hbk_wasm_trap hbk_wasm_table_set(struct hbk_wasm_instance *instance, u32 table, u32 index,
				      u64 value)
{
	struct hbk_wasm_table *entries = instance->tables[table];

	if (index >= entries->size)
		return HBK_WASM_TRAP_TABLE_BOUNDS;
	entries->entries[index] = value;
	return HBK_WASM_TRAP_NONE;
}

static void set_entries(u64 *entries, u64 value, u32 count)
{
	while (count--)
		*entries++ = value;
}

static bool table_reserve(struct hbk_wasm_table *table, u32 size)
{
	struct hbk_wasm_heap *heap = table->heap;
	u32 room = roomy(size, table->max);
	u64 *entries;

	if (size <= table->capacity)
		return true;
	entries = heap->resize(heap, table->entries, table->capacity * sizeof(u64),
			       room * sizeof(u64));
	if (!entries)
		return false;
	table->entries = entries;
	table->capacity = room;
	return true;
}

enum hbk_wasm_trap hbk_wasm_table_grow(struct hbk_wasm_instance *instance, u32 table, u64 value,
				       u32 entries, u32 *result)
{
	struct hbk_wasm_table *grown = instance->tables[table];
	enum hbk_wasm_trap trap;
	bool paused, reserved;

	*result = HBK_WASM_GROW_FAILED;
	if (entries > grown->max - grown->size)
		return HBK_WASM_TRAP_NONE;
	trap = charge_bulk(instance, entries);
	if (trap)
		return trap;

	paused = hbk_wasm_pause(instance);
	reserved = table_reserve(grown, grown->size + entries);
	if (paused)
		hbk_wasm_resume(instance);
	if (!reserved)
		return HBK_WASM_TRAP_NONE;

	set_entries(grown->entries + grown->size, value, entries);
	*result = grown->size;
	grown->size += entries;
	return HBK_WASM_TRAP_NONE;
}

enum hbk_wasm_trap hbk_wasm_table_fill(struct hbk_wasm_instance *instance, u32 table, u32 to,
				       u64 value, u32 length)
{
	struct hbk_wasm_table *filled = instance->tables[table];
	enum hbk_wasm_trap trap = charge_bulk(instance, length);

	if (trap)
		return trap;
	if (!is_within(to, length, filled->size))
		return HBK_WASM_TRAP_TABLE_BOUNDS;
	set_entries(filled->entries + to, value, length);
	return HBK_WASM_TRAP_NONE;
}

enum hbk_wasm_trap hbk_wasm_table_copy(struct hbk_wasm_instance *instance, u32 to_table,
				       u32 from_table, u32 to, u32 from, u32 length)
{
	struct hbk_wasm_table *target = instance->tables[to_table];
	const struct hbk_wasm_table *source = instance->tables[from_table];
	enum hbk_wasm_trap trap = charge_bulk(instance, length);

	if (trap)
		return trap;
	if (!is_within(to, length, target->size) || !is_within(from, length, source->size))
		return HBK_WASM_TRAP_TABLE_BOUNDS;
	if (length)
		memmove(target->entries + to, source->entries + from, length * sizeof(u64));
	return HBK_WASM_TRAP_NONE;
}

static u64 element_value(const struct hbk_wasm_instance *instance, u32 element)
{
	if (element == HBK_WASM_ELEMENT_NULL)
		return 0;
	if (element & HBK_WASM_ELEMENT_GLOBAL)
		return *instance->globals[element & ~HBK_WASM_ELEMENT_GLOBAL];
	return hbk_wasm_function_ref(instance, element);
}

enum hbk_wasm_trap hbk_wasm_table_init(struct hbk_wasm_instance *instance, u32 table, u32 segment,
				       u32 to, u32 from, u32 length)
{
	const struct hbk_wasm_element_segment *elements = &instance->module->element_segments[segment];
	struct hbk_wasm_table *target = instance->tables[table];
	u32 size = instance->dropped_elements[segment] ? 0 : elements->count;
	enum hbk_wasm_trap trap = charge_bulk(instance, length);
	const u32 *source;
	u32 i;

	if (trap)
		return trap;
	if (!is_within(to, length, target->size) || !is_within(from, length, size))
		return HBK_WASM_TRAP_TABLE_BOUNDS;
	source = instance->module->elements + elements->first + from;
	for (i = 0; i < length; i++)
		target->entries[to + i] = element_value(instance, source[i]);
	return HBK_WASM_TRAP_NONE;
}

void hbk_wasm_element_drop(struct hbk_wasm_instance *instance, u32 segment)
{
	instance->dropped_elements[segment] = 1;
}
