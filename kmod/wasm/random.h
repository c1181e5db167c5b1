/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HBK_WASM_RANDOM_H
#define _HBK_WASM_RANDOM_H

#include <hauberk/wasm.h>

/* Fills a guest's memory with random bytes, which cost fuel as a bulk operation does. May sleep. */
enum hbk_wasm_trap hbk_random_fill(struct hbk_wasm_instance *core, u32 offset, u32 length);

#endif /* _HBK_WASM_RANDOM_H */
