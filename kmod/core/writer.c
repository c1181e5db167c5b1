// SPDX-License-Identifier: GPL-2.0-only
#include "frame.h"

#define HBK_PADDED(length)	(((length) + 3) & ~3U)

static void put_header(struct hbk_writer *w, u32 length, u16 type, u32 sequence)
{
	put_unaligned_le32(length, w->buffer + offsetof(struct hbk_frame, length));
	put_unaligned_le16(type, w->buffer + offsetof(struct hbk_frame, type));
	put_unaligned_le16(0, w->buffer + offsetof(struct hbk_frame, reserved));
	put_unaligned_le32(sequence, w->buffer + offsetof(struct hbk_frame, sequence));
	put_unaligned_le32(0, w->buffer + offsetof(struct hbk_frame, reserved2));
}

/**
 * hbk_writer_begin() - begin a frame
 * @w: the writer
 * @buffer: where the frame goes; no alignment is asked for
 * @size: the bytes there
 * @type: enum hbk_frame_type
 * @sequence: of the request that is answered; 0 in events
 */
void hbk_writer_begin(struct hbk_writer *w, void *buffer, u32 size, u16 type, u32 sequence)
{
	w->buffer = buffer;
	w->size = size;
	w->length = sizeof(struct hbk_frame);
	w->overrun = size < sizeof(struct hbk_frame);
	if (!w->overrun)
		put_header(w, 0, type, sequence);
}

/**
 * hbk_writer_bytes() - append an attribute
 * @w: the writer
 * @attr: enum hbk_attr_type
 * @data: the payload
 * @length: its bytes
 */
void hbk_writer_bytes(struct hbk_writer *w, u16 attr, const void *data, u32 length)
{
	u32 padded = HBK_PADDED(length);
	u8 *at;

	if (w->overrun || length > HBK_ATTR_MAX - sizeof(struct hbk_attr) ||
	    sizeof(struct hbk_attr) + padded > w->size - w->length) {
		w->overrun = true;
		return;
	}
	at = w->buffer + w->length;
	put_unaligned_le16(sizeof(struct hbk_attr) + length, at);
	put_unaligned_le16(attr, at + offsetof(struct hbk_attr, type));
	at += sizeof(struct hbk_attr);
	if (length)
		memcpy(at, data, length);
	memset(at + length, 0, padded - length);
	w->length += sizeof(struct hbk_attr) + padded;
}

/**
 * hbk_writer_string() - append an attribute that is a string
 * @w: the writer
 * @attr: enum hbk_attr_type
 * @string: NUL-terminated; the NUL is not written
 */
void hbk_writer_string(struct hbk_writer *w, u16 attr, const char *string)
{
	size_t length = strlen(string);

	if (length > HBK_ATTR_MAX)
		w->overrun = true;
	else
		hbk_writer_bytes(w, attr, string, length);
}

/**
 * hbk_writer_u8() - append an attribute that is a number of one byte
 * @w: the writer
 * @attr: enum hbk_attr_type
 * @value: the number
 */
void hbk_writer_u8(struct hbk_writer *w, u16 attr, u8 value)
{
	hbk_writer_bytes(w, attr, &value, sizeof(value));
}

/**
 * hbk_writer_u16() - append an attribute that is a number of two bytes
 * @w: the writer
 * @attr: enum hbk_attr_type
 * @value: the number
 */
void hbk_writer_u16(struct hbk_writer *w, u16 attr, u16 value)
{
	u8 wire[sizeof(value)];

	put_unaligned_le16(value, wire);
	hbk_writer_bytes(w, attr, wire, sizeof(wire));
}

/**
 * hbk_writer_u32() - append an attribute that is a number of four bytes
 * @w: the writer
 * @attr: enum hbk_attr_type
 * @value: the number
 */
void hbk_writer_u32(struct hbk_writer *w, u16 attr, u32 value)
{
	u8 wire[sizeof(value)];

	put_unaligned_le32(value, wire);
	hbk_writer_bytes(w, attr, wire, sizeof(wire));
}

/**
 * hbk_writer_u64() - append an attribute that is a number of eight bytes
 * @w: the writer
 * @attr: enum hbk_attr_type
 * @value: the number
 */
void hbk_writer_u64(struct hbk_writer *w, u16 attr, u64 value)
{
	u8 wire[sizeof(value)];

	put_unaligned_le64(value, wire);
	hbk_writer_bytes(w, attr, wire, sizeof(wire));
}

/**
 * hbk_writer_end() - finish the frame
 * @w: the writer
 *
 * Return: the frame's length in bytes, or -EMSGSIZE if it did not fit.
 */
int hbk_writer_end(struct hbk_writer *w)
{
	if (w->overrun || w->length > HBK_FRAME_MAX)
		return -EMSGSIZE;
	put_unaligned_le32(w->length, w->buffer + offsetof(struct hbk_frame, length));
	return w->length;
}
