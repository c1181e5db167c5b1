// SPDX-License-Identifier: GPL-2.0-only
/*
 * getsockopt(SOL_HAUBERK): the facts of an open connection.
 *
 * They are written before the connection is open and stay as they are until it
 * is released, which no system call on the descriptor outlives.
 */
#include "sockopt.h"

#include <linux/fs.h>
#include <linux/uaccess.h>

#include "conn.h"

static_assert(sizeof(((struct hbk_so_info *)NULL)->rule) == HBK_NAME_MAX + 1);
static_assert(sizeof(((struct hbk_so_info *)NULL)->peer_name) >= HBK_DNS_NAME_MAX + 1);
static_assert(sizeof(((struct hbk_so_info *)NULL)->peer_serial) >= HBK_SERIAL_MAX);

/* The answer, and how long it is. */
static int sockopt_put(char __user *value, int __user *length, const void *data, int size)
{
	if (put_user(size, length) || copy_to_user(value, data, size))
		return -EFAULT;
	return 0;
}

static int sockopt_info(const struct hbk_conn_info *info, char __user *value,
			int __user *length, int room)
{
	struct hbk_so_info out = {
		.connection = info->id,
		.generation = info->generation,
		.peer_not_after = info->peer_not_after,
		.version = HBK_SO_TLS12,
		.suite = info->suite,
		.direction = info->direction,
		.ktls = info->ktls,
		.resumed = info->resumed,
		.peer_serial_length = info->peer_serial_length,
	};

	memcpy(out.peer_serial, info->peer_serial, sizeof(info->peer_serial));
	strscpy(out.rule, info->rule, sizeof(out.rule));
	strscpy(out.identity, info->identity, sizeof(out.identity));
	strscpy(out.peer_name, info->peer_name, sizeof(out.peer_name));
	return sockopt_put(value, length, &out, min_t(int, room, sizeof(out)));
}

static int sockopt_peer_id(const struct hbk_conn_info *info, char __user *value,
			   int __user *length, int room)
{
	const char *id = info->peer_id ?: "";
	int size = strlen(id) + 1;

	return size > room ? -ERANGE : sockopt_put(value, length, id, size);
}

static const struct {
	int name;
	int (*get)(const struct hbk_conn_info *info, char __user *value, int __user *length,
		   int room);
} sockopts[] = {
	{ HBK_SO_INFO, sockopt_info },
	{ HBK_SO_PEER_ID, sockopt_peer_id },
};

/* The handshake is waited for as a read would. */
static int sockopt_await(struct hbk_conn *conn)
{
	const struct file *file = conn->sk->sk_socket->file;
	bool nonblock = file && (file->f_flags & O_NONBLOCK);
	int err = hbk_conn_wait(conn, sock_rcvtimeo(conn->sk, nonblock));

	if (err)
		return err;
	return hbk_conn_state(conn) == HBK_CONN_OPEN ? 0 : -ENOTCONN;
}

/**
 * hbk_sockopt_get() - answer a getsockopt() of the level SOL_HAUBERK
 * @sock: its ops are ours, and its connection is not left plain
 * @name: HBK_SO_INFO or HBK_SO_PEER_ID
 * @value: the application's buffer
 * @length: its size, and then how much of it was filled
 *
 * Context: process, socket not locked; may wait for the handshake.
 * Return: 0 or a negative errno.
 */
int hbk_sockopt_get(struct socket *sock, int name, char __user *value, int __user *length)
{
	struct hbk_conn *conn = hbk_conn_of(sock->sk);
	unsigned int i;
	int room, err;

	if (get_user(room, length))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(sockopts); i++) {
		if (sockopts[i].name != name)
			continue;
		err = sockopt_await(conn);
		if (!err && conn->plain)
			err = -ENOPROTOOPT;	/* as if there were no filters: nobody is authenticated */
		return err ?: sockopts[i].get(&conn->info, value, length, room);
	}
	return -ENOPROTOOPT;
}
