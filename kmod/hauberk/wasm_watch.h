/* SPDX-License-Identifier: GPL-2.0-only */
/* What becomes of guests, told as events. */
#ifndef _HBK_WASM_WATCH_H
#define _HBK_WASM_WATCH_H

void hbk_wasm_watch_init(void);
void hbk_wasm_watch_exit(void);

#endif /* _HBK_WASM_WATCH_H */
