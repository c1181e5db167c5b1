// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interception: tcp_prot and tcpv6_prot get our connect and accept.
 *
 * connect() runs under lock_sock: a matched socket has our ops, and a
 * connection, before its SYN is sent.  If it cannot have them, connect() fails.
 *
 * accept() returns a child that no process knows yet.  A matched one gets its
 * connection at once and its ops when it has met its struct socket: that is
 * done under its lock, and the release_cb of its sk_prot is the first code to
 * run afterwards, still before the descriptor exists.  A child that cannot be
 * upgraded, or that a rule denies, is reset, and accept() goes on waiting.  Most
 * matched children have their connection from the backlog already (backlog.c).
 *
 * A task may sleep in accept() for ever, and must not do so inside this
 * module's text when the module goes: it sleeps in hook_accept_wait(), on a
 * list that hbk_hook_exit() wakes up, and its system call begins anew, in
 * TCP's own accept().  Every task between the entry and the return of a hook
 * is counted.  Those that slept in TCP's own accept() when the module came began
 * theirs anew, too (acceptors.c).
 */
#include "hook.h"

#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>
#include <net/tcp.h>
#include <net/transp_v6.h>

#include "acceptors.h"
#include "backlog.h"
#include "compat.h"
#include "conn.h"
#include "event.h"
#include "filter_call.h"
#include "flow.h"
#include "inject.h"
#include "ops.h"
#include "registry_update.h"

enum { HOOK_V4, HOOK_V6, HOOK_COUNT };

typedef int (*hook_connect_fn)(struct sock *sk, struct sockaddr *address, int length);

static struct hook {
	struct proto *proto;		/* TCP's own, patched */
	struct proto child;		/* of an accepted socket until it has met its struct socket */
	struct proto bystander;		/* the same of one that stays plain, while backlog.c could mistake it */
	hook_connect_fn connect;	/* the originals */
	hbk_accept_fn accept;
} hooks[HOOK_COUNT];

static atomic_t hook_inside = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(hook_left);
static bool hook_closing;

struct hook_sleeper {
	struct list_head node;
	struct task_struct *task;
};

static DEFINE_SPINLOCK(hook_sleepers_lock);	/* guards the list; process context only */
static LIST_HEAD(hook_sleepers);

static void hook_enter(void)
{
	atomic_inc(&hook_inside);
}

static void hook_leave(void)
{
	if (atomic_dec_and_test(&hook_inside) && READ_ONCE(hook_closing))
		wake_up(&hook_left);
}

/* Not ours: sockets of the kernel itself, but for those that filters call with. An io_uring worker acts for its process. */
static bool hook_is_foreign(const struct sock *sk, bool kern)
{
	if (hbk_filter_call_is_ours(sk))
		return false;
	return kern || sk->sk_kern_sock || (current->flags & PF_KTHREAD);
}

static void hook_refused(struct hbk_conn_info *info, struct hbk_rule *rule, enum hbk_reason reason)
{
	bool denied = reason == HBK_REASON_DENIED;

	info->reason = reason;
	info->time_ns = ktime_get_real_ns();
	atomic64_inc(denied ? &rule->denied : &rule->refused);
	hbk_registry_refused(denied);
	hbk_event_refused(info);
}

static enum hbk_reason hook_reason(int err)
{
	return err == -ENOMEM ? HBK_REASON_NO_MEMORY : HBK_REASON_LOCAL_ABORT;
}

/* The connection of a socket about to connect: the one it has from an earlier attempt, or a new one. */
static struct hbk_conn *hook_conn(struct sock *sk)
{
	struct hbk_conn *conn;

	/* Another protocol upon TCP, such as SMC's ULP, would use sk_user_data as well. */
	if (!hbk_ops_suitable(sk->sk_socket) || inet_csk(sk)->icsk_ulp_ops)
		return ERR_PTR(-EOPNOTSUPP);
	if (sk->sk_socket->ops != hbk_ops_base(sk))
		return hbk_conn_of(sk);
	if (HBK_INJECT(MODULE) || !try_module_get(THIS_MODULE))
		return ERR_PTR(-ESHUTDOWN);
	conn = hbk_conn_create(sk, hbk_ops_base(sk), GFP_KERNEL_ACCOUNT);
	if (IS_ERR(conn)) {
		module_put(THIS_MODULE);
		return conn;
	}
	hbk_conn_attach(conn);
	hbk_ops_take(sk->sk_socket);
	return conn;
}

