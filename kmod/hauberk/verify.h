/* SPDX-License-Identifier: GPL-2.0-only */
/* The peer's chain: BearSSL checks signatures, validity and trust; we check who it is. */
#ifndef _HBK_VERIFY_H
#define _HBK_VERIFY_H

#include <hauberk/bearssl.h>

#include "../core/peer.h"

struct hbk_conn;

struct hbk_verifier {
	const br_x509_class *vtable;	/* first: BearSSL calls through its address */
	br_x509_minimal_context minimal;
	struct hbk_conn *conn;
	enum hbk_reason reason;		/* our own verdict; the first one stays */
	u32 certs;			/* begun so far */
	u8 *cert;			/* the certificate that is being received */
	u32 cert_length;
	u32 cert_filled;
	u8 *leaf_der;			/* the first certificate; the leaf's views point into it */
	struct hbk_leaf leaf;
	s64 now;			/* seconds since 1970, UTC */
	s64 until;			/* when the first of the certificates expires */
	bool asked;			/* the peer was to send a chain: this is no resumption */
	bool approved;			/* the whole chain, and who it names */
};

void hbk_verifier_init(struct hbk_verifier *v, struct hbk_conn *conn);
void hbk_verifier_exit(struct hbk_verifier *v);

#endif /* _HBK_VERIFY_H */
