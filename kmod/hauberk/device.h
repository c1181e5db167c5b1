/* SPDX-License-Identifier: GPL-2.0-only */
/* /dev/hauberk: openers, what they push, and their frames. */
#ifndef _HBK_DEVICE_H
#define _HBK_DEVICE_H

#include <linux/mutex.h>
#include <linux/wait.h>

#include "event.h"
#include "reply.h"
#include "transaction.h"
#include "wasm_upload.h"

/* One open of the device. */
struct hbk_opener {
	struct mutex lock;		/* held while a request is served and while a frame is read */
	wait_queue_head_t wait;		/* for something to read, or for room to write */
	bool greeted;			/* HELLO was answered */
	char label[HBK_LABEL_MAX + 1];	/* who says HELLO */
	struct hbk_transaction transaction;
	struct hbk_wasm_upload upload;
	struct hbk_reply_queue replies;
	struct hbk_follower follower;
	u32 event_length;		/* of the event that was taken, but not read yet */
	u8 event[HBK_EVENT_FRAME_MAX];
};

int hbk_device_init(void);
void hbk_device_exit(void);

u64 hbk_device_instance(void);

#endif /* _HBK_DEVICE_H */
