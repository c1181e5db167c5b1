// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receiving records.
 *
 * Whoever wants to read, to know how much can be read, or to poll, takes
 * records out of TCP's queue and decrypts them: one at a time, no further than
 * he needs to.  What is met there, an end or an error, is told only when all
 * that came before has been read.
 */
#include "layer_own.h"

#include <linux/sched.h>
#include <linux/uio.h>
#include <net/tcp.h>

#include "conn.h"
#include "inject.h"
#include "keys.h"
#include "record.h"

struct hbk_own_record {
	struct list_head node;
	u32 size;		/* of data[] */
	u32 start, length;	/* of the plaintext that was not read */
	u8 type;
	u8 data[];
};

static u64 *rx_sequence(struct hbk_own_rx *rx, u8 cipher)
{
	return cipher == HBK_CIPHER_CHAPOL ? &rx->chapol.seq : &rx->gcm.seq;
}

/**
 * hbk_own_rx_init() - get ready to receive
 * @rx: zeroed
 * @keys: of the session
 */
void hbk_own_rx_init(struct hbk_own_rx *rx, const struct hbk_keys *keys)
{
	const struct hbk_key *key = &keys->rx;

	INIT_LIST_HEAD(&rx->queue);
	if (keys->cipher == HBK_CIPHER_CHAPOL)
		br_sslrec_in_chapol_vtable.init(&rx->chapol.vtable.in, br_chacha20_ct_run,
						br_poly1305_ctmulq_run, key->key, key->iv);
	else
		br_sslrec_in_gcm_vtable.init(&rx->gcm.vtable.in, &br_aes_ct64_ctr_vtable,
					     key->key, keys->key_length, br_ghash_ctmul64,
					     key->iv);
	*rx_sequence(rx, keys->cipher) = key->sequence;
}

static struct hbk_own_record *rx_first(struct hbk_own_rx *rx)
{
	return list_first_entry_or_null(&rx->queue, struct hbk_own_record, node);
}

static void rx_record_free(struct hbk_own_record *record)
{
	if (record)
		kvfree_sensitive(record, struct_size(record, data, record->size));
}

static void rx_drop_first(struct hbk_own_rx *rx)
{
	struct hbk_own_record *record = rx_first(rx);

	list_del(&record->node);
	rx->held -= struct_size(record, data, record->size);
	rx_record_free(record);
}

/**
 * hbk_own_rx_exit() - forget what was received
 * @rx: initialised
 */
void hbk_own_rx_exit(struct hbk_own_rx *rx)
{
	while (!list_empty(&rx->queue))
		rx_drop_first(rx);
	rx_record_free(rx->partial);
}

/*
 * From TCP, without waiting.  It tells an error once: until a reader takes it
 * from there, sk_err keeps it.
 */
static int rx_bytes(struct sock *sk, u8 *data, size_t length)
{
	struct kvec vec = { .iov_base = data, .iov_len = length };
	struct msghdr msg = {};
	int address_length = 0;
	int got = -READ_ONCE(sk->sk_err);

	if (got && skb_queue_empty_lockless(&sk->sk_receive_queue))
		return got;
	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, length);
	got = tcp_prot.recvmsg(sk, &msg, length, MSG_DONTWAIT, &address_length);
	if (got < 0 && got != -EAGAIN)
		cmpxchg(&sk->sk_err, 0, -got);
	return got;
}

static int rx_fail(struct hbk_own_rx *rx, enum hbk_reason reason)
{
	rx->failed = reason;
	return -EBADMSG;
}

static u16 rx_be16(const u8 *bytes)
{
	return bytes[0] << 8 | bytes[1];
}

