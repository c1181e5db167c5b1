/* SPDX-License-Identifier: GPL-2.0-only */
/* Sorting of indices: without recursion, and never slow, whatever the order was. */
#ifndef _HBK_CORE_WASM_SORT_H
#define _HBK_CORE_WASM_SORT_H

#include "module.h"

/* Below, equal to or above zero, as items @a and @b of the module are to be ordered. */
typedef int (*hbk_wasm_order)(const struct hbk_wasm_module *module, u32 a, u32 b);

void hbk_wasm_sort(const struct hbk_wasm_module *module, hbk_wasm_order order, u32 *indices, u32 count);

#endif /* _HBK_CORE_WASM_SORT_H */
