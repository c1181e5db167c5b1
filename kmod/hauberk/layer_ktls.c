// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernel TLS as a record layer.
 *
 * kTLS hands records that are not data to a reader who brings room for a
 * control message, and EIO to one who does not: each read brings a control
 * buffer of ours.
 */
#include "layer_ktls.h"

#include <linux/tls.h>
#include <linux/uio.h>
#include <net/strparser.h>
#include <net/tcp.h>
#include <net/tls.h>

#include "conn.h"
#include "record.h"

#define ALERT_ROOM	SZ_64K	/* bytes of send buffer that one alert may need beyond the limit */

/*
 * Other flags, which TCP accepts or ignores, kTLS refuses.  MSG_OOB it is to
 * refuse.  MSG_MORE, which would keep a record open for ever, becomes TCP's.
 */
#ifdef MSG_SPLICE_PAGES
#define KTLS_SPLICE_PAGES	MSG_SPLICE_PAGES
#else
#define KTLS_SPLICE_PAGES	0
#endif
#define KTLS_SEND_FLAGS	(MSG_DONTWAIT | MSG_NOSIGNAL | MSG_CMSG_COMPAT | KTLS_SPLICE_PAGES | MSG_OOB)

union ktls_control {
	struct cmsghdr header;		/* aligns the buffer */
	u8 bytes[CMSG_SPACE(sizeof(u8))];
};

/* As the reader or the sender of a record, in a message whose control buffer is the kernel's. */
static void ktls_control_bind(struct msghdr *msg, union ktls_control *control)
{
	memset(control, 0, sizeof(*control));
	msg->msg_control = control;
	msg->msg_controllen = sizeof(control->bytes);
	msg->msg_control_is_user = false;
	msg->msg_flags &= ~MSG_CMSG_COMPAT;
}

static u8 ktls_control_type(const union ktls_control *control, const struct msghdr *msg)
{
	if (msg->msg_controllen == sizeof(control->bytes))
		return HBK_RECORD_DATA;
	return *(const u8 *)CMSG_DATA(&control->header);
}

/* TCP keeps the last segment back while this is so, but no longer than a fifth of a second. */
static bool ktls_cork(struct sock *sk, int flags)
{
	struct tcp_sock *tp = tcp_sk(sk);
	bool cork;

	if (!(flags & MSG_MORE))
		return false;
	lock_sock(sk);
	cork = !(tp->nonagle & TCP_NAGLE_CORK);
	tp->nonagle |= TCP_NAGLE_CORK;
	release_sock(sk);
	return cork;
}

static void ktls_uncork(struct sock *sk, bool corked)
{
	if (!corked)
		return;
	lock_sock(sk);
	tcp_sk(sk)->nonagle &= ~TCP_NAGLE_CORK;
	release_sock(sk);
}

static int ktls_sendmsg(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
			size_t length)
{
	bool corked = ktls_cork(conn->sk, msg->msg_flags);
	int sent;

	msg->msg_flags &= KTLS_SEND_FLAGS;
	sent = conn->base->sendmsg(sock, msg, length);
	ktls_uncork(conn->sk, corked);
	return sent;
}

#ifdef HBK_HAVE_SENDPAGE
static ssize_t ktls_sendpage(struct hbk_conn *conn, struct socket *sock, struct page *page,
			     int offset, size_t size, int flags)
{
	bool corked = ktls_cork(conn->sk, flags);
	ssize_t sent = conn->base->sendpage(sock, page, offset, size, flags & ~MSG_MORE);

	ktls_uncork(conn->sk, corked);
	return sent;
}
#endif

static void ktls_send_alert(struct sock *sk, u8 level, u8 description)
{
	u8 alert[HBK_ALERT_LENGTH] = { level, description };
	struct kvec vec = { .iov_base = alert, .iov_len = sizeof(alert) };
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	union ktls_control control;

	iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, &vec, 1, sizeof(alert));
	ktls_control_bind(&msg, &control);
	control.header.cmsg_level = SOL_TLS;
	control.header.cmsg_type = TLS_SET_RECORD_TYPE;
	control.header.cmsg_len = CMSG_LEN(sizeof(u8));
	*(u8 *)CMSG_DATA(&control.header) = HBK_RECORD_ALERT;
	READ_ONCE(sk->sk_prot)->sendmsg(sk, &msg, sizeof(alert));
}

