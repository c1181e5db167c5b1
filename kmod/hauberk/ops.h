/* SPDX-License-Identifier: GPL-2.0-only */
/* The socket operations that an application meets on an upgraded socket. */
#ifndef _HBK_OPS_H
#define _HBK_OPS_H

#include <linux/net.h>
#include <net/sock.h>

int hbk_ops_init(void);
const struct proto_ops *hbk_ops_base(const struct sock *sk);
bool hbk_ops_suitable(const struct socket *sock);
bool hbk_ops_taken(const struct socket *sock);
void hbk_ops_take(struct socket *sock);

#endif /* _HBK_OPS_H */
