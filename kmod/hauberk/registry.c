// SPDX-License-Identifier: GPL-2.0-only
/*
 * The list of open connections and the totals.
 *
 * registry_lock guards the list; it is taken in process context only and
 * nothing sleeps under it.
 */
#include "registry.h"

#include <linux/spinlock.h>

#include "conn.h"
#include "registry_update.h"

static DEFINE_SPINLOCK(registry_lock);
static LIST_HEAD(registry_list);
static u32 registry_open;
static atomic_t registry_pending[HBK_OUTBOUND + 1];	/* by direction: one must not starve the other */
static atomic64_t registry_opened, registry_refused, registry_closed, registry_denied;

/**
 * hbk_registry_admit() - count a handshake that is about to take memory
 * @direction: enum hbk_direction
 * @limit: how many may be pending at once in this direction
 *
 * Context: any.
 * Return: false if the limit is reached; nothing is counted then.
 */
bool hbk_registry_admit(u8 direction, u32 limit)
{
	if (atomic_inc_return(&registry_pending[direction]) <= (int)limit)
		return true;
	atomic_dec(&registry_pending[direction]);
	return false;
}

/**
 * hbk_registry_settle() - a handshake that was admitted is over
 * @direction: as it was admitted
 */
void hbk_registry_settle(u8 direction)
{
	atomic_dec(&registry_pending[direction]);
}

/**
 * hbk_registry_add() - list a connection as open
 * @conn: its handshake is done
 *
 * Context: process.
 */
void hbk_registry_add(struct hbk_conn *conn)
{
	spin_lock(&registry_lock);
	list_add_tail(&conn->node, &registry_list);
	registry_open++;
	spin_unlock(&registry_lock);
	atomic64_inc(&registry_opened);
}

/**
 * hbk_registry_del() - an open connection has ended
 * @conn: must be listed
 *
 * Context: process.
 */
void hbk_registry_del(struct hbk_conn *conn)
{
	spin_lock(&registry_lock);
	list_del_init(&conn->node);
	registry_open--;
	spin_unlock(&registry_lock);
	atomic64_inc(&registry_closed);
}

void hbk_registry_refused(bool denied)
{
	atomic64_inc(denied ? &registry_denied : &registry_refused);
}

/**
 * hbk_registry_visit() - show each open connection to a visitor
 * @visit: called under a spinlock; must not sleep; a nonzero return ends the walk
 * @arg: handed to @visit
 *
 * Context: process.
 * Return: 0, or what @visit returned last.
 */
int hbk_registry_visit(int (*visit)(const struct hbk_conn_info *info, void *arg), void *arg)
{
	struct hbk_conn *conn;
	int err = 0;

	spin_lock(&registry_lock);
	list_for_each_entry(conn, &registry_list, node) {
		conn->info.rx_bytes = atomic64_read(&conn->rx_bytes);
		conn->info.tx_bytes = atomic64_read(&conn->tx_bytes);
		err = visit(&conn->info, arg);
		if (err)
			break;
	}
	spin_unlock(&registry_lock);
	return err;
}

/**
 * hbk_registry_counts() - the totals
 * @counts: filled in
 */
void hbk_registry_counts(struct hbk_registry_counts *counts)
{
	counts->open = READ_ONCE(registry_open);
	counts->inbound = atomic_read(&registry_pending[HBK_INBOUND]);
	counts->outbound = atomic_read(&registry_pending[HBK_OUTBOUND]);
	counts->opened = atomic64_read(&registry_opened);
	counts->refused = atomic64_read(&registry_refused);
	counts->closed = atomic64_read(&registry_closed);
	counts->denied = atomic64_read(&registry_denied);
}
