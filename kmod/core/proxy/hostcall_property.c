// SPDX-License-Identifier: GPL-2.0-only
/* Properties: what is known of the plugin, the connection and the exchange, by path. */
#include "hostcall_private.h"

#define VALUE_MAX	65536	/* bytes of what an environment answers */

/* As people write it: dots for NULs, and none at the end. 0 if it is none, or too long. */
static u32 normalise(struct hbk_given given, char *path)
{
	u32 length = given.length, i;

	while (length && !given.bytes[length - 1])
		length--;
	if (length > HBK_PROXY_PROPERTY_PATH)
		return 0;
	for (i = 0; i < length; i++)
		path[i] = given.bytes[i] ? given.bytes[i] : '.';
	return length;
}

static const char *of_plugin(const struct hbk_vm *vm, const char *path, u32 length)
{
	const struct {
		const char *path;
		const char *value;
	} rows[] = {
		{ "plugin_name", vm->name },
		{ "plugin_root_id", vm->root_id },
		{ "plugin_vm_id", vm->vm_id },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (length == strlen(rows[i].path) && !memcmp(path, rows[i].path, length))
			return rows[i].value;
	return NULL;
}

static int of_stream(struct hbk_vm *vm, const char *path, u32 length, struct hbk_buffer *value)
{
	struct hbk_stream *stream = hbk_hostcall_stream(vm);
	int err = -ENOENT;

	if (stream && stream->ops->property)
		err = stream->ops->property(stream, path, length, value);
	if (err != -ENOENT)
		return err;
	return vm->env->ops->property(vm, hbk_hostcall_live_stream(vm), path, length, value);
}

static int find(struct hbk_vm *vm, const char *path, u32 length, struct hbk_buffer *value)
{
	const struct hbk_property *set = hbk_context_property(vm->effective, path, length);
	const char *own = of_plugin(vm, path, length);

	if (set)
		return hbk_buffer_append(value, set->bytes + set->path_length, set->length);
	if (own)
		return hbk_buffer_append(value, own, strlen(own));
	return of_stream(vm, path, length, value);
}

/* path, where the value's address goes, where its length goes */
HBK_HOSTCALL(hbk_call_get_property)
{
	char path[HBK_PROXY_PROPERTY_PATH];
	struct hbk_buffer value;
	u32 length, status;
	int err;

	length = normalise(hbk_hostcall_given(vm, values), path);
	if (!length)
		return HBK_PROXY_NOT_FOUND;
	hbk_buffer_init(&value, vm->env->heap, VALUE_MAX);
	err = find(vm, path, length, &value);
	if (!err)
		status = hbk_hostcall_give(vm, values + 2, hbk_buffer_data(&value), value.length, trap);
	else
		status = err == -ENOENT ? HBK_PROXY_NOT_FOUND : HBK_PROXY_SERIALIZATION_FAILURE;
	hbk_buffer_release(&value);
	return status;
}

/* path, value */
HBK_HOSTCALL(hbk_call_set_property)
{
	struct hbk_given value = hbk_hostcall_given(vm, values + 2);
	char path[HBK_PROXY_PROPERTY_PATH];
	u32 length;

	(void)trap;
	length = normalise(hbk_hostcall_given(vm, values), path);
	if (!length || value.length > HBK_PROXY_PROPERTY_VALUE)
		return HBK_PROXY_BAD_ARGUMENT;
	if (hbk_context_set_property(vm->effective, path, length, value.bytes, value.length))
		return HBK_PROXY_INTERNAL_FAILURE;
	return HBK_PROXY_OK;
}
