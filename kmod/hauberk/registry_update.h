/* SPDX-License-Identifier: GPL-2.0-only */
/* The writing side of the registry, for the data path alone. */
#ifndef _HBK_REGISTRY_UPDATE_H
#define _HBK_REGISTRY_UPDATE_H

#include <linux/types.h>

struct hbk_conn;

bool hbk_registry_admit(u8 direction, u32 limit);
void hbk_registry_settle(u8 direction);
void hbk_registry_add(struct hbk_conn *conn);
void hbk_registry_del(struct hbk_conn *conn);
void hbk_registry_refused(bool denied);

#endif /* _HBK_REGISTRY_UPDATE_H */
