// SPDX-License-Identifier: GPL-2.0-only
/*
 * FILTER_TRY: a script of events runs against a guest, in an instance of its
 * own that nobody else sees, and what happens is written down.  The opener's
 * lock is held all the while.  Process context; ends when its caller is killed.
 */
#include <hauberk/wasm.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "../core/proxy/buffer.h"
#include "../core/proxy/trial.h"
#include "filter_env.h"
#include "filter_request.h"
#include "wasm_request.h"

#define LINES_PART	SZ_32K			/* bytes of the trace in one frame */
#define LINES_FRAME_MAX	(LINES_PART + 64)

struct try {
	struct hbk_exchange *exchange;
	struct hbk_guest *guest;
	struct hbk_guest_instance *instance;
};

static enum hbk_wasm_trap try_make(const struct hbk_trial_engine *engine, struct hbk_vm *vm)
{
	struct hbk_guest_run run = { .fuel = HBK_PROXY_START_BUDGET, .trial = true };
	struct try *try = engine->data;
	struct hbk_guest_instance *instance;

	instance = hbk_guest_instance_new_on(try->guest, hbk_filter_hosts, HBK_FILTER_HOSTS, vm,
					     &run, try->exchange->refusal);
	if (IS_ERR(instance))
		return run.trap ?: HBK_WASM_TRAP_HOST;
	try->instance = instance;
	vm->core = hbk_guest_core(instance);
	return HBK_WASM_TRAP_NONE;
}

static void try_destroy(const struct hbk_trial_engine *engine, struct hbk_vm *vm)
{
	struct try *try = engine->data;

	if (try->instance)
		hbk_guest_instance_free(try->instance);
	try->instance = NULL;
}

static const struct hbk_trial_engine *engine_of(const struct hbk_vm *vm)
{
	return *(const struct hbk_trial_engine *const *)vm->owner;
}

static enum hbk_wasm_trap try_call(struct hbk_vm *vm, u32 function, u64 *values, u64 budget)
{
	struct hbk_guest_run run = {
		.context = HBK_GUEST_IN_RUN, .fuel = budget, .trial = true,
	};
	struct try *try = engine_of(vm)->data;
	int err = hbk_guest_call(try->instance, function, values, &run);

	if (!err)
		return HBK_WASM_TRAP_NONE;
	return run.trap ?: HBK_WASM_TRAP_HOST;
}

static int write_lines(struct hbk_exchange *exchange, const struct hbk_buffer *trace)
{
	const u8 *data = hbk_buffer_data(trace);
	size_t left = trace->length;
	struct hbk_writer w;
	int err = 0;

	while (!err && left) {
		size_t part = min_t(size_t, left, LINES_PART);

		hbk_reply_begin(exchange->listing, &w, HBK_FILTER_LINES, exchange->request.sequence);
		hbk_writer_bytes(&w, HBK_A_DATA, data, part);
		err = hbk_reply_end(exchange->listing, &w);
		data += part;
		left -= part;
	}
	return err;
}

/* Room for all that it may have to say is made before anything runs. */
static u32 listing_size(void)
{
	return DIV_ROUND_UP(HBK_FILTER_TRACE_MAX, LINES_PART) * LINES_FRAME_MAX;
}

/* A script that is none is told in the trace's last line. */
static int try_run(struct try *try)
{
	struct hbk_exchange *exchange = try->exchange;
	const struct hbk_attr_view *script = &exchange->request.attrs[HBK_A_DATA];
	struct hbk_trial_engine engine = {
		.module = hbk_guest_module(try->guest),
		.make = try_make,
		.destroy = try_destroy,
		.call = try_call,
		.memory = hbk_guest_memory,
		.heap = &hbk_filter_heap,
		.data = try,
	};
	struct hbk_buffer trace;
	int err;

	exchange->listing = hbk_request_make_listing(exchange, listing_size(), &err);
	if (!exchange->listing)
		return err;
	hbk_buffer_init(&trace, &hbk_filter_heap, HBK_FILTER_TRACE_MAX);
	err = hbk_trial_run(&engine, (const char *)script->data, script->length, &trace);
	WARN_ON_ONCE(write_lines(exchange, &trace));
	hbk_buffer_release(&trace);
	if (err)
		hbk_fault_set(&exchange->fault, err, "attribute DATA", "%s", err == -EINVAL ?
			      "the script is not one: the trace says where" :
			      "the trial needs more room than there is");
	return err;
}

/**
 * hbk_filter_serve_try() - answer FILTER_TRY
 * @exchange: the request; its listing is made
 *
 * Return: 0, whatever the guest did, or a negative errno.
 */
int hbk_filter_serve_try(struct hbk_exchange *exchange)
{
	struct try try = { .exchange = exchange };
	int err;

	try.guest = hbk_wasm_find(exchange);
	if (IS_ERR(try.guest))
		return PTR_ERR(try.guest);
	err = hbk_wasm_expect_refusal(exchange);
	if (!err)
		err = try_run(&try);
	/* What the engine had to say of an instance is in the trace. */
	if (exchange->refusal)
		exchange->refusal->text[0] = '\0';
	hbk_guest_put(try.guest);
	return err;
}
