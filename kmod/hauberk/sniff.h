/* SPDX-License-Identifier: GPL-2.0-only */
/* The first words of a connection, where they decide whether there is a handshake. */
#ifndef _HBK_SNIFF_H
#define _HBK_SNIFF_H

#include <linux/poll.h>
#include <linux/socket.h>

struct hbk_conn;

bool hbk_sniff_over(struct hbk_conn *conn);
void hbk_sniff_words(struct hbk_conn *conn, const struct msghdr *msg);
bool hbk_sniff_refuses(struct hbk_conn *conn);
__poll_t hbk_sniff_poll(struct hbk_conn *conn, struct poll_table_struct *wait);

#endif /* _HBK_SNIFF_H */
