/* SPDX-License-Identifier: GPL-2.0-only */
/* The sections of a module. */
#ifndef _HBK_CORE_WASM_PARSE_H
#define _HBK_CORE_WASM_PARSE_H

#include "reader.h"

/* Room for @count items in an array of the module: 0, or -ENOMEM with the array as it was. */
#define hbk_wasm_array_reserve(module, array, room, count) ({					\
	void *__items = hbk_wasm_items_reserve((module)->heap, (module)->array, &(module)->room,	\
					       count, sizeof(*(module)->array));		\
	if (__items)										\
		(module)->array = __items;							\
	__items || !(count) ? 0 : -ENOMEM;							\
})

void *hbk_wasm_items_reserve(struct hbk_wasm_heap *heap, void *items, u32 *room, u32 count, size_t size);
int hbk_wasm_feature_use(const struct hbk_wasm_reader *reader, struct hbk_wasm_module *module, u32 forbidden,
			 u32 features, const char *what, u32 offset);
int hbk_wasm_module_parse(struct hbk_wasm_module *module, u32 forbidden, struct hbk_wasm_error *error);

#endif /* _HBK_CORE_WASM_PARSE_H */