/* lock_sock held. Data in the SYN would be plaintext: Fast Open is answered as where it is switched off. */
static int hook_connect_taken(struct hook *hook, struct sock *sk, struct sockaddr *address,
			      int length, struct hbk_ruleset *ruleset, struct hbk_rule *rule,
			      struct hbk_conn_info *info)
{
	struct hbk_conn *conn;
	int err;

	if (tcp_sk(sk)->fastopen_req)
		return -EOPNOTSUPP;
	tcp_sk(sk)->fastopen_connect = 0;
	conn = hook_conn(sk);
	if (IS_ERR(conn)) {
		hook_refused(info, rule, hook_reason(PTR_ERR(conn)));
		return PTR_ERR(conn);
	}
	conn->unfiltered = hbk_filter_call_is_ours(sk);
	hbk_conn_arm(conn, ruleset, rule, info);
	err = hook->connect(sk, address, length);
	if (err)
		hbk_conn_disarm(conn);
	else
		hbk_conn_start(conn);
	return err;
}

/* NULL unless an earlier attempt has made the socket ours. */
static struct hbk_conn *hook_conn_earlier(struct sock *sk)
{
	if (!hbk_ops_suitable(sk->sk_socket) || sk->sk_socket->ops == hbk_ops_base(sk))
		return NULL;
	return hbk_conn_of(sk);
}

static int hook_connect_matched(struct hook *hook, struct sock *sk, struct sockaddr *address,
				int length, struct hbk_ruleset *ruleset)
{
	struct hbk_conn_info info = { .direction = HBK_OUTBOUND };
	struct hbk_conn *earlier = hook_conn_earlier(sk);
	struct hbk_rule *rule = NULL;

	if (earlier && earlier->state == HBK_CONN_HANDSHAKE)
		return -EALREADY;
	if (earlier && earlier->state == HBK_CONN_OPEN)
		return -EISCONN;
	if (hbk_flow_remote(sk, address, length, &info))
		rule = hbk_flow_match(ruleset, sk, &info);
	if (rule && rule->action == HBK_DENY) {
		hook_refused(&info, rule, HBK_REASON_DENIED);
		return -EPERM;
	}
	if (rule && hbk_rule_takes(rule))
		return hook_connect_taken(hook, sk, address, length, ruleset, rule, &info);
	if (earlier)
		hbk_conn_disarm(earlier);
	return hook->connect(sk, address, length);
}

static int hook_connect(struct hook *hook, struct sock *sk, struct sockaddr *address, int length)
{
	struct hbk_ruleset *ruleset;
	int err;

	hook_enter();
	ruleset = hook_is_foreign(sk, false) || !sk->sk_socket ? NULL : hbk_ruleset_get();
	if (ruleset) {
		err = hook_connect_matched(hook, sk, address, length, ruleset);
		hbk_ruleset_put(ruleset);
	} else {
		err = hook->connect(sk, address, length);
	}
	hook_leave();
	return err;
}

/* autoremove_wake_function() but for its address, by which acceptors.c knows those that are not here. */
static int hook_accept_woken(struct wait_queue_entry *entry, unsigned int mode, int sync, void *key)
{
	return autoremove_wake_function(entry, mode, sync, key);
}

/*
 * inet_csk_accept()'s own way to wait, but for a set of sleepers that can be
 * woken up to leave.  Wake-one, so that one connection stirs one process.
 */
static int hook_accept_wait(struct sock *sk, long *timeo)
{
	struct hook_sleeper sleeper = { .task = current };
	DEFINE_WAIT_FUNC(wait, hook_accept_woken);
	int err = 0;

	prepare_to_wait_exclusive(sk_sleep(sk), &wait, TASK_INTERRUPTIBLE);
	spin_lock(&hook_sleepers_lock);
	list_add(&sleeper.node, &hook_sleepers);
	spin_unlock(&hook_sleepers_lock);
	if (reqsk_queue_empty(&inet_csk(sk)->icsk_accept_queue) &&
	    inet_sk_state_load(sk) == TCP_LISTEN && !READ_ONCE(hook_closing))
		*timeo = schedule_timeout(*timeo);
	spin_lock(&hook_sleepers_lock);
	list_del(&sleeper.node);
	spin_unlock(&hook_sleepers_lock);
	finish_wait(sk_sleep(sk), &wait);
	if (!reqsk_queue_empty(&inet_csk(sk)->icsk_accept_queue))
		return 0;
	if (inet_sk_state_load(sk) != TCP_LISTEN)
		err = -EINVAL;
	else if (signal_pending(current))
		err = sock_intr_errno(*timeo);
	else if (!*timeo)
		err = -EAGAIN;
	return err;
}

