/* SPDX-License-Identifier: GPL-2.0-only */
/* What the host calls in guests: names and types of enum hbk_callback. */
#ifndef _HBK_PROXY_CALLBACK_H
#define _HBK_PROXY_CALLBACK_H

#include "abi.h"

/**
 * struct hbk_callback_row - a function that a guest may export
 * @name: of the export
 * @signature: as hbk_wasm_signature_matches() reads it
 */
struct hbk_callback_row {
	const char *name;
	const char *signature;
};

extern const struct hbk_callback_row hbk_callback_rows[HBK_CALLBACKS];

#endif /* _HBK_PROXY_CALLBACK_H */
