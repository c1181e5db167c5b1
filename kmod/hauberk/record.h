/* SPDX-License-Identifier: GPL-2.0-only */
/* Records that are not data: close_notify and alerts, sent to and read from kTLS. */
#ifndef _HBK_RECORD_H
#define _HBK_RECORD_H

#include <linux/net.h>

/* RFC 5246 sections 6.2.1 and 7.2. */
#define HBK_RECORD_ALERT	21
#define HBK_RECORD_HANDSHAKE	22
#define HBK_RECORD_DATA		23
#define HBK_ALERT_WARNING	1
#define HBK_ALERT_FATAL		2
#define HBK_ALERT_CLOSE_NOTIFY	0
#define HBK_ALERT_LENGTH	2

struct hbk_conn;

void hbk_record_notify(struct hbk_conn *conn);
void hbk_record_shutdown(struct hbk_conn *conn, u8 how);
void hbk_record_close(struct hbk_conn *conn);
int hbk_record_recvmsg(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
		       size_t length, int flags);
int hbk_record_control(struct hbk_conn *conn, struct socket *sock, int flags);

#endif /* _HBK_RECORD_H */
