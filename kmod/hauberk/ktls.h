/* SPDX-License-Identifier: GPL-2.0-only */
/* The hand-over: from BearSSL's session to kernel TLS on the same socket. */
#ifndef _HBK_KTLS_H
#define _HBK_KTLS_H

struct hbk_conn;
struct hbk_handshake;

int hbk_ktls_init(void);
int hbk_ktls_attach(struct hbk_conn *conn);
int hbk_ktls_install(struct hbk_conn *conn, struct hbk_handshake *hs);

#endif /* _HBK_KTLS_H */
