// SPDX-License-Identifier: Apache-2.0
/*
 * redact - replaces texts in the bytes that pass, also where they are split over two pieces
 *
 * When a piece ends with what may be the beginning of a text, the piece is held (PAUSE) until more comes, the stream
 * ends, or `hold_ms` have gone by: protocols in which both ends wait for each other must go on.
 */
#include "proxy_wasm.h"

enum {
	RULES_MOST = 32,
	TEXT_MOST = 256,
	FIND_LEAST = 2,
	PIECE = 4096,
	HITS_MOST = 128,
	HOLD_MOST = 10000,
};

/* The texts lie in the configuration, which is kept. */
struct rule {
	struct pw_bytes find;
	struct pw_bytes replace;
};

struct hit {
	size_t at;
	const struct rule *rule;
};

enum flow {
	DOWN,
	UP,
	FLOWS
};

/* How much of what is held has been looked at, and since when it is held: 0 when it is not. */
struct held {
	size_t done;
	uint64_t since;
	enum proxy_stream stream;
};

struct stream {
	struct pw_context context;
	struct held flows[FLOWS];
};

static struct rule rules[RULES_MOST];
static size_t rules_count, find_most;
static bool begins[256], redacts[FLOWS] = {false, true};
static uint64_t hold_ms = 50;
static struct hit hits[HITS_MOST];

static bool add_rule(struct rule rule)
{
	if (rules_count == RULES_MOST)
		return pw_refuse("more than 32 rules, beginning with", rule.find);
	if (rule.find.size < FIND_LEAST || rule.find.size > TEXT_MOST || rule.replace.size > TEXT_MOST)
		return pw_refuse("find has from 2 to 256 bytes, replace at most 256", rule.find);
	begins[(unsigned char)*rule.find.data] = true;
	if (rule.find.size > find_most)
		find_most = rule.find.size;
	rules[rules_count++] = rule;
	return true;
}

static bool read_rules(struct pw_json *json)
{
	struct pw_bytes key;

	pw_json_enter(json, '[');
	while (pw_json_more(json, ']')) {
		struct rule rule = {0};

		pw_json_enter(json, '{');
		while (pw_json_key(json, &key)) {
			if (pw_equal(key, PW_BYTES("find")))
				rule.find = pw_json_string(json);
			else if (pw_equal(key, PW_BYTES("replace")))
				rule.replace = pw_json_string(json);
			else
				return pw_refuse("unknown key of a rule", key);
		}
		if (json->bad || !add_rule(rule))
			return json->bad;
	}
	return true;
}

static bool read_direction(struct pw_bytes name)
{
	bool both = pw_equal(name, PW_BYTES("both"));

	redacts[DOWN] = both || pw_equal(name, PW_BYTES("request"));
	redacts[UP] = both || pw_equal(name, PW_BYTES("response"));
	return redacts[DOWN] || redacts[UP] || pw_refuse("direction is none of request, response, both", name);
}

bool proxy_on_configure(uint32_t root, size_t size)
{
	struct pw_bytes configuration = pw_configuration(size), key;
	struct pw_json json = pw_json_begin(configuration);

	pw_json_enter(&json, '{');
	while (pw_json_key(&json, &key)) {
		bool good = true;

		if (pw_equal(key, PW_BYTES("rules")))
			good = read_rules(&json);
		else if (pw_equal(key, PW_BYTES("direction")))
			good = read_direction(pw_json_string(&json));
		else if (pw_equal(key, PW_BYTES("hold_ms")))
			hold_ms = pw_json_number(&json);
		else
			good = pw_refuse("unknown key", key);
		if (!good)
			return false;
	}
	if (!pw_json_end(&json))
		return pw_refuse("expected {\"rules\": [{\"find\": \"secret\", \"replace\": \"*\"}]}", configuration);
	if (!rules_count)
		return pw_refuse("no rule", configuration);
	if (hold_ms < 10 || hold_ms > HOLD_MOST)
		return pw_refuse("hold_ms is from 10 to 10000", configuration);
	proxy_set_tick_period_milliseconds((uint32_t)hold_ms);
	return true;
}

/*
 * The rule whose text stands at this place, the first of them. `more` is set when one may, if bytes follow, which `last`
 * rules out.
 */
static const struct rule *match(struct pw_bytes bytes, bool last, bool *more)
{
	for (size_t i = 0; i < rules_count; i++) {
		struct pw_bytes find = rules[i].find;

		if (pw_starts(bytes, find))
			return &rules[i];
		if (!last && bytes.size < find.size && !memcmp(bytes.data, find.data, bytes.size)) {
			*more = true;
			return NULL;
		}
	}
	return NULL;
}

/* Over the bytes with which no text begins: most. */
static size_t skip(struct pw_bytes piece, size_t from)
{
	const unsigned char *start = (const unsigned char *)piece.data, *at = start + from, *end = start + piece.size;

	while (at < end && !begins[*at])
		at++;
	return (size_t)(at - start);
}

/*
 * Looks for texts in a piece; how far it got. It ends before the end when a text may begin there, which only `last` (there
 * is nothing behind the piece, nor will be) rules out, and when there are too many at once.
 */
