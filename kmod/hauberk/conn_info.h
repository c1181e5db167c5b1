/* SPDX-License-Identifier: GPL-2.0-only */
/* What is told of a connection: the facts of its events and of `hauberk connections`. */
#ifndef _HBK_CONN_INFO_H
#define _HBK_CONN_INFO_H

#include <linux/in6.h>
#include <linux/types.h>

#include "../core/peer.h"

struct hbk_conn_info {
	u64 id;
	u64 time_ns;			/* of the opening, or of the refusal; since 1970, UTC */
	u64 generation;
	char rule[HBK_NAME_MAX + 1];
	char identity[HBK_NAME_MAX + 1];
	u8 direction;			/* enum hbk_direction */
	struct in6_addr local;		/* IPv4 as ::ffff:a.b.c.d */
	struct in6_addr remote;
	u16 local_port;			/* host byte order */
	u16 remote_port;
	u32 pid;
	u32 uid;
	char comm[HBK_COMM_LEN];
	char *peer_id;			/* owned by whoever owns this struct; NULL if none */
	char peer_name[HBK_DNS_NAME_MAX + 1];
	u8 peer_serial[HBK_SERIAL_MAX];
	u8 peer_serial_length;
	s64 peer_not_after;
	u16 suite;
	bool ktls;
	bool resumed;			/* an earlier session */
	u32 handshake_us;
	u64 rx_bytes;
	u64 tx_bytes;
	enum hbk_reason reason;
};

#endif /* _HBK_CONN_INFO_H */
