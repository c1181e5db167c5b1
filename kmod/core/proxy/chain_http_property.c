// SPDX-License-Identifier: GPL-2.0-only
/* Properties that the exchange knows: request.* and response.*, with Envoy's names and encodings. */
#include "chain_http.h"

struct part {
	const char *text;
	u32 length;
};

struct question {
	const struct hbk_http_stage *stage;
	const struct hbk_http_message *message;
	struct part rest;	/* of the path, behind the second part */
	struct hbk_buffer *value;
};

static struct part next_part(struct part *path)
{
	struct part part = { path->text, 0 };

	while (part.length < path->length && path->text[part.length] && path->text[part.length] != '.')
		part.length++;
	path->text += part.length;
	path->length -= part.length;
	if (path->length) {
		path->text++;
		path->length--;
	}
	return part;
}

static bool part_is(struct part part, const char *word)
{
	return part.length == strlen(word) && !memcmp(part.text, word, part.length);
}

static int answer_field(const struct question *question, const char *name, size_t length)
{
	const u8 *value;
	u32 value_length;

	if (!hbk_map_get(&question->message->head->map, name, length, &value, &value_length))
		return -ENOENT;
	return hbk_buffer_append(question->value, value, value_length);
}

static int answer_number(const struct question *question, u64 number)
{
	u8 bytes[8];

	put_unaligned_le64(number, bytes);
	return hbk_buffer_append(question->value, bytes, sizeof(bytes));
}

static int answer_path(const struct question *question)
{
	return answer_field(question, ":path", 5);
}

static int answer_method(const struct question *question)
{
	return answer_field(question, ":method", 7);
}

static int answer_host(const struct question *question)
{
	return answer_field(question, ":authority", 10);
}

static int answer_scheme(const struct question *question)
{
	return answer_field(question, ":scheme", 7);
}

static int answer_agent(const struct question *question)
{
	return answer_field(question, "user-agent", 10);
}

static int answer_referer(const struct question *question)
{
	return answer_field(question, "referer", 7);
}

static int answer_headers(const struct question *question)
{
	return answer_field(question, question->rest.text, question->rest.length);
}

static int answer_protocol(const struct question *question)
{
	return hbk_buffer_append(question->value, question->message->head->minor ? "HTTP/1.1" : "HTTP/1.0", 8);
}

static int answer_size(const struct question *question)
{
	return answer_number(question, question->message->size);
}

/* A path up to its query, or the query. */
static int answer_part_of_path(const struct question *question, bool query)
{
	const u8 *path, *mark;
	u32 length;

	if (!hbk_map_get(&question->message->head->map, ":path", 5, &path, &length))
		return -ENOENT;
	mark = memchr(path, '?', length);
	if (!query)
		return hbk_buffer_append(question->value, path, mark ? (size_t)(mark - path) : length);
	return mark ? hbk_buffer_append(question->value, mark + 1, path + length - mark - 1) : 0;
}

static int answer_url_path(const struct question *question)
{
	return answer_part_of_path(question, false);
}

static int answer_query(const struct question *question)
{
	return answer_part_of_path(question, true);
}

static int answer_code(const struct question *question)
{
	const u8 *status;
	u32 length;

	if (!hbk_map_get(&question->message->head->map, ":status", 7, &status, &length))
		return -ENOENT;
	return answer_number(question, (status[0] - '0') * 100 + (status[1] - '0') * 10 + (status[2] - '0'));
}

static const struct {
	enum hbk_chain_flow flow;
	const char *name;
	int (*answer)(const struct question *question);
} properties[] = {
	{ HBK_CHAIN_REQUEST, "path", answer_path },
	{ HBK_CHAIN_REQUEST, "url_path", answer_url_path },
	{ HBK_CHAIN_REQUEST, "query", answer_query },
	{ HBK_CHAIN_REQUEST, "host", answer_host },
	{ HBK_CHAIN_REQUEST, "scheme", answer_scheme },
	{ HBK_CHAIN_REQUEST, "method", answer_method },
	{ HBK_CHAIN_REQUEST, "useragent", answer_agent },
	{ HBK_CHAIN_REQUEST, "referer", answer_referer },
	{ HBK_CHAIN_REQUEST, "protocol", answer_protocol },
	{ HBK_CHAIN_REQUEST, "headers", answer_headers },
	{ HBK_CHAIN_REQUEST, "size", answer_size },
	{ HBK_CHAIN_RESPONSE, "code", answer_code },
	{ HBK_CHAIN_RESPONSE, "headers", answer_headers },
	{ HBK_CHAIN_RESPONSE, "size", answer_size },
};

static int answer(struct question *question, enum hbk_chain_flow flow, struct part name)
{
	size_t i;

	question->message = hbk_http_readable(question->stage, flow, false);
	if (!question->message)
		return -ENOENT;
	for (i = 0; i < sizeof(properties) / sizeof(properties[0]); i++)
		if (properties[i].flow == flow && part_is(name, properties[i].name))
			return properties[i].answer(question);
	return -ENOENT;
}

/**
 * hbk_http_property() - see struct hbk_stream_ops
 * @stream: the stream
 * @path: with dots
 * @length: how many there are
 * @value: the value
 */
int hbk_http_property(struct hbk_stream *stream, const char *path, u32 length, struct hbk_buffer *value)
{
	struct question question = { .stage = (struct hbk_http_stage *)stream, .value = value };
	struct part rest = { path, length }, whose = next_part(&rest), name = next_part(&rest);

	question.rest = rest;
	if (part_is(whose, "request"))
		return answer(&question, HBK_CHAIN_REQUEST, name);
	if (part_is(whose, "response"))
		return answer(&question, HBK_CHAIN_RESPONSE, name);
	return -ENOENT;
}
