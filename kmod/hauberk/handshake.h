/* SPDX-License-Identifier: GPL-2.0-only */
/* The handshake: a state machine over BearSSL's engine, run by a connection's work. */
#ifndef _HBK_HANDSHAKE_H
#define _HBK_HANDSHAKE_H

#include <linux/workqueue.h>

struct hbk_conn;

void hbk_handshake_work(struct work_struct *work);
void hbk_handshake_free(struct hbk_conn *conn);

#endif /* _HBK_HANDSHAKE_H */
