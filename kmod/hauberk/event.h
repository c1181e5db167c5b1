/* SPDX-License-Identifier: GPL-2.0-only */
/* The ring of events: a bounded past that any number of readers follow at their own pace. */
#ifndef _HBK_EVENT_H
#define _HBK_EVENT_H

#include "conn_info.h"

int hbk_event_init(void);
void hbk_event_exit(void);

/* Any context but hard interrupt; never sleeps, never fails: the oldest event makes room. */
void hbk_event_opened(const struct hbk_conn_info *info);
void hbk_event_closed(const struct hbk_conn_info *info);
void hbk_event_refused(const struct hbk_conn_info *info);
void hbk_event_ruleset(u64 generation, const char *label);

#endif /* _HBK_EVENT_H */
