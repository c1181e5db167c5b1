// SPDX-License-Identifier: GPL-2.0-only
/* The way out of an exchange's messages, and what the host or a filter says instead of the server. */
#include "../http/limits.h"
#include "../http/write.h"
#include "chain_http.h"

/* What a message's own fields are said to be once it goes out. */
struct plan {
	enum hbk_http_framing framing;
	u64 length;
	bool bodyless;
	bool close;		/* the client is told that the connection ends */
	bool as_is;		/* the fields that frame it are left alone */
};

static bool done_or_fail(struct hbk_http_state *state, int err)
{
	if (err)
		hbk_http_fail(state);
	return !err;
}

static u32 status_of(const struct hbk_map *map)
{
	const struct hbk_map_pair *pair = hbk_map_field(map, ":status");

	return (pair->value[0] - '0') * 100 + (pair->value[1] - '0') * 10 + (pair->value[2] - '0');
}

static bool ended(const struct hbk_http_state *state, const struct hbk_http_message *message)
{
	return message->end_at == state->chain->count;
}

static u8 client_minor(const struct hbk_http_state *state)
{
	return state->messages[HBK_CHAIN_REQUEST].head->minor;
}

/*
 * The body's length is not known any more: in chunks if the peer knows them.
 * False: a request of HTTP/1.0 cannot be sent like that.
 */
static bool plan_unknown(struct hbk_http_state *state, enum hbk_chain_flow flow, struct plan *plan)
{
	if (client_minor(state)) {
		plan->framing = HBK_HTTP_CHUNKED;
		return true;
	}
	if (flow == HBK_CHAIN_REQUEST) {
		hbk_http_refuse(state, flow, HBK_HTTP_CHANGED);
		return false;
	}
	plan->framing = HBK_HTTP_UNTIL_CLOSE;
	plan->close = true;
	return true;
}

/* False: more of the body has to come out before its head can go. */
static bool plan_sized(struct hbk_http_state *state, enum hbk_chain_flow flow, struct plan *plan)
{
	const struct hbk_http_message *message = &state->messages[flow];

	plan->length = message->head->length;
	if (!message->edits)
		return true;
	if (ended(state, message)) {
		plan->length = message->body.length;
		return true;
	}
	if (message->body.length <= HBK_HTTP_HELD && !(message->head->expects && message->head->minor))
		return false;
	return plan_unknown(state, flow, plan);
}

/* A response 204 may say that its body is empty, and nothing else of it; what a filter made one says nothing. */
static bool stays_empty(const struct hbk_http_head *head, const struct plan *plan)
{
	return plan->framing == HBK_HTTP_NONE && head->status == 204 &&
		(hbk_http_is_framed(&head->map, HBK_HTTP_NONE, 0) || hbk_http_is_framed(&head->map, HBK_HTTP_SIZED, 0));
}

/*
 * Answers to HEAD, 204 and 304 have no body whatever their fields say, which filters may have made say two things; and
 * who asked for one must see its end.
 */
static void plan_answer(struct hbk_http_state *state, struct plan *plan)
{
	const struct hbk_http_message *response = &state->messages[HBK_CHAIN_RESPONSE];
	u32 status = status_of(&response->head->map);

	plan->bodyless = (state->asked & HBK_HTTP_ASKED_HEAD) || status == 204 || status == 304;
	if (plan->framing == HBK_HTTP_NONE && !plan->bodyless) {
		plan->framing = HBK_HTTP_SIZED;
		plan->length = 0;
	} else {
		plan->as_is = plan->bodyless && (status != 204 || stays_empty(response->head, plan)) &&
			      hbk_http_framing_is_clear(&response->head->map, response->head->minor);
	}
	if (plan->bodyless && !plan->as_is)
		plan->framing = HBK_HTTP_NONE;
}

/* A request without a body has no fields that speak of one but a length of zero. */
static bool plan_request(struct hbk_http_message *message, struct plan *plan)
{
	const struct hbk_map *map = &message->head->map;

	if (plan->framing != HBK_HTTP_NONE)
		return true;
	plan->as_is = !map->changes;
	if (hbk_map_field(map, "content-length"))
		plan->framing = HBK_HTTP_SIZED;
	return true;
}

