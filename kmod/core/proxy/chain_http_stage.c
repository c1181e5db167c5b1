// SPDX-License-Identifier: GPL-2.0-only
/* The filters of an exchange: what each is shown, what it holds, what it asks for. */
#include "chain_http.h"

static struct hbk_http_stage *stage_of(struct hbk_stream *stream)
{
	return (struct hbk_http_stage *)stream;
}

void hbk_http_local_free(struct hbk_wasm_heap *heap, struct hbk_http_local *local)
{
	if (!local)
		return;
	hbk_map_clear(&local->headers);
	hbk_buffer_release(&local->body);
	heap->release(heap, local, sizeof(*local));
}

/*
 * What a filter may reach.
 */

static u32 position_of(const struct hbk_http_stage *stage, enum hbk_chain_flow flow)
{
	return hbk_http_link(stage->state->chain, flow, stage->stream.index);
}

/**
 * hbk_http_readable() - the message whose head or trailers a stage may look at now, or NULL
 * @stage: whose look it is
 * @flow: which way
 * @trailers: may be empty
 *
 * In its own callbacks the chain's lock is held: then it may see what is at
 * its position or has passed all filters. Else only what it holds itself.
 */
const struct hbk_http_message *hbk_http_readable(const struct hbk_http_stage *stage, enum hbk_chain_flow flow,
						 bool trailers)
{
	const struct hbk_http_side *side = &stage->sides[flow];
	const struct hbk_http_message *message;
	u32 at;

	if (!stage->state)
		return NULL;
	message = &stage->state->messages[flow];
	if (!stage->running)
		return (trailers ? side->holds_trailers : side->holds_head) ? message : NULL;
	at = trailers ? message->end_at : message->headers_at;
	if (!message->head || (at != position_of(stage, flow) && at != stage->state->chain->count))
		return NULL;
	if (trailers && !side->trailers_called)
		return NULL;
	return message;
}

static struct hbk_map *stage_map(struct hbk_stream *stream, enum hbk_proxy_map type, bool *writable)
{
	static const struct {
		enum hbk_chain_flow flow;
		bool trailers;
	} kinds[] = {
		[HBK_PROXY_REQUEST_HEADERS] = { HBK_CHAIN_REQUEST, false },
		[HBK_PROXY_REQUEST_TRAILERS] = { HBK_CHAIN_REQUEST, true },
		[HBK_PROXY_RESPONSE_HEADERS] = { HBK_CHAIN_RESPONSE, false },
		[HBK_PROXY_RESPONSE_TRAILERS] = { HBK_CHAIN_RESPONSE, true },
	};
	struct hbk_http_stage *stage = stage_of(stream);
	const struct hbk_http_message *message;
	u32 at;

	if (type > HBK_PROXY_RESPONSE_TRAILERS)
		return NULL;
	message = hbk_http_readable(stage, kinds[type].flow, kinds[type].trailers);
	if (!message)
		return NULL;
	at = kinds[type].trailers ? message->end_at : message->headers_at;
	*writable = at == position_of(stage, kinds[type].flow);
	return kinds[type].trailers ? message->trailers : &message->head->map;
}

static struct hbk_buffer *stage_buffer(struct hbk_stream *stream, enum hbk_proxy_buffer type)
{
	struct hbk_http_stage *stage = stage_of(stream);
	struct hbk_http_side *side;

	if (!stage->state || (type != HBK_PROXY_REQUEST_BODY && type != HBK_PROXY_RESPONSE_BODY))
		return NULL;
	side = &stage->sides[type == HBK_PROXY_REQUEST_BODY ? HBK_CHAIN_REQUEST : HBK_CHAIN_RESPONSE];
	return side->in_body || side->holds_body || (side->holds_trailers && side->body.length) ? &side->body : NULL;
}

static enum hbk_proxy_status stage_carry_on(struct hbk_stream *stream, enum hbk_proxy_stream_type type)
{
	struct hbk_http_stage *stage = stage_of(stream);

