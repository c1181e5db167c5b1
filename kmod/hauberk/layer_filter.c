// SPDX-License-Identifier: GPL-2.0-only
/* The filters of an open connection: making and freeing them, and the work that goes on by itself. */
#include "layer_filter.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <net/tcp.h>

#include "conn.h"
#include "filter_env.h"
#include "filter_vm.h"
#include "inject.h"
#include "record.h"

#define FILTERING_RETRY	(HZ / 50 + 1)	/* where nobody tells that TCP has room again */
#define LEAVE_TIME	(2 * HZ)	/* in which a peer may end what it sends, once a filter has ended the connection */
#define LEAVE_BYTES	SZ_16M		/* of that */

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

/* A filter has failed that must not: neither side may take what came so far for all there is. */
static void filtering_reset(struct hbk_filtering *filtering)
{
	struct sock *sk = filtering->conn->sk;

	if (xchg(&filtering->reset, true))
		return;
	hbk_conn_end(filtering->conn, HBK_REASON_FILTER);
	tcp_abort(sk, ECONNRESET);
}

/**
 * hbk_filtering_look() - see what a push has led to besides
 * @filtering: its chain is not locked
 * @other: the flow that nobody looks at who has pushed
 *
 * Context: process, socket not locked.
 */
void hbk_filtering_look(struct hbk_filtering *filtering, enum hbk_chain_flow other)
{
	struct hbk_chain *chain = filtering->chain;
	size_t length;
	bool failed, more;

	mutex_lock(&filtering->lock);
	hbk_chain_out(chain, other, &length);
	failed = hbk_chain_has_failed(chain);
	more = length || (hbk_chain_wants_close(chain) && !filtering->parted) ||
	       (filtering->starved[other] && hbk_chain_room(chain, other));
	if (more)
		filtering->starved[other] = false;
	mutex_unlock(&filtering->lock);
	if (failed)
		filtering_reset(filtering);
	else if (more)
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
	bool failed;

	mutex_lock(&filtering->lock);
	if (xchg(&filtering->woken, false))
		hbk_chain_resume(filtering->chain);
	failed = hbk_chain_has_failed(filtering->chain);
	mutex_unlock(&filtering->lock);
	if (failed)
		filtering_reset(filtering);
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

static void filtering_work(struct work_struct *work)
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

static struct hbk_filtering *filtering_alloc(struct hbk_conn *conn, const struct hbk_layer *below)
{
	bool inbound = conn->info.direction == HBK_INBOUND;
	struct hbk_filtering *filtering;

	filtering = HBK_INJECT(FILTERING) ? NULL :
		    kzalloc(struct_size(filtering, vms, conn->rule->filter_count), GFP_KERNEL_ACCOUNT);
	if (!filtering)
		return NULL;
	filtering->conn = conn;
	filtering->below = below;
	filtering->rx_flow = inbound ? HBK_CHAIN_REQUEST : HBK_CHAIN_RESPONSE;
	filtering->tx_flow = inbound ? HBK_CHAIN_RESPONSE : HBK_CHAIN_REQUEST;
	hbk_buffer_init(&filtering->rx_in, &hbk_filter_heap, HBK_FILTERING_PIECE);
	hbk_buffer_init(&filtering->ready, &hbk_filter_heap, INT_MAX);
	hbk_buffer_init(&filtering->tx_in, &hbk_filter_heap, HBK_FILTERING_PIECE);
	mutex_init(&filtering->lock);
	init_waitqueue_head(&filtering->drained);
	INIT_DELAYED_WORK(&filtering->work, filtering_work);
	return filtering;
}

static void filtering_take_vms(struct hbk_filtering *filtering, struct hbk_chain_entry *entries)
{
	const struct hbk_rule *rule = filtering->conn->rule;
	u32 i;

	filtering->vm_count = rule->filter_count;
	for (i = 0; i < rule->filter_count; i++) {
		filtering->vms[i] = hbk_filter_vm_get(rule->filters[i]);
		entries[i].vm = filtering->vms[i] ? hbk_filter_vm_core(filtering->vms[i]) : NULL;
		entries[i].open = rule->filters[i]->on_failure == HBK_ON_FAILURE_OPEN;
		atomic64_inc(&rule->filters[i]->streams);
	}
}

/* The handshake's work calls: nobody else knows the chain yet, but VMs whose ticks may wake it. */
static int filtering_make_chain(struct hbk_filtering *filtering)
{
	const struct hbk_rule *rule = filtering->conn->rule;
	struct hbk_chain_entry entries[HBK_FILTER_CHAIN_MAX];

	filtering_take_vms(filtering, entries);
	mutex_lock(&filtering->lock);
	filtering->chain = hbk_chain_create(&hbk_filter_env, entries, rule->filter_count,
					    rule->filters[0]->mode == HBK_FILTER_HTTP ?
					    HBK_CHAIN_HTTP : HBK_CHAIN_RAW, filtering);
	mutex_unlock(&filtering->lock);
	if (!filtering->chain)
		return -ENOMEM;
	return hbk_chain_has_failed(filtering->chain) ? -ECONNREFUSED : 0;
}

static void filtering_free(struct hbk_filtering *filtering)
{
	u32 i;

	WRITE_ONCE(filtering->dead, true);
	cancel_delayed_work_sync(&filtering->work);
	if (filtering->chain) {
		mutex_lock(&filtering->lock);
		hbk_chain_close(filtering->chain, filtering->rx_ended ? HBK_PROXY_PEER_REMOTE :
									HBK_PROXY_PEER_LOCAL);
		hbk_chain_free(filtering->chain);
		mutex_unlock(&filtering->lock);
	}
	/* One that saw us alive may have been about to queue it. */
	cancel_delayed_work_sync(&filtering->work);
	for (i = 0; i < filtering->vm_count; i++)
		hbk_filter_vm_put(filtering->vms[i]);
	hbk_buffer_release(&filtering->rx_in);
	hbk_buffer_release(&filtering->ready);
	hbk_buffer_release(&filtering->tx_in);
	kfree(filtering);
}

/**
 * hbk_filtering_install() - put a connection's filters upon a layer
 * @conn: in the handshake that is done, or without one
 * @below: is installed
 *
 * Context: process, socket not locked; runs guests.
 * Return: 0, -ENOMEM, or -ECONNREFUSED where a filter fails that must not.
 */
int hbk_filtering_install(struct hbk_conn *conn, const struct hbk_layer *below)
{
	struct hbk_filtering *filtering = filtering_alloc(conn, below);
	int err;

	if (!filtering)
		return -ENOMEM;
	conn->filter = filtering;
	err = filtering_make_chain(filtering);
	if (err) {
		conn->filter = NULL;
		filtering_free(filtering);
		return err;
	}
	WRITE_ONCE(conn->held, true);
	return 0;
}

static void filtering_release(struct hbk_conn *conn)
{
	const struct hbk_layer *below = conn->filter->below;

	filtering_free(conn->filter);
	conn->filter = NULL;
	conn->held = false;
	if (below->release)
		below->release(conn);
}

const struct hbk_layer hbk_layer_filter = {
	.sendmsg = hbk_filtering_sendmsg,
	.alert = hbk_filtering_alert,
	.read = hbk_filtering_read,
	.readable = hbk_filtering_readable,
	.unread = hbk_filtering_unread,
	.lost = hbk_filtering_lost,
	.poll = filtering_poll,
	.release = filtering_release,
};
