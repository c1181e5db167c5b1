/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A queue of bytes, in one piece: appended at its end, consumed at its begin,
 * and changed in the middle by filters. It never holds more than its cap.
 *
 * Context: nothing here locks; allocation may sleep as the heap does.
 */
#ifndef _HBK_PROXY_BUFFER_H
#define _HBK_PROXY_BUFFER_H

#include "../wasm/heap.h"

/**
 * struct hbk_buffer - a queue of bytes
 * @heap: where they are allocated from
 * @bytes: allocated, @room of them; NULL while there is no room
 * @room: how many are allocated
 * @begin: where in @bytes the first one is
 * @length: how many there are
 * @cap: how many there may be
 */
struct hbk_buffer {
	struct hbk_wasm_heap *heap;
	u8 *bytes;
	size_t room;
	size_t begin;
	size_t length;
	size_t cap;
};

void hbk_buffer_init(struct hbk_buffer *buffer, struct hbk_wasm_heap *heap, size_t cap);
void hbk_buffer_release(struct hbk_buffer *buffer);
int hbk_buffer_grow(struct hbk_buffer *buffer, size_t length);

/**
 * hbk_buffer_reserve() - make room
 * @buffer: the buffer
 * @length: how many bytes there is to be room for from @begin on
 *
 * Whoever writes behind the last byte sets @length afterwards. An empty buffer
 * begins where its memory does.
 *
 * Return: 0, -ENOMEM, or -E2BIG beyond the cap.
 */
static inline int hbk_buffer_reserve(struct hbk_buffer *buffer, size_t length)
{
	if (!buffer->length)
		buffer->begin = 0;
	if (length <= buffer->room - buffer->begin && length <= buffer->cap)
		return 0;
	return hbk_buffer_grow(buffer, length);
}

/* 0, -ENOMEM, or -E2BIG beyond the cap; on failure nothing has changed. */
int hbk_buffer_append(struct hbk_buffer *buffer, const void *data, size_t length);
int hbk_buffer_replace(struct hbk_buffer *buffer, size_t start, size_t size, const void *data,
		       size_t length);
int hbk_buffer_join(struct hbk_buffer *to, struct hbk_buffer *from);
int hbk_buffer_copy(struct hbk_buffer *to, const void *data, size_t length);

void hbk_buffer_consume(struct hbk_buffer *buffer, size_t length);
void hbk_buffer_clear(struct hbk_buffer *buffer);

/**
 * hbk_buffer_move() - add all bytes of one buffer at the end of another
 * @to: gets them; if it is empty with the memory that they are in, and @from gets its own
 * @from: of the same heap; empty afterwards
 *
 * Inline, because bytes go through a chain of filters by moves: several for each filter.
 */
static inline int hbk_buffer_move(struct hbk_buffer *to, struct hbk_buffer *from)
{
	u8 *bytes = to->bytes;
	size_t room = to->room;

	if (!from->length)
		return 0;
	if (to->length || from->length > to->cap)
		return hbk_buffer_join(to, from);
	to->bytes = from->bytes;
	to->room = from->room;
	to->begin = from->begin;
	to->length = from->length;
	from->bytes = bytes;
	from->room = room;
	from->begin = 0;
	from->length = 0;
	return 0;
}

static inline const u8 *hbk_buffer_data(const struct hbk_buffer *buffer)
{
	return buffer->bytes ? buffer->bytes + buffer->begin : NULL;
}

#endif /* _HBK_PROXY_BUFFER_H */
