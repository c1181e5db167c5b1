// SPDX-License-Identifier: GPL-2.0-only
/*
 * The handshake as a state machine.
 *
 * A connection's work runs it: whenever the socket's callbacks or the deadline
 * say that something may have changed, the work does what it can without
 * waiting, and returns.  One work never runs twice at once, so that BearSSL's
 * engine needs no lock.  The arithmetic runs with the socket unlocked; only
 * the reads and writes take lock_sock.
 *
 * A silent peer costs no engine: an inbound connection gets its memory with
 * the first byte that arrives.
 */
#include "handshake.h"

#include <linux/slab.h>
#include <net/tcp.h>

#include "callbacks.h"
#include "conn.h"
#include "engine.h"
#include "inject.h"
#include "keys.h"
#include "layer.h"
#include "layer_filter.h"
#include "record.h"
#include "sniff.h"

#define VERSION_MAJOR	3	/* of all TLS versions, RFC 5246 section 6.2.1 */

enum step {
	STEP_AGAIN,	/* there may be more to do */
	STEP_WAIT,	/* the socket's callbacks will bring us back */
	STEP_DONE,
	STEP_FAILED,
};

/*
 * tcp_sendmsg_locked() touches sk_socket and sk_wq where there is no room or no
 * memory, though it is not to wait.  A child in the backlog has neither.
 */
static struct socket_alloc handshake_socket = {
	.socket.wq.wait = __WAIT_QUEUE_HEAD_INITIALIZER(handshake_socket.socket.wq.wait),
};

static void handshake_socket_set(struct sock *sk, struct socket *sock)
{
	write_lock_bh(&sk->sk_callback_lock);
	sk_set_socket(sk, sock);
	rcu_assign_pointer(sk->sk_wq, sock ? &sock->wq : NULL);
	write_unlock_bh(&sk->sk_callback_lock);
}

/* Sends without waiting, past the SEND_SHUTDOWN that bars everyone else, and without Nagle. */
static int handshake_send_bytes(struct hbk_conn *conn, const void *data, size_t length)
{
	struct sock *sk = conn->sk;
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	struct kvec vec = { .iov_base = (void *)data, .iov_len = length };
	u8 nonagle, barred;
	bool slow, alone;
	int sent;

	iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, &vec, 1, length);
	slow = hbk_conn_lock(conn);
	alone = !sk->sk_socket;
	if (alone)
		handshake_socket_set(sk, &handshake_socket.socket);
	nonagle = tcp_sk(sk)->nonagle;
	tcp_sk(sk)->nonagle = TCP_NAGLE_OFF;
	barred = sk->sk_shutdown & SEND_SHUTDOWN;
	sk->sk_shutdown &= ~SEND_SHUTDOWN;
	sent = tcp_sendmsg_locked(sk, &msg, length);
	sk->sk_shutdown |= barred;
	tcp_sk(sk)->nonagle = nonagle;
	if (alone)
		handshake_socket_set(sk, NULL);
	hbk_conn_unlock(conn, slow);
	return sent;
}

static int handshake_take(read_descriptor_t *desc, struct sk_buff *skb, unsigned int offset,
			  size_t length)
{
	size_t part = min(length, desc->count);

	if (skb_copy_bits(skb, offset, desc->arg.data, part))
		return -EFAULT;
	desc->arg.data += part;
	desc->count -= part;
	return part;
}

/* Nothing was there to be read: why? As tcp_recvmsg() says it, but the error stays for the application. */
static int handshake_recv_none(const struct sock *sk)
{
	if (sk->sk_err)
		return -sk->sk_err;
	if ((sk->sk_shutdown & RCV_SHUTDOWN) || sock_flag(sk, SOCK_DONE))
		return 0;
	return sk->sk_state == TCP_CLOSE ? -ECONNRESET : -EAGAIN;
}

static int handshake_recv_bytes(struct hbk_conn *conn, void *data, size_t length)
{
	read_descriptor_t desc = { .arg.data = data, .count = length };
	bool slow;
	int got;

	slow = hbk_conn_lock(conn);
	got = tcp_read_sock(conn->sk, &desc, handshake_take);
	if (!got)
		got = handshake_recv_none(conn->sk);
	hbk_conn_unlock(conn, slow);
	return got;
}