	if (type != HBK_PROXY_HTTP_REQUEST && type != HBK_PROXY_HTTP_RESPONSE)
		return HBK_PROXY_UNIMPLEMENTED;
	if (!stage->state)
		return HBK_PROXY_BAD_ARGUMENT;
	stage->sides[type == HBK_PROXY_HTTP_REQUEST ? HBK_CHAIN_REQUEST : HBK_CHAIN_RESPONSE].carry_on = true;
	return HBK_PROXY_OK;
}

static enum hbk_proxy_status stage_close(struct hbk_stream *stream, enum hbk_proxy_stream_type type)
{
	struct hbk_http_stage *stage = stage_of(stream);

	(void)type;
	if (!stage->state)
		return HBK_PROXY_BAD_ARGUMENT;
	stage->close = true;
	return HBK_PROXY_OK;
}

static bool is_framing(const struct hbk_map_pair *pair)
{
	return pair->name[0] == ':' || hbk_map_pair_is(pair, "content-length") ||
		hbk_map_pair_is(pair, "transfer-encoding") || hbk_map_pair_is(pair, "connection");
}

static int put_headers(struct hbk_map *map, const struct hbk_local_response *response)
{
	const u8 status[3] = { '0' + response->status / 100, '0' + response->status / 10 % 10,
			       '0' + response->status % 10 };
	const struct hbk_map_pair *pair;
	int err;
	u32 i;

	err = hbk_map_add(map, ":status", strlen(":status"), status, sizeof(status));
	for (i = 0; !err && response->headers && i < response->headers->count; i++) {
		pair = &response->headers->pairs[i];
		if (!is_framing(pair))
			err = hbk_map_add(map, pair->name, pair->name_length, pair->value, pair->value_length);
	}
	return err;
}

static enum hbk_proxy_status status_of(int err)
{
	if (!err)
		return HBK_PROXY_OK;
	return err == -ENOMEM ? HBK_PROXY_INTERNAL_FAILURE : HBK_PROXY_BAD_ARGUMENT;
}

static enum hbk_proxy_status stage_respond(struct hbk_stream *stream, const struct hbk_local_response *response)
{
	struct hbk_http_stage *stage = stage_of(stream);
	struct hbk_http_local *local;
	int err;

	if (!stage->state || stage->answered || response->status < 200 || response->status > 599)
		return HBK_PROXY_BAD_ARGUMENT;
	local = stage->heap->allocate(stage->heap, sizeof(*local));
	if (!local)
		return HBK_PROXY_INTERNAL_FAILURE;
	local->status = response->status;
	hbk_map_init(&local->headers, stage->heap, HBK_MAP_RESPONSE);
	hbk_buffer_init(&local->body, stage->heap, HBK_PROXY_BUFFER_MAX);
	err = put_headers(&local->headers, response);
	if (!err)
		err = hbk_buffer_append(&local->body, response->body, response->body_length);
	if (err) {
		hbk_http_local_free(stage->heap, local);
		return status_of(err);
	}
	stage->local = local;
	stage->answered = true;
	return HBK_PROXY_OK;
}

static void stage_release(struct hbk_stream *stream)
{
	struct hbk_http_stage *stage = stage_of(stream);
	int flow;

	if (stage->state)
		stage->state->stages[stream->index] = NULL;
	for (flow = 0; flow < HBK_CHAIN_FLOWS; flow++)
		hbk_buffer_release(&stage->sides[flow].body);
	hbk_http_local_free(stage->heap, stage->local);
	stage->heap->release(stage->heap, stage, sizeof(*stage));
}

const struct hbk_stream_ops hbk_http_stream_ops = {
	.buffer = stage_buffer,
	.map = stage_map,
	.carry_on = stage_carry_on,
	.close = stage_close,
	.respond = stage_respond,
	.property = hbk_http_property,
	.release = stage_release,
};

