// SPDX-License-Identifier: GPL-2.0-only
/*
 * The trust bundle.  An anchor keeps a certificate's subject and public key
 * and nothing else of it.  Process context; whoever owns the bundle serialises.
 */
#include "anchors.h"

#include <linux/err.h>
#include <linux/slab.h>

#include "../core/leaf.h"
#include "cert.h"

static bool bytes_equal(const u8 *a, size_t a_length, const u8 *b, size_t b_length)
{
	return a_length == b_length && !memcmp(a, b, a_length);
}

static bool keys_equal(const br_x509_pkey *a, const br_x509_pkey *b)
{
	if (a->key_type != b->key_type)
		return false;
	if (a->key_type == BR_KEYTYPE_EC)
		return a->key.ec.curve == b->key.ec.curve &&
		       bytes_equal(a->key.ec.q, a->key.ec.qlen, b->key.ec.q, b->key.ec.qlen);
	return bytes_equal(a->key.rsa.n, a->key.rsa.nlen, b->key.rsa.n, b->key.rsa.nlen) &&
	       bytes_equal(a->key.rsa.e, a->key.rsa.elen, b->key.rsa.e, b->key.rsa.elen);
}

/* A CA that changes its key keeps its name: only name and key together are a duplicate. */
static bool holds(const struct hbk_anchors *anchors, const struct hbk_cert *cert)
{
	const br_x509_trust_anchor *anchor;
	u32 i;

	for (i = 0; i < anchors->count; i++) {
		anchor = &anchors->list[i];
		if (bytes_equal(anchor->dn.data, anchor->dn.len, cert->dn, cert->dn_length) &&
		    keys_equal(&anchor->pkey, cert->pkey))
			return true;
	}
	return false;
}

/* BearSSL follows no name constraint of an anchor: such a CA would be trusted for too much. */
static int judge(const struct hbk_anchors *anchors, struct hbk_cert *cert, const u8 *der,
		 u32 length, const char *item, struct hbk_fault *fault)
{
	struct hbk_leaf facts;

	if (!br_x509_decoder_isCA(&cert->decoder))
		return hbk_fault_set(fault, -EINVAL, item, "the certificate is not a CA's");
	if (!cert->dn_length)
		return hbk_fault_set(fault, -EINVAL, item, "the certificate has no subject");
	if (hbk_leaf_scan(&facts, der, length))
		return hbk_fault_set(fault, -EBADMSG, item, "the certificate is malformed");
	if (facts.has_name_constraints)
		return hbk_fault_set(fault, -EOPNOTSUPP, item,
				     "the CA has name constraints, which are not supported");
	if (holds(anchors, cert))
		return hbk_fault_set(fault, -EEXIST, item,
				     "a CA of this name and key was pushed already");
	return 0;
}

static void free_anchor(br_x509_trust_anchor *anchor)
{
	kfree(anchor->dn.data);
	if (anchor->pkey.key_type == BR_KEYTYPE_EC) {
		kfree(anchor->pkey.key.ec.q);
	} else {
		kfree(anchor->pkey.key.rsa.n);
		kfree(anchor->pkey.key.rsa.e);
	}
	memset(anchor, 0, sizeof(*anchor));
}

static int fill_anchor(br_x509_trust_anchor *anchor, const struct hbk_cert *cert)
{
	const br_x509_pkey *from = cert->pkey;
	br_x509_pkey *to = &anchor->pkey;
	bool copied;

	anchor->flags = BR_X509_TA_CA;
	anchor->dn.data = kmemdup(cert->dn, cert->dn_length, GFP_KERNEL_ACCOUNT);
	anchor->dn.len = cert->dn_length;
	*to = *from;
	if (from->key_type == BR_KEYTYPE_EC) {
		to->key.ec.q = kmemdup(from->key.ec.q, from->key.ec.qlen, GFP_KERNEL_ACCOUNT);
		copied = to->key.ec.q;
	} else {
		to->key.rsa.n = kmemdup(from->key.rsa.n, from->key.rsa.nlen, GFP_KERNEL_ACCOUNT);
		to->key.rsa.e = kmemdup(from->key.rsa.e, from->key.rsa.elen, GFP_KERNEL_ACCOUNT);
		copied = to->key.rsa.n && to->key.rsa.e;
	}
	if (anchor->dn.data && copied)
		return 0;
	free_anchor(anchor);
	return -ENOMEM;
}

/**
 * hbk_anchors_add() - add a CA to the trust bundle
 * @anchors: the bundle; unchanged on error
 * @der: the CA's certificate; copied
 * @length: its bytes; not 0
 * @fault: filled on error
 *
 * Return: 0 or a negative errno.
 */
int hbk_anchors_add(struct hbk_anchors *anchors, const u8 *der, u32 length,
		    struct hbk_fault *fault)
{
	struct hbk_cert *cert;
	char item[24];
	int error;

	snprintf(item, sizeof(item), "anchor %u", anchors->count);
	if (anchors->count == HBK_ANCHORS_MAX)
		return hbk_fault_set(fault, -ENOSPC, item, "a trust bundle has at most %d anchors",
				     HBK_ANCHORS_MAX);
	cert = hbk_cert_create(der, length, item, fault);
	if (IS_ERR(cert))
		return PTR_ERR(cert);
	error = judge(anchors, cert, der, length, item, fault);
	if (!error)
		error = fill_anchor(&anchors->list[anchors->count], cert);
	if (!error)
		anchors->count++;
	hbk_cert_free(cert);
	return error;
}

/**
 * hbk_anchors_free() - free what the bundle owns
 * @anchors: the bundle; empty afterwards
 */
void hbk_anchors_free(struct hbk_anchors *anchors)
{
	while (anchors->count)
		free_anchor(&anchors->list[--anchors->count]);
}
