// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ends of an open connection.
 *
 * kTLS hands records that are not data to a reader who brings room for a
 * control message, and EIO to one who does not.  Applications know nothing of
 * records: each read brings a control buffer of ours, and what an alert says
 * becomes what TCP would have said: end of file, or ECONNRESET.
 */
#include "record.h"

#include <linux/delay.h>
#include <linux/tls.h>
#include <linux/uio.h>
#include <net/tcp.h>
#include <net/tls.h>

#include "conn.h"

#define ALERT_ROOM		SZ_64K	/* bytes of send buffer that one alert may need beyond the limit */

union record_control {
	struct cmsghdr header;		/* aligns the buffer */
	u8 bytes[CMSG_SPACE(sizeof(u8))];
};

/* As the reader or the sender of a record, in a message whose control buffer is the kernel's. */
static void record_control_bind(struct msghdr *msg, union record_control *control)
{
	memset(control, 0, sizeof(*control));
	msg->msg_control = control;
	msg->msg_controllen = sizeof(control->bytes);
	msg->msg_control_is_user = false;
	msg->msg_flags &= ~MSG_CMSG_COMPAT;
}

static int record_send_alert(struct sock *sk, u8 level, u8 description)
{
	u8 alert[HBK_ALERT_LENGTH] = { level, description };
	struct kvec vec = { .iov_base = alert, .iov_len = sizeof(alert) };
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	union record_control control;

	iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, &vec, 1, sizeof(alert));
	record_control_bind(&msg, &control);
	control.header.cmsg_level = SOL_TLS;
	control.header.cmsg_type = TLS_SET_RECORD_TYPE;
	control.header.cmsg_len = CMSG_LEN(sizeof(u8));
	*(u8 *)CMSG_DATA(&control.header) = HBK_RECORD_ALERT;
	return READ_ONCE(sk->sk_prot)->sendmsg(sk, &msg, sizeof(alert));
}

#define WRITER_POLL_US	100	/* kTLS's own work and a writer that does not sleep are through in less */

/* A writer that sleeps for room holds kTLS's lock: whoever shuts down must not wait for it. */
static bool record_writer_asleep(struct sock *sk)
{
	struct mutex *lock = &tls_get_ctx(sk)->tx_lock;

	while (!mutex_trylock(lock)) {
		if (READ_ONCE(sk->sk_write_pending))
			return true;
		usleep_range(WRITER_POLL_US, 2 * WRITER_POLL_US);
	}
	mutex_unlock(lock);
	return false;
}

/**
 * hbk_record_notify() - send our close_notify, once
 * @conn: open
 *
 * It must go out before the FIN, and neither close() nor shutdown() may wait:
 * the send buffer, and the bound on unsent data that TCP_NOTSENT_LOWAT may set,
 * are widened for the length of this one record.  Where another
 * thread is in the middle of a write there is none: the peer is right to call
 * that stream truncated.
 *
 * Context: process, socket not locked.
 */
void hbk_record_notify(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;
	struct tcp_sock *tp = tcp_sk(sk);
	int before, wide;
	u32 lowat;

	if (xchg(&conn->notified, true) || (sk->sk_shutdown & SEND_SHUTDOWN) ||
	    !((1 << inet_sk_state_load(sk)) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)) ||
	    record_writer_asleep(sk))
		return;
	lock_sock(sk);
	before = sk->sk_sndbuf;
	wide = max(before, sk->sk_wmem_queued) + ALERT_ROOM;
	WRITE_ONCE(sk->sk_sndbuf, wide);
	lowat = tp->notsent_lowat;
	WRITE_ONCE(tp->notsent_lowat, U32_MAX);
	release_sock(sk);
	record_send_alert(sk, HBK_ALERT_WARNING, HBK_ALERT_CLOSE_NOTIFY);
	cmpxchg(&tp->notsent_lowat, U32_MAX, lowat);
	cmpxchg(&sk->sk_sndbuf, wide, before);
}

/**
 * hbk_record_shutdown() - a shutdown() that waited for the handshake
 * @conn: open
 * @how: RCV_SHUTDOWN, SEND_SHUTDOWN or both
 *
 * Context: process, socket not locked.
 */
void hbk_record_shutdown(struct hbk_conn *conn, u8 how)
{
	struct sock *sk = conn->sk;

	if (how & SEND_SHUTDOWN)
		hbk_record_notify(conn);
	lock_sock(sk);
	sk->sk_shutdown |= how;
	sk->sk_prot->shutdown(sk, how);
	sk->sk_state_change(sk);
	release_sock(sk);
}

static u8 record_type(const union record_control *control, const struct msghdr *msg)
{
	if (msg->msg_controllen == sizeof(control->bytes))
		return HBK_RECORD_DATA;
	return *(const u8 *)CMSG_DATA(&control->header);
}

/* End of stream, or an error from below, in the words of TCP. */
static int record_end(struct hbk_conn *conn, int err)
{
	switch (err) {
	case 0:
		/* Without the peer's FIN it is our own shutdown(SHUT_RD), or a reset that was told. */
		if (conn->peer_notified || !sock_flag(conn->sk, SOCK_DONE))
			return 0;
		hbk_conn_end(conn, HBK_REASON_TRUNCATED);
		return -ECONNRESET;
	case -ECONNRESET:
	case -EPIPE:
		hbk_conn_end(conn, HBK_REASON_RESET);
		return err;
	case -EBADMSG:
	case -EMSGSIZE:
	case -EINVAL:
		cmpxchg(&conn->sk->sk_err, EBADMSG, ECONNRESET);
		hbk_conn_end(conn, HBK_REASON_BAD_RECORD);
		return -ECONNRESET;
	default:
		return err;
	}
}

