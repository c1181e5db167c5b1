/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A record layer: what carries the plaintext of an open connection as TLS
 * records over TCP.  There are two, kernel TLS and our own upon BearSSL.  Where
 * a rule has filters they are a layer that stands on one of these, or on TCP
 * itself where the rule leaves the connection plain.
 *
 * No function of a layer waits: record.c does, as the caller of the system
 * call is willing to.  Two mutexes of the connection guard a layer, outside
 * lock_sock: rx_lock what is read, tx_lock what is sent.
 */
#ifndef _HBK_LAYER_H
#define _HBK_LAYER_H

#include <linux/net.h>
#include <linux/poll.h>

#include "compat.h"

struct hbk_conn;
struct hbk_keys;

struct hbk_layer {
	/* tx_lock held; msg_flags has MSG_DONTWAIT and MSG_NOSIGNAL. Bytes taken, or -EAGAIN. */
	int (*sendmsg)(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
		       size_t length);
#ifdef HBK_HAVE_SENDPAGE
	/* The same for a page; NULL: it is sent as a message. */
	ssize_t (*sendpage)(struct hbk_conn *conn, struct socket *sock, struct page *page,
			    int offset, size_t size, int flags);
#endif
	/* tx_lock held; an alert behind everything that was sent, whatever the limits say. The record's length. */
	int (*alert)(struct hbk_conn *conn, u8 level, u8 description);
	/*
	 * rx_lock held; MSG_PEEK is the only flag that counts. All that is there
	 * up to @length, at least a byte; 0 at the end, -EAGAIN, or what the end was.
	 */
	int (*read)(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
		    size_t length, int flags);
	/* rx_lock held; is it certain that read() would give -EAGAIN? Costs less. NULL: it has to be asked. */
	bool (*quiet)(struct hbk_conn *conn);
	/* rx_lock held; bytes of plaintext that read() would give. */
	int (*readable)(struct hbk_conn *conn);
	/* rx_lock held; has the layer taken bytes from TCP that nobody has read? */
	bool (*unread)(struct hbk_conn *conn);
	__poll_t (*poll)(struct hbk_conn *conn, struct file *file, struct socket *sock,
			 struct poll_table_struct *wait);
	/* The socket's, while it is open: calls conn->data_ready. May be NULL. */
	void (*data_ready)(struct sock *sk);
	/* Under TCP's lock: sk_err may have been set, and may mean something else. May be NULL. */
	void (*error)(struct hbk_conn *conn);
	/* tx_lock held; has it bytes that will never be sent? May be NULL. */
	bool (*lost)(struct hbk_conn *conn);
	/* Frees what installing it made. May be NULL. */
	void (*release)(struct hbk_conn *conn);
};

int hbk_layer_install(struct hbk_conn *conn, const struct hbk_keys *keys);
void hbk_layer_release(struct hbk_conn *conn);

#endif /* _HBK_LAYER_H */
