// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel TLS below our ops.
 *
 * The "tls" ULP replaces sk->sk_prot and sk->sk_socket->ops, step by step: when
 * it is attached, for the sending keys, for the receiving keys.  After the
 * first step both are plain TCP's, so an application thread that came by just
 * then would send plaintext.  Therefore sk->sk_socket points to a stand-in
 * while the ULP works: it is the stand-in's ops that kTLS replaces, and the
 * socket that the application holds never has other ops than ours.  Afterwards
 * the stand-in's ops are what our ops hand down to.
 *
 * The ULP is attached before the handshake and not with the keys, because it
 * wants TCP_ESTABLISHED, and a peer that greets and leaves has sent its FIN by
 * the time that our handshake is over.
 */
#include "ktls.h"

#include <linux/slab.h>
#include <linux/tls.h>
#include <net/tls.h>

#include "conn.h"
#include "engine.h"
#include "ops.h"

/*
 * Softirqs read sk->sk_socket without a lock, /proc/net/tcp reads the inode
 * behind it under sk_callback_lock, and setsockopt() keeps the pointer while
 * it sleeps: the stand-in has what they read, and lives as long as the
 * connection, which no system call on the descriptor outlives.
 */
struct hbk_ktls_stand_in {
	struct socket_alloc alloc;
};

/*
 * Everything that the kernel looks up through sk->sk_socket, copied from the
 * real one.  A connection that was tried before has one already.
 */
static int ktls_stand_in_prepare(struct hbk_conn *conn, struct socket *real)
{
	struct hbk_ktls_stand_in *in = conn->stand_in ?: kzalloc(sizeof(*in), GFP_KERNEL);

	if (!in)
		return -ENOMEM;
	in->alloc.socket.state = real->state;
	in->alloc.socket.type = real->type;
	in->alloc.socket.file = real->file;
	in->alloc.socket.sk = conn->sk;
	in->alloc.socket.ops = conn->base;
	init_waitqueue_head(&in->alloc.socket.wq.wait);
	in->alloc.vfs_inode.i_uid = SOCK_INODE(real)->i_uid;
	in->alloc.vfs_inode.i_ino = SOCK_INODE(real)->i_ino;
	conn->stand_in = in;
	return 0;
}

static void ktls_socket_set(struct sock *sk, struct socket *sock)
{
	write_lock_bh(&sk->sk_callback_lock);
	sk_set_socket(sk, sock);
	write_unlock_bh(&sk->sk_callback_lock);
}

/*
 * The application may have begun a TCP_ULP or an IPV6_ADDRFORM before the
 * socket was ours, and finish it now: our ops go back, and the connection is
 * not trusted any more.
 */
static int ktls_swap_in(struct hbk_conn *conn, struct socket *real)
{
	struct sock *sk = conn->sk;
	int err = 0;

	lock_sock(sk);
	if (hbk_ops_taken(real)) {
		ktls_socket_set(sk, &conn->stand_in->alloc.socket);
	} else {
		hbk_ops_take(real);
		err = -EBUSY;
	}
	release_sock(sk);
	return err;
}

static void ktls_swap_out(struct hbk_conn *conn, struct socket *real)
{
	struct sock *sk = conn->sk;

	lock_sock(sk);
	ktls_socket_set(sk, real);
	release_sock(sk);
}

struct ktls_option {
	int level;
	int name;
	void *value;
	unsigned int length;
};

/* Runs setsockopt()s of the layer below while the stand-in stands in. */
static int ktls_configure(struct hbk_conn *conn, const struct ktls_option *options, int count)
{
	struct sock *sk = conn->sk;
	struct socket *real = sk->sk_socket;
	int i, err;

	err = ktls_swap_in(conn, real);
	for (i = 0; i < count && !err; i++)
		err = READ_ONCE(sk->sk_prot)->setsockopt(sk, options[i].level, options[i].name,
							 KERNEL_SOCKPTR(options[i].value),
							 options[i].length);
	conn->lower = conn->stand_in->alloc.socket.ops;
	ktls_swap_out(conn, real);
	return err;
}

