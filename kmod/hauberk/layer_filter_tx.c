// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is sent, on its way through the filters.
 *
 * A writer's bytes are taken as long as the filters have room, and handed to
 * the layer below.  What that has no room for stays in the chain's queue: no
 * more is taken until it is gone, and the work of the connection goes on with
 * it when TCP has room.  Before the end the filters are told so, and what they
 * let go then is sent whatever TCP's limits say.
 */
#include "layer_filter.h"

#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/uio.h>
#include <net/tcp.h>

#include "conn.h"
#include "inject.h"

#define TX_LINGER	HZ	/* that close() waits for filters which hold what was written */

static bool tx_has_more(const struct hbk_filtering *filtering)
{
	size_t length;

	hbk_chain_out(filtering->chain, filtering->tx_flow, &length);
	return length;
}

/* Readers of the other flow get their turn, and look what the push may have left them. */
static void tx_breathe(struct hbk_filtering *filtering)
{
	WRITE_ONCE(filtering->clear[filtering->rx_flow], false);
	mutex_unlock(&filtering->lock);
	cond_resched();
	mutex_lock(&filtering->lock);
}

/* A piece of what has passed the filters. The chain is locked, and there is more. */
static int tx_piece(struct hbk_filtering *filtering)
{
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	struct hbk_conn *conn = filtering->conn;
	struct hbk_chain *chain = filtering->chain;
	union hbk_filtering_vec vec;
	const u8 *data;
	size_t length;
	int sent;

	data = hbk_chain_out(chain, filtering->tx_flow, &length);
	length = min_t(size_t, length, HBK_FILTERING_PIECE);
	hbk_filtering_iter(&msg.msg_iter, &vec, ITER_SOURCE, (void *)data, length);
	sent = filtering->below->sendmsg(conn, conn->sk->sk_socket, &msg, length);
	if (sent <= 0)
		return sent ?: -EAGAIN;
	hbk_chain_out_consume(chain, filtering->tx_flow, sent);
	filtering->retry = 0;
	filtering->tx_moved = true;
	return 0;
}

/* The chain is locked, but for a moment between pieces. Return: see hbk_filtering_flush(). */
static int tx_flush(struct hbk_filtering *filtering)
{
	int err = 0;

	while (!err && tx_has_more(filtering)) {
		err = tx_piece(filtering);
		if (!err && tx_has_more(filtering))
			tx_breathe(filtering);
	}
	filtering->tx_behind = err != 0;
	WRITE_ONCE(filtering->tx_waiting, err == -EAGAIN);
	/* Room may have come before it was known that somebody waits for it. Nobody tells of memory, or after a signal. */
	if (err == -EAGAIN || err == -ENOMEM || err == -EINTR)
		hbk_filtering_later(filtering);
	return err;
}

/**
 * hbk_filtering_flush() - send what has passed the filters, without waiting
 * @filtering: of which
 *
 * Context: process, tx_lock held, socket not locked.
 * Return: 0 when nothing is left, -EAGAIN, or an error.
 */
int hbk_filtering_flush(struct hbk_filtering *filtering)
{
	int err;

	mutex_lock(&filtering->lock);
	err = tx_flush(filtering);
	mutex_unlock(&filtering->lock);
	return err;
}

/* The same whatever TCP's limits are: nobody may wait for room any more. */
static int tx_flush_wide(struct hbk_filtering *filtering)
{
	struct sock *sk = filtering->conn->sk;
	struct tcp_sock *tp = tcp_sk(sk);
	int before, wide, err;
	u32 lowat;

	lock_sock(sk);
	before = sk->sk_sndbuf;
	wide = min_t(s64, (s64)max(before, sk->sk_wmem_queued) + 4 * HBK_PROXY_BUFFER_MAX, INT_MAX);
	lowat = tp->notsent_lowat;
	WRITE_ONCE(sk->sk_sndbuf, wide);
	WRITE_ONCE(tp->notsent_lowat, U32_MAX);
	release_sock(sk);
	err = hbk_filtering_flush(filtering);
	lock_sock(sk);
	WRITE_ONCE(tp->notsent_lowat, lowat);
	if (sk->sk_sndbuf == wide)	/* TCP makes it smaller when memory is short */
		WRITE_ONCE(sk->sk_sndbuf, before);
	release_sock(sk);
	return err;
}

