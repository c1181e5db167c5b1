// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "../hello.h"
#include "tests.h"

/* A ClientHello as far as it is looked at: version, random, session id, one suite, no compression, extensions. */
#define RANDOM		"\x03\x03" "0123456789abcdef0123456789abcdef"
#define BODY(exts)	RANDOM "\x00" "\x00\x02\xc0\x2b" "\x01\x00" exts
#define SNI		"\x00\x00\x00\x02\x00\x00"
#define ALPN(list)	"\x00\x10" list
#define OURS		ALPN("\x00\x0a\x00\x08\x07hauberk")

struct hello_row {
	const char *name;
	const char *data;
	size_t length;
	enum hbk_hello verdict;
};

#define ROW(name, data, verdict)	{ name, data, sizeof(data) - 1, verdict }

static const struct hello_row rows[] = {
	ROW("hello: nothing yet", "", HBK_HELLO_MORE),
	ROW("hello: one byte", "\x16", HBK_HELLO_MORE),
	ROW("hello: five bytes", "\x16\x03\x01\x00\x40", HBK_HELLO_MORE),
	ROW("hello: HTTP", "GET / HTTP/1.1\r\n", HBK_HELLO_NONE),
	ROW("hello: one byte of HTTP", "G", HBK_HELLO_NONE),
	ROW("hello: another major version", "\x16\x02", HBK_HELLO_NONE),
	ROW("hello: a minor version there is none of", "\x16\x03\x05", HBK_HELLO_NONE),
	ROW("hello: an alert", "\x15\x03\x03\x00\x02\x02\x28", HBK_HELLO_NONE),
	ROW("hello: a ServerHello", "\x16\x03\x03\x00\x40\x02", HBK_HELLO_NONE),
	ROW("hello: the record is not complete", "\x16\x03\x01\x00\x40\x01\x00\x00\x3c", HBK_HELLO_MORE),
	ROW("hello: the record is too long", "\x16\x03\x01\x03\xfc\x01", HBK_HELLO_OTHER),
	ROW("hello: the longest record", "\x16\x03\x01\x03\xfb\x01", HBK_HELLO_MORE),
	ROW("hello: the record is too short", "\x16\x03\x01\x00\x03\x01\x00\x00", HBK_HELLO_OTHER),
	ROW("hello: it goes on in the next record", "\x16\x03\x01\x00\x04\x01\x00\x00\x30", HBK_HELLO_OTHER),
	ROW("hello: no extensions", "\x16\x03\x01\x00\x2d\x01\x00\x00\x29" BODY(""), HBK_HELLO_OTHER),
	ROW("hello: other extensions", "\x16\x03\x01\x00\x35\x01\x00\x00\x31" BODY("\x00\x06" SNI), HBK_HELLO_OTHER),
	ROW("hello: our name", "\x16\x03\x01\x00\x3d\x01\x00\x00\x39" BODY("\x00\x0e" OURS), HBK_HELLO_OURS),
	ROW("hello: our name after another extension", "\x16\x03\x01\x00\x43\x01\x00\x00\x3f" BODY("\x00\x14" SNI OURS),
	    HBK_HELLO_OURS),
	ROW("hello: our name after another name", "\x16\x03\x01\x00\x40\x01\x00\x00\x3c"
	    BODY("\x00\x11" ALPN("\x00\x0d\x00\x0b\x02h2\x07hauberk")), HBK_HELLO_OURS),
	ROW("hello: another name", "\x16\x03\x01\x00\x38\x01\x00\x00\x34" BODY("\x00\x09" ALPN("\x00\x05\x00\x03\x02h2")),
	    HBK_HELLO_OTHER),
	ROW("hello: a name longer than ours", "\x16\x03\x01\x00\x3e\x01\x00\x00\x3a"
	    BODY("\x00\x0f" ALPN("\x00\x0b\x00\x09\x08hauberks")), HBK_HELLO_OTHER),
	ROW("hello: a name past the list's end", "\x16\x03\x01\x00\x38\x01\x00\x00\x34"
	    BODY("\x00\x09" ALPN("\x00\x05\x00\x03\x07ha")), HBK_HELLO_OTHER),
	ROW("hello: extensions past the message's end", "\x16\x03\x01\x00\x2f\x01\x00\x00\x2b" BODY("\xff\xff"), HBK_HELLO_OTHER),
};

static void hello_verdict(void **state)
{
	const struct hello_row *row = *state;
	/* At its own length on the heap, so that a read past the end is seen. */
	u8 *data = malloc(row->length ? row->length : 1);

	memcpy(data, row->data, row->length);
	assert_int_equal(hbk_hello_scan(data, row->length), row->verdict);
	free(data);
}

/* Byte by byte, the verdict comes once and stays. */
static void hello_grows(void **state)
{
	static const char data[] = "\x16\x03\x01\x00\x3d\x01\x00\x00\x39" BODY("\x00\x0e" OURS);
	size_t length;

	(void)state;
	for (length = 0; length < sizeof(data) - 1; length++)
		assert_int_equal(hbk_hello_scan((const u8 *)data, length), HBK_HELLO_MORE);
	assert_int_equal(hbk_hello_scan((const u8 *)data, length), HBK_HELLO_OURS);
}

void add_hello_tests(struct tests *tests)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		tests_add(tests, rows[i].name, hello_verdict, &rows[i]);
	tests_add(tests, "hello: byte by byte", hello_grows, NULL);
}
