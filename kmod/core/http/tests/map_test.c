// SPDX-License-Identifier: GPL-2.0-only
/* Header maps: what guests may do to them, and their serialised form. */
#include <stdlib.h>

#include "../../proxy/map.h"
#include "../../proxy/pairs.h"
#include "tests.h"

enum verb { ADD, REPLACE, REMOVE };

struct edit_row {
	const char *name;
	enum hbk_map_kind kind;
	enum verb verb;
	const char *key;
	const char *value;
	int err;
	const char *after;
};

#define REQUEST_MAP	"[:method=GET][:path=/][:authority=h][:scheme=http]"

static const struct edit_row edits[] = {
	{ "add", HBK_MAP_REQUEST, ADD, "C", "d", 0, REQUEST_MAP "[A=b][a=c][C=d]" },
	{ "add another of the name", HBK_MAP_REQUEST, ADD, "A", "d", 0, REQUEST_MAP "[A=b][a=c][A=d]" },
	{ "add an empty value", HBK_MAP_REQUEST, ADD, "C", "", 0, REQUEST_MAP "[A=b][a=c][C=]" },
	{ "replace all of a name", HBK_MAP_REQUEST, REPLACE, "a", "d", 0, REQUEST_MAP "[A=d]" },
	{ "replace what is not there", HBK_MAP_REQUEST, REPLACE, "C", "d", 0, REQUEST_MAP "[A=b][a=c][C=d]" },
	{ "remove all of a name", HBK_MAP_REQUEST, REMOVE, "a", "", 0, REQUEST_MAP },
	{ "remove what is not there", HBK_MAP_REQUEST, REMOVE, "C", "", 0, REQUEST_MAP "[A=b][a=c]" },
	{ "replace the path", HBK_MAP_REQUEST, REPLACE, ":path", "/x", 0,
	  "[:method=GET][:path=/x][:authority=h][:scheme=http][A=b][a=c]" },
	{ "add to the path", HBK_MAP_REQUEST, ADD, ":Path", "/x", 0,
	  "[:method=GET][:path=/x][:authority=h][:scheme=http][A=b][a=c]" },
	{ "a path with a space", HBK_MAP_REQUEST, REPLACE, ":path", "/x y", -EINVAL, NULL },
	{ "a path that would be another request", HBK_MAP_REQUEST, REPLACE, ":path", "/ HTTP/1.1\r\nA: b", -EINVAL, NULL },
	{ "a relative path", HBK_MAP_REQUEST, REPLACE, ":path", "x", -EINVAL, NULL },
	{ "an empty path", HBK_MAP_REQUEST, REPLACE, ":path", "", -EINVAL, NULL },
	{ "a fragment", HBK_MAP_REQUEST, REPLACE, ":path", "/#", -EINVAL, NULL },
	{ "no path becomes the server as such", HBK_MAP_REQUEST, REPLACE, ":path", "*", -EINVAL, NULL },
	{ "remove the path", HBK_MAP_REQUEST, REMOVE, ":path", "", -EINVAL, NULL },
	{ "another method", HBK_MAP_REQUEST, REPLACE, ":method", "PUT", 0,
	  "[:method=PUT][:path=/][:authority=h][:scheme=http][A=b][a=c]" },
	{ "a method with a space", HBK_MAP_REQUEST, REPLACE, ":method", "PUT ", -EINVAL, NULL },
	{ "an empty method", HBK_MAP_REQUEST, REPLACE, ":method", "", -EINVAL, NULL },
	{ "CONNECT is nothing to become", HBK_MAP_REQUEST, REPLACE, ":method", "CONNECT", -EINVAL, NULL },
	{ "host means the authority", HBK_MAP_REQUEST, REPLACE, "Host", "g", 0,
	  "[:method=GET][:path=/][:authority=g][:scheme=http][A=b][a=c]" },
	{ "a second host", HBK_MAP_REQUEST, ADD, "host", "g", 0,
	  "[:method=GET][:path=/][:authority=g][:scheme=http][A=b][a=c]" },
	{ "a host with a path", HBK_MAP_REQUEST, REPLACE, "host", "g/h", -EINVAL, NULL },
	{ "remove the host", HBK_MAP_REQUEST, REMOVE, "host", "", -EINVAL, NULL },
	{ "another scheme", HBK_MAP_REQUEST, REPLACE, ":scheme", "https", 0,
	  "[:method=GET][:path=/][:authority=h][:scheme=https][A=b][a=c]" },
	{ "no scheme", HBK_MAP_REQUEST, REPLACE, ":scheme", "gopher", -EINVAL, NULL },
	{ "a status in a request", HBK_MAP_REQUEST, ADD, ":status", "200", -EINVAL, NULL },
	{ "an unknown pseudo header", HBK_MAP_REQUEST, ADD, ":protocol", "x", -EINVAL, NULL },
	{ "an empty name", HBK_MAP_REQUEST, ADD, "", "x", -EINVAL, NULL },
	{ "a name with a colon", HBK_MAP_REQUEST, ADD, "A:", "x", -EINVAL, NULL },
	{ "a name with a space", HBK_MAP_REQUEST, ADD, "A B", "x", -EINVAL, NULL },
	{ "a name with a line feed", HBK_MAP_REQUEST, ADD, "A\nB", "x", -EINVAL, NULL },
	{ "a name past ASCII", HBK_MAP_REQUEST, ADD, "\xc3\xa9", "x", -EINVAL, NULL },
	{ "a value with a line feed", HBK_MAP_REQUEST, ADD, "C", "x\nD: e", -EINVAL, NULL },
	{ "a value with a carriage return", HBK_MAP_REQUEST, REPLACE, "A", "x\r", -EINVAL, NULL },
	{ "a value with an escape", HBK_MAP_REQUEST, REPLACE, "A", "\x1b", -EINVAL, NULL },
	{ "a value past ASCII", HBK_MAP_REQUEST, REPLACE, "A", "\xc3\xa9\t", 0, REQUEST_MAP "[A=\xc3\xa9\t]" },
	{ "remove no name", HBK_MAP_REQUEST, REMOVE, "", "", -EINVAL, NULL },
	{ "another status", HBK_MAP_RESPONSE, REPLACE, ":status", "404", 0, "[:status=404][A=b][a=c]" },
	{ "a status of an interim response", HBK_MAP_RESPONSE, REPLACE, ":status", "100", -EINVAL, NULL },
	{ "a status of 600", HBK_MAP_RESPONSE, REPLACE, ":status", "600", -EINVAL, NULL },
	{ "a status of letters", HBK_MAP_RESPONSE, REPLACE, ":status", "2OO", -EINVAL, NULL },
	{ "a status of four digits", HBK_MAP_RESPONSE, REPLACE, ":status", "2000", -EINVAL, NULL },
	{ "a path in a response", HBK_MAP_RESPONSE, ADD, ":path", "/", -EINVAL, NULL },
	{ "a Host in a response is a field", HBK_MAP_RESPONSE, ADD, "Host", "x", 0, "[:status=200][A=b][a=c][Host=x]" },
	{ "a trailer", HBK_MAP_FIELDS, ADD, "C", "d", 0, "[A=b][a=c][C=d]" },
	{ "a status as trailer", HBK_MAP_FIELDS, ADD, ":status", "200", -EINVAL, NULL },
};

