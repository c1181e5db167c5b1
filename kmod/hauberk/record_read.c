// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading plaintext as tcp_recvmsg() would give it.
 *
 * A layer's read() never waits.  A reader who wants to is on the socket's wait
 * queue before it looks, and gives rx_lock up while it sleeps: a reader who
 * does not want to wait is never held up by one who does.
 */
#include "record.h"

#include <linux/sched/signal.h>
#include <linux/uio.h>
#include <net/sock.h>

#include "conn.h"
#include "layer.h"

/* One recvmsg() under way. */
struct record_reader {
	struct hbk_conn *conn;
	struct socket *sock;
	struct msghdr *msg;
	struct iov_iter begin;
	size_t length, target;
	size_t copied;
	int flags;
	long timeo;
	int (*attempt)(struct record_reader *reader);
};

/* A peek begins anew each time: others may have read meanwhile. */
static int read_copy(struct record_reader *r)
{
	int got;

	if (r->flags & MSG_PEEK) {
		r->msg->msg_iter = r->begin;
		r->copied = 0;
	}
	got = r->conn->layer->read(r->conn, r->sock, r->msg, r->length - r->copied,
				   r->flags & MSG_PEEK);
	if (got > 0)
		r->copied += got;
	return got;
}

/* Into a buffer of our own. */
static int read_aside(struct record_reader *r, void *buffer, size_t length, int flags)
{
	struct kvec vec = { .iov_base = buffer, .iov_len = length };
	struct msghdr msg = {};

	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, length);
	return r->conn->layer->read(r->conn, r->sock, &msg, length, flags);
}

/* TCP tells an error once, and has told it to us: the next call is to find it. */
static void read_error_keep(struct sock *sk, int err)
{
	switch (err) {
	case -EAGAIN:
	case -EFAULT:
	case -EINTR:
	case -ENOMEM:
	case -ERESTARTSYS:
		break;
	default:
		cmpxchg(&sk->sk_err, 0, -err);
	}
}

/* MSG_TRUNC: TCP throws the bytes away, and needs no buffer for it. */
static int read_discard(struct record_reader *r)
{
	void *page = (void *)__get_free_page(GFP_KERNEL);
	size_t before = r->copied;
	int got = 0;

	if (!page)
		return -ENOMEM;
	while (r->copied < r->length) {
		got = read_aside(r, page, min_t(size_t, r->length - r->copied, PAGE_SIZE), 0);
		if (got <= 0)
			break;
		r->copied += got;
	}
	memzero_explicit(page, PAGE_SIZE);
	free_page((unsigned long)page);
	if (r->copied == before)
		return got;
	if (got < 0)
		read_error_keep(r->conn->sk, got);
	return r->copied - before;
}

/* Nothing is wanted, or MSG_PEEK and MSG_TRUNC at once: how much is there? */
static int read_measure(struct record_reader *r)
{
	u8 byte;
	int got = read_aside(r, &byte, sizeof(byte), MSG_PEEK);

	if (got > 0)
		r->copied = min_t(size_t, r->length, r->conn->layer->readable(r->conn));
	return got;
}

static int read_attempt(struct record_reader *r)
{
	const struct hbk_layer *layer = r->conn->layer;

	if (READ_ONCE(r->conn->broken) && !hbk_conn_holds(r->conn))
		return -ECONNRESET;
	if (r->conn->peer_notified && !hbk_conn_holds(r->conn))
		return 0;
	/* Who peeks knows most often that there is something. */
	if (!(r->flags & MSG_PEEK) && layer->quiet && layer->quiet(r->conn))
		return -EAGAIN;
	return r->attempt(r);
}

/*
 * The first look is taken without being on the wait queue: most often it is
 * enough.  Return: as of the last attempt, or why it was the last.
 */
static int read_until(struct record_reader *r)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct sock *sk = r->conn->sk;
	bool waiting = false, over;
	int got;

	for (;;) {
		over = READ_ONCE(sk->sk_err) || (READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN);
		got = read_attempt(r);
		/* A peek does not come to the end itself: it was there before, and nothing is behind. */
		if (got > 0 && over && (r->flags & MSG_PEEK))
			break;
		if (got == 0 || (got < 0 && got != -EAGAIN) ||
		    (got > 0 && (r->copied >= r->target || !r->length)))
			break;
		if (r->copied >= r->target || !r->timeo)
			break;
		if (signal_pending(current)) {
			got = sock_intr_errno(r->timeo);
			break;
		}
		if (!waiting) {
			add_wait_queue(sk_sleep(sk), &wait);
			sk_set_bit(SOCKWQ_ASYNC_WAITDATA, sk);
			/* Pairs with skwq_has_sleeper(): who has news looks for us behind it, and we for it. */
			smp_mb();
			waiting = true;
			continue;
		}
		mutex_unlock(&r->conn->rx_lock);
		r->timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, r->timeo);
		mutex_lock(&r->conn->rx_lock);
	}
	if (waiting) {
		sk_clear_bit(SOCKWQ_ASYNC_WAITDATA, sk);
		remove_wait_queue(sk_sleep(sk), &wait);
	}
	return got;
}

static size_t read_target(const struct hbk_conn *conn, size_t length, int flags)
{
	if (flags & MSG_WAITALL)
		return length;
	return min_t(size_t, READ_ONCE(conn->rcvlowat), length) ?: 1;
}

/**
 * hbk_record_recvmsg() - read plaintext
 * @conn: open
 * @sock: its socket
 * @msg: where to; its control buffer is the application's and stays untouched
 * @length: bytes wanted
 * @flags: as of recvmsg(2)
 *
 * Context: process, socket not locked; waits unless MSG_DONTWAIT.
 * Return: bytes read; 0 after the peer's close_notify; -ECONNRESET if the
 * stream ended without one, or with a fatal alert, or cannot be decrypted.
 */
int hbk_record_recvmsg(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
		       size_t length, int flags)
{
	struct record_reader reader = {
		.conn = conn, .sock = sock, .msg = msg, .begin = msg->msg_iter,
		.length = length, .target = read_target(conn, length, flags), .flags = flags,
		.timeo = sock_rcvtimeo(conn->sk, flags & MSG_DONTWAIT),
		.attempt = read_copy,
	};
	int got;

	if (!length || (flags & (MSG_PEEK | MSG_TRUNC)) == (MSG_PEEK | MSG_TRUNC))
		reader.attempt = read_measure;
	else if (flags & MSG_TRUNC)
		reader.attempt = read_discard;
	mutex_lock(&conn->rx_lock);
	got = read_until(&reader);
	mutex_unlock(&conn->rx_lock);
	hbk_record_alert(conn);
	if (got < 0 && reader.copied && !READ_ONCE(conn->broken))
		read_error_keep(conn->sk, got);
	if (!(flags & MSG_PEEK))
		atomic64_add(reader.copied, &conn->rx_bytes);
	if (reader.copied)
		return reader.copied;
	return min(got, 0);
}
