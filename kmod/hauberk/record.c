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

#include <linux/tls.h>
#include <linux/uio.h>
#include <net/tls.h>

#include "conn.h"

#define ALERT_ROOM		SZ_16K	/* bytes of send buffer that one alert may need beyond the limit */

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

/**
 * hbk_record_notify() - send our close_notify, once
 * @conn: open
 *
 * It must go out before the FIN, and neither close() nor shutdown() may wait:
 * the send buffer is widened for the length of this one record.
 *
 * Context: process, socket not locked.
 */
void hbk_record_notify(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;
	int sndbuf;

	if (xchg(&conn->notified, true) || (sk->sk_shutdown & SEND_SHUTDOWN) ||
	    !((1 << inet_sk_state_load(sk)) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)))
		return;
	lock_sock(sk);
	sndbuf = sk->sk_sndbuf;
	WRITE_ONCE(sk->sk_sndbuf, max(sndbuf, sk->sk_wmem_queued) + ALERT_ROOM);
	release_sock(sk);
	record_send_alert(sk, HBK_ALERT_WARNING, HBK_ALERT_CLOSE_NOTIFY);
	lock_sock(sk);
	WRITE_ONCE(sk->sk_sndbuf, sndbuf);
	release_sock(sk);
}

/**
 * hbk_record_shut_write() - close_notify, then FIN, of a shutdown() that waited for the handshake
 * @conn: open
 *
 * Context: process, socket not locked.
 */
void hbk_record_shut_write(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;

	hbk_record_notify(conn);
	lock_sock(sk);
	sk->sk_shutdown |= SEND_SHUTDOWN;
	sk->sk_prot->shutdown(sk, SEND_SHUTDOWN);
	release_sock(sk);
}

/* What a record that is no data means for a reader. */
static int record_meaning(struct hbk_conn *conn, u8 type, u8 level)
{
	if (type == HBK_RECORD_ALERT && level == HBK_ALERT_WARNING) {
		conn->peer_notified = true;
		hbk_conn_end(conn, HBK_REASON_PEER_CLOSED);
		return 0;
	}
	hbk_conn_end(conn, type == HBK_RECORD_ALERT ? HBK_REASON_ALERT
							 : HBK_REASON_PROTOCOL);
	return -ECONNRESET;
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
		if (conn->peer_notified)
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
		hbk_conn_end(conn, HBK_REASON_BAD_RECORD);
		return -ECONNRESET;
	default:
		return err;
	}
}

/*
 * The alert's level was written to where the data would have gone: it is read
 * back from there through a copy of the iterator as it was.  An application
 * that scribbles over it meanwhile deceives itself alone.
 */
static u8 record_level(struct iov_iter *begin)
{
	u8 level = 0;

	begin->data_source = ITER_SOURCE;
	return copy_from_iter(&level, sizeof(level), begin) == sizeof(level) ? level : 0;
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
	struct iov_iter begin = msg->msg_iter;
	struct msghdr user = *msg;
	union record_control control;
	u8 type;
	int got;

	if (conn->peer_notified || !length)
		return 0;
	record_control_bind(msg, &control);
	got = conn->base->recvmsg(sock, msg, length, flags);
	type = record_type(&control, msg);
	msg->msg_control = user.msg_control;
	msg->msg_controllen = user.msg_controllen;
	msg->msg_control_is_user = user.msg_control_is_user;
	msg->msg_flags |= user.msg_flags & MSG_CMSG_COMPAT;
	if (got <= 0)
		return record_end(conn, got);
	if (type != HBK_RECORD_DATA)
		return record_meaning(conn, type, record_level(&begin));
	if (!(flags & MSG_PEEK))
		atomic64_add(got, &conn->rx_bytes);
	return got;
}

/**
 * hbk_record_control() - read one record that is no data, for callers that brought no buffer
 * @conn: open
 * @sock: its socket
 * @flags: MSG_DONTWAIT and MSG_PEEK as of recvmsg(2)
 *
 * Context: process, socket not locked.
 * Return: as hbk_record_recvmsg(); 1 or 2 if it is data after all, which is lost unless MSG_PEEK.
 */
int hbk_record_control(struct hbk_conn *conn, struct socket *sock, int flags)
{
	u8 bytes[HBK_ALERT_LENGTH];
	struct kvec vec = { .iov_base = bytes, .iov_len = sizeof(bytes) };
	struct msghdr msg = {};

	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, sizeof(bytes));
	return hbk_record_recvmsg(conn, sock, &msg, sizeof(bytes), flags);
}

/**
 * hbk_record_close() - say goodbye before the socket is closed
 * @conn: open; the application is gone
 *
 * A close_notify that the application did not read to must not turn the FIN
 * into a RST, as TCP does for unread data: it is taken out first.  Data that
 * was not read stays, and has the effect that it has with TCP.
 *
 * Context: process, socket not locked; does not wait.
 */
void hbk_record_close(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;

	if (!conn->peer_notified &&
	    hbk_record_control(conn, sk->sk_socket, MSG_DONTWAIT | MSG_PEEK) == 0) {
		conn->peer_notified = false;
		hbk_record_control(conn, sk->sk_socket, MSG_DONTWAIT);
	}
	if (!sock_flag(sk, SOCK_LINGER) || sk->sk_lingertime)
		hbk_record_notify(conn);
}
