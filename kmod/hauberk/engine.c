// SPDX-License-Identifier: GPL-2.0-only
/*
 * BearSSL for one handshake: TLS 1.2, ephemeral ECDH, AEAD suites, both sides
 * with certificates.
 *
 * The implementations are named here, once: the constant-time ones for 64-bit
 * machines that need no vector register.  BearSSL's own selection would run
 * CPUID, which traps in a virtual machine, on each connection.
 */
#include "engine.h"

#include <crypto/algapi.h>
#include <linux/random.h>

#include "../core/hello.h"
#include "conn.h"
#include "inject.h"
#include "session.h"

/* By cost on a machine without AES instructions of its own: kTLS knows all six. */
static const uint16_t engine_suites[] = {
	BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
};

static const struct {
	int id;
	const br_hash_class *class;
} engine_hashes[] = {
	{ br_sha256_ID, &br_sha256_vtable },
	{ br_sha384_ID, &br_sha384_vtable },
	{ br_sha512_ID, &br_sha512_vtable },
};

#define ENGINE_SEED	48	/* bytes of entropy for BearSSL's HMAC-DRBG */

static void engine_algorithms(br_ssl_engine_context *engine)
{
	unsigned int i;

	br_ssl_engine_set_versions(engine, BR_TLS12, BR_TLS12);
	br_ssl_engine_set_suites(engine, engine_suites, ARRAY_SIZE(engine_suites));
	for (i = 0; i < ARRAY_SIZE(engine_hashes); i++)
		br_ssl_engine_set_hash(engine, engine_hashes[i].id, engine_hashes[i].class);
	br_ssl_engine_set_prf_sha256(engine, br_tls12_sha256_prf);
	br_ssl_engine_set_prf_sha384(engine, br_tls12_sha384_prf);
	br_ssl_engine_set_ec(engine, &br_ec_all_m31);
	br_ssl_engine_set_ecdsa(engine, br_ecdsa_i31_vrfy_asn1);
	br_ssl_engine_set_rsavrfy(engine, br_rsa_i62_pkcs1_vrfy);
	br_ssl_engine_set_aes_ctr(engine, &br_aes_ct64_ctr_vtable);
	br_ssl_engine_set_ghash(engine, br_ghash_ctmul64);
	br_ssl_engine_set_chacha20(engine, br_chacha20_ct_run);
	br_ssl_engine_set_poly1305(engine, br_poly1305_ctmulq_run);
	br_ssl_engine_set_gcm(engine, &br_sslrec_in_gcm_vtable, &br_sslrec_out_gcm_vtable);
	br_ssl_engine_set_chapol(engine, &br_sslrec_in_chapol_vtable,
				 &br_sslrec_out_chapol_vtable);
	br_ssl_engine_add_flags(engine, BR_OPT_NO_RENEGOTIATION);
}

static void engine_common(struct hbk_handshake *hs, struct hbk_conn *conn)
{
	u8 seed[ENGINE_SEED];

	engine_algorithms(&hs->engine);
	br_ssl_engine_set_buffer(&hs->engine, hs->buffer, sizeof(hs->buffer), 0);
	hbk_verifier_init(&hs->verifier, conn);
	br_ssl_engine_set_x509(&hs->engine, &hs->verifier.vtable);
	get_random_bytes(seed, sizeof(seed));
	if (!HBK_INJECT(ENTROPY))
		br_ssl_engine_inject_entropy(&hs->engine, seed, sizeof(seed));
	memzero_explicit(seed, sizeof(seed));
}

/* Where an application's own TLS may pass, the peer must be able to tell ours from it: sniff.c. */
static const char *engine_protocol = HBK_HELLO_ALPN;

