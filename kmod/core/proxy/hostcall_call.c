// SPDX-License-Identifier: GPL-2.0-only
/* Calls out of the guest: HTTP, gRPC (which there is none of), functions of the host's registry. */
#include "hostcall_private.h"
#include "hub.h"
#include "map.h"
#include "pairs.h"

#define FOREIGN_RESULT_MAX	1048576	/* bytes */

static int read_map(struct hbk_map *map, struct hbk_given given)
{
	struct hbk_map pairs;
	int err;

	hbk_map_init(&pairs, map->heap, map->kind);
	err = hbk_pairs_read(&pairs, given.bytes, given.length);
	if (!err)
		err = hbk_map_assign(map, &pairs);
	hbk_map_clear(&pairs);
	return err;
}

static bool has_value(const struct hbk_map *headers, const char *name)
{
	const u8 *value;
	u32 length;

	return hbk_map_get(headers, name, strlen(name), &value, &length);
}

static u32 *free_slot(struct hbk_vm *vm)
{
	u32 i;

	for (i = 0; i < HBK_PROXY_CALLS_MAX; i++)
		if (!vm->calls[i])
			return &vm->calls[i];
	return NULL;
}

static u32 next_id(const struct hbk_vm *vm)
{
	return vm->last_call + 1 ? vm->last_call + 1 : 1;
}

/* The guest's memory is written first: an answer that nobody can tell apart must not come. */
static u32 begin_call(struct hbk_vm *vm, struct hbk_http_call *call, u32 id_to)
{
	u32 *slot = free_slot(vm);
	int err;

	if (!slot)
		return HBK_PROXY_INTERNAL_FAILURE;
	call->id = next_id(vm);
	*slot = call->id;
	hbk_hostcall_put32(vm, id_to, call->id);
	err = vm->env->ops->http_call(vm, call);
	if (!err) {
		vm->last_call = call->id;
		return HBK_PROXY_OK;
	}
	*slot = 0;
	hbk_hostcall_put32(vm, id_to, 0);
	return err == -ENOENT ? HBK_PROXY_BAD_ARGUMENT : HBK_PROXY_INTERNAL_FAILURE;
}

/* upstream, headers, body, trailers, milliseconds, where the call's number goes */
HBK_HOSTCALL(hbk_call_http_call)
{
	struct hbk_given upstream = hbk_hostcall_given(vm, values);
	struct hbk_given body = hbk_hostcall_given(vm, values + 4);
	struct hbk_map headers, trailers;
	struct hbk_http_call call = {
		.upstream = (const char *)upstream.bytes,
		.upstream_length = upstream.length,
		.headers = &headers,
		.body = body.bytes,
		.body_length = body.length,
		.trailers = &trailers,
		.timeout_ms = values[8],
	};
	u32 status = HBK_PROXY_BAD_ARGUMENT;
	int err;

	(void)trap;
	if (!call.timeout_ms || call.timeout_ms > HBK_PROXY_CALL_TIMEOUT_MAX)
		call.timeout_ms = HBK_PROXY_CALL_TIMEOUT_MAX;
	hbk_map_init(&headers, vm->env->heap, HBK_MAP_REQUEST);
	hbk_map_init(&trailers, vm->env->heap, HBK_MAP_FIELDS);
	err = read_map(&headers, hbk_hostcall_given(vm, values + 2));
	if (!err)
		err = read_map(&trailers, hbk_hostcall_given(vm, values + 6));
	if (err == -ENOMEM)
		status = HBK_PROXY_INTERNAL_FAILURE;
	else if (!err && body.length <= HBK_PROXY_CALL_BODY_MAX && has_value(&headers, ":method") &&
		 has_value(&headers, ":path") && has_value(&headers, ":authority"))
		status = begin_call(vm, &call, values[9]);
	hbk_map_clear(&headers);
	hbk_map_clear(&trailers);
	return status;
}

/* where the code goes, where the message's address goes, where its length goes */
HBK_HOSTCALL(hbk_call_get_status)
{
	const char *message = vm->view.message ? vm->view.message : "";
	u32 code = vm->view.status, status;

	status = hbk_hostcall_give(vm, values + 1, message, strlen(message), trap);
	if (!status)
		hbk_hostcall_put32(vm, values[0], code);
	return status;
}

/* gRPC: there is no HTTP/2. */
HBK_HOSTCALL(hbk_call_unimplemented)
{
	HBK_HOSTCALL_UNUSED();
	return HBK_PROXY_UNIMPLEMENTED;
}

/* name, arguments, where the result's address goes (or 0), where its length goes */
HBK_HOSTCALL(hbk_call_foreign_function)
{
	struct hbk_given arguments = hbk_hostcall_given(vm, values + 2);
	struct hbk_given name = hbk_hostcall_given(vm, values);
	const struct hbk_foreign *foreign;
	struct hbk_buffer result;
	u32 status;

	foreign = hbk_hub_find_foreign(vm->env->hub, (const char *)name.bytes, name.length);
	if (!foreign)
		return HBK_PROXY_NOT_FOUND;
	hbk_buffer_init(&result, vm->env->heap, FOREIGN_RESULT_MAX);
	status = foreign->call(vm, arguments.bytes, arguments.length, &result);
	if (!status && (u32)values[4])
		status = hbk_hostcall_give(vm, values + 4, hbk_buffer_data(&result), result.length, trap);
	hbk_buffer_release(&result);
	return status;
}
