/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-256, by which a compiled guest is found; in the kernel it is the kernel's. */
#ifndef _HBK_WASM_TOOL_SHA256_H
#define _HBK_WASM_TOOL_SHA256_H

#include "../../types.h"

#define SHA256_SIZE	32

void tool_sha256(const u8 *bytes, size_t size, u8 digest[SHA256_SIZE]);

#endif /* _HBK_WASM_TOOL_SHA256_H */