static void append(struct hbk_map *map, const char *name, const char *value)
{
	assert_int_equal(hbk_map_append(map, name, strlen(name), value, strlen(value)), 0);
}

static void fill(struct hbk_map *map)
{
	if (map->kind == HBK_MAP_REQUEST) {
		append(map, ":method", "GET");
		append(map, ":path", "/");
		append(map, ":authority", "h");
		append(map, ":scheme", "http");
	} else if (map->kind == HBK_MAP_RESPONSE) {
		append(map, ":status", "200");
	}
	append(map, "A", "b");
	append(map, "a", "c");
}

static void show(const struct hbk_map *map, char *text)
{
	u32 i;

	*text = 0;
	for (i = 0; i < map->count; i++)
		text += sprintf(text, "[%s=%s]", map->pairs[i].name, map->pairs[i].value);
}

static int edit(struct hbk_map *map, const struct edit_row *row)
{
	if (row->verb == REMOVE)
		return hbk_map_remove(map, row->key, strlen(row->key));
	return (row->verb == ADD ? hbk_map_add : hbk_map_replace)(map, row->key, strlen(row->key), row->value,
								  strlen(row->value));
}

static void edited(void **state)
{
	const struct edit_row *row = *state;
	char before[512], after[512];
	struct test_heap heap;
	struct hbk_map map;

	test_heap_init(&heap);
	hbk_map_init(&map, &heap.heap, row->kind);
	fill(&map);
	show(&map, before);
	assert_int_equal(edit(&map, row), row->err);
	show(&map, after);
	assert_string_equal(after, row->err ? before : row->after);
	assert_int_equal(map.changes, strcmp(before, after) ? 1 : 0);
	hbk_map_clear(&map);
	assert_int_equal(map.size, 4);
	assert_int_equal(heap.taken, 0);
}