/*
 * Begin and end.
 */

static struct hbk_http_stage *stage_new(struct hbk_http_state *state)
{
	struct hbk_wasm_heap *heap = state->chain->env->heap;
	struct hbk_http_stage *stage = heap->allocate(heap, sizeof(*stage));
	int flow;

	if (!stage)
		return NULL;
	stage->heap = heap;
	stage->state = state;
	for (flow = 0; flow < HBK_CHAIN_FLOWS; flow++)
		hbk_buffer_init(&stage->sides[flow].body, heap, HBK_PROXY_BUFFER_MAX);
	return stage;
}

static void stage_begin(struct hbk_http_state *state, u32 index)
{
	struct hbk_chain *chain = state->chain;
	struct hbk_vm *vm = chain->links[index].vm;
	struct hbk_http_stage *stage = stage_new(state);
	enum hbk_wasm_trap trap;
	int err;

	if (!stage) {
		hbk_http_fail(state);
		return;
	}
	state->stages[index] = stage;
	hbk_vm_lock(vm);
	err = hbk_stream_begin(&stage->stream, &hbk_http_stream_ops, vm, chain, index);
	trap = vm->poisoned;
	if (err)
		stage_release(&stage->stream);
	hbk_vm_unlock(vm);
	if (err)
		hbk_chain_link_failed(chain, index, trap);
}

static bool link_absent(const struct hbk_chain *chain, u32 index)
{
	return chain->links[index].bypassed || !chain->links[index].vm;
}

/**
 * hbk_http_stages_begin() - a request has come: a stream context of each filter
 * @state: of the chain
 */
void hbk_http_stages_begin(struct hbk_http_state *state)
{
	struct hbk_chain *chain = state->chain;
	u32 i;

	for (i = 0; i < chain->count && !chain->failed; i++)
		if (!link_absent(chain, i))
			stage_begin(state, i);
	for (i = 0; i < chain->count; i++) {
		if (link_absent(chain, i))
			continue;
		if (hbk_vm_has(chain->links[i].vm, HBK_CALLBACK_REQUEST_BODY))
			state->messages[HBK_CHAIN_REQUEST].edits = true;
		if (hbk_vm_has(chain->links[i].vm, HBK_CALLBACK_RESPONSE_BODY))
			state->messages[HBK_CHAIN_RESPONSE].edits = true;
	}
}

static void side_drop(struct hbk_http_side *side)
{
	hbk_buffer_clear(&side->body);
	*side = (struct hbk_http_side){ .body = side->body, .trailers_called = side->trailers_called };
}

/**
 * hbk_http_stages_drop() - a flow of the exchange is not wanted any more: what stages hold of it goes
 * @state: of the chain
 * @flow: which way
 */
void hbk_http_stages_drop(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	u32 i;

	for (i = 0; i < state->chain->count; i++) {
		if (!state->stages[i])
			continue;
		hbk_vm_lock(state->chain->links[i].vm);
		side_drop(&state->stages[i]->sides[flow]);
		hbk_vm_unlock(state->chain->links[i].vm);
	}
}

/* A stage whose guest is not done outlives the exchange, without it. */
static void stage_end(struct hbk_http_state *state, u32 index)
{
	struct hbk_http_stage *stage = state->stages[index];
	struct hbk_vm *vm = state->chain->links[index].vm;

	hbk_vm_lock(vm);
	stage->running = true;
	hbk_stream_end(&stage->stream);
	stage = state->stages[index];
	if (stage) {
		stage->running = false;
		stage->state = NULL;
	}
	state->stages[index] = NULL;
	hbk_vm_unlock(vm);
}

/**
 * hbk_http_stages_end() - the exchange has ended: on_done, on_log, on_delete of each filter
 * @state: of the chain
 */
