// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as requests or responses: in one piece and in pieces they mean the
 * same, nothing is used that is not there, and a head that is written again
 * means what it meant.
 */
#include <stdlib.h>

#include "../../parser.h"
#include "../../write.h"
#include "../heap.h"

#define EVENTS_MAX	256

/* What a run of the parser comes to. */
struct outcome {
	u64 sum;
	u64 body;
	u32 heads;
	u32 ends;
	enum hbk_http_event last;
	enum hbk_http_refusal refusal;
};

static void mix(struct outcome *outcome, const void *data, size_t length)
{
	const u8 *bytes = data;
	size_t i;

	for (i = 0; i < length; i++)
		outcome->sum = (outcome->sum ^ bytes[i]) * 0x100000001b3ull;
}

static void mix_map(struct outcome *outcome, const struct hbk_map *map)
{
	u32 i;

	for (i = 0; i < map->count; i++) {
		mix(outcome, map->pairs[i].name, map->pairs[i].name_length + 1);
		mix(outcome, map->pairs[i].value, map->pairs[i].value_length + 1);
	}
}

static void check_rewritten(struct hbk_http_parser *parser)
{
	struct hbk_http_parser again;
	struct hbk_buffer to;
	struct outcome a = { 0 }, b = { 0 };
	size_t used;

	hbk_buffer_init(&to, parser->heap, 2 * 65536);
	hbk_http_parser_init(&again, parser->heap, parser->response);
	again.asked = parser->asked;
	if (hbk_http_write_head(&to, &parser->head))
		abort();
	if (to.length <= 65536) {
		if (hbk_http_parse(&again, hbk_buffer_data(&to), to.length, &used) != HBK_HTTP_HEAD || used != to.length)
			abort();
		mix_map(&a, &parser->head.map);
		mix_map(&b, &again.head.map);
		if (a.sum != b.sum || again.head.framing != parser->head.framing ||
		    again.head.length != parser->head.length)
			abort();
	}
	hbk_http_parser_release(&again);
	hbk_buffer_release(&to);
}

static void next(struct hbk_http_parser *parser)
{
	u8 asked = parser->asked;

	hbk_http_parser_next(parser);
	parser->asked = asked;
}

static void on_event(struct outcome *outcome, struct hbk_http_parser *parser, enum hbk_http_event event, bool rewrite)
{
	outcome->last = event;
	switch (event) {
	case HBK_HTTP_HEAD:
		outcome->heads++;
		mix_map(outcome, &parser->head.map);
		if (rewrite)
			check_rewritten(parser);
		break;
	case HBK_HTTP_PIECE:
		outcome->body += parser->piece_length;
		mix(outcome, parser->piece, parser->piece_length);
		break;
	case HBK_HTTP_END:
		outcome->ends++;
		mix_map(outcome, &parser->trailers);
		next(parser);
		break;
	default:
		outcome->refusal = parser->refusal;
		break;
	}
}

static void run(struct outcome *outcome, const u8 *data, size_t length, size_t size, u8 how)
{
	enum hbk_http_event event = HBK_HTTP_MORE;
	struct hbk_http_parser parser;
	struct test_heap heap;
	size_t piece, used, at;
	u8 *copy;

	*outcome = (struct outcome){ 0 };
	test_heap_init(&heap);
	hbk_http_parser_init(&parser, &heap.heap, how & 1);
	parser.asked = how >> 1 & 7;
	for (; length && event == HBK_HTTP_MORE; data += piece, length -= piece) {
		piece = length < size ? length : size;
		copy = malloc(piece);
		memcpy(copy, data, piece);
		at = 0;
		do {
			event = hbk_http_parse(&parser, copy + at, piece - at, &used);
			if (used > piece - at)
				abort();
			at += used;
			on_event(outcome, &parser, event, size > 1);
		} while (event == HBK_HTTP_HEAD || event == HBK_HTTP_PIECE || event == HBK_HTTP_END);
		free(copy);
	}
	if (event == HBK_HTTP_MORE)
		on_event(outcome, &parser, hbk_http_parse_end(&parser), false);
	hbk_http_parser_release(&parser);
	if (heap.taken)
		abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	struct outcome whole, pieces;

	if (length < 2)
		return 0;
	run(&whole, data + 2, length - 2, SIZE_MAX, data[0]);
	run(&pieces, data + 2, length - 2, 1 + data[1] % 64, data[0]);
	if (whole.sum != pieces.sum || whole.body != pieces.body || whole.heads != pieces.heads ||
	    whole.ends != pieces.ends || whole.last != pieces.last || whole.refusal != pieces.refusal)
		abort();
	return 0;
}
