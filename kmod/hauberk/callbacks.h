/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _HBK_CALLBACKS_H
#define _HBK_CALLBACKS_H

#include <linux/types.h>

struct hbk_conn;
struct sock;

void hbk_callbacks_take(struct hbk_conn *conn);
void hbk_callbacks_restore(struct hbk_conn *conn);
void hbk_callbacks_open(struct hbk_conn *conn);
bool hbk_callbacks_are_taken(const struct sock *sk);

#endif /* _HBK_CALLBACKS_H */
