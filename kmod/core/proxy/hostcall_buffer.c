// SPDX-License-Identifier: GPL-2.0-only
/* Buffers: a stream's bytes, which may be changed, and what a callback was called with, which may not. */
#include "hostcall_private.h"

static struct hbk_buffer *find(struct hbk_vm *vm, enum hbk_proxy_buffer type, bool *writable)
{
	struct hbk_stream *stream = hbk_hostcall_stream(vm);

	*writable = !vm->view.buffers[type];
	if (!*writable)
		return vm->view.buffers[type];
	return stream ? stream->ops->buffer(stream, type) : NULL;
}

/* buffer, start, how many, where their address goes, where their number goes */
HBK_HOSTCALL(hbk_call_get_buffer_bytes)
{
	u32 start = values[1], length = values[2];
	struct hbk_buffer *buffer;
	const u8 *data;
	bool writable;

	buffer = find(vm, (enum hbk_proxy_buffer)values[0], &writable);
	if (!buffer)
		return HBK_PROXY_NOT_FOUND;
	if (start > start + length)
		return HBK_PROXY_BAD_ARGUMENT;
	data = hbk_buffer_data(buffer);
	if (start >= buffer->length)
		length = 0;
	else if (length > buffer->length - start)
		length = buffer->length - start;
	if (length)		/* an empty buffer may have no address */
		data += start;
	return hbk_hostcall_give(vm, values + 3, data, length, trap);
}

/* buffer, start, how many go, address of what comes, its length */
HBK_HOSTCALL(hbk_call_set_buffer_bytes)
{
	struct hbk_given given = hbk_hostcall_given(vm, values + 3);
	size_t start = (u32)values[1], size = (u32)values[2];
	struct hbk_stream *stream = hbk_hostcall_live_stream(vm);
	struct hbk_buffer *buffer;
	bool writable;

	buffer = find(vm, (enum hbk_proxy_buffer)values[0], &writable);
	if (!buffer)
		return HBK_PROXY_NOT_FOUND;
	if (!writable)
		return HBK_PROXY_BAD_ARGUMENT;
	if (start > buffer->length)
		start = buffer->length;
	if (size > buffer->length - start)
		size = buffer->length - start;
	if (size != given.length && !hbk_hostcall_pay(vm, buffer->length - start - size, trap))
		return HBK_PROXY_INTERNAL_FAILURE;
	if (hbk_buffer_replace(buffer, start, size, given.bytes, given.length))
		return HBK_PROXY_INTERNAL_FAILURE;
	/* How much it holds decides how much there is room for. */
	if (stream)
		hbk_hostcall_note(vm, stream);
	return HBK_PROXY_OK;
}

/* buffer, where its length goes, where a number goes that means nothing */
HBK_HOSTCALL(hbk_call_get_buffer_status)
{
	struct hbk_buffer *buffer;
	bool writable;

	(void)trap;
	buffer = find(vm, (enum hbk_proxy_buffer)values[0], &writable);
	if (!buffer)
		return HBK_PROXY_NOT_FOUND;
	hbk_hostcall_put32(vm, values[1], buffer->length);
	hbk_hostcall_put32(vm, values[2], 0);
	return HBK_PROXY_OK;
}
