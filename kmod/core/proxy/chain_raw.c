// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raw mode: filters see the bytes of both flows as they come.
 *
 * Bytes go from link to link in a buffer that carries them: swapped, not
 * copied. A link that pauses keeps them; they go on from there when the filter
 * answers CONTINUE to later bytes, or by proxy_continue_stream.
 */
#include "chain.h"
#include "stream.h"

/* The links still to be visited by a flow end here. */
#define NO_LINK	0xffffffffu

/**
 * struct raw_stream - a filter on this connection
 * @stream: first
 * @held: bytes that it has not let go of
 * @counted: how many of these are in the chain's count
 * @ended: the end of the flow has come to it
 * @passed: it has let that go as well
 * @paused: it holds what comes
 * @running: its data callback runs
 * @carry_on: it has called proxy_continue_stream
 * @close: it has called proxy_close_stream
 * @upstream_closed: it was told so
 */
struct raw_stream {
	struct hbk_stream stream;
	struct hbk_buffer held[HBK_CHAIN_FLOWS];
	size_t counted[HBK_CHAIN_FLOWS];
	bool ended[HBK_CHAIN_FLOWS];
	bool passed[HBK_CHAIN_FLOWS];
	bool paused[HBK_CHAIN_FLOWS];
	bool running[HBK_CHAIN_FLOWS];
	bool carry_on[HBK_CHAIN_FLOWS];
	bool close;
	bool upstream_closed;
};

/**
 * struct raw_state - of a chain; its lock's
 * @held: bytes that links hold, as they were when it last looked at each: the VM's lock is needed for that
 * @carry: what is on its way from one link to the next, where it came in no buffer that may be used for it
 * @unsettled: a link that was visited may let go of what it holds, of either flow. What others do to a link's stream
 *	wakes the chain.
 */
struct raw_state {
	size_t held[HBK_CHAIN_FLOWS];
	struct hbk_buffer carry[HBK_CHAIN_FLOWS];
	bool unsettled;
};

/* What filters ask of their streams; VM's lock held. */

static struct raw_stream *raw_of(struct hbk_stream *stream)
{
	return (struct raw_stream *)stream;	/* it is the first member */
}

static struct hbk_buffer *raw_buffer(struct hbk_stream *stream, enum hbk_proxy_buffer type)
{
	struct raw_stream *raw = raw_of(stream);
	enum hbk_chain_flow flow;

	if (type != HBK_PROXY_DOWNSTREAM_DATA && type != HBK_PROXY_UPSTREAM_DATA)
		return NULL;
	flow = type == HBK_PROXY_DOWNSTREAM_DATA ? HBK_CHAIN_REQUEST : HBK_CHAIN_RESPONSE;
	return raw->running[flow] || raw->held[flow].length ? &raw->held[flow] : NULL;
}

static enum hbk_proxy_status raw_carry_on(struct hbk_stream *stream, enum hbk_proxy_stream_type type)
{
	if (type != HBK_PROXY_DOWNSTREAM && type != HBK_PROXY_UPSTREAM)
		return HBK_PROXY_UNIMPLEMENTED;
	raw_of(stream)->carry_on[type == HBK_PROXY_UPSTREAM ? HBK_CHAIN_RESPONSE :
							      HBK_CHAIN_REQUEST] = true;
	return HBK_PROXY_OK;
}

static enum hbk_proxy_status raw_close(struct hbk_stream *stream, enum hbk_proxy_stream_type type)
{
	if (type != HBK_PROXY_DOWNSTREAM && type != HBK_PROXY_UPSTREAM)
		return HBK_PROXY_BAD_ARGUMENT;
	raw_of(stream)->close = true;
	return HBK_PROXY_OK;
}

static void drop_held(struct raw_stream *raw)
{
	u32 flow;

	for (flow = 0; flow < HBK_CHAIN_FLOWS; flow++)
		hbk_buffer_release(&raw->held[flow]);
}

static void raw_release(struct hbk_stream *stream)
{
	struct hbk_wasm_heap *heap = stream->context.vm->env->heap;

	drop_held(raw_of(stream));
	heap->release(heap, stream, sizeof(struct raw_stream));
}

static const struct hbk_stream_ops stream_ops = {
	.buffer = raw_buffer,
	.carry_on = raw_carry_on,
	.close = raw_close,
	.release = raw_release,
};

/* Bytes through one link; VM's lock held. */

static const enum hbk_callback data_callbacks[HBK_CHAIN_FLOWS] = {
	[HBK_CHAIN_REQUEST] = HBK_CALLBACK_DOWNSTREAM_DATA,
	[HBK_CHAIN_RESPONSE] = HBK_CALLBACK_UPSTREAM_DATA,
};

