// SPDX-License-Identifier: GPL-2.0-only
/* What comes in: bytes to messages, messages to exchanges, one after the other. */
#include "chain_http.h"

#include "../http/limits.h"

static void message_reset(struct hbk_http_message *message)
{
	hbk_buffer_clear(&message->body);
	*message = (struct hbk_http_message){
		.headers_at = HBK_HTTP_NOWHERE, .end_at = HBK_HTTP_NOWHERE, .body = message->body,
	};
}

static int http_open(struct hbk_chain *chain)
{
	struct hbk_wasm_heap *heap = chain->env->heap;
	struct hbk_http_state *state = heap->allocate(heap, sizeof(*state));
	int flow;
	u32 i;

	if (!state)
		return -ENOMEM;
	state->chain = chain;
	for (flow = 0; flow < HBK_CHAIN_FLOWS; flow++) {
		hbk_http_parser_init(&state->parsers[flow], heap, flow == HBK_CHAIN_RESPONSE);
		hbk_buffer_init(&state->input[flow], heap, HBK_PROXY_BUFFER_MAX);
		hbk_buffer_init(&state->messages[flow].body, heap, HBK_PROXY_BUFFER_MAX);
		message_reset(&state->messages[flow]);
	}
	hbk_buffer_init(&state->arriving, heap, HBK_PROXY_BUFFER_MAX);
	hbk_http_head_init(&state->local_head, heap, true);
	hbk_map_init(&state->no_trailers, heap, HBK_MAP_FIELDS);
	chain->state = state;
	for (i = 0; i < chain->count; i++)
		if (!chain->links[i].vm)
			hbk_chain_link_failed(chain, i, HBK_WASM_TRAP_NONE);
	return 0;
}

static void http_release(struct hbk_chain *chain)
{
	struct hbk_http_state *state = chain->state;
	int flow;

	for (flow = 0; flow < HBK_CHAIN_FLOWS; flow++) {
		hbk_http_parser_release(&state->parsers[flow]);
		hbk_buffer_release(&state->input[flow]);
		hbk_buffer_release(&state->messages[flow].body);
	}
	hbk_buffer_release(&state->arriving);
	hbk_http_head_clear(&state->local_head);
	chain->env->heap->release(chain->env->heap, state, sizeof(*state));
}

static void http_close(struct hbk_chain *chain, enum hbk_proxy_peer peer)
{
	struct hbk_http_state *state = chain->state;

	(void)peer;
	if (state->active)
		hbk_http_stages_end(state);
	state->active = false;
}

static size_t http_held(const struct hbk_chain *chain, enum hbk_chain_flow flow)
{
	const struct hbk_http_state *state = chain->state;

	return state->waiting[flow];
}

static bool http_is_due(const struct hbk_chain *chain, enum hbk_chain_flow flow)
{
	const struct hbk_http_state *state = chain->state;

	return !state->tunnel && !state->messages[flow].parsed;
}

/**
 * hbk_http_fail() - without memory nothing can be said any more
 * @state: of the chain
 */
void hbk_http_fail(struct hbk_http_state *state)
{
	state->chain->failed = true;
}

/* Whether the client came by TLS is the connection's to know: a filter's stream is asked like any other would ask. */
static bool by_tls(struct hbk_http_state *state)
{
	static const char path[] = "connection.mtls";
	struct hbk_chain *chain = state->chain;
	struct hbk_buffer value;
	struct hbk_vm *vm;
	bool secure;
	u32 i = 0;

	while (i < chain->count && !state->stages[i])
		i++;
	if (i == chain->count)
		return false;
	vm = chain->links[i].vm;
	hbk_buffer_init(&value, chain->env->heap, HBK_PROXY_PROPERTY_VALUE);
	hbk_vm_lock(vm);
	secure = !vm->env->ops->property(vm, &state->stages[i]->stream, path, sizeof(path) - 1, &value) &&
		value.length == 1 && hbk_buffer_data(&value)[0];
	hbk_vm_unlock(vm);
	hbk_buffer_release(&value);
	return secure;
}

static void request_begins(struct hbk_http_state *state)
{
	struct hbk_http_message *request = &state->messages[HBK_CHAIN_REQUEST];

	state->active = true;
	state->interims = 0;
	state->local = false;
	request->head = &state->parsers[HBK_CHAIN_REQUEST].head;
	request->trailers = &state->parsers[HBK_CHAIN_REQUEST].trailers;
	request->headers_at = 0;
	state->asked = request->head->asked;
	hbk_http_stages_begin(state);
	if (by_tls(state) && hbk_map_put(&request->head->map, ":scheme", "https", strlen("https")))
		hbk_http_fail(state);
}

