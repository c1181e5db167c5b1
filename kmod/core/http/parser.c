// SPDX-License-Identifier: GPL-2.0-only
#include "parser.h"

#include "limits.h"

void hbk_http_parser_init(struct hbk_http_parser *parser, struct hbk_wasm_heap *heap, bool response)
{
	*parser = (struct hbk_http_parser){ .heap = heap, .response = response };
	hbk_http_head_init(&parser->head, heap, response);
	hbk_map_init(&parser->trailers, heap, HBK_MAP_FIELDS);
	hbk_buffer_init(&parser->lines, heap, HBK_HTTP_TRAILERS_MAX);
}

void hbk_http_parser_release(struct hbk_http_parser *parser)
{
	hbk_http_head_clear(&parser->head);
	hbk_map_clear(&parser->trailers);
	hbk_buffer_release(&parser->lines);
}

/**
 * hbk_http_parser_next() - forgets a message that was completed or is not wanted: another one begins
 * @parser: the parser
 */
void hbk_http_parser_next(struct hbk_http_parser *parser)
{
	bool response = parser->response;
	struct hbk_wasm_heap *heap = parser->heap;

	hbk_http_parser_release(parser);
	hbk_http_parser_init(parser, heap, response);
}

/**
 * hbk_http_parser_idle() - whether no byte of a message has come
 * @parser: the parser
 */
bool hbk_http_parser_idle(const struct hbk_http_parser *parser)
{
	return parser->state == HBK_HTTP_IN_HEAD && !parser->scan.total;
}

static enum hbk_http_event refuse(struct hbk_http_parser *parser, enum hbk_http_refusal refusal)
{
	parser->state = HBK_HTTP_IN_REFUSAL;
	parser->refusal = refusal;
	return HBK_HTTP_REFUSED;
}

static enum hbk_http_refusal keep(struct hbk_buffer *lines, const u8 *data, size_t length)
{
	int err = hbk_buffer_append(lines, data, length);

	if (!err)
		return HBK_HTTP_FINE;
	return err == -ENOMEM ? HBK_HTTP_NO_MEMORY : HBK_HTTP_HEAD_LONG;
}

static enum hbk_http_place state_of(enum hbk_http_framing framing)
{
	static const enum hbk_http_place states[] = {
		[HBK_HTTP_NONE] = HBK_HTTP_AT_END,
		[HBK_HTTP_SIZED] = HBK_HTTP_IN_BODY,
		[HBK_HTTP_CHUNKED] = HBK_HTTP_IN_CHUNK_LINE,
		[HBK_HTTP_UNTIL_CLOSE] = HBK_HTTP_IN_BODY,
		[HBK_HTTP_TUNNEL] = HBK_HTTP_IN_TUNNEL,
	};

	return states[framing];
}

static enum hbk_http_event head_complete(struct hbk_http_parser *parser)
{
	struct hbk_http_head *head = &parser->head;
	enum hbk_http_refusal refusal;

	refusal = parser->response ? hbk_http_head_response(head, parser->scan.lines, parser->asked) :
		hbk_http_head_request(head, parser->scan.lines);
	if (refusal)
		return refuse(parser, refusal);
	parser->left = head->length;
	parser->state = state_of(head->framing);
	if (head->framing == HBK_HTTP_SIZED && !parser->left)
		parser->state = HBK_HTTP_AT_END;
	return HBK_HTTP_HEAD;
}

/* One empty line before a request is left out: old clients send one after a body. */
static bool blank_before(struct hbk_http_parser *parser)
{
	if (parser->scan.lines != 1 || parser->response || parser->blank)
		return false;
	parser->scan = (struct hbk_http_scan){ 0 };
	hbk_buffer_clear(&parser->head.raw);
	parser->blank = true;
	return true;
}

static enum hbk_http_event in_head(struct hbk_http_parser *parser, const u8 *data, size_t length, size_t *used)
{
	enum hbk_http_refusal refusal;

