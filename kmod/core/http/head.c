// SPDX-License-Identifier: GPL-2.0-only
#include "head.h"

#include "limits.h"
#include "picohttpparser.h"

#define VERSION_LENGTH	8	/* "HTTP/1.1" */

/* What picohttpparser found. */
struct found {
	const char *raw;
	size_t length;
	const char *method;
	size_t method_length;
	const char *target;
	size_t target_length;
	struct phr_header *fields;
	size_t count;
};

struct text {
	const u8 *bytes;
	size_t length;
};

void hbk_http_head_init(struct hbk_http_head *head, struct hbk_wasm_heap *heap, bool response)
{
	*head = (struct hbk_http_head){ .host_place = -1 };
	hbk_buffer_init(&head->raw, heap, HBK_HTTP_HEAD_MAX);
	hbk_map_init(&head->map, heap, response ? HBK_MAP_RESPONSE : HBK_MAP_REQUEST);
}

/**
 * hbk_http_head_clear() - makes a head as new, and gives its memory back
 * @head: the head
 */
void hbk_http_head_clear(struct hbk_http_head *head)
{
	struct hbk_wasm_heap *heap = head->map.heap;
	bool response = head->map.kind == HBK_MAP_RESPONSE;

	hbk_buffer_release(&head->raw);
	hbk_map_clear(&head->map);
	hbk_http_head_init(head, heap, response);
}

static bool is_space(u8 c)
{
	return c == ' ' || c == '\t';
}

static bool digit(u8 c)
{
	return c >= '0' && c <= '9';
}

static struct text trimmed(const u8 *bytes, size_t length)
{
	while (length && is_space(bytes[0])) {
		bytes++;
		length--;
	}
	while (length && is_space(bytes[length - 1]))
		length--;
	return (struct text){ bytes, length };
}

static bool text_is(struct text text, const char *word)
{
	return hbk_map_same(text.bytes, text.length, (const u8 *)word, strlen(word));
}

static bool list_has(const u8 *list, size_t length, const char *token)
{
	const u8 *comma;
	size_t item;

	for (;;) {
		comma = length ? memchr(list, ',', length) : NULL;
		item = comma ? (size_t)(comma - list) : length;
		if (text_is(trimmed(list, item), token))
			return true;
		if (!comma)
			return false;
		list += item + 1;
		length -= item + 1;
	}
}

/**
 * hbk_http_lists() - whether a token is in the lists that all fields of a name make up together
 * @map: the map
 * @field: name of the fields
 * @token: what is looked for, in any case
 */
bool hbk_http_lists(const struct hbk_map *map, const char *field, const char *token)
{
	const struct hbk_map_pair *pair;

	for (pair = hbk_map_field(map, field); pair; pair = hbk_map_after(map, pair))
		if (list_has(pair->value, pair->value_length, token))
			return true;
	return false;
}

/**
 * hbk_http_persistent() - whether the fields let another message follow
 * @map: the map
 * @minor: of the version HTTP/1.@minor
 */
bool hbk_http_persistent(const struct hbk_map *map, u8 minor)
{
	if (hbk_http_lists(map, "connection", "close"))
		return false;
	return minor || hbk_http_lists(map, "connection", "keep-alive");
}

/**
 * hbk_http_asked() - what the response to a request depends on
 * @map: the map
 * @minor: of the version HTTP/1.@minor
 */
u8 hbk_http_asked(const struct hbk_map *map, u8 minor)
{
	const struct hbk_map_pair *method = hbk_map_field(map, ":method");
	u8 asked = 0;

	if (method && method->value_length == 4 && !memcmp(method->value, "HEAD", 4))
		asked |= HBK_HTTP_ASKED_HEAD;
	if (method && method->value_length == 7 && !memcmp(method->value, "CONNECT", 7))
		asked |= HBK_HTTP_ASKED_CONNECT;
	if (minor && hbk_map_field(map, "upgrade") && hbk_http_lists(map, "connection", "upgrade"))
		asked |= HBK_HTTP_ASKED_UPGRADE;
	return asked;
}