void hbk_http_stages_end(struct hbk_http_state *state)
{
	struct hbk_chain *chain = state->chain;
	int flow;
	u32 i;

	/* Nobody holds anything any more: all may look at what there is, and change nothing. */
	for (flow = 0; flow < HBK_CHAIN_FLOWS; flow++) {
		hbk_http_stages_drop(state, flow);
		if (state->messages[flow].headers_at != HBK_HTTP_NOWHERE)
			state->messages[flow].headers_at = chain->count;
		if (state->messages[flow].end_at != HBK_HTTP_NOWHERE)
			state->messages[flow].end_at = chain->count;
	}
	for (i = 0; i < chain->count; i++)
		if (state->stages[i])
			stage_end(state, i);
}

/*
 * What filters ask for.
 */

static bool stage_actions(struct hbk_http_state *state, u32 index)
{
	struct hbk_http_stage *stage = state->stages[index];
	struct hbk_chain *chain = state->chain;
	struct hbk_vm *vm = chain->links[index].vm;
	struct hbk_http_local *local;
	enum hbk_wasm_trap trap;
	bool close;

	hbk_vm_lock(vm);
	trap = vm->poisoned;
	local = stage->local;
	stage->local = NULL;
	close = stage->close;
	hbk_vm_unlock(vm);
	if (trap && !chain->links[index].bypassed)
		hbk_chain_link_failed(chain, index, trap);
	if (close)
		chain->closing = true;
	if (!local)
		return false;
	if (hbk_http_over(chain))
		hbk_http_local_free(chain->env->heap, local);
	else
		hbk_http_respond(state, local);
	return true;
}

/**
 * hbk_http_stages_actions() - carries out what filters have asked for
 * @state: of the chain
 *
 * Return: whether a response of a filter's has begun.
 */
bool hbk_http_stages_actions(struct hbk_http_state *state)
{
	bool responded = false;
	u32 i;

	for (i = 0; i < state->chain->count && !hbk_http_over(state->chain); i++)
		if (state->stages[i])
			responded |= stage_actions(state, i);
	return responded;
}

/*
 * A message's way through the filters.
 */

struct visit {
	struct hbk_http_state *state;
	struct hbk_http_message *message;
	struct hbk_http_stage *stage;
	struct hbk_http_side *side;
	enum hbk_chain_flow flow;
	u32 position;
	bool progress;
};

static bool callback(struct visit *visit, enum hbk_callback request, enum hbk_callback response, u32 number, bool end,
		     u32 count)
{
	struct hbk_context *context = &visit->stage->stream.context;
	const u32 arguments[] = { context->id, number, end };
	bool pause;

	visit->side->carry_on = false;
	visit->stage->running = true;
	pause = hbk_vm_call(context->vm, context, visit->flow == HBK_CHAIN_REQUEST ? request : response, arguments,
			    count) != HBK_PROXY_CONTINUE;
	visit->stage->running = false;
	visit->progress = true;
	if (visit->side->carry_on)
		pause = false;
	visit->side->carry_on = false;
	return pause;
}

/* A filter that has answered or closed is asked nothing more of this message. */
static bool halted(const struct visit *visit)
{
	return visit->stage->stream.context.vm->poisoned || visit->stage->local || visit->stage->close;
}

static bool take_carry_on(struct visit *visit)
{
	bool carry_on = visit->side->carry_on;

	visit->side->carry_on = false;
	return carry_on;
}

static bool has_no_body(const struct hbk_http_head *head)
{
	return head->framing == HBK_HTTP_NONE || (head->framing == HBK_HTTP_SIZED && !head->length);
}

/* False: the head stays here. */
static bool visit_head(struct visit *visit)
{
	struct hbk_http_message *message = visit->message;
	struct hbk_http_side *side = visit->side;

	if (message->headers_at != visit->position)
		return true;
	if (!side->called) {
		side->called = true;
		side->holds_head = callback(visit, HBK_CALLBACK_REQUEST_HEADERS, HBK_CALLBACK_RESPONSE_HEADERS,
					    message->head->map.count, has_no_body(message->head), 3);
	} else if (take_carry_on(visit)) {
		side->holds_head = false;
	}
	if (side->holds_head || halted(visit))
		return false;
	message->headers_at++;
	visit->progress = true;
	return true;
}

