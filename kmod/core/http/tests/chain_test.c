// SPDX-License-Identifier: GPL-2.0-only
/* The HTTP mode of a chain: what filters are shown, and what comes out, exchange by exchange. */
#include <stdlib.h>

#include "../../proxy/chain_http.h"
#include "puppet.h"
#include "tests.h"

#define STEPS_MAX	12

/*
 * A step: ">" bytes of the client, "<" of the server, "}" and "{" the same and
 * the end; "!" and a puppet's number: out of turn it carries on the request
 * (q) or the response (r), closes (c), answers (a) or is poisoned (t).
 */
struct chain_row {
	const char *name;
	puppet_guest guests[PUPPETS_MAX];
	u64 lacks;
	bool open;
	const char *steps[STEPS_MAX];
	const char *expected;
};

#define NO_BODIES	(1ull << HBK_CALLBACK_REQUEST_BODY | 1ull << HBK_CALLBACK_RESPONSE_BODY)
#define NO_LIFE		(1ull << HBK_CALLBACK_CONTEXT_CREATE | 1ull << HBK_CALLBACK_DONE | 1ull << HBK_CALLBACK_LOG | \
			 1ull << HBK_CALLBACK_DELETE)

static u32 passes(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream, const u64 *values)
{
	(void)puppet, (void)callback, (void)stream, (void)values;
	return HBK_PROXY_CONTINUE;
}

static u32 stamps(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream, const u64 *values)
{
	const char text[] = { 'f', '0' + puppet->index, 0 };

	(void)values;
	if (callback == HBK_CALLBACK_REQUEST_HEADERS)
		puppet_add(stream, HBK_PROXY_REQUEST_HEADERS, "X", text);
	if (callback == HBK_CALLBACK_RESPONSE_HEADERS)
		puppet_add(stream, HBK_PROXY_RESPONSE_HEADERS, "Y", text);
	if (callback == HBK_CALLBACK_REQUEST_TRAILERS)
		puppet_add(stream, HBK_PROXY_REQUEST_TRAILERS, "T", text);
	/* Too late: the head has gone on. */
	if (callback == HBK_CALLBACK_REQUEST_BODY)
		puppet_add(stream, HBK_PROXY_REQUEST_HEADERS, "Late", text);
	return HBK_PROXY_CONTINUE;
}

static u32 grows(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream, const u64 *values)
{
	(void)puppet, (void)values;
	if (callback == HBK_CALLBACK_REQUEST_BODY)
		puppet_body(stream, HBK_PROXY_REQUEST_BODY, 0, 0, "<");
	if (callback == HBK_CALLBACK_RESPONSE_BODY)
		puppet_body(stream, HBK_PROXY_RESPONSE_BODY, 0, 0, "<");
	return HBK_PROXY_CONTINUE;
}

static u32 holds_heads(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream, const u64 *values)
{
	(void)puppet, (void)stream, (void)values;
	return callback == HBK_CALLBACK_REQUEST_HEADERS || callback == HBK_CALLBACK_RESPONSE_HEADERS ?
		HBK_PROXY_PAUSE : HBK_PROXY_CONTINUE;
}

static u32 holds_bodies(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream, const u64 *values)
{
	(void)puppet, (void)stream;
	return (callback == HBK_CALLBACK_REQUEST_BODY || callback == HBK_CALLBACK_RESPONSE_BODY) && !values[2] ?
		HBK_PROXY_PAUSE : HBK_PROXY_CONTINUE;
}

static u32 holds_trailers(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream,
			  const u64 *values)
{
	(void)puppet, (void)stream, (void)values;
	return callback == HBK_CALLBACK_REQUEST_BODY || callback == HBK_CALLBACK_REQUEST_TRAILERS ? HBK_PROXY_PAUSE :
		HBK_PROXY_CONTINUE;
}

static u32 holds_trailers_only(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream,
			       const u64 *values)
{
	(void)puppet, (void)stream, (void)values;
	return callback == HBK_CALLBACK_REQUEST_TRAILERS ? HBK_PROXY_PAUSE : HBK_PROXY_CONTINUE;
}

static u32 holds_ends(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream, const u64 *values)
{
	(void)puppet, (void)stream, (void)values;
	return callback == HBK_CALLBACK_REQUEST_BODY ? HBK_PROXY_PAUSE : HBK_PROXY_CONTINUE;
}

static u32 pauses_and_carries_on(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream,
				 const u64 *values)
{
	(void)puppet, (void)values;
	if (callback != HBK_CALLBACK_REQUEST_HEADERS)
		return HBK_PROXY_CONTINUE;
	stream->ops->carry_on(stream, HBK_PROXY_HTTP_REQUEST);
	return HBK_PROXY_PAUSE;
}

static u32 denies(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream, const u64 *values)
{
	(void)puppet, (void)values;
	if (callback != HBK_CALLBACK_REQUEST_HEADERS)
		return HBK_PROXY_CONTINUE;
	puppet_respond(stream, 403, "no");
	return HBK_PROXY_PAUSE;
}

static u32 denies_bodies(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream,
			 const u64 *values)
{
	(void)puppet, (void)values;
	if (callback == HBK_CALLBACK_REQUEST_BODY)
		puppet_respond(stream, 403, "no");
	return HBK_PROXY_CONTINUE;
}

static u32 denies_responses(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream,
			    const u64 *values)
{
	(void)puppet, (void)values;
	if (callback == HBK_CALLBACK_RESPONSE_HEADERS)
		puppet_respond(stream, 500, "bad");
	return HBK_PROXY_CONTINUE;
}

static u32 closes(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream, const u64 *values)
{
	(void)puppet, (void)values;
	if (callback == HBK_CALLBACK_REQUEST_HEADERS)
		stream->ops->close(stream, HBK_PROXY_HTTP_REQUEST);
	return HBK_PROXY_CONTINUE;
}

