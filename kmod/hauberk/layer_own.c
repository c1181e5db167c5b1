// SPDX-License-Identifier: GPL-2.0-only
/* Our own record layer: what an open connection on it is made of. */
#include "layer_own.h"

#include <linux/slab.h>
#include <net/sock.h>

#include "conn.h"
#include "inject.h"
#include "keys.h"

/* tcp_poll() knows bytes of records: whether they are anything to read, and whether a record waits, it does not. */
static __poll_t own_poll(struct hbk_conn *conn, struct file *file, struct socket *sock,
			 struct poll_table_struct *wait)
{
	__poll_t mask = conn->base->poll(file, sock, wait);

	if (hbk_own_ready(conn))
		mask |= EPOLLIN | EPOLLRDNORM;
	else if (!(READ_ONCE(sock->sk->sk_shutdown) & RCV_SHUTDOWN))
		mask &= ~(EPOLLIN | EPOLLRDNORM);
	if (READ_ONCE(conn->own->tx.rest)) {
		set_bit(SOCK_NOSPACE, &sock->flags);
		mask &= ~(EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	}
	return mask;
}

/**
 * hbk_own_install() - put our own record layer on a connection
 * @conn: in the handshake that is done
 * @keys: of the session
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int hbk_own_install(struct hbk_conn *conn, const struct hbk_keys *keys)
{
	struct hbk_own *own = HBK_INJECT(OWN) ? NULL : kzalloc(sizeof(*own), GFP_KERNEL_ACCOUNT);

	if (!own)
		return -ENOMEM;
	own->conn = conn;
	INIT_DELAYED_WORK(&own->push, hbk_own_push);
	hbk_own_rx_init(&own->rx, keys);
	hbk_own_tx_init(&own->tx, keys);
	conn->own = own;
	return 0;
}

static void own_release(struct hbk_conn *conn)
{
	struct hbk_own *own = conn->own;

	cancel_delayed_work_sync(&own->push);
	hbk_own_rx_exit(&own->rx);
	hbk_own_tx_exit(&own->tx);
	conn->own = NULL;
	kfree_sensitive(own);
}

const struct hbk_layer hbk_layer_own = {
	.sendmsg = hbk_own_sendmsg,
	.alert = hbk_own_alert,
	.read = hbk_own_read,
	.readable = hbk_own_readable,
	.unread = hbk_own_unread,
	.lost = hbk_own_lost,
	.poll = own_poll,
	.release = own_release,
};
