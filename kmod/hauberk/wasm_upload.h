/* SPDX-License-Identifier: GPL-2.0-only */
/* A module on its way into the kernel, and the guest that goes with its opener. */
#ifndef _HBK_WASM_UPLOAD_H
#define _HBK_WASM_UPLOAD_H

#include "../core/frame.h"

struct hbk_guest;

/* Zeroed, nothing is under way. The opener's lock guards it. */
struct hbk_wasm_upload {
	u8 *bytes;			/* NULL while no module is under way */
	u32 size;			/* bytes that it will have */
	u32 length;			/* bytes that are there */
	u32 flags;			/* enum hbk_wasm_flag */
	char name[HBK_NAME_MAX + 1];
	struct hbk_guest *owned;	/* unloaded when the opener goes; a reference, or NULL */
};

void hbk_wasm_upload_release(struct hbk_wasm_upload *upload);

#endif /* _HBK_WASM_UPLOAD_H */