static void tell_upstream_closed(struct raw_stream *raw)
{
	struct hbk_context *context = &raw->stream.context;

	if (raw->upstream_closed)
		return;
	raw->upstream_closed = true;
	hbk_vm_call(context->vm, context, HBK_CALLBACK_UPSTREAM_CONNECTION_CLOSE,
		    (const u32[]){ context->id, HBK_PROXY_PEER_UNKNOWN }, 2);
}

static void call_data(struct raw_stream *raw, enum hbk_chain_flow flow)
{
	struct hbk_context *context = &raw->stream.context;
	const u32 arguments[] = { context->id, raw->held[flow].length, raw->ended[flow] };

	if (hbk_vm_has(context->vm, data_callbacks[flow])) {
		raw->running[flow] = true;
		raw->paused[flow] = hbk_vm_call(context->vm, context, data_callbacks[flow], arguments, 3);
		raw->running[flow] = false;
	}
	if (flow == HBK_CHAIN_RESPONSE && raw->ended[flow])
		tell_upstream_closed(raw);
	if (raw->carry_on[flow])
		raw->paused[flow] = false;
	raw->carry_on[flow] = false;
}

/* What comes to a link joins what it holds. */
static int take(struct raw_stream *raw, enum hbk_chain_flow flow, struct hbk_buffer *carry, bool *end)
{
	raw->ended[flow] |= *end;
	*end = false;
	return hbk_buffer_move(&raw->held[flow], carry);
}

/* What a link holds of a flow goes on. */
static int hand_on(struct raw_stream *raw, enum hbk_chain_flow flow, struct hbk_buffer *carry,
		   bool *end)
{
	*end = raw->ended[flow] && !raw->passed[flow];
	raw->passed[flow] |= *end;
	return hbk_buffer_move(carry, &raw->held[flow]);
}

static void count_held(struct raw_state *state, struct raw_stream *raw, enum hbk_chain_flow flow)
{
	state->held[flow] += raw->held[flow].length - raw->counted[flow];
	raw->counted[flow] = raw->held[flow].length;
}

/* A filter is left out: what it still holds goes on, before what comes. */
static int pass(struct hbk_link *link, enum hbk_chain_flow flow, struct hbk_buffer *carry, bool *end)
{
	int err;

	if (!link->state)
		return 0;
	hbk_vm_lock(link->vm);
	err = take(link->state, flow, carry, end);
	if (!err)
		err = hand_on(link->state, flow, carry, end);
	count_held(link->chain->state, link->state, flow);
	hbk_vm_unlock(link->vm);
	return err;
}

static int feed(struct raw_stream *raw, enum hbk_chain_flow flow, struct hbk_buffer *carry, bool *end,
		enum hbk_wasm_trap *trap)
{
	struct hbk_vm *vm = raw->stream.context.vm;
	int err;

	err = take(raw, flow, carry, end);
	if (err)
		return err;
	call_data(raw, flow);
	*trap = vm->poisoned;
	if (!raw->paused[flow] && !raw->close && !*trap)
		return hand_on(raw, flow, carry, end);
	return 0;
}

/*
 * What came to link @index goes through its filter. Afterwards @carry and @end
 * are what goes on from there.
 */
static int visit(struct hbk_chain *chain, u32 index, enum hbk_chain_flow flow, struct hbk_buffer *carry,
		 bool *end)
{
	enum hbk_wasm_trap trap = HBK_WASM_TRAP_NONE;
	struct hbk_link *link = &chain->links[index];
	struct raw_state *state = chain->state;
	struct raw_stream *raw = link->state;
	int err;

	if (link->bypassed)
		return pass(link, flow, carry, end);
	hbk_vm_lock(link->vm);
	err = feed(raw, flow, carry, end, &trap);
	if (raw->close)
		chain->closing = true;
	if (raw->carry_on[HBK_CHAIN_REQUEST] || raw->carry_on[HBK_CHAIN_RESPONSE] || trap)
		state->unsettled = true;
	/* In its callback for one flow a filter may have changed what it holds of the other. */
	count_held(state, raw, HBK_CHAIN_REQUEST);
	count_held(state, raw, HBK_CHAIN_RESPONSE);
	hbk_vm_unlock(link->vm);
	if (err || !trap)
		return err;
	hbk_chain_link_failed(chain, index, trap);
	return link->bypassed ? pass(link, flow, carry, end) : 0;
}

