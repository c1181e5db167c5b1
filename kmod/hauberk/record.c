// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ends of an open connection, and what lies between records and sockets.
 *
 * Applications know nothing of records: what an alert says becomes what TCP
 * would have said, end of file or ECONNRESET.
 */
#include "record.h"

#include <net/tcp.h>

#include "conn.h"
#include "layer.h"
#include "layer_filter.h"

/**
 * hbk_record_broken() - nothing can be read from here on, ever
 * @conn: open
 * @reason: for the closed event
 *
 * Return: -ECONNRESET, which each later read gives as well.
 */
int hbk_record_broken(struct hbk_conn *conn, enum hbk_reason reason)
{
	hbk_conn_end(conn, reason);
	if (reason == HBK_REASON_BAD_RECORD)
		WRITE_ONCE(conn->alert, HBK_ALERT_BAD_MAC);
	else if (reason == HBK_REASON_PROTOCOL)
		WRITE_ONCE(conn->alert, HBK_ALERT_UNEXPECTED);
	WRITE_ONCE(conn->broken, true);
	return -ECONNRESET;
}

/**
 * hbk_record_end() - end of stream, or an error from below, in the words of TCP
 * @conn: open
 * @err: 0 at TCP's end of stream
 */
int hbk_record_end(struct hbk_conn *conn, int err)
{
	switch (err) {
	case 0:
		/* Without the peer's FIN it is our own shutdown(SHUT_RD), or a reset that was told. */
		if (conn->peer_notified || !sock_flag(conn->sk, SOCK_DONE))
			return 0;
		return hbk_record_broken(conn, HBK_REASON_TRUNCATED);
	case -ECONNRESET:
	case -EPIPE:
		hbk_conn_end(conn, HBK_REASON_RESET);
		return err;
	case -EBADMSG:
	case -EMSGSIZE:
	case -EINVAL:
		cmpxchg(&conn->sk->sk_err, EBADMSG, ECONNRESET);
		return hbk_record_broken(conn, HBK_REASON_BAD_RECORD);
	default:
		return err;
	}
}

/**
 * hbk_record_meaning() - what a record that is no data means for a reader
 * @conn: open
 * @type: not HBK_RECORD_DATA
 * @content: its plaintext
 * @length: of the plaintext
 *
 * Return: 0 after the peer's close_notify, HBK_RECORD_SKIPPED, or -ECONNRESET.
 */
int hbk_record_meaning(struct hbk_conn *conn, u8 type, const u8 *content, size_t length)
{
	if (type != HBK_RECORD_ALERT || length != HBK_ALERT_LENGTH)
		return hbk_record_broken(conn, HBK_REASON_PROTOCOL);
	if (content[0] != HBK_ALERT_WARNING)
		return hbk_record_broken(conn, HBK_REASON_ALERT);
	if (content[1] != HBK_ALERT_CLOSE_NOTIFY)
		return HBK_RECORD_SKIPPED;
	WRITE_ONCE(conn->peer_notified, true);
	hbk_conn_end(conn, HBK_REASON_PEER_CLOSED);
	return 0;
}

/**
 * hbk_record_readable() - how many bytes a read would give at once
 * @conn: open
 *
 * Context: process, socket not locked.
 */
int hbk_record_readable(struct hbk_conn *conn)
{
	int readable;

	mutex_lock(&conn->rx_lock);
	readable = conn->layer->readable(conn);
	mutex_unlock(&conn->rx_lock);
	return readable;
}

/*
 * The last record: nothing is written behind it.  Corked, it goes in one
 * segment with the FIN that follows.
 */
static void record_send_last(struct hbk_conn *conn, bool cork)
{
	struct sock *sk = conn->sk;
	struct tcp_sock *tp = tcp_sk(sk);
	int length;

	lock_sock(sk);
	if (cork)
		tp->nonagle |= TCP_NAGLE_CORK;
	conn->goodbye = tp->write_seq;
	conn->parting = !sk->sk_err && !conn->plain;
	release_sock(sk);
	if (conn->alert)
		length = conn->layer->alert(conn, HBK_ALERT_FATAL, conn->alert);
	else
		length = conn->layer->alert(conn, HBK_ALERT_WARNING, HBK_ALERT_CLOSE_NOTIFY);
	lock_sock(sk);
	conn->goodbye = tp->write_seq - length;
	release_sock(sk);
}

