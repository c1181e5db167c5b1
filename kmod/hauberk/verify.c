// SPDX-License-Identifier: GPL-2.0-only
/*
 * A wrapper around BearSSL's X.509 engine.
 *
 * Each certificate passes through it twice: to br_x509_minimal for what that
 * does well, and into a buffer that core/leaf.c scans for what it does not do:
 * URI names of any length, several of them, name constraints that are not
 * critical, and which end of the validity was missed.  All of this runs in the
 * handshake work; BearSSL gives no way to return an error from the middle of a
 * chain, so that the first fault is kept and told at the end.
 */
#include "verify.h"

#include <linux/slab.h>

#include "conn.h"
#include "inject.h"

#define DAYS_TO_1970	719528	/* BearSSL counts days from 1 January of the year 0 */
#define DAY		86400

static struct hbk_verifier *verifier_of(const br_x509_class **ctx)
{
	return container_of(ctx, struct hbk_verifier, vtable);
}

static void verifier_blame(struct hbk_verifier *v, enum hbk_reason reason)
{
	if (v->reason == HBK_REASON_NONE)
		v->reason = reason;
}

static void verifier_start_chain(const br_x509_class **ctx, const char *server_name)
{
	struct hbk_verifier *v = verifier_of(ctx);

	v->asked = true;
	v->minimal.vtable->start_chain(&v->minimal.vtable, server_name);
}

static void verifier_start_cert(const br_x509_class **ctx, uint32_t length)
{
	struct hbk_verifier *v = verifier_of(ctx);

	v->minimal.vtable->start_cert(&v->minimal.vtable, length);
	v->certs++;
	v->cert_filled = 0;
	v->cert_length = 0;
	if (length > HBK_CERT_MAX || v->certs > HBK_CHAIN_MAX) {
		verifier_blame(v, HBK_REASON_BAD_CERTIFICATE);
		return;
	}
	v->cert = HBK_INJECT(CERT) ? NULL : kmalloc(length, GFP_KERNEL);
	if (v->cert)
		v->cert_length = length;
	else
		verifier_blame(v, HBK_REASON_NO_MEMORY);
}

static void verifier_append(const br_x509_class **ctx, const unsigned char *data, size_t length)
{
	struct hbk_verifier *v = verifier_of(ctx);

	v->minimal.vtable->append(&v->minimal.vtable, data, length);
	if (length > v->cert_length - v->cert_filled)
		return;
	memcpy(v->cert + v->cert_filled, data, length);
	v->cert_filled += length;
}

static void verifier_scan(struct hbk_verifier *v, struct hbk_leaf *leaf)
{
	if (hbk_leaf_scan(leaf, v->cert, v->cert_length))
		verifier_blame(v, HBK_REASON_BAD_CERTIFICATE);
	else if (leaf->has_name_constraints)
		verifier_blame(v, HBK_REASON_NAME_CONSTRAINTS);
	else if (v->now < leaf->not_before)
		verifier_blame(v, HBK_REASON_NOT_YET_VALID);
	else if (v->now > leaf->not_after)
		verifier_blame(v, HBK_REASON_EXPIRED);
	v->until = min(v->until, leaf->not_after);
}

/* The leaf is kept; of an intermediate only its faults are. */
static void verifier_end_cert(const br_x509_class **ctx)
{
	struct hbk_verifier *v = verifier_of(ctx);
	struct hbk_leaf *other;

	v->minimal.vtable->end_cert(&v->minimal.vtable);
	if (!v->cert)
		return;
	if (v->certs == 1) {
		verifier_scan(v, &v->leaf);
		v->leaf_der = v->cert;
		v->cert = NULL;
		return;
	}
	other = HBK_INJECT(CHAIN) ? NULL : kmalloc(sizeof(*other), GFP_KERNEL);
	if (other)
		verifier_scan(v, other);
	else
		verifier_blame(v, HBK_REASON_NO_MEMORY);
	kfree(other);
	kfree(v->cert);
	v->cert = NULL;
}

/* The id, if the leaf has one of a length that may be told. */
static char *verifier_peer_id(struct hbk_verifier *v)
{
	const struct hbk_name_view *uri = &v->leaf.uri;
	char *id;

	if (!v->leaf.uri_count || uri->length > HBK_SPIFFE_ID_MAX)
		return NULL;
	id = HBK_INJECT(PEER_ID) ? NULL :
	     kmemdup_nul((const char *)uri->data, uri->length, GFP_KERNEL);
	if (!id)
		verifier_blame(v, HBK_REASON_NO_MEMORY);
	return id;
}