static enum hbk_http_refusal refusal_of(int err)
{
	if (!err)
		return HBK_HTTP_FINE;
	return err == -ENOMEM ? HBK_HTTP_NO_MEMORY : HBK_HTTP_HEAD_LONG;
}

static enum hbk_http_refusal check_version(const char *version, u8 *minor)
{
	if (memcmp(version, "HTTP/", 5) || !digit(version[5]) || version[6] != '.' || !digit(version[7]))
		return HBK_HTTP_START;
	if (version[5] != '1' || version[7] > '1')
		return HBK_HTTP_VERSION;
	*minor = version[7] - '0';
	return HBK_HTTP_FINE;
}

static const char *find_space(const char *from, const char *end)
{
	return from < end ? memchr(from, ' ', end - from) : NULL;
}

/* Method, one space, target, one space, version. picohttpparser says later where they are; here is why they are not. */
static enum hbk_http_refusal check_request_line(const char *line, size_t length, u8 *minor)
{
	const char *end = line + length, *target, *version;

	target = find_space(line, end);
	version = target ? find_space(target + 1, end) : NULL;
	if (!version || version + 1 + VERSION_LENGTH != end)
		return HBK_HTTP_START;
	if (!hbk_map_token((const u8 *)line, target - line))
		return HBK_HTTP_METHOD;
	if (version == target + 1 || memchr(target, '\t', version - target))
		return HBK_HTTP_TARGET;
	return check_version(version + 1, minor);
}

static enum hbk_http_refusal check_status_line(const char *line, size_t length, u8 *minor)
{
	enum hbk_http_refusal refusal;
	const char *status = line + VERSION_LENGTH + 1;

	if (length < VERSION_LENGTH + 1 || line[VERSION_LENGTH] != ' ')
		return HBK_HTTP_START;
	refusal = check_version(line, minor);
	if (refusal)
		return refusal;
	if (length < VERSION_LENGTH + 5 || !digit(status[0]) || !digit(status[1]) || !digit(status[2]) ||
	    status[3] != ' ' || status[0] == '0')
		return HBK_HTTP_STATUS;
	return HBK_HTTP_FINE;
}

static size_t line_length(const struct hbk_buffer *raw)
{
	const u8 *data = hbk_buffer_data(raw);

	return (const u8 *)memchr(data, '\r', raw->length) - data;
}

static bool framing_field(const struct phr_header *field)
{
	static const char *const names[] = {
		"transfer-encoding", "content-length", "host", "trailer", "connection", "content-encoding",
		"content-type", "content-range", "te", "upgrade", "expect", "authorization", "cookie", "set-cookie",
	};
	struct text name = { (const u8 *)field->name, field->name_len };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text_is(name, names[i]))
			return true;
	return false;
}

static enum hbk_http_refusal append_field(struct hbk_map *map, const struct phr_header *field)
{
	struct text value = trimmed((const u8 *)field->value, field->value_len);

	if (!field->name || !hbk_map_token((const u8 *)field->name, field->name_len))
		return HBK_HTTP_FIELD;
	return refusal_of(hbk_map_append(map, field->name, field->name_len, value.bytes, value.length));
}

/* A host must not be named twice, or in two ways. */
static enum hbk_http_refusal find_host(struct hbk_http_head *head, const struct found *found,
				       const struct phr_header **host)
{
	size_t i;

	for (i = 0; i < found->count; i++) {
		const struct phr_header *field = &found->fields[i];

		if (!text_is((struct text){ (const u8 *)field->name, field->name_len }, "host"))
			continue;
		if (*host)
			return HBK_HTTP_HOST;
		*host = field;
		head->host_place = i;
		head->host_at = field->name - found->raw;
	}
	return *host || !head->minor ? HBK_HTTP_FINE : HBK_HTTP_HOST;
}

static size_t scheme_length(struct text target)
{
	if (target.length > 7 && text_is((struct text){ target.bytes, 7 }, "http://"))
		return 7;
	if (target.length > 8 && text_is((struct text){ target.bytes, 8 }, "https://"))
		return 8;
	return 0;
}

/* Takes scheme and host of an absolute target off. */
static enum hbk_http_refusal split_absolute(struct hbk_http_head *head, struct text *target, struct text *authority)
{
	const u8 *slash;