	refusal = hbk_http_scan(&parser->scan, data, length, HBK_HTTP_HEAD_MAX, used);
	if (!refusal)
		refusal = keep(&parser->head.raw, data, *used);
	if (refusal)
		return refuse(parser, refusal == HBK_HTTP_TARGET_LONG && parser->response ? HBK_HTTP_START : refusal);
	if (!parser->scan.done || blank_before(parser))
		return HBK_HTTP_MORE;
	if (parser->scan.lines == 1)
		return refuse(parser, HBK_HTTP_START);
	return head_complete(parser);
}

static enum hbk_http_event in_body(struct hbk_http_parser *parser, const u8 *data, size_t length, size_t *used)
{
	bool sized = parser->state == HBK_HTTP_IN_CHUNK || parser->head.framing == HBK_HTTP_SIZED;

	if (sized && length > parser->left)
		length = parser->left;
	parser->piece = data;
	parser->piece_length = length;
	*used = length;
	if (!sized)
		return HBK_HTTP_PIECE;
	parser->left -= length;
	if (!parser->left)
		parser->state = parser->state == HBK_HTTP_IN_CHUNK ? HBK_HTTP_IN_CHUNK_END : HBK_HTTP_AT_END;
	return HBK_HTTP_PIECE;
}

static int hex_digit(u8 c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void chunk_line_done(struct hbk_http_parser *parser)
{
	parser->line_length = 0;
	parser->digits = 0;
	parser->extension = false;
	parser->cr = false;
	parser->state = parser->left ? HBK_HTTP_IN_CHUNK : HBK_HTTP_IN_TRAILERS;
	parser->scan = (struct hbk_http_scan){ 0 };
}

/* The size, then perhaps ";" and what nobody wants to know. */
static enum hbk_http_refusal chunk_line_byte(struct hbk_http_parser *parser, u8 byte)
{
	int digit = hex_digit(byte);

	if (parser->cr)
		return byte == '\n' ? HBK_HTTP_FINE : HBK_HTTP_BARE_CR;
	if (byte == '\n')
		return HBK_HTTP_BARE_LF;
	if (byte == '\r') {
		parser->cr = true;
		return parser->digits ? HBK_HTTP_FINE : HBK_HTTP_CHUNK_SIZE;
	}
	if (parser->extension)
		return byte == '\t' || (byte >= ' ' && byte != 127) ? HBK_HTTP_FINE : HBK_HTTP_CONTROL;
	if (byte == ';' && parser->digits) {
		parser->extension = true;
		return HBK_HTTP_FINE;
	}
	if (digit < 0 || parser->digits == HBK_HTTP_CHUNK_DIGITS)
		return HBK_HTTP_CHUNK_SIZE;
	parser->digits++;
	parser->left = parser->left * 16 + digit;
	return HBK_HTTP_FINE;
}

static enum hbk_http_event in_chunk_line(struct hbk_http_parser *parser, const u8 *data, size_t length, size_t *used)
{
	enum hbk_http_refusal refusal;
	size_t i;

	for (i = 0; i < length; i++) {
		refusal = chunk_line_byte(parser, data[i]);
		if (!refusal && ++parser->line_length > HBK_HTTP_CHUNK_LINE_MAX)
			refusal = HBK_HTTP_CHUNK_LONG;
		if (refusal)
			return refuse(parser, refusal);
		if (data[i] == '\n') {
			chunk_line_done(parser);
			i++;
			break;
		}
	}
	*used = i;
	return HBK_HTTP_MORE;
}

static enum hbk_http_event in_chunk_end(struct hbk_http_parser *parser, const u8 *data, size_t length, size_t *used)
{
	(void)length;
	*used = 1;
	if (data[0] != (parser->cr ? '\n' : '\r'))
		return refuse(parser, HBK_HTTP_CHUNK_END);
	if (parser->cr)
		parser->state = HBK_HTTP_IN_CHUNK_LINE;
	parser->cr = !parser->cr;
	return HBK_HTTP_MORE;
}

static enum hbk_http_event in_trailers(struct hbk_http_parser *parser, const u8 *data, size_t length, size_t *used)
{
	enum hbk_http_refusal refusal;

	refusal = hbk_http_scan(&parser->scan, data, length, HBK_HTTP_TRAILERS_MAX, used);
	if (!refusal)
		refusal = keep(&parser->lines, data, *used);
	if (refusal == HBK_HTTP_START)
		refusal = HBK_HTTP_FOLDING;
	if (refusal == HBK_HTTP_HEAD_LONG || refusal == HBK_HTTP_TARGET_LONG)
		refusal = HBK_HTTP_TRAILERS_LONG;
	if (!refusal && parser->scan.done)
		refusal = hbk_http_head_trailers(&parser->trailers, hbk_buffer_data(&parser->lines), parser->lines.length,
						 parser->scan.lines);
	if (refusal)
		return refuse(parser, refusal);
	if (parser->scan.done)
		parser->state = HBK_HTTP_AT_END;
	return HBK_HTTP_MORE;
}

static enum hbk_http_event at_end(struct hbk_http_parser *parser)
{
	parser->state = HBK_HTTP_COMPLETE;
	return HBK_HTTP_END;
}

static enum hbk_http_event step(struct hbk_http_parser *parser, const u8 *data, size_t length, size_t *used)
{
	*used = 0;
	switch (parser->state) {
	case HBK_HTTP_AT_END:
		return at_end(parser);
	case HBK_HTTP_COMPLETE:
		return HBK_HTTP_MORE;
	case HBK_HTTP_IN_TUNNEL:
		return HBK_HTTP_RAW;
	case HBK_HTTP_IN_REFUSAL:
		return HBK_HTTP_REFUSED;
	default:
		break;
	}
	if (!length)
		return HBK_HTTP_MORE;
	switch (parser->state) {
	case HBK_HTTP_IN_HEAD:
		return in_head(parser, data, length, used);
	case HBK_HTTP_IN_CHUNK_LINE:
		return in_chunk_line(parser, data, length, used);
	case HBK_HTTP_IN_CHUNK_END:
		return in_chunk_end(parser, data, length, used);
	case HBK_HTTP_IN_TRAILERS:
		return in_trailers(parser, data, length, used);
	default:
		return in_body(parser, data, length, used);
	}
}

/**
 * hbk_http_parse() - goes on to the next event
 * @parser: the parser
 * @data: what has come
 * @length: how many there are
 * @used: how much of it belongs to what was before the event, and to the event
 *
 * Call it again with the rest of @data until it answers HBK_HTTP_MORE. Then
 * all is used, or the message is complete.
 */
enum hbk_http_event hbk_http_parse(struct hbk_http_parser *parser, const u8 *data, size_t length, size_t *used)
{
	enum hbk_http_event event;
	size_t taken;

	*used = 0;
	/* An empty buffer may have no address, and none can be added to. */
	if (!length)
		return step(parser, data, 0, used);
	do {
		event = step(parser, data + *used, length - *used, &taken);
		*used += taken;
	} while (event == HBK_HTTP_MORE && *used < length && parser->state != HBK_HTTP_COMPLETE);
	if (event == HBK_HTTP_MORE && parser->state == HBK_HTTP_AT_END)
		event = at_end(parser);
	return event;
}

/**
 * hbk_http_parse_end() - no more bytes will come
 * @parser: the parser
 *
 * Return: HBK_HTTP_END if that completes the message, HBK_HTTP_MORE if it was
 * complete or none has begun, HBK_HTTP_RAW of a tunnel, else HBK_HTTP_REFUSED.
 */
enum hbk_http_event hbk_http_parse_end(struct hbk_http_parser *parser)
{
	if (parser->state == HBK_HTTP_IN_BODY && parser->head.framing == HBK_HTTP_UNTIL_CLOSE)
		return at_end(parser);
	if (hbk_http_parser_idle(parser) || parser->state == HBK_HTTP_COMPLETE)
		return HBK_HTTP_MORE;
	if (parser->state == HBK_HTTP_IN_TUNNEL)
		return HBK_HTTP_RAW;
	if (parser->state == HBK_HTTP_AT_END)
		return at_end(parser);
	if (parser->state == HBK_HTTP_IN_REFUSAL)
		return HBK_HTTP_REFUSED;
	return refuse(parser, HBK_HTTP_TRUNCATED);
}
