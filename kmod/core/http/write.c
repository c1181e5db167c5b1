// SPDX-License-Identifier: GPL-2.0-only
#include "write.h"

#define DECIMAL_MAX	20	/* digits of a u64 */
#define HEX_MAX		16

/* Appends to a buffer until the first failure, which is kept. */
struct writer {
	struct hbk_buffer *to;
	int err;
};

static void put(struct writer *writer, const void *data, size_t length)
{
	if (!writer->err && length)
		writer->err = hbk_buffer_append(writer->to, data, length);
}

static void put_text(struct writer *writer, const char *text)
{
	put(writer, text, strlen(text));
}

/**
 * hbk_http_decimal() - a number as text
 * @number: the number
 * @text: room for 20 digits; no NUL is written
 *
 * Return: how many digits.
 */
size_t hbk_http_decimal(u64 number, char *text)
{
	char digits[DECIMAL_MAX];
	size_t count = 0, i;

	do {
		digits[count++] = '0' + number % 10;
		number /= 10;
	} while (number);
	for (i = 0; i < count; i++)
		text[i] = digits[count - 1 - i];
	return count;
}

static bool length_is(const struct hbk_map *map, u64 length)
{
	const struct hbk_map_pair *pair = hbk_map_field(map, "content-length");
	char digits[DECIMAL_MAX];
	size_t count = hbk_http_decimal(length, digits);

	return pair && !hbk_map_after(map, pair) && pair->value_length == count && !memcmp(pair->value, digits, count);
}

static bool coding_is_chunked(const struct hbk_map *map)
{
	const struct hbk_map_pair *pair = hbk_map_field(map, "transfer-encoding");

	return pair && !hbk_map_after(map, pair) && hbk_map_value_is(pair, "chunked");
}

/**
 * hbk_http_is_framed() - would hbk_http_frame() change nothing?
 * @map: the map
 * @framing: how the body is framed
 * @length: for HBK_HTTP_SIZED
 */
bool hbk_http_is_framed(const struct hbk_map *map, enum hbk_http_framing framing, u64 length)
{
	if (framing == HBK_HTTP_CHUNKED)
		return !hbk_map_field(map, "content-length") && coding_is_chunked(map);
	if (hbk_map_field(map, "transfer-encoding"))
		return false;
	return framing == HBK_HTTP_SIZED ? length_is(map, length) : !hbk_map_field(map, "content-length");
}

/**
 * hbk_http_frame() - makes the fields of a head say how its body is framed
 * @map: the map
 * @framing: how the body is framed
 * @length: for HBK_HTTP_SIZED
 *
 * Return: 0, -ENOMEM or -E2BIG.
 */
int hbk_http_frame(struct hbk_map *map, enum hbk_http_framing framing, u64 length)
{
	char digits[DECIMAL_MAX];

	if (hbk_http_is_framed(map, framing, length))
		return 0;
	if (framing == HBK_HTTP_SIZED) {
		hbk_map_drop(map, "transfer-encoding");
		return hbk_map_put(map, "Content-Length", digits, hbk_http_decimal(length, digits));
	}
	hbk_map_drop(map, "content-length");
	if (framing == HBK_HTTP_CHUNKED && coding_is_chunked(map))
		return 0;
	hbk_map_drop(map, "transfer-encoding");
	return framing == HBK_HTTP_CHUNKED ? hbk_map_put(map, "Transfer-Encoding", "chunked", strlen("chunked")) : 0;
}

static void put_field(struct writer *writer, const void *name, size_t name_length, const struct hbk_map_pair *pair)
{
	put(writer, name, name_length);
	put(writer, ": ", 2);
	put(writer, pair->value, pair->value_length);
	put(writer, "\r\n", 2);
}

static void put_host(struct writer *writer, const struct hbk_http_head *head)
{
	const struct hbk_map_pair *host = hbk_map_field(&head->map, ":authority");
	const u8 *raw = hbk_buffer_data(&head->raw);

	if (!host)
		return;
	if (head->host_place >= 0)
		put_field(writer, raw + head->host_at, strlen("Host"), host);
	else if (!head->absolute && !(head->asked & HBK_HTTP_ASKED_CONNECT))
		put_field(writer, "Host", strlen("Host"), host);
}

static void put_fields(struct writer *writer, const struct hbk_http_head *head)
{
	const struct hbk_map *map = &head->map;
	int place = 0;
	u32 i;

	if (head->host_place < 0)
		put_host(writer, head);
	for (i = 0; i < map->count; i++) {
		if (map->pairs[i].name[0] == ':')
			continue;
		if (place++ == head->host_place)
			put_host(writer, head);
		put_field(writer, map->pairs[i].name, map->pairs[i].name_length, &map->pairs[i]);
	}
	if (place <= head->host_place)
		put_host(writer, head);
	put(writer, "\r\n", 2);
}

