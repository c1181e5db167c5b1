// SPDX-License-Identifier: GPL-2.0-only
/*
 * A task can sleep in TCP's own accept() for ever, and would return with a
 * child that our accept() has never seen.  When ours is in place all of them
 * are made to begin their system call anew, as if a signal had come that has
 * no handler; then they find ours.
 *
 * inet_csk_accept() sleeps in two places.  On the listener's own wait queue
 * only it waits with autoremove_wake_function(): poll, epoll and io_uring have
 * functions of their own, and so has our accept().  Before and after that it
 * may wait for the listener's lock, among others: nobody can be told from the
 * others there, and no signal ends that, but it is soon over.
 *
 * All listeners of all network namespaces are in one table.
 */
#include "acceptors.h"

#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>
#include <net/inet_hashtables.h>
#include <net/net_namespace.h>
#include <net/tcp.h>
#include <net/transp_v6.h>

#define ACCEPTORS_ROUNDS	20	/* at most: a listener's lock may be fought for all the time */
#define ACCEPTORS_QUIET		2	/* a task that was just given the lock is in neither queue, once */

/*
 * Not MPTCP's listeners and others of the kernel's own, whose accept() does not
 * come by way of the sk_prot, nor those of a sockmap, which have another one.
 */
static bool acceptors_are_ours(const struct sock *sk)
{
	if (sk->sk_kern_sock)
		return false;
#if IS_ENABLED(CONFIG_IPV6)
	if (READ_ONCE(sk->sk_prot) == &tcpv6_prot)
		return true;
#endif
	return READ_ONCE(sk->sk_prot) == &tcp_prot;
}

/* A task that is in the queue cannot go: it would need the queue's lock. */
static bool acceptors_wake(struct wait_queue_head *queue)
{
	struct wait_queue_entry *entry;
	struct task_struct *task;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&queue->lock, flags);
	list_for_each_entry(entry, &queue->head, entry) {
		task = entry->private;
		if (entry->func != autoremove_wake_function || (task->flags & PF_KTHREAD))
			continue;
		set_tsk_thread_flag(task, TIF_SIGPENDING);
		wake_up_process(task);
		found = true;
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	return found;
}

/* RCU read lock held, and that of the bucket: the listener is not closed. */
static bool acceptors_look(struct sock *sk)
{
	struct socket_wq *wq = rcu_dereference(sk->sk_wq);
	bool found;

	if (!wq || !acceptors_are_ours(sk))
		return false;
	/* Without a barrier: who was on the way into this queue is in it since the grace period. */
	found = waitqueue_active(&sk->sk_lock.wq);
	return acceptors_wake(&wq->wait) || found;
}

/* Was there anybody who may still be in TCP's own accept()? */
static bool acceptors_search(struct inet_listen_hashbucket *bucket)
{
	struct hlist_nulls_node *node;
	bool found = false;
	struct sock *sk;

	if (hlist_nulls_empty(&bucket->nulls_head))
		return false;
	rcu_read_lock();
	spin_lock(&bucket->lock);
	sk_nulls_for_each(sk, node, &bucket->nulls_head)
		found |= acceptors_look(sk);
	spin_unlock(&bucket->lock);
	rcu_read_unlock();
	return found;
}

static bool acceptors_search_all(void)
{
	struct inet_hashinfo *table = init_net.ipv4.tcp_death_row.hashinfo;
	bool found = false;
	unsigned int i;

	for (i = 0; i <= table->lhash2_mask; i++) {
		found |= acceptors_search(&table->lhash2[i]);
		cond_resched();
	}
	return found;
}

/**
 * hbk_acceptors_restart() - nobody is in TCP's own accept() any more
 *
 * A grace period ends when each task that was running has slept, or was in
 * user space: whoever has read the old pointer is in one of the queues then,
 * or gone.
 *
 * Context: process; sleeps. New system calls find our accept() already.
 */
void hbk_acceptors_restart(void)
{
	int round, quiet = 0;

	for (round = 0; round < ACCEPTORS_ROUNDS && quiet < ACCEPTORS_QUIET; round++) {
		synchronize_rcu_tasks();
		quiet = acceptors_search_all() ? 0 : quiet + 1;
	}
}
