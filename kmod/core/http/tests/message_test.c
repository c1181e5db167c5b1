// SPDX-License-Identifier: GPL-2.0-only
/* What good messages are taken for, whole and in pieces, and that they come out with the same meaning. */
#include <stdio.h>
#include <stdlib.h>

#include "../parser.h"
#include "../write.h"
#include "tests.h"

struct message_row {
	const char *name;
	const char *data;
	bool response;
	u8 asked;
	const char *expected;	/* a transcript */
};

#define TEXT_MAX	8192

static const struct message_row rows[] = {
	{ "a request", "GET /a?b HTTP/1.1\r\nHost: c\r\n\r\n", false, 0,
	  "none 0 keep [:method=GET][:path=/a?b][:authority=c][:scheme=http] end\n" },
	{ "HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", false, 0,
	  "none 0 last [:method=GET][:path=/][:scheme=http] end\n" },
	{ "HTTP/1.0 that stays", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", false, 0,
	  "none 0 keep [:method=GET][:path=/][:scheme=http][Connection=Keep-Alive] end\n" },
	{ "HTTP/1.1 that does not", "GET / HTTP/1.1\r\nHost: c\r\nconnection: foo , CLOSE\r\n\r\n", false, 0,
	  "none 0 last [:method=GET][:path=/][:authority=c][:scheme=http][connection=foo , CLOSE] end\n" },
	{ "an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", false, 0,
	  "none 0 keep [:method=GET][:path=/][:authority=][:scheme=http] end\n" },
	{ "an IPv6 Host with a port", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", false, 0,
	  "none 0 keep [:method=GET][:path=/][:authority=[::1]:80][:scheme=http] end\n" },
	{ "an empty line before", "\r\nGET / HTTP/1.1\r\nHost: c\r\n\r\n", false, 0,
	  "none 0 keep [:method=GET][:path=/][:authority=c][:scheme=http] end\n" },
	{ "spaces around values, and none", "GET / HTTP/1.1\r\nHost:c\r\nA: \t b c \t \r\nB:\r\nC:d\r\n\r\n", false, 0,
	  "none 0 keep [:method=GET][:path=/][:authority=c][:scheme=http][A=b c][B=][C=d] end\n" },
	{ "bytes past ASCII in a value", "GET / HTTP/1.1\r\nHost: c\r\nA: \xc3\xa9\r\n\r\n", false, 0,
	  "none 0 keep [:method=GET][:path=/][:authority=c][:scheme=http][A=\xc3\xa9] end\n" },
	{ "odd characters in a name", "GET / HTTP/1.1\r\nHost: c\r\n!#$%&'*+-.^_`|~09: d\r\n\r\n", false, 0,
	  "none 0 keep [:method=GET][:path=/][:authority=c][:scheme=http][!#$%&'*+-.^_`|~09=d] end\n" },
	{ "an absolute target", "GET http://c/d HTTP/1.1\r\nHost: C\r\n\r\n", false, 0,
	  "none 0 keep [:method=GET][:path=/d][:authority=c][:scheme=http] end\n" },
	{ "an absolute target without a path", "GET HTTP://c HTTP/1.1\r\nHost: c\r\n\r\n", false, 0,
	  "none 0 keep [:method=GET][:path=/][:authority=c][:scheme=http] end\n" },
	{ "OPTIONS for all", "OPTIONS * HTTP/1.1\r\nHost: c\r\n\r\n", false, 0,
	  "none 0 keep [:method=OPTIONS][:path=*][:authority=c][:scheme=http] end\n" },
	{ "CONNECT", "CONNECT c:443 HTTP/1.1\r\nHost: c:443\r\n\r\n", false, 0,
	  "none 0 keep [:method=CONNECT][:authority=c:443][:scheme=http] end\n" },
	{ "a length", "POST / HTTP/1.1\r\nHost: c\r\nContent-Length: 5\r\n\r\nhello", false, 0,
	  "sized 5 keep [:method=POST][:path=/][:authority=c][:scheme=http][Content-Length=5] hello end\n" },
	{ "a length with zeros before", "POST / HTTP/1.1\r\nHost: c\r\nContent-Length: 0005\r\n\r\nhello", false, 0,
	  "sized 5 keep [:method=POST][:path=/][:authority=c][:scheme=http][Content-Length=0005] hello end\n" },
	{ "a length of zero", "POST / HTTP/1.1\r\nHost: c\r\nContent-Length: 0\r\n\r\n", false, 0,
	  "sized 0 keep [:method=POST][:path=/][:authority=c][:scheme=http][Content-Length=0] end\n" },
	{ "chunks", "POST / HTTP/1.1\r\nHost: c\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n00A;x=\"y\"\r\n0123456789\r\n0\r\n\r\n",
	  false, 0, "chunked 0 keep [:method=POST][:path=/][:authority=c][:scheme=http][Transfer-Encoding=Chunked] "
	  "hello0123456789 end\n" },
	{ "trailers", "POST / HTTP/1.1\r\nHost: c\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0;y\r\nA: b\r\nC:\r\n\r\n",
	  false, 0, "chunked 0 keep [:method=POST][:path=/][:authority=c][:scheme=http][Transfer-Encoding=chunked] "
	  "x end[A=b][C=]\n" },
	{ "two requests", "POST / HTTP/1.1\r\nHost: c\r\nContent-Length: 1\r\n\r\nxGET /b HTTP/1.1\r\nHost: c\r\n\r\n", false,
	  0, "sized 1 keep [:method=POST][:path=/][:authority=c][:scheme=http][Content-Length=1] x end\n"
	  "none 0 keep [:method=GET][:path=/b][:authority=c][:scheme=http] end\n" },
	{ "an upgrade", "GET / HTTP/1.1\r\nHost: c\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", false, 0,
	  "none 0 keep [:method=GET][:path=/][:authority=c][:scheme=http][Connection=Upgrade][Upgrade=websocket] end\n" },
	{ "an upgrade to HTTP/2 is forgotten",
	  "GET / HTTP/1.1\r\nHost: c\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n", false, 0,
	  "none 0 keep [:method=GET][:path=/][:authority=c][:scheme=http][Connection=Upgrade, HTTP2-Settings] end\n" },
	{ "a response", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", true, 0,
	  "sized 2 keep [:status=200][Content-Length=2] hi end\n" },
	{ "a response without a reason", "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi", true, 0,
	  "sized 2 keep [:status=200][Content-Length=2] hi end\n" },
	{ "a reason past ASCII", "HTTP/1.1 404 \xc3\xa9 \t!\r\nContent-Length: 0\r\n\r\n", true, 0,
	  "sized 0 keep [:status=404][Content-Length=0] end\n" },
	{ "a response in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: b\r\n\r\n", true, 0,
	  "chunked 0 keep [:status=200][Transfer-Encoding=chunked] hi end[A=b]\n" },
	{ "a response until the end", "HTTP/1.1 200 OK\r\n\r\nhello", true, 0, "close 0 last [:status=200] hello end\n" },
	{ "HTTP/1.0 until the end", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nhello", true, 0,
	  "close 0 last [:status=200][Connection=keep-alive] hello end\n" },
	{ "204", "HTTP/1.1 204 No Content\r\n\r\n", true, 0, "none 0 keep [:status=204] end\n" },
	{ "204 with a length of zero", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", true, 0,
	  "none 0 keep [:status=204][Content-Length=0] end\n" },
	{ "304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", true, 0,
	  "none 5 keep [:status=304][Content-Length=5] end\n" },
	{ "an answer to HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, HBK_HTTP_ASKED_HEAD,
	  "none 5 keep [:status=200][Content-Length=5] end\n" },
	{ "an answer to HEAD in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true, HBK_HTTP_ASKED_HEAD,
	  "none 0 keep [:status=200][Transfer-Encoding=chunked] end\n" },
	{ "100, then 200", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", true, 0,
	  "none 0 keep [:status=100] end\nsized 1 keep [:status=200][Content-Length=1] x end\n" },
	{ "an upgrade that was asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\n\r\n\0\1\2", true,
	  HBK_HTTP_ASKED_UPGRADE, "tunnel 0 keep [:status=101][Upgrade=a] raw" },
	{ "a tunnel", "HTTP/1.1 200 OK\r\n\r\nraw", true, HBK_HTTP_ASKED_CONNECT, "tunnel 0 keep [:status=200] raw" },
	{ "no tunnel", "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno", true, HBK_HTTP_ASKED_CONNECT,
	  "sized 2 keep [:status=403][Content-Length=2] no end\n" },
};

