// SPDX-License-Identifier: GPL-2.0-only
/*
 * One look at the decision table, in the context of the task that connects or
 * accepts.  No lock but RCU, no allocation.
 */
#include "flow.h"

#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/sched.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>

#define FLOW_CGROUP_DEPTH	32	/* levels looked at, the root's included */

static bool flow_bound_to_v4(const struct sock *sk)
{
#if IS_ENABLED(CONFIG_IPV6)
	return ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr);
#else
	return true;
#endif
}

/*
 * connect() to the unspecified address reaches this host: the rules see the
 * address that tcp_v6_connect() and the routing will choose, the one that the
 * socket is bound to or the loopback address.
 */
static void flow_loopback(const struct sock *sk, struct in6_addr *address)
{
	bool any4 = ipv6_addr_v4mapped(address) && !address->s6_addr32[3];

	if (ipv6_addr_any(address) && !flow_bound_to_v4(sk))
		*address = in6addr_loopback;
	else if (any4 || ipv6_addr_any(address))
		ipv6_addr_set_v4mapped(inet_sk(sk)->inet_saddr ?: htonl(INADDR_LOOPBACK), address);
}

/**
 * hbk_flow_remote() - the destination of a connect()
 * @sk: what it is bound to counts for the unspecified address
 * @address: kernel memory
 * @length: of it, in bytes
 * @info: remote and remote_port are filled in
 *
 * Return: false if it is no complete IPv4 or IPv6 address: connect() itself will say what is wrong.
 */
bool hbk_flow_remote(const struct sock *sk, const struct sockaddr *address, int length,
		     struct hbk_conn_info *info)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;

	if (length >= (int)sizeof(*in) && in->sin_family == AF_INET) {
		ipv6_addr_set_v4mapped(in->sin_addr.s_addr, &info->remote);
		info->remote_port = ntohs(in->sin_port);
	} else if (length >= SIN6_LEN_RFC2133 && in6->sin6_family == AF_INET6) {
		info->remote = in6->sin6_addr;
		info->remote_port = ntohs(in6->sin6_port);
	} else {
		return false;
	}
	flow_loopback(sk, &info->remote);
	return true;
}

/**
 * hbk_flow_child() - the ends of an accepted connection
 * @child: established
 * @info: remote, remote_port and local_port are filled in
 */
void hbk_flow_child(const struct sock *child, struct hbk_conn_info *info)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (child->sk_family == AF_INET6)
		info->remote = child->sk_v6_daddr;
	else
#endif
		ipv6_addr_set_v4mapped(child->sk_daddr, &info->remote);
	info->remote_port = ntohs(child->sk_dport);
	info->local_port = child->sk_num;
}

/* A task names itself as it likes: what reaches terminals and logs is printable. */
static void flow_comm_clean(char *comm)
{
	for (; *comm; comm++)
		if (!isascii(*comm) || !isprint(*comm))
			*comm = '?';
}

/**
 * hbk_flow_task() - who connects or accepts
 * @info: pid, uid and comm are filled in
 *
 * Context: the task itself.
 */
void hbk_flow_task(struct hbk_conn_info *info)
{
	info->pid = task_tgid_nr(current);
	info->uid = from_kuid(&init_user_ns, current_uid());
	get_task_comm(info->comm, current);
	flow_comm_clean(info->comm);
}

static void flow_task(struct hbk_conn_info *info, struct hbk_flow *flow)
{
	hbk_flow_task(info);
	flow->uid = info->uid;
	flow->gid = from_kgid(&init_user_ns, current_gid());
	flow->comm = info->comm;
}

static u32 flow_cgroups(u64 *ids)
{
	struct cgroup *cgroup;
	u32 count = 0;

	rcu_read_lock();
	cgroup = task_dfl_cgroup(current);
	/* A user can nest his own deeper, but not out of those above: these are kept. */
	while (cgroup && cgroup->level >= FLOW_CGROUP_DEPTH)
		cgroup = cgroup_parent(cgroup);
	for (; cgroup && count < FLOW_CGROUP_DEPTH;
	     cgroup = cgroup_parent(cgroup))
		ids[count++] = cgroup_id(cgroup);
	rcu_read_unlock();
	return count;
}

static void flow_wire(const struct sock *sk, const struct hbk_conn_info *info,
		      struct hbk_flow *flow)
{
	flow->direction = info->direction;
	flow->port = info->direction == HBK_INBOUND ? info->local_port : info->remote_port;
	memcpy(flow->remote, &info->remote, sizeof(flow->remote));
	flow->netns = sock_net(sk)->ns.inum;
}

static struct hbk_rule *flow_rule(struct hbk_ruleset *ruleset, int index,
				  struct hbk_conn_info *info)
{
	struct hbk_rule *rule;

	if (index < 0)
		return NULL;
	rule = &ruleset->rules[index];
	info->generation = ruleset->generation;
	strscpy(info->rule, rule->name, sizeof(info->rule));
	if (rule->identity)
		strscpy(info->identity, rule->identity->name, sizeof(info->identity));
	return rule;
}

/**
 * hbk_flow_match_early() - the rule that decides, whoever will accept
 * @ruleset: held by the caller
 * @sk: its network namespace counts
 * @info: direction and ends are known; the rule's names are filled in
 *
 * Nothing is counted yet.
 *
 * Context: any.
 * Return: the rule, or NULL if none matches or the accepting task must be known.
 */
struct hbk_rule *hbk_flow_match_early(struct hbk_ruleset *ruleset, const struct sock *sk,
				      struct hbk_conn_info *info)
{
	struct hbk_flow flow = {};

	flow_wire(sk, info, &flow);
	return flow_rule(ruleset, hbk_table_match_early(&ruleset->table, &flow), info);
}

/**
 * hbk_flow_match() - the rule that decides about a connection
 * @ruleset: held by the caller
 * @sk: its network namespace counts
 * @info: direction and ends are known; the task's are filled in, and the rule's names
 *
 * Context: the connecting or accepting task.
 * Return: the rule, or NULL if none matches.
 */
struct hbk_rule *hbk_flow_match(struct hbk_ruleset *ruleset, const struct sock *sk,
				struct hbk_conn_info *info)
{
	u64 cgroups[FLOW_CGROUP_DEPTH];
	struct hbk_flow flow = {};
	struct hbk_rule *rule;

	flow_wire(sk, info, &flow);
	flow_task(info, &flow);
	if (ruleset->table.uses_cgroups) {
		flow.cgroups = cgroups;
		flow.cgroup_count = flow_cgroups(cgroups);
	}
	rule = flow_rule(ruleset, hbk_table_match(&ruleset->table, &flow), info);
	if (rule)
		atomic64_inc(&rule->matched);
	return rule;
}
