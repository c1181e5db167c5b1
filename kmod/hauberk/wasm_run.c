// SPDX-License-Identifier: GPL-2.0-only
/*
 * WASM_RUN: a person calls what a guest exports, in an instance that is made
 * for it and freed after it.  The opener's lock is held all the while: an
 * opener does one thing at a time.  Process context; a guest that runs long
 * lets others run, and ends when its caller is killed.
 */
#include <hauberk/wasm.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "wasm_request.h"

#define RESULT_FRAME_MAX	192	/* bytes of a WASM_RESULT frame without its values */

/* A call on its way. */
struct call {
	struct hbk_exchange *exchange;
	struct hbk_guest *guest;
	const struct hbk_wasm_type *type;
	u32 function;
	u64 *values;			/* arguments, then results */
	struct hbk_guest_run run;
};

static int find_export(struct call *call)
{
	const struct hbk_attr_view *view = &call->exchange->request.attrs[HBK_A_EXPORT];
	int err = -ENOENT;
	char *name;

	name = kmemdup_nul(view->data, view->length, GFP_KERNEL);
	if (!name)
		return -ENOMEM;
	/* The engine takes strings: one with a NUL in it is not the shorter one. */
	if (strlen(name) == view->length)
		err = hbk_guest_export(call->guest, name, &call->function);
	kfree(name);
	if (err)
		return hbk_fault_set(&call->exchange->fault, err, "attribute EXPORT",
				     "the guest exports no function of this name");
	call->type = hbk_guest_signature(call->guest, call->function);
	return 0;
}

static u8 type_of(const u8 *value)
{
	return value[offsetof(struct hbk_wire_value, type)];
}

static int take_arguments(struct call *call)
{
	const struct hbk_attr_view *view = &call->exchange->request.attrs[HBK_A_VALUES];
	u32 count = view->length / sizeof(struct hbk_wire_value);
	struct hbk_fault *fault = &call->exchange->fault;
	const u8 *value = view->data;
	u32 i;

	if (count != call->type->param_count)
		return hbk_fault_set(fault, -EINVAL, "attribute VALUES",
				     "the function takes %u arguments, not %u",
				     call->type->param_count, count);
	for (i = 0; i < count; i++, value += sizeof(struct hbk_wire_value)) {
		if (type_of(value) != call->type->params[i])
			return hbk_fault_set(fault, -EINVAL, "attribute VALUES",
					     "value %u is an %s, the function takes an %s", i,
					     hbk_wasm_value_type_name(type_of(value)),
					     hbk_wasm_value_type_name(call->type->params[i]));
		call->values[i] = get_unaligned_le64(value);
	}
	return 0;
}

static int check_results(struct call *call)
{
	if (call->type->result_count > HBK_WASM_RUN_VALUES_MAX)
		return hbk_fault_set(&call->exchange->fault, -E2BIG, "attribute EXPORT",
				     "the function has %u results, at most %u are given",
				     call->type->result_count, HBK_WASM_RUN_VALUES_MAX);
	return 0;
}

static bool is_reference(u8 type)
{
	return type == HBK_WASM_FUNCREF || type == HBK_WASM_EXTERNREF;
}

/* Of a reference only that there is one: it is an address of the kernel's. */
static void put_results(u8 *wire, const struct call *call)
{
	u32 i;

	for (i = 0; i < call->type->result_count; i++, wire += sizeof(struct hbk_wire_value)) {
		u8 type = call->type->results[i];

		put_unaligned_le64(is_reference(type) ? !!call->values[i] : call->values[i], wire);
		wire[offsetof(struct hbk_wire_value, type)] = type;
	}
}

/* @wire is zeroed and has room for all results. */
static void write_result(struct call *call, u8 *wire)
{
	struct hbk_reply *listing = call->exchange->listing;
	u32 length = call->type->result_count * sizeof(struct hbk_wire_value);
	struct hbk_writer w;

	hbk_reply_begin(listing, &w, HBK_WASM_RESULT, call->exchange->request.sequence);
	if (call->run.trap == HBK_WASM_TRAP_NONE) {
		put_results(wire, call);
		hbk_writer_bytes(&w, HBK_A_VALUES, wire, length);
	} else {
		hbk_writer_string(&w, HBK_A_TRAP, hbk_wasm_trap_name(call->run.trap));
	}
	hbk_writer_u64(&w, HBK_A_INSTRUCTIONS, call->run.used);
	hbk_writer_u64(&w, HBK_A_DURATION_NS, call->run.ns);
	WARN_ON_ONCE(hbk_reply_end(listing, &w));
}

static int refuse(struct call *call, int err)
{
	char name[HBK_NAME_MAX + 1];

	hbk_wasm_copy_name(name, &call->exchange->request);
	return hbk_wasm_refuse(call->exchange, err, "guest", name);
}

/* A trap is a result; what kept the call from being made is an error. */
static int run_in_instance(struct call *call, u64 budget)
{
	struct hbk_guest_instance *instance;
	int err;

	call->run.fuel = budget;
	instance = hbk_guest_instance_new(call->guest, NULL, &call->run, call->exchange->refusal);
	if (IS_ERR(instance))
		return refuse(call, PTR_ERR(instance));
	call->run.context = HBK_GUEST_IN_RUN;
	call->run.fuel = budget;
	err = hbk_guest_call(instance, call->function, call->values, &call->run);
	hbk_guest_instance_free(instance);
	return err && call->run.trap == HBK_WASM_TRAP_NONE ? refuse(call, err) : 0;
}

/* All room is made before anything runs. */
static int serve(struct call *call, u64 budget)
{
	u32 size, count;
	u8 *wire;
	int err;

	err = find_export(call);
	if (!err)
		err = check_results(call);
	if (!err)
		err = hbk_wasm_expect_refusal(call->exchange);
	if (err)
		return err;
	size = RESULT_FRAME_MAX + call->type->result_count * sizeof(struct hbk_wire_value);
	call->exchange->listing = hbk_request_make_listing(call->exchange, size, &err);
	if (!call->exchange->listing)
		return err;
	count = max(call->type->param_count, call->type->result_count);
	call->values = kvcalloc(count + 1, sizeof(*call->values), GFP_KERNEL);
	wire = kvcalloc(call->type->result_count + 1, sizeof(struct hbk_wire_value), GFP_KERNEL);
	if (!call->values || !wire)
		err = -ENOMEM;
	if (!err)
		err = take_arguments(call);
	if (!err)
		err = run_in_instance(call, budget);
	if (!err)
		write_result(call, wire);
	kvfree(wire);
	kvfree(call->values);
	return err;
}

/**
 * hbk_wasm_serve_run() - answer WASM_RUN
 * @exchange: the request; its listing is made
 *
 * Return: 0, also if the guest trapped, or a negative errno.
 */
int hbk_wasm_serve_run(struct hbk_exchange *exchange)
{
	const struct hbk_request *request = &exchange->request;
	struct call call = { .exchange = exchange };
	u64 budget = hbk_request_u64(request, HBK_A_BUDGET, 0);
	int err;

	/* To the engine none is its own limit. */
	if (hbk_request_has(request, HBK_A_BUDGET) && (!budget || budget > HBK_WASM_BUDGET_MAX))
		return hbk_fault_set(&exchange->fault, -ERANGE, "attribute BUDGET",
				     "a call takes 1 to %llu instructions, not %llu",
				     (u64)HBK_WASM_BUDGET_MAX, budget);
	call.guest = hbk_wasm_find(exchange);
	if (IS_ERR(call.guest))
		return PTR_ERR(call.guest);
	err = serve(&call, budget);
	hbk_guest_put(call.guest);
	return err;
}