/* An interim response goes past the filters, as it came. */
static void interim(struct hbk_http_state *state, struct hbk_http_parser *parser)
{
	struct hbk_chain *chain = state->chain;

	if (++state->interims > HBK_HTTP_INTERIM_MAX)
		hbk_http_refuse(state, HBK_CHAIN_RESPONSE, HBK_HTTP_INTERIMS);
	else if (!state->local &&
		 hbk_buffer_append(&chain->out[HBK_CHAIN_RESPONSE], hbk_buffer_data(&parser->head.raw),
				   parser->head.raw.length))
		hbk_http_fail(state);
}

static bool is_interim(const struct hbk_http_parser *parser)
{
	return parser->response && parser->head.status < 200 && parser->head.status != 101;
}

static void head_came(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	struct hbk_http_message *message = &state->messages[flow];
	struct hbk_http_parser *parser = &state->parsers[flow];

	if (flow == HBK_CHAIN_REQUEST) {
		request_begins(state);
		return;
	}
	if (is_interim(parser)) {
		interim(state, parser);
		return;
	}
	if (message->discarded)
		return;
	message->head = &parser->head;
	message->trailers = &parser->trailers;
	message->headers_at = 0;
}

static void end_came(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	struct hbk_http_message *message = &state->messages[flow];
	struct hbk_http_parser *parser = &state->parsers[flow];

	if (is_interim(parser)) {
		hbk_http_parser_next(parser);
		return;
	}
	message->parsed = true;
	if (!message->discarded)
		message->end_at = 0;
}

/* Most pieces of a body are all that has come: they are not copied, but moved. */
static void piece_came(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	struct hbk_http_parser *parser = &state->parsers[flow];
	struct hbk_buffer *input = &state->input[flow];
	int err;

	state->messages[flow].size += parser->piece_length;
	if (state->messages[flow].discarded)
		return;
	if (parser->piece_length == input->length)
		err = hbk_buffer_move(&state->arriving, input);
	else
		err = hbk_buffer_append(&state->arriving, parser->piece, parser->piece_length);
	if (err)
		hbk_http_fail(state);
}

static void on_event(struct hbk_http_state *state, enum hbk_chain_flow flow, enum hbk_http_event event)
{
	switch (event) {
	case HBK_HTTP_HEAD:
		head_came(state, flow);
		break;
	case HBK_HTTP_PIECE:
		piece_came(state, flow);
		break;
	case HBK_HTTP_END:
		end_came(state, flow);
		break;
	case HBK_HTTP_REFUSED:
		hbk_http_refuse(state, flow, state->parsers[flow].refusal);
		break;
	default:
		break;
	}
}

/* A response may come when a request has gone out and its own has not come. */
static bool may_parse(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	const struct hbk_http_message *message = &state->messages[flow];
	size_t length = state->input[flow].length;

	if (state->tunnel || hbk_http_over(state->chain) || message->parsed)
		return false;
	if (flow == HBK_CHAIN_REQUEST)
		return !state->last;
	if (state->active && state->messages[HBK_CHAIN_REQUEST].head_out)
		return true;
	if (length)
		hbk_http_refuse(state, flow, HBK_HTTP_UNASKED);
	return false;
}

/* Parses until the message is complete; what follows stays. */
static void parse(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	struct hbk_buffer *input = &state->input[flow];
	struct hbk_http_parser *parser = &state->parsers[flow];
	enum hbk_http_event event;
	size_t used;

	do {
		if (flow == HBK_CHAIN_RESPONSE)
			parser->asked = state->asked_sent;
		event = hbk_http_parse(parser, hbk_buffer_data(input), input->length, &used);
		on_event(state, flow, event);
		if (input->length)	/* and was not moved on */
			hbk_buffer_consume(input, used);
	} while (event != HBK_HTTP_MORE && event != HBK_HTTP_RAW && may_parse(state, flow));
}

static bool input_over(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	return state->chain->in_ended[flow] && !state->input[flow].length;
}

/* Nothing more will be parsed of this flow: that may complete a response, or show that a message is cut off. */
static void parse_end(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	enum hbk_http_event event = hbk_http_parse_end(&state->parsers[flow]);

	if (event == HBK_HTTP_END || (event == HBK_HTTP_REFUSED && !state->local))
		on_event(state, flow, event);
}

static bool feed(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	struct hbk_http_message *message = &state->messages[flow];
	size_t before = state->input[flow].length;
	bool parsed = message->parsed;

	if (flow == HBK_CHAIN_REQUEST && state->last && !state->tunnel)
		hbk_buffer_clear(&state->input[flow]);
	if (!may_parse(state, flow))
		return false;
	if (before)
		parse(state, flow);
	if (input_over(state, flow) && may_parse(state, flow))
		parse_end(state, flow);
	if (!message->discarded && message->head && (state->arriving.length || message->parsed != parsed))
		hbk_http_stages_feed(state, flow, &state->arriving, message->parsed != parsed);
	return state->input[flow].length != before || message->parsed != parsed;
}

