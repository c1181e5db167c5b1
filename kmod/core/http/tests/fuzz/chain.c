// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes of a client and of a server through a chain. Without filters, and
 * with such as do nothing, what comes out means what went in, however it is cut
 * in pieces. With filters that do anything they like, what comes out is always
 * HTTP that no strict peer refuses.
 *
 * The input: a byte that says how many filters and whether they act, then
 * pieces: a byte with flow, end and length, then so many bytes.
 */
#include <stdlib.h>

#include "../puppet.h"

#include "../../parser.h"

#define PIECE(byte)	((byte) >> 2)
#define REQUESTS_MAX	256	/* of one input: it is not longer */

/* A direction's meaning: of its messages, one after the other. */
struct meaning {
	struct hbk_http_parser parser;
	u64 sum;
	u64 body;
	u32 messages;
	enum hbk_http_event last;
};

/* What each request of the client asked for that its response depends on. */
static u8 asked[REQUESTS_MAX];
static u32 asked_count;

/* What a filter does next is in the input too. */
static const u8 *acts;
static size_t acts_length;

static u32 next_act(void)
{
	if (!acts_length)
		return 0;
	acts_length--;
	return *acts++;
}

static u32 passive(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream, const u64 *values)
{
	(void)puppet, (void)callback, (void)stream, (void)values;
	return HBK_PROXY_CONTINUE;
}

static u32 active(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream, const u64 *values)
{
	static const char *const names[] = { "content-length", "transfer-encoding", "connection", "host", "upgrade", "x" };
	static const char *const texts[] = { "5", "chunked", "close", "a", "keep-alive", "" };
	u32 act = next_act(), detail = next_act();

	(void)puppet, (void)callback, (void)values;
	switch (act % 24) {
	case 0:
		return HBK_PROXY_PAUSE;
	case 1:
		puppet_add(stream, detail & 1 ? HBK_PROXY_RESPONSE_HEADERS : HBK_PROXY_REQUEST_HEADERS, names[detail / 2 % 6],
			   texts[detail / 12 % 6]);
		break;
	case 2:
		puppet_remove(stream, detail & 1 ? HBK_PROXY_RESPONSE_HEADERS : HBK_PROXY_REQUEST_HEADERS,
			      names[detail / 2 % 6]);
		break;
	case 3:
		puppet_body(stream, detail & 1 ? HBK_PROXY_RESPONSE_BODY : HBK_PROXY_REQUEST_BODY, 0, detail / 2 % 4, "abc");
		break;
	case 4:
		puppet_respond(stream, 200 + detail, "no");
		return detail & 1 ? HBK_PROXY_PAUSE : HBK_PROXY_CONTINUE;
	case 5:
		stream->ops->carry_on(stream, detail & 1 ? HBK_PROXY_HTTP_REQUEST : HBK_PROXY_HTTP_RESPONSE);
		break;
	case 6:
		puppet_replace(stream, HBK_PROXY_RESPONSE_HEADERS, ":status", detail & 1 ? "204" : "500");
		break;
	case 7:
		puppet_replace(stream, HBK_PROXY_REQUEST_HEADERS, ":method", detail & 1 ? "HEAD" : "PUT");
		break;
	case 8:
		puppet_add(stream, detail & 1 ? HBK_PROXY_RESPONSE_TRAILERS : HBK_PROXY_REQUEST_TRAILERS, "t", "u");
		break;
	case 9:
		if (!(detail & 15))
			return PUPPET_TRAPS;
		break;
	default:
		break;
	}
	return HBK_PROXY_CONTINUE;
}

static void mix(struct meaning *meaning, const void *data, size_t length)
{
	const u8 *bytes = data;
	size_t i;

	for (i = 0; i < length; i++)
		meaning->sum = (meaning->sum ^ bytes[i]) * 0x100000001b3ull;
}

static void mix_map(struct meaning *meaning, const struct hbk_map *map)
{
	u32 i;

	for (i = 0; i < map->count; i++) {
		if (hbk_map_pair_is(&map->pairs[i], "content-length") ||
		    hbk_map_pair_is(&map->pairs[i], "transfer-encoding"))
			continue;
		mix(meaning, map->pairs[i].name, map->pairs[i].name_length + 1);
		mix(meaning, map->pairs[i].value, map->pairs[i].value_length + 1);
	}
}

/* The next response is to the request of the same number; an interim one is to none. */
static void respond_to(struct meaning *meaning)
{
	if (meaning->parser.response)
		meaning->parser.asked = meaning->messages < asked_count ? asked[meaning->messages] : 0;
}

static void head_read(struct meaning *meaning, bool client)
{
	mix_map(meaning, &meaning->parser.head.map);
	if (client && asked_count < REQUESTS_MAX)
		asked[asked_count++] = meaning->parser.head.asked;
}

static void end_read(struct meaning *meaning)
{
	mix_map(meaning, &meaning->parser.trailers);
	if (!meaning->parser.response || meaning->parser.head.status >= 200)
		meaning->messages++;
	hbk_http_parser_next(&meaning->parser);
}

static void understand(struct meaning *meaning, const u8 *data, size_t length, bool client)
{
	enum hbk_http_event event;
	size_t used;

	if (!length)
		return;
	do {
		respond_to(meaning);
		event = hbk_http_parse(&meaning->parser, data, length, &used);
		data += used;
		length -= used;
		meaning->last = event;
		if (event == HBK_HTTP_HEAD)
			head_read(meaning, client);
		if (event == HBK_HTTP_PIECE) {
			meaning->body += meaning->parser.piece_length;
			mix(meaning, meaning->parser.piece, meaning->parser.piece_length);
		}
		if (event == HBK_HTTP_END)
			end_read(meaning);
	} while (event == HBK_HTTP_HEAD || event == HBK_HTTP_PIECE || event == HBK_HTTP_END);
}

