/* SPDX-License-Identifier: GPL-2.0-only */
/* Plaintext of an open connection, as system calls move it: waiting, ends and alerts. */
#ifndef _HBK_RECORD_H
#define _HBK_RECORD_H

#include <linux/net.h>

#include "../core/reason.h"
#include "compat.h"

/* RFC 5246 sections 6.2.1 and 7.2. */
#define HBK_RECORD_ALERT	21
#define HBK_RECORD_HANDSHAKE	22
#define HBK_RECORD_DATA		23
#define HBK_ALERT_WARNING	1
#define HBK_ALERT_FATAL		2
#define HBK_ALERT_CLOSE_NOTIFY	0
#define HBK_ALERT_UNEXPECTED	10
#define HBK_ALERT_BAD_MAC	20
#define HBK_ALERT_LENGTH	2

#define HBK_RECORD_SKIPPED	1	/* a warning that means nothing to us */
#define HBK_RECORD_WARNINGS	4	/* in a row; more are a flood */
#define HBK_RECORD_EMPTY	32	/* records without a byte, likewise */

struct hbk_conn;
struct pipe_inode_info;

/* For the layers. */
int hbk_record_end(struct hbk_conn *conn, int err);
int hbk_record_broken(struct hbk_conn *conn, enum hbk_reason reason);
int hbk_record_meaning(struct hbk_conn *conn, u8 type, const u8 *content, size_t length);

int hbk_record_sendmsg(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
		       size_t length);
#ifdef HBK_HAVE_SENDPAGE
ssize_t hbk_record_sendpage(struct hbk_conn *conn, struct socket *sock, struct page *page,
			    int offset, size_t size, int flags);
#endif
int hbk_record_recvmsg(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
		       size_t length, int flags);
ssize_t hbk_record_splice(struct hbk_conn *conn, struct socket *sock,
			  struct pipe_inode_info *pipe, size_t length, unsigned int flags);
int hbk_record_readable(struct hbk_conn *conn);

void hbk_record_notify(struct hbk_conn *conn);
void hbk_record_alert(struct hbk_conn *conn);
void hbk_record_shutdown(struct hbk_conn *conn, u8 how);
void hbk_record_close(struct hbk_conn *conn);

#endif /* _HBK_RECORD_H */