/*
 * The send buffer, and the bound on unsent data that TCP_NOTSENT_LOWAT may set,
 * are widened for the length of this one record.
 */
static int ktls_alert(struct hbk_conn *conn, u8 level, u8 description)
{
	struct sock *sk = conn->sk;
	struct tcp_sock *tp = tcp_sk(sk);
	int before, wide;
	u32 lowat;

	lock_sock(sk);
	before = sk->sk_sndbuf;
	wide = max(before, sk->sk_wmem_queued) + ALERT_ROOM;
	WRITE_ONCE(sk->sk_sndbuf, wide);
	lowat = tp->notsent_lowat;
	WRITE_ONCE(tp->notsent_lowat, U32_MAX);
	release_sock(sk);
	ktls_send_alert(sk, level, description);
	cmpxchg(&tp->notsent_lowat, U32_MAX, lowat);
	cmpxchg(&sk->sk_sndbuf, wide, before);
	return HBK_ALERT_LENGTH + tls_get_ctx(sk)->prot_info.overhead_size;
}

/* One record, or data of several; the application's control buffer stays untouched. */
static int ktls_read_record(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
			    size_t length, int flags, u8 *type)
{
	struct msghdr user = *msg;
	union ktls_control control;
	int got;

	ktls_control_bind(msg, &control);
	got = conn->base->recvmsg(sock, msg, length, flags | MSG_DONTWAIT);
	*type = ktls_control_type(&control, msg);
	msg->msg_control = user.msg_control;
	msg->msg_controllen = user.msg_controllen;
	msg->msg_control_is_user = user.msg_control_is_user;
	msg->msg_flags = (msg->msg_flags & ~MSG_EOR) | (user.msg_flags & MSG_CMSG_COMPAT);
	return got;
}

static int ktls_read_bytes(struct hbk_conn *conn, struct socket *sock, u8 *bytes, size_t length)
{
	struct kvec vec = { .iov_base = bytes, .iov_len = length };
	struct msghdr msg = {};
	u8 type;

	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, length);
	return ktls_read_record(conn, sock, &msg, length, 0, &type);
}

/*
 * An alert was written to where the data would have gone: it is read back from
 * there through a copy of the iterator as it was.  An application that
 * scribbles over it meanwhile deceives itself alone.  What did not fit, or was
 * only peeked at, is taken out of kTLS's queue: no one else reads now.
 *
 * Return: how much of it there is.
 */
static size_t ktls_alert_content(struct hbk_conn *conn, struct socket *sock,
				 struct iov_iter begin, size_t got, int flags,
				 u8 alert[HBK_ALERT_LENGTH])
{
	int more;

	if (flags & MSG_PEEK) {
		more = ktls_read_bytes(conn, sock, alert, HBK_ALERT_LENGTH);
		return max(more, 0);
	}
	got = min_t(size_t, got, HBK_ALERT_LENGTH);
	begin.data_source = ITER_SOURCE;
	if (copy_from_iter(alert, got, &begin) != got)
		return 0;
	if (got == HBK_ALERT_LENGTH)
		return got;
	more = ktls_read_bytes(conn, sock, alert + got, HBK_ALERT_LENGTH - got);
	return got + max(more, 0);
}

#define FAULTS_MIND	SZ_64K	/* looking at each page of a large buffer costs too much */

/*
 * kTLS decrypts into the application's own pages, and takes a page that is not
 * there for a record that cannot be decrypted.  Where the application has
 * pointed to one, it gets its bytes by way of the kernel's pages from now on.
 */
