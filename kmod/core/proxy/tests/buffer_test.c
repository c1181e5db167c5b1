// SPDX-License-Identifier: GPL-2.0-only
#include "../tool/engine.h"
#include "tests.h"

#define CAP	1000

static struct tool_heap heap;
static struct hbk_buffer buffer;

static void begin(void)
{
	tool_heap_init(&heap);
	hbk_buffer_init(&buffer, &heap.heap, CAP);
}

static void end(void)
{
	hbk_buffer_release(&buffer);
	assert_int_equal(heap.used, 0);
}

static void assert_holds(const struct hbk_buffer *held, const char *text)
{
	assert_int_equal(held->length, strlen(text));
	if (held->length)
		assert_memory_equal(hbk_buffer_data(held), text, held->length);
}

static void put(const char *text)
{
	assert_int_equal(hbk_buffer_append(&buffer, text, strlen(text)), 0);
}

static void queue(void **state)
{
	(void)state;
	begin();
	put("one");
	put("two");
	hbk_buffer_consume(&buffer, 4);
	assert_holds(&buffer, "wo");
	put("three");
	assert_holds(&buffer, "wothree");
	hbk_buffer_consume(&buffer, 7);
	assert_holds(&buffer, "");
	put("");
	assert_holds(&buffer, "");
	end();
}

static void replacement(void **state)
{
	static const struct {
		size_t start;
		size_t size;
		const char *text;
		const char *result;
	} rows[] = {
		{ 0, 0, "before", "beforeabcdef" },
		{ 6, 0, "after", "abcdefafter" },
		{ 2, 2, "", "abef" },
		{ 2, 2, "XYZ", "abXYZef" },
		{ 0, 6, "", "" },
		{ 0, 6, "all", "all" },
		{ 5, 1, "long enough", "abcdelong enough" },
		{ 3, 0, "", "abcdef" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin();
		put("...abcdef");
		hbk_buffer_consume(&buffer, 3);
		assert_int_equal(hbk_buffer_replace(&buffer, rows[i].start, rows[i].size, rows[i].text,
						    strlen(rows[i].text)), 0);
		assert_holds(&buffer, rows[i].result);
		end();
	}
}

static void cap(void **state)
{
	static const char many[CAP + 1];

	(void)state;
	begin();
	assert_int_equal(hbk_buffer_append(&buffer, many, CAP + 1), -E2BIG);
	assert_int_equal(hbk_buffer_append(&buffer, many, CAP), 0);
	assert_int_equal(hbk_buffer_append(&buffer, many, 1), -E2BIG);
	assert_int_equal(hbk_buffer_replace(&buffer, 10, 1, many, 2), -E2BIG);
	assert_int_equal(hbk_buffer_replace(&buffer, 10, 2, many, 2), 0);
	assert_int_equal(buffer.length, CAP);
	hbk_buffer_consume(&buffer, 1);
	assert_int_equal(hbk_buffer_append(&buffer, many, 1), 0);
	end();
}

static void moves(void **state)
{
	struct hbk_buffer other;

	(void)state;
	begin();
	hbk_buffer_init(&other, &heap.heap, 8);
	put("12345");
	assert_int_equal(hbk_buffer_move(&other, &buffer), 0);
	assert_holds(&other, "12345");
	assert_holds(&buffer, "");
	assert_int_equal(buffer.cap, CAP);
	put("678");
	assert_int_equal(hbk_buffer_move(&other, &buffer), 0);
	assert_holds(&other, "12345678");
	put("9");
	assert_int_equal(hbk_buffer_move(&other, &buffer), -E2BIG);
	assert_holds(&other, "12345678");
	assert_holds(&buffer, "9");
	hbk_buffer_release(&other);
	end();
}

/* Whoever reserves room may write at the beginning of its memory. */
static void emptied(void **state)
{
	(void)state;
	begin();
	put("some");
	hbk_buffer_consume(&buffer, 1);
	assert_int_equal(hbk_buffer_replace(&buffer, 0, 3, NULL, 0), 0);
	assert_int_equal(hbk_buffer_reserve(&buffer, 3), 0);
	memcpy(buffer.bytes, "new", 3);
	buffer.length = 3;
	assert_holds(&buffer, "new");
	end();
}

static void no_memory(void **state)
{
	(void)state;
	begin();
	put("some");
	heap.left = 0;
	assert_int_equal(hbk_buffer_replace(&buffer, 1, 1, (char[900]){ 0 }, 900), -ENOMEM);
	assert_holds(&buffer, "some");
	end();
}

void add_buffer_tests(struct tests *tests)
{
	tests_add(tests, "buffer: a queue", queue, NULL);
	tests_add(tests, "buffer: bytes are replaced", replacement, NULL);
	tests_add(tests, "buffer: not beyond its cap", cap, NULL);
	tests_add(tests, "buffer: from one to another", moves, NULL);
	tests_add(tests, "buffer: an empty one begins at its first byte", emptied, NULL);
	tests_add(tests, "buffer: unchanged without memory", no_memory, NULL);
}
