// SPDX-License-Identifier: GPL-2.0-only
#include "call.h"

#include "limits.h"
#include "write.h"

static int copy_headers(struct hbk_map *map, const struct hbk_map *headers)
{
	u32 i;
	int err;

	for (i = 0; i < headers->count; i++) {
		const struct hbk_map_pair *pair = &headers->pairs[i];

		if (hbk_map_pair_is(pair, "connection"))
			continue;
		err = hbk_map_append(map, pair->name, pair->name_length, pair->value, pair->value_length);
		if (err)
			return err;
	}
	return hbk_map_append(map, "Connection", strlen("Connection"), "close", strlen("close"));
}

static enum hbk_http_framing framing_of(const struct hbk_map *map, size_t length, const struct hbk_map *trailers)
{
	if (trailers->count)
		return HBK_HTTP_CHUNKED;
	return length || hbk_map_field(map, "content-length") ? HBK_HTTP_SIZED : HBK_HTTP_NONE;
}

/**
 * hbk_http_call_write() - writes a request
 * @to: where it is appended
 * @headers: with :method, :path and :authority; what they say of connection and framing is corrected
 * @body: the body
 * @length: how many there are
 * @trailers: may be empty; if not, the body goes chunked
 *
 * Return: 0, -ENOMEM or -E2BIG.
 */
int hbk_http_call_write(struct hbk_buffer *to, const struct hbk_map *headers, const u8 *body, size_t length,
			const struct hbk_map *trailers)
{
	enum hbk_http_framing framing = framing_of(headers, length, trailers);
	struct hbk_http_head head;
	int err;

	hbk_http_head_init(&head, headers->heap, false);
	head.minor = 1;
	err = copy_headers(&head.map, headers);
	if (!err)
		err = hbk_http_frame(&head.map, framing, length);
	if (!err)
		err = hbk_http_write_head(to, &head);
	hbk_http_head_clear(&head);
	if (err)
		return err;
	if (framing != HBK_HTTP_CHUNKED)
		return length ? hbk_buffer_append(to, body, length) : 0;
	err = hbk_http_write_chunk(to, body, length);
	return err ? err : hbk_http_write_last_chunk(to, trailers);
}

void hbk_http_answer_init(struct hbk_http_answer *answer, struct hbk_wasm_heap *heap, size_t body_max, bool to_head)
{
	*answer = (struct hbk_http_answer){ 0 };
	hbk_http_parser_init(&answer->parser, heap, true);
	hbk_buffer_init(&answer->body, heap, body_max);
	answer->parser.asked = to_head ? HBK_HTTP_ASKED_HEAD : 0;
}

void hbk_http_answer_release(struct hbk_http_answer *answer)
{
	hbk_http_parser_release(&answer->parser);
	hbk_buffer_release(&answer->body);
}

static int ended(struct hbk_http_answer *answer)
{
	u8 asked = answer->parser.asked;

	if (answer->parser.head.status >= 200) {
		answer->complete = true;
		return 0;
	}
	if (++answer->interims > HBK_HTTP_INTERIM_MAX)
		return -EINVAL;
	hbk_http_parser_next(&answer->parser);
	answer->parser.asked = asked;
	return 0;
}

static int on_event(struct hbk_http_answer *answer, enum hbk_http_event event)
{
	switch (event) {
	case HBK_HTTP_PIECE:
		return hbk_buffer_append(&answer->body, answer->parser.piece, answer->parser.piece_length);
	case HBK_HTTP_END:
		return ended(answer);
	case HBK_HTTP_RAW:
		return -EINVAL;
	case HBK_HTTP_REFUSED:
		return answer->parser.refusal == HBK_HTTP_NO_MEMORY ? -ENOMEM : -EINVAL;
	default:
		return 0;
	}
}

/**
 * hbk_http_answer_feed() - goes on with an answer
 * @answer: the answer
 * @data: the bytes
 * @length: how many there are
 *
 * Return: 0 when it is complete, -EAGAIN when more is to come; -EINVAL: it is none; -E2BIG: its body is too long; -ENOMEM.
 */
int hbk_http_answer_feed(struct hbk_http_answer *answer, const u8 *data, size_t length)
{
	enum hbk_http_event event;
	size_t used;
	int err;

	while (!answer->complete) {
		event = hbk_http_parse(&answer->parser, data, length, &used);
		data += used;
		length -= used;
		err = on_event(answer, event);
		if (err)
			return err;
		if (event == HBK_HTTP_MORE)
			return -EAGAIN;
	}
	return 0;
}

/**
 * hbk_http_answer_end() - nothing more comes
 * @answer: the answer
 *
 * Return: 0 when that completes it, else -EINVAL.
 */
int hbk_http_answer_end(struct hbk_http_answer *answer)
{
	if (answer->complete)
		return 0;
	return hbk_http_parse_end(&answer->parser) == HBK_HTTP_END && !on_event(answer, HBK_HTTP_END) &&
		answer->complete ? 0 : -EINVAL;
}

static int copy_map(struct hbk_map *to, const struct hbk_map *from)
{
	u32 i;
	int err;

	for (i = 0; i < from->count; i++) {
		const struct hbk_map_pair *pair = &from->pairs[i];

		err = hbk_map_append(to, pair->name, pair->name_length, pair->value, pair->value_length);
		if (err)
			return err;
	}
	return 0;
}

/**
 * hbk_http_answer_parse() - takes an answer apart that is in one piece
 * @heap: where memory comes from
 * @to_head: its request was a HEAD
 * @data: the bytes
 * @length: how many there are
 * @ended: nothing comes after @data
 * @headers: of kind HBK_MAP_RESPONSE, emptied and filled, as are @body and @trailers
 * @body: the body
 * @trailers: may be empty
 *
 * Return: as hbk_http_answer_feed().
 */
int hbk_http_answer_parse(struct hbk_wasm_heap *heap, bool to_head, const u8 *data, size_t length, bool ended,
			  struct hbk_map *headers, struct hbk_buffer *body, struct hbk_map *trailers)
{
	struct hbk_http_answer answer;
	int err;

	hbk_map_clear(headers);
	hbk_map_clear(trailers);
	hbk_buffer_clear(body);
	hbk_http_answer_init(&answer, heap, body->cap, to_head);
	err = hbk_http_answer_feed(&answer, data, length);
	if (err == -EAGAIN && ended)
		err = hbk_http_answer_end(&answer);
	if (!err)
		err = copy_map(headers, &answer.parser.head.map);
	if (!err)
		err = copy_map(trailers, &answer.parser.trailers);
	if (!err)
		err = hbk_buffer_append(body, hbk_buffer_data(&answer.body), answer.body.length);
	hbk_http_answer_release(&answer);
	return err;
}