static u32 traps_at_once(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream,
			 const u64 *values)
{
	(void)puppet, (void)stream, (void)values;
	return callback == HBK_CALLBACK_REQUEST_HEADERS ? PUPPET_TRAPS : HBK_PROXY_CONTINUE;
}

static u32 traps_at_create(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream,
			   const u64 *values)
{
	(void)puppet, (void)stream, (void)values;
	return callback == HBK_CALLBACK_CONTEXT_CREATE ? PUPPET_TRAPS : HBK_PROXY_CONTINUE;
}

static u32 traps_at_end(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream,
			const u64 *values)
{
	(void)puppet, (void)stream;
	if (callback == HBK_CALLBACK_REQUEST_BODY)
		return values[2] ? PUPPET_TRAPS : HBK_PROXY_PAUSE;
	return HBK_PROXY_CONTINUE;
}

static u32 lingers(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream, const u64 *values)
{
	(void)puppet, (void)stream, (void)values;
	return callback == HBK_CALLBACK_DONE;
}

/* What is there may be read until the very end, and nothing of another stage's. */
static u32 reads(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream, const u64 *values)
{
	bool writable = false;

	(void)values;
	if (callback == HBK_CALLBACK_LOG || callback == HBK_CALLBACK_REQUEST_HEADERS ||
	    callback == HBK_CALLBACK_CONTEXT_CREATE)
		stage_note(puppet->stage, "%u sees%s%s\n", puppet->index,
			   stream->ops->map(stream, HBK_PROXY_REQUEST_HEADERS, &writable) ? " request" : "",
			   stream->ops->map(stream, HBK_PROXY_RESPONSE_HEADERS, &writable) ? " response" : "");
	return HBK_PROXY_CONTINUE;
}

static u32 rewrites(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream, const u64 *values)
{
	(void)puppet, (void)values;
	if (callback == HBK_CALLBACK_REQUEST_HEADERS) {
		puppet_replace(stream, HBK_PROXY_REQUEST_HEADERS, ":path", "/new");
		puppet_replace(stream, HBK_PROXY_REQUEST_HEADERS, "host", "b");
		puppet_remove(stream, HBK_PROXY_REQUEST_HEADERS, "a");
	}
	if (callback == HBK_CALLBACK_RESPONSE_HEADERS)
		puppet_replace(stream, HBK_PROXY_RESPONSE_HEADERS, ":status", "204");
	return HBK_PROXY_CONTINUE;
}

static u32 asks_otherwise(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream,
			  const u64 *values)
{
	(void)puppet, (void)values;
	if (callback == HBK_CALLBACK_REQUEST_HEADERS)
		puppet_replace(stream, HBK_PROXY_REQUEST_HEADERS, ":method", "PUT");
	return HBK_PROXY_CONTINUE;
}

static u32 drops_lengths(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream,
			 const u64 *values)
{
	(void)puppet, (void)values;
	puppet_remove(stream, HBK_PROXY_REQUEST_HEADERS, "content-length");
	puppet_remove(stream, HBK_PROXY_REQUEST_HEADERS, "transfer-encoding");
	if (callback == HBK_CALLBACK_RESPONSE_HEADERS) {
		puppet_remove(stream, HBK_PROXY_RESPONSE_HEADERS, "content-length");
		puppet_add(stream, HBK_PROXY_RESPONSE_HEADERS, "Connection", "close");
	}
	return HBK_PROXY_CONTINUE;
}

static u32 smuggles(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream, const u64 *values)
{
	(void)puppet, (void)values;
	if (callback == HBK_CALLBACK_REQUEST_HEADERS) {
		puppet_add(stream, HBK_PROXY_REQUEST_HEADERS, "Content-Length", "7");
		puppet_add(stream, HBK_PROXY_REQUEST_HEADERS, "Transfer-Encoding", "chunked");
		puppet_add(stream, HBK_PROXY_REQUEST_HEADERS, "B", "c\r\nD: e");
	}
	return HBK_PROXY_CONTINUE;
}

static u32 smuggles_back(struct puppet *puppet, enum hbk_callback callback, struct hbk_stream *stream,
			 const u64 *values)
{
	(void)puppet, (void)values;
	if (callback == HBK_CALLBACK_RESPONSE_HEADERS)
		puppet_add(stream, HBK_PROXY_RESPONSE_HEADERS, "Content-Length", "chunked");
	return HBK_PROXY_CONTINUE;
}

#define GET	"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define POST	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
#define CHUNKED	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
#define GET_UP	"up GET / HTTP/1.1\\nHost: a\\n\\n\n"
#define OK_DOWN	"down HTTP/1.1 200 OK\\nContent-Length: 2\\n\\nok\n"
#define NO	"down HTTP/1.1 403 Forbidden\\ncontent-length: 2\\n\\nno\n"
#define NO_CLOSE "down HTTP/1.1 403 Forbidden\\ncontent-length: 2\\nconnection: close\\n\\nno\nclose\n"
#define REFUSED(status) "down HTTP/1.1 " status "\\ncontent-length: 0\\nconnection: close\\n\\n\nclose\n"