	head->scheme_length = scheme_length(*target);
	if (!head->scheme_length)
		return HBK_HTTP_TARGET;
	head->absolute = true;
	target->bytes += head->scheme_length;
	target->length -= head->scheme_length;
	slash = memchr(target->bytes, '/', target->length);
	*authority = *target;
	if (slash)
		authority->length = slash - target->bytes;
	*target = slash ? (struct text){ slash, target->length - authority->length } :
		(struct text){ (const u8 *)"/", 1 };
	return authority->length ? HBK_HTTP_FINE : HBK_HTTP_TARGET;
}

static enum hbk_http_refusal check_target(const struct text *target)
{
	size_t i;

	for (i = 0; i < target->length; i++)
		if (target->bytes[i] <= ' ' || target->bytes[i] >= 127 || target->bytes[i] == '#')
			return HBK_HTTP_TARGET;
	return HBK_HTTP_FINE;
}

/* The four forms of RFC 9112, section 3.2. */
static enum hbk_http_refusal split_target(struct hbk_http_head *head, const struct found *found, struct text *path,
					  struct text *authority)
{
	struct text method = { (const u8 *)found->method, found->method_length };
	struct text target = { (const u8 *)found->target, found->target_length };
	enum hbk_http_refusal refusal = check_target(&target);

	head->target_at = found->target - found->raw;
	if (refusal)
		return refusal;
	*path = target;
	if (text_is(method, "CONNECT")) {
		*authority = target;
		path->length = 0;
		return memcmp(method.bytes, "CONNECT", 7) || !memchr(target.bytes, ':', target.length) ?
			HBK_HTTP_TARGET : HBK_HTTP_FINE;
	}
	if (target.bytes[0] == '/')
		return HBK_HTTP_FINE;
	if (text_is(target, "*"))
		return text_is(method, "OPTIONS") ? HBK_HTTP_FINE : HBK_HTTP_TARGET;
	return split_absolute(head, path, authority);
}

static enum hbk_http_refusal append_pseudo(struct hbk_map *map, const char *name, struct text value)
{
	return refusal_of(hbk_map_append(map, name, strlen(name), value.bytes, value.length));
}

static enum hbk_http_refusal put_request_line(struct hbk_http_head *head, const struct found *found)
{
	struct text path, authority = { NULL, 0 }, named = { NULL, 0 };
	const struct phr_header *host = NULL;
	enum hbk_http_refusal refusal;

	refusal = split_target(head, found, &path, &authority);
	if (!refusal)
		refusal = find_host(head, found, &host);
	if (refusal)
		return refusal;
	if (host)
		named = trimmed((const u8 *)host->value, host->value_len);
	if (!hbk_map_authority_valid(named.bytes, named.length) ||
	    !hbk_map_authority_valid(authority.bytes, authority.length))
		return HBK_HTTP_HOST;
	if (host && authority.length && !hbk_map_same(named.bytes, named.length, authority.bytes, authority.length))
		return HBK_HTTP_HOST;
	if (!authority.length)
		authority = named;

	refusal = append_pseudo(&head->map, ":method", (struct text){ (const u8 *)found->method, found->method_length });
	if (!refusal && path.length)
		refusal = append_pseudo(&head->map, ":path", path);
	if (!refusal && (host || authority.length))
		refusal = append_pseudo(&head->map, ":authority", authority);
	if (!refusal)
		refusal = append_pseudo(&head->map, ":scheme", (struct text){ (const u8 *)"http", 4 });
	return refusal;
}

static enum hbk_http_refusal parse_length(const struct hbk_map_pair *pair, u64 *length)
{
	u32 i;

	if (!pair->value_length || pair->value_length > HBK_HTTP_LENGTH_DIGITS)
		return HBK_HTTP_LENGTH;
	*length = 0;
	for (i = 0; i < pair->value_length; i++) {
		if (!digit(pair->value[i]))
			return HBK_HTTP_LENGTH;
		*length = *length * 10 + (pair->value[i] - '0');
	}
	return HBK_HTTP_FINE;
}