struct pairs_row {
	const char *name;
	const char *data;
	size_t length;
	int err;
	const char *after;
};

#define PAIRS(name, data, err, after)	{ name, data, sizeof(data) - 1, err, after }
#define NUMBER(n)	n "\0\0\0"

static const struct pairs_row pairs[] = {
	PAIRS("no bytes", "", 0, ""),
	PAIRS("one byte that is zero", "\0", 0, ""),
	PAIRS("one byte that is not", "\1", -EINVAL, ""),
	PAIRS("three bytes", "\0\0\0", -EINVAL, ""),
	PAIRS("no pairs", "\0\0\0\0", 0, ""),
	PAIRS("no pairs and a byte", "\0\0\0\0\0", -EINVAL, ""),
	PAIRS("one pair", NUMBER("\1") NUMBER("\1") NUMBER("\1") "A\0b\0", 0, "[A=b]"),
	PAIRS("two pairs", NUMBER("\2") NUMBER("\1") NUMBER("\1") NUMBER("\2") "\0\0\0\0" "A\0b\0CD\0\0", 0, "[A=b][CD=]"),
	PAIRS("a byte too many", NUMBER("\1") NUMBER("\1") NUMBER("\1") "A\0b\0x", -EINVAL, NULL),
	PAIRS("a byte too few", NUMBER("\1") NUMBER("\1") NUMBER("\1") "A\0b", -EINVAL, NULL),
	PAIRS("no NUL behind the name", NUMBER("\1") NUMBER("\1") NUMBER("\1") "Axb\0", -EINVAL, NULL),
	PAIRS("no NUL behind the value", NUMBER("\1") NUMBER("\1") NUMBER("\1") "A\0bx", -EINVAL, NULL),
	PAIRS("no lengths", NUMBER("\1"), -EINVAL, NULL),
	PAIRS("half of the lengths", NUMBER("\1") NUMBER("\1"), -EINVAL, NULL),
	PAIRS("a name past the end", NUMBER("\1") NUMBER("\5") NUMBER("\0") "A\0\0", -EINVAL, NULL),
	PAIRS("a value past the end", NUMBER("\1") NUMBER("\1") NUMBER("\5") "A\0b\0", -EINVAL, NULL),
	PAIRS("a name of 4 GiB", NUMBER("\1") "\xff\xff\xff\xff" NUMBER("\1") "A\0b\0", -EINVAL, NULL),
	PAIRS("a value of 4 GiB", NUMBER("\1") NUMBER("\1") "\xff\xff\xff\xff" "A\0b\0", -EINVAL, NULL),
	PAIRS("lengths that wrap round", NUMBER("\1") "\xff\xff\xff\xff" NUMBER("\5") "A\0b\0", -EINVAL, NULL),
	PAIRS("1025 pairs", "\x01\x04\0\0", -E2BIG, NULL),
	PAIRS("a count that wraps round", "\x01\0\0\x20" NUMBER("\1") NUMBER("\1") "A\0b\0", -E2BIG, NULL),
	PAIRS("4 Gi pairs", "\xff\xff\xff\xff", -E2BIG, NULL),
	PAIRS("big-endian", "\0\0\0\1" "\0\0\0\1" "\0\0\0\1" "A\0b\0", -E2BIG, NULL),
};

static void paired(void **state)
{
	const struct pairs_row *row = *state;
	u8 *data = malloc(row->length + !row->length), *written;
	struct test_heap heap;
	struct hbk_map map;
	char text[512];

	memcpy(data, row->data, row->length);
	test_heap_init(&heap);
	hbk_map_init(&map, &heap.heap, HBK_MAP_FIELDS);
	assert_int_equal(hbk_pairs_read(&map, data, row->length), row->err);
	if (!row->err) {
		show(&map, text);
		assert_string_equal(text, row->after);
		written = malloc(hbk_pairs_size(&map));
		hbk_pairs_write(&map, written);
		if (row->length >= 4) {
			assert_int_equal(hbk_pairs_size(&map), row->length);
			assert_memory_equal(written, data, row->length);
		}
		free(written);
	}
	hbk_map_clear(&map);
	assert_int_equal(heap.taken, 0);
	free(data);
}

struct assign_row {
	const char *name;
	enum hbk_map_kind kind;
	const char *given[8];	/* name, value, ... */
	int err;
	const char *after;
};