/* Return: 1 if the header is there and the record has its memory, or as rx_next(). */
static int rx_header(struct hbk_conn *conn, struct hbk_own_rx *rx)
{
	struct hbk_own_record *record;
	u32 size;
	int got;

	while (rx->filled < HBK_OWN_HEADER) {
		got = rx_bytes(conn->sk, rx->header + rx->filled, HBK_OWN_HEADER - rx->filled);
		if (got <= 0)
			return got;
		rx->filled += got;
	}
	if (rx->partial)
		return 1;
	size = rx_be16(rx->header + 3);
	if (rx_be16(rx->header + 1) != HBK_OWN_VERSION ||
	    !rx->vtable->check_length(&rx->vtable, size))
		return rx_fail(rx, HBK_REASON_BAD_RECORD);
	record = HBK_INJECT(OWN_RECORD) ? NULL :
		 kvmalloc(struct_size(record, data, size), GFP_KERNEL_ACCOUNT);
	if (!record)
		return -ENOMEM;
	record->size = size;
	record->type = rx->header[0];
	rx->partial = record;
	return 1;
}

static int rx_body(struct hbk_conn *conn, struct hbk_own_rx *rx)
{
	u32 end = HBK_OWN_HEADER + rx->partial->size;
	int got;

	while (rx->filled < end) {
		got = rx_bytes(conn->sk, rx->partial->data + rx->filled - HBK_OWN_HEADER,
			       end - rx->filled);
		if (got <= 0)
			return got;
		rx->filled += got;
	}
	return 1;
}

static int rx_empty(struct hbk_own_rx *rx, struct hbk_own_record *record)
{
	rx_record_free(record);
	if (++rx->empty > HBK_RECORD_EMPTY)
		return rx_fail(rx, HBK_REASON_PROTOCOL);
	return 1;
}

/* Decrypts the record that is complete. A sequence number that wrapped would repeat a nonce. */
static int rx_open(struct hbk_own_rx *rx)
{
	struct hbk_own_record *record = rx->partial;
	size_t length = record->size;
	u8 *plain = NULL;

	rx->partial = NULL;
	rx->filled = 0;
	if (rx->gcm.seq != U64_MAX && !HBK_INJECT(OWN_DECRYPT))
		plain = rx->vtable->decrypt(&rx->vtable, record->type, HBK_OWN_VERSION,
					    record->data, &length);
	if (!plain) {
		rx_record_free(record);
		return rx_fail(rx, HBK_REASON_BAD_RECORD);
	}
	if (record->type == HBK_RECORD_DATA && !length)
		return rx_empty(rx, record);
	record->start = plain - record->data;
	record->length = length;
	list_add_tail(&record->node, &rx->queue);
	rx->held += struct_size(record, data, record->size);
	if (record->type == HBK_RECORD_DATA) {
		rx->plain += length;
		rx->empty = 0;
	}
	return 1;
}

/*
 * One more record for the queue, or an empty one less.  Return: 1; 0 at TCP's
 * end of stream, -EAGAIN, -EBADMSG after what rx->failed says, or an error.
 */
static int rx_next(struct hbk_conn *conn)
{
	struct hbk_own_rx *rx = &conn->own->rx;
	int got;

	if (rx->failed != HBK_REASON_NONE)
		return -EBADMSG;
	cond_resched();
	got = rx_header(conn, rx);
	if (got > 0)
		got = rx_body(conn, rx);
	return got > 0 ? rx_open(rx) : got;
}

/* The first record is no data. Return: as hbk_record_meaning(). */
static int rx_control(struct hbk_conn *conn)
{
	struct hbk_own_rx *rx = &conn->own->rx;
	struct hbk_own_record *record = rx_first(rx);
	int meaning = hbk_record_meaning(conn, record->type, record->data + record->start,
					 record->length);

	rx_drop_first(rx);
	if (meaning == HBK_RECORD_SKIPPED && ++rx->warnings == HBK_RECORD_WARNINGS)
		return hbk_record_broken(conn, HBK_REASON_PROTOCOL);
	return meaning;
}

/* The queue is empty: what comes next. */
static int rx_end(struct hbk_conn *conn, int err)
{
	if (err == -EAGAIN || err == -ENOMEM)
		return err;
	if (err == -EBADMSG)
		return hbk_record_broken(conn, conn->own->rx.failed);
	if (err)
		err = sock_error(conn->sk) ?: err;
	return hbk_record_end(conn, err);
}

static bool rx_is_control(const struct hbk_own_record *record)
{
	return record && record->type != HBK_RECORD_DATA;
}

