/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interpreter: wasm3, with our patches, as a backend.
 */
#ifndef _HBK_WASM_INTERP_H
#define _HBK_WASM_INTERP_H

#include "engine.h"

extern const struct hbk_wasm_backend hbk_wasm_interp;

#endif /* _HBK_WASM_INTERP_H */
