/* SPDX-License-Identifier: GPL-2.0-only */
/* The hand-over: from the keys of a session to kernel TLS on the same socket. */
#ifndef _HBK_KTLS_H
#define _HBK_KTLS_H

struct hbk_conn;
struct hbk_keys;

int hbk_ktls_init(void);
void hbk_ktls_exit(void);
int hbk_ktls_install(struct hbk_conn *conn, const struct hbk_keys *keys);

#endif /* _HBK_KTLS_H */
