/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HBK_WASM_POOL_H
#define _HBK_WASM_POOL_H

int hbk_pool_init(void);
void hbk_pool_exit(void);

#endif /* _HBK_WASM_POOL_H */