static int engine_start_client(struct hbk_handshake *hs, struct hbk_conn *conn)
{
	const struct hbk_identity *id = conn->rule->identity;

	br_ssl_client_zero(&hs->client);
	engine_common(hs, conn);
	if (conn->rule->on_tls == HBK_ON_TLS_PASSTHROUGH)
		br_ssl_engine_set_protocol_names(&hs->engine, &engine_protocol, 1);
	if (id->key_type == BR_KEYTYPE_EC)
		br_ssl_client_set_single_ec(&hs->client, id->chain, id->chain_length,
					    &id->key.key.ec, BR_KEYTYPE_SIGN,
					    id->issuer_key_type, &br_ec_all_m31,
					    br_ecdsa_i31_sign_asn1);
	else
		br_ssl_client_set_single_rsa(&hs->client, id->chain, id->chain_length,
					     &id->key.key.rsa, br_rsa_i62_pkcs1_sign);
	hs->session = hbk_session_find(conn, NULL);
	if (hs->session)
		br_ssl_engine_set_session_parameters(&hs->engine,
						     hbk_session_parameters(hs->session));
	return br_ssl_client_reset(&hs->client, conn->rule->server_name, !!hs->session);
}

/* Kept is only the session of a peer whom our own verifier has approved. */
static void engine_keep(struct hbk_handshake *hs, const br_ssl_session_parameters *parameters)
{
	struct hbk_conn *conn = hs->verifier.conn;

	if (hs->verifier.approved)
		hbk_session_save(conn, parameters, min(hs->verifier.until,
						       conn->rule->identity->leaf.not_after));
}

/*
 * BearSSL calls this when the client's Finished was right, and before ours is
 * sent: a client that comes again as soon as it has ours finds its session.
 */
static void engine_session_save(const br_ssl_session_cache_class **ctx,
				br_ssl_server_context *server,
				const br_ssl_session_parameters *parameters)
{
	engine_keep(container_of(ctx, struct hbk_handshake, sessions), parameters);
}

static int engine_session_load(const br_ssl_session_cache_class **ctx,
			       br_ssl_server_context *server,
			       br_ssl_session_parameters *parameters)
{
	struct hbk_handshake *hs = container_of(ctx, struct hbk_handshake, sessions);

	if (hs->session)	/* one greeting, one look */
		return 0;
	hs->session = hbk_session_find(hs->verifier.conn, parameters->session_id);
	if (!hs->session)
		return 0;
	*parameters = *hbk_session_parameters(hs->session);
	return 1;
}

static const br_ssl_session_cache_class engine_sessions = {
	.context_size = sizeof(br_ssl_session_cache_class *),
	.save = engine_session_save,
	.load = engine_session_load,
};

static int engine_start_server(struct hbk_handshake *hs, struct hbk_conn *conn)
{
	const struct hbk_identity *id = conn->rule->identity;
	const struct hbk_anchors *anchors = &conn->ruleset->anchors;

	br_ssl_server_zero(&hs->server);
	engine_common(hs, conn);
	if (id->key_type == BR_KEYTYPE_EC)
		br_ssl_server_set_single_ec(&hs->server, id->chain, id->chain_length,
					    &id->key.key.ec, BR_KEYTYPE_SIGN,
					    id->issuer_key_type, &br_ec_all_m31,
					    br_ecdsa_i31_sign_asn1);
	else
		br_ssl_server_set_single_rsa(&hs->server, id->chain, id->chain_length,
					     &id->key.key.rsa, BR_KEYTYPE_SIGN,
					     NULL, br_rsa_i62_pkcs1_sign);
	br_ssl_server_set_trust_anchor_names_alt(&hs->server, anchors->list, anchors->count);
	hs->sessions = &engine_sessions;
	br_ssl_server_set_cache(&hs->server, &hs->sessions);
	return br_ssl_server_reset(&hs->server);
}

/**
 * hbk_engine_start() - set BearSSL up for a connection
 * @hs: zeroed
 * @conn: says which side, identity, rule and trust bundle
 *
 * Context: process; arithmetic of a few milliseconds may follow from the first step.
 * Return: 0, or -EPROTO if BearSSL refuses (no entropy, no suite).
 */