/*
 * As inet_csk_listen_stop() does with children that nobody has accepted: no
 * allocation that could fail.  tcp_done() also forgets the request of a Fast
 * Open child, and destroys what is an orphan.
 */
static void hook_child_reset(struct sock *child)
{
	local_bh_disable();
	bh_lock_sock(child);
	sock_hold(child);
	child->sk_prot->disconnect(child, O_NONBLOCK);
	sock_orphan(child);
	this_cpu_inc(*child->sk_prot->orphan_count);
	tcp_done(child);
	bh_unlock_sock(child);
	local_bh_enable();
	sock_put(child);
}

/* Under the child's lock, by release_sock() in inet_accept(): the struct socket is there, the descriptor is not. */
static void hook_child_grafted(struct sock *sk)
{
	struct hook *hook = container_of(READ_ONCE(sk->sk_prot), struct hook, child);
	struct socket *sock = sk->sk_socket;

	if (sock) {
		hbk_ops_take(sock);
		WRITE_ONCE(sk->sk_prot, hook->proto);
		hbk_conn_start(hbk_conn_of(sk));
	}
	hook->proto->release_cb(sk);
}

static void hook_bystander_grafted(struct sock *sk)
{
	struct hook *hook = container_of(READ_ONCE(sk->sk_prot), struct hook, bystander);

	if (sk->sk_socket) {
		WRITE_ONCE(sk->sk_prot, hook->proto);
		module_put(THIS_MODULE);	/* hbk_hook_exit() waits for this task to leave */
	}
	hook->proto->release_cb(sk);
}

/*
 * A Fast Open child can be accepted before it is established: it must not be
 * taken for one of the backlog when it is.
 *
 * lock_sock held.
 */
static bool hook_child_hide(struct hook *hook, struct sock *child)
{
	if (child->sk_state != TCP_SYN_RECV)
		return true;
	if (!try_module_get(THIS_MODULE))
		return false;
	WRITE_ONCE(child->sk_prot, &hook->bystander);
	return true;
}

/* lock_sock held, or nobody else can know the child. */
static void hook_child_show(struct hook *hook, struct sock *child)
{
	if (child->sk_prot != &hook->bystander)
		return;
	WRITE_ONCE(child->sk_prot, hook->proto);
	module_put(THIS_MODULE);	/* this task is counted: the module waits for it */
}

/*
 * The connection that a child has from the backlog.  The lock waits for whoever
 * establishes it.
 *
 * Return: it, NULL if there is none, or an ERR_PTR: -ESHUTDOWN if the module
 * goes, -EINVAL if the child copied our callbacks from a socket that was only
 * just made to listen.
 */
static struct hbk_conn *hook_child_conn(struct hook *hook, struct sock *child)
{
	struct hbk_conn *conn = NULL;

	lock_sock(child);
	if (hbk_conn_is_backlogged(child))
		conn = hbk_conn_of(child) ?: ERR_PTR(-EINVAL);
	else if (!hook_child_hide(hook, child))
		conn = ERR_PTR(-ESHUTDOWN);
	release_sock(child);
	return conn;
}

/* Its handshake has failed, or it is dead before its end: the application does not learn of it. */
static bool hook_conn_is_lost(const struct hbk_conn *conn)
{
	return conn->state == HBK_CONN_FAILED ||
	       (conn->state == HBK_CONN_HANDSHAKE && conn->sk->sk_state == TCP_CLOSE &&
		!conn->keys && !conn->plain);
}

static void hook_child_drop(struct sock *child, struct hbk_conn *conn)
{
	hbk_conn_release(conn);
	module_put(THIS_MODULE);	/* this task is counted: the module waits for it */
	hook_child_reset(child);
}

