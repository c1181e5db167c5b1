/* SPDX-License-Identifier: GPL-2.0-only */
/* What guests say: a ring of bytes, kept out of the kernel's own log. */
#ifndef _HBK_WASM_LOG_H
#define _HBK_WASM_LOG_H

#include <linux/types.h>

struct hbk_guest;

#define HBK_LOG_LINE_MAX	512	/* bytes of a line that are kept */

/* Any context but hard interrupt. What is not printable becomes a point. */
void hbk_log_write(struct hbk_guest *guest, const void *text, size_t length);

#endif /* _HBK_WASM_LOG_H */
