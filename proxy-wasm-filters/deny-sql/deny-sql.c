// SPDX-License-Identifier: Apache-2.0
/*
 * deny-sql - ends what carries one of its patterns towards the server
 *
 * An automaton (Aho and Corasick's) steps over the bytes once, and its state is kept from piece to piece: a pattern that
 * is split over two pieces is found, and nothing has to be held back, for its last byte is never let through. Letters
 * match in either case, and every run of blanks or of comments matches one blank.
 */
#include "proxy_wasm.h"

enum {
	NODES_MOST = 2048,
	PATTERNS_MOST = 64,
	PATTERN_MOST = 64,
	PIECE = 4096,
	MATCH = 0x8000,		/* in a transition: to a node where a pattern ends */
};

/* Bytes are told apart by class: those that mean something besides, all that are in no pattern, one for each that is. */
enum class {
	BLANK,
	SLASH,
	PERCENT,
	PLUS,
	OTHER,
	FIRST_OF_PATTERNS,
	CLASSES_MOST = 128,
};

/* Children are a list by `sibling`; 0 is the root, and the end of a list as well. */
struct node {
	unsigned char class;
	bool match;
	uint16_t child;
	uint16_t sibling;
	uint16_t fail;
};

enum comment {
	TEXT,
	SLASHED,
	COMMENT,
	STAR,
};

/* How far the bytes of one direction have been looked at. */
struct scan {
	uint16_t node;
	bool blank;
	enum comment comment;
	unsigned char escape;	/* digits of a %xx that are still to come */
	unsigned char escaped;
};

struct stream {
	struct pw_context context;
	struct scan scan;
	bool refused;
};

static struct node nodes[NODES_MOST];
static size_t nodes_count = 1;
static size_t patterns_count;
static unsigned char class_of[256];
static size_t classes = FIRST_OF_PATTERNS;
static uint16_t *transitions;	/* of each node, by class */
static bool report_only;