static bool make_plan(struct hbk_http_state *state, enum hbk_chain_flow flow, struct plan *plan)
{
	struct hbk_http_message *message = &state->messages[flow];

	*plan = (struct plan){ .framing = message->head->framing };
	if (plan->framing == HBK_HTTP_TUNNEL) {
		plan->as_is = true;
		return true;
	}
	if (plan->framing == HBK_HTTP_SIZED && !plan_sized(state, flow, plan))
		return false;
	if (flow == HBK_CHAIN_REQUEST)
		return plan_request(message, plan);
	plan_answer(state, plan);
	return true;
}

/* What filters see of a message says how it came, also when it is written with another framing. */
static int write_framed(struct hbk_buffer *out, const struct hbk_http_head *head, const struct plan *plan)
{
	struct hbk_http_head framed = *head;
	int err;

	err = hbk_map_copy(&framed.map, &head->map);
	if (!err && !plan->as_is)
		err = hbk_http_frame(&framed.map, plan->framing, plan->length);
	if (!err && plan->close)
		err = hbk_map_put(&framed.map, "Connection", "close", strlen("close"));
	if (!err)
		err = hbk_http_write_head(out, &framed);
	hbk_map_clear(&framed.map);
	return err;
}

static bool write_head(struct hbk_http_state *state, enum hbk_chain_flow flow, const struct plan *plan)
{
	const struct hbk_http_head *head = state->messages[flow].head;
	struct hbk_buffer *out = &state->chain->out[flow];
	int err;

	if (plan->close || (!plan->as_is && !hbk_http_is_framed(&head->map, plan->framing, plan->length)))
		err = write_framed(out, head, plan);
	else if (head->map.changes || !head->raw.length)
		err = hbk_http_write_head(out, head);
	else
		err = hbk_buffer_append(out, hbk_buffer_data(&head->raw), head->raw.length);
	return done_or_fail(state, err);
}

static void request_sent(struct hbk_http_state *state, const struct hbk_http_head *head)
{
	u8 asked = hbk_http_asked(&head->map, head->minor);

	/* An upgrade needs both: that the client asked, and that filters let it. */
	if (!(state->asked & HBK_HTTP_ASKED_UPGRADE))
		asked &= ~HBK_HTTP_ASKED_UPGRADE;
	state->asked_sent = asked;
	if (!head->persistent)
		state->last = true;
}

/* Who was told by a filter or by us that the connection ends has to see it end. */
static void response_sent(struct hbk_http_state *state, const struct hbk_http_head *head, const struct plan *plan)
{
	bool persistent = hbk_http_persistent(&head->map, head->minor);

	if (plan->close || !head->persistent || !persistent)
		state->last = true;
	if (plan->close || (state->local && !(head->persistent && persistent)) || (!state->local && head->persistent && !persistent))
		state->close_after = true;
}

static bool tunnel_changed(const struct hbk_http_head *head)
{
	return head->framing == HBK_HTTP_TUNNEL && status_of(&head->map) != head->status;
}

static bool send_head(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	struct hbk_http_message *message = &state->messages[flow];
	struct plan plan;

	if (flow == HBK_CHAIN_RESPONSE && tunnel_changed(message->head)) {
		hbk_http_refuse(state, flow, HBK_HTTP_CHANGED);
		return false;
	}
	if (!make_plan(state, flow, &plan) || !write_head(state, flow, &plan))
		return false;
	message->head_out = true;
	message->framing = plan.framing;
	message->left = plan.length;
	message->bodyless = plan.bodyless;
	if (flow == HBK_CHAIN_REQUEST)
		request_sent(state, message->head);
	else
		response_sent(state, message->head, &plan);
	if (plan.framing == HBK_HTTP_TUNNEL)
		state->tunnel = true;
	return true;
}

/* A filter that changes a body that was to pass unchanged breaks the message. */
static bool count_body(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	struct hbk_http_message *message = &state->messages[flow];
	size_t length = message->body.length;

	if (message->framing != HBK_HTTP_SIZED)
		return true;
	if (length > message->left || (ended(state, message) && length != message->left)) {
		hbk_http_refuse(state, flow, HBK_HTTP_CHANGED);
		return false;
	}
	message->left -= length;
	return true;
}

static void send_body(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	struct hbk_http_message *message = &state->messages[flow];
	struct hbk_buffer *out = &state->chain->out[flow];
	int err = 0;

	if (message->bodyless || message->framing == HBK_HTTP_NONE)
		hbk_buffer_clear(&message->body);
	else if (!count_body(state, flow))
		return;
	else if (message->framing == HBK_HTTP_CHUNKED)
		err = hbk_http_write_chunk(out, hbk_buffer_data(&message->body), message->body.length);
	else
		err = hbk_buffer_move(out, &message->body);
	hbk_buffer_clear(&message->body);
	if (!done_or_fail(state, err) || !ended(state, message))
		return;
	if (message->framing == HBK_HTTP_CHUNKED && !message->bodyless)
		err = hbk_http_write_last_chunk(out, message->trailers);
	message->done = done_or_fail(state, err);
}