/* TCP may have told an error to us, and tells it once: it goes back to where the application looks. */
static enum step handshake_io_error(struct sock *sk, int err, enum hbk_reason *reason)
{
	if (err == -EAGAIN)
		return STEP_WAIT;
	cmpxchg(&sk->sk_err, 0, -err);
	*reason = err == -ENOMEM ? HBK_REASON_NO_MEMORY : HBK_REASON_RESET;
	return STEP_FAILED;
}

static enum step handshake_send(struct hbk_conn *conn, enum hbk_reason *reason)
{
	struct hbk_handshake *hs = conn->handshake;
	const u8 *data;
	size_t length;
	int sent;

	data = br_ssl_engine_sendrec_buf(&hs->engine, &length);
	sent = HBK_INJECT(HANDSHAKE_SEND) ? -ENOMEM : handshake_send_bytes(conn, data, length);
	if (sent < 0)
		return handshake_io_error(conn->sk, sent, reason);
	br_ssl_engine_sendrec_ack(&hs->engine, sent);
	return STEP_AGAIN;
}

/* The first two bytes tell TLS from anything else. */
static bool handshake_is_tls(struct hbk_handshake *hs, const u8 *data, int length)
{
	int i;

	for (i = 0; i < length && hs->received + i < 2; i++) {
		u32 at = hs->received + i;

		if (at == 0 && data[i] != HBK_RECORD_HANDSHAKE && data[i] != HBK_RECORD_ALERT)
			return false;
		if (at == 1 && data[i] != VERSION_MAJOR)
			return false;
	}
	return true;
}

static enum step handshake_recv(struct hbk_conn *conn, enum hbk_reason *reason)
{
	struct hbk_handshake *hs = conn->handshake;
	size_t length;
	u8 *data = br_ssl_engine_recvrec_buf(&hs->engine, &length);
	int got = HBK_INJECT(HANDSHAKE_RECV) ? -ENOMEM : handshake_recv_bytes(conn, data, length);

	if (got < 0)
		return handshake_io_error(conn->sk, got, reason);
	if (got == 0) {
		*reason = HBK_REASON_TRUNCATED;
		return STEP_FAILED;
	}
	if (!handshake_is_tls(hs, data, got)) {
		*reason = HBK_REASON_NOT_TLS;
		return STEP_FAILED;
	}
	hs->received += got;
	br_ssl_engine_recvrec_ack(&hs->engine, got);
	return STEP_AGAIN;
}

/* What is to be sent goes first: only then SENDAPP means that the handshake is over. */
static enum step handshake_step(struct hbk_conn *conn, enum hbk_reason *reason)
{
	struct hbk_handshake *hs = conn->handshake;
	unsigned int state = br_ssl_engine_current_state(&hs->engine);

	if (state == BR_SSL_CLOSED) {
		*reason = hbk_engine_reason(hs);
		return STEP_FAILED;
	}
	if (state & BR_SSL_SENDREC)
		return handshake_send(conn, reason);
	if (state & BR_SSL_SENDAPP) {
		*reason = hbk_engine_finish(hs);
		return *reason == HBK_REASON_NONE ? STEP_DONE : STEP_FAILED;
	}
	return handshake_recv(conn, reason);
}

static enum step handshake_begin(struct hbk_conn *conn, enum hbk_reason *reason)
{
	struct hbk_handshake *hs;

	if (conn->info.direction == HBK_INBOUND && !(conn->sk->sk_shutdown & RCV_SHUTDOWN) &&
	    skb_queue_empty_lockless(&conn->sk->sk_receive_queue))
		return STEP_WAIT;
	*reason = hbk_conn_admit(conn);
	if (*reason != HBK_REASON_NONE)
		return STEP_FAILED;
	hs = HBK_INJECT(HANDSHAKE) ? NULL : kvzalloc(sizeof(*hs), GFP_KERNEL_ACCOUNT);
	if (!hs) {
		*reason = HBK_REASON_NO_MEMORY;
		return STEP_FAILED;
	}
	conn->handshake = hs;
	if (hbk_engine_start(hs, conn)) {
		*reason = HBK_REASON_PROTOCOL;
		return STEP_FAILED;
	}
	return STEP_AGAIN;
}

/*
 * A connect() that is under way holds the lock, and has a socket in TCP_CLOSE
 * for a moment: only what the lock shows is true.  Nobody else leaves HANDSHAKE.
 */
static enum step handshake_closed(struct hbk_conn *conn, enum hbk_reason *reason)
{
	struct sock *sk = conn->sk;
	bool closed, slow;