static void ktls_mind_faults(struct hbk_conn *conn, struct msghdr *msg, size_t length)
{
	struct sock *sk = conn->sk;
	struct tls_sw_context_rx *rx = tls_sw_ctx_rx(tls_get_ctx(sk));
	size_t queued = max(tcp_inq(sk), 0);

	if (!rx->zc_capable || (!queued && !rx->strp.copy_mode))
		return;
	length = min3(length, max_t(size_t, queued, TLS_MAX_PAYLOAD_SIZE), (size_t)FAULTS_MIND);
	if (!fault_in_iov_iter_writeable(&msg->msg_iter, length))
		return;
	lock_sock(sk);
	rx->zc_capable = 0;
	release_sock(sk);
}

/* As in kTLS's own header, which is private. */
static u8 ktls_skb_type(const struct sk_buff *skb)
{
	return ((const struct sk_skb_cb *)skb->cb)->tls.control;
}

/* Records that kTLS has decrypted. False if one of them is no data: nothing is readable behind it. */
static bool ktls_count_decrypted(struct tls_sw_context_rx *rx, int *count)
{
	struct sk_buff *skb;

	skb_queue_walk(&rx->rx_list, skb) {
		if (ktls_skb_type(skb) != HBK_RECORD_DATA)
			return false;
		*count += strp_msg(skb)->full_len;
	}
	return true;
}

/* A walk over the bytes in TCP's receive queue. */
struct ktls_walk {
	struct sk_buff_head *queue;
	struct sk_buff *skb;
	u32 seq;
};

/* Copies @length bytes, or passes over them where @to is NULL. False when they are not all there. */
static bool ktls_walk_step(struct ktls_walk *walk, u8 *to, u32 length)
{
	while (length) {
		u32 offset, part;

		if (!walk->skb)
			return false;
		offset = walk->seq - TCP_SKB_CB(walk->skb)->seq;
		if (offset >= walk->skb->len) {
			walk->skb = skb_peek_next(walk->skb, walk->queue);
			continue;
		}
		part = min(length, walk->skb->len - offset);
		if (to) {
			if (skb_copy_bits(walk->skb, offset, to, part))
				return false;
			to += part;
		}
		walk->seq += part;
		length -= part;
	}
	return true;
}

/* Whole records of data that kTLS has not decrypted yet. */
static int ktls_count_queued(struct hbk_conn *conn, int overhead)
{
	struct sock *sk = conn->sk;
	struct ktls_walk walk = { .queue = &sk->sk_receive_queue,
				  .skb = skb_peek(&sk->sk_receive_queue),
				  .seq = tcp_sk(sk)->copied_seq };
	u8 header[TLS_HEADER_SIZE];
	int length, count = 0;

	while (ktls_walk_step(&walk, header, sizeof(header)) && header[0] == HBK_RECORD_DATA) {
		length = header[3] << 8 | header[4];
		if (!ktls_walk_step(&walk, NULL, length))
			break;
		count += max(length + TLS_HEADER_SIZE - overhead, 0);
	}
	return count;
}

/* A record that kTLS has copied out of TCP's queue for want of window comes before what is in it. */
static int ktls_readable(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;
	struct tls_context *tls = tls_get_ctx(sk);
	struct tls_sw_context_rx *rx = tls_sw_ctx_rx(tls);
	int overhead = tls->prot_info.overhead_size, count = 0;

	lock_sock(sk);
	if (!ktls_count_decrypted(rx, &count))
		goto out;
	if (rx->strp.copy_mode) {
		if (!rx->strp.msg_ready || rx->strp.mark != HBK_RECORD_DATA)
			goto out;
		count += max(rx->strp.stm.full_len - overhead, 0);
	}
	count += ktls_count_queued(conn, overhead);
out:
	release_sock(sk);
	return count;
}

/*
 * Nothing was there to read.  A bad header stops kTLS's parser, which says so
 * once, to whoever looks first at sk_err.  Records without a byte stay in its
 * list when they were peeked at.
 */
static int ktls_nothing(struct hbk_conn *conn)
{
	struct tls_sw_context_rx *rx = tls_sw_ctx_rx(tls_get_ctx(conn->sk));

	if (rx->strp.stopped)
		return hbk_record_broken(conn, HBK_REASON_BAD_RECORD);
	if (skb_queue_len_lockless(&rx->rx_list) > HBK_RECORD_EMPTY)
		return hbk_record_broken(conn, HBK_REASON_PROTOCOL);
	return -EAGAIN;
}