/* May a child be handed on that has its connection from the backlog? If not it is gone. */
static bool hook_child_claim(struct hook *hook, struct sock *child, struct hbk_conn *conn,
			     bool foreign)
{
	bool lost;

	lock_sock(child);
	lost = foreign || hook_conn_is_lost(conn);
	if (!lost) {
		hbk_conn_accepted(conn);
		WRITE_ONCE(child->sk_prot, &hook->child);
	}
	release_sock(child);
	if (lost)
		hook_child_drop(child, conn);
	return !lost;
}

static int hook_child_upgrade(struct hook *hook, struct sock *child, struct hbk_ruleset *ruleset,
			      struct hbk_rule *rule, const struct hbk_conn_info *info)
{
	struct hbk_conn *conn;

	if (inet_csk(child)->icsk_ulp_ops)
		return -EOPNOTSUPP;
	if (HBK_INJECT(MODULE) || !try_module_get(THIS_MODULE))
		return -ESHUTDOWN;
	conn = hbk_conn_create(child, hbk_ops_base(child), GFP_KERNEL_ACCOUNT);
	if (IS_ERR(conn)) {
		module_put(THIS_MODULE);
		return PTR_ERR(conn);
	}
	conn->accepted = true;
	lock_sock(child);
	hbk_conn_attach(conn);
	hbk_conn_arm(conn, ruleset, rule, info);
	hook_child_show(hook, child);
	WRITE_ONCE(child->sk_prot, &hook->child);
	release_sock(child);
	return 0;
}

/* May the child be handed to the application? If not it is gone. */
static bool hook_child_admit(struct hook *hook, struct sock *child, struct hbk_ruleset *ruleset)
{
	struct hbk_conn_info info = { .direction = HBK_INBOUND };
	struct hbk_rule *rule;
	int err;

	hbk_flow_child(child, &info);
	rule = hbk_flow_match(ruleset, child, &info);
	if (!rule || (rule->action == HBK_OFF && !hbk_rule_takes(rule)))
		return true;
	if (rule->action == HBK_DENY) {
		hook_refused(&info, rule, HBK_REASON_DENIED);
	} else {
		err = hook_child_upgrade(hook, child, ruleset, rule, &info);
		if (!err)
			return true;
		hook_refused(&info, rule, hook_reason(err));
	}
	hook_child_show(hook, child);
	hook_child_reset(child);
	return false;
}

/* The module goes: the task comes back by way of user space and finds TCP's own accept(). */
static int hook_accept_restart(bool kern)
{
	if (kern)
		return -EAGAIN;
	set_thread_flag(TIF_SIGPENDING);
	return -ERESTARTSYS;
}

/* The next child, as long as the caller wants to wait for it. */
static struct sock *hook_accept_next(struct hook *hook, struct sock *sk,
				     struct hbk_accept *accept, long *timeo)
{
	struct hbk_accept attempt = *accept;
	struct sock *child;

	attempt.flags |= O_NONBLOCK;
	for (;;) {
		child = hbk_accept_call(hook->accept, sk, &attempt);
		accept->err = attempt.err;
		accept->is_empty = attempt.is_empty;
		if (child || attempt.err != -EAGAIN || !*timeo)
			return child;
		accept->err = hook_accept_wait(sk, timeo);
		if (!accept->err && READ_ONCE(hook_closing))
			accept->err = hook_accept_restart(accept->kern);
		if (accept->err)
			return NULL;
	}
}

#define HOOK_REFUSALS	64	/* children refused in one accept(): a flood of them must not hold the caller */

/*
 * The application does not learn of children that are refused, but for a flood
 * of them: accept(2) may always say that a connection was aborted.
 */
static int hook_accept_again(int refused, long timeo)
{
	if (signal_pending(current))
		return sock_intr_errno(timeo);
	cond_resched();
	return refused < HOOK_REFUSALS ? 0 : -ECONNABORTED;
}

/* Every child of a process's listener, and of the kernel's those that the rules took before it did. */
static bool hook_child_pass(struct hook *hook, struct sock *sk, struct sock *child, bool kern,
			    struct hbk_ruleset *ruleset)
{
	struct hbk_conn *conn = hook_child_conn(hook, child);
	bool foreign = hook_is_foreign(sk, kern);

