/* SPDX-License-Identifier: GPL-2.0-only */
/* The trust bundle: CA certificates, decoded into BearSSL's trust anchors. */
#ifndef _HBK_ANCHORS_H
#define _HBK_ANCHORS_H

#include <hauberk/bearssl.h>

#include "../core/frame.h"

struct hbk_anchors {
	br_x509_trust_anchor list[HBK_ANCHORS_MAX];	/* dn.data and pkey buffers are owned */
	u32 count;
};

int hbk_anchors_add(struct hbk_anchors *anchors, const u8 *der, u32 length,
		    struct hbk_fault *fault);
void hbk_anchors_free(struct hbk_anchors *anchors);

#endif /* _HBK_ANCHORS_H */