static bool end_is_here(const struct visit *visit)
{
	return visit->message->end_at == visit->position;
}

static bool has_trailers(const struct visit *visit)
{
	return visit->message->trailers->count;
}

static void visit_body(struct visit *visit)
{
	struct hbk_http_side *side = visit->side;
	bool end = end_is_here(visit) && !has_trailers(visit);

	if (side->holds_body && take_carry_on(visit)) {
		side->holds_body = false;
		if (!side->fresh)
			return;
	}
	if (!side->fresh)
		return;
	side->fresh = false;
	if (!end && !side->body.length)
		return;
	/* The end of a message without a body was told with its head. */
	if (!side->body.length && has_no_body(visit->message->head))
		return;
	side->in_body = true;
	side->holds_body = callback(visit, HBK_CALLBACK_REQUEST_BODY, HBK_CALLBACK_RESPONSE_BODY, side->body.length, end,
				    3);
	side->in_body = false;
}

static void visit_trailers(struct visit *visit)
{
	struct hbk_http_side *side = visit->side;

	if (!end_is_here(visit) || !has_trailers(visit) || halted(visit))
		return;
	if (side->holds_trailers) {
		side->holds_trailers = !take_carry_on(visit);
		return;
	}
	if (side->trailers_called)
		return;
	side->trailers_called = true;
	side->in_body = side->holds_body;
	side->holds_trailers = callback(visit, HBK_CALLBACK_REQUEST_TRAILERS, HBK_CALLBACK_RESPONSE_TRAILERS,
					visit->message->trailers->count, false, 2);
	side->in_body = false;
	side->holds_body = false;
}

/* What a filter let go goes on, whether or not it holds what comes after. */
static void let_go(struct visit *visit, struct hbk_buffer *passed)
{
	struct hbk_http_side *side = visit->side;

	if (side->holds_body || side->holds_trailers || halted(visit) || !side->body.length)
		return;
	if (hbk_buffer_move(passed, &side->body))
		hbk_http_fail(visit->state);
	visit->progress = true;
}

/* Runs the filter's callbacks; afterwards @passed has what goes on. VM's lock held. */
static void visit_stage(struct visit *visit, struct hbk_buffer *passed)
{
	struct hbk_http_side *side = visit->side;

	if (!visit_head(visit))
		return;
	visit_body(visit);
	let_go(visit, passed);
	visit_trailers(visit);
	let_go(visit, passed);
	if (side->holds_body || side->holds_trailers || halted(visit))
		return;
	side->carry_on = false;
	if (!end_is_here(visit))
		return;
	visit->message->end_at++;
	visit->progress = true;
}

/* Who is not there lets everything by. */
static bool pass_by(struct hbk_http_state *state, enum hbk_chain_flow flow, u32 position, struct hbk_buffer *passed)
{
	struct hbk_http_message *message = &state->messages[flow];
	u32 index = hbk_http_link(state->chain, flow, position);
	struct hbk_http_stage *stage = state->stages[index];
	bool progress = false;

	if (message->headers_at == position) {
		message->headers_at++;
		progress = true;
	}
	if (stage) {
		hbk_vm_lock(state->chain->links[index].vm);
		hbk_buffer_move(passed, &stage->sides[flow].body);
		side_drop(&stage->sides[flow]);
		hbk_vm_unlock(state->chain->links[index].vm);
	}
	if (message->end_at == position) {
		message->end_at++;
		progress = true;
	}
	return progress || passed->length;
}

