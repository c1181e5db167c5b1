// SPDX-License-Identifier: GPL-2.0-only
/*
 * Streams and contexts. What a guest asks for is noted, and done when its
 * callback has returned: guests are not prepared to be called by their calls.
 */
#include "hostcall_private.h"
#include "map.h"
#include "pairs.h"

static u32 noted(struct hbk_vm *vm, struct hbk_stream *stream, u32 status)
{
	if (status == HBK_PROXY_OK)
		hbk_hostcall_note(vm, stream);
	return status;
}

HBK_HOSTCALL(hbk_call_continue_stream)
{
	struct hbk_stream *stream = hbk_hostcall_live_stream(vm);

	(void)trap;
	if (!stream)
		return HBK_PROXY_UNIMPLEMENTED;
	return noted(vm, stream, stream->ops->carry_on(stream, (enum hbk_proxy_stream_type)values[0]));
}

HBK_HOSTCALL(hbk_call_close_stream)
{
	struct hbk_stream *stream = hbk_hostcall_live_stream(vm);

	(void)trap;
	if (!stream)
		return HBK_PROXY_BAD_ARGUMENT;
	return noted(vm, stream, stream->ops->close(stream, (enum hbk_proxy_stream_type)values[0]));
}

static int read_headers(struct hbk_map *headers, struct hbk_wasm_heap *heap, struct hbk_given given)
{
	struct hbk_map pairs;
	int err;

	hbk_map_init(&pairs, heap, HBK_MAP_RESPONSE);
	err = hbk_pairs_read(&pairs, given.bytes, given.length);
	if (!err)
		err = hbk_map_assign(headers, &pairs);
	hbk_map_clear(&pairs);
	return err;
}

/* status, details, body, pairs, gRPC status */
HBK_HOSTCALL(hbk_call_send_local_response)
{
	struct hbk_given details = hbk_hostcall_given(vm, values + 1);
	struct hbk_given body = hbk_hostcall_given(vm, values + 3);
	struct hbk_stream *stream = hbk_hostcall_live_stream(vm);
	struct hbk_local_response response = {
		.status = values[0],
		.details = (const char *)details.bytes,
		.details_length = details.length,
		.body = body.bytes,
		.body_length = body.length,
		.grpc_status = values[7],
	};
	struct hbk_map headers;
	u32 status;
	int err;

	(void)trap;
	if (!stream || !stream->ops->respond)
		return HBK_PROXY_UNIMPLEMENTED;
	hbk_map_init(&headers, vm->env->heap, HBK_MAP_RESPONSE);
	response.headers = &headers;
	err = read_headers(&headers, vm->env->heap, hbk_hostcall_given(vm, values + 5));
	if (!err)
		status = noted(vm, stream, stream->ops->respond(stream, &response));
	else
		status = err == -ENOMEM ? HBK_PROXY_INTERNAL_FAILURE : HBK_PROXY_BAD_ARGUMENT;
	hbk_map_clear(&headers);
	return status;
}

HBK_HOSTCALL(hbk_call_set_effective_context)
{
	struct hbk_context *context = hbk_context_find(vm, values[0]);

	(void)trap;
	if (!context)
		return HBK_PROXY_BAD_ARGUMENT;
	vm->effective = context;
	return HBK_PROXY_OK;
}

HBK_HOSTCALL(hbk_call_done)
{
	struct hbk_context *context = vm->effective;

	(void)values;
	(void)trap;
	if (!context->pending || context->finished)
		return HBK_PROXY_NOT_FOUND;
	context->finished = true;
	if (context == &vm->root)
		vm->root_done = true;
	return HBK_PROXY_OK;
}
