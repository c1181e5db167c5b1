// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who speaks first, and how, decides about a handshake where the rule says so.
 *
 * Inbound, permissive: a peer that begins with anything but a ClientHello, or
 * that says nothing for a while because it waits for the server's greeting,
 * is a plaintext peer.  Inbound, passthrough: a ClientHello without our name is
 * meant for the application.  What is looked at stays in the receive queue.
 *
 * Outbound, passthrough: our handshake waits until the application writes.  If
 * that is a ClientHello, its own TLS is all there is.  If it reads first, or
 * only waits to read, or says nothing for a while, the handshake begins.
 * Outbound, refuse: the handshake does not wait; an application that begins
 * with a ClientHello is reset.
 *
 * The handshake work alone decides; an application's thread leaves what it has
 * seen in the connection and sets the work going.
 */
#include "sniff.h"

#include <linux/uio.h>
#include <net/tcp.h>

#include "../core/hello.h"
#include "conn.h"

/* What is in the receive queue, and stays there. */
static size_t sniff_peek(struct hbk_conn *conn, u8 *data, size_t room)
{
	struct sock *sk = conn->sk;
	u32 seq, offset, part;
	struct sk_buff *skb;
	size_t got = 0;
	bool slow;

	slow = hbk_conn_lock(conn);
	seq = tcp_sk(sk)->copied_seq;
	skb_queue_walk(&sk->sk_receive_queue, skb) {
		offset = seq - TCP_SKB_CB(skb)->seq;
		if (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_SYN)
			offset--;
		if (got == room)
			break;
		if (offset >= skb->len)
			continue;
		part = min_t(size_t, skb->len - offset, room - got);
		if (skb_copy_bits(skb, offset, data + got, part))
			break;
		got += part;
		seq += part;
	}
	hbk_conn_unlock(conn, slow);
	return got;
}

/* Whatever it carries goes through the rule's filters, if it has any: also TLS that is not ours. */
static bool sniff_leave_plain(struct hbk_conn *conn, atomic64_t *counter)
{
	cancel_delayed_work_sync(&conn->deadline);
	if (!conn->rule->filter_count) {
		hbk_conn_plain(conn, counter);
		return false;
	}
	atomic64_inc(counter);
	conn->plain = true;
	return false;
}

static bool sniff_application(struct hbk_conn *conn)
{
	/* Pairs with hbk_conn_want(): who writes leaves his first words before he wants. */
	bool wanted = smp_load_acquire(&conn->wanted) || READ_ONCE(conn->expired);

	if (READ_ONCE(conn->own_tls))
		return sniff_leave_plain(conn, &conn->rule->passed);
	if (!wanted)
		return false;
	hbk_conn_sniff_end(conn);
	return true;
}

static bool sniff_peer(struct hbk_conn *conn)
{
	bool permissive = conn->rule->action == HBK_PERMISSIVE;
	bool passthrough = conn->rule->on_tls == HBK_ON_TLS_PASSTHROUGH;
	bool last = READ_ONCE(conn->expired) || (READ_ONCE(conn->sk->sk_shutdown) & RCV_SHUTDOWN);
	u8 data[HBK_HELLO_MAX];
	size_t length = sniff_peek(conn, data, sizeof(data));
	enum hbk_hello hello = passthrough ? hbk_hello_scan(data, length)
					   : hbk_hello_begins(data, length);

	if (hello == HBK_HELLO_MORE && !last)
		return false;
	if (permissive && (hello == HBK_HELLO_NONE || !length))
		return sniff_leave_plain(conn, &conn->rule->plain);
	if (passthrough && hello == HBK_HELLO_OTHER)
		return sniff_leave_plain(conn, &conn->rule->passed);
	if (!permissive && READ_ONCE(conn->expired))
		return true;	/* all its time is over */
	hbk_conn_sniff_end(conn);
	return true;
}

/**
 * hbk_sniff_over() - is there to be a handshake?
 * @conn: in HANDSHAKE, its TCP connection stands
 *
 * Context: the handshake work.
 * Return: true if so; false if that is not decided yet, or if the connection
 * was left plain, in which case it is not in HANDSHAKE any more, or has filters.
 */
bool hbk_sniff_over(struct hbk_conn *conn)
{
	switch (conn->sniff) {
	case HBK_SNIFF_APPLICATION:
		return sniff_application(conn);
	case HBK_SNIFF_PEER:
		return sniff_peer(conn);
	default:
		return true;
	}
}

/**
 * hbk_sniff_words() - look at what an application is about to write first
 * @conn: outbound; any state but idle
 * @msg: to be sent; it is left as it is
 *
 * Context: the writing task; may fault pages in.
 */
void hbk_sniff_words(struct hbk_conn *conn, const struct msghdr *msg)
{
	struct iov_iter words = msg->msg_iter;
	u8 head[HBK_HELLO_HEAD];
	size_t length;

	if (READ_ONCE(conn->spoken))
		return;
	length = copy_from_iter(head, min(sizeof(head), iov_iter_count(&words)), &words);
	if (!length)
		return;
	if (hbk_hello_begins(head, length) == HBK_HELLO_OTHER)
		WRITE_ONCE(conn->own_tls, true);
	WRITE_ONCE(conn->spoken, true);
}

/**
 * hbk_sniff_refuses() - reset an application that speaks TLS itself, if the rule says so
 * @conn: open
 *
 * Context: process, socket not locked.
 * Return: true if it was reset.
 */
bool hbk_sniff_refuses(struct hbk_conn *conn)
{
	if (likely(!READ_ONCE(conn->own_tls)) || conn->plain || conn->rule->on_tls != HBK_ON_TLS_REFUSE)
		return false;
	hbk_conn_end(conn, HBK_REASON_OWN_TLS);
	tcp_abort(conn->sk, ECONNRESET);
	return true;
}

/**
 * hbk_sniff_poll() - what an application may do while its first words are awaited
 * @conn: in HANDSHAKE
 * @wait: says what it waits for
 *
 * Who waits to write is let write; who only waits to read waits for the handshake.
 *
 * Context: process.
 * Return: EPOLLOUT and EPOLLWRNORM, or 0.
 */
__poll_t hbk_sniff_poll(struct hbk_conn *conn, struct poll_table_struct *wait)
{
	if (conn->sniff != HBK_SNIFF_APPLICATION || READ_ONCE(conn->wanted) ||
	    READ_ONCE(conn->own_tls))
		return 0;
	if (!(poll_requested_events(wait) & (EPOLLOUT | EPOLLWRNORM))) {
		hbk_conn_want(conn);
		return 0;
	}
	return inet_sk_state_load(conn->sk) == TCP_SYN_SENT ? 0 : EPOLLOUT | EPOLLWRNORM;
}
