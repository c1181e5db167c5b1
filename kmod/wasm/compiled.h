/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests that are there as machine code, by the SHA-256 of the module they were made of. */
#ifndef _HBK_WASM_COMPILED_H
#define _HBK_WASM_COMPILED_H

#include <linux/types.h>

#include "../core/wasm/compiled.h"

/**
 * struct hbk_compiled_entry - a compiled guest whose .ko is loaded
 * @node: in the registry
 * @compiled: the guest
 * @owner: its .ko
 */
struct hbk_compiled_entry {
	struct list_head node;
	const struct hbk_wasm_compiled *compiled;
	struct module *owner;
};

/* The one that was made of a module with this SHA-256, its .ko held; NULL if there is none. */
const struct hbk_compiled_entry *hbk_compiled_get(const u8 *sha256);
void hbk_compiled_put(const struct hbk_compiled_entry *entry);

#endif /* _HBK_WASM_COMPILED_H */
