// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests.  A request is served under its opener's lock, in one go: checked,
 * done, and its answer queued.  Room for the answer is made first, so that
 * nothing takes effect that could not be told.  Process context.
 */
#include "request.h"

#include <hauberk/wasm.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "filter_request.h"
#include "wasm_request.h"

static int serve_hello(struct hbk_exchange *exchange)
{
	const struct hbk_request *request = &exchange->request;
	u32 min = hbk_request_u32(request, HBK_A_VERSION_MIN, 0);
	u32 max = hbk_request_u32(request, HBK_A_VERSION_MAX, 0);
	const struct hbk_attr_view *label = &request->attrs[HBK_A_LABEL];
	struct hbk_opener *opener = exchange->opener;
	struct hbk_writer w;

	if (opener->greeted)
		return hbk_fault_set(&exchange->fault, -EALREADY, "frame HELLO",
				     "this opener has said HELLO already");
	if (min > HBK_PROTOCOL_VERSION || max < HBK_PROTOCOL_VERSION)
		return hbk_fault_set(&exchange->fault, -EPROTONOSUPPORT, "attribute VERSION_MAX",
				     "the module speaks version %d, not %u to %u",
				     HBK_PROTOCOL_VERSION, min, max);
	hbk_reply_begin(exchange->outcome, &w, HBK_HELLO_REPLY, request->sequence);
	hbk_writer_u32(&w, HBK_A_VERSION, HBK_PROTOCOL_VERSION);
	hbk_writer_string(&w, HBK_A_MODULE_VERSION, HBK_MODULE_VERSION);
	hbk_writer_u64(&w, HBK_A_INSTANCE, hbk_device_instance());
	hbk_writer_u64(&w, HBK_A_GENERATION, exchange->generation);
	hbk_reply_end(exchange->outcome, &w);
	if (label->data)
		memcpy(opener->label, label->data, label->length);
	opener->greeted = true;
	return 0;
}

static int serve_begin(struct hbk_exchange *exchange)
{
	return hbk_transaction_begin(&exchange->opener->transaction, &exchange->fault);
}

static int serve_anchor(struct hbk_exchange *exchange)
{
	return hbk_transaction_anchor(&exchange->opener->transaction, &exchange->request,
				      &exchange->fault);
}

static int serve_identity(struct hbk_exchange *exchange)
{
	return hbk_transaction_identity(&exchange->opener->transaction, &exchange->request,
					&exchange->fault);
}

static int serve_table(struct hbk_exchange *exchange)
{
	return hbk_transaction_table(&exchange->opener->transaction, &exchange->request,
				     &exchange->fault);
}

static int serve_filter(struct hbk_exchange *exchange)
{
	return hbk_transaction_filter(&exchange->opener->transaction, &exchange->request,
				      &exchange->fault);
}

static int serve_upstream(struct hbk_exchange *exchange)
{
	return hbk_transaction_upstream(&exchange->opener->transaction, &exchange->request,
					&exchange->fault);
}

static int serve_settings(struct hbk_exchange *exchange)
{
	hbk_transaction_settings(&exchange->opener->transaction, &exchange->request);
	return 0;
}

static int serve_commit(struct hbk_exchange *exchange)
{
	return hbk_transaction_commit(&exchange->opener->transaction, &exchange->request,
				      exchange->opener->label, &exchange->generation,
				      &exchange->fault);
}

static int serve_abort(struct hbk_exchange *exchange)
{
	hbk_transaction_abort(&exchange->opener->transaction);
	return 0;
}

static int serve_follow(struct hbk_exchange *exchange)
{
	struct hbk_opener *opener = exchange->opener;

	hbk_event_follow(&opener->follower, hbk_request_u32(&exchange->request, HBK_A_REPLAY, 0));
	opener->event_length = 0;
	return 0;
}

static const struct {
	int (*serve)(struct hbk_exchange *exchange);
	bool in_transaction;		/* asks for an open one */
} commands[] = {
	[HBK_HELLO]		= { serve_hello },
	[HBK_BEGIN]		= { serve_begin },
	[HBK_ANCHOR]		= { serve_anchor, true },
	[HBK_IDENTITY]		= { serve_identity, true },
	[HBK_TABLE]		= { serve_table, true },
	[HBK_SETTINGS]		= { serve_settings, true },
	[HBK_COMMIT]		= { serve_commit, true },
	[HBK_ABORT]		= { serve_abort, true },
	[HBK_STATUS]		= { hbk_status_serve },
	[HBK_CONNECTIONS]	= { hbk_status_serve_connections },
	[HBK_FOLLOW]		= { serve_follow },
	[HBK_WASM_BEGIN]	= { hbk_wasm_serve_begin },
	[HBK_WASM_CHUNK]	= { hbk_wasm_serve_chunk },
	[HBK_WASM_COMMIT]	= { hbk_wasm_serve_commit },
	[HBK_WASM_ABORT]	= { hbk_wasm_serve_abort },
	[HBK_WASM_LIST]		= { hbk_wasm_serve_list },
	[HBK_WASM_INFO]		= { hbk_wasm_serve_info },
	[HBK_WASM_RUN]		= { hbk_wasm_serve_run },
	[HBK_WASM_UNLOAD]	= { hbk_wasm_serve_unload },
	[HBK_WASM_LOG]		= { hbk_wasm_serve_log },
	[HBK_FILTER]		= { serve_filter, true },
	[HBK_UPSTREAM]		= { serve_upstream, true },
	[HBK_FILTERS]		= { hbk_filter_serve_status },
	[HBK_METRICS]		= { hbk_filter_serve_metrics },
	[HBK_FILTER_TRY]	= { hbk_filter_serve_try },
};

