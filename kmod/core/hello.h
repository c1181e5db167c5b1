/* SPDX-License-Identifier: GPL-2.0-only */
/* The first bytes of a stream: is it TLS, and whose? */
#ifndef _HBK_CORE_HELLO_H
#define _HBK_CORE_HELLO_H

#include "types.h"

#define HBK_HELLO_ALPN	"hauberk"	/* RFC 7301: how our ClientHello is told from an application's */
#define HBK_HELLO_MAX	1024		/* bytes looked at; our own ClientHello needs far fewer */
#define HBK_HELLO_HEAD	6		/* bytes that tell a ClientHello from anything else */

enum hbk_hello {
	HBK_HELLO_MORE,		/* cannot be told yet */
	HBK_HELLO_NONE,		/* not TLS */
	HBK_HELLO_OTHER,	/* TLS, without our name */
	HBK_HELLO_OURS,		/* TLS, with our name in its ALPN extension */
};

enum hbk_hello hbk_hello_begins(const u8 *data, size_t length);
enum hbk_hello hbk_hello_scan(const u8 *data, size_t length);

#endif /* _HBK_CORE_HELLO_H */
