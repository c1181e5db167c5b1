// SPDX-License-Identifier: GPL-2.0-only
/* What guests share: data, queues, metrics. */
#include "hostcall_private.h"
#include "hub.h"

/* key, value, its number or 0 */
HBK_HOSTCALL(hbk_call_set_shared_data)
{
	struct hbk_given key = hbk_hostcall_given(vm, values);
	struct hbk_given value = hbk_hostcall_given(vm, values + 2);

	(void)trap;
	return hbk_hub_data_set(vm->env->hub, vm->space, key.bytes, key.length, value.bytes,
				value.length, values[4]);
}

/* key, where the value's address goes, where its length goes, where its number goes */
HBK_HOSTCALL(hbk_call_get_shared_data)
{
	struct hbk_given key = hbk_hostcall_given(vm, values);
	struct hbk_buffer value;
	u32 status, cas = 0;

	hbk_buffer_init(&value, vm->env->heap, HBK_PROXY_SHARED_VALUE);
	status = hbk_hub_data_get(vm->env->hub, vm->space, key.bytes, key.length, &value, &cas);
	if (!status)
		status = hbk_hostcall_give(vm, values + 2, hbk_buffer_data(&value), value.length, trap);
	if (!status)
		hbk_hostcall_put32(vm, values[4], cas);
	hbk_buffer_release(&value);
	return status;
}

/* name, where the queue's number goes */
HBK_HOSTCALL(hbk_call_register_queue)
{
	struct hbk_given name = hbk_hostcall_given(vm, values);
	u32 status, id;

	(void)trap;
	status = hbk_hub_queue_register(vm->env->hub, vm, name.bytes, name.length, &id);
	if (!status)
		hbk_hostcall_put32(vm, values[2], id);
	return status;
}

/* vm_id, name, where the queue's number goes */
HBK_HOSTCALL(hbk_call_resolve_queue)
{
	struct hbk_given vm_id = hbk_hostcall_given(vm, values);
	struct hbk_given name = hbk_hostcall_given(vm, values + 2);
	u32 status, id;

	(void)trap;
	status = hbk_hub_queue_resolve(vm->env->hub, vm_id.bytes, vm_id.length, name.bytes, name.length,
				       &id);
	if (!status)
		hbk_hostcall_put32(vm, values[4], id);
	return status;
}

HBK_HOSTCALL(hbk_call_enqueue)
{
	struct hbk_given item = hbk_hostcall_given(vm, values + 1);

	(void)trap;
	return hbk_hub_queue_put(vm->env->hub, values[0], item.bytes, item.length);
}

/* queue, where the item's address goes, where its length goes */
HBK_HOSTCALL(hbk_call_dequeue)
{
	struct hbk_hub *hub = vm->env->hub;
	struct hbk_hub_item *item;
	u32 status;

	status = hbk_hub_queue_take(hub, values[0], &item);
	if (status)
		return status;
	status = hbk_hostcall_give(vm, values + 1, item->bytes, item->length, trap);
	if (status)
		hbk_hub_queue_give_back(hub, values[0], item);
	else
		hbk_hub_item_release(hub, item);
	return status;
}

/* type, name, where the metric's number goes */
HBK_HOSTCALL(hbk_call_define_metric)
{
	struct hbk_given name = hbk_hostcall_given(vm, values + 1);
	u32 status, id;

	(void)trap;
	status = hbk_hub_metric_define(vm->env->hub, vm->space, values[0], name.bytes, name.length, &id);
	if (!status)
		hbk_hostcall_put32(vm, values[3], id);
	return status;
}

HBK_HOSTCALL(hbk_call_record_metric)
{
	(void)trap;
	return hbk_hub_metric_record(vm->space, values[0], values[1]);
}

HBK_HOSTCALL(hbk_call_increment_metric)
{
	(void)trap;
	return hbk_hub_metric_add(vm->space, values[0], (s64)values[1]);
}

HBK_HOSTCALL(hbk_call_get_metric)
{
	u32 status;
	u64 value;

	(void)trap;
	status = hbk_hub_metric_get(vm->space, values[0], &value);
	if (!status)
		hbk_hostcall_put64(vm, values[1], value);
	return status;
}