static size_t find_hits(struct pw_bytes piece, bool last, size_t *count)
{
	size_t at = 0;

	for (*count = 0; at < piece.size && *count < HITS_MOST;) {
		const struct rule *rule;
		bool more = false;

		at = skip(piece, at);
		if (at == piece.size)
			break;
		rule = match((struct pw_bytes){piece.data + at, piece.size - at}, last, &more);
		if (more)
			break;
		if (rule) {
			hits[(*count)++] = (struct hit){at, rule};
			at += rule->find.size;
		} else {
			at++;
		}
	}
	return at;
}

static size_t size_after(size_t size, size_t count)
{
	for (size_t i = 0; i < count; i++)
		size += hits[i].rule->replace.size - hits[i].rule->find.size;
	return size;
}

/* Puts the replaced bytes in the place of the first `size` ones of the piece; how many they are. */
static size_t rewrite(enum proxy_buffer buffer, size_t start, struct pw_bytes piece, size_t size, size_t count)
{
	size_t after = size_after(size, count), at = 0;
	struct pw_text text = {malloc(after ? after : 1), 0, after, false};

	if (!text.data)
		__builtin_trap();
	for (size_t i = 0; i < count; i++) {
		pw_put_bytes(&text, (struct pw_bytes){piece.data + at, hits[i].at - at});
		pw_put_bytes(&text, hits[i].rule->replace);
		at = hits[i].at + hits[i].rule->find.size;
	}
	pw_put_bytes(&text, (struct pw_bytes){piece.data + at, size - at});
	if (proxy_set_buffer_bytes(buffer, start, size, text.data, text.size) != PROXY_OK)
		__builtin_trap();
	free(text.data);
	return after;
}

/* One piece; false when what is left may be the beginning of a text. */
static bool redact_piece(enum proxy_buffer buffer, size_t *done, size_t *size, bool end)
{
	PW_AUTO struct pw_bytes piece = pw_buffer(buffer, *done, PIECE);
	bool last = *done + piece.size == *size;
	size_t count, looked = find_hits(piece, last && end, &count), after = looked;

	if (!piece.size)
		return false;
	if (count)
		after = rewrite(buffer, *done, piece, looked, count);
	*done += after;
	*size += after - looked;
	return !last || looked == piece.size || count == HITS_MOST;
}

static uint64_t now(void)
{
	uint64_t time = 0;

	proxy_get_current_time_nanoseconds(&time);
	return time;
}

static struct stream *stream_of(uint32_t context)
{
	struct stream *stream = pw_context_find(context);

	if (!stream)
		stream = pw_context_new(context, sizeof(*stream));
	if (!stream)
		__builtin_trap();
	return stream;
}

static enum proxy_action redact(uint32_t context, enum flow flow, enum proxy_stream kind, enum proxy_buffer buffer,
				size_t size, bool end)
{
	struct held *held;

	if (!redacts[flow])
		return PROXY_CONTINUE;
	held = &stream_of(context)->flows[flow];
	held->stream = kind;
	if (held->done > size)
		held->done = size;
	while (held->done < size && redact_piece(buffer, &held->done, &size, end))
		;
	if (held->done == size || end) {
		*held = (struct held){0};
		return PROXY_CONTINUE;
	}
	if (!held->since)
		held->since = now();
	return PROXY_PAUSE;
}

enum proxy_action proxy_on_downstream_data(uint32_t context, size_t size, bool end)
{
	return redact(context, DOWN, PROXY_DOWNSTREAM, PROXY_DOWNSTREAM_DATA, size, end);
}

enum proxy_action proxy_on_upstream_data(uint32_t context, size_t size, bool end)
{
	return redact(context, UP, PROXY_UPSTREAM, PROXY_UPSTREAM_DATA, size, end);
}

enum proxy_action proxy_on_request_body(uint32_t context, size_t size, bool end)
{
	return redact(context, DOWN, PROXY_HTTP_REQUEST, PROXY_HTTP_REQUEST_BODY, size, end);
}

enum proxy_action proxy_on_response_body(uint32_t context, size_t size, bool end)
{
	return redact(context, UP, PROXY_HTTP_RESPONSE, PROXY_HTTP_RESPONSE_BODY, size, end);
}

/* What was held long enough goes on as it is. */
static void release(struct pw_context *context, uint64_t time)
{
	struct stream *stream = (struct stream *)context;

	for (int flow = 0; flow < FLOWS; flow++) {
		struct held *held = &stream->flows[flow];

		if (!held->since || time - held->since < hold_ms * 1000000)
			continue;
		if (proxy_set_effective_context(context->id) == PROXY_OK)
			proxy_continue_stream(held->stream);
		*held = (struct held){0};
	}
}

void proxy_on_tick(uint32_t root)
{
	uint64_t time = now();

	for (size_t i = 0; i < PW_CONTEXT_BUCKETS; i++)
		for (struct pw_context *context = pw_contexts[i]; context; context = context->next)
			release(context, time);
	proxy_set_effective_context(root);
}

void proxy_on_delete(uint32_t context)
{
	pw_context_delete(context);
}
