/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The HTTP mode of a chain, for its own parts: one exchange (a request and its
 * response) at a time, each with a stream context of every filter.
 *
 *	input -> parser -> arriving -> side of filter 0 -> ... -> exit -> out
 *
 * Both flows have all of that. A position is where in a flow's order of
 * filters something is: 0 before the first one, chain->count behind the last.
 *
 * Locks: everything is the chain's lock's, but for what a stage has of its own
 * (struct hbk_http_stage), which is its VM's lock's. A header map belongs to
 * the stage at whose position it is; behind the last one nobody changes it.
 */
#ifndef _HBK_PROXY_CHAIN_HTTP_H
#define _HBK_PROXY_CHAIN_HTTP_H

#include "../http/parser.h"
#include "chain.h"
#include "stream.h"

#define HBK_HTTP_NOWHERE	0xffffffffu	/* no position yet */

/**
 * struct hbk_http_local - what proxy_send_local_response wants, until it is carried out
 * @headers: of kind HBK_MAP_RESPONSE; with :status
 */
struct hbk_http_local {
	struct hbk_map headers;
	struct hbk_buffer body;
	u16 status;
};

/**
 * struct hbk_http_side - one flow of a stage
 * @body: what has come to the filter and has not gone on
 * @called: proxy_on_*_headers was called
 * @fresh: the body's callback has not seen all of @body, or not its end
 * @holds_head: paused in the headers' callback: nothing after it is shown
 * @holds_body: paused in the body's
 * @holds_trailers: paused in the trailers'
 * @trailers_called: their callback was called
 * @in_body: the body's or the trailers' callback runs
 * @carry_on: proxy_continue_stream was called
 */
struct hbk_http_side {
	struct hbk_buffer body;
	bool called;
	bool fresh;
	bool holds_head;
	bool holds_body;
	bool holds_trailers;
	bool trailers_called;
	bool in_body;
	bool carry_on;
};

/**
 * struct hbk_http_stage - one filter on one exchange; VM's lock
 * @state: of the chain; NULL when the exchange has ended
 * @running: one of its callbacks runs
 * @close: proxy_close_stream was called
 * @answered: proxy_send_local_response was called
 * @local: with this
 */
struct hbk_http_stage {
	struct hbk_stream stream;
	struct hbk_wasm_heap *heap;
	struct hbk_http_state *state;
	bool running;
	bool close;
	bool answered;
	struct hbk_http_local *local;
	struct hbk_http_side sides[HBK_CHAIN_FLOWS];
};

/**
 * struct hbk_http_message - the request or the response of the exchange
 * @head: NULL: none yet
 * @trailers: may be empty
 * @headers_at: position of the head
 * @end_at: position of the end of the body, and of the trailers; HBK_HTTP_NOWHERE until it has come
 * @parsed: all of it has come in
 * @discarded: what comes in is thrown away
 * @edits: some filter may change the body
 * @body: behind the last filter
 * @framing: how it goes out, once @head_out
 * @left: bytes that are still to go out, if HBK_HTTP_SIZED
 * @bodyless: goes out without its body
 * @head_out: the head is in the out-queue
 * @done: all of it is
 * @size: bytes of the body that came in
 */
struct hbk_http_message {
	struct hbk_http_head *head;
	struct hbk_map *trailers;
	u32 headers_at;
	u32 end_at;
	bool parsed;
	bool discarded;
	bool edits;
	bool bodyless;
	bool head_out;
	bool done;
	enum hbk_http_framing framing;
	u64 left;
	u64 size;
	struct hbk_buffer body;
};

/**
 * struct hbk_http_state - the HTTP mode's state of a chain
 * @parsers: of both flows
 * @input: what has not been parsed: the next requests, what follows an upgrade
 * @waiting: bytes inside, of both flows, when the chain was last left
 * @active: there is an exchange
 * @local: its response is a filter's
 * @tunnel: no HTTP any more
 * @last: no exchange follows
 * @close_after: the connection ends when the response is out
 * @asked: what the client asked for that responses depend on
 * @asked_sent: what the server was asked for
 * @local_head: of a local response
 * @no_trailers: of a local response
 */
struct hbk_http_state {
	struct hbk_chain *chain;
	struct hbk_http_parser parsers[HBK_CHAIN_FLOWS];
	struct hbk_buffer input[HBK_CHAIN_FLOWS];
	struct hbk_buffer arriving;
	struct hbk_http_message messages[HBK_CHAIN_FLOWS];
	size_t waiting[HBK_CHAIN_FLOWS];
	u32 interims;
	bool active;
	bool local;
	bool tunnel;
	bool last;
	bool close_after;
	u8 asked;
	u8 asked_sent;
	struct hbk_http_head local_head;
	struct hbk_map no_trailers;
	struct hbk_http_stage *stages[HBK_PROXY_CHAIN_MAX];
};

extern const struct hbk_stream_ops hbk_http_stream_ops;

static inline u32 hbk_http_link(const struct hbk_chain *chain, enum hbk_chain_flow flow, u32 position)
{
	return flow == HBK_CHAIN_REQUEST ? position : chain->count - 1 - position;
}

static inline bool hbk_http_over(const struct hbk_chain *chain)
{
	return chain->failed || chain->closing;
}

/* stages */
void hbk_http_stages_begin(struct hbk_http_state *state);
void hbk_http_stages_end(struct hbk_http_state *state);
void hbk_http_stages_drop(struct hbk_http_state *state, enum hbk_chain_flow flow);
bool hbk_http_stages_actions(struct hbk_http_state *state);
bool hbk_http_stages_run(struct hbk_http_state *state, enum hbk_chain_flow flow);
void hbk_http_stages_feed(struct hbk_http_state *state, enum hbk_chain_flow flow, struct hbk_buffer *bytes, bool end);
size_t hbk_http_stages_held(struct hbk_http_state *state, enum hbk_chain_flow flow, bool *by_body);
void hbk_http_local_free(struct hbk_wasm_heap *heap, struct hbk_http_local *local);

/* the way out */
void hbk_http_exit(struct hbk_http_state *state, enum hbk_chain_flow flow);
void hbk_http_respond(struct hbk_http_state *state, struct hbk_http_local *local);
void hbk_http_refuse(struct hbk_http_state *state, enum hbk_chain_flow flow, enum hbk_http_refusal refusal);
void hbk_http_fail(struct hbk_http_state *state);

int hbk_http_property(struct hbk_stream *stream, const char *path, u32 length, struct hbk_buffer *value);
const struct hbk_http_message *hbk_http_readable(const struct hbk_http_stage *stage, enum hbk_chain_flow flow,
						 bool trailers);

#endif /* _HBK_PROXY_CHAIN_HTTP_H */
