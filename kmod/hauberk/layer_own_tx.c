// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending records.
 *
 * A record is begun when TCP has room for a byte, and TCP is then given all of
 * it: its limits are widened for the length of one call, so that the bytes of a
 * record never wait here for room.  Only memory that the whole machine has not
 * got can tear it: the rest is then tried again as often as TCP itself would,
 * and nothing is sent before it.
 */
#include "layer_own.h"

#include <linux/slab.h>
#include <linux/uio.h>
#include <net/tcp.h>

#include "conn.h"
#include "inject.h"
#include "keys.h"
#include "record.h"

#define OWN_NONCE	8	/* AES-GCM's, explicit; ChaCha20-Poly1305 has none */
#define OWN_TAG		16
#define OWN_HEAD	(HBK_OWN_HEADER + OWN_NONCE)
#define OWN_TX_BUFFER	SZ_16K	/* of the largest record that we send */
#define OWN_TX_MAX	(OWN_TX_BUFFER - OWN_HEAD - OWN_TAG)
#define OWN_TX_ROOM	SZ_64K	/* bytes of send buffer that one record may need beyond the limit */
#define OWN_RETRY	(HZ / 50 + 1)

/**
 * hbk_own_tx_init() - get ready to send
 * @tx: zeroed
 * @keys: of the session
 */
void hbk_own_tx_init(struct hbk_own_tx *tx, const struct hbk_keys *keys)
{
	const struct hbk_key *key = &keys->tx;

	if (keys->cipher == HBK_CIPHER_CHAPOL) {
		br_sslrec_out_chapol_vtable.init(&tx->chapol.vtable.out, br_chacha20_ct_run,
						 br_poly1305_ctmulq_run, key->key, key->iv);
		tx->chapol.seq = key->sequence;
	} else {
		br_sslrec_out_gcm_vtable.init(&tx->gcm.vtable.out, &br_aes_ct64_ctr_vtable,
					      key->key, keys->key_length, br_ghash_ctmul64,
					      key->iv);
		tx->gcm.seq = key->sequence;
	}
}

/**
 * hbk_own_tx_exit() - forget what was not sent
 * @tx: initialised
 */
void hbk_own_tx_exit(struct hbk_own_tx *tx)
{
	kvfree_sensitive(tx->rest, tx->rest_size);
}

/* lock_sock held. Return: bytes that TCP took, or as tcp_sendmsg(). */
static int tx_tcp(struct sock *sk, const u8 *data, size_t length, int flags)
{
	struct msghdr msg = { .msg_flags = flags | MSG_DONTWAIT | MSG_NOSIGNAL };
	struct kvec vec = { .iov_base = (void *)data, .iov_len = length };
	struct tcp_sock *tp = tcp_sk(sk);
	int before = sk->sk_sndbuf, wide, sent;
	u32 lowat = tp->notsent_lowat;

	wide = min_t(s64, (s64)max(before, sk->sk_wmem_queued) + OWN_TX_ROOM, INT_MAX);
	iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, &vec, 1, length);
	WRITE_ONCE(sk->sk_sndbuf, wide);
	WRITE_ONCE(tp->notsent_lowat, U32_MAX);
	sent = tcp_sendmsg_locked(sk, &msg, length);
	WRITE_ONCE(tp->notsent_lowat, lowat);
	if (sk->sk_sndbuf == wide)	/* TCP makes it smaller when memory is short */
		WRITE_ONCE(sk->sk_sndbuf, before);
	return sent;
}

/* Errors that TCP can live with, such as a route that is gone, are told to whoever looks next. */
static bool tx_lives(struct sock *sk, int err)
{
	if (sk->sk_state == TCP_CLOSE || (sk->sk_shutdown & SEND_SHUTDOWN))
		return false;
	if (err != -EAGAIN && err != -EPIPE)
		cmpxchg(&sk->sk_err, 0, -err);
	return true;
}

/* Return: 0 when nothing is left, -EAGAIN, or an error: the rest is lost then. */
static int tx_push(struct hbk_own *own)
{
	struct hbk_own_tx *tx = &own->tx;
	struct sock *sk = own->conn->sk;
	int sent;

	if (!tx->rest)
		return 0;
	lock_sock(sk);
	sent = tx_tcp(sk, tx->rest + tx->rest_start, tx->rest_end - tx->rest_start, 0);
	if (sent < 0 && tx_lives(sk, sent))
		sent = 0;
	release_sock(sk);
	if (sent > 0)
		tx->rest_start += sent;
	if (sent >= 0 && tx->rest_start < tx->rest_end) {
		mod_delayed_work(system_wq, &own->push, OWN_RETRY);
		return -EAGAIN;
	}
	kvfree_sensitive(tx->rest, tx->rest_size);
	WRITE_ONCE(tx->rest, NULL);
	tx->torn = sent < 0;
	return min(sent, 0);
}

/**
 * hbk_own_push() - the work that tries the rest of a record again
 * @work: of a struct hbk_own
 */
void hbk_own_push(struct work_struct *work)
{
	struct hbk_own *own = container_of(to_delayed_work(work), struct hbk_own, push);
	struct hbk_conn *conn = own->conn;
	int err;

	mutex_lock(&conn->tx_lock);
	err = tx_push(own);
	mutex_unlock(&conn->tx_lock);
	if (err == -EAGAIN)
		return;
	lock_sock(conn->sk);
	if (conn->sk->sk_socket)
		set_bit(SOCK_NOSPACE, &conn->sk->sk_socket->flags);
	conn->sk->sk_write_space(conn->sk);
	release_sock(conn->sk);
}

