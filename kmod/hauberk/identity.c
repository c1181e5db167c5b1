// SPDX-License-Identifier: GPL-2.0-only
/*
 * Identities: what a rule presents to its peers.  An identity is judged whole
 * when it is pushed, so that a handshake never finds it unusable; only its
 * dates are left to the clock.  It never changes afterwards.
 *
 * Process context, creation and last put alike: both may sleep.  A connection
 * holds its rule-set, which holds the identity, and a rule-set is freed by a
 * work item.
 */
#include "identity.h"

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/stdarg.h>

#include "../core/peer.h"

/* The context points into itself: it is decoded in place and never copied. */
static_assert(offsetof(struct hbk_identity, key_overrun) ==
	      offsetof(struct hbk_identity, key) + sizeof(br_skey_decoder_context));

static void name_item(char *item, const struct hbk_identity *identity)
{
	snprintf(item, HBK_FAULT_ITEM, "identity %s", identity->name);
}

static __printf(4, 5) int refuse(const struct hbk_identity *identity, struct hbk_fault *fault,
				 int error, const char *format, ...)
{
	char item[HBK_FAULT_ITEM];
	va_list args;

	name_item(item, identity);
	va_start(args, format);
	hbk_fault_vset(fault, error, item, format, args);
	va_end(args);
	return error;
}

static int copy_names(struct hbk_identity *identity, const struct hbk_request *request)
{
	const struct hbk_attr_view *name = &request->attrs[HBK_A_NAME];
	const struct hbk_attr_view *id = &request->attrs[HBK_A_SPIFFE_ID];

	/* Both were checked by the frame's policy, their lengths too. */
	memcpy(identity->name, name->data, name->length);
	identity->spiffe_id = kmemdup_nul(id->data, id->length, GFP_KERNEL_ACCOUNT);
	return identity->spiffe_id ? 0 : -ENOMEM;
}

static int copy_chain(struct hbk_identity *identity, const struct hbk_request *request)
{
	br_x509_certificate *cert;
	u32 i;

	for (i = 0; i < request->cert_count; i++) {
		cert = &identity->chain[i];
		cert->data_len = request->certs[i].length;
		cert->data = kvmalloc(cert->data_len, GFP_KERNEL_ACCOUNT);
		if (!cert->data)
			return -ENOMEM;
		memcpy(cert->data, request->certs[i].data, cert->data_len);
		identity->chain_length++;
	}
	return 0;
}

/* A peer that follows the same rules as we do must have no reason to refuse us. */
static int check_leaf(struct hbk_identity *identity, struct hbk_fault *fault)
{
	const br_x509_certificate *cert = &identity->chain[0];
	struct hbk_leaf *leaf = &identity->leaf;
	enum hbk_reason reason;

	if (hbk_leaf_scan(leaf, cert->data, cert->data_len))
		return refuse(identity, fault, -EBADMSG, "the leaf certificate is malformed");
	if (leaf->uri_count != 1)
		return refuse(identity, fault, -EINVAL,
			      "the leaf certificate has %u URI names, not exactly one",
			      leaf->uri_count);
	reason = hbk_peer_identity_check(leaf);
	if (reason != HBK_REASON_NONE)
		return refuse(identity, fault, -EINVAL, "peers would refuse the leaf certificate: %s",
			      hbk_reason_name(reason));
	if (leaf->uri.length != strlen(identity->spiffe_id) ||
	    memcmp(leaf->uri.data, identity->spiffe_id, leaf->uri.length))
		return refuse(identity, fault, -EINVAL,
			      "the leaf certificate's URI name is not the identity's SPIFFE id");
	return 0;
}

static int check_intermediates(const struct hbk_identity *identity, struct hbk_fault *fault)
{
	char item[HBK_FAULT_ITEM];
	struct hbk_cert *cert;
	bool is_ca;
	u32 i;

	for (i = 1; i < identity->chain_length; i++) {
		snprintf(item, sizeof(item), "identity %s, certificate %u", identity->name, i);
		cert = hbk_cert_create(identity->chain[i].data, identity->chain[i].data_len, item,
				       fault);
		if (IS_ERR(cert))
			return PTR_ERR(cert);
		is_ca = br_x509_decoder_isCA(&cert->decoder);
		hbk_cert_free(cert);
		if (!is_ca)
			return hbk_fault_set(fault, -EINVAL, item,
					     "a certificate after the leaf is not a CA's");
	}
	return 0;
}

static int decode_key(struct hbk_identity *identity, const struct hbk_attr_view *key,
		      struct hbk_fault *fault)
{
	br_skey_decoder_context *decoder = &identity->key;
	int error;

	br_skey_decoder_init(decoder);
	br_skey_decoder_push(decoder, key->data, key->length);
	decoder->hbuf = NULL;
	error = br_skey_decoder_last_error(decoder);
	if (error)
		return refuse(identity, fault, -EBADMSG,
			      "the private key is not PKCS#8, SEC 1 or PKCS#1 (BearSSL error %d)",
			      error);
	identity->key_type = br_skey_decoder_key_type(decoder);
	return 0;
}