static size_t tx_room(struct hbk_filtering *filtering)
{
	size_t room;

	if (READ_ONCE(filtering->clear[filtering->tx_flow]))
		return HBK_FILTERING_PIECE;
	mutex_lock(&filtering->lock);
	room = hbk_chain_room(filtering->chain, filtering->tx_flow);
	filtering->starved[filtering->tx_flow] = !room;
	if (hbk_chain_wants_close(filtering->chain) || hbk_chain_has_failed(filtering->chain))
		room = HBK_FILTERING_PIECE;	/* what is written meets the end, and waits for nothing */
	mutex_unlock(&filtering->lock);
	return min_t(size_t, room, HBK_FILTERING_PIECE);
}

/**
 * hbk_filtering_is_full() - does a writer have to wait for filters, or for what has passed them?
 * @filtering: of which
 *
 * Context: process.
 */
bool hbk_filtering_is_full(struct hbk_filtering *filtering)
{
	return READ_ONCE(filtering->tx_waiting) || !tx_room(filtering);
}

/* What is in tx_in, and the end perhaps, through the chain and down. Return: see hbk_filtering_flush(), or -EPIPE. */
static int tx_push(struct hbk_filtering *filtering, bool end)
{
	int err = -EPIPE;

	mutex_lock(&filtering->lock);
	hbk_chain_push_buffer(filtering->chain, filtering->tx_flow, &filtering->tx_in, end);
	if (!hbk_chain_has_failed(filtering->chain))
		err = tx_flush(filtering);
	hbk_filtering_unlock(filtering, filtering->tx_flow);
	return err;
}

/* The next bytes of a message, of at most @size, into tx_in. Return: how many were taken, or an error. */
static int tx_take(struct hbk_filtering *filtering, struct msghdr *msg, size_t size)
{
	struct hbk_buffer *in = &filtering->tx_in;
	size_t part = min(tx_room(filtering), size);
	struct sock *sk = filtering->conn->sk;

	if (!part) {
		set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		return -EAGAIN;
	}
	if (HBK_INJECT(FILTERING_PIECE) || hbk_buffer_reserve(in, part))
		return -ENOMEM;
	if (!copy_from_iter_full(in->bytes, part, &msg->msg_iter))
		return -EFAULT;
	in->length = part;
	return part;
}

/**
 * hbk_filtering_sendmsg() - send through the filters, without waiting
 * @conn: open
 * @sock: its socket
 * @msg: what
 * @length: bytes, at least one
 *
 * Context: process, tx_lock held; runs guests.
 * Return: see struct hbk_layer.
 */
