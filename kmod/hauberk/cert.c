// SPDX-License-Identifier: GPL-2.0-only
/*
 * Certificates that the controller pushes are decoded here, once, for the
 * trust bundle and for identities alike: same parser, same keys accepted.
 * Process context; takes no lock.
 */
#include "cert.h"

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "identity.h"

static void append_dn(void *ctx, const void *buf, size_t length)
{
	struct hbk_cert *cert = ctx;

	/* The subject is a part of the certificate, whose length is dn_size. */
	if (WARN_ON_ONCE(length > cert->dn_size - cert->dn_length))
		return;
	memcpy(cert->dn + cert->dn_length, buf, length);
	cert->dn_length += length;
}

static u32 bit_length(const u8 *number, size_t length)
{
	while (length && !*number) {
		number++;
		length--;
	}
	return length ? (length - 1) * 8 + fls(*number) : 0;
}

static int name_rsa_key(struct hbk_cert *cert)
{
	u32 bits = bit_length(cert->pkey->key.rsa.n, cert->pkey->key.rsa.nlen);

	if (bits < HBK_RSA_BITS_MIN || bits > HBK_RSA_BITS_MAX)
		return -EOPNOTSUPP;
	snprintf(cert->key_name, sizeof(cert->key_name), "rsa-%u", bits);
	return 0;
}

static int name_ec_key(struct hbk_cert *cert)
{
	switch (cert->pkey->key.ec.curve) {
	case BR_EC_secp256r1:
		strscpy(cert->key_name, "ec-p256", sizeof(cert->key_name));
		return 0;
	case BR_EC_secp384r1:
		strscpy(cert->key_name, "ec-p384", sizeof(cert->key_name));
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static int name_key(struct hbk_cert *cert)
{
	switch (cert->pkey->key_type) {
	case BR_KEYTYPE_RSA:
		return name_rsa_key(cert);
	case BR_KEYTYPE_EC:
		return name_ec_key(cert);
	default:
		return -EOPNOTSUPP;
	}
}

static int decode(struct hbk_cert *cert, const u8 *der, u32 length, const char *item,
		  struct hbk_fault *fault)
{
	br_x509_decoder_init(&cert->decoder, append_dn, cert);
	br_x509_decoder_push(&cert->decoder, der, length);
	cert->pkey = br_x509_decoder_get_pkey(&cert->decoder);
	if (!cert->pkey)
		return hbk_fault_set(fault, -EBADMSG, item,
				     "the certificate cannot be decoded (BearSSL error %d)",
				     br_x509_decoder_last_error(&cert->decoder));
	if (name_key(cert))
		return hbk_fault_set(fault, -EOPNOTSUPP, item,
				     "the certificate's key is none of EC P-256, EC P-384, RSA %d to %d",
				     HBK_RSA_BITS_MIN, HBK_RSA_BITS_MAX);
	return 0;
}

/**
 * hbk_cert_create() - decode a certificate
 * @der: the certificate
 * @length: its bytes; not 0
 * @item: what the certificate is to the one who pushed it, for @fault
 * @fault: filled on error
 *
 * Return: the decoded certificate, which does not refer to @der, or an ERR_PTR.
 */
struct hbk_cert *hbk_cert_create(const u8 *der, u32 length, const char *item,
				 struct hbk_fault *fault)
{
	struct hbk_cert *cert;
	int error = -ENOMEM;

	cert = kzalloc(sizeof(*cert), GFP_KERNEL);
	if (!cert)
		return ERR_PTR(error);
	cert->dn_size = length;
	cert->dn = kvmalloc(length, GFP_KERNEL);
	if (!cert->dn)
		goto fail;
	error = decode(cert, der, length, item, fault);
	if (error)
		goto fail;
	return cert;

fail:
	hbk_cert_free(cert);
	return ERR_PTR(error);
}

/**
 * hbk_cert_free() - free what hbk_cert_create() returned
 * @cert: the certificate
 */
void hbk_cert_free(struct hbk_cert *cert)
{
	kvfree(cert->dn);
	kfree(cert);
}