int hbk_engine_start(struct hbk_handshake *hs, struct hbk_conn *conn)
{
	int ok = conn->info.direction == HBK_OUTBOUND ? engine_start_client(hs, conn)
						      : engine_start_server(hs, conn);

	return ok ? 0 : -EPROTO;
}

/* The peer took up the session that we know: nothing but its secret proves who it is. */
static bool engine_resumed(const struct hbk_handshake *hs,
			   const br_ssl_session_parameters *now)
{
	const br_ssl_session_parameters *then;

	if (!hs->session || hs->verifier.asked)
		return false;
	then = hbk_session_parameters(hs->session);
	return now->session_id_len == then->session_id_len &&
	       !memcmp(now->session_id, then->session_id, then->session_id_len) &&
	       !crypto_memneq(now->master_secret, then->master_secret,
			      sizeof(then->master_secret));
}

/**
 * hbk_engine_finish() - say who the peer is, when BearSSL's part is over
 * @hs: its engine takes application data
 *
 * Fails closed: either our own verifier has run to its end and approved, or a
 * session was resumed whose peer had been approved in its full handshake.
 *
 * Context: the handshake work; may sleep.
 * Return: HBK_REASON_NONE, or why there is no connection.
 */
enum hbk_reason hbk_engine_finish(struct hbk_handshake *hs)
{
	struct hbk_conn *conn = hs->verifier.conn;
	enum hbk_reason reason = HBK_REASON_PROTOCOL;
	br_ssl_session_parameters now;

	br_ssl_engine_get_session_parameters(&hs->engine, &now);
	if (engine_resumed(hs, &now)) {
		reason = hbk_session_tell(hs->session, conn);
	} else if (hs->verifier.approved) {
		reason = HBK_REASON_NONE;
		if (conn->info.direction == HBK_OUTBOUND)
			engine_keep(hs, &now);
	}
	memzero_explicit(&now, sizeof(now));
	hs->finished = reason == HBK_REASON_NONE;
	return reason;
}

/**
 * hbk_engine_fail() - the handshake failed: so would the next one with this session
 * @hs: any state; what fails after the handshake says nothing against the session
 */
void hbk_engine_fail(struct hbk_handshake *hs)
{
	if (hs->session && !hs->finished)
		hbk_session_drop(hs->verifier.conn, hs->session);
}

/**
 * hbk_engine_exit() - let go of what a handshake refers to
 * @hs: zeroed, or started
 */
void hbk_engine_exit(struct hbk_handshake *hs)
{
	hbk_verifier_exit(&hs->verifier);
	hbk_session_put(hs->session);
}

static const struct {
	int error;		/* BearSSL's */
	enum hbk_reason reason;
} engine_reasons[] = {
	{ BR_ERR_UNSUPPORTED_VERSION, HBK_REASON_BAD_VERSION },
	{ BR_ERR_BAD_VERSION, HBK_REASON_BAD_VERSION },
	{ BR_ERR_BAD_CIPHER_SUITE, HBK_REASON_NO_SUITE },
	{ BR_ERR_BAD_MAC, HBK_REASON_BAD_RECORD },
	{ BR_ERR_TOO_LARGE, HBK_REASON_BAD_RECORD },
	{ BR_ERR_BAD_LENGTH, HBK_REASON_BAD_RECORD },
	{ BR_ERR_NO_CLIENT_AUTH, HBK_REASON_NO_CERTIFICATE },
	{ BR_ERR_X509_EMPTY_CHAIN, HBK_REASON_NO_CERTIFICATE },
	{ BR_ERR_X509_NOT_TRUSTED, HBK_REASON_UNTRUSTED },
	{ BR_ERR_X509_DN_MISMATCH, HBK_REASON_UNTRUSTED },
	{ BR_ERR_X509_EXPIRED, HBK_REASON_EXPIRED },
	{ BR_ERR_X509_BAD_SERVER_NAME, HBK_REASON_WRONG_SERVER_NAME },
	{ BR_ERR_X509_CRITICAL_EXTENSION, HBK_REASON_BAD_USAGE },
	{ BR_ERR_X509_NOT_CA, HBK_REASON_BAD_USAGE },
	{ BR_ERR_X509_FORBIDDEN_KEY_USAGE, HBK_REASON_BAD_USAGE },
	{ BR_ERR_X509_WEAK_PUBLIC_KEY, HBK_REASON_BAD_CERTIFICATE },
};

