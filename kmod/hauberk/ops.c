// SPDX-License-Identifier: GPL-2.0-only
/*
 * struct proto_ops of upgraded sockets.
 *
 * Each operation waits for the handshake as its caller is willing to wait,
 * then hands down to the record layer.  What could reach TCP past that is cut
 * off: sendmsg_locked, read_skb, mmap, set_peek_off, TCP_ULP, the options of
 * kTLS, and IPV6_ADDRFORM, which would replace these ops.  read_sock stays
 * TCP's: kTLS itself reads records through it.
 *
 * The owner of these ops is this module: the core of the kernel drops that
 * reference after release() has returned, so that the text outlives its last
 * caller.  The owner of the base ops stays held as well.
 */
#include "ops.h"

#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sockios.h>
#include <asm/ioctls.h>
#include <net/inet_common.h>
#include <net/tcp.h>
#include <uapi/linux/tls.h>

#include "compat.h"
#include "conn.h"
#include "layer.h"
#include "layer_filter.h"
#include "record.h"
#include "sniff.h"
#include "sockopt.h"

enum { OPS_V4, OPS_V6, OPS_COUNT };

static const struct proto_ops *ops_base[OPS_COUNT] __ro_after_init;
static struct proto_ops ops_upgraded[OPS_COUNT] __ro_after_init;

/**
 * hbk_ops_base() - the plain TCP operations of a socket's family
 * @sk: TCP over IPv4 or IPv6
 */
const struct proto_ops *hbk_ops_base(const struct sock *sk)
{
	return ops_base[sk->sk_family == AF_INET6 ? OPS_V6 : OPS_V4];
}

/**
 * hbk_ops_suitable() - is this a plain TCP socket, or one of ours?
 * @sock: its ops may be those of a protocol that only borrows TCP
 */
bool hbk_ops_suitable(const struct socket *sock)
{
	int family = sock->sk->sk_family == AF_INET6 ? OPS_V6 : OPS_V4;

	return ops_base[family] &&
	       (sock->ops == ops_base[family] || sock->ops == &ops_upgraded[family]);
}

/**
 * hbk_ops_taken() - are our operations on this socket?
 * @sock: TCP over IPv4 or IPv6
 */
bool hbk_ops_taken(const struct socket *sock)
{
	return sock->ops == &ops_upgraded[OPS_V4] || sock->ops == &ops_upgraded[OPS_V6];
}

/**
 * hbk_ops_take() - put our operations on a socket
 * @sock: suitable, with the plain operations on it
 *
 * Takes over a reference to this module from the caller; release() gives it back.
 *
 * Context: any, as long as the socket cannot be released meanwhile.
 */
void hbk_ops_take(struct socket *sock)
{
	WRITE_ONCE(sock->ops, &ops_upgraded[sock->sk->sk_family == AF_INET6 ? OPS_V6 : OPS_V4]);
}

static bool ops_is_plain(const struct hbk_conn *conn)
{
	return hbk_conn_state(conn) == HBK_CONN_IDLE;
}

/* TCP's way: the error once, then what the direction says. */
static int ops_failed_recv(struct sock *sk)
{
	return sock_error(sk);
}

static int ops_failed_send(struct sock *sk, int flags)
{
	return sk_stream_error(sk, flags, -EPIPE);
}

/*
 * A close_notify that comes now is data to TCP, which answers data for a socket
 * that nobody has with a RST, and forgets what the peer has not got yet.  It may
 * come, as may a FIN: both go with the socket.
 */
static void ops_orphan_listen(struct sock *sk)
{
	local_bh_disable();
	bh_lock_sock(sk);
	if (sock_flag(sk, SOCK_DEAD) &&
	    ((1 << sk->sk_state) & (TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2)))
		sk->sk_shutdown &= ~RCV_SHUTDOWN;
	bh_unlock_sock(sk);
	local_bh_enable();
}

static int ops_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	const struct proto_ops *base = hbk_ops_base(sk);
	struct hbk_conn *conn = hbk_conn_of(sk);
	bool answerable;
	int err;

	sock_hold(sk);
	answerable = hbk_conn_release(conn);
	err = base->release(sock);
	if (answerable)
		ops_orphan_listen(sk);
	sock_put(sk);
	module_put(base->owner);
	return err;
}

/* A connect() after one that failed starts anew: the last attempt's work must be through. */
static void ops_settle(struct hbk_conn *conn)
{
	cancel_delayed_work_sync(&conn->deadline);
	flush_work(&conn->work);
}