struct run {
	struct stage stage;
	struct meaning in;	/* of requests pushed in */
	struct meaning out[HBK_CHAIN_FLOWS];	/* of what came out */
};

static void take(struct run *run)
{
	const u8 *data;
	size_t length;
	int flow;

	for (flow = 0; flow < HBK_CHAIN_FLOWS; flow++) {
		data = hbk_chain_out(run->stage.chain, flow, &length);
		understand(&run->out[flow], data, length, false);
		hbk_chain_out_consume(run->stage.chain, flow, length);
	}
}

/* What follows an upgrade or CONNECT is anybody's. */
static bool asks_for_tunnel(const u8 *data, size_t length)
{
	size_t i;

	for (i = 0; i + 8 <= length; i++)
		if (!strncasecmp((const char *)data + i, "connect ", 8) || !strncasecmp((const char *)data + i, "upgrade:", 8))
			return true;
	return false;
}

static void release(struct run *run)
{
	run->stage.quiet = true;
	stage_close(&run->stage);
	hbk_http_parser_release(&run->in.parser);
	hbk_http_parser_release(&run->out[HBK_CHAIN_REQUEST].parser);
	hbk_http_parser_release(&run->out[HBK_CHAIN_RESPONSE].parser);
	if (run->stage.heap.taken)
		abort();
}

/* Out-of-turn calls of what a filter last was shown. */
static void poke(struct run *run, u32 detail)
{
	struct puppet *puppet = &run->stage.puppets[detail % PUPPETS_MAX];
	struct hbk_vm *vm = &puppet->vm;
	struct hbk_stream *stream = NULL;
	u32 i;

	if (detail % PUPPETS_MAX >= run->stage.count)
		return;
	hbk_vm_lock(vm);
	for (i = 0; i < HBK_VM_BUCKETS && !stream; i++)
		if (vm->contexts[i] && vm->contexts[i]->kind == HBK_CONTEXT_STREAM)
			stream = hbk_stream_of(vm->contexts[i]);
	if (stream) {
		puppet_add(stream, HBK_PROXY_REQUEST_HEADERS, "poked", "x");
		puppet_body(stream, HBK_PROXY_REQUEST_BODY, 0, 1, "poked");
		if (detail & 64)
			puppet_respond(stream, 503, "x");
		stream->ops->carry_on(stream, detail & 128 ? HBK_PROXY_HTTP_REQUEST : HBK_PROXY_HTTP_RESPONSE);
	}
	hbk_vm_unlock(vm);
	hbk_chain_resume(run->stage.chain);
}

static void play(struct run *run, const u8 *data, size_t length, bool acting)
{
	while (length) {
		u8 head = *data++;
		size_t piece = PIECE(head) < --length ? PIECE(head) : length;

		if ((head & 3) == 3 && acting)
			poke(run, piece ? data[0] : 0);
		else
			stage_push(&run->stage, head & 1 ? HBK_CHAIN_RESPONSE : HBK_CHAIN_REQUEST, data, piece, (head & 3) == 2 && !piece);
		if (!(head & 1) && run->in.last != HBK_HTTP_REFUSED)
			understand(&run->in, data, piece, true);
		take(run);
		data += piece;
		length -= piece;
	}
}

/* Filters may make more fields than we take of others: 1024, see docs/http.md. */
static bool malformed(const struct meaning *out, bool acting)
{
	if (out->last != HBK_HTTP_REFUSED)
		return false;
	return !acting || (out->parser.refusal != HBK_HTTP_FIELDS_MANY && out->parser.refusal != HBK_HTTP_HEAD_LONG &&
			   out->parser.refusal != HBK_HTTP_TRAILERS_LONG);
}

static void check(const struct run *run, bool acting)
{
	const struct hbk_chain *chain = run->stage.chain;
	const struct meaning *out = &run->out[HBK_CHAIN_REQUEST];

	/* Nothing that is sent on may be refused by a server, or a client, as strict as we are. */
	if (malformed(out, acting) || malformed(&run->out[HBK_CHAIN_RESPONSE], acting))
		abort();
	if (acting || chain->failed || chain->closing)
		return;
	/* Requests come out in order and whole: never more than went in, each as it was. */
	if (out->messages > run->in.messages)
		abort();
	if (out->messages == run->in.messages && hbk_http_parser_idle(&out->parser) &&
	    hbk_http_parser_idle(&run->in.parser) && out->sum != run->in.sum)
		abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	static struct run run;
	u32 count, i;
	bool acting, open;

	if (length < 2)
		return 0;
	count = data[0] & 3;
	acting = data[0] & 4;
	open = data[0] & 8;
	acts = data + 2;
	acts_length = acting && data[1] < length - 2 ? data[1] : 0;
	data += 2 + acts_length;
	length -= 2 + acts_length;
	if (asks_for_tunnel(data, length))
		return 0;

	memset(&run, 0, sizeof(run));
	stage_init(&run.stage);
	run.stage.quiet = true;
	asked_count = 0;
	hbk_http_parser_init(&run.in.parser, &run.stage.heap.heap, false);
	hbk_http_parser_init(&run.out[HBK_CHAIN_REQUEST].parser, &run.stage.heap.heap, false);
	hbk_http_parser_init(&run.out[HBK_CHAIN_RESPONSE].parser, &run.stage.heap.heap, true);
	for (i = 0; i < count; i++)
		stage_add(&run.stage, acting ? active : passive, 0, open);
	if (!stage_open(&run.stage))
		abort();
	play(&run, data, length, acting);
	check(&run, acting);
	release(&run);
	return 0;
}
