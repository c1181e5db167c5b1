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
int hbk_buffer_reserve(struct hbk_buffer *buffer, size_t length);

/* 0, -ENOMEM, or -E2BIG beyond the cap; on failure nothing has changed. */
int hbk_buffer_append(struct hbk_buffer *buffer, const void *data, size_t length);
int hbk_buffer_replace(struct hbk_buffer *buffer, size_t start, size_t size, const void *data,
		       size_t length);
int hbk_buffer_move(struct hbk_buffer *to, struct hbk_buffer *from);
int hbk_buffer_copy(struct hbk_buffer *to, const void *data, size_t length);

void hbk_buffer_consume(struct hbk_buffer *buffer, size_t length);
void hbk_buffer_clear(struct hbk_buffer *buffer);

static inline const u8 *hbk_buffer_data(const struct hbk_buffer *buffer)
{
	return buffer->bytes ? buffer->bytes + buffer->begin : NULL;
}

#endif /* _HBK_PROXY_BUFFER_H */