/* Gives bytes to the filter at a position; @end: the end has just come there, too. */
static void give(struct hbk_http_state *state, enum hbk_chain_flow flow, u32 position, struct hbk_buffer *bytes,
		 bool end)
{
	struct hbk_http_message *message = &state->messages[flow];
	struct hbk_http_side *side;
	struct hbk_vm *vm;
	u32 index = 0;
	int err;

	/* Those whose link is absent and who have no stage have no place to put it in either. */
	for (; position < state->chain->count; position++) {
		index = hbk_http_link(state->chain, flow, position);
		if (state->stages[index])
			break;
		message->headers_at += message->headers_at == position;
		message->end_at += message->end_at == position;
	}
	if (position == state->chain->count) {
		err = hbk_buffer_move(&message->body, bytes);
	} else {
		side = &state->stages[index]->sides[flow];
		vm = state->chain->links[index].vm;
		hbk_vm_lock(vm);
		side->fresh |= bytes->length || (end && !message->trailers->count);
		err = hbk_buffer_move(&side->body, bytes);
		hbk_vm_unlock(vm);
	}
	if (err)
		hbk_http_fail(state);
}

/**
 * hbk_http_stages_feed() - what has come goes to the first filter
 * @state: of the chain
 * @flow: which way
 * @bytes: of the body; empty afterwards
 * @end: the body's end has come with them
 */
void hbk_http_stages_feed(struct hbk_http_state *state, enum hbk_chain_flow flow, struct hbk_buffer *bytes, bool end)
{
	give(state, flow, 0, bytes, end);
}

static bool run_stage(struct hbk_http_state *state, enum hbk_chain_flow flow, u32 position, struct hbk_buffer *passed)
{
	u32 index = hbk_http_link(state->chain, flow, position);
	struct visit visit = {
		.state = state, .message = &state->messages[flow], .stage = state->stages[index], .flow = flow,
		.position = position,
	};
	struct hbk_vm *vm = state->chain->links[index].vm;

	if (link_absent(state->chain, index) || !visit.stage)
		return pass_by(state, flow, position, passed);
	visit.side = &visit.stage->sides[flow];
	hbk_vm_lock(vm);
	if (!vm->poisoned)
		visit_stage(&visit, passed);
	hbk_vm_unlock(vm);
	return stage_actions(state, index) || visit.progress;
}

/**
 * hbk_http_stages_run() - moves a message on as far as its filters let it
 * @state: of the chain
 * @flow: which way
 *
 * Return: whether anything has moved.
 */
bool hbk_http_stages_run(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	struct hbk_http_message *message = &state->messages[flow];
	struct hbk_chain *chain = state->chain;
	bool progress = false, local = state->local;
	struct hbk_buffer passed;
	u32 position, end_at;

	hbk_buffer_init(&passed, chain->env->heap, HBK_PROXY_BUFFER_MAX);
	for (position = 0; position < chain->count; position++) {
		if (!message->head || message->headers_at < position || message->headers_at == HBK_HTTP_NOWHERE)
			break;
		end_at = message->end_at;
		progress |= run_stage(state, flow, position, &passed);
		/* A filter that answers leaves nothing to be given on. */
		if (hbk_http_over(chain) || state->local != local)
			break;
		if (passed.length || message->end_at != end_at)
			give(state, flow, position + 1, &passed, message->end_at != end_at);
	}
	hbk_buffer_release(&passed);
	return progress;
}

/**
 * hbk_http_stages_held() - bytes of a flow that filters have not let go
 * @state: of the chain
 * @flow: which way
 * @by_body: set when one of them does so in its body's callback
 */
size_t hbk_http_stages_held(struct hbk_http_state *state, enum hbk_chain_flow flow, bool *by_body)
{
	size_t held = 0;
	u32 i;

	for (i = 0; i < state->chain->count; i++) {
		struct hbk_http_stage *stage = state->stages[i];

		if (!stage)
			continue;
		hbk_vm_lock(state->chain->links[i].vm);
		held += stage->sides[flow].body.length;
		*by_body |= stage->sides[flow].holds_body;
		hbk_vm_unlock(state->chain->links[i].vm);
	}
	return held;
}