static int ktls_peeked(struct hbk_conn *conn, int got, int flags)
{
	struct tls_sw_context_rx *rx = tls_sw_ctx_rx(tls_get_ctx(conn->sk));

	if ((flags & MSG_PEEK) &&
	    skb_queue_len_lockless(&rx->rx_list) > got + HBK_RECORD_EMPTY)
		return hbk_record_broken(conn, HBK_REASON_PROTOCOL);
	return got;
}

/* Data comes before an error, as in TCP, which is told by the read that finds nothing else. */
static int ktls_read_first(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
			   size_t length, int flags, u8 *type)
{
	struct sock *sk = conn->sk;
	int err = READ_ONCE(sk->sk_err);
	int got = ktls_read_record(conn, sock, msg, length, flags, type);

	if (err && got == -err && ktls_readable(conn))
		got = ktls_read_record(conn, sock, msg, length, flags, type);
	if (err && got > 0)
		cmpxchg(&sk->sk_err, 0, err);
	return got;
}

/* The error of a stopped parser is told as any other of TCP's by then. */
static int ktls_end(struct hbk_conn *conn, int err)
{
	if (err == -ECONNRESET && tls_sw_ctx_rx(tls_get_ctx(conn->sk))->strp.stopped)
		return hbk_record_broken(conn, HBK_REASON_BAD_RECORD);
	return hbk_record_end(conn, err);
}

static int ktls_read(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
		     size_t length, int flags)
{
	const struct iov_iter begin = msg->msg_iter;
	u8 alert[HBK_ALERT_LENGTH], type;
	int got, meaning, skipped;

	/* What is peeked at stays in memory, beside what TCP counts. */
	if (flags & MSG_PEEK)
		length = min_t(size_t, length, READ_ONCE(conn->sk->sk_rcvbuf));
	else
		ktls_mind_faults(conn, msg, length);
	for (skipped = 0; skipped < HBK_RECORD_WARNINGS; skipped++) {
		got = ktls_read_first(conn, sock, msg, length, flags, &type);
		if (got == -EAGAIN)
			return ktls_nothing(conn);
		if (type == HBK_RECORD_DATA)
			return got > 0 ? ktls_peeked(conn, got, flags) : ktls_end(conn, got);
		if (got < 0)
			return ktls_end(conn, got);
		got = ktls_alert_content(conn, sock, begin, got, flags, alert);
		meaning = hbk_record_meaning(conn, type, alert, got);
		msg->msg_iter = begin;
		if (meaning != HBK_RECORD_SKIPPED)
			return meaning;
	}
	return hbk_record_broken(conn, HBK_REASON_PROTOCOL);
}

/*
 * All that tls_sw_recvmsg() looks at before it gives -EAGAIN.  While somebody
 * owns the socket, what has arrived may be in its backlog: tls_sw_recvmsg()
 * would wait for that.  What arrives after this look wakes whoever waits.
 */
static bool ktls_quiet(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;
	struct tls_sw_context_rx *rx = tls_sw_ctx_rx(tls_get_ctx(sk));

	if (sock_owned_by_user_nocheck(sk))
		return false;
	smp_rmb();	/* a backlog is queued before the socket is released: look in that order, too */
	return skb_queue_empty_lockless(&sk->sk_receive_queue) &&
	       skb_queue_empty_lockless(&rx->rx_list) &&
	       !READ_ONCE(rx->strp.msg_ready) && !rx->strp.stopped &&
	       !READ_ONCE(rx->async_wait.err) && !READ_ONCE(sk->sk_err) &&
	       !(READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN) && !sock_flag(sk, SOCK_DONE);
}

static bool ktls_unread(struct hbk_conn *conn)
{
	return tls_sw_ctx_rx(tls_get_ctx(conn->sk))->strp.copy_mode;
}

