// SPDX-License-Identifier: Apache-2.0
/*
 * stamp - sets headers of requests and responses
 *
 * Values may name properties: "%{connection.uri_san_peer_certificate}" becomes the peer's SPIFFE id. A header that is
 * there already is replaced, so that no client can pass off one of its own as ours.
 */
#include "proxy_wasm.h"

enum {
	HEADERS_MOST = 32,
	VALUE_MOST = 1024,
	PATH_MOST = 128,
};

/* The names and values lie in the configuration, which is kept. */
struct header {
	enum proxy_map map;
	struct pw_bytes name;
	struct pw_bytes value;
};

static struct header headers[HEADERS_MOST];
static size_t headers_count;
static char value_room[VALUE_MOST];

static bool read_headers(struct pw_json *json, enum proxy_map map)
{
	struct pw_bytes name;

	pw_json_enter(json, '{');
	while (pw_json_key(json, &name)) {
		if (headers_count == HEADERS_MOST)
			return pw_refuse("more than 32 headers, beginning with", name);
		headers[headers_count++] = (struct header){map, name, pw_json_string(json)};
	}
	return true;
}

bool proxy_on_configure(uint32_t root, size_t size)
{
	struct pw_bytes configuration = pw_configuration(size), key;
	struct pw_json json = pw_json_begin(configuration);

	pw_json_enter(&json, '{');
	while (pw_json_key(&json, &key)) {
		bool request = pw_equal(key, PW_BYTES("request"));

		if (!request && !pw_equal(key, PW_BYTES("response")))
			return pw_refuse("unknown key", key);
		if (!read_headers(&json, request ? PROXY_HTTP_REQUEST_HEADERS : PROXY_HTTP_RESPONSE_HEADERS))
			return false;
	}
	if (!pw_json_end(&json))
		return pw_refuse("expected {\"request\": {name: value}, \"response\": {name: value}}", configuration);
	if (!headers_count)
		return pw_refuse("no header to set", configuration);
	return true;
}

/* A value of a property that can stand in a header; "-" for one that is not there, or is no text. */
static void put_property(struct pw_text *text, struct pw_bytes name)
{
	char path[PATH_MOST];
	PW_AUTO struct pw_bytes value = {NULL, 0};

	if (name.size <= sizeof(path)) {
		for (size_t i = 0; i < name.size; i++)
			path[i] = name.data[i] == '.' ? 0 : name.data[i];
		value = pw_property_get(path, name.size);
	}
	for (size_t i = 0; i < value.size; i++) {
		if ((unsigned char)value.data[i] < ' ' || (unsigned char)value.data[i] > '~')
			value.size = 0;
	}
	if (value.size)
		pw_put_bytes(text, value);
	else
		pw_put_byte(text, '-');
}

static void put_value(struct pw_text *text, struct pw_bytes value)
{
	const char *end = value.data + value.size;

	for (char *at = value.data; at < end;) {
		char *close = at;

		if (end - at > 2 && at[0] == '%' && at[1] == '{')
			while (close < end && *close != '}')
				close++;
		if (close == at || close == end) {
			pw_put_byte(text, *at++);
			continue;
		}
		put_property(text, (struct pw_bytes){at + 2, (size_t)(close - at - 2)});
		at = close + 1;
	}
}

static void stamp(enum proxy_map map)
{
	for (size_t i = 0; i < headers_count; i++) {
		struct pw_text text = PW_TEXT(value_room);
		const struct header *header = &headers[i];

		if (header->map != map)
			continue;
		put_value(&text, header->value);
		if (proxy_replace_header_map_value(map, header->name.data, header->name.size, text.data, text.size) != PROXY_OK)
			pw_log(PROXY_LOG_WARN, "a header cannot be set");
	}
}

enum proxy_action proxy_on_request_headers(uint32_t context, size_t count, bool end_of_stream)
{
	stamp(PROXY_HTTP_REQUEST_HEADERS);
	return PROXY_CONTINUE;
}

enum proxy_action proxy_on_response_headers(uint32_t context, size_t count, bool end_of_stream)
{
	stamp(PROXY_HTTP_RESPONSE_HEADERS);
	return PROXY_CONTINUE;
}