static void put_pseudo(struct writer *writer, const struct hbk_map *map, const char *name)
{
	const struct hbk_map_pair *pair = hbk_map_field(map, name);

	if (pair)
		put(writer, pair->value, pair->value_length);
}

static void put_version(struct writer *writer, const struct hbk_http_head *head)
{
	put_text(writer, head->minor ? "HTTP/1.1" : "HTTP/1.0");
}

static void put_request_line(struct writer *writer, const struct hbk_http_head *head)
{
	put_pseudo(writer, &head->map, ":method");
	put(writer, " ", 1);
	if (head->absolute)
		put(writer, hbk_buffer_data(&head->raw) + head->target_at, head->scheme_length);
	if (head->absolute || (head->asked & HBK_HTTP_ASKED_CONNECT))
		put_pseudo(writer, &head->map, ":authority");
	put_pseudo(writer, &head->map, ":path");
	put(writer, " ", 1);
	put_version(writer, head);
}

static u32 status_of(const struct hbk_map *map)
{
	const struct hbk_map_pair *pair = hbk_map_field(map, ":status");

	return pair ? (pair->value[0] - '0') * 100 + (pair->value[1] - '0') * 10 + (pair->value[2] - '0') : 0;
}

static void put_status_line(struct writer *writer, const struct hbk_http_head *head)
{
	u32 status = status_of(&head->map);

	put_version(writer, head);
	put(writer, " ", 1);
	put_pseudo(writer, &head->map, ":status");
	put(writer, " ", 1);
	if (head->raw.length && status == head->status)
		put(writer, hbk_buffer_data(&head->raw) + head->reason_at, head->reason_length);
	else
		put_text(writer, hbk_http_reason(status));
}

/**
 * hbk_http_write_head() - writes a head whose map was changed
 * @to: where it is appended
 * @head: the head
 *
 * Return: 0, -ENOMEM or -E2BIG.
 */
int hbk_http_write_head(struct hbk_buffer *to, const struct hbk_http_head *head)
{
	struct writer writer = { to };

	if (head->map.kind == HBK_MAP_RESPONSE)
		put_status_line(&writer, head);
	else
		put_request_line(&writer, head);
	put(&writer, "\r\n", 2);
	put_fields(&writer, head);
	return writer.err;
}

/**
 * hbk_http_write_fields() - writes the fields of a map, pseudo headers left out
 * @to: where it is appended
 * @map: the map
 */
int hbk_http_write_fields(struct hbk_buffer *to, const struct hbk_map *map)
{
	struct writer writer = { to };
	u32 i;

	for (i = 0; i < map->count; i++)
		if (map->pairs[i].name[0] != ':')
			put_field(&writer, map->pairs[i].name, map->pairs[i].name_length, &map->pairs[i]);
	return writer.err;
}

/**
 * hbk_http_write_chunk() - writes bytes of a body as one chunk; none as nothing, for no bytes are the end
 * @to: where it is appended
 * @data: the bytes
 * @length: how many there are
 */
int hbk_http_write_chunk(struct hbk_buffer *to, const u8 *data, size_t length)
{
	struct writer writer = { to };
	char digits[HEX_MAX];
	size_t rest = length, at = HEX_MAX;

	if (!length)
		return 0;
	for (; rest; rest /= 16)
		digits[--at] = "0123456789abcdef"[rest % 16];
	put(&writer, digits + at, HEX_MAX - at);
	put(&writer, "\r\n", 2);
	put(&writer, data, length);
	put(&writer, "\r\n", 2);
	return writer.err;
}

int hbk_http_write_last_chunk(struct hbk_buffer *to, const struct hbk_map *trailers)
{
	struct writer writer = { to };

	put_text(&writer, "0\r\n");
	if (!writer.err)
		writer.err = hbk_http_write_fields(to, trailers);
	put(&writer, "\r\n", 2);
	return writer.err;
}

/**
 * hbk_http_write_refusal() - writes the answer to what is not understood: it ends the connection
 * @to: where it is appended
 * @status: three digits of it
 */
int hbk_http_write_refusal(struct hbk_buffer *to, u32 status)
{
	struct writer writer = { to };
	char digits[DECIMAL_MAX];

	put_text(&writer, "HTTP/1.1 ");
	put(&writer, digits, hbk_http_decimal(status, digits));
	put(&writer, " ", 1);
	put_text(&writer, hbk_http_reason(status));
	put_text(&writer, "\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
	return writer.err;
}