/* kTLS calls a record readable that is no data, or is empty: whether it tells anything shows when it is read. */
static bool ktls_tells(struct hbk_conn *conn)
{
	struct tls_context *tls = tls_get_ctx(conn->sk);
	struct tls_sw_context_rx *rx = tls_sw_ctx_rx(tls);
	u8 byte;
	struct kvec vec = { .iov_base = &byte, .iov_len = sizeof(byte) };
	struct msghdr msg = {};
	int got;

	if (skb_queue_empty_lockless(&rx->rx_list) && READ_ONCE(rx->strp.msg_ready) &&
	    rx->strp.mark == HBK_RECORD_DATA &&
	    READ_ONCE(rx->strp.stm.full_len) > tls->prot_info.overhead_size)
		return true;
	iov_iter_kvec(&msg.msg_iter, ITER_DEST, &vec, 1, sizeof(byte));
	mutex_lock(&conn->rx_lock);
	got = ktls_read(conn, conn->sk->sk_socket, &msg, sizeof(byte), MSG_PEEK);
	mutex_unlock(&conn->rx_lock);
	return got != -EAGAIN;
}

/* As many bytes as the application wants to be told of, or as many as TCP can hold. */
static bool ktls_is_readable(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;

	if (READ_ONCE(conn->broken))
		return true;
	if (!sk_is_readable(sk) || !ktls_tells(conn))
		return false;
	return READ_ONCE(conn->rcvlowat) <= 1 || conn->peer_notified || conn->broken ||
	       hbk_record_readable(conn) >= READ_ONCE(conn->rcvlowat) ||
	       tcp_epollin_ready(sk, INT_MAX);
}

/*
 * Bytes of a record that is not complete make tcp_poll() say EPOLLIN: not so for
 * plaintext.  kTLS's own poll, where it has one, takes that back, and with it
 * what tells of a bad header: a read meets an error, also when nobody finds it
 * in sk_err any more.
 */
static __poll_t ktls_poll(struct hbk_conn *conn, struct file *file, struct socket *sock,
			  struct poll_table_struct *wait)
{
	struct sock *sk = sock->sk;
	__poll_t mask = conn->lower->poll(file, sock, wait);

	if (tls_sw_ctx_rx(tls_get_ctx(sk))->strp.stopped)
		return mask | EPOLLIN | EPOLLRDNORM;
	if ((mask & EPOLLIN) && !(READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN) &&
	    !READ_ONCE(sk->sk_err) && !ktls_is_readable(conn))
		mask &= ~(EPOLLIN | EPOLLRDNORM);
	return mask;
}

/*
 * kTLS is silent about what comes behind a record that nobody has read, where
 * TCP tells of each segment.
 */
static void ktls_data_ready(struct sock *sk)
{
	struct hbk_conn *conn = hbk_conn_of(sk);
	struct tls_sw_context_rx *rx;
	bool unread;

	if (!conn)
		return;
	rx = tls_sw_ctx_rx(tls_get_ctx(sk));
	unread = READ_ONCE(rx->strp.msg_ready);
	conn->data_ready(sk);
	if (unread || READ_ONCE(conn->rcvlowat) > 1)
		rx->saved_data_ready(sk);
}

/* What kTLS says of records that it cannot read, TCP does not say. */
static void ktls_error(struct hbk_conn *conn)
{
	switch (conn->sk->sk_err) {
	case EBADMSG:
	case EINVAL:
	case EMSGSIZE:
		hbk_conn_end(conn, HBK_REASON_BAD_RECORD);
		WRITE_ONCE(conn->sk->sk_err, ECONNRESET);
	}
}

const struct hbk_layer hbk_layer_ktls = {
	.sendmsg = ktls_sendmsg,
#ifdef HBK_HAVE_SENDPAGE
	.sendpage = ktls_sendpage,
#endif
	.alert = ktls_alert,
	.read = ktls_read,
	.quiet = ktls_quiet,
	.readable = ktls_readable,
	.unread = ktls_unread,
	.poll = ktls_poll,
	.data_ready = ktls_data_ready,
	.error = ktls_error,
};