static const struct assign_row assigns[] = {
	{ "fields only", HBK_MAP_REQUEST, { "X", "y" }, 0, REQUEST_MAP "[X=y]" },
	{ "nothing", HBK_MAP_REQUEST, { NULL }, 0, REQUEST_MAP },
	{ "a path behind a field", HBK_MAP_REQUEST, { "X", "y", ":path", "/z" }, 0,
	  "[:method=GET][:path=/z][:authority=h][:scheme=http][X=y]" },
	{ "Host behind a field", HBK_MAP_REQUEST, { "X", "y", "Host", "z" }, 0,
	  "[:method=GET][:path=/][:authority=z][:scheme=http][X=y]" },
	{ "two paths", HBK_MAP_REQUEST, { ":path", "/y", ":path", "/z" }, -EINVAL, NULL },
	{ "Host and authority", HBK_MAP_REQUEST, { "Host", "y", ":authority", "z" }, -EINVAL, NULL },
	{ "a bad path", HBK_MAP_REQUEST, { ":path", "y" }, -EINVAL, NULL },
	{ "the server as such", HBK_MAP_REQUEST, { ":path", "*" }, -EINVAL, NULL },
	{ "the server as such, and its method", HBK_MAP_REQUEST, { ":method", "OPTIONS", ":path", "*" }, -EINVAL, NULL },
	{ "a bad name", HBK_MAP_REQUEST, { "X Y", "z" }, -EINVAL, NULL },
	{ "a bad value", HBK_MAP_REQUEST, { "X", "y\nZ: a" }, -EINVAL, NULL },
	{ "CONNECT", HBK_MAP_REQUEST, { ":method", "CONNECT" }, -EINVAL, NULL },
	{ "a status", HBK_MAP_RESPONSE, { ":status", "500", "X", "y" }, 0, "[:status=500][X=y]" },
	{ "a status in trailers", HBK_MAP_FIELDS, { ":status", "500" }, -EINVAL, NULL },
	{ "trailers", HBK_MAP_FIELDS, { "X", "y" }, 0, "[X=y]" },
};

static void assigned(void **state)
{
	const struct assign_row *row = *state;
	char before[512], after[512];
	struct hbk_map map, source;
	struct test_heap heap;
	int i;

	test_heap_init(&heap);
	hbk_map_init(&map, &heap.heap, row->kind);
	hbk_map_init(&source, &heap.heap, row->kind);
	fill(&map);
	show(&map, before);
	for (i = 0; row->given[i]; i += 2)
		append(&source, row->given[i], row->given[i + 1]);
	assert_int_equal(hbk_map_assign(&map, &source), row->err);
	show(&map, after);
	assert_string_equal(after, row->err ? before : row->after);
	hbk_map_clear(&map);
	hbk_map_clear(&source);
	assert_int_equal(heap.taken, 0);
}

/* The limits hold for pairs that are added one by one, too. */
static void full(void **state)
{
	static char value[HBK_MAP_SIZE_MAX];
	struct test_heap heap;
	struct hbk_map map;
	u32 i;

	(void)state;
	test_heap_init(&heap);
	hbk_map_init(&map, &heap.heap, HBK_MAP_FIELDS);
	for (i = 0; i < HBK_MAP_PAIRS_MAX; i++)
		assert_int_equal(hbk_map_add(&map, "A", 1, "b", 1), 0);
	assert_int_equal(hbk_map_add(&map, "A", 1, "b", 1), -E2BIG);
	assert_int_equal(map.count, HBK_MAP_PAIRS_MAX);
	hbk_map_clear(&map);

	memset(value, 'x', sizeof(value));
	assert_int_equal(hbk_map_add(&map, "A", 1, value, sizeof(value)), -E2BIG);
	assert_int_equal(hbk_map_add(&map, "A", 1, value, sizeof(value) - 15), 0);
	assert_int_equal(hbk_pairs_size(&map), HBK_MAP_SIZE_MAX);
	assert_int_equal(hbk_map_add(&map, "B", 1, "", 0), -E2BIG);
	assert_int_equal(hbk_map_replace(&map, "A", 1, value, sizeof(value) - 14), -E2BIG);
	assert_int_equal(hbk_map_replace(&map, "A", 1, "b", 1), 0);
	hbk_map_clear(&map);
	assert_int_equal(heap.taken, 0);
}

void add_map_tests(struct tests *tests)
{
	size_t i;

	for (i = 0; i < ROWS(edits); i++)
		tests_add(tests, edits[i].name, edited, &edits[i]);
	for (i = 0; i < ROWS(pairs); i++)
		tests_add(tests, pairs[i].name, paired, &pairs[i]);
	for (i = 0; i < ROWS(assigns); i++)
		tests_add(tests, assigns[i].name, assigned, &assigns[i]);
	tests_add(tests, "a map is full", full, NULL);
}
