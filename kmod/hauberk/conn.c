// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a connection: attached once to its socket, armed for each
 * connect() or accept(), opened or failed by the handshake, told in events.
 *
 * Until the handshake of a connect() is over SEND_SHUTDOWN stands in
 * sk_shutdown: a thread that was on its way to tcp_sendmsg() before the socket
 * had our ops gets EPIPE instead of putting plaintext on the wire.  Only the
 * handshake's own sends lift it, under lock_sock, for the length of one call.
 * A child of the backlog is barred until our accept() has it, so that whoever
 * takes it past that writes nothing.  An accepted socket needs none of this: no
 * process has known it before.
 */
#include "conn.h"

#include <linux/module.h>
#include <linux/slab.h>
#include <net/tcp.h>

#include "callbacks.h"
#include "event.h"
#include "flow.h"
#include "handshake.h"
#include "inject.h"
#include "keys.h"
#include "layer.h"
#include "layer_filter.h"
#include "ops.h"
#include "record.h"
#include "registry_update.h"
#include "source.h"

#define CONN_WORKERS	16	/* handshakes at work at once, per processor */
#define CONN_SILENCE_MS	1000	/* of a permissive rule's peer: it waits for the server to speak first, in plaintext */
#define CONN_WATCH_MS	1000	/* between two looks after a child in the backlog */
#define CONN_PATIENCE_MS	700	/* with an application that may be about to speak TLS itself */

static struct workqueue_struct *conn_workqueue;
static struct kmem_cache *conn_cache;
static atomic64_t conn_last_id;

/* In the backlog ours stay: they tell when the listener forgets the child. */
static void conn_callbacks_done(struct hbk_conn *conn)
{
	if (conn->accepted)
		hbk_callbacks_restore(conn);
}

static void conn_deadline(struct work_struct *work)
{
	struct hbk_conn *conn = container_of(to_delayed_work(work), struct hbk_conn, deadline);

	WRITE_ONCE(conn->expired, true);
	queue_work(conn_workqueue, &conn->work);
}

/* Goes on until the child is accepted, or the work has found it forgotten. */
static void conn_watch(struct work_struct *work)
{
	struct hbk_conn *conn = container_of(to_delayed_work(work), struct hbk_conn, watch);

	if (READ_ONCE(conn->accepted))
		return;
	queue_work(conn_workqueue, &conn->work);
	hbk_conn_watch(conn);
}

/**
 * hbk_conn_part() - the application shuts down what it will not use any more
 * @conn: open
 * @how: RCV_SHUTDOWN, SEND_SHUTDOWN or both
 *
 * Context: process, socket not locked; before close_notify and FIN.
 */
void hbk_conn_part(struct hbk_conn *conn, u8 how)
{
	lock_sock(conn->sk);
	conn->closed |= how;
	release_sock(conn->sk);
}

/**
 * hbk_conn_create() - make the connection of a socket, idle
 * @sk: the socket; not owned by another user of sk_user_data
 * @base: the socket's own ops
 * @gfp: how to allocate
 *
 * Context: as @gfp says.
 * Return: the connection, or an ERR_PTR: -ENOMEM, -EBUSY if sk_user_data is taken.
 */
struct hbk_conn *hbk_conn_create(struct sock *sk, const struct proto_ops *base, gfp_t gfp)
{
	struct hbk_conn *conn;

	if (READ_ONCE(sk->sk_user_data))
		return ERR_PTR(-EBUSY);
	conn = HBK_INJECT(CONN) ? NULL : kmem_cache_zalloc(conn_cache, gfp);
	if (!conn)
		return ERR_PTR(-ENOMEM);
	sock_hold(sk);
	conn->sk = sk;
	conn->base = base;
	conn->lower = base;
	conn->state = HBK_CONN_IDLE;
	INIT_WORK(&conn->work, hbk_handshake_work);
	INIT_DELAYED_WORK(&conn->deadline, conn_deadline);
	INIT_DELAYED_WORK(&conn->watch, conn_watch);
	INIT_LIST_HEAD(&conn->node);
	mutex_init(&conn->rx_lock);
	mutex_init(&conn->tx_lock);
	return conn;
}

/**
 * hbk_conn_attach() - let the socket know its connection
 * @conn: not attached yet
 *
 * Context: process, or lock_sock held.
 */
