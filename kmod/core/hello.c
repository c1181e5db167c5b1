// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looks at a ClientHello without taking part: RFC 5246 sections 6.2.1 and
 * 7.4.1.2, RFC 7301 section 3.1.  Whatever is longer, or cut in more records
 * or otherwise put than ours would be, is somebody else's.
 */
#include "hello.h"

#define RECORD_HANDSHAKE	22
#define RECORD_HEADER		5
#define VERSION_MAJOR		3
#define VERSION_MINOR_MAX	4
#define MESSAGE_CLIENT_HELLO	1
#define MESSAGE_HEADER		4
#define VERSION_AND_RANDOM	34
#define EXTENSION_ALPN		16

/* What is left of a vector; a read past its end empties it and is remembered. */
struct reader {
	const u8 *data;
	size_t length;
	bool bad;
};

static const u8 *reader_take(struct reader *reader, size_t length)
{
	const u8 *data = reader->data;

	if (length > reader->length) {
		reader->length = 0;
		reader->bad = true;
		return NULL;
	}
	reader->data += length;
	reader->length -= length;
	return data;
}

/* A big-endian number of 1 to 3 bytes. */
static size_t reader_number(struct reader *reader, unsigned int bytes)
{
	const u8 *data = reader_take(reader, bytes);
	size_t number = 0;

	while (data && bytes--)
		number = number << 8 | *data++;
	return number;
}

/* A vector with its length in front. */
static struct reader reader_vector(struct reader *reader, unsigned int bytes)
{
	struct reader vector = { .length = reader_number(reader, bytes) };

	vector.data = reader_take(reader, vector.length);
	if (!vector.data)
		vector = (struct reader){ .bad = true };
	return vector;
}

static bool protocols_have_ours(struct reader *extension)
{
	struct reader list = reader_vector(extension, 2);

	while (list.length) {
		struct reader name = reader_vector(&list, 1);

		if (name.length == sizeof(HBK_HELLO_ALPN) - 1 &&
		    !memcmp(name.data, HBK_HELLO_ALPN, sizeof(HBK_HELLO_ALPN) - 1))
			return true;
	}
	return false;
}

/* The body of a ClientHello. */
static bool hello_is_ours(struct reader *hello)
{
	struct reader extensions;

	reader_take(hello, VERSION_AND_RANDOM);
	reader_vector(hello, 1);	/* session id */
	reader_vector(hello, 2);	/* suites */
	reader_vector(hello, 1);	/* compression methods */
	extensions = reader_vector(hello, 2);
	while (extensions.length) {
		size_t type = reader_number(&extensions, 2);
		struct reader extension = reader_vector(&extensions, 2);

		if (type == EXTENSION_ALPN)
			return protocols_have_ours(&extension);
	}
	return false;
}

/**
 * hbk_hello_begins() - do these bytes begin a ClientHello?
 * @data: the first bytes of a stream
 * @length: how many there are
 *
 * Return: HBK_HELLO_MORE if they are too few, HBK_HELLO_NONE or HBK_HELLO_OTHER.
 */
enum hbk_hello hbk_hello_begins(const u8 *data, size_t length)
{
	size_t i;

	for (i = 0; i < length && i < HBK_HELLO_HEAD; i++) {
		if (i == 0 && data[i] != RECORD_HANDSHAKE)
			return HBK_HELLO_NONE;
		if (i == 1 && data[i] != VERSION_MAJOR)
			return HBK_HELLO_NONE;
		if (i == 2 && data[i] > VERSION_MINOR_MAX)
			return HBK_HELLO_NONE;
		if (i == RECORD_HEADER && data[i] != MESSAGE_CLIENT_HELLO)
			return HBK_HELLO_NONE;
	}
	return length < HBK_HELLO_HEAD ? HBK_HELLO_MORE : HBK_HELLO_OTHER;
}

/**
 * hbk_hello_scan() - whose ClientHello is it?
 * @data: the first bytes of a stream
 * @length: how many there are; more than HBK_HELLO_MAX are of no use
 *
 * Return: the verdict; never HBK_HELLO_MORE for HBK_HELLO_MAX bytes.
 */
enum hbk_hello hbk_hello_scan(const u8 *data, size_t length)
{
	enum hbk_hello verdict = hbk_hello_begins(data, length);
	struct reader record = { .data = data + 3 }, body;
	size_t record_length;

	if (verdict != HBK_HELLO_OTHER)
		return verdict;
	record.length = length - 3;
	record_length = reader_number(&record, 2);
	if (record_length > HBK_HELLO_MAX - RECORD_HEADER || record_length < MESSAGE_HEADER)
		return HBK_HELLO_OTHER;
	if (record.length < record_length)
		return HBK_HELLO_MORE;
	record.length = record_length;
	reader_take(&record, 1);
	body = reader_vector(&record, 3);
	return !body.bad && hello_is_ours(&body) ? HBK_HELLO_OURS : HBK_HELLO_OTHER;
}
