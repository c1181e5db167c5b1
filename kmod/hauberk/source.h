/* SPDX-License-Identifier: GPL-2.0-only */
/* How many handshakes one source may begin: an IPv4 address, or the /64 that an IPv6 address is in. */
#ifndef _HBK_SOURCE_H
#define _HBK_SOURCE_H

#include <linux/in6.h>
#include <linux/types.h>

void hbk_source_init(void);
bool hbk_source_admit(const struct in6_addr *remote, u32 netns, u32 rate);

#endif /* _HBK_SOURCE_H */