/* Before HELLO nothing but HELLO can be understood: no version is agreed upon. */
static int serve(struct hbk_exchange *exchange, const struct hbk_frame *frame, size_t length)
{
	struct hbk_request *request = &exchange->request;
	struct hbk_opener *opener = exchange->opener;
	int error;

	if (!opener->greeted && frame->type != cpu_to_le16(HBK_HELLO))
		return hbk_fault_set(&exchange->fault, -EPROTO, "frame",
				     "the first request must be HELLO");
	error = hbk_frame_parse(request, frame, length, &exchange->fault);
	if (error)
		return error;
	if (WARN_ON_ONCE(request->type >= ARRAY_SIZE(commands) || !commands[request->type].serve))
		return -EOPNOTSUPP;
	if (commands[request->type].in_transaction &&
	    !hbk_transaction_is_open(&opener->transaction))
		return hbk_fault_set(&exchange->fault, -ENOENT, "transaction",
				     "no transaction is open: BEGIN comes first");
	return commands[request->type].serve(exchange);
}

static void write_refusal(struct hbk_writer *w, const struct hbk_guest_error *refusal)
{
	hbk_writer_string(w, HBK_A_TEXT, refusal->text);
	if (refusal->offset != HBK_GUEST_NOWHERE)
		hbk_writer_u32(w, HBK_A_OFFSET, refusal->offset);
	if (refusal->function != HBK_GUEST_NOWHERE)
		hbk_writer_u32(w, HBK_A_FUNCTION, refusal->function);
}

static void write_outcome(struct hbk_exchange *exchange, u32 sequence, int error)
{
	struct hbk_fault *fault = &exchange->fault;
	struct hbk_writer w;

	if (error && !fault->text[0])
		hbk_fault_set(fault, error, "request", "%s", error == -ENOMEM ?
			      "the kernel is out of memory" : "the request failed");
	hbk_reply_begin(exchange->outcome, &w, HBK_REPLY, sequence);
	hbk_writer_u32(&w, HBK_A_ERRNO, -error);
	if (error && exchange->refusal && exchange->refusal->text[0])
		write_refusal(&w, exchange->refusal);
	else
		hbk_writer_string(&w, HBK_A_TEXT, error ? fault->text : "");
	if (error)
		hbk_writer_string(&w, HBK_A_ITEM, fault->item);
	hbk_writer_u64(&w, HBK_A_GENERATION, exchange->generation);
	hbk_reply_end(exchange->outcome, &w);
}

/**
 * hbk_request_make_listing() - make room for the frames before an outcome
 * @exchange: the request; its fault is set if its opener has too much to read already
 * @size: bytes
 * @error: set to 0, -ENOBUFS or -ENOMEM
 *
 * Return: the room, or NULL.
 */
struct hbk_reply *hbk_request_make_listing(struct hbk_exchange *exchange, u32 size, int *error)
{
	struct hbk_reply *listing;

	if (size > hbk_reply_queue_room(&exchange->opener->replies)) {
		*error = hbk_fault_set(&exchange->fault, -ENOBUFS, "replies",
				       "the answer has %u bytes: read what waits first", size);
		return NULL;
	}
	listing = hbk_reply_create(size);
	*error = listing ? 0 : -ENOMEM;
	return listing;
}

static void answer(struct hbk_exchange *exchange, u32 sequence, int error)
{
	struct hbk_reply_queue *replies = &exchange->opener->replies;

	/* A HELLO that succeeded has been answered by HELLO_REPLY. */
	if (!exchange->outcome->length)
		write_outcome(exchange, sequence, error);
	if (exchange->listing)
		hbk_reply_queue_add(replies, exchange->listing);
	hbk_reply_queue_add(replies, exchange->outcome);
	wake_up_interruptible(&exchange->opener->wait);
}

/**
 * hbk_request_serve() - serve one request and queue its answer
 * @opener: who asks; locked
 * @frame: passed hbk_frame_header_check()
 * @length: its bytes
 *
 * Return: 0 if there is an answer, whatever it says; -ENOMEM if there is none,
 * and nothing was done.
 */
int hbk_request_serve(struct hbk_opener *opener, const void *frame, size_t length)
{
	const struct hbk_frame *header = frame;
	struct hbk_exchange *exchange;
	int error;

	lockdep_assert_held(&opener->lock);
	exchange = kzalloc(sizeof(*exchange), GFP_KERNEL);
	if (!exchange)
		return -ENOMEM;
	exchange->outcome = hbk_reply_create(HBK_OUTCOME_MAX);
	if (!exchange->outcome) {
		kfree(exchange);
		return -ENOMEM;
	}
	exchange->opener = opener;
	exchange->generation = hbk_ruleset_generation();
	error = serve(exchange, header, length);
	answer(exchange, le32_to_cpu(header->sequence), error);
	kvfree(exchange->refusal);
	kfree(exchange);
	return 0;
}
