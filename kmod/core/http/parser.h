/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One direction of an HTTP/1.1 connection: bytes in, events out. Bodies are
 * not copied; a head is, up to HBK_HTTP_HEAD_MAX.
 */
#ifndef _HBK_HTTP_PARSER_H
#define _HBK_HTTP_PARSER_H

#include "head.h"
#include "scan.h"

enum hbk_http_event {
	HBK_HTTP_MORE,		/* all bytes are used, or the message is complete: hbk_http_parser_next() */
	HBK_HTTP_HEAD,		/* parser->head */
	HBK_HTTP_PIECE,		/* of the body: parser->piece */
	HBK_HTTP_END,		/* parser->trailers may have some */
	HBK_HTTP_RAW,		/* all bytes from here on are a tunnel's */
	HBK_HTTP_REFUSED,	/* parser->refusal; it takes no more */
};

enum hbk_http_place {
	HBK_HTTP_IN_HEAD,
	HBK_HTTP_IN_BODY,
	HBK_HTTP_IN_CHUNK_LINE,
	HBK_HTTP_IN_CHUNK,
	HBK_HTTP_IN_CHUNK_END,
	HBK_HTTP_IN_TRAILERS,
	HBK_HTTP_AT_END,	/* HBK_HTTP_END is to be told */
	HBK_HTTP_COMPLETE,
	HBK_HTTP_IN_TUNNEL,
	HBK_HTTP_IN_REFUSAL,
};

/**
 * struct hbk_http_parser - where in a message we are
 * @heap: for heads and trailers
 * @response: of which kind the messages are
 * @asked: of a response: hbk_http_asked() of its request; set before its head is parsed
 * @head: of the message; complete since HBK_HTTP_HEAD
 * @trailers: complete at HBK_HTTP_END
 * @piece: bytes of the body, in what was passed in
 */
struct hbk_http_parser {
	struct hbk_wasm_heap *heap;
	bool response;
	u8 asked;
	enum hbk_http_place state;
	enum hbk_http_refusal refusal;
	struct hbk_http_head head;
	struct hbk_map trailers;
	const u8 *piece;
	size_t piece_length;
	/* its own */
	struct hbk_http_scan scan;
	struct hbk_buffer lines;	/* of trailers */
	u64 left;			/* of the body or the chunk */
	u32 line_length;		/* of a chunk's first line */
	u8 digits;
	bool extension;
	bool cr;
	bool blank;			/* an empty line before this request was left out */
};

void hbk_http_parser_init(struct hbk_http_parser *parser, struct hbk_wasm_heap *heap, bool response);
void hbk_http_parser_release(struct hbk_http_parser *parser);
void hbk_http_parser_next(struct hbk_http_parser *parser);
enum hbk_http_event hbk_http_parse(struct hbk_http_parser *parser, const u8 *data, size_t length, size_t *used);
enum hbk_http_event hbk_http_parse_end(struct hbk_http_parser *parser);
bool hbk_http_parser_idle(const struct hbk_http_parser *parser);

#endif /* _HBK_HTTP_PARSER_H */
