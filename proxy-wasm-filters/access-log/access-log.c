// SPDX-License-Identifier: Apache-2.0
/*
 * access-log - one line of JSON for each request, or for each connection where there is no HTTP
 *
 * It has no callback for bodies: a host may have to hold a message back for a filter that looks at its body. The sizes
 * come from the host's properties.
 */
#include "proxy_wasm.h"

enum {
	LINE_MOST = 4096,
	FIELD_MOST = 512,
};

struct stream {
	struct pw_context context;
	uint64_t started;
	uint64_t down;
	uint64_t up;
	bool raw;
	bool request;
	const char *closed_by;
};

static enum proxy_log_level level = PROXY_LOG_INFO;
static bool query;
static char line[LINE_MOST];

static bool read_level(struct pw_bytes name)
{
	static const struct pw_bytes names[] = {
		[PROXY_LOG_TRACE] = {"trace", 5},
		[PROXY_LOG_DEBUG] = {"debug", 5},
		[PROXY_LOG_INFO] = {"info", 4},
		[PROXY_LOG_WARN] = {"warn", 4},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (pw_equal(names[i], name)) {
			level = (enum proxy_log_level)i;
			return true;
		}
	}
	return pw_refuse("level is none of trace, debug, info, warn", name);
}

bool proxy_on_configure(uint32_t root, size_t size)
{
	PW_AUTO struct pw_bytes configuration = pw_configuration(size);
	struct pw_json json = pw_json_begin(configuration);
	struct pw_bytes key;

	if (!size)
		return true;
	pw_json_enter(&json, '{');
	while (pw_json_key(&json, &key)) {
		if (pw_equal(key, PW_BYTES("query")))
			query = pw_json_boolean(&json);
		else if (!pw_equal(key, PW_BYTES("level")))
			return pw_refuse("unknown key", key);
		else if (!read_level(pw_json_string(&json)))
			return false;
	}
	return pw_json_end(&json) || pw_refuse("expected {\"level\": \"info\", \"query\": false}", configuration);
}

static uint64_t now(void)
{
	uint64_t time = 0;

	proxy_get_current_time_nanoseconds(&time);
	return time;
}

void proxy_on_context_create(uint32_t context, uint32_t parent)
{
	struct stream *stream = parent ? pw_context_new(context, sizeof(struct stream)) : NULL;

	if (stream)
		stream->started = now();
}

enum proxy_action proxy_on_new_connection(uint32_t context)
{
	struct stream *stream = pw_context_find(context);

	if (stream)
		stream->raw = true;
	return PROXY_CONTINUE;
}

enum proxy_action proxy_on_downstream_data(uint32_t context, size_t size, bool end_of_stream)
{
	struct stream *stream = pw_context_find(context);

	if (stream)
		stream->down += size;
	return PROXY_CONTINUE;
}

enum proxy_action proxy_on_upstream_data(uint32_t context, size_t size, bool end_of_stream)
{
	struct stream *stream = pw_context_find(context);

	if (stream)
		stream->up += size;
	return PROXY_CONTINUE;
}

/* The first end that is told of is the one that ended it. */
static void closed(uint32_t context, const char *by)
{
	struct stream *stream = pw_context_find(context);

	if (stream && !stream->closed_by)
		stream->closed_by = by;
}

void proxy_on_downstream_connection_close(uint32_t context, enum proxy_peer peer)
{
	closed(context, peer == PROXY_PEER_LOCAL ? "host" : "client");
}

void proxy_on_upstream_connection_close(uint32_t context, enum proxy_peer peer)
{
	closed(context, peer == PROXY_PEER_LOCAL ? "host" : "server");
}

enum proxy_action proxy_on_request_headers(uint32_t context, size_t count, bool end_of_stream)
{
	struct stream *stream = pw_context_find(context);

	if (stream)
		stream->request = true;
	return PROXY_CONTINUE;
}

static void put_key(struct pw_text *text, struct pw_bytes key)
{
	if (text->size > 1)
		pw_put_byte(text, ',');
	pw_put_json(text, key);
	pw_put_byte(text, ':');
}

static void put_count(struct pw_text *text, struct pw_bytes key, uint64_t number)
{
	put_key(text, key);
	pw_put_number(text, number);
}

/* Gives the bytes back. What is not there is left out; what is too long is cut. */
static void put_field(struct pw_text *text, struct pw_bytes key, struct pw_bytes value)
{
	struct pw_bytes shown = value;

	if (shown.size > FIELD_MOST)
		shown.size = FIELD_MOST;
	if (shown.size) {
		put_key(text, key);
		pw_put_json(text, shown);
	}
	pw_release(&value);
}

static void put_size(struct pw_text *text, struct pw_bytes key, struct pw_bytes value)
{
	if (value.size == sizeof(uint64_t))
		put_count(text, key, pw_little_endian(value));
	pw_release(&value);
}

static void put_path(struct pw_text *text)
{
	struct pw_bytes path = pw_header(PROXY_HTTP_REQUEST_HEADERS, ":path");

	for (size_t i = 0; !query && i < path.size; i++)
		if (path.data[i] == '?')
			path.size = i;
	put_field(text, PW_BYTES("path"), path);
}

static void put_ends(struct pw_text *text)
{
	put_field(text, PW_BYTES("source"), pw_property("source\0address"));
	put_field(text, PW_BYTES("destination"), pw_property("destination\0address"));
	put_field(text, PW_BYTES("peer"), pw_property("connection\0uri_san_peer_certificate"));
}

static void put_request(struct pw_text *text)
{
	put_field(text, PW_BYTES("method"), pw_header(PROXY_HTTP_REQUEST_HEADERS, ":method"));
	put_field(text, PW_BYTES("authority"), pw_header(PROXY_HTTP_REQUEST_HEADERS, ":authority"));
	put_path(text);
	put_field(text, PW_BYTES("status"), pw_header(PROXY_HTTP_RESPONSE_HEADERS, ":status"));
	put_field(text, PW_BYTES("user_agent"), pw_header(PROXY_HTTP_REQUEST_HEADERS, "user-agent"));
	put_size(text, PW_BYTES("request_bytes"), pw_property("request\0size"));
	put_size(text, PW_BYTES("response_bytes"), pw_property("response\0size"));
}

static void put_connection(struct pw_text *text, const struct stream *stream)
{
	put_count(text, PW_BYTES("down_bytes"), stream->down);
	put_count(text, PW_BYTES("up_bytes"), stream->up);
	if (stream->closed_by)
		put_field(text, PW_BYTES("closed_by"),
			  pw_copy((struct pw_bytes){(char *)stream->closed_by, strlen(stream->closed_by)}));
}

void proxy_on_log(uint32_t context)
{
	struct stream *stream = pw_context_find(context);
	struct pw_text text = PW_TEXT(line);

	if (!stream || !(stream->raw || stream->request))
		return;
	pw_put_byte(&text, '{');
	put_count(&text, PW_BYTES("time_ms"), stream->started / 1000000);
	put_count(&text, PW_BYTES("duration_us"), (now() - stream->started) / 1000);
	put_ends(&text);
	if (stream->request)
		put_request(&text);
	else
		put_connection(&text, stream);
	pw_put_byte(&text, '}');
	if (text.full)
		pw_log(PROXY_LOG_WARN, "a line of the access log is too long");
	else
		pw_text_log(level, &text);
}

void proxy_on_delete(uint32_t context)
{
	pw_context_delete(context);
}