struct text {
	char bytes[TEXT_MAX];
	size_t length;
};

static void put(struct text *text, const void *data, size_t length)
{
	assert_true(text->length + length < TEXT_MAX);
	memcpy(text->bytes + text->length, data, length);
	text->length += length;
	text->bytes[text->length] = 0;
}

static void put_map(struct text *text, const struct hbk_map *map)
{
	u32 i;

	for (i = 0; i < map->count; i++) {
		put(text, "[", 1);
		put(text, map->pairs[i].name, map->pairs[i].name_length);
		put(text, "=", 1);
		put(text, map->pairs[i].value, map->pairs[i].value_length);
		put(text, "]", 1);
	}
}

static void put_head(struct text *text, const struct hbk_http_head *head)
{
	static const char *const framings[] = { "none", "sized", "chunked", "close", "tunnel" };
	char line[64];

	put(text, line, snprintf(line, sizeof(line), "%s %u %s ", framings[head->framing], (unsigned int)head->length,
				 head->persistent ? "keep" : "last"));
	put_map(text, &head->map);
	put(text, " ", 1);
}

static void next(struct hbk_http_parser *parser, u8 asked)
{
	hbk_http_parser_next(parser);
	parser->asked = asked;
}

static bool tell(struct text *text, struct hbk_http_parser *parser, enum hbk_http_event event, u8 asked, bool *body)
{
	switch (event) {
	case HBK_HTTP_HEAD:
		put_head(text, &parser->head);
		*body = false;
		return true;
	case HBK_HTTP_PIECE:
		put(text, parser->piece, parser->piece_length);
		*body = true;
		return true;
	case HBK_HTTP_END:
		put(text, *body ? " end" : "end", *body ? 4 : 3);
		put_map(text, &parser->trailers);
		put(text, "\n", 1);
		next(parser, asked);
		return true;
	case HBK_HTTP_RAW:
		put(text, "raw", 3);
		return false;
	case HBK_HTTP_REFUSED:
		put(text, hbk_http_refusal_text(parser->refusal), strlen(hbk_http_refusal_text(parser->refusal)));
		return false;
	default:
		return false;
	}
}