void hbk_conn_attach(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;

	write_lock_bh(&sk->sk_callback_lock);
	__rcu_assign_sk_user_data_with_flags(sk, conn, SK_USER_DATA_NOCOPY);
	write_unlock_bh(&sk->sk_callback_lock);
}

static u8 conn_sniff(const struct hbk_rule *rule, u8 direction)
{
	if (direction == HBK_OUTBOUND)
		return rule->on_tls == HBK_ON_TLS_PASSTHROUGH ? HBK_SNIFF_APPLICATION
							      : HBK_SNIFF_NOTHING;
	return rule->action == HBK_PERMISSIVE || rule->on_tls == HBK_ON_TLS_PASSTHROUGH ?
	       HBK_SNIFF_PEER : HBK_SNIFF_NOTHING;
}

/**
 * hbk_conn_arm() - prepare for a handshake
 * @conn: idle or failed, and attached
 * @ruleset: the generation; the connection takes a reference of its own
 * @rule: of @ruleset: strict, permissive, or off and with filters
 * @info: what is known so far; its id and generation are filled in here
 *
 * Context: lock_sock held, or nobody else can know the socket.
 */
void hbk_conn_arm(struct hbk_conn *conn, struct hbk_ruleset *ruleset, struct hbk_rule *rule,
		  const struct hbk_conn_info *info)
{
	hbk_conn_disarm(conn);
	conn->ruleset = hbk_ruleset_hold(ruleset);
	conn->rule = rule;
	conn->info = *info;
	conn->info.id = atomic64_inc_return(&conn_last_id);
	conn->sniff = conn_sniff(rule, info->direction);
	conn->plain = rule->action == HBK_OFF;
	conn->wanted = false;
	conn->own_tls = false;
	conn->spoken = false;
	conn->failing = HBK_REASON_NONE;
	conn->timed = false;
	conn->expired = false;
	conn->shut = 0;
	conn->notified = false;
	conn->closed = 0;
	conn->parting = false;
	conn->peer_notified = false;
	conn->broken = false;
	conn->held = false;
	conn->alert = 0;
	conn->started = ktime_get();
	atomic64_set(&conn->rx_bytes, 0);
	atomic64_set(&conn->tx_bytes, 0);
	if (info->direction == HBK_OUTBOUND) {
		conn->accepted = true;
		conn->sk->sk_shutdown = SEND_SHUTDOWN;
	}
	/* TCP would not call us before so many bytes are there. */
	conn->rcvlowat = conn->sk->sk_rcvlowat;
	WRITE_ONCE(conn->sk->sk_rcvlowat, 1);
	hbk_callbacks_take(conn);
	/* Pairs with hbk_conn_state(): what was written above is seen with the state. */
	smp_store_release(&conn->state, HBK_CONN_HANDSHAKE);
}

/**
 * hbk_conn_admit() - may the handshake take memory?
 * @conn: in the handshake
 *
 * Counted from here and not from connect() or accept(): a peer that is silent,
 * or that cannot be reached, costs no more than with TCP and keeps nobody out.
 *
 * Context: the handshake work.
 * Return: HBK_REASON_NONE, or which of the rule-set's limits is reached: that
 * of its source or that of its direction.
 */
enum hbk_reason hbk_conn_admit(struct hbk_conn *conn)
{
	const struct hbk_ruleset *ruleset = conn->ruleset;

	if (conn->info.direction == HBK_INBOUND &&
	    !hbk_source_admit(&conn->info.remote, sock_net(conn->sk)->ns.inum,
			      ruleset->handshake_rate))
		return HBK_REASON_RATE;
	conn->pending = hbk_registry_admit(conn->info.direction, ruleset->handshake_max);
	return conn->pending ? HBK_REASON_NONE : HBK_REASON_TOO_MANY;
}

/* The handshake is over, one way or the other: it takes no memory any more. */
static void conn_settle(struct hbk_conn *conn)
{
	if (conn->pending) {
		conn->pending = false;
		hbk_registry_settle(conn->info.direction);
	}
}

/**
 * hbk_conn_keys_take() - keep the keys of a handshake that is done
 * @conn: its engine is there still
 *
 * Context: the handshake work.
 * Return: 0, -ENOMEM, or what hbk_keys_derive() says.
 */
