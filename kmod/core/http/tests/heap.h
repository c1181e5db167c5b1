/* SPDX-License-Identifier: GPL-2.0-only */
/* A heap that counts: what is given back must be what was taken, and one allocation can be told to fail. */
#ifndef _HBK_HTTP_TESTS_HEAP_H
#define _HBK_HTTP_TESTS_HEAP_H

#include "../../wasm/heap.h"

/**
 * struct test_heap - see above
 * @taken: bytes
 * @allocations: how many there were
 * @fail_at: the number of the one that fails, counted from 1; 0: none
 */
struct test_heap {
	struct hbk_wasm_heap heap;
	size_t taken;
	size_t allocations;
	size_t fail_at;
};

void test_heap_init(struct test_heap *heap);

#endif /* _HBK_HTTP_TESTS_HEAP_H */