/**
 * hbk_ktls_attach() - put the "tls" ULP on the socket, without keys yet
 * @conn: its socket is in TCP_ESTABLISHED
 *
 * Context: the handshake work, socket not locked.
 * Return: 0, -ENOTCONN if the peer is gone already, -ENOENT without tls.ko, -ENOMEM.
 */
int hbk_ktls_attach(struct hbk_conn *conn)
{
	struct ktls_option ulp = { SOL_TCP, TCP_ULP, "tls", sizeof("tls") - 1 };
	int err = ktls_stand_in_prepare(conn, conn->sk->sk_socket);

	return err ?: ktls_configure(conn, &ulp, 1);
}

union ktls_info {
	struct tls_crypto_info info;
	struct tls12_crypto_info_aes_gcm_128 gcm128;
	struct tls12_crypto_info_aes_gcm_256 gcm256;
	struct tls12_crypto_info_chacha20_poly1305 chapol;
};

/* What RFC 5246 section 6.3 derives for a suite, and where kTLS wants it. */
static const struct ktls_suite {
	u16 suite;
	u16 cipher;
	u8 key_length;
	u8 iv_length;			/* of the implicit part */
	br_tls_prf_impl prf;
} ktls_suites[] = {
	{ BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_CIPHER_AES_GCM_128,
	  16, 4, br_tls12_sha256_prf },
	{ BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_CIPHER_AES_GCM_128,
	  16, 4, br_tls12_sha256_prf },
	{ BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_CIPHER_AES_GCM_256,
	  32, 4, br_tls12_sha384_prf },
	{ BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_CIPHER_AES_GCM_256,
	  32, 4, br_tls12_sha384_prf },
	{ BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TLS_CIPHER_CHACHA20_POLY1305,
	  32, 12, br_tls12_sha256_prf },
	{ BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, TLS_CIPHER_CHACHA20_POLY1305,
	  32, 12, br_tls12_sha256_prf },
};

#define KTLS_KEY_BLOCK_MAX	(2 * (32 + 12))

static const struct ktls_suite *ktls_suite_find(u16 suite)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ktls_suites); i++)
		if (ktls_suites[i].suite == suite)
			return &ktls_suites[i];
	return NULL;
}