int hbk_conn_keys_take(struct hbk_conn *conn)
{
	struct hbk_keys *keys = HBK_INJECT(CONN_KEYS) ? NULL :
				kzalloc(sizeof(*keys), GFP_KERNEL_ACCOUNT);
	int err;

	if (!keys)
		return -ENOMEM;
	conn->keys = keys;
	conn->info.handshake_us = ktime_us_delta(ktime_get(), conn->started);
	conn_settle(conn);
	err = hbk_keys_derive(keys, conn->handshake, conn->info.direction == HBK_OUTBOUND);
	if (err)
		hbk_conn_keys_free(conn);
	return err;
}

/**
 * hbk_conn_keys_free() - wipe and free the keys that are kept
 * @conn: may have none
 */
void hbk_conn_keys_free(struct hbk_conn *conn)
{
	kfree_sensitive(conn->keys);
	conn->keys = NULL;
}

/**
 * hbk_conn_disarm() - back to idle: a connect() that failed at once, or one that is left plain
 * @conn: its work is neither queued nor running, or it is failed
 *
 * Context: lock_sock held, or nobody else can know the socket.
 */
void hbk_conn_disarm(struct hbk_conn *conn)
{
	if (conn->state == HBK_CONN_HANDSHAKE) {
		if (conn->info.direction == HBK_OUTBOUND || !conn->accepted)
			conn->sk->sk_shutdown &= ~SEND_SHUTDOWN;
		conn_callbacks_done(conn);
		WRITE_ONCE(conn->sk->sk_rcvlowat, conn->rcvlowat);
		conn_settle(conn);
	}
	/* Pairs with hbk_conn_state(). */
	smp_store_release(&conn->state, HBK_CONN_IDLE);
	kfree(conn->info.peer_id);
	conn->info.peer_id = NULL;
	if (conn->ruleset)
		hbk_ruleset_put(conn->ruleset);
	conn->ruleset = NULL;
	conn->rule = NULL;
}

/**
 * hbk_conn_start() - let the handshake begin
 * @conn: armed; its socket is on the way to, or in, TCP_ESTABLISHED
 *
 * Context: any.
 */
void hbk_conn_start(struct hbk_conn *conn)
{
	queue_work(conn_workqueue, &conn->work);
}

/* How long the first words may take that decide whether there is a handshake. */
static u32 conn_sniff_ms(const struct hbk_conn *conn)
{
	u32 timeout = conn->ruleset->handshake_timeout_ms;

	if (conn->sniff == HBK_SNIFF_APPLICATION)
		return min_t(u32, CONN_PATIENCE_MS, timeout);
	if (conn->sniff == HBK_SNIFF_PEER && conn->rule->action == HBK_PERMISSIVE)
		return min_t(u32, CONN_SILENCE_MS, timeout);
	return timeout;
}

/* Not before TCP is through with the handshake's last ACK: it would take the bar for a shutdown(). */
static void conn_bar(struct hbk_conn *conn)
{
	bool slow = hbk_conn_lock(conn);

	if (!conn->accepted)
		conn->sk->sk_shutdown |= SEND_SHUTDOWN;
	hbk_conn_unlock(conn, slow);
}

/**
 * hbk_conn_clock_start() - the handshake's time runs from here; once only
 * @conn: its TCP connection stands: how long connect() takes is not our affair
 *
 * Context: the handshake work.
 */
void hbk_conn_clock_start(struct hbk_conn *conn)
{
	if (conn->timed)
		return;
	conn->timed = true;
	conn_bar(conn);
	conn->started = ktime_get();
	queue_delayed_work(conn_workqueue, &conn->deadline,
			   msecs_to_jiffies(conn_sniff_ms(conn)));
}

/**
 * hbk_conn_sniff_end() - there will be a handshake: its own time runs from here
 * @conn: sniffing
 *
 * Context: the handshake work.
 */
void hbk_conn_sniff_end(struct hbk_conn *conn)
{
	conn->sniff = HBK_SNIFF_NOTHING;
	cancel_delayed_work_sync(&conn->deadline);
	WRITE_ONCE(conn->expired, false);
	conn->timed = false;
	hbk_conn_clock_start(conn);
}

/**
 * hbk_conn_want() - the application waits for the handshake
 * @conn: any state
 *
 * Context: any.
 */
void hbk_conn_want(struct hbk_conn *conn)
{
	if (READ_ONCE(conn->wanted) || hbk_conn_state(conn) != HBK_CONN_HANDSHAKE)
		return;
	/* Pairs with sniff_application(). */
	smp_store_release(&conn->wanted, true);
	hbk_conn_start(conn);
}