static bool engine_is_alert(int error, int base)
{
	return error >= base && error < base + 256;
}

/*
 * TLS names no error for a common suite that is missing: the server's alert is
 * handshake_failure, which BearSSL reports as an alert that it has sent.
 */
static enum hbk_reason engine_reason_sent(int alert)
{
	switch (alert) {
	case BR_ALERT_HANDSHAKE_FAILURE:
		return HBK_REASON_NO_SUITE;
	case BR_ALERT_PROTOCOL_VERSION:
		return HBK_REASON_BAD_VERSION;
	default:
		return HBK_REASON_PROTOCOL;
	}
}

/**
 * hbk_engine_reason() - why the engine has closed
 * @hs: its engine is in the state BR_SSL_CLOSED
 *
 * Return: the verifier's own verdict if it has one, or what BearSSL's error stands for.
 */
enum hbk_reason hbk_engine_reason(const struct hbk_handshake *hs)
{
	int error = br_ssl_engine_last_error(&hs->engine);
	unsigned int i;

	if (hs->verifier.reason != HBK_REASON_NONE)
		return hs->verifier.reason;
	if (error == BR_ERR_OK)
		return HBK_REASON_TRUNCATED;
	for (i = 0; i < ARRAY_SIZE(engine_reasons); i++)
		if (engine_reasons[i].error == error)
			return engine_reasons[i].reason;
	if (engine_is_alert(error, BR_ERR_RECV_FATAL_ALERT))
		return HBK_REASON_ALERT;
	if (engine_is_alert(error, BR_ERR_SEND_FATAL_ALERT))
		return engine_reason_sent(error - BR_ERR_SEND_FATAL_ALERT);
	return error >= BR_ERR_X509_OK ? HBK_REASON_BAD_CERTIFICATE : HBK_REASON_PROTOCOL;
}

/* RFC 5246 section 7.2.2. What is not here happens after the keys changed, or needs no answer. */
static const u8 engine_alerts[HBK_REASON_COUNT] = {
	[HBK_REASON_BAD_VERSION]	= 70,	/* protocol_version */
	[HBK_REASON_NO_SUITE]		= 40,	/* handshake_failure */
	[HBK_REASON_NO_CERTIFICATE]	= 40,
	[HBK_REASON_UNTRUSTED]		= 48,	/* unknown_ca */
	[HBK_REASON_EXPIRED]		= 45,	/* certificate_expired */
	[HBK_REASON_NOT_YET_VALID]	= 42,	/* bad_certificate */
	[HBK_REASON_BAD_CERTIFICATE]	= 42,
	[HBK_REASON_BAD_USAGE]		= 43,	/* unsupported_certificate */
	[HBK_REASON_NAME_CONSTRAINTS]	= 43,
	[HBK_REASON_NO_IDENTITY]	= 42,
	[HBK_REASON_MANY_URIS]		= 42,
	[HBK_REASON_BAD_SPIFFE_ID]	= 42,
	[HBK_REASON_NOT_ALLOWED]	= 49,	/* access_denied */
	[HBK_REASON_WRONG_SERVER_NAME]	= 42,
};

/**
 * hbk_engine_alert() - the fatal alert that tells a peer this reason
 * @reason: of a failed handshake
 *
 * Return: the alert's number, or 0 if none is to be sent.
 */
u8 hbk_engine_alert(enum hbk_reason reason)
{
	return engine_alerts[reason];
}
