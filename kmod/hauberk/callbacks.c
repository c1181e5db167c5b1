// SPDX-License-Identifier: GPL-2.0-only
/*
 * The socket's callbacks, while ours stand in for them: until the handshake is
 * over each of them sets its work going; on an open connection they put TCP's
 * errors into the words that the application would have met without us.
 */
#include "callbacks.h"

#include <net/tcp.h>

#include "conn.h"
#include "layer_filter.h"

/* Softirq or process context; the callback lock keeps the connection alive. */
static void callbacks_kick(struct sock *sk)
{
	struct hbk_conn *conn;

	read_lock_bh(&sk->sk_callback_lock);
	conn = hbk_conn_of(sk);
	if (conn && conn->callbacks_taken)
		hbk_conn_start(conn);
	read_unlock_bh(&sk->sk_callback_lock);
}

static void callbacks_data_ready(struct sock *sk)
{
	callbacks_kick(sk);
}

static void callbacks_write_space(struct sock *sk)
{
	callbacks_kick(sk);
}

/* connect() sleeps on these two: the original must be called as well. */
static void callbacks_state_change(struct sock *sk)
{
	struct hbk_conn *conn = hbk_conn_of(sk);

	if (conn)
		conn->state_change(sk);
	callbacks_kick(sk);
}

static void callbacks_error_report(struct sock *sk)
{
	struct hbk_conn *conn = hbk_conn_of(sk);

	if (conn)
		conn->error_report(sk);
	callbacks_kick(sk);
}

/* sk_callback_lock held. */
static void callbacks_save(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;

	conn->data_ready = sk->sk_data_ready;
	conn->write_space = sk->sk_write_space;
	conn->state_change = sk->sk_state_change;
	conn->error_report = sk->sk_error_report;
	conn->callbacks_taken = true;
}

/**
 * hbk_callbacks_take() - let TCP drive the handshake work
 * @conn: attached; may have them taken already
 *
 * Context: process or softirq; takes sk_callback_lock.
 */
void hbk_callbacks_take(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;

	write_lock_bh(&sk->sk_callback_lock);
	if (!conn->callbacks_taken) {
		callbacks_save(conn);
		sk->sk_data_ready = callbacks_data_ready;
		sk->sk_write_space = callbacks_write_space;
		sk->sk_state_change = callbacks_state_change;
		sk->sk_error_report = callbacks_error_report;
	}
	write_unlock_bh(&sk->sk_callback_lock);
}

/**
 * hbk_callbacks_restore() - give the socket its own callbacks back
 * @conn: may have none taken
 *
 * Context: process; takes sk_callback_lock.
 */
void hbk_callbacks_restore(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;

	write_lock_bh(&sk->sk_callback_lock);
	if (conn->callbacks_taken) {
		sk->sk_data_ready = conn->data_ready;
		sk->sk_write_space = conn->write_space;
		sk->sk_state_change = conn->state_change;
		sk->sk_error_report = conn->error_report;
		conn->callbacks_taken = false;
	}
	write_unlock_bh(&sk->sk_callback_lock);
}

/**
 * hbk_callbacks_are_taken() - does the socket, or the one it was cloned from, drive a handshake?
 * @sk: any TCP socket
 *
 * Context: lock_sock held.
 */
bool hbk_callbacks_are_taken(const struct sock *sk)
{
	return sk->sk_state_change == callbacks_state_change;
}

/*
 * A peer that has shut down both ways answers our close_notify with a RST, as
 * it would answer data.  Where nothing but it was under way, TCP alone would
 * have told the application nothing.
 */
static void callbacks_forgive(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;

	if (conn->parting && (conn->closed & SEND_SHUTDOWN) &&
	    (sk->sk_err == ECONNRESET || sk->sk_err == EPIPE) &&
	    !before(tcp_sk(sk)->snd_una, conn->goodbye) &&
	    (sock_flag(sk, SOCK_DONE) || (conn->closed & RCV_SHUTDOWN)))
		WRITE_ONCE(sk->sk_err, 0);
}

static void callbacks_open_error(struct hbk_conn *conn)
{
	const struct hbk_layer *layer = hbk_filtering_below(conn);

	if (layer->error)
		layer->error(conn);
	callbacks_forgive(conn);
}

static void callbacks_open_state_change(struct sock *sk)
{
	struct hbk_conn *conn = hbk_conn_of(sk);

	if (!conn)
		return;
	callbacks_open_error(conn);
	conn->state_change(sk);
	if (conn->filter)
		hbk_filtering_changed(conn);
}

static void callbacks_open_error_report(struct sock *sk)
{
	struct hbk_conn *conn = hbk_conn_of(sk);

	if (!conn)
		return;
	callbacks_open_error(conn);
	conn->error_report(sk);
	if (conn->filter)
		hbk_filtering_changed(conn);
}

static void callbacks_open_data_ready(struct sock *sk)
{
	struct hbk_conn *conn = hbk_conn_of(sk);
	const struct hbk_layer *layer;

	if (!conn)
		return;
	layer = hbk_filtering_below(conn);
	if (layer->data_ready)
		layer->data_ready(sk);
	else
		conn->data_ready(sk);
	hbk_filtering_came(conn);
}

static void callbacks_open_write_space(struct sock *sk)
{
	struct hbk_conn *conn = hbk_conn_of(sk);

	if (!conn)
		return;
	conn->write_space(sk);
	hbk_filtering_room(conn);
}

/**
 * hbk_callbacks_open() - those that stay until the application closes the socket
 * @conn: about to be open, with its layer; has its own callbacks back
 *
 * Context: process, with lock_sock held; takes sk_callback_lock.
 */
void hbk_callbacks_open(struct hbk_conn *conn)
{
	const struct hbk_layer *layer = hbk_filtering_below(conn);
	struct sock *sk = conn->sk;

	write_lock_bh(&sk->sk_callback_lock);
	callbacks_save(conn);
	if (layer->data_ready)
		sk->sk_data_ready = layer->data_ready;
	if (conn->filter) {
		sk->sk_data_ready = callbacks_open_data_ready;
		sk->sk_write_space = callbacks_open_write_space;
	}
	sk->sk_state_change = callbacks_open_state_change;
	sk->sk_error_report = callbacks_open_error_report;
	write_unlock_bh(&sk->sk_callback_lock);
}
