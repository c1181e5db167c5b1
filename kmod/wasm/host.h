/* SPDX-License-Identifier: GPL-2.0-only */
/* What guests may import: tables of functions, by module and name. */
#ifndef _HBK_WASM_HOST_H
#define _HBK_WASM_HOST_H

#include <hauberk/wasm.h>

struct hbk_guest;

int hbk_host_resolve(struct hbk_guest *guest, struct hbk_guest_error *error);
void hbk_host_release(struct hbk_guest *guest);

const struct hbk_host_function *hbk_host_prefer(const struct hbk_host_module *hosts, u32 count,
						const struct hbk_wasm_module *module,
						const struct hbk_wasm_import *import);

int hbk_host_get(struct hbk_guest *guest);
void hbk_host_put(struct hbk_guest *guest);

void hbk_host_init(void);
void hbk_host_exit(void);

/* The tables that come with wasm.ko. */
extern struct hbk_host_module hbk_host_env;
extern struct hbk_host_module hbk_host_wasi;
extern struct hbk_host_module hbk_host_wasi_unstable;
extern struct hbk_host_module hbk_host_hauberk;

#endif /* _HBK_WASM_HOST_H */