/* How long the body would be if there is one; two ways of saying it are one too many. */
static enum hbk_http_refusal find_framing(const struct hbk_map *map, u8 minor, enum hbk_http_framing *framing,
					  u64 *size)
{
	const struct hbk_map_pair *coding = hbk_map_field(map, "transfer-encoding");
	const struct hbk_map_pair *length = hbk_map_field(map, "content-length");

	*framing = HBK_HTTP_NONE;
	if (length && hbk_map_after(map, length))
		return HBK_HTTP_LENGTHS;
	if (length && coding)
		return HBK_HTTP_LENGTH_AND_CODING;
	if (coding) {
		if (!minor)
			return HBK_HTTP_CODING_OLD;
		if (hbk_map_after(map, coding) || !hbk_map_value_is(coding, "chunked"))
			return HBK_HTTP_CODING;
		*framing = HBK_HTTP_CHUNKED;
	}
	if (!length)
		return HBK_HTTP_FINE;
	*framing = HBK_HTTP_SIZED;
	return parse_length(length, size);
}

/**
 * hbk_http_framing_is_clear() - does what fields say of a body, if anything, have one meaning?
 * @map: of a head
 * @minor: its version is HTTP/1.@minor
 */
bool hbk_http_framing_is_clear(const struct hbk_map *map, u8 minor)
{
	enum hbk_http_framing framing;
	u64 length;

	return find_framing(map, minor, &framing, &length) == HBK_HTTP_FINE;
}

static int parse(struct hbk_http_head *head, struct found *found, bool response)
{
	const char *reason;
	size_t reason_length;
	int minor, status, used;

	if (!response)
		return phr_parse_request(found->raw, found->length, &found->method, &found->method_length,
					 &found->target, &found->target_length, &minor, found->fields, &found->count,
					 0);
	used = phr_parse_response(found->raw, found->length, &minor, &status, &reason, &reason_length, found->fields,
				  &found->count, 0);
	if (used > 0) {
		head->status = status;
		head->reason_at = reason - found->raw;
		head->reason_length = reason_length;
	}
	return used;
}

static enum hbk_http_refusal put_status(struct hbk_http_head *head)
{
	const struct text status = { hbk_buffer_data(&head->raw) + VERSION_LENGTH + 1, 3 };

	return append_pseudo(&head->map, ":status", status);
}

static enum hbk_http_refusal put_all(struct hbk_http_head *head, const struct found *found, bool response)
{
	enum hbk_http_refusal refusal;
	size_t i;

	refusal = response ? put_status(head) : put_request_line(head, found);
	for (i = 0; i < found->count && !refusal; i++)
		if (response || (int)i != head->host_place)
			refusal = append_field(&head->map, &found->fields[i]);
	return refusal ? refusal : find_framing(&head->map, head->minor, &head->framing, &head->length);
}

/* No field has less than a line: room for as many, and not for the most there may be, which would be two pages. */
static enum hbk_http_refusal take_apart(struct hbk_http_head *head, u32 lines, bool response)
{
	struct hbk_wasm_heap *heap = head->map.heap;
	size_t size = lines * sizeof(struct phr_header);
	struct found found = { (const char *)hbk_buffer_data(&head->raw), head->raw.length };
	enum hbk_http_refusal refusal;

	found.fields = heap->allocate(heap, size);
	if (!found.fields)
		return HBK_HTTP_NO_MEMORY;
	found.count = lines;
	if (parse(head, &found, response) == (int)found.length)
		refusal = put_all(head, &found, response);
	else
		refusal = HBK_HTTP_FIELD;
	heap->release(heap, found.fields, size);
	return refusal;
}

/* "Upgrade: h2c" would carry requests past the filters: it is taken out. A server need not upgrade. */
static void forget_h2c(struct hbk_map *map)
{
	if (!hbk_http_lists(map, "upgrade", "h2c"))
		return;
	hbk_map_drop(map, "upgrade");
	hbk_map_drop(map, "http2-settings");
	map->changes++;
}

/**
 * hbk_http_head_request() - takes a request's head apart
 * @head: @head->raw is complete and was scanned; all else is filled in
 * @lines: of @head->raw, as they were counted there
 */
