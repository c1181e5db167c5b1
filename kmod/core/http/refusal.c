// SPDX-License-Identifier: GPL-2.0-only
#include "refusal.h"

static const struct row {
	u32 status;
	const char *text;
} rows[HBK_HTTP_REFUSALS] = {
	[HBK_HTTP_FINE] = { 200, "nothing is wrong" },
	[HBK_HTTP_NO_MEMORY] = { 503, "out of memory" },
	[HBK_HTTP_CONTROL] = { 400, "control character" },
	[HBK_HTTP_BARE_LF] = { 400, "line feed without carriage return" },
	[HBK_HTTP_BARE_CR] = { 400, "carriage return without line feed" },
	[HBK_HTTP_FOLDING] = { 400, "folded field" },
	[HBK_HTTP_START] = { 400, "bad first line" },
	[HBK_HTTP_METHOD] = { 400, "bad method" },
	[HBK_HTTP_TARGET] = { 400, "bad target" },
	[HBK_HTTP_TARGET_LONG] = { 414, "first line too long" },
	[HBK_HTTP_VERSION] = { 505, "not HTTP/1.0 or HTTP/1.1" },
	[HBK_HTTP_STATUS] = { 400, "bad status" },
	[HBK_HTTP_FIELD] = { 400, "bad field" },
	[HBK_HTTP_HEAD_LONG] = { 431, "head too long" },
	[HBK_HTTP_FIELDS_MANY] = { 431, "too many fields" },
	[HBK_HTTP_HOST] = { 400, "bad, missing or contradicting Host" },
	[HBK_HTTP_LENGTH] = { 400, "bad Content-Length" },
	[HBK_HTTP_LENGTHS] = { 400, "more than one Content-Length" },
	[HBK_HTTP_LENGTH_AND_CODING] = { 400, "both Content-Length and Transfer-Encoding" },
	[HBK_HTTP_CODING] = { 501, "unknown Transfer-Encoding" },
	[HBK_HTTP_CODING_OLD] = { 400, "Transfer-Encoding in HTTP/1.0" },
	[HBK_HTTP_BODY] = { 400, "body where there is none" },
	[HBK_HTTP_CHUNK_SIZE] = { 400, "bad size of a chunk" },
	[HBK_HTTP_CHUNK_LONG] = { 400, "extensions of a chunk too long" },
	[HBK_HTTP_CHUNK_END] = { 400, "chunk longer than its size" },
	[HBK_HTTP_TRAILER] = { 400, "bad trailer" },
	[HBK_HTTP_TRAILERS_LONG] = { 431, "trailers too long" },
	[HBK_HTTP_TRUNCATED] = { 400, "the end within a message" },
	[HBK_HTTP_UNASKED] = { 502, "response without a request" },
	[HBK_HTTP_UPGRADE] = { 502, "upgrade that nobody asked for" },
	[HBK_HTTP_INTERIMS] = { 502, "too many interim responses" },
	[HBK_HTTP_CHANGED] = { 413, "message that a filter changed cannot be sent" },
};

/**
 * hbk_http_refusal_status() - what a client is answered whose request is refused
 * @refusal: what a message is refused for
 */
u32 hbk_http_refusal_status(enum hbk_http_refusal refusal)
{
	return rows[refusal].status;
}

/**
 * hbk_http_refusal_text() - for the log
 * @refusal: what a message is refused for
 */
const char *hbk_http_refusal_text(enum hbk_http_refusal refusal)
{
	return rows[refusal].text;
}
