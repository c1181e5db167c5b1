// SPDX-License-Identifier: GPL-2.0-only
/* HTTP as a client: requests that are written, answers that are read. */
#include "../call.h"
#include "tests.h"

struct request_row {
	const char *name;
	const char *fields[6];		/* name, value, ... */
	const char *body;
	const char *trailers[3];
	const char *expected;
};

#define START	"POST /x HTTP/1.1\r\nHost: h\r\n"

static const struct request_row requests[] = {
	{ "without a body", { "A", "b" }, "", { NULL }, START "A: b\r\nConnection: close\r\n\r\n" },
	{ "with a body", { "A", "b" }, "hi", { NULL },
	  START "A: b\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi" },
	{ "with a wrong length", { "content-length", "7" }, "hi", { NULL },
	  START "content-length: 2\r\nConnection: close\r\n\r\nhi" },
	{ "with a length and no body", { "content-length", "7" }, "", { NULL },
	  START "content-length: 0\r\nConnection: close\r\n\r\n" },
	{ "with another connection", { "Connection", "keep-alive", "Transfer-Encoding", "chunked" }, "", { NULL },
	  START "Connection: close\r\n\r\n" },
	{ "with trailers", { "A", "b" }, "hi", { "T", "u" },
	  START "A: b\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nT: u\r\n\r\n" },
	{ "with trailers and no body", { NULL }, "", { "T", "u" },
	  START "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: u\r\n\r\n" },
};

static void append(struct hbk_map *map, const char *const *fields)
{
	for (; *fields; fields += 2)
		assert_int_equal(hbk_map_append(map, fields[0], strlen(fields[0]), fields[1], strlen(fields[1])), 0);
}

static void written(void **state)
{
	static const char *const pseudo[] = { ":method", "POST", ":path", "/x", ":authority", "h", ":scheme", "http", NULL };
	const struct request_row *row = *state;
	struct hbk_map headers, trailers;
	struct test_heap heap;
	struct hbk_buffer to;

	test_heap_init(&heap);
	hbk_map_init(&headers, &heap.heap, HBK_MAP_REQUEST);
	hbk_map_init(&trailers, &heap.heap, HBK_MAP_FIELDS);
	hbk_buffer_init(&to, &heap.heap, 4096);
	append(&headers, pseudo);
	append(&headers, row->fields);
	append(&trailers, row->trailers);
	assert_int_equal(hbk_http_call_write(&to, &headers, (const u8 *)row->body, strlen(row->body), &trailers), 0);
	assert_int_equal(hbk_buffer_append(&to, "", 1), 0);
	assert_string_equal((const char *)hbk_buffer_data(&to), row->expected);
	hbk_buffer_release(&to);
	hbk_map_clear(&headers);
	hbk_map_clear(&trailers);
	assert_int_equal(heap.taken, 0);
}

struct answer_row {
	const char *name;
	const char *data;
	bool to_head;
	bool ended;
	int err;
	const char *status;
	const char *body;
	u32 trailers;
};

static const struct answer_row answers[] = {
	{ "nothing", "", false, false, -EAGAIN },
	{ "nothing, and the end", "", false, true, -EINVAL },
	{ "half a head", "HTTP/1.1 200 OK\r\nA:", false, false, -EAGAIN },
	{ "half a head, and the end", "HTTP/1.1 200 OK\r\nA:", false, true, -EINVAL },
	{ "by length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", false, false, 0, "200", "hi" },
	{ "by length, half of it", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh", false, false, -EAGAIN },
	{ "by length, half of it, and the end", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nh", false, true, -EINVAL },
	{ "in chunks", "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\nT: u\r\n\r\n", false, false, 0,
	  "404", "hi", 1 },
	{ "until the end", "HTTP/1.1 200 OK\r\n\r\nhi", false, false, -EAGAIN },
	{ "until the end, and the end", "HTTP/1.1 200 OK\r\n\r\nhi", false, true, 0, "200", "hi" },
	{ "behind interim ones", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 204 No\r\n\r\n", false,
	  false, 0, "204", "" },
	{ "to HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", true, false, 0, "200", "" },
	{ "bytes behind it", "HTTP/1.1 204 No\r\n\r\nHTTP/1.1", false, false, 0, "204", "" },
	{ "no HTTP", "SSH-2.0\r\n", false, true, -EINVAL },
	{ "an upgrade", "HTTP/1.1 101 Up\r\n\r\n", false, false, -EINVAL },
	{ "a body too long", "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n01234567890123456789", false, false, -E2BIG },
};

static void answered(void **state)
{
	const struct answer_row *row = *state;
	const struct hbk_map_pair *status;
	struct hbk_map headers, trailers;
	struct hbk_buffer body;
	struct test_heap heap;

	test_heap_init(&heap);
	hbk_map_init(&headers, &heap.heap, HBK_MAP_RESPONSE);
	hbk_map_init(&trailers, &heap.heap, HBK_MAP_FIELDS);
	hbk_buffer_init(&body, &heap.heap, 16);
	assert_int_equal(hbk_http_answer_parse(&heap.heap, row->to_head, (const u8 *)row->data, strlen(row->data),
					       row->ended, &headers, &body, &trailers), row->err);
	if (!row->err) {
		status = hbk_map_field(&headers, ":status");
		assert_non_null(status);
		assert_string_equal((const char *)status->value, row->status);
		assert_int_equal(body.length, strlen(row->body));
		if (body.length)
			assert_memory_equal(hbk_buffer_data(&body), row->body, body.length);
		assert_int_equal(trailers.count, row->trailers);
	}
	hbk_buffer_release(&body);
	hbk_map_clear(&headers);
	hbk_map_clear(&trailers);
	assert_int_equal(heap.taken, 0);
}

void add_call_tests(struct tests *tests)
{
	size_t i;

	for (i = 0; i < ROWS(requests); i++)
		tests_add(tests, requests[i].name, written, &requests[i]);
	for (i = 0; i < ROWS(answers); i++)
		tests_add(tests, answers[i].name, answered, &answers[i]);
}