	if (IS_ERR(conn)) {
		hook_child_reset(child);
		return false;
	}
	if (conn)
		return hook_child_claim(hook, child, conn, foreign);
	return foreign || hook_child_admit(hook, child, ruleset);
}

static struct sock *hook_accept(struct hook *hook, struct sock *sk, struct hbk_accept *accept)
{
	long timeo = sock_rcvtimeo(sk, accept->flags & O_NONBLOCK);
	struct hbk_ruleset *ruleset;
	struct sock *child;
	bool admitted;
	int refused = 0;

	hook_enter();
	do {
		child = hook_accept_next(hook, sk, accept, &timeo);
		ruleset = child ? hbk_ruleset_get() : NULL;
		if (!ruleset)
			break;
		admitted = hook_child_pass(hook, sk, child, accept->kern, ruleset);
		hbk_ruleset_put(ruleset);
		if (admitted)
			break;
		child = NULL;
		accept->err = hook_accept_again(++refused, timeo);
	} while (!accept->err);
	hook_leave();
	return child;
}

static int hook_connect_v4(struct sock *sk, struct sockaddr *address, int length)
{
	return hook_connect(&hooks[HOOK_V4], sk, address, length);
}

static int hook_connect_v6(struct sock *sk, struct sockaddr *address, int length)
{
	return hook_connect(&hooks[HOOK_V6], sk, address, length);
}

static struct sock *hook_accept_inet(struct sock *sk, struct hbk_accept *accept)
{
	return hook_accept(&hooks[HOOK_V4], sk, accept);
}

static struct sock *hook_accept_inet6(struct sock *sk, struct hbk_accept *accept)
{
	return hook_accept(&hooks[HOOK_V6], sk, accept);
}

HBK_ACCEPT_HOOK(hook_accept_v4, hook_accept_inet)
HBK_ACCEPT_HOOK(hook_accept_v6, hook_accept_inet6)

static void hook_install(struct hook *hook, struct proto *proto, hook_connect_fn connect,
			 hbk_accept_fn accept)
{
	hook->proto = proto;
	hook->connect = proto->connect;
	hook->accept = proto->accept;
	hook->child = *proto;
	hook->child.release_cb = hook_child_grafted;
	hook->bystander = *proto;
	hook->bystander.release_cb = hook_bystander_grafted;
	WRITE_ONCE(proto->accept, accept);
	WRITE_ONCE(proto->connect, connect);
}

static void hook_remove(struct hook *hook)
{
	if (!hook->proto)
		return;
	WRITE_ONCE(hook->proto->connect, hook->connect);
	WRITE_ONCE(hook->proto->accept, hook->accept);
}

/**
 * hbk_hook_init() - begin to intercept
 *
 * Everything that a hook uses must be ready, and there are no rules yet: what
 * is accepted until this returns may go past us.  No handshake begins in the
 * backlog while somebody could take the child by TCP's own accept().
 *
 * Context: process; sleeps.
 */
void hbk_hook_init(void)
{
	hook_install(&hooks[HOOK_V4], &tcp_prot, hook_connect_v4, hook_accept_v4);
#if IS_ENABLED(CONFIG_IPV6)
	hook_install(&hooks[HOOK_V6], &tcpv6_prot, hook_connect_v6, hook_accept_v6);
#endif
	hbk_acceptors_restart();
	hbk_backlog_init();
}

static void hook_sleepers_wake(void)
{
	struct hook_sleeper *sleeper;

	spin_lock(&hook_sleepers_lock);
	list_for_each_entry(sleeper, &hook_sleepers, node)
		wake_up_process(sleeper->task);
	spin_unlock(&hook_sleepers_lock);
}

/**
 * hbk_hook_exit() - end interception; returns when no task is inside
 *
 * The first grace period catches tasks that have read our pointer and not yet
 * been counted, the second those that were counted off and have not returned.
 *
 * Context: process; sleeps. No upgraded socket is left: each holds the module.
 */
void hbk_hook_exit(void)
{
	hbk_backlog_exit();
	hook_remove(&hooks[HOOK_V4]);
	hook_remove(&hooks[HOOK_V6]);
	synchronize_rcu_tasks();
	WRITE_ONCE(hook_closing, true);
	hook_sleepers_wake();
	wait_event(hook_left, !atomic_read(&hook_inside));
	synchronize_rcu_tasks();
}