/* Everyone who sleeps on the socket or polls it looks again. */
static void conn_wake(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;

	sk->sk_state_change(sk);
	read_lock_bh(&sk->sk_callback_lock);
	sk_wake_async(sk, SOCK_WAKE_WAITD, POLL_IN);
	sk_wake_async(sk, SOCK_WAKE_SPACE, POLL_OUT);
	read_unlock_bh(&sk->sk_callback_lock);
}

/**
 * hbk_conn_addresses() - fill in the local end
 * @conn: its TCP connection stands
 *
 * Context: any.
 */
void hbk_conn_addresses(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;
	struct inet_sock *inet = inet_sk(sk);

#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		conn->info.local = sk->sk_v6_rcv_saddr;
	else
#endif
		ipv6_addr_set_v4mapped(inet->inet_rcv_saddr, &conn->info.local);
	conn->info.local_port = inet->inet_num;
}

/**
 * hbk_conn_opened() - a record layer has the keys: let the application in
 * @conn: in the handshake
 *
 * Context: the handshake work, with lock_sock held.
 */
void hbk_conn_opened(struct hbk_conn *conn)
{
	struct hbk_conn_info *info = &conn->info;

	sock_owned_by_me(conn->sk);
	hbk_conn_addresses(conn);
	info->time_ns = ktime_get_real_ns();
	atomic64_inc(&conn->rule->opened);
	if (info->resumed)
		atomic64_inc(&conn->rule->resumed);
	hbk_registry_add(conn);
	hbk_event_opened(info);
	hbk_callbacks_open(conn);
	if (info->direction == HBK_OUTBOUND)
		conn->sk->sk_shutdown &= ~SEND_SHUTDOWN;
	/* Pairs with hbk_conn_state(): whoever sees OPEN sees the layer. */
	smp_store_release(&conn->state, HBK_CONN_OPEN);
	conn_wake(conn);
}

static int conn_errno(enum hbk_reason reason)
{
	switch (reason) {
	case HBK_REASON_TIMEOUT:
		return ETIMEDOUT;
	case HBK_REASON_NO_MEMORY:
		return ENOMEM;
	default:
		return ECONNRESET;
	}
}

static void conn_refused(struct hbk_conn *conn, enum hbk_reason reason)
{
	hbk_conn_addresses(conn);
	conn->info.time_ns = ktime_get_real_ns();
	conn->info.handshake_us = ktime_us_delta(ktime_get(), conn->started);
	conn->info.reason = reason;
	WRITE_ONCE(conn->sk->sk_rcvlowat, conn->rcvlowat);
	conn_settle(conn);
	atomic64_inc(&conn->rule->refused);
	hbk_registry_refused(false);
	hbk_event_refused(&conn->info);
}

/**
 * hbk_conn_failed() - no handshake: the application meets an error, never a byte
 * @conn: in the handshake
 * @reason: for the event
 *
 * An error that TCP itself has left in sk_err is kept: it says more.  A socket
 * that TCP has closed is as TCP left it: it may connect() again.
 *
 * Context: the handshake work, with hbk_conn_lock() held.
 */
void hbk_conn_failed(struct hbk_conn *conn, enum hbk_reason reason)
{
	struct sock *sk = conn->sk;

	conn_refused(conn, reason);
	conn_callbacks_done(conn);
	if (sk->sk_state != TCP_CLOSE) {
		cmpxchg(&sk->sk_err, 0, conn_errno(reason));
		sk->sk_shutdown = SHUTDOWN_MASK;
	}
	/* What the handshake wrote met a reset: the application has written nothing. */
	cmpxchg(&sk->sk_err, EPIPE, ECONNRESET);
	/* Pairs with hbk_conn_state(): whoever sees FAILED sees sk_err. */
	smp_store_release(&conn->state, HBK_CONN_FAILED);
	conn_wake(conn);
	sk_error_report(sk);
}

/**
 * hbk_conn_plain() - no handshake, by the rule's own word, and no filter: TCP is all there is
 * @conn: sniffing
 * @counter: of its rule, that tells why
 *
 * Context: the handshake work, socket not locked.
 */