/* An open connection ends with its socket: a new one would take its record layer over. */
static int ops_connect_open(struct socket *sock, const struct sockaddr *address, int length)
{
	struct sock *sk = sock->sk;

	if (inet_sk_state_load(sk) == TCP_CLOSE && sock->state != SS_CONNECTED)
		return sock_error(sk) ?: -ECONNABORTED;
	if (length >= (int)sizeof(address->sa_family) && address->sa_family == AF_UNSPEC)
		return -EOPNOTSUPP;
	return 0;
}

static int ops_connect(struct socket *sock, struct sockaddr *address, int length, int flags)
{
	struct sock *sk = sock->sk;
	struct hbk_conn *conn = hbk_conn_of(sk);
	int err;

	if (inet_sk_state_load(sk) == TCP_CLOSE)
		ops_settle(conn);
	if (hbk_conn_state(conn) == HBK_CONN_OPEN) {
		err = ops_connect_open(sock, address, length);
		if (err)
			return err;
	}
	return hbk_ops_base(sk)->connect(sock, address, length, flags);
}

/* Children copy their listener's callbacks: it must have its own again. */
static int ops_listen(struct socket *sock, int backlog)
{
	struct hbk_conn *conn = hbk_conn_of(sock->sk);

	if (inet_sk_state_load(sock->sk) == TCP_CLOSE)
		ops_settle(conn);
	if (hbk_conn_state(conn) == HBK_CONN_HANDSHAKE || hbk_conn_state(conn) == HBK_CONN_OPEN)
		return -EINVAL;
	return hbk_ops_base(sock->sk)->listen(sock, backlog);
}

/*
 * A socket whose connect() had failed may listen.  The child was given its
 * listener's ops: it starts with the plain ones, as any other child.
 */
static const struct proto_ops *ops_accept_plain(struct socket *sock, struct socket *child)
{
	const struct proto_ops *base = hbk_ops_base(sock->sk);

	__module_get(base->owner);
	child->ops = base;
	module_put(THIS_MODULE);
	return base;
}

HBK_SOCK_ACCEPT_HOOK(ops_accept, ops_accept_plain)

static __poll_t ops_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait);

static __poll_t ops_poll_handshake(struct hbk_conn *conn, struct file *file, struct socket *sock,
				   struct poll_table_struct *wait)
{
	struct sock *sk = sock->sk;

	sock_poll_wait(file, sock, wait);
	/* Who ended the handshake before we waited has woken nobody. */
	if (hbk_conn_state(conn) != HBK_CONN_HANDSHAKE)
		return ops_poll(file, sock, NULL);
	if (READ_ONCE(sk->sk_err) || inet_sk_state_load(sk) == TCP_CLOSE)
		return EPOLLERR | EPOLLHUP;
	return hbk_sniff_poll(conn, wait);
}

static __poll_t ops_poll_open(struct hbk_conn *conn, struct file *file, struct socket *sock,
			      struct poll_table_struct *wait)
{
	__poll_t mask = conn->layer->poll(conn, file, sock, wait);

	if (hbk_conn_holds(conn))
		return mask;
	if (READ_ONCE(conn->broken))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(conn->peer_notified))
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	return mask;
}

static __poll_t ops_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait)
{
	struct hbk_conn *conn = hbk_conn_of(sock->sk);

	if (ops_is_plain(conn))
		return hbk_ops_base(sock->sk)->poll(file, sock, wait);
	switch (hbk_conn_state(conn)) {
	case HBK_CONN_HANDSHAKE:
		return ops_poll_handshake(conn, file, sock, wait);
	case HBK_CONN_OPEN:
		return ops_poll_open(conn, file, sock, wait);
	default:
		return hbk_ops_base(sock->sk)->poll(file, sock, wait);
	}
}

static int ops_sendmsg(struct socket *sock, struct msghdr *msg, size_t length)
{
	struct sock *sk = sock->sk;
	struct hbk_conn *conn = hbk_conn_of(sk);
	int err;

	if (conn->info.direction == HBK_OUTBOUND && !ops_is_plain(conn))
		hbk_sniff_words(conn, msg);
	err = hbk_conn_wait(conn, sock_sndtimeo(sk, msg->msg_flags & MSG_DONTWAIT));
	if (err)
		return err;
	if (ops_is_plain(conn))
		return hbk_ops_base(sk)->sendmsg(sock, msg, length);
	if (hbk_conn_state(conn) != HBK_CONN_OPEN || hbk_sniff_refuses(conn))
		return ops_failed_send(sk, msg->msg_flags);
	return hbk_record_sendmsg(conn, sock, msg, length);
}

/* TCP's own, past kTLS, which takes each socket for one of IPv4. */
static int ops_recv_error(struct sock *sk, struct msghdr *msg, size_t length)
{
	int address_length = 0;
	int got = inet_recv_error(sk, msg, length, &address_length);

	if (got >= 0)
		msg->msg_namelen = address_length;
	return got;
}

