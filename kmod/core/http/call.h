/* SPDX-License-Identifier: GPL-2.0-only */
/* HTTP as a client of it: one request, one answer, then the connection ends. */
#ifndef _HBK_HTTP_CALL_H
#define _HBK_HTTP_CALL_H

#include "parser.h"

/**
 * struct hbk_http_answer - an answer that comes in pieces
 * @parser: takes it apart; parser.head.map has :status and fields, parser.trailers the trailers
 * @body: what has come of it; its cap is what the owner bears
 * @interims: responses 1xx that were passed over
 * @complete: all of it is there
 */
struct hbk_http_answer {
	struct hbk_http_parser parser;
	struct hbk_buffer body;
	u32 interims;
	bool complete;
};

int hbk_http_call_write(struct hbk_buffer *to, const struct hbk_map *headers, const u8 *body, size_t length,
			const struct hbk_map *trailers);

void hbk_http_answer_init(struct hbk_http_answer *answer, struct hbk_wasm_heap *heap, size_t body_max, bool to_head);
int hbk_http_answer_feed(struct hbk_http_answer *answer, const u8 *data, size_t length);
int hbk_http_answer_end(struct hbk_http_answer *answer);
void hbk_http_answer_release(struct hbk_http_answer *answer);

int hbk_http_answer_parse(struct hbk_wasm_heap *heap, bool to_head, const u8 *data, size_t length, bool ended,
			  struct hbk_map *headers, struct hbk_buffer *body, struct hbk_map *trailers);

#endif /* _HBK_HTTP_CALL_H */