/* Room for a byte, as TCP sees it; who polls for more is to be told. */
static int tx_room(struct sock *sk)
{
	int err = 0;

	lock_sock(sk);
	if (sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN)) {
		err = -EPIPE;
	} else if (!sk_stream_memory_free(sk)) {
		set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		err = -EAGAIN;
	}
	release_sock(sk);
	return err;
}

/*
 * Encrypts and sends a record, whose plaintext is at OWN_HEAD in the buffer
 * with room for the tag behind it.  The buffer stays with us if TCP has no
 * memory: it is set to NULL.
 */
static int tx_record(struct hbk_own *own, u8 type, u8 **buffer, size_t size, size_t length,
		     int flags)
{
	struct hbk_own_tx *tx = &own->tx;
	struct sock *sk = own->conn->sk;
	u8 *start;
	int sent;

	/* A sequence number that wrapped would repeat a nonce. It is at the same place for both ciphers. */
	BUILD_BUG_ON(offsetof(br_sslrec_gcm_context, seq) !=
		     offsetof(br_sslrec_chapol_context, seq));
	if (tx->torn || tx->gcm.seq == U64_MAX)
		return -EPIPE;
	start = tx->vtable->encrypt(&tx->vtable, type, HBK_OWN_VERSION, *buffer + OWN_HEAD,
				    &length);
	lock_sock(sk);
	sent = tx_tcp(sk, start, length, flags);
	if (sent < 0 && tx_lives(sk, sent))
		sent = 0;
	release_sock(sk);
	if (sent == length)
		return 0;
	if (sent < 0) {
		tx->torn = true;
		return sent;
	}
	tx->rest_size = size;
	tx->rest_start = start - *buffer + sent;
	tx->rest_end = start - *buffer + length;
	WRITE_ONCE(tx->rest, *buffer);
	*buffer = NULL;
	mod_delayed_work(system_wq, &own->push, OWN_RETRY);
	return 0;
}

/* Of a record with so many bytes of plaintext. */
static int tx_size(const struct hbk_own *own, int length)
{
	bool gcm = own->tx.vtable == &br_sslrec_out_gcm_vtable.inner;

	return HBK_OWN_HEADER + (gcm ? OWN_NONCE : 0) + length + OWN_TAG;
}

/* What splice() and MSG_MORE say is to be followed by more. */
static int tx_flags(int flags)
{
#ifdef HBK_HAVE_SENDPAGE
	if (flags & MSG_SENDPAGE_NOTLAST)
		return MSG_MORE;
#endif
	return flags & MSG_MORE;
}

/**
 * hbk_own_sendmsg() - send plaintext, without waiting
 * @conn: open
 * @sock: its socket
 * @msg: what
 * @length: bytes, at least one
 *
 * Context: process, tx_lock held.
 * Return: see struct hbk_layer.
 */
int hbk_own_sendmsg(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg, size_t length)
{
	size_t sent = 0, part = min_t(size_t, length, OWN_TX_MAX);
	size_t size = OWN_HEAD + part + OWN_TAG;
	struct hbk_own *own = conn->own;
	u8 *buffer;
	int err;

	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	err = tx_push(own);
	if (err)
		return err;
	buffer = HBK_INJECT(OWN_SEND) ? NULL : kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!buffer)
		return -ENOMEM;
	while (buffer && sent < length) {
		err = tx_room(conn->sk);
		if (err)
			break;
		part = min_t(size_t, length - sent, OWN_TX_MAX);
		err = -EFAULT;
		if (!copy_from_iter_full(buffer + OWN_HEAD, part, &msg->msg_iter))
			break;
		err = tx_record(own, HBK_RECORD_DATA, &buffer, size, part,
				tx_flags(msg->msg_flags));
		if (err)
			break;
		sent += part;
		cond_resched();
	}
	kvfree_sensitive(buffer, size);
	return sent ?: err;
}

/**
 * hbk_own_alert() - send an alert behind everything that was sent
 * @conn: open
 * @level: HBK_ALERT_WARNING or HBK_ALERT_FATAL
 * @description: see RFC 5246 section 7.2
 *
 * Context: process, tx_lock held.
 * Return: the length of its record.
 */
int hbk_own_alert(struct hbk_conn *conn, u8 level, u8 description)
{
	size_t size = OWN_HEAD + HBK_ALERT_LENGTH + OWN_TAG;
	u8 *buffer;

	if (tx_push(conn->own))
		return 0;
	buffer = HBK_INJECT(OWN_ALERT) ? NULL : kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!buffer)
		return 0;
	buffer[OWN_HEAD] = level;
	buffer[OWN_HEAD + 1] = description;
	tx_record(conn->own, HBK_RECORD_ALERT, &buffer, size, HBK_ALERT_LENGTH, 0);
	kvfree_sensitive(buffer, size);
	return tx_size(conn->own, HBK_ALERT_LENGTH);
}

/**
 * hbk_own_lost() - was anything taken that will never be sent?
 * @conn: open; the application is gone
 *
 * Context: process, tx_lock held.
 */
bool hbk_own_lost(struct hbk_conn *conn)
{
	return conn->own->tx.rest;
}
