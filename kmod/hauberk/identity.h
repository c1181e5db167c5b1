/* SPDX-License-Identifier: GPL-2.0-only */
/* An identity: a certificate chain and its private key, ready for BearSSL. Wiped when freed. */
#ifndef _HBK_IDENTITY_H
#define _HBK_IDENTITY_H

#include <hauberk/bearssl.h>
#include <linux/refcount.h>

#include "../core/frame.h"
#include "../core/leaf.h"

struct hbk_identity {
	refcount_t refs;
	char name[HBK_NAME_MAX + 1];
	char *spiffe_id;
	br_x509_certificate chain[HBK_CHAIN_MAX];	/* leaf first, as sent */
	u32 chain_length;
	u8 key_type;			/* BR_KEYTYPE_EC or BR_KEYTYPE_RSA */
	u8 issuer_key_type;		/* key type of the leaf's issuer's signature: BR_KEYTYPE_EC or _RSA */
	br_skey_decoder_context key;	/* holds the decoded private key; .key.ec or .key.rsa */
	char key_name[16];		/* "ec-p256" … */
	struct hbk_leaf leaf;		/* views point into chain[0] */
};

struct hbk_identity *hbk_identity_create(const struct hbk_request *request, struct hbk_fault *fault);
void hbk_identity_put(struct hbk_identity *identity);

#endif /* _HBK_IDENTITY_H */
