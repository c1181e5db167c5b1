// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing plaintext as tcp_sendmsg() would take it.
 *
 * A layer never waits for room in the send buffer.  A writer who wants to
 * gives tx_lock up while it sleeps: neither a writer who does not, nor
 * close_notify, is ever held up.
 */
#include "record.h"

#include <linux/sched/signal.h>
#include <linux/uio.h>
#include <net/sock.h>

#include "conn.h"
#include "inject.h"
#include "layer.h"

/* One write under way: a message, or a page. */
struct record_writer {
	struct hbk_conn *conn;
	struct socket *sock;
	struct msghdr *msg;
	struct page *page;
	int offset, flags;
	size_t length, sent;
	long timeo;
	bool again;		/* there was room, and yet nothing was taken */
	ssize_t (*attempt)(struct record_writer *writer);
};

static ssize_t write_message(struct record_writer *w)
{
	return w->conn->layer->sendmsg(w->conn, w->sock, w->msg, w->length - w->sent);
}

/* Room, as the socket has it; a second look in vain takes the pause that TCP takes when memory is short. */
static int write_wait(struct record_writer *w)
{
	struct sock *sk = w->conn->sk;
	int err = 0;

	lock_sock(sk);
	if (!sk_stream_memory_free(sk) || w->again) {
		err = sk_stream_wait_memory(sk, &w->timeo);
		w->again = false;
	} else {
		w->again = true;
	}
	release_sock(sk);
	return err;
}

static ssize_t write_attempt(struct record_writer *w)
{
	struct sock *sk = w->conn->sk;

	if (READ_ONCE(sk->sk_err) || (READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN) ||
	    w->conn->notified || READ_ONCE(w->conn->alert))
		return -EPIPE;
	return w->length ? w->attempt(w) : 0;
}

/* tx_lock held, but for the waits. Return: 0, or why no more was sent. */
static int write_all(struct record_writer *w)
{
	ssize_t sent;
	int err;

	for (;;) {
		sent = write_attempt(w);
		if (sent < 0 && sent != -EAGAIN)
			return sent;
		if (sent > 0) {
			w->sent += sent;
			w->again = false;
		}
		if (w->sent == w->length)
			return 0;
		if (!w->timeo)
			return -EAGAIN;
		mutex_unlock(&w->conn->tx_lock);
		err = write_wait(w);
		mutex_lock(&w->conn->tx_lock);
		if (err)
			return err;
	}
}

/* What TCP makes of an error when nothing was sent; one that follows bytes waits for the next call. */
static ssize_t write_result(struct record_writer *w, int err)
{
	struct sock *sk = w->conn->sk;

	if (w->sent) {
		atomic64_add(w->sent, &w->conn->tx_bytes);
		if (err == -ECONNRESET || err == -ETIMEDOUT)
			cmpxchg(&sk->sk_err, 0, -err);
		return w->sent;
	}
	if (err)
		err = sk_stream_error(sk, w->flags, err);
	return err == -EBADMSG ? -ECONNRESET : err;
}

static ssize_t write_run(struct record_writer *w)
{
	int err;

	w->timeo = sock_sndtimeo(w->conn->sk, w->flags & MSG_DONTWAIT);
	mutex_lock(&w->conn->tx_lock);
	err = write_all(w);
	mutex_unlock(&w->conn->tx_lock);
	return write_result(w, err);
}

/*
 * MSG_ZEROCOPY: the bytes are copied, and the completion says so, as TCP's does
 * on the loopback device.
 */
static ssize_t write_run_zerocopy(struct record_writer *w)
{
	struct sock *sk = w->conn->sk;
	struct ubuf_info *uarg;
	ssize_t sent;

	lock_sock(sk);
	uarg = HBK_INJECT(ZEROCOPY) ? NULL : msg_zerocopy_realloc(sk, w->length, NULL);
	release_sock(sk);
	if (!uarg)
		return -ENOBUFS;
	sent = write_run(w);
	if (sent > 0) {
		uarg_to_msgzc(uarg)->zerocopy = 0;
		net_zcopy_put(uarg);
	} else {
		net_zcopy_put_abort(uarg, true);
	}
	return sent;
}

static bool write_wants_zerocopy(const struct sock *sk, const struct msghdr *msg, size_t length)
{
	return (msg->msg_flags & MSG_ZEROCOPY) && length && !msg->msg_ubuf &&
	       sock_flag(sk, SOCK_ZEROCOPY);
}

/**
 * hbk_record_sendmsg() - send plaintext
 * @conn: open
 * @sock: its socket
 * @msg: what; control messages have no meaning, and would choose kTLS's record type
 * @length: bytes
 *
 * Context: process, socket not locked; waits unless MSG_DONTWAIT.
 * Return: bytes taken, or an error as TCP's.
 */
int hbk_record_sendmsg(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
		       size_t length)
{
	struct record_writer writer = {
		.conn = conn, .sock = sock, .msg = msg, .flags = msg->msg_flags,
		.length = length, .attempt = write_message,
	};
	bool zerocopy = write_wants_zerocopy(conn->sk, msg, length);
	void *control = msg->msg_control;
	size_t control_length = msg->msg_controllen;
	int sent;

	msg->msg_control = NULL;
	msg->msg_controllen = 0;
	msg->msg_flags |= MSG_DONTWAIT | MSG_NOSIGNAL;
	sent = zerocopy ? write_run_zerocopy(&writer) : write_run(&writer);
	msg->msg_flags = writer.flags;
	msg->msg_control = control;
	msg->msg_controllen = control_length;
	return sent;
}

#ifdef HBK_HAVE_SENDPAGE
static ssize_t write_page(struct record_writer *w)
{
	return w->conn->layer->sendpage(w->conn, w->sock, w->page, w->offset + w->sent,
					w->length - w->sent,
					w->flags | MSG_DONTWAIT | MSG_NOSIGNAL);
}

/**
 * hbk_record_sendpage() - send plaintext that lies in a page
 * @conn: open, on a layer with sendpage
 * @sock: its socket
 * @page: what
 * @offset: in @page
 * @size: bytes
 * @flags: as of sendmsg(2)
 *
 * Context: process, socket not locked; waits unless MSG_DONTWAIT.
 * Return: bytes taken, or an error as TCP's.
 */
ssize_t hbk_record_sendpage(struct hbk_conn *conn, struct socket *sock, struct page *page,
			    int offset, size_t size, int flags)
{
	struct record_writer writer = {
		.conn = conn, .sock = sock, .page = page, .offset = offset, .flags = flags,
		.length = size, .attempt = write_page,
	};

	return write_run(&writer);
}
#endif
