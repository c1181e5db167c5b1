/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests about WebAssembly guests. Each is served under its opener's lock, in process context. */
#ifndef _HBK_WASM_REQUEST_H
#define _HBK_WASM_REQUEST_H

#include "request.h"

/* wasm_upload.c */
int hbk_wasm_serve_begin(struct hbk_exchange *exchange);
int hbk_wasm_serve_chunk(struct hbk_exchange *exchange);
int hbk_wasm_serve_commit(struct hbk_exchange *exchange);
int hbk_wasm_serve_abort(struct hbk_exchange *exchange);
int hbk_wasm_serve_unload(struct hbk_exchange *exchange);

/* wasm_info.c */
int hbk_wasm_serve_list(struct hbk_exchange *exchange);
int hbk_wasm_serve_info(struct hbk_exchange *exchange);

/* wasm_run.c */
int hbk_wasm_serve_run(struct hbk_exchange *exchange);

/* wasm_log.c */
int hbk_wasm_serve_log(struct hbk_exchange *exchange);

/* What they have in common: wasm_refusal.c */
void hbk_wasm_copy_name(char *name, const struct hbk_request *request);
struct hbk_guest *hbk_wasm_find(struct hbk_exchange *exchange);
int hbk_wasm_expect_refusal(struct hbk_exchange *exchange);
int hbk_wasm_refuse(struct hbk_exchange *exchange, int err, const char *what, const char *name);

#endif /* _HBK_WASM_REQUEST_H */