static int ops_recvmsg(struct socket *sock, struct msghdr *msg, size_t length, int flags)
{
	struct sock *sk = sock->sk;
	struct hbk_conn *conn = hbk_conn_of(sk);
	int err;

	if (flags & MSG_ERRQUEUE)
		return ops_recv_error(sk, msg, length);
	err = hbk_conn_wait(conn, sock_rcvtimeo(sk, flags & MSG_DONTWAIT));
	if (err)
		return err;
	if (ops_is_plain(conn))
		return hbk_ops_base(sk)->recvmsg(sock, msg, length, flags);
	if (flags & MSG_OOB)
		return -EINVAL;
	if (hbk_conn_state(conn) != HBK_CONN_OPEN)
		return ops_failed_recv(sk);
	return hbk_record_recvmsg(conn, sock, msg, length, flags);
}

#ifdef HBK_HAVE_SENDPAGE
static ssize_t ops_sendpage(struct socket *sock, struct page *page, int offset, size_t size,
			    int flags)
{
	struct sock *sk = sock->sk;
	struct hbk_conn *conn = hbk_conn_of(sk);
	ssize_t sent;

	sent = hbk_conn_wait(conn, sock_sndtimeo(sk, flags & MSG_DONTWAIT));
	if (sent)
		return sent;
	if (ops_is_plain(conn))
		return hbk_ops_base(sk)->sendpage(sock, page, offset, size, flags);
	if (hbk_conn_state(conn) != HBK_CONN_OPEN)
		return ops_failed_send(sk, flags);
	if (!conn->layer->sendpage)
		return sock_no_sendpage(sock, page, offset, size, flags);
	return hbk_record_sendpage(conn, sock, page, offset, size, flags);
}
#endif

/* As in TCP, SPLICE_F_NONBLOCK is of the pipe alone. */
static ssize_t ops_splice_read(struct socket *sock, loff_t *position,
			       struct pipe_inode_info *pipe, size_t length, unsigned int flags)
{
	struct sock *sk = sock->sk;
	struct hbk_conn *conn = hbk_conn_of(sk);
	int wait_flags = sock->file->f_flags & O_NONBLOCK ? MSG_DONTWAIT : 0;
	int err;

	err = hbk_conn_wait(conn, sock_rcvtimeo(sk, wait_flags));
	if (err)
		return err;
	if (ops_is_plain(conn))
		return hbk_ops_base(sk)->splice_read(sock, position, pipe, length, flags);
	if (hbk_conn_state(conn) != HBK_CONN_OPEN)
		return ops_failed_recv(sk);
	return hbk_record_splice(conn, sock, pipe, length, wait_flags);
}

/* FIONREAD counts what read() would give, not what TCP holds. */
static int ops_ioctl(struct socket *sock, unsigned int command, unsigned long argument)
{
	struct hbk_conn *conn = hbk_conn_of(sock->sk);
	int readable = 0;

	if (command != SIOCINQ || ops_is_plain(conn) ||
	    hbk_conn_state(conn) == HBK_CONN_FAILED)
		return hbk_ops_base(sock->sk)->ioctl(sock, command, argument);
	if (hbk_conn_state(conn) == HBK_CONN_OPEN)
		readable = hbk_record_readable(conn);
	return put_user(readable, (int __user *)argument);
}

/* shutdown() does not wait for a handshake either: it is done when that is over. */
static int ops_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	struct hbk_conn *conn = hbk_conn_of(sk);
	bool postponed = false;

	if (ops_is_plain(conn) || how < SHUT_RD || how > SHUT_RDWR)
		return hbk_ops_base(sk)->shutdown(sock, how);
	lock_sock(sk);
	if (conn->state == HBK_CONN_HANDSHAKE &&
	    ((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT))) {
		conn->shut |= how + 1;	/* as inet_shutdown() turns SHUT_* into *_SHUTDOWN */
		postponed = true;
	}
	release_sock(sk);
	if (postponed) {
		hbk_conn_want(conn);
		return 0;
	}
	if (hbk_conn_state(conn) == HBK_CONN_OPEN) {
		hbk_conn_part(conn, how + 1);
		if (how != SHUT_RD && conn->filter && !hbk_filtering_finish(conn, how + 1))
			return 0;
		if (how != SHUT_RD)
			hbk_record_notify(conn);
	}
	return hbk_ops_base(sk)->shutdown(sock, how);
}

struct ops_option {
	int level;
	int name;
};

static bool ops_option_listed(const struct ops_option *options, int count, int level, int name)
{
	int i;

	for (i = 0; i < count; i++)
		if (options[i].level == level && (options[i].name == name || options[i].name < 0))
			return true;
	return false;
}