static void transcribe(struct text *text, const char *data, size_t length, size_t size, bool response, u8 asked)
{
	struct hbk_http_parser parser;
	struct test_heap heap;
	size_t piece, used;
	bool body = false, more = true;
	u8 *copy;

	text->length = 0;
	test_heap_init(&heap);
	hbk_http_parser_init(&parser, &heap.heap, response);
	parser.asked = asked;
	for (; length && more; data += piece, length -= piece) {
		size_t at = 0;
		enum hbk_http_event event;

		piece = length < size ? length : size;
		copy = malloc(piece);
		memcpy(copy, data, piece);
		do {
			event = hbk_http_parse(&parser, copy + at, piece - at, &used);
			at += used;
		} while (tell(text, &parser, event, asked, &body));
		more = event == HBK_HTTP_MORE;
		free(copy);
	}
	if (more)
		tell(text, &parser, hbk_http_parse_end(&parser), asked, &body);
	hbk_http_parser_release(&parser);
	assert_int_equal(heap.taken, 0);
}

static void understood(void **state)
{
	const struct message_row *row = *state;
	static const size_t sizes[] = { SIZE_MAX, 1, 2, 3, 11 };
	struct text text;
	size_t i;

	for (i = 0; i < ROWS(sizes); i++) {
		transcribe(&text, row->data, strlen(row->data), sizes[i], row->response, row->asked);
		assert_string_equal(text.bytes, row->expected);
	}
}

/* Writes a head again, as if a filter had changed it. */
static void rewrite(struct hbk_wasm_heap *heap, const struct message_row *row, struct hbk_buffer *to)
{
	struct hbk_http_parser parser;
	size_t used;

	hbk_http_parser_init(&parser, heap, row->response);
	parser.asked = row->asked;
	assert_int_equal(hbk_http_parse(&parser, (const u8 *)row->data, strlen(row->data), &used), HBK_HTTP_HEAD);
	assert_int_equal(hbk_http_write_head(to, &parser.head), 0);
	assert_int_equal(hbk_buffer_append(to, row->data + used, strlen(row->data) - used), 0);
	hbk_http_parser_release(&parser);
}

static void rewritten(void **state)
{
	const struct message_row *row = *state;
	struct hbk_buffer to;
	struct test_heap heap;
	struct text text;

	test_heap_init(&heap);
	hbk_buffer_init(&to, &heap.heap, 65536);
	rewrite(&heap.heap, row, &to);
	transcribe(&text, (const char *)hbk_buffer_data(&to), to.length, SIZE_MAX, row->response, row->asked);
	assert_string_equal(text.bytes, row->expected);
	hbk_buffer_release(&to);
	assert_int_equal(heap.taken, 0);
}

/* Each allocation fails once: that is told, and nothing is lost. */
static void starved(void **state)
{
	const struct message_row *row = *state;
	struct hbk_http_parser parser;
	enum hbk_http_event event;
	struct test_heap heap;
	size_t at = 0, used, rest;
	const u8 *data;
	bool told;

	do {
		at++;
		data = (const u8 *)row->data;
		rest = strlen(row->data);
		test_heap_init(&heap);
		heap.fail_at = at;
		hbk_http_parser_init(&parser, &heap.heap, row->response);
		parser.asked = row->asked;
		do {
			event = hbk_http_parse(&parser, data, rest, &used);
			data += used;
			rest -= used;
			if (event == HBK_HTTP_END)
				next(&parser, row->asked);
		} while (event != HBK_HTTP_MORE && event != HBK_HTTP_RAW && event != HBK_HTTP_REFUSED);
		told = event == HBK_HTTP_REFUSED;
		if (told)
			assert_int_equal(parser.refusal, HBK_HTTP_NO_MEMORY);
		hbk_http_parser_release(&parser);
		assert_int_equal(heap.taken, 0);
	} while (told);
	assert_true(heap.allocations < at);
}

void add_message_tests(struct tests *tests)
{
	size_t i;

	for (i = 0; i < ROWS(rows); i++) {
		tests_add(tests, rows[i].name, understood, &rows[i]);
		tests_add(tests, rows[i].name, rewritten, &rows[i]);
		tests_add(tests, rows[i].name, starved, &rows[i]);
	}
}