	slow = hbk_conn_lock(conn);
	closed = conn->state == HBK_CONN_HANDSHAKE && sk->sk_state == TCP_CLOSE;
	hbk_conn_unlock(conn, slow);
	if (!closed)
		return STEP_WAIT;
	*reason = conn->handshake ? HBK_REASON_RESET : HBK_REASON_UNREACHABLE;
	return STEP_FAILED;
}

/* connect() has failed, and listen() was faster than we: there is nothing to tell. */
static enum step handshake_listens(struct hbk_conn *conn)
{
	bool slow;

	cancel_delayed_work(&conn->deadline);
	slow = hbk_conn_lock(conn);
	if (conn->state == HBK_CONN_HANDSHAKE && conn->sk->sk_state == TCP_LISTEN)
		hbk_conn_disarm(conn);
	hbk_conn_unlock(conn, slow);
	return STEP_WAIT;
}

/* Has our accept() or connect() brought the socket and its struct socket together? */
static bool handshake_is_met(const struct hbk_conn *conn)
{
	return READ_ONCE(conn->accepted) && READ_ONCE(conn->sk->sk_socket);
}

/* TCP's own state decides first whether there is anything to shake hands with. */
static enum step handshake_tcp(struct hbk_conn *conn, enum hbk_reason *reason)
{
	if (conn->keys)
		return handshake_is_met(conn) ? STEP_DONE : STEP_WAIT;
	switch (inet_sk_state_load(conn->sk)) {
	case TCP_CLOSE:
		return handshake_closed(conn, reason);
	case TCP_SYN_SENT:
	case TCP_SYN_RECV:
		return STEP_WAIT;
	case TCP_LISTEN:
		return handshake_listens(conn);
	}
	if (conn->plain)
		return handshake_is_met(conn) ? STEP_DONE : STEP_WAIT;
	hbk_conn_clock_start(conn);
	if (!hbk_sniff_over(conn))
		return conn->plain && handshake_is_met(conn) ? STEP_DONE : STEP_WAIT;
	if (READ_ONCE(conn->expired)) {
		*reason = HBK_REASON_TIMEOUT;
		return STEP_FAILED;
	}
	return conn->handshake ? STEP_AGAIN : handshake_begin(conn, reason);
}

static enum step handshake_run(struct hbk_conn *conn, enum hbk_reason *reason)
{
	enum step step = handshake_tcp(conn, reason);

	while (step == STEP_AGAIN) {
		cond_resched();
		step = READ_ONCE(conn->expired) ? handshake_tcp(conn, reason)
						: handshake_step(conn, reason);
	}
	return step;
}

/*
 * The peer gets an alert and a FIN, the application an error.  A child between
 * accept() and its struct socket is left alone until it starts us again.
 */
static void handshake_fail(struct hbk_conn *conn, enum hbk_reason reason)
{
	u8 alert[] = { HBK_RECORD_ALERT, VERSION_MAJOR, 3, 0, 2, HBK_ALERT_FATAL,
		       hbk_engine_alert(reason) };
	struct sock *sk = conn->sk;
	bool slow;

	if (conn->handshake)
		hbk_engine_fail(conn->handshake);
	if (conn->handshake && alert[6])
		handshake_send_bytes(conn, alert, sizeof(alert));
	slow = hbk_conn_lock(conn);
	if (conn->accepted && !sk->sk_socket) {
		/* accept() takes no child in any of the states that shutdown() leads to. */
		conn->failing = reason;
	} else {
		if (sk->sk_state != TCP_CLOSE)
			sk->sk_prot->shutdown(sk, SEND_SHUTDOWN);
		hbk_conn_failed(conn, reason);
	}
	hbk_conn_unlock(conn, slow);
}

/*
 * connect(AF_UNSPEC) in another thread: the kernel's own disconnect tells no
 * error.  Who does not block may never have called connect() again.
 */
static bool handshake_is_disconnected(const struct sock *sk)
{
	return sk->sk_state == TCP_CLOSE && sk->sk_socket->state != SS_CONNECTED &&
	       sk->sk_socket->state != SS_CONNECTING;
}

static enum hbk_reason handshake_install_reason(int err)
{
	switch (err) {
	case -ENOMEM:
		return HBK_REASON_NO_MEMORY;
	case -ECONNREFUSED:
		return HBK_REASON_FILTER;
	default:
		return HBK_REASON_NO_KTLS;
	}
}

/* What it has is freed first: once it has failed, connect() may begin anew. */
static void handshake_abandon(struct hbk_conn *conn, enum hbk_reason reason)
{
	hbk_layer_release(conn);
	hbk_conn_keys_free(conn);
	handshake_fail(conn, reason);
}

