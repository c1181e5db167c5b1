// SPDX-License-Identifier: GPL-2.0-only
/* Header maps. One that is not there now is an unknown one: the specification has no other word for it. */
#include "hostcall_private.h"
#include "map.h"
#include "pairs.h"

static struct hbk_map *find(struct hbk_vm *vm, enum hbk_proxy_map type, bool *writable)
{
	struct hbk_stream *stream = hbk_hostcall_stream(vm);

	*writable = false;
	if (vm->view.maps[type])
		return vm->view.maps[type];
	return stream && stream->ops->map ? stream->ops->map(stream, type, writable) : NULL;
}

static struct hbk_map *readable(struct hbk_vm *vm, const u64 *values)
{
	bool writable;

	return find(vm, (enum hbk_proxy_map)values[0], &writable);
}

static struct hbk_map *writable(struct hbk_vm *vm, const u64 *values)
{
	bool may;
	struct hbk_map *map = find(vm, (enum hbk_proxy_map)values[0], &may);

	return may ? map : NULL;
}

/* Looking for a name costs as much as there are bytes. */
static bool pay(struct hbk_vm *vm, const struct hbk_map *map, enum hbk_wasm_trap *trap)
{
	return hbk_hostcall_pay(vm, hbk_pairs_size(map), trap);
}

static u32 status_of(int err)
{
	if (!err)
		return HBK_PROXY_OK;
	return err == -ENOMEM ? HBK_PROXY_INTERNAL_FAILURE : HBK_PROXY_BAD_ARGUMENT;
}

static u32 size_of(const struct hbk_map *map)
{
	return hbk_map_count(map) ? hbk_pairs_size(map) : 0;
}

HBK_HOSTCALL(hbk_call_get_map_size)
{
	struct hbk_map *map = readable(vm, values);

	(void)trap;
	if (!map)
		return HBK_PROXY_BAD_ARGUMENT;
	hbk_hostcall_put32(vm, values[1], size_of(map));
	return HBK_PROXY_OK;
}

/* map, where the address goes, where the length goes */
HBK_HOSTCALL(hbk_call_get_map_pairs)
{
	struct hbk_map *map = readable(vm, values);
	u32 address, status, size;

	if (!map)
		return HBK_PROXY_BAD_ARGUMENT;
	if (!pay(vm, map, trap))
		return HBK_PROXY_INTERNAL_FAILURE;
	size = size_of(map);
	if (!size)
		return hbk_hostcall_give(vm, values + 1, NULL, 0, trap);
	status = hbk_hostcall_allocate(vm, size, &address, trap);
	if (status)
		return status;
	hbk_pairs_write(map, hbk_hostcall_memory(vm, address, size));
	hbk_hostcall_put32(vm, values[1], address);
	hbk_hostcall_put32(vm, values[2], size);
	return HBK_PROXY_OK;
}

HBK_HOSTCALL(hbk_call_set_map_pairs)
{
	struct hbk_given given = hbk_hostcall_given(vm, values + 1);
	struct hbk_map *map = writable(vm, values), pairs;
	int err;

	if (!map)
		return HBK_PROXY_BAD_ARGUMENT;
	if (!pay(vm, map, trap))
		return HBK_PROXY_INTERNAL_FAILURE;
	hbk_map_init(&pairs, vm->env->heap, map->kind);
	err = hbk_pairs_read(&pairs, given.bytes, given.length);
	if (!err)
		err = hbk_map_assign(map, &pairs);
	hbk_map_clear(&pairs);
	return status_of(err);
}

/* map, name and its length, where the value's address goes, where its length goes */
HBK_HOSTCALL(hbk_call_get_map_value)
{
	struct hbk_given name = hbk_hostcall_given(vm, values + 1);
	struct hbk_map *map = readable(vm, values);
	const u8 *value;
	u32 length;

	if (!map)
		return HBK_PROXY_BAD_ARGUMENT;
	if (!pay(vm, map, trap))
		return HBK_PROXY_INTERNAL_FAILURE;
	if (!hbk_map_get(map, name.bytes, name.length, &value, &length))
		return HBK_PROXY_NOT_FOUND;
	return hbk_hostcall_give(vm, values + 3, value, length, trap);
}

typedef int (*change)(struct hbk_map *map, const void *name, size_t name_length, const void *value,
		      size_t value_length);

static u32 change_value(struct hbk_vm *vm, const u64 *values, change how, enum hbk_wasm_trap *trap)
{
	struct hbk_given name = hbk_hostcall_given(vm, values + 1);
	struct hbk_given value = hbk_hostcall_given(vm, values + 3);
	struct hbk_map *map = writable(vm, values);

	if (!map)
		return HBK_PROXY_BAD_ARGUMENT;
	if (!pay(vm, map, trap))
		return HBK_PROXY_INTERNAL_FAILURE;
	return status_of(how(map, name.bytes, name.length, value.bytes, value.length));
}

HBK_HOSTCALL(hbk_call_add_map_value)
{
	return change_value(vm, values, hbk_map_add, trap);
}

HBK_HOSTCALL(hbk_call_replace_map_value)
{
	return change_value(vm, values, hbk_map_replace, trap);
}

HBK_HOSTCALL(hbk_call_remove_map_value)
{
	struct hbk_given name = hbk_hostcall_given(vm, values + 1);
	struct hbk_map *map = writable(vm, values);

	if (!map)
		return HBK_PROXY_BAD_ARGUMENT;
	if (!pay(vm, map, trap))
		return HBK_PROXY_INTERNAL_FAILURE;
	return status_of(hbk_map_remove(map, name.bytes, name.length));
}
