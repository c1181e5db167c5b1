/* SPDX-License-Identifier: GPL-2.0-only */
/* Every difference between kernel versions that hauberk.ko meets, and nothing else. */
#ifndef _HBK_COMPAT_H
#define _HBK_COMPAT_H

#include <linux/net.h>
#include <linux/version.h>
#include <net/inet_connection_sock.h>
#include <net/sock.h>

/* sendpage went in 6.5: splice and sendfile come as sendmsg with MSG_SPLICE_PAGES since. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define HBK_HAVE_SENDPAGE 1
#endif

/* What accept() is asked and what it answers, whatever the version passes it in. */
struct hbk_accept {
	int flags;		/* O_NONBLOCK */
	int err;
	int is_empty;		/* for io_uring: no other child waits; -1 if not known */
	bool kern;		/* a socket of the kernel's own */
};

/*
 * proto.accept took its arguments one by one until 6.10, in a struct since.
 * HBK_ACCEPT_HOOK defines one that calls @inner(sk, struct hbk_accept *).
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
typedef struct sock *(*hbk_accept_fn)(struct sock *sk, struct proto_accept_arg *arg);

static inline struct sock *hbk_accept_call(hbk_accept_fn fn, struct sock *sk,
					   struct hbk_accept *accept)
{
	struct proto_accept_arg arg = {
		.flags = accept->flags, .err = accept->err,
		.is_empty = accept->is_empty, .kern = accept->kern,
	};
	struct sock *child = fn(sk, &arg);

	accept->err = arg.err;
	accept->is_empty = arg.is_empty;
	return child;
}

#define HBK_ACCEPT_HOOK(name, inner)						\
static struct sock *name(struct sock *sk, struct proto_accept_arg *arg)	\
{										\
	struct hbk_accept accept = {						\
		.flags = arg->flags, .err = arg->err,				\
		.is_empty = arg->is_empty, .kern = arg->kern,			\
	};									\
	struct sock *child = inner(sk, &accept);				\
										\
	arg->err = accept.err;							\
	arg->is_empty = accept.is_empty;					\
	return child;								\
}
#else
typedef struct sock *(*hbk_accept_fn)(struct sock *sk, int flags, int *err, bool kern);

static inline struct sock *hbk_accept_call(hbk_accept_fn fn, struct sock *sk,
					   struct hbk_accept *accept)
{
	return fn(sk, accept->flags, &accept->err, accept->kern);
}

#define HBK_ACCEPT_HOOK(name, inner)						\
static struct sock *name(struct sock *sk, int flags, int *err, bool kern)	\
{										\
	struct hbk_accept accept = { .flags = flags, .err = *err, .kern = kern };	\
	struct sock *child = inner(sk, &accept);				\
										\
	*err = accept.err;							\
	return child;								\
}
#endif

/* proto_ops.accept has the same history: @before(sock, child), then the plain one. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define HBK_SOCK_ACCEPT_HOOK(name, before)					\
static int name(struct socket *sock, struct socket *child,			\
		struct proto_accept_arg *arg)					\
{										\
	return before(sock, child)->accept(sock, child, arg);			\
}
#else
#define HBK_SOCK_ACCEPT_HOOK(name, before)					\
static int name(struct socket *sock, struct socket *child, int flags, bool kern)	\
{										\
	return before(sock, child)->accept(sock, child, flags, kern);		\
}
#endif

#endif /* _HBK_COMPAT_H */
