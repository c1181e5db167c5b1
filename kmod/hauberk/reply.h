/* SPDX-License-Identifier: GPL-2.0-only */
/* What an opener has to read: frames that answer its requests, in order. */
#ifndef _HBK_REPLY_H
#define _HBK_REPLY_H

#include <linux/list.h>
#include <linux/types.h>

#include "../core/frame.h"

#define HBK_REPLIES_MAX		(16U << 20)	/* bytes that wait for one opener */
#define HBK_OUTCOME_MAX		512		/* bytes of a REPLY or HELLO_REPLY frame */

/* One frame or several, each read by a read(2) of its own. */
struct hbk_reply {
	struct list_head node;
	u32 size;			/* bytes of room */
	u32 length;			/* bytes of frames */
	u32 read;			/* bytes of frames that were read already */
	u8 frames[];
};

struct hbk_reply_queue {
	struct list_head list;
	u32 bytes;			/* of room; 0 if there is nothing to read */
};

struct hbk_reply *hbk_reply_create(u32 size);
void hbk_reply_free(struct hbk_reply *reply);
void hbk_reply_begin(struct hbk_reply *reply, struct hbk_writer *w, u16 type, u32 sequence);
int hbk_reply_end(struct hbk_reply *reply, struct hbk_writer *w);

void hbk_reply_queue_init(struct hbk_reply_queue *queue);
void hbk_reply_queue_free(struct hbk_reply_queue *queue);
u32 hbk_reply_queue_room(const struct hbk_reply_queue *queue);
void hbk_reply_queue_add(struct hbk_reply_queue *queue, struct hbk_reply *reply);
ssize_t hbk_reply_queue_read(struct hbk_reply_queue *queue, char __user *buffer, size_t size);

#endif /* _HBK_REPLY_H */
