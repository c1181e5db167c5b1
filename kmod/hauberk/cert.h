/* SPDX-License-Identifier: GPL-2.0-only */
/* One certificate while it is being judged: what BearSSL's decoder tells of it, and the name of its key. */
#ifndef _HBK_CERT_H
#define _HBK_CERT_H

#include <hauberk/bearssl.h>

#include "../core/fault.h"

#define HBK_KEY_NAME_LEN	16	/* bytes of "ec-p256" …, the final NUL included */

struct hbk_cert {
	br_x509_decoder_context decoder;	/* the public key points into it */
	br_x509_pkey *pkey;
	char key_name[HBK_KEY_NAME_LEN];
	u8 *dn;					/* the subject, DER */
	u32 dn_length;
	u32 dn_size;
};

struct hbk_cert *hbk_cert_create(const u8 *der, u32 length, const char *item,
				 struct hbk_fault *fault);
void hbk_cert_free(struct hbk_cert *cert);

#endif /* _HBK_CERT_H */
