// SPDX-License-Identifier: GPL-2.0-only
/*
 * From BearSSL's session to the keys of the record layers: BearSSL keeps its
 * AES keys in a form of its own only, so that they are derived once more.
 */
#include "keys.h"

#include <linux/kernel.h>
#include <linux/string.h>

#include "engine.h"
#include "inject.h"

/* What RFC 5246 section 6.3 derives for a suite. */
static const struct keys_suite {
	u16 suite;
	u8 cipher;
	u8 key_length;
	u8 iv_length;
	br_tls_prf_impl prf;
} keys_suites[] = {
	{ BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, HBK_CIPHER_AES_GCM_128,
	  16, 4, br_tls12_sha256_prf },
	{ BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, HBK_CIPHER_AES_GCM_128,
	  16, 4, br_tls12_sha256_prf },
	{ BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, HBK_CIPHER_AES_GCM_256,
	  32, 4, br_tls12_sha384_prf },
	{ BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, HBK_CIPHER_AES_GCM_256,
	  32, 4, br_tls12_sha384_prf },
	{ BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, HBK_CIPHER_CHAPOL,
	  32, 12, br_tls12_sha256_prf },
	{ BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, HBK_CIPHER_CHAPOL,
	  32, 12, br_tls12_sha256_prf },
};

#define KEYS_BLOCK_MAX	(2 * (HBK_KEY_BYTES + HBK_IV_BYTES))

static const struct keys_suite *keys_suite_find(u16 suite)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(keys_suites); i++)
		if (keys_suites[i].suite == suite)
			return &keys_suites[i];
	return NULL;
}

/* The client's key, the server's, the client's IV, the server's. */
static void keys_block(const struct keys_suite *suite, br_ssl_engine_context *engine,
		       const br_ssl_session_parameters *session, u8 *block)
{
	const br_tls_prf_seed_chunk seeds[] = {
		{ engine->server_random, sizeof(engine->server_random) },
		{ engine->client_random, sizeof(engine->client_random) },
	};

	suite->prf(block, 2 * (suite->key_length + suite->iv_length),
		   session->master_secret, sizeof(session->master_secret),
		   "key expansion", ARRAY_SIZE(seeds), seeds);
}

static void keys_split(const struct hbk_keys *keys, const u8 *block, struct hbk_key *client,
		       struct hbk_key *server)
{
	const u8 *ivs = block + 2 * keys->key_length;

	memcpy(client->key, block, keys->key_length);
	memcpy(server->key, block + keys->key_length, keys->key_length);
	memcpy(client->iv, ivs, keys->iv_length);
	memcpy(server->iv, ivs + keys->iv_length, keys->iv_length);
}

/**
 * hbk_keys_derive() - take the keys of a session
 * @keys: filled in; the caller wipes them
 * @hs: its handshake is done and nothing waits to be sent
 * @client: which side we are
 *
 * Context: process.
 * Return: 0, or -EPROTO for a suite that is not ours.
 */
int hbk_keys_derive(struct hbk_keys *keys, struct hbk_handshake *hs, bool client)
{
	br_ssl_engine_context *engine = &hs->engine;
	br_ssl_session_parameters session;
	const struct keys_suite *suite;
	u8 block[KEYS_BLOCK_MAX];
	bool chapol;

	br_ssl_engine_get_session_parameters(engine, &session);
	suite = HBK_INJECT(KEYS) ? NULL : keys_suite_find(session.cipher_suite);
	if (suite) {
		keys->suite = suite->suite;
		keys->cipher = suite->cipher;
		keys->key_length = suite->key_length;
		keys->iv_length = suite->iv_length;
		keys_block(suite, engine, &session, block);
		keys_split(keys, block, client ? &keys->tx : &keys->rx,
			   client ? &keys->rx : &keys->tx);
		chapol = suite->cipher == HBK_CIPHER_CHAPOL;
		keys->tx.sequence = chapol ? engine->out.chapol.seq : engine->out.gcm.seq;
		keys->rx.sequence = chapol ? engine->in.chapol.seq : engine->in.gcm.seq;
	}
	memzero_explicit(block, sizeof(block));
	memzero_explicit(&session, sizeof(session));
	return suite ? 0 : -EPROTO;
}