void hbk_conn_plain(struct hbk_conn *conn, atomic64_t *counter)
{
	struct sock *sk = conn->sk;
	u8 shut = 0;
	bool slow;

	slow = hbk_conn_lock(conn);
	if (conn->state == HBK_CONN_HANDSHAKE) {
		atomic64_inc(counter);
		swap(shut, conn->shut);
		hbk_conn_disarm(conn);
		conn_wake(conn);
		if (conn->accepted) {
			sk->sk_data_ready(sk);
			sk->sk_write_space(sk);
		}
	}
	hbk_conn_unlock(conn, slow);
	if (shut)
		conn->base->shutdown(sk->sk_socket, shut - 1);	/* of SHUT_* */
}

/**
 * hbk_conn_end() - remember why the connection ends; the first reason stays
 * @conn: open
 * @reason: for the closed event
 *
 * Context: any.
 */
void hbk_conn_end(struct hbk_conn *conn, enum hbk_reason reason)
{
	cmpxchg(&conn->info.reason, HBK_REASON_NONE, reason);
}

/**
 * hbk_conn_wait() - wait until the handshake is over
 * @conn: any state
 * @timeo: in jiffies, as sock_sndtimeo() gives it; 0 does not wait
 *
 * Context: process, socket not locked.
 * Return: 0 in OPEN, FAILED and IDLE; -EAGAIN, -EINTR or -ERESTARTSYS before.
 */
int hbk_conn_wait(struct hbk_conn *conn, long timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err = 0;

	if (likely(hbk_conn_state(conn) != HBK_CONN_HANDSHAKE))
		return 0;
	hbk_conn_want(conn);
	add_wait_queue(sk_sleep(conn->sk), &wait);
	while (hbk_conn_state(conn) == HBK_CONN_HANDSHAKE) {
		if (!timeo)
			err = -EAGAIN;
		else if (signal_pending(current))
			err = sock_intr_errno(timeo);
		if (err)
			break;
		timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, timeo);
	}
	remove_wait_queue(sk_sleep(conn->sk), &wait);
	return err;
}

static void conn_free_rcu(struct rcu_head *rcu)
{
	struct hbk_conn *conn = container_of(rcu, struct hbk_conn, rcu);

	kfree(conn->stand_in);
	kmem_cache_free(conn_cache, conn);
}

static void conn_closed(struct hbk_conn *conn)
{
	hbk_record_close(conn);
	hbk_conn_end(conn, HBK_REASON_CLEAN);
	hbk_registry_del(conn);
	conn->info.rx_bytes = atomic64_read(&conn->rx_bytes);
	conn->info.tx_bytes = atomic64_read(&conn->tx_bytes);
	conn->info.time_ns = ktime_get_real_ns();
	atomic64_inc(&conn->rule->closed);
	atomic64_add(conn->info.rx_bytes, &conn->rule->rx_bytes);
	atomic64_add(conn->info.tx_bytes, &conn->rule->tx_bytes);
	hbk_event_closed(&conn->info);
}

/* Nothing can reach the connection any more. */
static void conn_free(struct hbk_conn *conn)
{
	struct sock *sk = conn->sk;

	if (conn->state == HBK_CONN_HANDSHAKE)
		conn_refused(conn, conn->info.direction == HBK_OUTBOUND &&
				   sk->sk_state == TCP_CLOSE && !conn->handshake ?
				   HBK_REASON_UNREACHABLE : HBK_REASON_LOCAL_ABORT);
	hbk_handshake_free(conn);
	hbk_conn_keys_free(conn);
	hbk_layer_release(conn);

	write_lock_bh(&sk->sk_callback_lock);
	rcu_assign_sk_user_data(sk, NULL);
	write_unlock_bh(&sk->sk_callback_lock);
	kfree(conn->info.peer_id);
	if (conn->ruleset)
		hbk_ruleset_put(conn->ruleset);
	sock_put(sk);
	call_rcu(&conn->rcu, conn_free_rcu);
}

static void conn_callbacks_cut(struct hbk_conn *conn)
{
	lock_sock(conn->sk);	/* waits for callbacks that run from the backlog */
	hbk_callbacks_restore(conn);
	release_sock(conn->sk);
}

/**
 * hbk_conn_release() - the application has closed the socket
 * @conn: attached; freed here
 *
 * Nothing else can reach the socket through our ops any more.  First the
 * sources of work are cut off, then the work itself, then what it left.
 *
 * Context: process, socket not locked; sleeps until the handshake work is done with it.
 * Return: true if the peer may still answer our close_notify with its own.
 */
