// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is told of guests: WASM_LIST and WASM_INFO.  A module's description is
 * read-only for as long as the guest is held.  Process context.
 */
#include <hauberk/wasm.h>
#include <linux/err.h>

#include "wasm_request.h"

/* Bytes of a frame without names and types, which are told in addition; with some to spare. */
#define GUEST_FRAME_MAX		448
#define EXTERN_FRAME_MAX	96

#define COMERS_MAX		8	/* guests that may be loaded while we list them */

static void write_memory(struct hbk_writer *w, const struct hbk_wasm_module *module)
{
	if (!module->memory_count)
		return;
	hbk_writer_u32(w, HBK_A_MIN, module->memories[0].limits.minimum);
	if (module->memories[0].limits.bounded)
		hbk_writer_u32(w, HBK_A_MAX, module->memories[0].limits.maximum);
}

static u32 wire_flags(u32 flags)
{
	return (flags & HBK_GUEST_NO_FLOATS ? HBK_WASM_FLAG_NO_FLOATS : 0) |
	       (flags & HBK_GUEST_INTERPRET ? HBK_WASM_FLAG_INTERPRET : 0);
}

static int write_guest(struct hbk_exchange *exchange, struct hbk_reply *listing,
		       struct hbk_guest *guest)
{
	const struct hbk_wasm_module *module = hbk_guest_module(guest);
	struct hbk_guest_info info;
	struct hbk_writer w;

	hbk_guest_describe(guest, &info);
	hbk_reply_begin(listing, &w, HBK_WASM_GUEST, exchange->request.sequence);
	hbk_writer_string(&w, HBK_A_NAME, info.name);
	hbk_writer_u64(&w, HBK_A_TIME_NS, info.loaded_ns);
	hbk_writer_u32(&w, HBK_A_SIZE, info.size);
	hbk_writer_bytes(&w, HBK_A_DIGEST, info.sha256, sizeof(info.sha256));
	hbk_writer_u32(&w, HBK_A_FLAGS, wire_flags(info.flags));
	hbk_writer_u8(&w, HBK_A_COMPILED, info.compiled);
	hbk_writer_u8(&w, HBK_A_FLOATS, info.floats);
	hbk_writer_u8(&w, HBK_A_QUARANTINED, info.quarantined);
	hbk_writer_u64(&w, HBK_A_CALLS, info.calls);
	hbk_writer_u64(&w, HBK_A_TRAPS, info.traps);
	hbk_writer_u64(&w, HBK_A_INSTRUCTIONS, info.fuel);
	hbk_writer_u32(&w, HBK_A_INSTANCES, info.instances);
	hbk_writer_u64(&w, HBK_A_MEMORY_BYTES, info.memory);
	hbk_writer_u32(&w, HBK_A_FUNCTIONS, module->function_count);
	hbk_writer_u32(&w, HBK_A_IMPORTS, module->import_count);
	hbk_writer_u32(&w, HBK_A_EXPORTS, module->export_count);
	write_memory(&w, module);
	return hbk_reply_end(listing, &w);
}

static u32 count_guests(void)
{
	struct hbk_guest *guest;
	u32 count = 0;

	for (guest = hbk_guest_next(NULL); guest; guest = hbk_guest_next(guest))
		count++;
	return count;
}

/**
 * hbk_wasm_serve_list() - answer WASM_LIST
 * @exchange: the request; its listing is made
 *
 * Return: 0 or a negative errno.
 */
int hbk_wasm_serve_list(struct hbk_exchange *exchange)
{
	u32 size = (count_guests() + COMERS_MAX) * GUEST_FRAME_MAX;
	struct hbk_guest *guest;
	int err;

	exchange->listing = hbk_request_make_listing(exchange, size, &err);
	if (!exchange->listing)
		return err;
	for (guest = hbk_guest_next(NULL); guest; guest = hbk_guest_next(guest)) {
		if (!write_guest(exchange, exchange->listing, guest))
			continue;
		hbk_guest_put(guest);
		exchange->listing->length = 0;
		return hbk_fault_set(&exchange->fault, -EAGAIN, "guests",
				     "the guests change too fast to list them");
	}
	return 0;
}

static void write_function(struct hbk_writer *w, const struct hbk_wasm_type *type)
{
	hbk_writer_bytes(w, HBK_A_PARAMETERS, type->params, type->param_count);
	hbk_writer_bytes(w, HBK_A_RESULTS, type->results, type->result_count);
}

