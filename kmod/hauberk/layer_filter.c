// SPDX-License-Identifier: GPL-2.0-only
/* The filters of an open connection: the work that goes on by itself, and who is told of what. */
#include "layer_filter.h"

#include <linux/delay.h>
#include <net/tcp.h>

#include "conn.h"
#include "filter_env.h"
#include "inject.h"
#include "record.h"

#define FILTERING_RETRY	(HZ / 50 + 1)	/* where nobody tells that TCP has room again */
#define LEAVE_TIME	(2 * HZ)	/* in which a peer may end what it sends, once a filter has ended the connection */
#define LEAVE_BYTES	SZ_16M		/* of that */
#define RESET_LATE	300		/* ms, where it is ordered to come late */

static void filtering_queue(struct hbk_filtering *filtering)
{
	if (!READ_ONCE(filtering->dead))
		mod_delayed_work(hbk_filter_workqueue, &filtering->work, 0);
}

/**
 * hbk_filtering_kick() - let the work look at the connection, and all who sleep on its socket
 * @filtering: of which
 *
 * Context: any.
 */
void hbk_filtering_kick(struct hbk_filtering *filtering)
{
	WRITE_ONCE(filtering->told, true);
	filtering_queue(filtering);
}

/**
 * hbk_filtering_later() - the same after a while, unless something happens before
 * @filtering: of which
 *
 * Context: process, tx_lock held.
 */
void hbk_filtering_later(struct hbk_filtering *filtering)
{
	/* Nearly always TCP tells before: the longer it does not, the more patience there is. */
	filtering->retry = clamp_t(unsigned long, 2 * filtering->retry, FILTERING_RETRY, HZ);
	if (!READ_ONCE(filtering->dead))
		queue_delayed_work(hbk_filter_workqueue, &filtering->work, filtering->retry);
}

/**
 * hbk_filtering_room() - TCP has room again
 * @conn: open
 *
 * Context: any.
 */
void hbk_filtering_room(struct hbk_conn *conn)
{
	if (READ_ONCE(conn->filter->tx_waiting))
		filtering_queue(conn->filter);
}

/**
 * hbk_filtering_came() - something has been received
 * @conn: open
 *
 * Context: any.
 */
void hbk_filtering_came(struct hbk_conn *conn)
{
	if (READ_ONCE(conn->filter->leaving) && !READ_ONCE(conn->filter->left))
		filtering_queue(conn->filter);
}

/**
 * hbk_filtering_changed() - TCP's connection may have come to its end
 * @conn: open
 *
 * Context: any.
 */
void hbk_filtering_changed(struct hbk_conn *conn)
{
	wake_up_all(&conn->filter->drained);
	hbk_filtering_came(conn);
}

/*
 * A filter has failed that must not: neither side may take what came so far for
 * all there is.  The chain is locked: nothing comes behind what has failed, and
 * who finds that must find the reset, too, or he takes it for an end.
 */
static void filtering_reset(struct hbk_filtering *filtering)
{
	if (filtering->reset)
		return;
	if (HBK_INJECT(FILTERING_RESET))
		msleep(RESET_LATE);
	WRITE_ONCE(filtering->reset, true);
	hbk_conn_end(filtering->conn, HBK_REASON_FILTER);
	tcp_abort(filtering->conn->sk, ECONNRESET);
}

/* Somebody found none. The chain is locked. */
static bool filtering_has_room(struct hbk_filtering *filtering, enum hbk_chain_flow flow)
{
	return filtering->starved[flow] && hbk_chain_room(filtering->chain, flow);
}

/* Whoever waits for the flow has something to look at. The chain is locked. */
static bool filtering_has_news(struct hbk_filtering *filtering, enum hbk_chain_flow flow)
{
	struct hbk_chain *chain = filtering->chain;
	bool ended = hbk_chain_out_ended(chain, flow) && !filtering->ended[flow];
	size_t length;

	filtering->ended[flow] |= ended;
	hbk_chain_out(chain, flow, &length);
	return length || ended || (hbk_chain_wants_close(chain) && !filtering->parted) ||
	       filtering_has_room(filtering, flow);
}