/* A negative name stands for the whole level. */
static const struct ops_option ops_set_refused[] = {
	{ SOL_TLS, -1 },
	{ SOL_TCP, TCP_REPAIR },
};

/* These replace sock->ops: not even where the connection is left plain. */
static const struct ops_option ops_set_never[] = {
	{ SOL_TCP, TCP_ULP },
	{ SOL_IPV6, IPV6_ADDRFORM },
};

static const struct ops_option ops_get_refused[] = {
	{ SOL_TLS, -1 },		/* would tell the keys */
	{ SOL_TCP, TCP_ZEROCOPY_RECEIVE },
};

static int ops_setsockopt(struct socket *sock, int level, int name, sockptr_t value,
			  unsigned int length)
{
	if (ops_option_listed(ops_set_never, ARRAY_SIZE(ops_set_never), level, name))
		return -EBUSY;
	if (!ops_is_plain(hbk_conn_of(sock->sk)) &&
	    ops_option_listed(ops_set_refused, ARRAY_SIZE(ops_set_refused), level, name))
		return -EBUSY;
	return hbk_ops_base(sock->sk)->setsockopt(sock, level, name, value, length);
}

static int ops_getsockopt(struct socket *sock, int level, int name, char __user *value,
			  int __user *length)
{
	bool plain = ops_is_plain(hbk_conn_of(sock->sk));

	if (level == SOL_HAUBERK && !plain)
		return hbk_sockopt_get(sock, name, value, length);
	if (level == SOL_TCP && name == TCP_ULP)
		return put_user(0, length);	/* as if there were none */
	if (!plain &&
	    ops_option_listed(ops_get_refused, ARRAY_SIZE(ops_get_refused), level, name))
		return -ENOPROTOOPT;
	return hbk_ops_base(sock->sk)->getsockopt(sock, level, name, value, length);
}

/*
 * lock_sock held.  TCP is to tell of each byte: the handshake needs it, and
 * records say more than bytes do.  Its function is called for the buffer, which
 * it makes large enough.
 */
static int ops_set_rcvlowat(struct sock *sk, int value)
{
	struct hbk_conn *conn = hbk_conn_of(sk);
	int err = hbk_ops_base(sk)->set_rcvlowat(sk, value);

	if (err || ops_is_plain(conn) || hbk_conn_state(conn) == HBK_CONN_FAILED)
		return err;
	WRITE_ONCE(conn->rcvlowat, sk->sk_rcvlowat);
	WRITE_ONCE(sk->sk_rcvlowat, 1);
	sk->sk_state_change(sk);	/* a lower mark may be reached already */
	return 0;
}

static void __init ops_build(struct proto_ops *ops, const struct proto_ops *base)
{
	*ops = *base;
	ops->owner = THIS_MODULE;
	ops->release = ops_release;
	ops->connect = ops_connect;
	ops->listen = ops_listen;
	ops->accept = ops_accept;
	ops->poll = ops_poll;
	ops->shutdown = ops_shutdown;
	ops->setsockopt = ops_setsockopt;
	ops->getsockopt = ops_getsockopt;
	ops->sendmsg = ops_sendmsg;
	ops->recvmsg = ops_recvmsg;
	ops->splice_read = ops_splice_read;
	ops->ioctl = ops_ioctl;
	ops->set_rcvlowat = ops_set_rcvlowat;
#ifdef HBK_HAVE_SENDPAGE
	ops->sendpage = ops_sendpage;
	ops->sendpage_locked = NULL;
#endif
	ops->sendmsg_locked = NULL;
	ops->read_skb = NULL;
	ops->set_peek_off = NULL;
	ops->mmap = sock_no_mmap;
}

/* inet6_stream_ops is not exported before 7.x: a socket of that family shows it. */
static int __init ops_find(int family, const struct proto_ops **base)
{
	struct socket *sock;
	int err = sock_create_kern(&init_net, family, SOCK_STREAM, IPPROTO_TCP, &sock);

	if (err)
		return err;
	*base = sock->ops;
	sock_release(sock);
	return 0;
}

/**
 * hbk_ops_init() - find the plain operations and build ours upon them
 *
 * Return: 0, or why there is no IPv4 here; a kernel without IPv6 is served all the same.
 */
int __init hbk_ops_init(void)
{
	int err = ops_find(AF_INET, &ops_base[OPS_V4]);

	if (err)
		return err;
	ops_build(&ops_upgraded[OPS_V4], ops_base[OPS_V4]);
	err = ops_find(AF_INET6, &ops_base[OPS_V6]);
	if (err)
		return err == -EAFNOSUPPORT ? 0 : err;
	ops_build(&ops_upgraded[OPS_V6], ops_base[OPS_V6]);
	return 0;
}
