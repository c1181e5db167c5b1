/* SPDX-License-Identifier: GPL-2.0-only */
/* An identity: a certificate chain and its private key, ready for BearSSL. Wiped when freed. */
#ifndef _HBK_IDENTITY_H
#define _HBK_IDENTITY_H

#include <hauberk/bearssl.h>
#include <linux/refcount.h>

#include "../core/frame.h"
#include "../core/leaf.h"
#include "cert.h"

#define HBK_RSA_BITS_MIN	2048
#define HBK_RSA_BITS_MAX	4096

/*
 * BearSSL 0.6 fills key_data, the last member of its key decoder, up to
 * 3 * BR_X509_BUFSIZE_KEY bytes, but declares 3 * BR_X509_BUFSIZE_SIG.
 */
#define HBK_KEY_OVERRUN		(3 * (BR_X509_BUFSIZE_KEY - BR_X509_BUFSIZE_SIG))

struct hbk_identity {
	refcount_t refs;
	char name[HBK_NAME_MAX + 1];
	char *spiffe_id;
	br_x509_certificate chain[HBK_CHAIN_MAX];	/* leaf first, as sent */
	u32 chain_length;
	u8 key_type;			/* BR_KEYTYPE_EC or BR_KEYTYPE_RSA */
	u8 issuer_key_type;		/* key type of the leaf's issuer's signature: BR_KEYTYPE_EC or _RSA */
	br_skey_decoder_context key;	/* holds the decoded private key; .key.ec or .key.rsa */
	u8 key_overrun[HBK_KEY_OVERRUN];	/* belongs to key, keep it behind */
	char key_name[HBK_KEY_NAME_LEN];	/* "ec-p256" … */
	struct hbk_leaf leaf;		/* views point into chain[0] */
};

struct hbk_identity *hbk_identity_create(const struct hbk_request *request,
					 struct hbk_fault *fault);
void hbk_identity_put(struct hbk_identity *identity);

#endif /* _HBK_IDENTITY_H */