static const struct chain_row rows[] = {
	{ "no filter: an exchange", { NULL }, 0, false, { ">" GET, "<" OK, ">" GET, "<" OK }, GET_UP OK_DOWN GET_UP OK_DOWN },
	{ "no filter: a malformed request", { NULL }, 0, false,
	  { ">GET  / HTTP/1.1\r\n\r\n" }, REFUSED("400 Bad Request") },
	{ "no filter: odd spaces stay", { NULL }, 0, false,
	  { ">GET / HTTP/1.1\r\nhOST:a \r\nA:\t b\r\n\r\n", "<HTTP/1.1 200 Fine \r\ncontent-length:0\r\n\r\n" },
	  "up GET / HTTP/1.1\\nhOST:a \\nA:\t b\\n\\n\ndown HTTP/1.1 200 Fine \\ncontent-length:0\\n\\n\n" },
	{ "life of an exchange", { passes, passes }, 0, false, { ">" GET, "<" OK },
	  "0 create\n1 create\n0 request_headers(4,1)\n1 request_headers(4,1)\n" GET_UP
	  "1 response_headers(2,0)\n1 response_body(2,1)\n0 response_headers(2,0)\n0 response_body(2,1)\n"
	  "0 done\n0 log\n0 delete\n1 done\n1 log\n1 delete\n" OK_DOWN },
	{ "fields are added, in the order of the filters", { stamps, stamps }, NO_LIFE | NO_BODIES, false,
	  { ">" GET, "<" OK },
	  "0 request_headers(4,1)\n1 request_headers(5,1)\nup GET / HTTP/1.1\\nHost: a\\nX: f0\\nX: f1\\n\\n\n"
	  "1 response_headers(2,0)\n0 response_headers(3,0)\n"
	  "down HTTP/1.1 200 OK\\nContent-Length: 2\\nY: f1\\nY: f0\\n\\nok\n" },
	{ "path, host and status are changed", { rewrites }, NO_LIFE | NO_BODIES, false,
	  { ">GET /old HTTP/1.1\r\nA: 1\r\nB: 2\r\nHOST: a\r\nC: 3\r\n\r\n", "<" OK },
	  "0 request_headers(7,1)\nup GET /new HTTP/1.1\\nB: 2\\nC: 3\\nHOST: b\\n\\n\n"
	  "0 response_headers(2,0)\ndown HTTP/1.1 204 No Content\\n\\n\n" },
	{ "what becomes a 204 says nothing of a body", { rewrites }, NO_LIFE | NO_BODIES, false,
	  { ">" GET, "<HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n" },
	  "0 request_headers(4,1)\nup GET /new HTTP/1.1\\nHost: b\\n\\n\n"
	  "0 response_headers(2,1)\ndown HTTP/1.1 204 No Content\\n\\n\n" },
	{ "a 204 stays as it came", { stamps }, NO_LIFE | NO_BODIES, false,
	  { ">" GET, "<HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n" },
	  "0 request_headers(4,1)\nup GET / HTTP/1.1\\nHost: a\\nX: f0\\n\\n\n"
	  "0 response_headers(2,1)\ndown HTTP/1.1 204 No Content\\nContent-Length: 0\\nY: f0\\n\\n\n" },
	{ "another method", { asks_otherwise }, NO_LIFE | NO_BODIES, false, { ">" GET },
	  "0 request_headers(4,1)\nup PUT / HTTP/1.1\\nHost: a\\n\\n\n" },
	{ "only OPTIONS asks for the server as such", { asks_otherwise }, NO_LIFE | NO_BODIES, false,
	  { ">OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" },
	  "0 request_headers(4,1)\nup OPTIONS * HTTP/1.1\\nHost: a\\n\\n\n" },
	{ "an absolute target stays one", { rewrites }, NO_LIFE | NO_BODIES, false,
	  { ">GET http://a/old HTTP/1.1\r\nHost: a\r\n\r\n" },
	  "0 request_headers(4,1)\nup GET http://b/new HTTP/1.1\\nHost: b\\n\\n\n" },
	{ "a filter cannot smuggle", { smuggles }, NO_LIFE | NO_BODIES, false, { ">" GET },
	  "0 request_headers(4,1)\nup GET / HTTP/1.1\\nHost: a\\nContent-Length: 0\\n\\n\n" },
	{ "nor when there is a body", { smuggles }, NO_LIFE | NO_BODIES, false, { ">" POST "hello" },
	  "0 request_headers(5,0)\nup POST / HTTP/1.1\\nHost: a\\nContent-Length: 5\\n\\nhello\n" },
	{ "nor with chunks", { smuggles }, NO_LIFE | NO_BODIES, false, { ">" CHUNKED "5\r\nhello\r\n0\r\n\r\n" },
	  "0 request_headers(5,0)\nup POST / HTTP/1.1\\nHost: a\\nTransfer-Encoding: chunked\\n\\n5\\nhello\\n0\\n\\n\n" },
	{ "nor in an answer to HEAD", { smuggles_back }, NO_LIFE, false,
	  { ">HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "<HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" },
	  "0 request_headers(4,1)\nup HEAD / HTTP/1.1\\nHost: a\\n\\n\n0 response_headers(2,1)\n"
	  "down HTTP/1.1 200 OK\\n\\n\n" },
	{ "a length that a filter took out comes back", { drops_lengths }, NO_LIFE | NO_BODIES, false,
	  { ">" POST "he", ">llo" },
	  "0 request_headers(5,0)\nup POST / HTTP/1.1\\nHost: a\\nContent-Length: 5\\n\\nhe\nup llo\n" },
	{ "a filter ends the connection by its field", { drops_lengths }, NO_LIFE | NO_BODIES, false, { ">" GET, "<" OK },
	  "0 request_headers(4,1)\n" GET_UP "0 response_headers(2,0)\n"
	  "down HTTP/1.1 200 OK\\nConnection: close\\nContent-Length: 2\\n\\nok\nclose\n" },

	{ "a body in pieces, unseen by filters", { passes }, NO_LIFE | NO_BODIES, false, { ">" POST "he", ">llo", "<" OK },
	  "0 request_headers(5,0)\nup POST / HTTP/1.1\\nHost: a\\nContent-Length: 5\\n\\nhe\nup llo\n"
	  "0 response_headers(2,0)\n" OK_DOWN },
	{ "a body in pieces waits for its end", { passes }, NO_LIFE, false, { ">" POST "he", ">llo" },
	  "0 request_headers(5,0)\n0 request_body(2,0)\n0 request_body(3,1)\n"
	  "up POST / HTTP/1.1\\nHost: a\\nContent-Length: 5\\n\\nhello\n" },
	{ "a body that grows gets its new length", { grows }, NO_LIFE, false, { ">" POST "he", ">llo", "<" OK },
	  "0 request_headers(5,0)\n0 request_body(2,0)\n0 request_body(3,1)\n"
	  "up POST / HTTP/1.1\\nHost: a\\nContent-Length: 7\\n\\n<he<llo\n"
	  "0 response_headers(2,0)\n0 response_body(2,1)\ndown HTTP/1.1 200 OK\\nContent-Length: 3\\n\\n<ok\n" },
	{ "who waits for 100 gets it", { grows }, NO_LIFE, false,
	  { ">POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
	    "<HTTP/1.1 100 Continue\r\n\r\n", ">hello" },
	  "0 request_headers(6,0)\n"
	  "up POST / HTTP/1.1\\nHost: a\\nExpect: 100-continue\\nTransfer-Encoding: chunked\\n\\n\n"
	  "down HTTP/1.1 100 Continue\\n\\n\n0 request_body(5,1)\nup 6\\n<hello\\n0\\n\\n\n" },
	{ "chunks", { grows }, NO_LIFE, false, { ">" CHUNKED "2\r\nhe\r\n3\r\nllo\r\n", ">1;x\r\n!\r\n", ">0\r\n\r\n" },
	  "0 request_headers(5,0)\n0 request_body(5,0)\n"
	  "up POST / HTTP/1.1\\nHost: a\\nTransfer-Encoding: chunked\\n\\n6\\n<hello\\n\n"
	  "0 request_body(1,0)\nup 2\\n<!\\n\n0 request_body(0,1)\nup 1\\n<\\n0\\n\\n\n" },
	{ "an empty body in chunks", { passes }, NO_LIFE, false, { ">" CHUNKED "0\r\n\r\n" },
	  "0 request_headers(5,0)\n0 request_body(0,1)\n"
	  "up POST / HTTP/1.1\\nHost: a\\nTransfer-Encoding: chunked\\n\\n0\\n\\n\n" },
	{ "trailers", { stamps }, NO_LIFE, false, { ">" CHUNKED "2\r\nhe\r\n0\r\nA: b\r\n\r\n" },
	  "0 request_headers(5,0)\n0 request_body(2,0)\n0 request_trailers(1)\n"
	  "up POST / HTTP/1.1\\nHost: a\\nTransfer-Encoding: chunked\\nX: f0\\n\\n2\\nhe\\n0\\nA: b\\nT: f0\\n\\n\n" },
	{ "trailers without a body", { passes }, NO_LIFE, false, { ">" CHUNKED "0\r\nA: b\r\n\r\n" },
	  "0 request_headers(5,0)\n0 request_trailers(1)\n"
	  "up POST / HTTP/1.1\\nHost: a\\nTransfer-Encoding: chunked\\n\\n0\\nA: b\\n\\n\n" },
	{ "a response until the end", { grows }, NO_LIFE, false,
	  { ">" GET, "<HTTP/1.1 200 OK\r\n\r\nhe", "{llo" },
	  "0 request_headers(4,1)\n" GET_UP "0 response_headers(1,0)\n0 response_body(2,0)\n"
	  "down HTTP/1.1 200 OK\\n\\n<he\n0 response_body(3,1)\ndown <llo\ndown end\n" },
	{ "an answer to HEAD", { grows }, NO_LIFE, false,
	  { ">HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "<HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", ">" GET },
	  "0 request_headers(4,1)\nup HEAD / HTTP/1.1\\nHost: a\\n\\n\n0 response_headers(2,1)\n"
	  "down HTTP/1.1 200 OK\\nContent-Length: 2\\n\\n\n0 request_headers(4,1)\n" GET_UP },
	{ "304 with a length", { passes }, NO_LIFE, false,
	  { ">" GET, "<HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n" },
	  "0 request_headers(4,1)\n" GET_UP "0 response_headers(2,1)\n"
	  "down HTTP/1.1 304 Not Modified\\nContent-Length: 2\\n\\n\n" },

	{ "heads that are held", { holds_heads, passes }, NO_LIFE, false,
	  { ">" POST "hello", "!0q", "<" OK, "!0r" },
	  "0 request_headers(5,0)\n0 request_body(5,1)\n1 request_headers(5,0)\n1 request_body(5,1)\n"
	  "up POST / HTTP/1.1\\nHost: a\\nContent-Length: 5\\n\\nhello\n"
	  "1 response_headers(2,0)\n1 response_body(2,1)\n0 response_headers(2,0)\n0 response_body(2,1)\n" OK_DOWN },
	{ "bodies that are held", { holds_bodies, passes }, NO_LIFE, false, { ">" CHUNKED "2\r\nhe\r\n", ">3\r\nllo\r\n0\r\n\r\n" },
	  "0 request_headers(5,0)\n0 request_body(2,0)\n1 request_headers(5,0)\n"
	  "up POST / HTTP/1.1\\nHost: a\\nTransfer-Encoding: chunked\\n\\n\n"
	  "0 request_body(5,1)\n1 request_body(5,1)\nup 5\\nhello\\n0\\n\\n\n" },
	{ "a held body that is let go is not shown again", { holds_bodies, passes }, NO_LIFE, false,
	  { ">" CHUNKED "2\r\nhe\r\n", "!0q", ">3\r\nllo\r\n0\r\n\r\n" },
	  "0 request_headers(5,0)\n0 request_body(2,0)\n1 request_headers(5,0)\n"
	  "up POST / HTTP/1.1\\nHost: a\\nTransfer-Encoding: chunked\\n\\n\n"
	  "1 request_body(2,0)\nup 2\\nhe\\n\n0 request_body(3,1)\n1 request_body(3,1)\nup 3\\nllo\\n0\\n\\n\n" },
	{ "a whole body that the second filter holds is shown once", { passes, holds_ends }, NO_LIFE, false,
	  { ">" POST "hello", "!0q", "!1q" },
	  "0 request_headers(5,0)\n0 request_body(5,1)\n1 request_headers(5,0)\n1 request_body(5,1)\n"
	  "up POST / HTTP/1.1\\nHost: a\\nContent-Length: 5\\n\\nhello\n" },
	{ "trailers that are held hold the body", { holds_trailers }, NO_LIFE, false,
	  { ">" CHUNKED "2\r\nhe\r\n0\r\nA: b\r\n\r\n", "!0q" },
	  "0 request_headers(5,0)\n0 request_body(2,0)\n0 request_trailers(1)\n"
	  "up POST / HTTP/1.1\\nHost: a\\nTransfer-Encoding: chunked\\n\\n\nup 2\\nhe\\n0\\nA: b\\n\\n\n" },
	{ "trailers that are held do not hold a body that was let go", { holds_trailers_only }, NO_LIFE, false,
	  { ">" CHUNKED "2\r\nhe\r\n0\r\nA: b\r\n\r\n", "!0q" },
	  "0 request_headers(5,0)\n0 request_body(2,0)\n0 request_trailers(1)\n"
	  "up POST / HTTP/1.1\\nHost: a\\nTransfer-Encoding: chunked\\n\\n2\\nhe\\n\nup 0\\nA: b\\n\\n\n" },
	{ "carrying on within the callback", { pauses_and_carries_on }, NO_LIFE, false, { ">" GET },
	  "0 request_headers(4,1)\n" GET_UP },
	{ "carrying on what nobody holds is nothing", { holds_bodies }, NO_LIFE, false,
	  { ">" CHUNKED, "!0q", ">2\r\nhe\r\n" },
	  "0 request_headers(5,0)\nup POST / HTTP/1.1\\nHost: a\\nTransfer-Encoding: chunked\\n\\n\n0 request_body(2,0)\n" },

	{ "pipelined requests go one by one", { passes }, NO_LIFE | NO_BODIES, false, { ">" GET GET, "<" OK, "<" OK },
	  "0 request_headers(4,1)\n" GET_UP "0 response_headers(2,0)\n0 request_headers(4,1)\n" GET_UP OK_DOWN
	  "0 response_headers(2,0)\n" OK_DOWN },
	{ "no request follows the last one", { NULL }, 0, false,
	  { ">GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" GET, "{" OK },
	  "up GET / HTTP/1.1\\nHost: a\\nConnection: close\\n\\n\n" OK_DOWN "down end\n" },
	{ "the client's end", { passes }, NO_LIFE | NO_BODIES, false, { "}" GET, "<" OK },
	  "0 request_headers(4,1)\n" GET_UP "up end\n0 response_headers(2,0)\nup end\n" OK_DOWN },
	{ "the server's end between exchanges", { passes }, NO_LIFE | NO_BODIES, false, { ">" GET, "<" OK, "{" },
	  "0 request_headers(4,1)\n" GET_UP "0 response_headers(2,0)\n" OK_DOWN "down end\n" },
	{ "the server ends without an answer", { passes }, NO_LIFE | NO_BODIES, false, { ">" GET, "{" },
	  "0 request_headers(4,1)\n" GET_UP "down end\n" },
	{ "an answer before the request is complete", { passes }, NO_LIFE | NO_BODIES, false,
	  { ">" POST "he", "<" OK, ">llo" GET },
	  "0 request_headers(5,0)\nup POST / HTTP/1.1\\nHost: a\\nContent-Length: 5\\n\\nhe\n0 response_headers(2,0)\n" OK_DOWN
	  "0 request_headers(4,1)\nup lloGET / HTTP/1.1\\nHost: a\\n\\n\n" },

	{ "an upgrade", { passes }, NO_LIFE, false,
	  { ">GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nraw", "<HTTP/1.1 101 Go\r\nUpgrade: x\r\n\r\nRAW",
	    ">more", "{MORE", "}" },
	  "0 request_headers(6,1)\nup GET / HTTP/1.1\\nHost: a\\nConnection: upgrade\\nUpgrade: x\\n\\n\n"
	  "0 response_headers(2,0)\nup raw\ndown HTTP/1.1 101 Go\\nUpgrade: x\\n\\nRAW\nup more\ndown MORE\ndown end\n"
	  "up end\ndown end\n" },
	{ "no upgrade", { passes }, NO_LIFE | NO_BODIES, false,
	  { ">GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n" GET, "<" OK },
	  "0 request_headers(6,1)\nup GET / HTTP/1.1\\nHost: a\\nConnection: upgrade\\nUpgrade: x\\n\\n\n"
	  "0 response_headers(2,0)\n0 request_headers(4,1)\n" GET_UP OK_DOWN },
	{ "an upgrade that nobody asked for", { passes }, NO_LIFE | NO_BODIES, false,
	  { ">" GET, "<HTTP/1.1 101 Go\r\nUpgrade: x\r\n\r\n" },
	  "0 request_headers(4,1)\n" GET_UP REFUSED("502 Bad Gateway") },
	{ "no upgrade to HTTP/2", { passes }, NO_LIFE | NO_BODIES, false,
	  { ">GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n",
	    "<HTTP/1.1 101 Go\r\nUpgrade: h2c\r\n\r\n" },
	  "0 request_headers(5,1)\nup GET / HTTP/1.1\\nHost: a\\nConnection: Upgrade, HTTP2-Settings\\n\\n\n"
	  REFUSED("502 Bad Gateway") },
	{ "CONNECT", { passes }, NO_LIFE, false,
	  { ">CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nraw", "<HTTP/1.1 200 OK\r\n\r\nRAW" },
	  "0 request_headers(3,1)\nup CONNECT a:1 HTTP/1.1\\nHost: a:1\\n\\n\n0 response_headers(1,0)\n"
	  "up raw\ndown HTTP/1.1 200 OK\\n\\nRAW\n" },
	{ "CONNECT through a filter that stamps", { stamps }, NO_LIFE | NO_BODIES, false,
	  { ">CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n" },
	  "0 request_headers(3,1)\nup CONNECT a:1 HTTP/1.1\\nHost: a:1\\nX: f0\\n\\n\n" },

	{ "a filter answers", { denies, passes }, NO_LIFE, false, { ">" GET, ">" GET },
	  "0 request_headers(4,1)\n1 response_headers(2,0)\n1 response_body(2,1)\n0 response_headers(2,0)\n0 response_body(2,1)\n" NO
	  "0 request_headers(4,1)\n1 response_headers(2,0)\n1 response_body(2,1)\n0 response_headers(2,0)\n0 response_body(2,1)\n" NO },
	{ "a filter answers in the middle of a request", { denies }, NO_LIFE | NO_BODIES, false, { ">" POST "he" },
	  "0 request_headers(5,0)\n0 response_headers(3,0)\n" NO_CLOSE },
	{ "a filter answers HTTP/1.0", { denies }, NO_LIFE | NO_BODIES, false, { ">GET / HTTP/1.0\r\n\r\n" },
	  "0 request_headers(3,1)\n0 response_headers(3,0)\n" NO_CLOSE },
	{ "a filter answers HEAD", { denies }, NO_LIFE | NO_BODIES, false, { ">HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" },
	  "0 request_headers(4,1)\n0 response_headers(2,0)\ndown HTTP/1.1 403 Forbidden\\ncontent-length: 2\\n\\n\n" },
	{ "a filter's answer is stamped and grows", { denies, stamps, grows }, NO_LIFE, false, { ">" GET },
	  "0 request_headers(4,1)\n2 response_headers(2,0)\n2 response_body(2,1)\n1 response_headers(2,0)\n"
	  "1 response_body(3,1)\n0 response_headers(3,0)\n0 response_body(3,1)\n"
	  "down HTTP/1.1 403 Forbidden\\ncontent-length: 3\\nY: f1\\n\\n<no\n" },
	{ "a filter answers a body that was held back", { passes, denies_bodies }, NO_LIFE, false, { ">" POST "hello", ">" GET },
	  "0 request_headers(5,0)\n0 request_body(5,1)\n1 request_headers(5,0)\n1 request_body(5,1)\n"
	  "1 response_headers(2,0)\n1 response_body(2,1)\n0 response_headers(2,0)\n0 response_body(2,1)\n" NO
	  "0 request_headers(4,1)\n1 request_headers(4,1)\n" GET_UP },
	{ "a filter answers a body whose head has gone", { denies_bodies }, NO_LIFE, false, { ">" CHUNKED, ">2\r\nhe\r\n0\r\n\r\n" },
	  "0 request_headers(5,0)\nup POST / HTTP/1.1\\nHost: a\\nTransfer-Encoding: chunked\\n\\n\n0 request_body(2,1)\n"
	  "0 response_headers(3,0)\n0 response_body(2,1)\n" NO_CLOSE },
	{ "a filter answers for the server, which is drained", { denies_responses }, NO_LIFE | NO_BODIES, false,
	  { ">" GET, "<HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", "<llo", ">" GET },
	  "0 request_headers(4,1)\n" GET_UP "0 response_headers(2,0)\n0 response_headers(2,0)\n"
	  "down HTTP/1.1 500 Internal Server Error\\ncontent-length: 3\\n\\nbad\n0 request_headers(4,1)\n" GET_UP },
	{ "a filter answers out of turn", { holds_heads }, NO_LIFE | NO_BODIES, false, { ">" GET, "!0a", "!0r" },
	  "0 request_headers(4,1)\n0 response_headers(2,0)\ndown HTTP/1.1 503 Service Unavailable\\ncontent-length: 4\\n\\nbusy\n" },
	{ "a filter answers when the response has gone", { passes }, NO_LIFE | NO_BODIES, false,
	  { ">" GET, "<HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", "!0a" },
	  "0 request_headers(4,1)\n" GET_UP "0 response_headers(2,0)\ndown HTTP/1.1 200 OK\\nContent-Length: 2\\n\\no\nclose\n" },
	{ "a filter closes", { closes }, NO_LIFE, false, { ">" GET, ">" GET }, "0 request_headers(4,1)\nclose\nclose\n" },
	{ "a filter closes out of turn", { passes }, NO_LIFE, false, { ">" GET, "!0c" },
	  "0 request_headers(4,1)\n" GET_UP "close\n" },

	{ "a filter fails", { passes, traps_at_once }, NO_LIFE, false, { ">" GET },
	  "0 request_headers(4,1)\n1 request_headers(4,1)\n1 failed 1\nfailed\n" },
	{ "a filter fails and is left out", { passes, traps_at_once, passes }, NO_LIFE | NO_BODIES, true, { ">" GET, "<" OK },
	  "0 request_headers(4,1)\n1 request_headers(4,1)\n1 failed 1, bypassed\n2 request_headers(4,1)\n" GET_UP
	  "2 response_headers(2,0)\n0 response_headers(2,0)\n" OK_DOWN },
	{ "a filter fails with a body and is left out", { traps_at_end, passes }, NO_LIFE, true,
	  { ">" CHUNKED "2\r\nhe\r\n", ">3\r\nllo\r\n0\r\n\r\n", "<" OK },
	  "0 request_headers(5,0)\n0 request_body(2,0)\n1 request_headers(5,0)\n"
	  "up POST / HTTP/1.1\\nHost: a\\nTransfer-Encoding: chunked\\n\\n\n"
	  "0 request_body(5,1)\n0 failed 1, bypassed\n1 request_body(5,1)\nup 5\\nhello\\n0\\n\\n\n"
	  "1 response_headers(2,0)\n1 response_body(2,1)\n" OK_DOWN },
	{ "a filter fails as its stream begins", { traps_at_create, passes }, 0, true, { ">" GET },
	  "0 create\n0 failed 1, bypassed\n1 create\n1 request_headers(4,1)\n" GET_UP "1 done\n1 log\n1 delete\n" },
	{ "a filter fails as its stream begins, closed", { traps_at_create, passes }, 0, false, { ">" GET },
	  "0 create\n0 failed 1\nfailed\n" },
	{ "a filter is poisoned elsewhere", { passes }, NO_LIFE | NO_BODIES, false, { ">" GET, "!0t" },
	  "0 request_headers(4,1)\n" GET_UP "0 failed 1\nfailed\n" },
	{ "a filter is poisoned elsewhere while it holds, and is left out", { holds_heads }, NO_LIFE | NO_BODIES, true,
	  { ">" GET, "!0t" }, "0 request_headers(4,1)\n0 failed 1, bypassed\n" GET_UP },

	{ "a stream that is not done", { lingers }, NO_BODIES, false, { ">" GET, "<" OK },
	  "0 create\n0 request_headers(4,1)\n" GET_UP "0 response_headers(2,0)\n0 done\n" OK_DOWN "0 log\n0 delete\n" },
	{ "what may be read when", { reads, passes }, NO_BODIES | 1ull << HBK_CALLBACK_DONE, false, { ">" GET, "<" OK },
	  "0 create\n0 sees\n1 create\n0 request_headers(4,1)\n0 sees request\n1 request_headers(4,1)\n" GET_UP
	  "1 response_headers(2,0)\n0 response_headers(2,0)\n0 log\n0 sees request response\n0 delete\n1 log\n1 delete\n" OK_DOWN },
	{ "an exchange that is broken off", { passes }, NO_BODIES, false, { ">" GET },
	  "0 create\n0 request_headers(4,1)\n" GET_UP "0 done\n0 log\n0 delete\n" },

	{ "a malformed request", { passes }, 0, false, { ">GET / HTTP/1.1\nHost: a\n\n" }, REFUSED("400 Bad Request") },
	{ "another version", { NULL }, 0, false, { ">GET / HTTP/2.0\r\n\r\n" }, REFUSED("505 HTTP Version Not Supported") },
	{ "another coding", { NULL }, 0, false, { ">POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n" },
	  REFUSED("501 Not Implemented") },
	{ "a second request that is malformed waits its turn", { passes }, NO_LIFE | NO_BODIES, false, { ">" GET "x\r\n\r\n", "<" OK },
	  "0 request_headers(4,1)\n" GET_UP "0 response_headers(2,0)\n"
	  "down HTTP/1.1 200 OK\\nContent-Length: 2\\n\\nokHTTP/1.1 400 Bad Request\\ncontent-length: 0\\nconnection: close\\n\\n\nclose\n" },
	{ "a malformed chunk", { passes }, NO_LIFE, false, { ">" CHUNKED, ">x\r\n" },
	  "0 request_headers(5,0)\nup POST / HTTP/1.1\\nHost: a\\nTransfer-Encoding: chunked\\n\\n\n" REFUSED("400 Bad Request") },
	{ "a request that is cut off", { passes }, NO_LIFE | NO_BODIES, false, { "}" POST "he" },
	  REFUSED("400 Bad Request") },
	{ "a malformed response", { passes }, NO_LIFE, false, { ">" GET, "<HTTP/1.1 200 OK\nA: b\n\n" },
	  "0 request_headers(4,1)\n" GET_UP REFUSED("502 Bad Gateway") },
	{ "a malformed end of a response", { passes }, NO_LIFE | NO_BODIES, false,
	  { ">" GET, "<HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n", "<x\r\n" },
	  "0 request_headers(4,1)\n" GET_UP "0 response_headers(2,0)\n"
	  "down HTTP/1.1 200 OK\\nTransfer-Encoding: chunked\\n\\n1\\nx\\n\nclose\n" },
	{ "a response that is cut off", { passes }, NO_LIFE | NO_BODIES, false,
	  { ">" GET, "{HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe" },
	  "0 request_headers(4,1)\n" GET_UP REFUSED("502 Bad Gateway") },
	{ "a response that nobody asked for", { passes }, NO_LIFE, false, { "<" OK }, "close\n" },
	{ "a second response", { passes }, NO_LIFE | NO_BODIES, false, { ">" GET, "<" OK OK },
	  "0 request_headers(4,1)\n" GET_UP "0 response_headers(2,0)\n" OK_DOWN "close\n" },
	{ "a second response is not taken for the next request's", { passes }, NO_LIFE | NO_BODIES, false,
	  { ">" GET GET, "<" OK OK }, "0 request_headers(4,1)\n" GET_UP "0 response_headers(2,0)\n" OK_DOWN "close\n" },
	{ "seventeen interim responses", { NULL }, 0, false,
	  { ">" GET,
#define I "HTTP/1.1 102 P\r\n\r\n"
	    "<" I I I I I I I I I I I I I I I I I },
	  GET_UP
#define D "HTTP/1.1 102 P\\n\\n"
	  "down " D D D D D D D D D D D D D D D D "HTTP/1.1 502 Bad Gateway\\ncontent-length: 0\\nconnection: close\\n\\n\nclose\n" },
};

static void out_of_turn(struct stage *stage, const char *what)
{
	struct puppet *puppet = &stage->puppets[what[0] - '0'];
	struct hbk_stream *stream = puppet->last;

	hbk_vm_lock(&puppet->vm);
	switch (what[1]) {
	case 'q':
		stream->ops->carry_on(stream, HBK_PROXY_HTTP_REQUEST);
		break;
	case 'r':
		stream->ops->carry_on(stream, HBK_PROXY_HTTP_RESPONSE);
		break;
	case 'c':
		stream->ops->close(stream, HBK_PROXY_HTTP_REQUEST);
		break;
	case 'a':
		puppet_respond(stream, 503, "busy");
		break;
	default:
		puppet->vm.poisoned = HBK_WASM_TRAP_UNREACHABLE;
		break;
	}
	hbk_vm_unlock(&puppet->vm);
	stage_resume(stage);
}

static void play(struct stage *stage, const char *step)
{
	const char *data = step + 1;

	switch (step[0]) {
	case '>':
	case '}':
		stage_push(stage, HBK_CHAIN_REQUEST, data, strlen(data), step[0] == '}');
		break;
	case '<':
	case '{':
		stage_push(stage, HBK_CHAIN_RESPONSE, data, strlen(data), step[0] == '{');
		break;
	default:
		out_of_turn(stage, data);
		break;
	}
}

static bool set_up(struct stage *stage, const struct chain_row *row, size_t fail_at)
{
	u32 i;

	stage_init(stage);
	stage->heap.fail_at = fail_at;
	for (i = 0; i < PUPPETS_MAX && row->guests[i]; i++)
		stage_add(stage, row->guests[i], row->lacks, row->open);
	return stage_open(stage);
}

static void chain_plays(void **state)
{
	const struct chain_row *row = *state;
	struct stage stage;
	int i;

	assert_true(set_up(&stage, row, 0));
	for (i = 0; i < STEPS_MAX && row->steps[i]; i++)
		play(&stage, row->steps[i]);
	stage_close(&stage);
	assert_string_equal(stage.transcript, row->expected);
	assert_int_equal(stage.heap.taken, 0);
}

/* Each allocation fails once: nothing breaks, nothing is lost. */
static void chain_starves(void **state)
{
	const struct chain_row *row = *state;
	struct stage stage;
	size_t at = 0;
	int i;

	do {
		if (set_up(&stage, row, ++at)) {
			for (i = 0; i < STEPS_MAX && row->steps[i] && !hbk_chain_has_failed(stage.chain) &&
			     !hbk_chain_wants_close(stage.chain); i++)
				if (row->steps[i][0] != '!')
					play(&stage, row->steps[i]);
			stage_close(&stage);
		}
		assert_int_equal(stage.heap.taken, 0);
	} while (stage.heap.allocations >= at);
}

/* A body of more than is waited for goes in chunks; its bytes all arrive. */
static void chain_long_body(void **state)
{
	static char body[200000];
	static const char head[] = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n";
	static const char expected[] = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
	struct stage stage;
	const u8 *out;
	size_t length;

	(void)state;
	memset(body, 'x', sizeof(body));
	stage_init(&stage);
	stage.quiet = true;
	stage_add(&stage, passes, NO_LIFE, false);
	assert_true(stage_open(&stage));
	stage_push(&stage, HBK_CHAIN_REQUEST, head, strlen(head), false);
	stage_push(&stage, HBK_CHAIN_REQUEST, body, 65536, false);
	hbk_chain_out(stage.chain, HBK_CHAIN_REQUEST, &length);
	assert_int_equal(length, 0);
	stage_push(&stage, HBK_CHAIN_REQUEST, body + 65536, 1, false);
	out = hbk_chain_out(stage.chain, HBK_CHAIN_REQUEST, &length);
	assert_int_equal(length, strlen(expected) + strlen("10001\r\n\r\n") + 65537);
	assert_memory_equal(out, expected, strlen(expected));
	stage_push(&stage, HBK_CHAIN_REQUEST, body + 65537, sizeof(body) - 65537, false);
	out = hbk_chain_out(stage.chain, HBK_CHAIN_REQUEST, &length);
	assert_memory_equal(out + length - 5, "0\r\n\r\n", 5);
	stage_close(&stage);
	assert_int_equal(stage.heap.taken, 0);
}

/* Who holds a head leaves the sender waiting; who holds a body would wait for ever, and is told that it is too long. */
static void chain_full(void **state)
{
	static const puppet_guest guests[] = { holds_heads, holds_bodies };
	static char piece[65536];
	struct stage stage;
	size_t room, i;
	int j;

	(void)state;
	memset(piece, 'x', sizeof(piece));
	for (j = 0; j < 2; j++) {
		stage_init(&stage);
		stage_add(&stage, guests[j], NO_LIFE, false);
		assert_true(stage_open(&stage));
		stage.quiet = true;
		stage_push(&stage, HBK_CHAIN_REQUEST, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n", 53, false);
		for (i = 0; i < 16; i++) {
			room = hbk_chain_room(stage.chain, HBK_CHAIN_REQUEST);
			assert_int_equal(room, HBK_PROXY_HELD_MAX - i * sizeof(piece));
			stage_push(&stage, HBK_CHAIN_REQUEST, piece, sizeof(piece), false);
		}
		stage.quiet = false;
		stage_resume(&stage);
		if (j == 0)
			assert_int_equal(hbk_chain_room(stage.chain, HBK_CHAIN_REQUEST), 0);
		else
			assert_non_null(strstr(stage.transcript, "HTTP/1.1 413 Content Too Large"));
		stage_close(&stage);
		assert_int_equal(stage.heap.taken, 0);
	}
}

static void chain_tls(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage);
	stage.tls = true;
	stage_add(&stage, rewrites, NO_LIFE, false);
	assert_true(stage_open(&stage));
	stage_push(&stage, HBK_CHAIN_REQUEST, GET, strlen(GET), false);
	assert_string_equal((const char *)hbk_map_field(&((struct hbk_http_state *)stage.chain->state)
			    ->messages[HBK_CHAIN_REQUEST].head->map, ":scheme")->value, "https");
	stage_close(&stage);
}

static void chain_without_vm(void **state)
{
	struct stage stage;

	(void)state;
	stage_init(&stage);
	stage_add(&stage, NULL, 0, false);
	assert_true(stage_open(&stage));
	assert_true(hbk_chain_has_failed(stage.chain));
	stage_close(&stage);

	stage_init(&stage);
	stage_add(&stage, NULL, 0, true);
	assert_true(stage_open(&stage));
	stage_push(&stage, HBK_CHAIN_REQUEST, GET, strlen(GET), false);
	assert_string_equal(stage.transcript, "0 failed 0, bypassed\n" GET_UP);
	stage_close(&stage);
}

void add_chain_tests(struct tests *tests)
{
	size_t i;

	for (i = 0; i < ROWS(rows); i++) {
		tests_add(tests, rows[i].name, chain_plays, &rows[i]);
		tests_add(tests, rows[i].name, chain_starves, &rows[i]);
	}
	tests_add(tests, "a body that is long", chain_long_body, NULL);
	tests_add(tests, "a chain is full", chain_full, NULL);
	tests_add(tests, "a client that came by TLS", chain_tls, NULL);
	tests_add(tests, "a link without a VM", chain_without_vm, NULL);
}