static bool is_blank(unsigned char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static void set_classes(void)
{
	for (int byte = 0; byte < 256; byte++)
		class_of[byte] = is_blank((unsigned char)byte) ? BLANK : OTHER;
	class_of['/'] = SLASH;
	class_of['%'] = PERCENT;
	class_of['+'] = PLUS;
}

static unsigned char class_in_pattern(unsigned char byte)
{
	byte = (unsigned char)pw_lower((char)byte);
	if (class_of[byte] == OTHER && classes < CLASSES_MOST) {
		class_of[byte] = (unsigned char)classes++;
		if (byte >= 'a' && byte <= 'z')
			class_of[byte - 'a' + 'A'] = class_of[byte];
	}
	return class_of[byte];
}

static uint16_t child_of(uint16_t node, unsigned char class)
{
	uint16_t child = nodes[node].child;

	while (child && nodes[child].class != class)
		child = nodes[child].sibling;
	return child;
}

static uint16_t add_child(uint16_t parent, unsigned char class)
{
	uint16_t child = (uint16_t)nodes_count++;

	nodes[child] = (struct node){.class = class, .sibling = nodes[parent].child};
	nodes[parent].child = child;
	return child;
}

static bool add_pattern(struct pw_bytes pattern)
{
	uint16_t node = 0;

	if (pattern.size < 3 || pattern.size > PATTERN_MOST)
		return pw_refuse("a pattern has from 3 to 64 bytes", pattern);
	if (patterns_count++ == PATTERNS_MOST || nodes_count + pattern.size > NODES_MOST)
		return pw_refuse("too many patterns, beginning with", pattern);
	for (size_t i = 0; i < pattern.size; i++) {
		unsigned char class = class_in_pattern((unsigned char)pattern.data[i]);
		uint16_t child = child_of(node, class);

		if (class == BLANK && i && is_blank((unsigned char)pattern.data[i - 1]))
			continue;
		if (class == OTHER)
			return pw_refuse("too many different bytes in the patterns, with", pattern);
		node = child ? child : add_child(node, class);
	}
	nodes[node].match = true;
	return true;
}

/* The row of a node: its children's, and where it has none what the node says that it falls back to. */
static void fill_row(uint16_t node, uint16_t *row)
{
	const uint16_t *back = transitions + nodes[node].fail * classes;

	for (size_t class = 0; class < classes; class++)
		row[class] = node ? back[class] : 0;
	for (uint16_t child = nodes[node].child; child; child = nodes[child].sibling) {
		nodes[child].fail = node ? back[nodes[child].class] & (MATCH - 1) : 0;
		nodes[child].match |= nodes[nodes[child].fail].match;
		row[nodes[child].class] = child | (nodes[child].match ? MATCH : 0);
	}
}

/* By breadth, so that the row of the node that one falls back to is done already. */
static bool make_transitions(void)
{
	uint16_t *order = malloc(nodes_count * sizeof(*order));
	size_t tail = 1;

	transitions = malloc(nodes_count * classes * sizeof(*transitions));
	if (!order || !transitions)
		return pw_refuse("no memory for so many patterns", (struct pw_bytes){NULL, 0});
	order[0] = 0;
	for (size_t head = 0; head < tail; head++) {
		uint16_t node = order[head];

		fill_row(node, transitions + node * classes);
		for (uint16_t child = nodes[node].child; child; child = nodes[child].sibling)
			order[tail++] = child;
	}
	free(order);
	return true;
}

static bool add_usual_patterns(void)
{
	static const struct pw_bytes usual[] = {
		{"union select", 12}, {"union all select", 16}, {"drop table", 10}, {"drop database", 13},
		{"' or '1'='1", 11}, {"' or 1=1", 8}, {"or 1=1--", 8}, {"; delete from", 13}, {"; insert into", 13},
		{"; update ", 9}, {"; drop ", 7}, {"into outfile", 12}, {"load_file(", 10}, {"xp_cmdshell", 11},
		{"information_schema", 18}, {"pg_sleep(", 9}, {"sleep(", 6}, {"benchmark(", 10}, {"waitfor delay", 13},
	};

	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		if (!add_pattern(usual[i]))
			return false;
	return true;
}

static bool read_patterns(struct pw_json *json)
{
	pw_json_enter(json, '[');
	while (pw_json_more(json, ']')) {
		struct pw_bytes pattern = pw_json_string(json);

		if (json->bad || !add_pattern(pattern))
			return json->bad;
	}
	return true;
}

bool proxy_on_configure(uint32_t root, size_t size)
{
	PW_AUTO struct pw_bytes configuration = pw_configuration(size);
	struct pw_json json = pw_json_begin(configuration);
	struct pw_bytes key;

	set_classes();
	if (size) {
		pw_json_enter(&json, '{');
		while (pw_json_key(&json, &key)) {
			if (pw_equal(key, PW_BYTES("report_only")))
				report_only = pw_json_boolean(&json);
			else if (!pw_equal(key, PW_BYTES("patterns")))
				return pw_refuse("unknown key", key);
			else if (!read_patterns(&json))
				return false;
		}
		if (!pw_json_end(&json))
			return pw_refuse("expected {\"patterns\": [\"drop table\"], \"report_only\": false}", configuration);
	}
	if (!patterns_count && !add_usual_patterns())
		return false;
	return make_transitions();
}

static bool advance(struct scan *scan, unsigned char class)
{
	uint16_t next;

	if (class == BLANK && scan->blank)
		return false;
	scan->blank = class == BLANK;
	next = transitions[scan->node * classes + class];
	scan->node = next & (MATCH - 1);
	return next & MATCH;
}

/* A comment is a blank; a lone slash is itself. */
static bool outside_comments(struct scan *scan, unsigned char byte)
{
	switch (scan->comment) {
	case COMMENT:
		if (byte == '*')
			scan->comment = STAR;
		return false;
	case STAR:
		scan->comment = byte == '/' ? TEXT : byte == '*' ? STAR : COMMENT;
		return scan->comment == TEXT && advance(scan, BLANK);
	case SLASHED:
		if (byte == '*') {
			scan->comment = COMMENT;
			return false;
		}
		scan->comment = TEXT;
		if (advance(scan, SLASH))
			return true;
		break;
	case TEXT:
		break;
	}
	if (byte == '/') {
		scan->comment = SLASHED;
		return false;
	}
	return advance(scan, class_of[byte]);
}

static unsigned char hex(char byte)
{
	byte = pw_lower(byte);
	if (byte >= '0' && byte <= '9')
		return (unsigned char)(byte - '0');
	return byte >= 'a' && byte <= 'f' ? (unsigned char)(byte - 'a' + 10) : 255;
}

/* As forms and paths write it: + for a blank, %xx for a byte. What is no such escape is what it looks like. */
static bool decoded(struct scan *scan, unsigned char byte)
{
	unsigned char digit = hex((char)byte);

	if (scan->escape && digit < 16) {
		scan->escaped = (unsigned char)(scan->escaped << 4 | digit);
		return !--scan->escape && outside_comments(scan, scan->escaped);
	}
	scan->escape = byte == '%' ? 2 : 0;
	scan->escaped = 0;
	if (scan->escape)
		return false;
	return outside_comments(scan, byte == '+' ? ' ' : byte);
}

/* Blanks, and the bytes that mean nothing but themselves: most. How many they are, up to where a pattern ends. */
static size_t scan_plain(struct scan *scan, struct pw_bytes bytes, bool *found)
{
	const unsigned char *start = (const unsigned char *)bytes.data, *end = start + bytes.size, *at = start;
	const uint16_t *row = transitions + scan->node * classes;
	uint16_t next = scan->node;
	bool blank = scan->blank;
	unsigned char class;

	if (scan->comment != TEXT || scan->escape)
		return 0;
	for (; at < end && !(next & MATCH); at++) {
		class = class_of[*at];
		if (class < OTHER && (class != BLANK || blank)) {
			if (class != BLANK)
				break;
			continue;
		}
		blank = class == BLANK;
		next = row[class];
		row = transitions + (next & (MATCH - 1)) * classes;
	}
	*found = next & MATCH;
	scan->node = next & (MATCH - 1);
	scan->blank = blank;
	return (size_t)(at - start);
}

static bool scan_bytes(struct scan *scan, struct pw_bytes bytes, bool form)
{
	for (size_t i = 0; i < bytes.size; i++) {
		bool found = false;
		unsigned char byte;

		i += scan_plain(scan, (struct pw_bytes){bytes.data + i, bytes.size - i}, &found);
		if (found || i == bytes.size)
			return found;
		byte = (unsigned char)bytes.data[i];
		if (form ? decoded(scan, byte) : outside_comments(scan, byte))
			return true;
	}
	return false;
}

/* All of the buffer is new: this filter holds nothing back. */
static bool scan_buffer(struct scan *scan, enum proxy_buffer buffer, size_t size, bool form)
{
	for (size_t at = 0; at < size; at += PIECE) {
		PW_AUTO struct pw_bytes piece = pw_buffer(buffer, at, PIECE);

		if (scan_bytes(scan, piece, form))
			return true;
	}
	return false;
}

/* A stream that there is no memory for is one that nothing is known of. */
static struct stream *stream_of(uint32_t context)
{
	struct stream *stream = pw_context_find(context);

	return stream ? stream : pw_context_new(context, sizeof(*stream));
}

enum proxy_action proxy_on_downstream_data(uint32_t context, size_t size, bool end_of_stream)
{
	struct stream *stream = stream_of(context);

	if (stream && !stream->refused) {
		if (!scan_buffer(&stream->scan, PROXY_DOWNSTREAM_DATA, size, false))
			return PROXY_CONTINUE;
		pw_log(PROXY_LOG_WARN, "a pattern was found in a connection's bytes");
		if (report_only)
			return PROXY_CONTINUE;
		stream->refused = true;
		proxy_close_stream(PROXY_DOWNSTREAM);
	}
	return PROXY_PAUSE;
}

static enum proxy_action refuse_request(struct stream *stream)
{
	static const struct pw_bytes body = {"refused\n", 8}, details = {"deny_sql", 8};

	pw_log(PROXY_LOG_WARN, "a pattern was found in a request");
	if (report_only)
		return PROXY_CONTINUE;
	stream->refused = true;
	proxy_send_local_response(403, details.data, details.size, body.data, body.size, NULL, 0, -1);
	return PROXY_PAUSE;
}

enum proxy_action proxy_on_request_headers(uint32_t context, size_t count, bool end_of_stream)
{
	PW_AUTO struct pw_bytes path = pw_header(PROXY_HTTP_REQUEST_HEADERS, ":path");
	struct stream *stream = stream_of(context);
	struct scan scan = {0};

	if (!stream)
		return PROXY_PAUSE;
	return scan_bytes(&scan, path, true) ? refuse_request(stream) : PROXY_CONTINUE;
}

enum proxy_action proxy_on_request_body(uint32_t context, size_t size, bool end_of_stream)
{
	struct stream *stream = stream_of(context);

	if (!stream || stream->refused)
		return PROXY_PAUSE;
	return scan_buffer(&stream->scan, PROXY_HTTP_REQUEST_BODY, size, true) ? refuse_request(stream) : PROXY_CONTINUE;
}

void proxy_on_delete(uint32_t context)
{
	pw_context_delete(context);
}
