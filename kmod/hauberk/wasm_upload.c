// SPDX-License-Identifier: GPL-2.0-only
/*
 * Modules come in parts, as tables do: an opener has one under way at most,
 * and what it takes is charged to the opener's memory cgroup.  COMMIT hands it
 * to the engine, which copies it.  Process context.
 */
#include "wasm_upload.h"

#include <hauberk/wasm.h>
#include <linux/mm.h>

#include "wasm_request.h"

static void discard(struct hbk_wasm_upload *upload)
{
	kvfree(upload->bytes);
	upload->bytes = NULL;
}

/**
 * hbk_wasm_serve_begin() - answer WASM_BEGIN
 * @exchange: the request
 *
 * Return: 0, -EBUSY or -ENOMEM.
 */
int hbk_wasm_serve_begin(struct hbk_exchange *exchange)
{
	struct hbk_wasm_upload *upload = &exchange->opener->upload;
	const struct hbk_request *request = &exchange->request;
	u32 flags = hbk_request_u32(request, HBK_A_FLAGS, 0);

	if (upload->bytes)
		return hbk_fault_set(&exchange->fault, -EBUSY, "module",
				     "this opener has a module under way already");
	if ((flags & HBK_WASM_FLAG_OWNED) && upload->owned)
		return hbk_fault_set(&exchange->fault, -EBUSY, "attribute FLAGS",
				     "this opener owns a guest already");
	upload->size = hbk_request_u32(request, HBK_A_SIZE, 0);
	upload->bytes = kvmalloc(upload->size, GFP_KERNEL_ACCOUNT);
	if (!upload->bytes)
		return -ENOMEM;
	upload->length = 0;
	upload->flags = flags;
	hbk_wasm_copy_name(upload->name, request);
	return 0;
}

static int require(struct hbk_exchange *exchange)
{
	if (exchange->opener->upload.bytes)
		return 0;
	return hbk_fault_set(&exchange->fault, -ENOENT, "module",
			     "no module is under way: WASM_BEGIN comes first");
}

/**
 * hbk_wasm_serve_chunk() - answer WASM_CHUNK
 * @exchange: the request
 *
 * Return: 0, -ENOENT, -EINVAL or -E2BIG.
 */
int hbk_wasm_serve_chunk(struct hbk_exchange *exchange)
{
	const struct hbk_attr_view *part = &exchange->request.attrs[HBK_A_DATA];
	u32 offset = hbk_request_u32(&exchange->request, HBK_A_OFFSET, 0);
	struct hbk_wasm_upload *upload = &exchange->opener->upload;
	int err;

	err = require(exchange);
	if (err)
		return err;
	if (offset != upload->length)
		return hbk_fault_set(&exchange->fault, -EINVAL, "attribute OFFSET",
				     "the part begins at %u, but the next one is due at %u",
				     offset, upload->length);
	if (part->length > upload->size - offset)
		return hbk_fault_set(&exchange->fault, -E2BIG, "attribute DATA",
				     "the module would have more than the %u bytes of its SIZE",
				     upload->size);
	memcpy(upload->bytes + offset, part->data, part->length);
	upload->length += part->length;
	return 0;
}

static u32 engine_flags(u32 flags)
{
	return (flags & HBK_WASM_FLAG_NO_FLOATS ? HBK_GUEST_NO_FLOATS : 0) |
	       (flags & HBK_WASM_FLAG_INTERPRET ? HBK_GUEST_INTERPRET : 0);
}

/**
 * hbk_wasm_serve_commit() - answer WASM_COMMIT
 * @exchange: the request
 *
 * Return: 0, or an errno with which the module stays under way.
 */
int hbk_wasm_serve_commit(struct hbk_exchange *exchange)
{
	struct hbk_wasm_upload *upload = &exchange->opener->upload;
	int err;

	err = require(exchange);
	if (err)
		return err;
	if (upload->length != upload->size)
		return hbk_fault_set(&exchange->fault, -ENODATA, "module",
				     "%u of the %u bytes of its SIZE have come",
				     upload->length, upload->size);
	err = hbk_wasm_expect_refusal(exchange);
	if (err)
		return err;
	err = hbk_guest_load(upload->name, upload->bytes, upload->size,
			     engine_flags(upload->flags), exchange->refusal);
	if (err)
		return hbk_wasm_refuse(exchange, err, "module", upload->name);
	/* Who unloads it before we hold it has only been faster than our opener. */
	if (upload->flags & HBK_WASM_FLAG_OWNED)
		upload->owned = hbk_guest_find(upload->name);
	discard(upload);
	return 0;
}

/**
 * hbk_wasm_serve_abort() - answer WASM_ABORT
 * @exchange: the request
 *
 * Return: 0 or -ENOENT.
 */
int hbk_wasm_serve_abort(struct hbk_exchange *exchange)
{
	int err = require(exchange);

	if (!err)
		discard(&exchange->opener->upload);
	return err;
}

/*
 * Nobody can unload what we hold, so the name is still its own, unless the
 * guest went with a host module.  Somebody who runs it just now keeps it; from
 * then on it is like any other.
 */
static int unload_owned(struct hbk_wasm_upload *upload)
{
	struct hbk_guest_info info;

	hbk_guest_describe(upload->owned, &info);
	hbk_guest_put(upload->owned);
	upload->owned = NULL;
	return hbk_guest_unload(info.name);
}

static bool is_owned(const struct hbk_wasm_upload *upload, const char *name)
{
	struct hbk_guest *guest = hbk_guest_find(name);

	if (!guest)
		return false;
	hbk_guest_put(guest);
	return guest == upload->owned;
}

/**
 * hbk_wasm_serve_unload() - answer WASM_UNLOAD
 * @exchange: the request
 *
 * Return: 0, -ENOENT or -EBUSY.
 */
int hbk_wasm_serve_unload(struct hbk_exchange *exchange)
{
	struct hbk_wasm_upload *upload = &exchange->opener->upload;
	char name[HBK_NAME_MAX + 1];
	int err;

	hbk_wasm_copy_name(name, &exchange->request);
	err = is_owned(upload, name) ? unload_owned(upload) : hbk_guest_unload(name);
	return err ? hbk_wasm_refuse(exchange, err, "guest", name) : 0;
}

/**
 * hbk_wasm_upload_release() - forget what an opener has under way and owns
 * @upload: the opener's; nobody uses it any more
 */
void hbk_wasm_upload_release(struct hbk_wasm_upload *upload)
{
	discard(upload);
	if (upload->owned)
		unload_owned(upload);
}