static void handshake_open(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;
	bool stray;
	int err;

	hbk_callbacks_restore(conn);
	err = hbk_layer_install(conn, conn->keys);
	hbk_conn_keys_free(conn);
	if (err) {
		handshake_fail(conn, handshake_install_reason(err));
		return;
	}
	lock_sock(sk);
	/*
	 * A thread that wrote before connect() made the socket ours sleeps in TCP and
	 * would go on there, in plaintext, once it may: then there is no connection.
	 */
	stray = sk->sk_write_pending || handshake_is_disconnected(sk);
	if (!stray)
		hbk_conn_opened(conn);
	release_sock(sk);
	if (stray) {
		handshake_abandon(conn, HBK_REASON_LOCAL_ABORT);
		return;
	}
	if (conn->filter)
		hbk_filtering_kick(conn->filter);	/* of what filters have done before */
	if (conn->shut)
		hbk_record_shutdown(conn, conn->shut);
}

/* Nothing is left of it that anybody could read. */
static bool handshake_is_lost(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;
	bool lost, slow;

	slow = hbk_conn_lock(conn);
	lost = sk->sk_state == TCP_CLOSE && skb_queue_empty(&sk->sk_receive_queue);
	hbk_conn_unlock(conn, slow);
	return lost;
}

/*
 * The connection's filters, if any, come first: their guests run in a work of
 * their own, and whoever has something to tell of it or of TCP starts us again.
 * They may take long, and the time for the handshake is over with that.
 */
static void handshake_filter(struct hbk_conn *conn)
{
	int err;

	if (!conn->filter)
		err = hbk_filtering_open(conn) ?: -EINPROGRESS;
	else
		err = hbk_filtering_opened(conn->filter);
	if (!err)
		handshake_open(conn);
	else if (err != -EINPROGRESS)
		handshake_abandon(conn, handshake_install_reason(err));
	else if (handshake_is_lost(conn))
		handshake_abandon(conn, handshake_is_disconnected(conn->sk) ?
					HBK_REASON_LOCAL_ABORT : HBK_REASON_RESET);
}

/*
 * The keys are all that is kept of a handshake.  A child that is still in the
 * backlog waits with them for its struct socket, which will start us again.
 */
static void handshake_finish(struct hbk_conn *conn)
{
	int err = 0;

	if (!conn->keys && !conn->plain)
		err = hbk_conn_keys_take(conn);
	hbk_handshake_free(conn);
	if (err)
		handshake_fail(conn, err == -ENOMEM ? HBK_REASON_NO_MEMORY : HBK_REASON_PROTOCOL);
	else if (handshake_is_met(conn) && conn->rule->filter_count && !conn->unfiltered)
		handshake_filter(conn);
	else if (handshake_is_met(conn))
		handshake_open(conn);
}

/**
 * hbk_handshake_work() - take the handshake as far as it goes without waiting
 * @work: of a connection
 *
 * Context: workqueue; may sleep, for memory and for the socket lock.
 */
void hbk_handshake_work(struct work_struct *work)
{
	struct hbk_conn *conn = container_of(work, struct hbk_conn, work);
	enum hbk_reason reason = HBK_REASON_PROTOCOL;
	enum step step;

	if (READ_ONCE(conn->released))
		return;
	if (hbk_conn_is_forgotten(conn)) {
		hbk_conn_forget(conn);
		return;
	}
	if (hbk_conn_state(conn) != HBK_CONN_HANDSHAKE)
		return;
	if (conn->filter) {
		handshake_filter(conn);
		return;
	}
	if (conn->failing) {
		handshake_fail(conn, conn->failing);
		return;
	}
	step = handshake_run(conn, &reason);
	if (step == STEP_WAIT)
		return;
	cancel_delayed_work(&conn->deadline);
	if (step == STEP_DONE)
		handshake_finish(conn);
	else
		handshake_fail(conn, reason);
	hbk_handshake_free(conn);
}

/**
 * hbk_handshake_free() - wipe and free what the handshake needed
 * @conn: its work is the caller, or is neither queued nor running
 */
void hbk_handshake_free(struct hbk_conn *conn)
{
	struct hbk_handshake *hs = conn->handshake;

	if (!hs)
		return;
	conn->handshake = NULL;
	hbk_engine_exit(hs);
	kvfree_sensitive(hs, sizeof(*hs));
}
