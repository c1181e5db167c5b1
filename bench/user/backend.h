/* SPDX-License-Identifier: Apache-2.0 */
/* How ours.c runs guests: one of backend_*.c is linked to it. */
#ifndef _BENCH_BACKEND_H
#define _BENCH_BACKEND_H

#include "../../kmod/core/wasm/engine.h"

/* The backend for the benchmark @name; *@code is set where it has code already. */
const struct hbk_wasm_backend *backend_for(const char *name, const void **code);

#endif /* _BENCH_BACKEND_H */