static bool proves_ec(const struct hbk_identity *identity, const br_ec_public_key *public,
		      const u8 *hash)
{
	const br_ec_private_key *private = &identity->key.key.ec;
	u8 signature[2 * 48 + 16];	/* of P-384: two integers and their DER headers */
	size_t length;

	if (private->curve != public->curve)
		return false;
	length = br_ecdsa_i31_sign_asn1(&br_ec_all_m31, &br_sha256_vtable, hash, private,
					signature);
	return length && br_ecdsa_i31_vrfy_asn1(&br_ec_all_m31, hash, br_sha256_SIZE, public,
						signature, length);
}

static bool proves_rsa(const struct hbk_identity *identity, const br_rsa_public_key *public,
		       const u8 *hash)
{
	const br_rsa_private_key *private = &identity->key.key.rsa;
	u8 signature[HBK_RSA_BITS_MAX / 8];
	u8 recovered[br_sha256_SIZE];
	size_t length = (private->n_bitlen + 7) / 8;

	if (length != public->nlen || length > sizeof(signature))
		return false;
	return br_rsa_i31_pkcs1_sign(BR_HASH_OID_SHA256, hash, br_sha256_SIZE, private,
				     signature) &&
	       br_rsa_i31_pkcs1_vrfy(signature, length, BR_HASH_OID_SHA256, br_sha256_SIZE, public,
				     recovered) &&
	       !memcmp(hash, recovered, br_sha256_SIZE);
}

/* A signature that the leaf's key accepts shows the pair, and that each part of the private key works. */
static bool proves(const struct hbk_identity *identity, const br_x509_pkey *public)
{
	u8 hash[br_sha256_SIZE];

	if (identity->key_type != public->key_type)
		return false;
	get_random_bytes(hash, sizeof(hash));
	if (public->key_type == BR_KEYTYPE_EC)
		return proves_ec(identity, &public->key.ec, hash);
	return proves_rsa(identity, &public->key.rsa, hash);
}

static int check_key(struct hbk_identity *identity, struct hbk_fault *fault)
{
	char item[HBK_FAULT_ITEM];
	struct hbk_cert *cert;
	int error = 0;

	name_item(item, identity);
	cert = hbk_cert_create(identity->chain[0].data, identity->chain[0].data_len, item, fault);
	if (IS_ERR(cert))
		return PTR_ERR(cert);
	identity->issuer_key_type = br_x509_decoder_get_signer_key_type(&cert->decoder);
	strscpy(identity->key_name, cert->key_name, sizeof(identity->key_name));
	if (!identity->issuer_key_type)
		error = refuse(identity, fault, -EOPNOTSUPP,
			       "the leaf certificate is signed with an unknown algorithm");
	else if (!proves(identity, cert->pkey))
		error = refuse(identity, fault, -EKEYREJECTED,
			       "the private key does not belong to the leaf certificate");
	hbk_cert_free(cert);
	return error;
}

static int fill(struct hbk_identity *identity, const struct hbk_request *request,
		struct hbk_fault *fault)
{
	int error;

	error = copy_names(identity, request);
	if (!error)
		error = copy_chain(identity, request);
	if (!error)
		error = check_leaf(identity, fault);
	if (!error)
		error = check_intermediates(identity, fault);
	if (!error)
		error = decode_key(identity, &request->attrs[HBK_A_KEY], fault);
	if (!error)
		error = check_key(identity, fault);
	return error;
}

static void free_identity(struct hbk_identity *identity)
{
	u32 i;

	for (i = 0; i < HBK_CHAIN_MAX; i++)
		kvfree(identity->chain[i].data);
	kfree(identity->spiffe_id);
	kvfree_sensitive(identity, sizeof(*identity));
}

/**
 * hbk_identity_create() - make an identity of a parsed IDENTITY request
 * @request: the request; everything is copied
 * @fault: filled on error
 *
 * Return: the identity with one reference, or an ERR_PTR.
 */
struct hbk_identity *hbk_identity_create(const struct hbk_request *request,
					 struct hbk_fault *fault)
{
	struct hbk_identity *identity;
	int error;

	identity = kvzalloc(sizeof(*identity), GFP_KERNEL_ACCOUNT);
	if (!identity)
		return ERR_PTR(-ENOMEM);
	refcount_set(&identity->refs, 1);
	error = fill(identity, request, fault);
	if (error) {
		free_identity(identity);
		return ERR_PTR(error);
	}
	return identity;
}

/**
 * hbk_identity_put() - drop a reference
 * @identity: wiped and freed with the last one; may sleep then
 */
void hbk_identity_put(struct hbk_identity *identity)
{
	if (refcount_dec_and_test(&identity->refs))
		free_identity(identity);
}