/* What the server still sends to a request that a filter has answered is waited for, so that it is not taken for more. */
static bool drained(const struct hbk_http_state *state)
{
	return !state->local || !state->messages[HBK_CHAIN_REQUEST].head_out ||
		state->messages[HBK_CHAIN_RESPONSE].parsed;
}

/* Ends the exchange when both messages are out. */
static bool finish(struct hbk_http_state *state)
{
	struct hbk_http_message *request = &state->messages[HBK_CHAIN_REQUEST];
	struct hbk_http_message *response = &state->messages[HBK_CHAIN_RESPONSE];

	if (!state->active || !response->done)
		return false;
	if (state->close_after) {
		state->chain->closing = true;
		return false;
	}
	if (!request->done || !request->parsed || !drained(state))
		return false;
	hbk_http_stages_end(state);
	state->active = false;
	message_reset(request);
	message_reset(response);
	hbk_http_parser_next(&state->parsers[HBK_CHAIN_REQUEST]);
	hbk_http_parser_next(&state->parsers[HBK_CHAIN_RESPONSE]);
	hbk_http_head_clear(&state->local_head);
	/* They would be taken for the answer to the next request. */
	if (state->input[HBK_CHAIN_RESPONSE].length)
		hbk_http_refuse(state, HBK_CHAIN_RESPONSE, HBK_HTTP_UNASKED);
	return true;
}

static void tunnel_through(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	if (hbk_buffer_move(&state->chain->out[flow], &state->input[flow]))
		hbk_http_fail(state);
}

static void tell_end(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	const struct hbk_http_message *message = &state->messages[flow];
	bool waits = state->messages[HBK_CHAIN_REQUEST].head_out && !message->head;

	if (!input_over(state, flow))
		return;
	if (state->tunnel || !state->active || message->done || (flow == HBK_CHAIN_RESPONSE && waits && !state->local))
		state->chain->out_ended[flow] = true;
}

/*
 * Who holds a body and waits for more of it than there is room for would wait
 * for ever. Who holds a head may be waiting for something else: its sender is
 * left waiting too.
 */
static void check_room(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	bool by_body = false;

	state->waiting[flow] = state->input[flow].length + state->messages[flow].body.length +
		hbk_http_stages_held(state, flow, &by_body);
	if (by_body && state->waiting[flow] >= HBK_PROXY_HELD_MAX)
		hbk_http_refuse(state, flow, HBK_HTTP_CHANGED);
}

static bool turn(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	bool progress = feed(state, flow);

	if (hbk_http_over(state->chain))
		return false;
	progress |= hbk_http_stages_run(state, flow);
	if (!hbk_http_over(state->chain))
		hbk_http_exit(state, flow);
	return progress && !hbk_http_over(state->chain);
}

static void pump(struct hbk_http_state *state)
{
	struct hbk_chain *chain = state->chain;
	bool progress;
	int flow;

	do {
		progress = hbk_http_stages_actions(state);
		for (flow = 0; flow < HBK_CHAIN_FLOWS && !hbk_http_over(chain) && !state->tunnel; flow++)
			progress |= turn(state, flow);
		if (!hbk_http_over(chain))
			progress |= finish(state);
	} while (progress && !hbk_http_over(chain) && !state->tunnel);
	for (flow = 0; flow < HBK_CHAIN_FLOWS && !hbk_http_over(chain); flow++) {
		if (state->tunnel)
			tunnel_through(state, flow);
		check_room(state, flow);
		tell_end(state, flow);
	}
}

static int pushed(struct hbk_chain *chain, int err)
{
	if (err)
		return err;
	pump(chain->state);
	return chain->failed ? -EIO : 0;
}

static int http_push(struct hbk_chain *chain, enum hbk_chain_flow flow, const void *data, size_t length, bool end)
{
	struct hbk_http_state *state = chain->state;

	(void)end;
	return pushed(chain, hbk_buffer_append(&state->input[flow], data, length));
}

static int http_push_buffer(struct hbk_chain *chain, enum hbk_chain_flow flow, struct hbk_buffer *buffer, bool end)
{
	struct hbk_http_state *state = chain->state;

	(void)end;
	return pushed(chain, hbk_buffer_move(&state->input[flow], buffer));
}

static void http_resume(struct hbk_chain *chain)
{
	pump(chain->state);
}

const struct hbk_chain_ops hbk_chain_http = {
	.open = http_open,
	.held = http_held,
	.push = http_push,
	.push_buffer = http_push_buffer,
	.resume = http_resume,
	.is_due = http_is_due,
	.close = http_close,
	.release = http_release,
};