static bool rx_full(const struct hbk_conn *conn)
{
	return conn->own->rx.held >= READ_ONCE(conn->sk->sk_rcvbuf);
}

/* The record at which a reader stands: one that is there, or that comes. Return: 1, or as rx_next(). */
static int rx_at(struct hbk_conn *conn, struct list_head *before, struct hbk_own_record **record)
{
	struct hbk_own_rx *rx = &conn->own->rx;
	int got;

	while (list_is_last(before, &rx->queue)) {
		if (rx_full(conn))
			return -EAGAIN;
		got = rx_next(conn);
		if (got <= 0)
			return got;
	}
	*record = list_entry(before->next, struct hbk_own_record, node);
	return 1;
}

static void rx_consume(struct hbk_own_rx *rx, struct hbk_own_record *record, size_t length)
{
	record->start += length;
	record->length -= length;
	rx->plain -= length;
	rx->warnings = 0;
	if (!record->length)
		rx_drop_first(rx);
}

/**
 * hbk_own_read() - read plaintext, without waiting
 * @conn: open
 * @sock: its socket
 * @msg: where to
 * @length: bytes wanted, at least one
 * @flags: MSG_PEEK, or none
 *
 * Context: process, rx_lock held.
 * Return: see struct hbk_layer.
 */
int hbk_own_read(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg, size_t length,
		 int flags)
{
	struct hbk_own_rx *rx = &conn->own->rx;
	struct list_head *before = &rx->queue;
	struct hbk_own_record *record;
	size_t copied = 0, part, done;
	int got = 0;

	while (copied < length) {
		got = rx_at(conn, before, &record);
		if (got <= 0)
			return copied ?: rx_end(conn, got);
		if (rx_is_control(record)) {
			if (copied)
				break;
			got = rx_control(conn);
			if (got != HBK_RECORD_SKIPPED)
				return got;
			continue;
		}
		part = min_t(size_t, record->length, length - copied);
		done = copy_to_iter(record->data + record->start, part, &msg->msg_iter);
		if (done != part) {
			iov_iter_revert(&msg->msg_iter, done);
			return copied ?: -EFAULT;
		}
		copied += part;
		if (flags & MSG_PEEK)
			before = &record->node;
		else
			rx_consume(rx, record, part);
	}
	return copied;
}

/*
 * Looks ahead: until so much can be read, or it is known what comes instead.
 * Return: is it so?
 */
static bool rx_ahead(struct hbk_conn *conn, int want)
{
	struct hbk_own_rx *rx = &conn->own->rx;
	int got;

	for (;;) {
		if (conn->peer_notified || conn->broken)
			return true;
		if (rx_is_control(rx_first(rx))) {
			rx_control(conn);
			continue;
		}
		if (rx->plain >= want || rx_full(conn) ||
		    (!list_empty(&rx->queue) &&
		     rx_is_control(list_last_entry(&rx->queue, struct hbk_own_record, node))))
			return true;
		got = rx_next(conn);
		if (got <= 0)
			return got != -EAGAIN;
	}
}

/**
 * hbk_own_readable() - how many bytes can be read now
 * @conn: open
 *
 * Context: process, rx_lock held.
 */
int hbk_own_readable(struct hbk_conn *conn)
{
	rx_ahead(conn, INT_MAX);
	return conn->own->rx.plain;
}

/**
 * hbk_own_ready() - is there something for a reader who polls?
 * @conn: open
 *
 * Context: process, rx_lock not held.
 */
bool hbk_own_ready(struct hbk_conn *conn)
{
	bool ready;

	mutex_lock(&conn->rx_lock);
	ready = rx_ahead(conn, READ_ONCE(conn->rcvlowat));
	mutex_unlock(&conn->rx_lock);
	return ready;
}

/**
 * hbk_own_unread() - were bytes received that nobody has read?
 * @conn: open
 *
 * Context: process, rx_lock held.
 */
bool hbk_own_unread(struct hbk_conn *conn)
{
	return conn->own->rx.filled || !list_empty(&conn->own->rx.queue);
}