static void record_last(struct hbk_conn *conn, bool cork)
{
	struct sock *sk = conn->sk;

	mutex_lock(&conn->tx_lock);
	if (!conn->notified && !(sk->sk_shutdown & SEND_SHUTDOWN) &&
	    ((1 << inet_sk_state_load(sk)) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)))
		record_send_last(conn, cork);
	WRITE_ONCE(conn->notified, true);
	mutex_unlock(&conn->tx_lock);
}

/**
 * hbk_record_notify() - send our close_notify, once
 * @conn: open; a FIN follows
 *
 * It must go out before the FIN, and neither close() nor shutdown() may wait:
 * a writer holds tx_lock only while it copies and encrypts.  It goes in one
 * segment with the FIN: a peer that wants neither answers that with a RST, which
 * must not find us before our own FIN.
 *
 * Context: process, socket not locked.
 */
void hbk_record_notify(struct hbk_conn *conn)
{
	record_last(conn, true);
}

/**
 * hbk_record_alert() - tell the peer that its records are bad, once
 * @conn: open
 *
 * RFC 5246 section 7.2.2: both sides close.  Who writes gets EPIPE.
 *
 * Context: process, socket not locked.
 */
void hbk_record_alert(struct hbk_conn *conn)
{
	if (READ_ONCE(conn->alert) && !READ_ONCE(conn->notified))
		record_last(conn, false);
}

/**
 * hbk_record_shutdown() - a shutdown() that waited for the handshake, or for filters
 * @conn: open
 * @how: RCV_SHUTDOWN, SEND_SHUTDOWN or both
 *
 * Context: process, socket not locked.
 */
void hbk_record_shutdown(struct hbk_conn *conn, u8 how)
{
	struct sock *sk = conn->sk;

	hbk_conn_part(conn, how);
	if ((how & SEND_SHUTDOWN) && conn->filter && !hbk_filtering_finish(conn, how))
		return;
	if (how & SEND_SHUTDOWN)
		hbk_record_notify(conn);
	lock_sock(sk);
	sk->sk_shutdown |= how;
	sk->sk_prot->shutdown(sk, how);
	sk->sk_state_change(sk);
	release_sock(sk);
}

/* Is there anything that the application has not read? What says goodbye is taken out. */
static bool record_unread(struct hbk_conn *conn)
{
	u8 byte;
	struct kvec vec = { .iov_base = &byte, .iov_len = sizeof(byte) };
	struct msghdr msg = {};
	bool unread = false;

	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, sizeof(byte));
	mutex_lock(&conn->rx_lock);
	if ((!conn->peer_notified && !conn->broken) || hbk_conn_holds(conn))
		unread = conn->layer->read(conn, conn->sk->sk_socket, &msg, sizeof(byte),
					   MSG_PEEK) > 0 || conn->layer->unread(conn);
	mutex_unlock(&conn->rx_lock);
	return unread;
}

/* What is closed next ends with a RST. */
static void record_reset(struct sock *sk)
{
	sock_set_flag(sk, SOCK_LINGER);
	sk->sk_lingertime = 0;
}

static bool record_held(struct hbk_conn *conn)
{
	bool held;

	mutex_lock(&conn->tx_lock);
	held = hbk_filtering_holds(conn);
	mutex_unlock(&conn->tx_lock);
	return held;
}

static bool record_lost(struct hbk_conn *conn)
{
	bool lost;

	mutex_lock(&conn->tx_lock);
	lost = conn->layer->lost && conn->layer->lost(conn);
	mutex_unlock(&conn->tx_lock);
	return lost;
}

/**
 * hbk_record_close() - say goodbye before the socket is closed
 * @conn: open; the application is gone
 *
 * A close_notify that the application did not read to must not turn the FIN
 * into a RST, as TCP does for unread data: it is taken out first.  Data that
 * was not read has the effect that it has with TCP: by then a record layer may
 * hold it, so that the socket is told to reset.
 *
 * Context: process, socket not locked; waits for filters alone, for a moment.
 */
void hbk_record_close(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;

	if (conn->filter && (!sock_flag(sk, SOCK_LINGER) || sk->sk_lingertime))
		hbk_filtering_linger(conn);
	/* Before the goodbye: behind half of what was written it would say that this is all. */
	if (conn->filter && record_held(conn))
		record_reset(sk);
	if (record_unread(conn))
		record_reset(sk);
	if (!sock_flag(sk, SOCK_LINGER) || sk->sk_lingertime)
		hbk_record_notify(conn);
	if (record_lost(conn))
		record_reset(sk);
}