int hbk_filtering_sendmsg(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
			  size_t length)
{
	struct hbk_filtering *filtering = conn->filter;
	size_t sent = 0;
	int taken, err;

	if (msg->msg_flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (filtering->tx_ended || READ_ONCE(filtering->reset))
		return -EPIPE;
	err = filtering->tx_behind ? hbk_filtering_flush(filtering) : 0;
	while (sent < length && !err) {
		taken = tx_take(filtering, msg, length - sent);
		if (taken < 0)
			return sent ?: taken;
		err = tx_push(filtering, false);
		if (READ_ONCE(filtering->reset))
			return sent ?: -EPIPE;
		sent += taken;
		if (sent < length)
			cond_resched();
	}
	return sent ?: err;
}

/* tx_lock held. */
static void tx_end(struct hbk_filtering *filtering)
{
	if (filtering->tx_ended)
		return;
	filtering->tx_ended = true;
	tx_push(filtering, true);
}

/**
 * hbk_filtering_has_flushed() - has all passed the filters that the application wrote, and gone down?
 * @filtering: of which
 *
 * Context: process, tx_lock held.
 */
bool hbk_filtering_has_flushed(struct hbk_filtering *filtering)
{
	struct hbk_chain *chain = filtering->chain;
	size_t length;
	bool flushed;

	mutex_lock(&filtering->lock);
	hbk_chain_out(chain, filtering->tx_flow, &length);
	flushed = hbk_chain_has_failed(chain) || hbk_chain_wants_close(chain) ||
		  (!length && hbk_chain_out_ended(chain, filtering->tx_flow));
	mutex_unlock(&filtering->lock);
	return flushed;
}

/**
 * hbk_filtering_finish() - the application will send no more
 * @conn: open
 * @how: RCV_SHUTDOWN or SEND_SHUTDOWN or both, to be done when all was sent
 *
 * Context: process, socket not locked; runs guests.
 * Return: true if all was sent, and the caller may say so; otherwise the work does it.
 */
bool hbk_filtering_finish(struct hbk_conn *conn, u8 how)
{
	struct hbk_filtering *filtering = conn->filter;
	bool flushed;

	mutex_lock(&conn->tx_lock);
	tx_end(filtering);
	hbk_filtering_flush(filtering);
	flushed = hbk_filtering_has_flushed(filtering);
	if (!flushed)
		filtering->shut |= how;
	mutex_unlock(&conn->tx_lock);
	return flushed;
}

static bool tx_has_flushed(struct hbk_conn *conn)
{
	bool flushed;

	mutex_lock(&conn->tx_lock);
	flushed = hbk_filtering_has_flushed(conn->filter);
	mutex_unlock(&conn->tx_lock);
	return flushed;
}

static bool tx_is_leaving(struct hbk_filtering *filtering)
{
	bool closing;

	mutex_lock(&filtering->lock);
	closing = hbk_chain_wants_close(filtering->chain) &&
		  !hbk_chain_has_failed(filtering->chain);
	mutex_unlock(&filtering->lock);
	return closing && !READ_ONCE(filtering->left);
}

/* How long close() waits for the next news, of @timeo jiffies: not for a peer that has nothing to send. */
static long tx_patience(struct hbk_conn *conn, long timeo)
{
	struct hbk_filtering *filtering = conn->filter;
	long quiet;

	if (inet_sk_state_load(conn->sk) == TCP_CLOSE)
		return 0;
	if (!tx_has_flushed(conn))
		return timeo;
	if (!tx_is_leaving(filtering))
		return 0;
	if (!READ_ONCE(filtering->parted))
		return timeo;
	quiet = READ_ONCE(filtering->heard) + HBK_FILTERING_QUIET - jiffies;
	return clamp(quiet, 0L, timeo);
}

/**
 * hbk_filtering_linger() - the application is gone: filters get a moment for what they hold, and
 * a peer that they have answered for the end of what it sends
 * @conn: open
 *
 * Context: process, socket not locked; runs guests, and waits.
 */
void hbk_filtering_linger(struct hbk_conn *conn)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct hbk_filtering *filtering = conn->filter;
	/* Who is killed closes all that he has, one after the other. */
	long timeo = fatal_signal_pending(current) || (current->flags & PF_EXITING) ? 0 : TX_LINGER;
	long part;

	mutex_lock(&conn->tx_lock);
	tx_end(filtering);
	tx_flush_wide(filtering);
	mutex_unlock(&conn->tx_lock);
	if (tx_is_leaving(filtering))
		hbk_filtering_kick(filtering);
	add_wait_queue(&filtering->drained, &wait);
	while ((part = tx_patience(conn, timeo)) > 0)
		timeo -= part - wait_woken(&wait, TASK_UNINTERRUPTIBLE, part);
	remove_wait_queue(&filtering->drained, &wait);
}

/**
 * hbk_filtering_alert() - send an alert behind everything that has passed the filters
 * @conn: open
 * @level: HBK_ALERT_WARNING or HBK_ALERT_FATAL
 * @description: see RFC 5246 section 7.2
 *
 * Context: process, tx_lock held.
 * Return: the length of its record.
 */
int hbk_filtering_alert(struct hbk_conn *conn, u8 level, u8 description)
{
	tx_flush_wide(conn->filter);
	return conn->filter->below->alert(conn, level, description);
}

/**
 * hbk_filtering_holds() - have filters, or their queue, anything that the application has written?
 * @conn: open
 *
 * Context: process, tx_lock held.
 */
bool hbk_filtering_holds(struct hbk_conn *conn)
{
	struct hbk_filtering *filtering = conn->filter;
	size_t length;

	mutex_lock(&filtering->lock);
	hbk_chain_out(filtering->chain, filtering->tx_flow, &length);
	mutex_unlock(&filtering->lock);
	return length || !hbk_filtering_has_flushed(filtering);
}

/**
 * hbk_filtering_lost() - was anything taken that will never be sent?
 * @conn: open; the application is gone
 *
 * Context: process, tx_lock held.
 */
bool hbk_filtering_lost(struct hbk_conn *conn)
{
	const struct hbk_layer *below = conn->filter->below;

	return hbk_filtering_holds(conn) || (below->lost && below->lost(conn));
}