static void ktls_key_block(const struct ktls_suite *suite, br_ssl_engine_context *engine,
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

static unsigned int ktls_info_fill(union ktls_info *info, const struct ktls_suite *suite,
				   const u8 *key, const u8 *iv, u64 sequence)
{
	__be64 seq = cpu_to_be64(sequence);

	memset(info, 0, sizeof(*info));
	info->info.version = TLS_1_2_VERSION;
	info->info.cipher_type = suite->cipher;
	switch (suite->cipher) {
	case TLS_CIPHER_AES_GCM_128:
		memcpy(info->gcm128.key, key, suite->key_length);
		memcpy(info->gcm128.salt, iv, suite->iv_length);
		memcpy(info->gcm128.iv, &seq, sizeof(seq));
		memcpy(info->gcm128.rec_seq, &seq, sizeof(seq));
		return sizeof(info->gcm128);
	case TLS_CIPHER_AES_GCM_256:
		memcpy(info->gcm256.key, key, suite->key_length);
		memcpy(info->gcm256.salt, iv, suite->iv_length);
		memcpy(info->gcm256.iv, &seq, sizeof(seq));
		memcpy(info->gcm256.rec_seq, &seq, sizeof(seq));
		return sizeof(info->gcm256);
	default:
		memcpy(info->chapol.key, key, suite->key_length);
		memcpy(info->chapol.iv, iv, suite->iv_length);
		memcpy(info->chapol.rec_seq, &seq, sizeof(seq));
		return sizeof(info->chapol);
	}
}

static void ktls_sequences(const struct ktls_suite *suite, const br_ssl_engine_context *engine,
			   u64 *tx, u64 *rx)
{
	bool chapol = suite->cipher == TLS_CIPHER_CHACHA20_POLY1305;

	*tx = chapol ? engine->out.chapol.seq : engine->out.gcm.seq;
	*rx = chapol ? engine->in.chapol.seq : engine->in.gcm.seq;
}

static int ktls_install_keys(struct hbk_conn *conn, const struct ktls_suite *suite,
			     const br_ssl_engine_context *engine, const u8 *block)
{
	bool client = conn->info.direction == HBK_OUTBOUND;
	const u8 *client_key = block, *server_key = block + suite->key_length;
	const u8 *client_iv = block + 2 * suite->key_length;
	const u8 *server_iv = client_iv + suite->iv_length;
	struct ktls_option options[2];
	union ktls_info tx, rx;
	u64 tx_seq, rx_seq;
	int err;

	ktls_sequences(suite, engine, &tx_seq, &rx_seq);
	options[0] = (struct ktls_option){ SOL_TLS, TLS_TX, &tx,
		ktls_info_fill(&tx, suite, client ? client_key : server_key,
			       client ? client_iv : server_iv, tx_seq) };
	options[1] = (struct ktls_option){ SOL_TLS, TLS_RX, &rx,
		ktls_info_fill(&rx, suite, client ? server_key : client_key,
			       client ? server_iv : client_iv, rx_seq) };
	err = ktls_configure(conn, options, ARRAY_SIZE(options));
	memzero_explicit(&tx, sizeof(tx));
	memzero_explicit(&rx, sizeof(rx));
	return err;
}

/**
 * hbk_ktls_install() - give the session's keys to kTLS
 * @conn: its ULP is attached, its callbacks are the socket's own again
 * @hs: its handshake is done and nothing waits to be sent
 *
 * BearSSL never reads past the record that it wants, so that the first byte
 * which kTLS sees is the first of a record.
 *
 * Context: the handshake work, socket not locked; may load crypto modules.
 * Return: 0, or what kTLS says: -ENOENT without the cipher, -ENOMEM.
 */
int hbk_ktls_install(struct hbk_conn *conn, struct hbk_handshake *hs)
{
	br_ssl_session_parameters session;
	const struct ktls_suite *suite;
	u8 block[KTLS_KEY_BLOCK_MAX];
	int err = -EPROTO;

	br_ssl_engine_get_session_parameters(&hs->engine, &session);
	suite = ktls_suite_find(session.cipher_suite);
	if (suite) {
		ktls_key_block(suite, &hs->engine, &session, block);
		err = ktls_install_keys(conn, suite, &hs->engine, block);
		conn->info.suite = suite->suite;
		conn->info.ktls = !err;
		memzero_explicit(block, sizeof(block));
	}
	memzero_explicit(&session, sizeof(session));
	return err;
}

#ifdef CONFIG_TLS_DEVICE
/* Depend on tls.ko itself: unloaded and loaded again it would build its tables anew. */
static const void *const ktls_pin __used = tls_encrypt_skb;
#endif

static int ktls_tables_build(int family)
{
	struct socket *sock;
	int err = sock_create_kern(&init_net, family, SOCK_STREAM, IPPROTO_TCP, &sock);

	if (err)
		return err == -EAFNOSUPPORT ? 0 : err;
	err = sock_common_setsockopt(sock, SOL_TCP, TCP_ULP, KERNEL_SOCKPTR("tls"), sizeof("tls") - 1);
	sock_release(sock);
	return err == -ENOTCONN ? 0 : err;
}

/**
 * hbk_ktls_init() - let kTLS copy TCP's operations while they are TCP's
 *
 * kTLS builds its tables from tcp_prot and tcpv6_prot at first use, and keeps
 * them: it must not copy our hooks, which go when this module does.  A socket
 * that is not connected gets -ENOTCONN, after the tables were built.
 *
 * Context: module load, before interception.
 * Return: 0, or -ENOENT if there is no kTLS.
 */
int __init hbk_ktls_init(void)
{
	int err = ktls_tables_build(AF_INET);

	return err ?: ktls_tables_build(AF_INET6);
}
