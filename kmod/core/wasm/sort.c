// SPDX-License-Identifier: GPL-2.0-only
#include "sort.h"

#define SORTED_SLICE	64	/* indices between two calls of the heap's yield(): each is compared with some dozen */

static void swap_indices(u32 *a, u32 *b)
{
	u32 kept = *a;

	*a = *b;
	*b = kept;
}

/* Lets the index at @root sink until none beneath it comes after it. */
static void sift(const struct hbk_wasm_module *module, hbk_wasm_order order, u32 *indices, u32 root, u32 count)
{
	u32 child;

	while (2 * root + 1 < count) {
		child = 2 * root + 1;
		if (child + 1 < count && order(module, indices[child], indices[child + 1]) < 0)
			child++;
		if (order(module, indices[root], indices[child]) >= 0)
			return;
		swap_indices(&indices[root], &indices[child]);
		root = child;
	}
}

/* Long names take their time. Who wants to end the work is asked again by what comes after it. */
static void rest(const struct hbk_wasm_module *module, u32 done)
{
	if (done % SORTED_SLICE == 0 && module->heap->yield)
		module->heap->yield(module->heap);
}

/**
 * hbk_wasm_sort() - sort indices with a heap sort
 * @module: whose items they are of
 * @order: compares two of them
 * @indices: sorted in place
 * @count: how many; not near 2^31
 */
void hbk_wasm_sort(const struct hbk_wasm_module *module, hbk_wasm_order order, u32 *indices, u32 count)
{
	u32 i;

	for (i = count / 2; i > 0; i--) {
		rest(module, i);
		sift(module, order, indices, i - 1, count);
	}
	for (i = count; i > 1; i--) {
		rest(module, i);
		swap_indices(&indices[0], &indices[i - 1]);
		sift(module, order, indices, 0, i - 1);
	}
}
