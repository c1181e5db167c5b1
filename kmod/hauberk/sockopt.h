/* SPDX-License-Identifier: GPL-2.0-only */
/* What an application may ask about its own socket; see uapi/hauberk_socket.h. */
#ifndef _HBK_SOCKOPT_H
#define _HBK_SOCKOPT_H

#include <linux/net.h>
#include <uapi/hauberk_socket.h>

int hbk_sockopt_get(struct socket *sock, int name, char __user *value, int __user *length);

#endif /* _HBK_SOCKOPT_H */
