/* SPDX-License-Identifier: GPL-2.0-only */
/* The ring of events: a bounded past that any number of readers follow at their own pace. */
#ifndef _HBK_EVENT_H
#define _HBK_EVENT_H

#include <linux/list.h>
#include <linux/wait.h>

#include "../core/frame.h"
#include "conn_info.h"

#define HBK_EVENT_FRAME_MAX	4096	/* bytes of one event or CONNECTION frame */

/* A reader of the ring. Zeroed, with wait set, it does not follow yet. */
struct hbk_follower {
	struct list_head node;
	wait_queue_head_t *wait;	/* woken when there is something to take */
	bool following;
	u64 sequence;			/* of the next event to take */
	u64 position;			/* where that one stands in the ring */
};

int hbk_event_init(void);
void hbk_event_exit(void);

/* Any context but hard interrupt; never sleeps, never fails: the oldest event makes room. */
void hbk_event_opened(const struct hbk_conn_info *info);
void hbk_event_closed(const struct hbk_conn_info *info);
void hbk_event_refused(const struct hbk_conn_info *info);
void hbk_event_ruleset(u64 generation, const char *label);
void hbk_event_filter_failed(const char *name, const struct hbk_conn_info *info, const char *trap,
			     const char *reason);
void hbk_event_wasm_loaded(const char *name, u32 size, bool compiled);
void hbk_event_wasm_unloaded(const char *name);
void hbk_event_wasm_quarantined(const char *name, u64 traps);

/* What all frames that tell of a connection have in common. Any context. */
void hbk_event_write_info(struct hbk_writer *w, const struct hbk_conn_info *info, u64 time_ns);

void hbk_event_follow(struct hbk_follower *follower, u32 replay);
void hbk_event_unfollow(struct hbk_follower *follower);
bool hbk_event_waiting(const struct hbk_follower *follower);
u32 hbk_event_take(struct hbk_follower *follower, u8 *frame);
u64 hbk_event_lost(void);

#endif /* _HBK_EVENT_H */
