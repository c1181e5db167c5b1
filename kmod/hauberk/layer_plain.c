// SPDX-License-Identifier: GPL-2.0-only
/*
 * No records at all: TCP itself, under the filters of connections that stay
 * plaintext.  Its callers are the filters: messages are in the kernel's memory.
 */
#include "layer_plain.h"

#include <net/tcp.h>

#include "conn.h"

static int plain_sendmsg(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
			 size_t length)
{
	return conn->base->sendmsg(sock, msg, length);
}

/* There is nothing to say goodbye with but TCP's own FIN. */
static int plain_alert(struct hbk_conn *conn, u8 level, u8 description)
{
	return 0;
}

static int plain_end(struct hbk_conn *conn, int got)
{
	if (!got && sock_flag(conn->sk, SOCK_DONE))
		hbk_conn_end(conn, HBK_REASON_PEER_CLOSED);
	else if (got == -ECONNRESET || got == -EPIPE)
		hbk_conn_end(conn, HBK_REASON_RESET);
	return got;
}

static int plain_read(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
		      size_t length, int flags)
{
	int address_length = 0;
	int got = tcp_prot.recvmsg(conn->sk, msg, length, flags | MSG_DONTWAIT, &address_length);

	return got > 0 ? got : plain_end(conn, got);
}

static int plain_readable(struct hbk_conn *conn)
{
	return max(tcp_inq(conn->sk), 0);
}

/* TCP knows by itself what nobody has read. */
static bool plain_unread(struct hbk_conn *conn)
{
	return false;
}

static __poll_t plain_poll(struct hbk_conn *conn, struct file *file, struct socket *sock,
			   struct poll_table_struct *wait)
{
	return conn->base->poll(file, sock, wait);
}

const struct hbk_layer hbk_layer_plain = {
	.sendmsg = plain_sendmsg,
	.alert = plain_alert,
	.read = plain_read,
	.readable = plain_readable,
	.unread = plain_unread,
	.poll = plain_poll,
};
