/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * What an application may ask about an upgraded socket.
 *
 *	struct hbk_so_info info;
 *	socklen_t length = sizeof(info);
 *
 *	if (getsockopt(fd, SOL_HAUBERK, HBK_SO_INFO, &info, &length) == 0)
 *		printf("%04x\n", info.suite);
 *
 * Both options wait for the handshake as a read would: not at all on a
 * non-blocking socket (EAGAIN), for SO_RCVTIMEO on others.  A socket whose
 * handshake failed answers ENOTCONN, a buffer that is too small for a string
 * ERANGE.  One that is not upgraded knows no such level: as for any other that
 * it does not know, the kernel says EOPNOTSUPP over IPv4, ENOPROTOOPT over IPv6.
 */
#ifndef _UAPI_HAUBERK_SOCKET_H
#define _UAPI_HAUBERK_SOCKET_H

#include <linux/types.h>

#define SOL_HAUBERK	0x4842		/* "HB"; no level of the kernel's own */

#define HBK_SO_INFO	1		/* struct hbk_so_info; a shorter buffer gets its beginning */
#define HBK_SO_PEER_ID	2		/* the peer's SPIFFE id and a final NUL: at most 2049 bytes; "" if it has none */

#define HBK_SO_TLS12	0x0303		/* RFC 5246 */

struct hbk_so_info {
	__u64 connection;		/* id, as in events */
	__u64 generation;		/* of the rule-set that the connection belongs to */
	__u64 peer_not_after;		/* seconds since 1970, UTC: when the peer's certificate expires */
	__u16 version;			/* HBK_SO_TLS12 */
	__u16 suite;			/* IANA number */
	__u8 direction;			/* 1: accepted, 2: connected */
	__u8 ktls;			/* 1: the kernel's own record layer, 0: Hauberk's */
	__u8 resumed;			/* 1: a session was resumed */
	__u8 peer_serial_length;	/* bytes of peer_serial that count */
	__u8 peer_serial[24];		/* big-endian, as in the certificate */
	char rule[64];			/* NUL-terminated */
	char identity[64];		/* our own, NUL-terminated */
	char peer_name[256];		/* the DNS name that was matched, or the first one; NUL-terminated */
};

#endif /* _UAPI_HAUBERK_SOCKET_H */
