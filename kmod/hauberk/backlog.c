// SPDX-License-Identifier: GPL-2.0-only
/*
 * A server's handshake begins where the kernel's own part of accept() does:
 * when the child reaches TCP_ESTABLISHED and is put into its listener's
 * backlog.  A program that waits for its client to be connected before it
 * accepts, in one thread, would wait for itself otherwise; and a slow acceptor
 * makes no client wait for more than TCP would.
 *
 * The tracepoint of TCP's states tells when, under the child's lock, mostly in
 * softirq.  Who will accept is not known then: where a rule asks for the task,
 * the connection waits for accept(), as it does where there is no memory now.
 *
 * Nobody releases a child that is never accepted: its listener forgets it, by
 * tcp_disconnect() and sock_orphan(), and the error report in the former sets
 * the connection's work going, which finds an orphan.  And one that somebody
 * takes past our accept(), as by a sockmap's, may be closed without a word to
 * us: the work looks after each child from time to time until it is accepted.
 */
#include "backlog.h"

#include <linux/module.h>
#include <linux/tracepoint.h>
#include <net/tcp.h>
#include <net/transp_v6.h>

#include "conn.h"
#include "flow.h"
#include "inject.h"
#include "ops.h"
#include "ruleset.h"

static struct tracepoint *backlog_states;	/* inet_sock_set_state */

static bool backlog_is_tcp(const struct sock *sk)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_prot == &tcpv6_prot)
		return true;
#endif
	return sk->sk_prot == &tcp_prot;
}

/* A plain TCP child of a process's listener, which nobody has yet. */
static bool backlog_is_child(const struct sock *sk)
{
	return backlog_is_tcp(sk) && !sk->sk_socket && !sk->sk_kern_sock &&
	       !READ_ONCE(sk->sk_user_data) && !inet_csk(sk)->icsk_ulp_ops &&
	       !hbk_conn_is_backlogged(sk);
}

static void backlog_begin(struct sock *child, struct hbk_ruleset *ruleset)
{
	struct hbk_conn_info info = { .direction = HBK_INBOUND };
	struct hbk_conn *conn;
	struct hbk_rule *rule;

	hbk_flow_child(child, &info);
	rule = hbk_flow_match_early(ruleset, child, &info);
	if (!rule || !hbk_rule_takes(rule))
		return;
	if (HBK_INJECT(MODULE) || !try_module_get(THIS_MODULE))
		return;
	conn = hbk_conn_create(child, hbk_ops_base(child), GFP_ATOMIC);
	if (IS_ERR(conn)) {
		module_put(THIS_MODULE);
		return;
	}
	atomic64_inc(&rule->matched);
	hbk_conn_attach(conn);
	hbk_conn_arm(conn, ruleset, rule, &info);
	hbk_conn_watch(conn);
}

/* Before the new state is set: TCP calls sk_state_change, which is ours by then, afterwards. */
static void backlog_probe(void *data, const struct sock *sk, int before, int after)
{
	struct hbk_ruleset *ruleset;

	if (before != TCP_SYN_RECV || after != TCP_ESTABLISHED || !backlog_is_child(sk))
		return;
	ruleset = hbk_ruleset_get();
	if (!ruleset)
		return;
	backlog_begin((struct sock *)sk, ruleset);
	hbk_ruleset_put(ruleset);
}

static void backlog_look(struct tracepoint *tracepoint, void *found)
{
	if (!strcmp(tracepoint->name, "inet_sock_set_state"))
		*(struct tracepoint **)found = tracepoint;
}

/**
 * hbk_backlog_init() - begin handshakes in the backlog
 *
 * Where this kernel has no such tracepoint they begin at accept().
 *
 * Context: process; what the probe uses must be ready.
 */
void hbk_backlog_init(void)
{
	for_each_kernel_tracepoint(backlog_look, &backlog_states);
	if (backlog_states && tracepoint_probe_register(backlog_states, backlog_probe, NULL))
		backlog_states = NULL;
	if (!backlog_states)
		pr_notice("hauberk: no inet_sock_set_state here: handshakes begin at accept()\n");
}

/**
 * hbk_backlog_exit() - no more; returns when no probe runs
 *
 * Context: process; sleeps.
 */
void hbk_backlog_exit(void)
{
	if (backlog_states)
		tracepoint_probe_unregister(backlog_states, backlog_probe, NULL);
	tracepoint_synchronize_unregister();
}
