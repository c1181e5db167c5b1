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
 * The ULP wants TCP_ESTABLISHED: a peer that greets and leaves has sent its FIN
 * by the time that our handshake is over, and our own record layer serves it.
 */
#include "ktls.h"

#include <linux/slab.h>
#include <linux/tls.h>
#include <net/inet_connection_sock.h>
#include <net/tls.h>

#include "conn.h"
#include "inject.h"
#include "keys.h"
#include "ops.h"

static bool ktls_available __ro_after_init;

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
	struct hbk_ktls_stand_in *in = conn->stand_in;

	if (!in && !HBK_INJECT(KTLS_STAND_IN))
		in = kzalloc(sizeof(*in), GFP_KERNEL);

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
	/* kTLS asks for the device behind the route, and complains where there is none. */
	if (!__sk_dst_get(sk))
		inet_csk(sk)->icsk_af_ops->rebuild_header(sk);
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

enum { KTLS_ULP, KTLS_SEND, KTLS_RECEIVE, KTLS_OPTIONS };

static int ktls_set(struct sock *sk, const struct ktls_option *option, int which)
{
	if ((which == KTLS_ULP && HBK_INJECT(KTLS_ULP)) ||
	    (which == KTLS_SEND && HBK_INJECT(KTLS_SEND_KEY)) ||
	    (which == KTLS_RECEIVE && HBK_INJECT(KTLS_RECEIVE_KEY)))
		return -ENOMEM;
	return READ_ONCE(sk->sk_prot)->setsockopt(sk, option->level, option->name,
						  KERNEL_SOCKPTR(option->value), option->length);
}

/* Runs setsockopt()s of the layer below while the stand-in stands in. @refused: the one that failed. */
static int ktls_configure(struct hbk_conn *conn, const struct ktls_option *options, int count,
			  int *refused)
{
	struct sock *sk = conn->sk;
	struct socket *real = sk->sk_socket;
	int i, err;

	*refused = count;
	err = ktls_swap_in(conn, real);
	for (i = 0; i < count && !err; i++) {
		*refused = i;
		err = ktls_set(sk, &options[i], i);
	}
	conn->lower = conn->stand_in->alloc.socket.ops;
	ktls_swap_out(conn, real);
	return err;
}

union ktls_info {
	struct tls_crypto_info info;
	struct tls12_crypto_info_aes_gcm_128 gcm128;
	struct tls12_crypto_info_aes_gcm_256 gcm256;
	struct tls12_crypto_info_chacha20_poly1305 chapol;
};

static unsigned int ktls_info_fill(union ktls_info *info, const struct hbk_keys *keys,
				   const struct hbk_key *key)
{
	__be64 seq = cpu_to_be64(key->sequence);

	memset(info, 0, sizeof(*info));
	info->info.version = TLS_1_2_VERSION;
	switch (keys->cipher) {
	case HBK_CIPHER_AES_GCM_128:
		info->info.cipher_type = TLS_CIPHER_AES_GCM_128;
		memcpy(info->gcm128.key, key->key, keys->key_length);
		memcpy(info->gcm128.salt, key->iv, keys->iv_length);
		memcpy(info->gcm128.iv, &seq, sizeof(seq));
		memcpy(info->gcm128.rec_seq, &seq, sizeof(seq));
		return sizeof(info->gcm128);
	case HBK_CIPHER_AES_GCM_256:
		info->info.cipher_type = TLS_CIPHER_AES_GCM_256;
		memcpy(info->gcm256.key, key->key, keys->key_length);
		memcpy(info->gcm256.salt, key->iv, keys->iv_length);
		memcpy(info->gcm256.iv, &seq, sizeof(seq));
		memcpy(info->gcm256.rec_seq, &seq, sizeof(seq));
		return sizeof(info->gcm256);
	default:
		info->info.cipher_type = TLS_CIPHER_CHACHA20_POLY1305;
		memcpy(info->chapol.key, key->key, keys->key_length);
		memcpy(info->chapol.iv, key->iv, keys->iv_length);
		memcpy(info->chapol.rec_seq, &seq, sizeof(seq));
		return sizeof(info->chapol);
	}
}

/*
 * Before the sending keys are there the socket is as good as plain TCP's: what
 * kTLS has not got, or cannot do any more, another record layer may.
 */
static int ktls_refusal(int err, int refused)
{
	if (refused == KTLS_ULP && (err == -ENOTCONN || err == -ENOENT))
		return -EOPNOTSUPP;
	if (refused == KTLS_SEND && err == -ENOENT)
		return -EOPNOTSUPP;
	return err == -EOPNOTSUPP ? -EPROTO : err;
}

/**
 * hbk_ktls_install() - put kTLS on the socket, with the session's keys
 * @conn: in the handshake that is done; its callbacks are the socket's own again
 * @keys: of the session
 *
 * BearSSL never reads past the record that it wants, so that the first byte
 * which kTLS sees is the first of a record.
 *
 * Context: process, socket not locked; may load crypto modules.
 * Return: 0; -EOPNOTSUPP if this kernel has no kTLS, or not the cipher, or the
 * peer's FIN is here already; -ENOMEM and others when there is no way on.
 */
int hbk_ktls_install(struct hbk_conn *conn, const struct hbk_keys *keys)
{
	struct ktls_option options[KTLS_OPTIONS];
	union ktls_info tx, rx;
	int err, refused;

	if (!ktls_available || HBK_INJECT(KTLS_ABSENT))
		return -EOPNOTSUPP;
	err = ktls_stand_in_prepare(conn, conn->sk->sk_socket);
	if (err)
		return err;
	options[KTLS_ULP] = (struct ktls_option){ SOL_TCP, TCP_ULP, "tls", sizeof("tls") - 1 };
	options[KTLS_SEND] = (struct ktls_option){ SOL_TLS, TLS_TX, &tx,
						   ktls_info_fill(&tx, keys, &keys->tx) };
	options[KTLS_RECEIVE] = (struct ktls_option){ SOL_TLS, TLS_RX, &rx,
						      ktls_info_fill(&rx, keys, &keys->rx) };
	err = ktls_configure(conn, options, KTLS_OPTIONS, &refused);
	memzero_explicit(&tx, sizeof(tx));
	memzero_explicit(&rx, sizeof(rx));
	return err ? ktls_refusal(err, refused) : 0;
}

/* tls.ko must stay: unloaded and loaded again it would build its tables anew. */
#ifdef CONFIG_TLS_DEVICE
static bool ktls_pin(void)
{
	return symbol_get(tls_encrypt_skb);
}

static void ktls_unpin(void)
{
	symbol_put(tls_encrypt_skb);
}
#else
static bool ktls_pin(void)
{
	return true;
}

static void ktls_unpin(void)
{
}
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
 * Without kTLS connections have our own record layer, as long as this module is loaded.
 *
 * Context: module load, before interception.
 * Return: 0, or why there is no socket to try it with.
 */
int __init hbk_ktls_init(void)
{
	int err = ktls_tables_build(AF_INET) ?: ktls_tables_build(AF_INET6);

	if (err == -ENOENT)
		return 0;
	if (!err)
		ktls_available = ktls_pin();
	return err;
}

void hbk_ktls_exit(void)
{
	if (ktls_available)
		ktls_unpin();
}