/* What the events tell of a peer, refused or not. */
static void verifier_tell(struct hbk_verifier *v)
{
	struct hbk_conn_info *info = &v->conn->info;
	const struct hbk_leaf *leaf = &v->leaf;

	kfree(info->peer_id);
	info->peer_id = verifier_peer_id(v);
	if (leaf->dns_count && leaf->dns[0].length <= HBK_DNS_NAME_MAX) {
		memcpy(info->peer_name, leaf->dns[0].data, leaf->dns[0].length);
		info->peer_name[leaf->dns[0].length] = '\0';
	}
	memcpy(info->peer_serial, leaf->serial, sizeof(info->peer_serial));
	info->peer_serial_length = leaf->serial_length;
	info->peer_not_after = leaf->not_after;
}

static enum hbk_reason verifier_identify(struct hbk_verifier *v)
{
	enum hbk_reason reason = hbk_peer_identity_check(&v->leaf);

	if (reason != HBK_REASON_NONE)
		return reason;
	return hbk_rule_allows(v->conn->ruleset, v->conn->rule, &v->leaf) ?
		HBK_REASON_NONE : HBK_REASON_NOT_ALLOWED;
}

/*
 * Trust comes first: what an untrusted certificate says of itself is no reason.
 * An expired leaf is both; there our own verdict says which end was missed.
 */
static unsigned int verifier_end_chain(const br_x509_class **ctx)
{
	struct hbk_verifier *v = verifier_of(ctx);
	unsigned int err = v->minimal.vtable->end_chain(&v->minimal.vtable);

	if (v->leaf_der)
		verifier_tell(v);
	if (err) {
		if (err != BR_ERR_X509_EXPIRED && err != BR_ERR_X509_CRITICAL_EXTENSION &&
		    v->reason != HBK_REASON_NO_MEMORY)
			v->reason = HBK_REASON_NONE;
		return err;
	}
	if (v->reason == HBK_REASON_NONE)
		v->reason = v->leaf_der ? verifier_identify(v) : HBK_REASON_NO_CERTIFICATE;
	v->approved = v->reason == HBK_REASON_NONE;
	return v->approved ? 0 : BR_ERR_X509_NOT_TRUSTED;
}

static const br_x509_pkey *verifier_get_pkey(const br_x509_class *const *ctx,
					     unsigned int *usages)
{
	struct hbk_verifier *v = verifier_of((const br_x509_class **)ctx);

	return v->minimal.vtable->get_pkey(&v->minimal.vtable, usages);
}

static const br_x509_class verifier_class = {
	.context_size = sizeof(struct hbk_verifier),
	.start_chain = verifier_start_chain,
	.start_cert = verifier_start_cert,
	.append = verifier_append,
	.end_cert = verifier_end_cert,
	.end_chain = verifier_end_chain,
	.get_pkey = verifier_get_pkey,
};

static void verifier_algorithms(br_x509_minimal_context *minimal)
{
	br_x509_minimal_set_hash(minimal, br_sha256_ID, &br_sha256_vtable);
	br_x509_minimal_set_hash(minimal, br_sha384_ID, &br_sha384_vtable);
	br_x509_minimal_set_hash(minimal, br_sha512_ID, &br_sha512_vtable);
	br_x509_minimal_set_rsa(minimal, br_rsa_i62_pkcs1_vrfy);
	br_x509_minimal_set_ecdsa(minimal, &br_ec_all_m31, br_ecdsa_i31_vrfy_asn1);
}

/**
 * hbk_verifier_init() - prepare to check one chain
 * @v: zeroed
 * @conn: its rule-set gives the trust bundle, its rule the allowed peers
 *
 * Context: process.
 */
void hbk_verifier_init(struct hbk_verifier *v, struct hbk_conn *conn)
{
	const struct hbk_anchors *anchors = &conn->ruleset->anchors;

	v->vtable = &verifier_class;
	v->conn = conn;
	v->now = ktime_get_real_seconds();
	v->until = S64_MAX;
	br_x509_minimal_init(&v->minimal, &br_sha256_vtable, anchors->list, anchors->count);
	verifier_algorithms(&v->minimal);
	br_x509_minimal_set_time(&v->minimal, DAYS_TO_1970 + (u32)(v->now / DAY), v->now % DAY);
}

/**
 * hbk_verifier_exit() - free what a chain left behind
 * @v: may be unused, but zeroed
 */
void hbk_verifier_exit(struct hbk_verifier *v)
{
	kfree(v->cert);
	kfree(v->leaf_der);
}