/* One record, or data of several; the application's control buffer stays untouched. */
static int record_read(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
		       size_t length, int flags, u8 *type)
{
	struct msghdr user = *msg;
	union record_control control;
	int got;

	record_control_bind(msg, &control);
	got = conn->base->recvmsg(sock, msg, length, flags);
	*type = record_type(&control, msg);
	msg->msg_control = user.msg_control;
	msg->msg_controllen = user.msg_controllen;
	msg->msg_control_is_user = user.msg_control_is_user;
	msg->msg_flags = (msg->msg_flags & ~MSG_EOR) | (user.msg_flags & MSG_CMSG_COMPAT);
	return got;
}

/* Without waiting, into a buffer of our own. */
static int record_read_bytes(struct hbk_conn *conn, struct socket *sock, u8 *bytes, size_t length,
			     u8 *type)
{
	struct kvec vec = { .iov_base = bytes, .iov_len = length };
	struct msghdr msg = {};

	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, length);
	return record_read(conn, sock, &msg, length, MSG_DONTWAIT, type);
}

/*
 * An alert was written to where the data would have gone: it is read back from
 * there through a copy of the iterator as it was.  An application that
 * scribbles over it meanwhile deceives itself alone.  What did not fit, or was
 * only peeked at, is taken out of kTLS's queue.
 */
static void record_alert(struct hbk_conn *conn, struct socket *sock, struct iov_iter begin,
			 int got, int flags, u8 alert[HBK_ALERT_LENGTH])
{
	u8 type;

	alert[0] = HBK_ALERT_FATAL;
	alert[1] = 0;
	if (flags & MSG_PEEK) {
		record_read_bytes(conn, sock, alert, HBK_ALERT_LENGTH, &type);
		return;
	}
	got = min(got, HBK_ALERT_LENGTH);
	begin.data_source = ITER_SOURCE;
	if (copy_from_iter(alert, got, &begin) == got && got < HBK_ALERT_LENGTH)
		record_read_bytes(conn, sock, alert + got, HBK_ALERT_LENGTH - got, &type);
}

#define WARNINGS_MAX	4	/* in a row; more are a flood */
#define RECORD_SKIPPED	1	/* a warning that means nothing to us */

/* What a record that is no data means for a reader. */
static int record_meaning(struct hbk_conn *conn, u8 type, const u8 alert[HBK_ALERT_LENGTH])
{
	if (type != HBK_RECORD_ALERT) {
		hbk_conn_end(conn, HBK_REASON_PROTOCOL);
		return -ECONNRESET;
	}
	if (alert[0] != HBK_ALERT_WARNING) {
		hbk_conn_end(conn, HBK_REASON_ALERT);
		return -ECONNRESET;
	}
	if (alert[1] != HBK_ALERT_CLOSE_NOTIFY)
		return RECORD_SKIPPED;
	conn->peer_notified = true;
	hbk_conn_end(conn, HBK_REASON_PEER_CLOSED);
	return 0;
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
	const struct iov_iter begin = msg->msg_iter;
	u8 alert[HBK_ALERT_LENGTH], type;
	int got, meaning, skipped = 0;

	do {
		if (conn->peer_notified || !length)
			return 0;
		msg->msg_iter = begin;
		got = record_read(conn, sock, msg, length, flags, &type);
		if (got <= 0)
			return record_end(conn, got);
		if (type == HBK_RECORD_DATA)
			break;
		record_alert(conn, sock, begin, got, flags, alert);
		meaning = record_meaning(conn, type, alert);
		if (meaning <= 0)
			return meaning;
		if (++skipped == WARNINGS_MAX) {
			hbk_conn_end(conn, HBK_REASON_PROTOCOL);
			return -ECONNRESET;
		}
	} while (meaning == RECORD_SKIPPED);
	if (!(flags & MSG_PEEK))
		atomic64_add(got, &conn->rx_bytes);
	return got;
}

/**
 * hbk_record_control() - what keeps a splice from going on
 * @conn: open
 * @sock: its socket
 * @flags: MSG_DONTWAIT as of recvmsg(2)
 *
 * Context: process, socket not locked.
 * Return: 0 at the end of the stream, -EAGAIN if there is data, or an error as hbk_record_recvmsg().
 */
int hbk_record_control(struct hbk_conn *conn, struct socket *sock, int flags)
{
	u8 byte;
	struct kvec vec = { .iov_base = &byte, .iov_len = sizeof(byte) };
	struct msghdr msg = {};
	int got;

	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, sizeof(byte));
	got = hbk_record_recvmsg(conn, sock, &msg, sizeof(byte), flags | MSG_PEEK);
	return got > 0 ? -EAGAIN : got;
}

/**
 * hbk_record_close() - say goodbye before the socket is closed
 * @conn: open; the application is gone
 *
 * A close_notify that the application did not read to must not turn the FIN
 * into a RST, as TCP does for unread data: it is taken out first.  Data that
 * was not read has the effect that it has with TCP: by then kTLS may hold it,
 * so that the socket is told to reset.
 *
 * Context: process, socket not locked; does not wait.
 */
void hbk_record_close(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;

	if (!conn->peer_notified &&
	    hbk_record_control(conn, sk->sk_socket, MSG_DONTWAIT) == -EAGAIN &&
	    sk_is_readable(sk)) {
		sock_set_flag(sk, SOCK_LINGER);
		sk->sk_lingertime = 0;
	}
	if (!sock_flag(sk, SOCK_LINGER) || sk->sk_lingertime)
		hbk_record_notify(conn);
}
