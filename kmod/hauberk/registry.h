/* SPDX-License-Identifier: GPL-2.0-only */
/* The live connections: listed by the device, counted for status. */
#ifndef _HBK_REGISTRY_H
#define _HBK_REGISTRY_H

#include "conn_info.h"

struct hbk_registry_counts {
	u32 open;			/* handshake done */
	u32 inbound, outbound;		/* handshake under way, each bounded by itself */
	u64 opened, refused, closed, denied;	/* since the module was loaded */
};

/*
 * Calls visit for each open connection with a snapshot; stops when visit
 * returns nonzero and returns that.  Process context; visit must not sleep.
 */
int hbk_registry_visit(int (*visit)(const struct hbk_conn_info *info, void *arg), void *arg);
void hbk_registry_counts(struct hbk_registry_counts *counts);

#endif /* _HBK_REGISTRY_H */
