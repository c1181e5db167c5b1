// SPDX-License-Identifier: GPL-2.0-only
#include "buffer.h"

#define ROOM_MIN	256	/* bytes */
#define ROOM_KEPT	4096	/* bytes; an empty buffer gives more than this back: most connections are idle */

/**
 * hbk_buffer_init() - make an empty buffer, which has no memory yet
 * @buffer: the buffer
 * @heap: where its memory is to come from
 * @cap: the most bytes that it may hold
 */
void hbk_buffer_init(struct hbk_buffer *buffer, struct hbk_wasm_heap *heap, size_t cap)
{
	*buffer = (struct hbk_buffer){ .heap = heap, .cap = cap };
}

/**
 * hbk_buffer_release() - give its memory back; it is empty then
 * @buffer: the buffer; zeroed will do
 */
void hbk_buffer_release(struct hbk_buffer *buffer)
{
	if (buffer->bytes)
		buffer->heap->release(buffer->heap, buffer->bytes, buffer->room);
	buffer->bytes = NULL;
	buffer->room = 0;
	buffer->begin = 0;
	buffer->length = 0;
}

static void compact(struct hbk_buffer *buffer)
{
	if (!buffer->begin)
		return;
	memmove(buffer->bytes, buffer->bytes + buffer->begin, buffer->length);
	buffer->begin = 0;
}

/**
 * hbk_buffer_grow() - what hbk_buffer_reserve() does where there is not enough room behind @begin
 * @buffer: the buffer
 * @length: how many bytes there is to be room for
 *
 * Return: as hbk_buffer_reserve().
 */
int hbk_buffer_grow(struct hbk_buffer *buffer, size_t length)
{
	size_t room = buffer->room ? buffer->room : ROOM_MIN;
	u8 *bytes;

	if (length > buffer->cap)
		return -E2BIG;
	compact(buffer);
	while (room < length)
		room *= 2;
	if (room == buffer->room)
		return 0;
	bytes = buffer->heap->resize(buffer->heap, buffer->bytes, buffer->room, room);
	if (!bytes)
		return -ENOMEM;
	buffer->bytes = bytes;
	buffer->room = room;
	return 0;
}

/**
 * hbk_buffer_append() - add bytes at the end
 * @buffer: the buffer
 * @data: not in @buffer
 * @length: how many
 */
int hbk_buffer_append(struct hbk_buffer *buffer, const void *data, size_t length)
{
	int err;

	if (!length)
		return 0;
	if (length > buffer->cap - buffer->length)
		return -E2BIG;
	err = hbk_buffer_reserve(buffer, buffer->length + length);
	if (err)
		return err;
	memcpy(buffer->bytes + buffer->begin + buffer->length, data, length);
	buffer->length += length;
	return 0;
}

/**
 * hbk_buffer_replace() - put bytes where others are
 * @buffer: the buffer
 * @start: where; at most its length
 * @size: how many go; there are as many from @start on
 * @data: what comes; not in @buffer
 * @length: of it
 */
int hbk_buffer_replace(struct hbk_buffer *buffer, size_t start, size_t size, const void *data,
		       size_t length)
{
	size_t rest = buffer->length - start - size;
	u8 *at;
	int err;

	if (!size && !length)
		return 0;
	if (length > buffer->cap)
		return -E2BIG;
	err = hbk_buffer_reserve(buffer, buffer->length - size + length);
	if (err)
		return err;
	at = buffer->bytes + buffer->begin + start;
	memmove(at + length, at + size, rest);
	if (length)
		memcpy(at, data, length);
	buffer->length += length - size;
	return 0;
}

/**
 * hbk_buffer_join() - copy all bytes of one buffer to the end of another
 * @to: gets them
 * @from: empty afterwards
 *
 * Return: as hbk_buffer_append().
 */
int hbk_buffer_join(struct hbk_buffer *to, struct hbk_buffer *from)
{
	int err = hbk_buffer_append(to, hbk_buffer_data(from), from->length);

	if (!err)
		hbk_buffer_clear(from);
	return err;
}

/**
 * hbk_buffer_copy() - make these the only bytes
 * @to: the buffer
 * @data: not in @to
 * @length: how many
 */
int hbk_buffer_copy(struct hbk_buffer *to, const void *data, size_t length)
{
	return hbk_buffer_replace(to, 0, to->length, data, length);
}

/**
 * hbk_buffer_consume() - drop bytes at the begin
 * @buffer: the buffer
 * @length: how many; there are as many
 */
void hbk_buffer_consume(struct hbk_buffer *buffer, size_t length)
{
	buffer->begin += length;
	buffer->length -= length;
	if (!buffer->length)
		hbk_buffer_clear(buffer);
}

/**
 * hbk_buffer_clear() - drop all bytes
 * @buffer: the buffer
 */
void hbk_buffer_clear(struct hbk_buffer *buffer)
{
	buffer->begin = 0;
	buffer->length = 0;
	if (buffer->room > ROOM_KEPT)
		hbk_buffer_release(buffer);
}
