/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory and patience: what the engine is given by whoever uses it. */
#ifndef _HBK_CORE_WASM_HEAP_H
#define _HBK_CORE_WASM_HEAP_H

#include "../types.h"

/**
 * struct hbk_wasm_heap - where the engine's memory comes from
 * @allocate: zeroed memory for any object, or NULL; @size is never zero
 * @resize: like realloc(); what is new is zeroed; on NULL the old memory is as it was; @memory may be NULL if
 *	@old_size is zero; @new_size is never zero
 * @release: gives @size bytes back, exactly what was asked for; @memory may be NULL
 * @yield: called now and then while a long piece of work goes on; a negative errno ends that work (a fatal signal
 *	is pending); NULL if nobody minds
 *
 * The owner embeds it in a struct of its own that knows whose account is
 * charged. Sizes are always told, so that an account needs no header of its own.
 */
struct hbk_wasm_heap {
	void *(*allocate)(struct hbk_wasm_heap *heap, size_t size);
	void *(*resize)(struct hbk_wasm_heap *heap, void *memory, size_t old_size, size_t new_size);
	void (*release)(struct hbk_wasm_heap *heap, void *memory, size_t size);
	int (*yield)(struct hbk_wasm_heap *heap);
};

#endif /* _HBK_CORE_WASM_HEAP_H */
