// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replies and the queue of them.  The opener's lock serialises all of it; only
 * queue->bytes is looked at without, by poll and by readers about to wait.
 * Process context.
 */
#include "reply.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

/**
 * hbk_reply_create() - make room for frames
 * @size: bytes
 *
 * Return: an empty reply, or NULL.
 */
struct hbk_reply *hbk_reply_create(u32 size)
{
	struct hbk_reply *reply;

	reply = kvmalloc(struct_size(reply, frames, size), GFP_KERNEL_ACCOUNT);
	if (!reply)
		return NULL;
	reply->size = size;
	reply->length = 0;
	reply->read = 0;
	return reply;
}

/**
 * hbk_reply_free() - free a reply that is in no queue
 * @reply: the reply, or NULL
 */
void hbk_reply_free(struct hbk_reply *reply)
{
	kvfree(reply);
}

/**
 * hbk_reply_begin() - begin the next frame of a reply
 * @reply: the reply
 * @w: writes the frame
 * @type: the frame's type
 * @sequence: the request's
 */
void hbk_reply_begin(struct hbk_reply *reply, struct hbk_writer *w, u16 type, u32 sequence)
{
	hbk_writer_begin(w, reply->frames + reply->length, reply->size - reply->length, type,
			 sequence);
}

/**
 * hbk_reply_end() - end the frame that was begun
 * @reply: the reply; without the frame if there is not enough room
 * @w: what wrote it
 *
 * Return: 0 or -ENOSPC.
 */
int hbk_reply_end(struct hbk_reply *reply, struct hbk_writer *w)
{
	if (hbk_writer_end(w) < 0)
		return -ENOSPC;
	reply->length += w->length;
	return 0;
}

/**
 * hbk_reply_queue_init() - make an empty queue
 * @queue: the queue
 */
void hbk_reply_queue_init(struct hbk_reply_queue *queue)
{
	INIT_LIST_HEAD(&queue->list);
	queue->bytes = 0;
}

/**
 * hbk_reply_queue_free() - free what was not read
 * @queue: the queue; empty afterwards
 */
void hbk_reply_queue_free(struct hbk_reply_queue *queue)
{
	struct hbk_reply *reply, *next;

	list_for_each_entry_safe(reply, next, &queue->list, node)
		hbk_reply_free(reply);
	hbk_reply_queue_init(queue);
}

/**
 * hbk_reply_queue_room() - how much may still be queued
 * @queue: the queue
 *
 * Return: bytes of frames; 0 if the opener must read first.
 */
u32 hbk_reply_queue_room(const struct hbk_reply_queue *queue)
{
	u32 bytes = READ_ONCE(queue->bytes);

	return bytes < HBK_REPLIES_MAX ? HBK_REPLIES_MAX - bytes : 0;
}

/**
 * hbk_reply_queue_add() - queue a reply
 * @queue: the queue; takes the reply over
 * @reply: freed at once if it has no frame
 */
void hbk_reply_queue_add(struct hbk_reply_queue *queue, struct hbk_reply *reply)
{
	if (!reply->length) {
		hbk_reply_free(reply);
		return;
	}
	list_add_tail(&reply->node, &queue->list);
	WRITE_ONCE(queue->bytes, queue->bytes + reply->size);
}

/**
 * hbk_reply_queue_read() - read one frame
 * @queue: the queue; unchanged on error
 * @buffer: where to
 * @size: its bytes
 *
 * Return: the frame's length, -EAGAIN if there is none, -EMSGSIZE if it is
 * longer than @size, -EFAULT.
 */
ssize_t hbk_reply_queue_read(struct hbk_reply_queue *queue, char __user *buffer, size_t size)
{
	struct hbk_reply *reply;
	const u8 *frame;
	u32 length;

	reply = list_first_entry_or_null(&queue->list, struct hbk_reply, node);
	if (!reply)
		return -EAGAIN;
	frame = reply->frames + reply->read;
	length = get_unaligned_le32(frame);
	if (length > size)
		return -EMSGSIZE;
	if (copy_to_user(buffer, frame, length))
		return -EFAULT;
	reply->read += length;
	if (reply->read == reply->length) {
		list_del(&reply->node);
		WRITE_ONCE(queue->bytes, queue->bytes - reply->size);
		hbk_reply_free(reply);
	}
	return length;
}
