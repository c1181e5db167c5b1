// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is received, on its way through the filters.
 *
 * Whoever wants to read, to know how much can be read, or to poll takes bytes
 * from the layer below and has the filters look at them, as long as there is
 * nothing to read and the filters have room.  An end or an error from below is
 * told when all that came before has been read.
 */
#include "layer_filter.h"

#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/uio.h>
#include <net/tcp.h>

#include "conn.h"
#include "inject.h"

#define RX_TURNS	64	/* pieces that one call takes from below without one for the application */
#define RX_LITTLE	256	/* bytes to read into where TCP has none: what the layer below keeps, or an alert */

static size_t rx_max(const struct hbk_filtering *filtering)
{
	return max_t(size_t, READ_ONCE(filtering->conn->sk->sk_rcvbuf), HBK_FILTERING_PIECE);
}

/*
 * From the chain, which is locked: whole where it is a piece and what HTTP has
 * put around it, for what is taken whole is not copied.
 *
 * Return: bytes, 0 if it has none, or -ENOMEM.
 */
static int rx_take(struct hbk_filtering *filtering)
{
	size_t before = filtering->ready.length, length;
	int err;

	hbk_chain_out(filtering->chain, filtering->rx_flow, &length);
	if (!length)
		return 0;
	err = HBK_INJECT(FILTERING_READY) ? -ENOMEM :
	      hbk_chain_out_move(filtering->chain, filtering->rx_flow, &filtering->ready,
				 2 * HBK_FILTERING_PIECE);
	return err ?: filtering->ready.length - before;
}

/* Does nothing come any more from the chain, which is locked and has nothing now? */
static bool rx_is_over(struct hbk_filtering *filtering)
{
	struct hbk_chain *chain = filtering->chain;

	return hbk_chain_has_failed(chain) || filtering->rx_failed ||
	       hbk_chain_out_ended(chain, filtering->rx_flow) ||
	       (hbk_chain_wants_close(chain) && (READ_ONCE(filtering->left) || filtering->rx_ended));
}

/*
 * A look at the chain: what it has is taken.
 *
 * Return: bytes, 0 if none come any more, -EAGAIN if there are none now and
 * @room may be pushed, or -ENOMEM.
 */
static int rx_look(struct hbk_filtering *filtering, size_t *room)
{
	int got;

	if (READ_ONCE(filtering->clear[filtering->rx_flow]) && !filtering->rx_ended) {
		*room = HBK_FILTERING_PIECE;
		return -EAGAIN;
	}
	mutex_lock(&filtering->lock);
	got = rx_take(filtering);
	if (!got && !rx_is_over(filtering)) {
		*room = hbk_chain_room(filtering->chain, filtering->rx_flow);
		filtering->starved[filtering->rx_flow] = !*room;
		got = -EAGAIN;
	}
	mutex_unlock(&filtering->lock);
	return got;
}

/* What is in rx_in, and the end perhaps. Return: 1 or -ENOMEM: it waits in the chain. */
static int rx_push(struct hbk_filtering *filtering, bool end)
{
	size_t length = filtering->rx_in.length;
	int got;

	mutex_lock(&filtering->lock);
	hbk_chain_push_buffer(filtering->chain, filtering->rx_flow, &filtering->rx_in, end);
	got = rx_take(filtering);
	hbk_filtering_unlock(filtering, filtering->rx_flow);
	if (length && READ_ONCE(filtering->leaving)) {
		filtering->patience -= min(filtering->patience, length);
		WRITE_ONCE(filtering->heard, jiffies);
	}
	return got < 0 ? got : 1;
}

/* Into rx_in, which is empty. */
static int rx_below(struct hbk_filtering *filtering, size_t size)
{
	struct hbk_conn *conn = filtering->conn;
	union hbk_filtering_vec vec;
	struct msghdr msg = {};
	int got;

	/* Who polls takes an alert out that has nothing before it. */
	if (conn->broken)
		return -ECONNRESET;
	if (conn->peer_notified)
		return 0;
	hbk_filtering_iter(&msg.msg_iter, &vec, ITER_DEST, filtering->rx_in.bytes, size);
	got = filtering->below->read(conn, conn->sk->sk_socket, &msg, size, 0);
	filtering->rx_in.length = max(got, 0);
	return got;
}