/**
 * hbk_filtering_unlock() - unlock the chain, and see to what a push has led to besides
 * @filtering: its chain is locked
 * @flow: where was pushed, and what came out was taken, if there was room for it
 *
 * Context: process, socket not locked.
 */
void hbk_filtering_unlock(struct hbk_filtering *filtering, enum hbk_chain_flow flow)
{
	enum hbk_chain_flow other = hbk_chain_other(flow);
	struct hbk_chain *chain = filtering->chain;
	bool failed = hbk_chain_has_failed(chain), news;

	filtering->ended[flow] = hbk_chain_out_ended(chain, flow);
	WRITE_ONCE(filtering->clear[flow], hbk_chain_is_clear(chain, flow));
	news = filtering_has_news(filtering, other) || filtering_has_room(filtering, flow);
	if (news)
		filtering->starved[other] = filtering->starved[flow] = false;
	if (news || failed || hbk_chain_wants_close(chain))
		WRITE_ONCE(filtering->clear[other], false);
	if (failed)
		filtering_reset(filtering);
	mutex_unlock(&filtering->lock);
	if (news && !failed)
		hbk_filtering_kick(filtering);
}

/**
 * hbk_filtering_below() - the layer that carries the bytes
 * @conn: with a layer
 */
const struct hbk_layer *hbk_filtering_below(const struct hbk_conn *conn)
{
	return conn->filter ? conn->filter->below : conn->layer;
}

static void filtering_resume(struct hbk_filtering *filtering)
{
	mutex_lock(&filtering->lock);
	if (xchg(&filtering->woken, false)) {
		hbk_chain_resume(filtering->chain);
		WRITE_ONCE(filtering->clear[HBK_CHAIN_REQUEST], false);
		WRITE_ONCE(filtering->clear[HBK_CHAIN_RESPONSE], false);
	}
	if (hbk_chain_has_failed(filtering->chain))
		filtering_reset(filtering);
	mutex_unlock(&filtering->lock);
}

/* Everyone who sleeps on the socket or polls it looks again. The socket's own callback: ours would kick the work. */
static void filtering_wake(struct hbk_filtering *filtering, bool writers)
{
	struct hbk_conn *conn = filtering->conn;
	struct sock *sk = conn->sk;

	lock_sock(sk);
	if (writers && sk->sk_socket && conn->callbacks_taken) {
		set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		conn->write_space(sk);
	}
	sk->sk_state_change(sk);
	read_lock_bh(&sk->sk_callback_lock);
	sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
	read_unlock_bh(&sk->sk_callback_lock);
	release_sock(sk);
	wake_up_all(&filtering->drained);
}

static bool filtering_wants_close(struct hbk_filtering *filtering)
{
	bool wants;

	mutex_lock(&filtering->lock);
	wants = hbk_chain_wants_close(filtering->chain) && !hbk_chain_has_failed(filtering->chain);
	mutex_unlock(&filtering->lock);
	return wants;
}

static void filtering_leave_begin(struct hbk_filtering *filtering)
{
	bool due;

	mutex_lock(&filtering->lock);
	due = hbk_chain_is_due(filtering->chain, filtering->rx_flow);
	mutex_unlock(&filtering->lock);
	filtering->until = jiffies + LEAVE_TIME;
	filtering->heard = due ? jiffies : jiffies - HBK_FILTERING_QUIET;
	filtering->patience = LEAVE_BYTES;
	hbk_conn_end(filtering->conn, HBK_REASON_FILTER);
	WRITE_ONCE(filtering->leaving, true);
}

/*
 * A client that is still sending when it is answered would lose the answer: if
 * the application closed the socket now, TCP would reset the connection.  So it
 * is told of the end when the client has ended, too, or had its time.  A server
 * has nothing to lose.
 */
static bool filtering_may_leave(struct hbk_filtering *filtering)
{
	if (time_after_eq(jiffies, filtering->until))
		return true;
	if (!filtering->parted)
		return false;
	return filtering->rx_flow == HBK_CHAIN_RESPONSE || hbk_filtering_drain(filtering);
}