enum hbk_http_refusal hbk_http_head_request(struct hbk_http_head *head, u32 lines)
{
	enum hbk_http_refusal refusal;

	refusal = check_request_line((const char *)hbk_buffer_data(&head->raw), line_length(&head->raw), &head->minor);
	if (!refusal)
		refusal = take_apart(head, lines, false);
	if (refusal)
		return refusal;
	forget_h2c(&head->map);
	head->persistent = hbk_http_persistent(&head->map, head->minor);
	head->asked = hbk_http_asked(&head->map, head->minor);
	head->expects = head->minor && hbk_http_lists(&head->map, "expect", "100-continue");
	if ((head->asked & HBK_HTTP_ASKED_CONNECT) && (head->framing == HBK_HTTP_CHUNKED || head->length))
		return HBK_HTTP_BODY;
	return HBK_HTTP_FINE;
}

static bool bodyless(const struct hbk_http_head *head)
{
	return head->status < 200 || head->status == 204 || head->status == 304;
}

/**
 * hbk_http_head_response() - takes a response's head apart
 * @head: @head->raw is complete and was scanned; all else is filled in
 * @lines: of @head->raw, as they were counted there
 * @asked: hbk_http_asked() of the request
 */
enum hbk_http_refusal hbk_http_head_response(struct hbk_http_head *head, u32 lines, u8 asked)
{
	enum hbk_http_refusal refusal;
	bool tunnel;

	refusal = check_status_line((const char *)hbk_buffer_data(&head->raw), line_length(&head->raw), &head->minor);
	if (!refusal)
		refusal = take_apart(head, lines, true);
	if (refusal)
		return refusal;
	head->asked = asked;
	head->persistent = hbk_http_persistent(&head->map, head->minor);
	if (head->status == 101 && !(asked & HBK_HTTP_ASKED_UPGRADE))
		return HBK_HTTP_UPGRADE;

	tunnel = head->status == 101 || ((asked & HBK_HTTP_ASKED_CONNECT) && head->status / 100 == 2);
	if ((tunnel || (bodyless(head) && head->status != 304)) &&
	    (head->framing == HBK_HTTP_CHUNKED || head->length))
		return HBK_HTTP_BODY;
	if (tunnel)
		head->framing = HBK_HTTP_TUNNEL;
	else if (bodyless(head) || (asked & HBK_HTTP_ASKED_HEAD))
		head->framing = HBK_HTTP_NONE;
	else if (head->framing == HBK_HTTP_NONE)
		head->framing = HBK_HTTP_UNTIL_CLOSE;
	if (head->framing == HBK_HTTP_UNTIL_CLOSE)
		head->persistent = false;
	return HBK_HTTP_FINE;
}

static enum hbk_http_refusal put_trailers(struct hbk_map *map, const struct phr_header *fields, size_t count)
{
	enum hbk_http_refusal refusal = HBK_HTTP_FINE;
	size_t i;

	for (i = 0; i < count && !refusal; i++) {
		if (framing_field(&fields[i]))
			return HBK_HTTP_TRAILER;
		refusal = append_field(map, &fields[i]);
	}
	return refusal;
}

/**
 * hbk_http_head_trailers() - puts trailers into a map
 * @map: the map
 * @data: scanned, the empty line included
 * @length: how many there are
 * @lines: of @data, as they were counted there
 */
enum hbk_http_refusal hbk_http_head_trailers(struct hbk_map *map, const u8 *data, size_t length, u32 lines)
{
	struct hbk_wasm_heap *heap = map->heap;
	size_t size = lines * sizeof(struct phr_header), count = lines;
	enum hbk_http_refusal refusal = HBK_HTTP_FIELD;
	struct phr_header *fields;

	/* The scan allows for a first line, which trailers have not: only the empty one is no field. */
	if (lines > HBK_HTTP_FIELDS_MAX + 1)
		return HBK_HTTP_FIELDS_MANY;
	fields = heap->allocate(heap, size);
	if (!fields)
		return HBK_HTTP_NO_MEMORY;
	if (phr_parse_headers((const char *)data, length, fields, &count, 0) == (int)length)
		refusal = put_trailers(map, fields, count);
	heap->release(heap, fields, size);
	return refusal;
}