/* An error is no end of the stream: filters are told of it when the connection is closed. */
static int rx_end(struct hbk_filtering *filtering, int got)
{
	switch (got) {
	case -EAGAIN:
	case -ENOMEM:
	case -EINTR:
	case -ERESTARTSYS:
		return got;
	}
	filtering->rx_ended = true;
	if (!got)
		return rx_push(filtering, true);
	filtering->rx_failed = true;
	filtering->rx_error = got;
	/* TCP tells it once, and it has told us: until a reader comes to it sk_err keeps it. */
	if (!filtering->conn->broken)
		cmpxchg(&filtering->conn->sk->sk_err, 0, -got);
	return 1;
}

/*
 * How much a piece may be: records are longer than what they carry, but for
 * what the layer keeps of them.  kTLS does not tell what it has kept of a
 * record that the last piece was too small for.  Plain TCP tells all, and each
 * of its pieces is a full one: room for more would be zeroed in vain.
 */
static size_t rx_size(const struct hbk_filtering *filtering, size_t room)
{
	struct hbk_conn *conn = filtering->conn;

	if (filtering->rx_more || filtering->below->unread(conn))
		return room;
	return clamp_t(int, tcp_inq(conn->sk), min_t(size_t, room, RX_LITTLE), room);
}

/* A piece from below through the chain. Return: 1, -EAGAIN when there is none or no @room for it, or another error. */
static int rx_pull(struct hbk_filtering *filtering, size_t room)
{
	size_t size;
	int got;

	if (filtering->rx_ended || !room)
		return -EAGAIN;
	size = rx_size(filtering, min_t(size_t, room, HBK_FILTERING_PIECE));
	if (HBK_INJECT(FILTERING_PIECE) || hbk_buffer_reserve(&filtering->rx_in, size))
		return -ENOMEM;
	got = rx_below(filtering, size);
	filtering->rx_more = got == size && !filtering->conn->plain;
	if (got <= 0)
		return rx_end(filtering, got);
	return rx_push(filtering, false);
}

/**
 * hbk_filtering_drain() - throw away what the peer still sends, for filters have ended the connection
 * @filtering: of which
 *
 * Context: the work.
 * Return: true if there is no more, or it was enough.
 */
bool hbk_filtering_drain(struct hbk_filtering *filtering)
{
	int turns = 0, got = 1;
	bool over;

	mutex_lock(&filtering->conn->rx_lock);
	/* A chain that ends the connection has room for all: it throws it away. */
	while (filtering->patience && !filtering->rx_ended && got > 0 && turns++ < RX_TURNS) {
		cond_resched();
		got = rx_pull(filtering, HBK_FILTERING_PIECE);
	}
	over = !filtering->patience || filtering->rx_ended;
	mutex_unlock(&filtering->conn->rx_lock);
	if (!over && got > 0)
		hbk_filtering_came(filtering->conn);
	return over;
}

/* Until so many bytes are ready. Return: 1 if they are, or why not: -EAGAIN, 0 at the end, or an error. */
static int rx_fill(struct hbk_filtering *filtering, size_t want)
{
	int turns = 0, got;
	size_t room;

	while (filtering->ready.length < want) {
		got = rx_look(filtering, &room);
		/* Filters may swallow all that comes, for as long as the peer sends. */
		if (got == -EAGAIN && ++turns > RX_TURNS) {
			hbk_filtering_kick(filtering);
			return -EAGAIN;
		}
		if (turns > 1)
			cond_resched();
		if (got == -EAGAIN)
			got = rx_pull(filtering, room);
		if (got <= 0)
			return got;
	}
	return 1;
}

/* The end is told in the words of the layer below; an error once, as TCP does. */
static int rx_over(struct hbk_filtering *filtering)
{
	struct hbk_conn *conn = filtering->conn;
	int err;

	WRITE_ONCE(conn->held, false);
	if (conn->broken)
		return -ECONNRESET;
	err = sock_error(conn->sk) ?: filtering->rx_error;
	filtering->rx_error = 0;
	return err;
}

