/* SPDX-License-Identifier: GPL-2.0-only */
/* Guests that are there as machine code, by the SHA-256 of the module they were made of. */
#ifndef _HBK_WASM_COMPILED_REGISTRY_H
#define _HBK_WASM_COMPILED_REGISTRY_H

#include <hauberk/wasm.h>

/* The one that was made of a module with this SHA-256, its .ko held; NULL if there is none. */
const struct hbk_compiled *hbk_compiled_get(const u8 *sha256);
void hbk_compiled_put(const struct hbk_compiled *compiled);

#endif /* _HBK_WASM_COMPILED_REGISTRY_H */
