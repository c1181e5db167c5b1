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

/*
 * proto.accept took its arguments one by one until 6.10.  HBK_ACCEPT_ARGS is
 * the parameter list after the socket, HBK_ACCEPT_PASS hands it on.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define HBK_ACCEPT_ARGS		struct proto_accept_arg *arg
#define HBK_ACCEPT_PASS		arg
#define HBK_ACCEPT_ERR		(&arg->err)
#define HBK_ACCEPT_FLAGS	(arg->flags)
#define HBK_ACCEPT_KERN		(arg->kern)
#else
#define HBK_ACCEPT_ARGS		int flags, int *err, bool kern
#define HBK_ACCEPT_PASS		flags, err, kern
#define HBK_ACCEPT_ERR		err
#define HBK_ACCEPT_FLAGS	flags
#define HBK_ACCEPT_KERN		kern
#endif

/* proto_ops.accept has the same history, with the error as its return value. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define HBK_SOCK_ACCEPT_ARGS	struct proto_accept_arg *arg
#define HBK_SOCK_ACCEPT_PASS	arg
#else
#define HBK_SOCK_ACCEPT_ARGS	int flags, bool kern
#define HBK_SOCK_ACCEPT_PASS	flags, kern
#endif

typedef struct sock *(*hbk_accept_fn)(struct sock *sk, HBK_ACCEPT_ARGS);

#endif /* _HBK_COMPAT_H */