/* Into the application's buffer; rx_lock alone is held, for it may lie on a page that takes time. */
static int rx_copy(struct hbk_filtering *filtering, struct msghdr *msg, size_t length, int flags)
{
	size_t part = min(filtering->ready.length, length);
	size_t done = copy_to_iter(hbk_buffer_data(&filtering->ready), part, &msg->msg_iter);

	if (done != part) {
		iov_iter_revert(&msg->msg_iter, done);
		return -EFAULT;
	}
	if (!(flags & MSG_PEEK))
		hbk_buffer_consume(&filtering->ready, part);
	return part;
}

/**
 * hbk_filtering_quiet() - is it certain that there is nothing to read, nor anything for filters to look at?
 * @conn: open
 *
 * An alert may have been taken out of the layer below that filters have not
 * been told of.
 *
 * Context: process, rx_lock held.
 */
bool hbk_filtering_quiet(struct hbk_conn *conn)
{
	const struct hbk_filtering *filtering = conn->filter;

	return READ_ONCE(filtering->clear[filtering->rx_flow]) && !filtering->ready.length &&
	       !filtering->rx_ended && !conn->broken && !conn->peer_notified &&
	       filtering->below->quiet && filtering->below->quiet(conn);
}

/**
 * hbk_filtering_read() - read what has passed the filters, without waiting
 * @conn: open
 * @sock: its socket
 * @msg: where to
 * @length: bytes wanted, at least one
 * @flags: MSG_PEEK, or none
 *
 * Context: process, rx_lock held; runs guests.
 * Return: see struct hbk_layer.
 */
int hbk_filtering_read(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
		       size_t length, int flags)
{
	struct hbk_filtering *filtering = conn->filter;
	size_t copied = 0, max = rx_max(filtering);
	int got;

	if (flags & MSG_PEEK) {
		got = rx_fill(filtering, min(length, max));
		if (!filtering->ready.length)
			return got ?: rx_over(filtering);
		return rx_copy(filtering, msg, length, flags);
	}
	while (copied < length) {
		if (copied) {
			/* Most often the first piece was all: asking the layer below costs more. */
			if (hbk_filtering_quiet(conn))
				break;
			cond_resched();
		}
		got = rx_fill(filtering, 1);
		if (got <= 0) {
			if (!copied)
				return got ?: rx_over(filtering);
			break;
		}
		got = rx_copy(filtering, msg, length - copied, flags);
		if (got < 0)
			return copied ?: got;
		copied += got;
	}
	return copied;
}

/**
 * hbk_filtering_readable() - how many bytes can be read now
 * @conn: open
 *
 * Context: process, rx_lock held; runs guests.
 */
int hbk_filtering_readable(struct hbk_conn *conn)
{
	struct hbk_filtering *filtering = conn->filter;

	rx_fill(filtering, rx_max(filtering));
	return filtering->ready.length;
}

/**
 * hbk_filtering_ready() - is there something for a reader who polls?
 * @conn: open
 *
 * Context: process, rx_lock not held; runs guests.
 */
bool hbk_filtering_ready(struct hbk_conn *conn)
{
	struct hbk_filtering *filtering = conn->filter;
	int got = -EAGAIN;
	size_t want;

	mutex_lock(&conn->rx_lock);
	want = clamp_t(size_t, READ_ONCE(conn->rcvlowat), 1, rx_max(filtering));
	if (!hbk_filtering_quiet(conn))
		got = rx_fill(filtering, want);
	mutex_unlock(&conn->rx_lock);
	return got != -EAGAIN;
}

/**
 * hbk_filtering_unread() - were bytes received that nobody has read?
 * @conn: open
 *
 * Context: process, rx_lock held.
 */
bool hbk_filtering_unread(struct hbk_conn *conn)
{
	struct hbk_filtering *filtering = conn->filter;

	return filtering->ready.length || filtering->below->unread(conn);
}