bool hbk_conn_release(struct hbk_conn *conn)
{
	bool answerable = false;

	WRITE_ONCE(conn->released, true);
	/* Filters may go on for a moment. */
	if (hbk_conn_state(conn) != HBK_CONN_OPEN || !conn->filter)
		conn_callbacks_cut(conn);
	cancel_work_sync(&conn->work);		/* which may set the deadline … */
	cancel_delayed_work_sync(&conn->deadline);	/* … which may queue the work, … */
	cancel_delayed_work_sync(&conn->watch);		/* … as this may, … */
	if (conn->filter)
		hbk_filtering_stop(conn->filter);	/* … and this */
	cancel_work_sync(&conn->work);
	if (conn->state == HBK_CONN_OPEN) {
		conn_closed(conn);
		answerable = conn->notified && !conn->peer_notified && !conn->broken &&
			     !conn->plain;
	}
	conn_callbacks_cut(conn);
	conn_free(conn);
	return answerable;
}

/**
 * hbk_conn_is_backlogged() - is this an accepted child whose handshake began in the backlog?
 * @sk: no process has it yet
 *
 * Context: lock_sock held.
 */
bool hbk_conn_is_backlogged(const struct sock *sk)
{
	return hbk_callbacks_are_taken(sk);
}

/**
 * hbk_conn_accepted() - a process is about to have the child
 * @conn: from the backlog; still without a struct socket
 *
 * Context: the accepting task, lock_sock held.
 */
void hbk_conn_accepted(struct hbk_conn *conn)
{
	WRITE_ONCE(conn->accepted, true);
	cancel_delayed_work(&conn->watch);
	hbk_flow_task(&conn->info);
	if (conn->state == HBK_CONN_HANDSHAKE)
		conn->sk->sk_shutdown &= ~SEND_SHUTDOWN;
	else
		hbk_callbacks_restore(conn);
}

/**
 * hbk_conn_watch() - let the work look again and again what became of a child
 * @conn: in the backlog
 *
 * Who takes it past our accept() and closes it at once calls none of our
 * callbacks.
 *
 * Context: any.
 */
void hbk_conn_watch(struct hbk_conn *conn)
{
	queue_delayed_work(conn_workqueue, &conn->watch, msecs_to_jiffies(CONN_WATCH_MS));
}

/**
 * hbk_conn_is_forgotten() - has the listener closed, and nobody accepted?
 * @conn: any
 *
 * The same of a child that a listener's accept() took which is not ours, as
 * that of a listener in a BPF sockmap.
 *
 * Context: the handshake work.
 */
bool hbk_conn_is_forgotten(struct hbk_conn *conn)
{
	bool slow, forgotten;

	if (READ_ONCE(conn->accepted))
		return false;
	slow = hbk_conn_lock(conn);
	forgotten = !conn->accepted && (sock_flag(conn->sk, SOCK_DEAD) || conn->sk->sk_socket);
	hbk_conn_unlock(conn, slow);
	return forgotten;
}

/**
 * hbk_conn_forget() - release a connection that nobody accepted
 * @conn: forgotten; freed here, and its reference to this module given back
 *
 * Context: the handshake work, as the last thing that it does.
 */
void hbk_conn_forget(struct hbk_conn *conn)
{
	if (conn->sk->sk_socket)
		tcp_abort(conn->sk, ECONNABORTED);
	hbk_callbacks_restore(conn);
	cancel_delayed_work_sync(&conn->deadline);
	cancel_delayed_work_sync(&conn->watch);
	cancel_work(&conn->work);	/* queued again by one of those */
	conn_free(conn);
	module_put(THIS_MODULE);	/* hbk_conn_exit() waits for the work's end */
}

int hbk_conn_init(void)
{
	conn_cache = KMEM_CACHE(hbk_conn, SLAB_ACCOUNT);
	if (!conn_cache)
		return -ENOMEM;
	/*
	 * Handshakes are arithmetic, and a few workers per processor would do;
	 * but an application can hold its socket's lock for long, by a fault on
	 * a slow page, and must not stop the others so.
	 */
	conn_workqueue = alloc_workqueue("hauberk", WQ_UNBOUND, CONN_WORKERS * num_possible_cpus());
	if (!conn_workqueue) {
		kmem_cache_destroy(conn_cache);
		return -ENOMEM;
	}
	return 0;
}

/* No socket is upgraded any more: each one would hold the module. */
void hbk_conn_exit(void)
{
	destroy_workqueue(conn_workqueue);
	rcu_barrier();
	kmem_cache_destroy(conn_cache);
}