static u32 first_link(const struct hbk_chain *chain, enum hbk_chain_flow flow)
{
	if (!chain->count)
		return NO_LINK;
	return flow == HBK_CHAIN_REQUEST ? 0 : chain->count - 1;
}

static u32 next_link(const struct hbk_chain *chain, enum hbk_chain_flow flow, u32 index)
{
	if (flow == HBK_CHAIN_RESPONSE)
		return index ? index - 1 : NO_LINK;
	return index + 1 < chain->count ? index + 1 : NO_LINK;
}

/* What is in @carry, and the end perhaps, goes through the links from @index on. */
static int run(struct hbk_chain *chain, enum hbk_chain_flow flow, u32 index, struct hbk_buffer *carry,
	       bool end)
{
	int err;

	for (; index != NO_LINK; index = next_link(chain, flow, index)) {
		if (!carry->length && !end)
			return 0;
		err = visit(chain, index, flow, carry, &end);
		if (err || chain->failed || chain->closing)
			return err;
	}
	chain->out_ended[flow] |= end;
	return hbk_buffer_move(&chain->out[flow], carry);
}

static struct hbk_buffer *carry_of(struct hbk_chain *chain, enum hbk_chain_flow flow)
{
	struct raw_state *state = chain->state;

	return &state->carry[flow];
}

/* Does this link let something go that it held? Then it is in the carry, and perhaps @end. */
static int let_go(struct hbk_chain *chain, struct hbk_link *link, enum hbk_chain_flow flow, bool *end,
		  bool *moved)
{
	struct hbk_buffer *carry = carry_of(chain, flow);
	struct raw_stream *raw = link->state;
	int err = 0;

	hbk_vm_lock(link->vm);
	if (raw->carry_on[flow] || link->bypassed)
		raw->paused[flow] = false;
	raw->carry_on[flow] = false;
	if (raw->close && !link->bypassed)
		chain->closing = true;
	else if (!raw->paused[flow])
		err = hand_on(raw, flow, carry, end);
	count_held(chain->state, raw, flow);
	hbk_vm_unlock(link->vm);
	*moved = carry->length || *end;
	return err;
}

static int settle_flow(struct hbk_chain *chain, enum hbk_chain_flow flow, bool *moved)
{
	bool went = false, end;
	u32 index;
	int err;

	for (index = first_link(chain, flow); index != NO_LINK; index = next_link(chain, flow, index)) {
		if (!chain->links[index].state)
			continue;
		end = false;
		err = let_go(chain, &chain->links[index], flow, &end, &went);
		if (err || chain->closing)
			return err;
		if (!went)
			continue;
		*moved = true;
		err = run(chain, flow, next_link(chain, flow, index), carry_of(chain, flow), end);
		if (err || chain->failed || chain->closing)
			return err;
	}
	return 0;
}

/* All that filters have allowed or asked for meanwhile. One may keep another going, but not for ever in here. */
static int settle(struct hbk_chain *chain)
{
	struct raw_state *state = chain->state;
	bool moved = true;
	u32 round, flow;
	int err;

	for (round = 0; moved && round < HBK_PROXY_ROUNDS_MAX; round++) {
		state->unsettled = false;
		moved = false;
		for (flow = 0; flow < HBK_CHAIN_FLOWS; flow++) {
			err = settle_flow(chain, flow, &moved);
			if (err || chain->failed || chain->closing)
				return err;
		}
	}
	if (moved)
		chain->env->ops->wake_chain(chain);
	return 0;
}

/* The mode; chain's lock held. */

static size_t held(const struct hbk_chain *chain, enum hbk_chain_flow flow)
{
	const struct raw_state *state = chain->state;

	return state->held[flow];
}

/* What is in @carry goes through all links. */
static int run_all(struct hbk_chain *chain, enum hbk_chain_flow flow, struct hbk_buffer *carry, bool end)
{
	struct raw_state *state = chain->state;
	int err = run(chain, flow, first_link(chain, flow), carry, end);

	if (!err && state->unsettled && !chain->failed && !chain->closing)
		err = settle(chain);
	return err;
}

static int push(struct hbk_chain *chain, enum hbk_chain_flow flow, const void *data, size_t length,
		bool end)
{
	struct hbk_buffer *carry = carry_of(chain, flow);
	int err = hbk_buffer_append(carry, data, length);

	return err ? err : run_all(chain, flow, carry, end);
}

