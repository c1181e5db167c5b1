// SPDX-License-Identifier: GPL-2.0-only
#include "heap.h"

#include <stdlib.h>

static bool fails(struct test_heap *heap)
{
	return ++heap->allocations == heap->fail_at;
}

static void *take(struct hbk_wasm_heap *base, size_t size)
{
	struct test_heap *heap = (struct test_heap *)base;
	void *memory;

	if (!size)
		abort();
	if (fails(heap))
		return NULL;
	memory = calloc(1, size);
	if (memory)
		heap->taken += size;
	return memory;
}

static void give(struct hbk_wasm_heap *base, void *memory, size_t size)
{
	struct test_heap *heap = (struct test_heap *)base;

	if (!memory)
		return;
	if (size > heap->taken)
		abort();
	heap->taken -= size;
	free(memory);
}

static void *resize(struct hbk_wasm_heap *base, void *memory, size_t old_size, size_t new_size)
{
	void *moved = take(base, new_size);

	if (!moved)
		return NULL;
	if (memory)
		memcpy(moved, memory, old_size < new_size ? old_size : new_size);
	give(base, memory, old_size);
	return moved;
}

void test_heap_init(struct test_heap *heap)
{
	*heap = (struct test_heap){
		.heap = { .allocate = take, .resize = resize, .release = give },
	};
}