/* A filter has asked for the end. Return: whether something has changed. */
static bool filtering_leave(struct hbk_filtering *filtering, bool flushed)
{
	struct hbk_conn *conn = filtering->conn;
	bool changed = false;

	if (!filtering->leaving)
		filtering_leave_begin(filtering);
	if (flushed && !filtering->parted) {
		WRITE_ONCE(filtering->parted, true);
		hbk_record_shutdown(conn, SEND_SHUTDOWN);
		changed = true;
	}
	if (!filtering->left && filtering_may_leave(filtering)) {
		WRITE_ONCE(filtering->left, true);
		changed = true;
	}
	if (changed && filtering->parted && filtering->left)
		hbk_record_shutdown(conn, RCV_SHUTDOWN);
	if (!filtering->left && !READ_ONCE(filtering->dead))
		queue_delayed_work(hbk_filter_workqueue, &filtering->work,
				   max_t(long, filtering->until - jiffies, 1));
	return changed;
}

/* A shutdown() of the application's that waited for filters. */
static void filtering_shut(struct hbk_filtering *filtering)
{
	struct hbk_conn *conn = filtering->conn;
	u8 how = 0;

	mutex_lock(&conn->tx_lock);
	if (hbk_filtering_has_flushed(filtering))
		swap(how, filtering->shut);
	mutex_unlock(&conn->tx_lock);
	if (how)
		hbk_record_shutdown(conn, how);
}

static int filtering_flush(struct hbk_filtering *filtering, bool *moved)
{
	struct hbk_conn *conn = filtering->conn;
	int err;

	mutex_lock(&conn->tx_lock);
	err = hbk_filtering_flush(filtering);
	*moved |= filtering->tx_moved;
	filtering->tx_moved = false;
	mutex_unlock(&conn->tx_lock);
	return err;
}

/**
 * hbk_filtering_work() - go on with what nobody waits for
 * @work: of a connection's filters
 *
 * Context: workqueue; runs guests.
 */
void hbk_filtering_work(struct work_struct *work)
{
	struct hbk_filtering *filtering =
		container_of(to_delayed_work(work), struct hbk_filtering, work);
	bool changed;
	int err;

	/* The handshake's work has not let the application in yet, or there was an error. */
	if (hbk_conn_state(filtering->conn) != HBK_CONN_OPEN)
		return;
	changed = xchg(&filtering->told, false);
	filtering_resume(filtering);
	err = filtering_flush(filtering, &changed);
	if (filtering_wants_close(filtering))
		changed |= filtering_leave(filtering, !err);
	if (!err)
		filtering_shut(filtering);
	if (changed)
		filtering_wake(filtering, err != -EAGAIN);
}

/* tcp_poll() and records know nothing of what filters hold, or have let go. */
static __poll_t filtering_poll(struct hbk_conn *conn, struct file *file, struct socket *sock,
			       struct poll_table_struct *wait)
{
	struct hbk_filtering *filtering = conn->filter;
	__poll_t mask = filtering->below->poll(conn, file, sock, wait);

	if (hbk_filtering_ready(conn))
		mask |= EPOLLIN | EPOLLRDNORM;
	else if (!(READ_ONCE(conn->closed) & RCV_SHUTDOWN))
		mask &= ~(EPOLLIN | EPOLLRDNORM | EPOLLRDHUP);
	if (hbk_filtering_is_full(filtering)) {
		set_bit(SOCK_NOSPACE, &sock->flags);
		mask &= ~(EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	}
	return mask;
}

const struct hbk_layer hbk_layer_filter = {
	.sendmsg = hbk_filtering_sendmsg,
	.alert = hbk_filtering_alert,
	.read = hbk_filtering_read,
	.quiet = hbk_filtering_quiet,
	.readable = hbk_filtering_readable,
	.unread = hbk_filtering_unread,
	.lost = hbk_filtering_lost,
	.poll = filtering_poll,
};