static void write_limits(struct hbk_writer *w, const struct hbk_wasm_limits *limits)
{
	hbk_writer_u32(w, HBK_A_MIN, limits->minimum);
	if (limits->bounded)
		hbk_writer_u32(w, HBK_A_MAX, limits->maximum);
}

static void write_extern(struct hbk_writer *w, const struct hbk_wasm_module *module, u8 kind,
			 u32 index)
{
	hbk_writer_u8(w, HBK_A_KIND, kind);
	switch (kind) {
	case HBK_WASM_KIND_FUNCTION:
		write_function(w, hbk_wasm_function_type(module, index));
		break;
	case HBK_WASM_KIND_TABLE:
		hbk_writer_u8(w, HBK_A_VALUE_TYPE, module->tables[index].type);
		write_limits(w, &module->tables[index].limits);
		break;
	case HBK_WASM_KIND_MEMORY:
		write_limits(w, &module->memories[index].limits);
		break;
	case HBK_WASM_KIND_GLOBAL:
		hbk_writer_u8(w, HBK_A_VALUE_TYPE, module->globals[index].type);
		hbk_writer_u8(w, HBK_A_MUTABLE, module->globals[index].mutable);
		break;
	}
}

static u32 extern_size(const struct hbk_wasm_module *module, u8 kind, u32 index)
{
	const struct hbk_wasm_type *type;

	if (kind != HBK_WASM_KIND_FUNCTION)
		return EXTERN_FRAME_MAX;
	type = hbk_wasm_function_type(module, index);
	return EXTERN_FRAME_MAX + type->param_count + type->result_count;
}

/* At most 11,000 times 10 KiB. */
static u32 listing_size(const struct hbk_wasm_module *module)
{
	u32 size = GUEST_FRAME_MAX;
	u32 i;

	for (i = 0; i < module->import_count; i++) {
		const struct hbk_wasm_import *import = &module->imports[i];

		size += extern_size(module, import->kind, import->index) + import->module.length +
			import->name.length;
	}
	for (i = 0; i < module->export_count; i++) {
		const struct hbk_wasm_export *export = &module->exports[i];

		size += extern_size(module, export->kind, export->index) + export->name.length;
	}
	return size;
}

static int write_import(struct hbk_exchange *exchange, const struct hbk_wasm_module *module,
			const struct hbk_wasm_import *import)
{
	struct hbk_writer w;

	hbk_reply_begin(exchange->listing, &w, HBK_WASM_IMPORT, exchange->request.sequence);
	hbk_writer_bytes(&w, HBK_A_MODULE, import->module.text, import->module.length);
	hbk_writer_bytes(&w, HBK_A_FIELD, import->name.text, import->name.length);
	write_extern(&w, module, import->kind, import->index);
	return hbk_reply_end(exchange->listing, &w);
}

static int write_export(struct hbk_exchange *exchange, const struct hbk_wasm_module *module,
			const struct hbk_wasm_export *export)
{
	struct hbk_writer w;

	hbk_reply_begin(exchange->listing, &w, HBK_WASM_EXPORT, exchange->request.sequence);
	hbk_writer_bytes(&w, HBK_A_FIELD, export->name.text, export->name.length);
	write_extern(&w, module, export->kind, export->index);
	return hbk_reply_end(exchange->listing, &w);
}

static int write_all(struct hbk_exchange *exchange, struct hbk_guest *guest)
{
	const struct hbk_wasm_module *module = hbk_guest_module(guest);
	int err;
	u32 i;

	err = write_guest(exchange, exchange->listing, guest);
	for (i = 0; !err && i < module->import_count; i++)
		err = write_import(exchange, module, &module->imports[i]);
	for (i = 0; !err && i < module->export_count; i++)
		err = write_export(exchange, module, &module->exports[i]);
	return err;
}

/**
 * hbk_wasm_serve_info() - answer WASM_INFO
 * @exchange: the request; its listing is made
 *
 * Return: 0 or a negative errno.
 */
int hbk_wasm_serve_info(struct hbk_exchange *exchange)
{
	struct hbk_guest *guest = hbk_wasm_find(exchange);
	int err;

	if (IS_ERR(guest))
		return PTR_ERR(guest);
	exchange->listing = hbk_request_make_listing(exchange, listing_size(hbk_guest_module(guest)),
						     &err);
	if (exchange->listing) {
		err = write_all(exchange, guest);
		WARN_ON_ONCE(err);
	}
	hbk_guest_put(guest);
	return err;
}