/**
 * hbk_http_exit() - sends what has passed all filters
 * @state: of the chain
 * @flow: which way
 */
void hbk_http_exit(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	struct hbk_http_message *message = &state->messages[flow];

	if (!message->head || message->done || message->headers_at != state->chain->count)
		return;
	if (!message->head_out && !send_head(state, flow))
		return;
	if (!state->tunnel)
		send_body(state, flow);
}

/**
 * hbk_http_refuse() - a message cannot be understood or sent: the connection ends
 * @state: of the chain
 * @flow: of the message
 * @refusal: what a message is refused for
 *
 * The client is told so if nothing of a response has gone to it.
 */
void hbk_http_refuse(struct hbk_http_state *state, enum hbk_chain_flow flow, enum hbk_http_refusal refusal)
{
	struct hbk_chain *chain = state->chain;
	const struct hbk_http_message *response = &state->messages[HBK_CHAIN_RESPONSE];
	bool told = state->active ? !response->head_out : flow == HBK_CHAIN_REQUEST;
	u32 status = flow == HBK_CHAIN_REQUEST ? hbk_http_refusal_status(refusal) : 502;

	if (refusal == HBK_HTTP_NO_MEMORY) {
		hbk_http_fail(state);
		return;
	}
	if (told && hbk_http_write_refusal(&chain->out[HBK_CHAIN_RESPONSE], status)) {
		hbk_http_fail(state);
		return;
	}
	chain->closing = true;
}

/*
 * A filter's response.
 */

static bool may_stay(const struct hbk_http_state *state)
{
	const struct hbk_http_message *request = &state->messages[HBK_CHAIN_REQUEST];

	return request->parsed && request->head->persistent && request->head->minor &&
		(!request->head_out || request->done);
}

static void discard(struct hbk_http_state *state, enum hbk_chain_flow flow)
{
	struct hbk_http_message *message = &state->messages[flow];

	hbk_http_stages_drop(state, flow);
	hbk_buffer_clear(&message->body);
	message->discarded = true;
	if (message->headers_at != HBK_HTTP_NOWHERE)
		message->headers_at = state->chain->count;
	if (message->end_at != HBK_HTTP_NOWHERE)
		message->end_at = state->chain->count;
}

static int fill_head(struct hbk_http_state *state, struct hbk_http_local *local, bool stays)
{
	struct hbk_http_head *head = &state->local_head;
	char digits[20];
	int err;

	hbk_http_head_clear(head);
	head->map = local->headers;
	hbk_map_init(&local->headers, head->map.heap, HBK_MAP_RESPONSE);
	head->minor = 1;
	head->status = local->status;
	head->persistent = stays;
	head->framing = HBK_HTTP_SIZED;
	head->length = local->body.length;
	err = hbk_map_append(&head->map, "content-length", strlen("content-length"), digits,
			     hbk_http_decimal(head->length, digits));
	if (!err && !stays)
		err = hbk_map_append(&head->map, "connection", strlen("connection"), "close", strlen("close"));
	return err;
}

/**
 * hbk_http_respond() - answers the request of the exchange with a filter's response
 * @state: of the chain
 * @local: freed
 *
 * What the request still has is thrown away; so is what the server answers.
 */
void hbk_http_respond(struct hbk_http_state *state, struct hbk_http_local *local)
{
	struct hbk_http_message *response = &state->messages[HBK_CHAIN_RESPONSE];
	struct hbk_wasm_heap *heap = state->chain->env->heap;
	bool stays = may_stay(state);

	if (response->head_out)
		state->chain->closing = true;
	if (response->head_out || state->local) {
		hbk_http_local_free(heap, local);
		return;
	}
	state->local = true;
	discard(state, HBK_CHAIN_REQUEST);
	state->messages[HBK_CHAIN_REQUEST].done = true;
	discard(state, HBK_CHAIN_RESPONSE);
	if (done_or_fail(state, fill_head(state, local, stays))) {
		response->head = &state->local_head;
		response->trailers = &state->no_trailers;
		response->headers_at = 0;
		response->end_at = 0;
		hbk_http_stages_feed(state, HBK_CHAIN_RESPONSE, &local->body, true);
	}
	hbk_http_local_free(heap, local);
}