/* What links have held goes on with what comes: a buffer has to have room for that if it is to carry it. */
static int push_buffer(struct hbk_chain *chain, enum hbk_chain_flow flow, struct hbk_buffer *buffer, bool end)
{
	struct hbk_buffer *carry = carry_of(chain, flow);
	int err;

	if (buffer->cap >= carry->cap)
		return run_all(chain, flow, buffer, end);
	err = hbk_buffer_move(carry, buffer);
	return err ? err : run_all(chain, flow, carry, end);
}

static void resume(struct hbk_chain *chain)
{
	if (settle(chain))
		chain->failed = true;
}

static struct raw_stream *raw_new(struct hbk_chain *chain)
{
	struct hbk_wasm_heap *heap = chain->env->heap;
	struct raw_stream *raw = heap->allocate(heap, sizeof(*raw));
	u32 flow;

	for (flow = 0; raw && flow < HBK_CHAIN_FLOWS; flow++)
		hbk_buffer_init(&raw->held[flow], heap, HBK_PROXY_BUFFER_MAX);
	return raw;
}

/* VM's lock held. */
static int begin(struct hbk_chain *chain, u32 index, struct raw_stream *raw)
{
	struct hbk_context *context = &raw->stream.context;
	struct hbk_link *link = &chain->links[index];
	int err;

	err = hbk_stream_begin(&raw->stream, &stream_ops, link->vm, chain, index);
	if (err)
		return err;
	link->state = raw;
	raw->paused[HBK_CHAIN_REQUEST] = hbk_vm_call(link->vm, context, HBK_CALLBACK_NEW_CONNECTION,
						     &context->id, 1);
	return 0;
}

static int open_link(struct hbk_chain *chain, u32 index)
{
	struct hbk_wasm_heap *heap = chain->env->heap;
	struct hbk_link *link = &chain->links[index];
	enum hbk_wasm_trap trap;
	struct raw_stream *raw;
	int err;

	if (!link->vm) {
		hbk_chain_link_failed(chain, index, HBK_WASM_TRAP_NONE);
		return 0;
	}
	raw = raw_new(chain);
	if (!raw)
		return -ENOMEM;
	hbk_vm_lock(link->vm);
	err = begin(chain, index, raw);
	trap = link->vm->poisoned;
	hbk_vm_unlock(link->vm);
	if (err)
		heap->release(heap, raw, sizeof(*raw));
	if (err || trap)
		hbk_chain_link_failed(chain, index, trap);
	return 0;
}

static void close_link(struct hbk_link *link, enum hbk_proxy_peer peer)
{
	struct raw_stream *raw = link->state;
	struct hbk_context *context = &raw->stream.context;

	hbk_vm_lock(link->vm);
	hbk_vm_call(link->vm, context, HBK_CALLBACK_DOWNSTREAM_CONNECTION_CLOSE,
		    (const u32[]){ context->id, peer }, 2);
	tell_upstream_closed(raw);
	drop_held(raw);
	hbk_stream_end(&raw->stream);
	hbk_vm_unlock(link->vm);
	link->state = NULL;
}

static void close_links(struct hbk_chain *chain, enum hbk_proxy_peer peer)
{
	u32 i;

	for (i = 0; i < chain->count; i++)
		if (chain->links[i].state)
			close_link(&chain->links[i], peer);
}

static void release(struct hbk_chain *chain)
{
	struct hbk_wasm_heap *heap = chain->env->heap;
	struct raw_state *state = chain->state;
	u32 flow;

	for (flow = 0; flow < HBK_CHAIN_FLOWS; flow++)
		hbk_buffer_release(&state->carry[flow]);
	heap->release(heap, state, sizeof(*state));
}

static int open_links(struct hbk_chain *chain)
{
	int err = 0;
	u32 i;

	for (i = 0; i < chain->count && !chain->failed && !err; i++)
		err = open_link(chain, i);
	if (!err && !chain->failed)
		err = settle(chain);
	return err;
}

static int open_chain(struct hbk_chain *chain)
{
	struct hbk_wasm_heap *heap = chain->env->heap;
	struct raw_state *state = heap->allocate(heap, sizeof(*state));
	u32 flow;
	int err;

	if (!state)
		return -ENOMEM;
	for (flow = 0; flow < HBK_CHAIN_FLOWS; flow++)
		hbk_buffer_init(&state->carry[flow], heap, HBK_PROXY_BUFFER_MAX);
	chain->state = state;
	err = open_links(chain);
	if (err) {
		close_links(chain, HBK_PROXY_PEER_UNKNOWN);
		release(chain);
	}
	return err;
}

const struct hbk_chain_ops hbk_chain_raw = {
	.open = open_chain,
	.held = held,
	.push = push,
	.push_buffer = push_buffer,
	.resume = resume,
	.close = close_links,
	.release = release,
};
