// SPDX-License-Identifier: GPL-2.0-only
/* Certificates that no honest tool makes, put together by hand. */
#include <stdlib.h>

#include "../leaf.h"
#include "tests.h"

struct bytes {
	const char *data;
	size_t length;
};

#define B(literal)	{ literal, sizeof(literal) - 1 }

/* Elements of the certificate that differ from a plain good one. */
struct row {
	const char *name;
	int err;
	struct bytes version, serial, validity, key, extensions, trailing, signature;
};

#define UTC(text)	"\x17\x0d" text
#define GENERALIZED(text) "\x18\x0f" text
#define GOOD_END	UTC("351231235959Z")
#define VALIDITY(from, to) .validity = B("\x30" from to)	/* the length is put in */

/* [3] { SEQUENCE { ... } } with short lengths put in; e is one or more whole extensions. */
#define SAN(names)	.extensions = B("\x30\x00\x06\x03\x55\x1d\x11\x04\x00\x30\x00" names)

static const struct row rows[] = {
	{ "leaf: plain", 0 },
	{ "leaf: version 1", -EINVAL, .version = B("\xa0\x03\x02\x01\x00") },
	{ "leaf: version 2", -EINVAL, .version = B("\xa0\x03\x02\x01\x01") },
	{ "leaf: version of two bytes", -EINVAL, .version = B("\xa0\x04\x02\x02\x00\x02") },
	{ "leaf: version with a tail", -EINVAL, .version = B("\xa0\x05\x02\x01\x02\x05\x00") },

	{ "serial: zero", 0, .serial = B("\x02\x01\x00") },
	{ "serial: high bit", 0, .serial = B("\x02\x02\x00\x80") },
	{ "serial: 20 bytes", 0, .serial = B("\x02\x14\x7f" "0123456789012345678") },
	{ "serial: 20 bytes, high bit", 0, .serial = B("\x02\x15\x00\xff" "0123456789012345678") },
	{ "serial: 21 bytes", -EINVAL, .serial = B("\x02\x15\x01\xff" "0123456789012345678") },
	{ "serial: empty", -EINVAL, .serial = B("\x02\x00") },
	{ "serial: negative", -EINVAL, .serial = B("\x02\x01\x80") },
	{ "serial: not minimal", -EINVAL, .serial = B("\x02\x02\x00\x01") },
	{ "serial: two zero bytes", -EINVAL, .serial = B("\x02\x02\x00\x00") },
	{ "serial: another type", -EINVAL, .serial = B("\x0a\x01\x01") },
	{ "serial: missing", -EINVAL, .serial = B("\x30\x00") },

	{ "time: GeneralizedTime", 0, VALIDITY(GENERALIZED("20500101000000Z"), GENERALIZED("99991231235959Z")) },
	{ "time: leap day", 0, VALIDITY(UTC("240229000000Z"), GOOD_END) },
	{ "time: leap day of 2000", 0, VALIDITY(UTC("000229000000Z"), GOOD_END) },
	{ "time: no leap day in 2023", -EINVAL, VALIDITY(UTC("230229000000Z"), GOOD_END) },
	{ "time: no leap day in 2100", -EINVAL, VALIDITY(GENERALIZED("21000229000000Z"), GOOD_END) },
	{ "time: month 0", -EINVAL, VALIDITY(UTC("250001000000Z"), GOOD_END) },
	{ "time: month 13", -EINVAL, VALIDITY(UTC("251301000000Z"), GOOD_END) },
	{ "time: day 0", -EINVAL, VALIDITY(UTC("250100000000Z"), GOOD_END) },
	{ "time: April 31", -EINVAL, VALIDITY(UTC("250431000000Z"), GOOD_END) },
	{ "time: hour 24", -EINVAL, VALIDITY(UTC("250101240000Z"), GOOD_END) },
	{ "time: minute 60", -EINVAL, VALIDITY(UTC("250101006000Z"), GOOD_END) },
	{ "time: second 60", -EINVAL, VALIDITY(UTC("250101000060Z"), GOOD_END) },
	{ "time: no zone", -EINVAL, VALIDITY("\x17\x0c" "250101000000", GOOD_END) },
	{ "time: another zone", -EINVAL, VALIDITY("\x17\x11" "250101000000+0100", GOOD_END) },
	{ "time: no seconds", -EINVAL, VALIDITY("\x17\x0b" "2501010000Z", GOOD_END) },
	{ "time: fraction of a second", -EINVAL, VALIDITY("\x18\x11" "20250101000000.5Z", GOOD_END) },
	{ "time: a letter", -EINVAL, VALIDITY(UTC("25O101000000Z"), GOOD_END) },
	{ "time: a sign", -EINVAL, VALIDITY(UTC("25-101000000Z"), GOOD_END) },
	{ "time: year 0", -EINVAL, VALIDITY(GENERALIZED("00000101000000Z"), GOOD_END) },
	{ "time: empty", -EINVAL, VALIDITY("\x17\x00", GOOD_END) },
	{ "time: another type", -EINVAL, VALIDITY("\x16\x0d" "250101000000Z", GOOD_END) },
	{ "time: only one", -EINVAL, VALIDITY(GOOD_END, "") },
	{ "time: three", -EINVAL, VALIDITY(GOOD_END, GOOD_END GOOD_END) },

	{ "names: URI", 0, SAN("\x86\x0cspiffe://a/b") },
	{ "names: of every kind", 0,
	  SAN("\xa0\x00\x81\x01x\x82\x01x\xa3\x00\xa4\x00\xa5\x00\x86\x01x\x87\x04\x01\x02\x03\x04\x88\x01x") },
	{ "names: NUL in a DNS name", -EINVAL, SAN("\x82\x08" "a.org\0.b") },
	{ "names: NUL in a URI", -EINVAL, SAN("\x86\x0cspiffe://a/\0") },
	{ "names: newline in a DNS name", -EINVAL, SAN("\x82\x03" "a\nb") },
	{ "names: DEL in a URI", -EINVAL, SAN("\x86\x03" "a\x7f" "b") },
	{ "names: not ASCII", -EINVAL, SAN("\x82\x02\xc3\xbc") },
	{ "names: empty DNS name", -EINVAL, SAN("\x82\x00") },
	{ "names: empty URI", -EINVAL, SAN("\x86\x00") },
	{ "names: none", -EINVAL, SAN("") },
	{ "names: unknown kind", -EINVAL, SAN("\x89\x01x") },
	{ "names: constructed DNS name", -EINVAL, SAN("\xa2\x03\x82\x01x") },
	{ "names: universal tag", -EINVAL, SAN("\x16\x01x") },
	{ "names: long tag", -EINVAL, SAN("\x9f\x82\x01x") },
	{ "names: past the end", -EINVAL, SAN("\x82\x05x") },
	{ "names: indefinite length", -EINVAL, SAN("\xa4\x80\x00\x00") },
	{ "names: length not minimal", -EINVAL, SAN("\x82\x81\x01x") },
	{ "names: length with a leading zero", -EINVAL, SAN("\x82\x82\x00\x01x") },
	{ "names: length of four bytes", -EINVAL, SAN("\x82\x84\x01\x00\x00\x00x") },
	{ "names: length of three bytes", -EINVAL, SAN("\x82\x83\x01\x00\x00x") },
	{ "names: three length bytes missing", -EINVAL, SAN("\x82\x83") },
	{ "names: blank and tilde", 0, SAN("\x86\x03 ~x") },
	{ "names: just past ASCII", -EINVAL, SAN("\x86\x01\x80") },
	{ "names: length byte missing", -EINVAL, SAN("\x82") },
	{ "names: reserved length", -EINVAL, SAN("\x82\xffx") },

	{ "extensions: none in the list", -EINVAL, .extensions = B("") },
	{ "extensions: not a sequence", -EINVAL, .extensions = B("\x31\x00") },
	{ "extensions: empty one", -EINVAL, .extensions = B("\x30\x00") },
	{ "extensions: no value", -EINVAL, .extensions = B("\x30\x05\x06\x03\x55\x1d\x13") },
	{ "extensions: tail", -EINVAL, .extensions = B("\x30\x0b\x06\x03\x55\x1d\x13\x04\x02\x30\x00\x05\x00") },
	{ "extensions: critical", 0, .extensions = B("\x30\x0c\x06\x03\x55\x1d\x13\x01\x01\xff\x04\x02\x30\x00") },
	{ "extensions: critical is 1", -EINVAL, .extensions = B("\x30\x0c\x06\x03\x55\x1d\x13\x01\x01\x01\x04\x02\x30\x00") },
	{ "extensions: critical is FALSE", -EINVAL, .extensions = B("\x30\x0c\x06\x03\x55\x1d\x13\x01\x01\x00\x04\x02\x30\x00") },
	{ "extensions: critical of two bytes", -EINVAL,
	  .extensions = B("\x30\x0d\x06\x03\x55\x1d\x13\x01\x02\xff\xff\x04\x02\x30\x00") },
	{ "extensions: unknown one twice", 0,
	  .extensions = B("\x30\x07\x06\x03\x55\x1d\x63\x04\x00\x30\x07\x06\x03\x55\x1d\x63\x04\x00") },
	{ "extensions: basic constraints twice", -EINVAL,
	  .extensions = B("\x30\x09\x06\x03\x55\x1d\x13\x04\x02\x30\x00\x30\x09\x06\x03\x55\x1d\x13\x04\x02\x30\x00") },
	{ "extensions: name constraints twice", -EINVAL,
	  .extensions = B("\x30\x07\x06\x03\x55\x1d\x1e\x04\x00\x30\x07\x06\x03\x55\x1d\x1e\x04\x00") },
	{ "extensions: subject names twice", -EINVAL,
	  .extensions = B("\x30\x0c\x06\x03\x55\x1d\x11\x04\x05\x30\x03\x82\x01x\x30\x0c\x06\x03\x55\x1d\x11\x04\x05\x30\x03\x82\x01y") },
	{ "extensions: subject names with a tail", -EINVAL, .extensions = B("\x30\x0d\x06\x03\x55\x1d\x11\x04\x06\x30\x03\x82\x01x\x00") },
	{ "extensions: path length without CA", 0, .extensions = B("\x30\x0c\x06\x03\x55\x1d\x13\x04\x05\x30\x03\x02\x01\x00") },
	{ "extensions: basic constraints with a tail", -EINVAL,
	  .extensions = B("\x30\x0b\x06\x03\x55\x1d\x13\x04\x04\x30\x02\x05\x00") },

	{ "extensions: basic constraints are no sequence", -EINVAL,
	  .extensions = B("\x30\x09\x06\x03\x55\x1d\x13\x04\x02\x31\x00") },
	{ "extensions: basic constraints of nothing", -EINVAL, .extensions = B("\x30\x07\x06\x03\x55\x1d\x13\x04\x00") },
	{ "extensions: cA is 1", -EINVAL, .extensions = B("\x30\x0c\x06\x03\x55\x1d\x13\x04\x05\x30\x03\x01\x01\x01") },

	{ "leaf: unique ids", 0, .trailing = B("\x81\x02\x00\x01\x82\x02\x00\x01") },
	{ "leaf: unique ids in the wrong order", -EINVAL, .trailing = B("\x82\x02\x00\x01\x81\x02\x00\x01") },
	{ "leaf: a unique id cut off", -EINVAL, .trailing = B("\x81\x05\x00") },
	{ "leaf: extensions are no sequence", -EINVAL, .trailing = B("\xa3\x02\x31\x00") },
	{ "leaf: extensions with a tail", -EINVAL, .trailing = B("\xa3\x0b\x30\x07\x30\x05\x06\x01\x2a\x04\x00\x05\x00") },
	{ "leaf: key is no sequence", -EINVAL, .key = B("\x31\x00") },
	{ "leaf: signature is no bit string", -EINVAL, .signature = B("\x30\x00\x04\x01\x00") },
	{ "leaf: signature is missing", -EINVAL, .signature = B("\x30\x00") },
	{ "leaf: algorithm is no sequence", -EINVAL, .signature = B("\x31\x00\x03\x01\x00") },
	{ "leaf: tail after the signature", -EINVAL, .signature = B("\x30\x00\x03\x01\x00\x05\x00") },
	{ "leaf: tail after the extensions", -EINVAL, .trailing = B("\x05\x00") },
};

struct buffer {
	u8 data[1024];
	size_t length;
};

static void put(struct buffer *b, const void *data, size_t length)
{
	memcpy(b->data + b->length, data, length);
	b->length += length;
}

static void put_bytes(struct buffer *b, const struct bytes *bytes, const struct bytes *otherwise)
{
	const struct bytes *chosen = bytes->data ? bytes : otherwise;

	put(b, chosen->data, chosen->length);
}

/* Wraps what is there into one more element. */
static void wrap(struct buffer *b, u8 tag)
{
	size_t header = b->length < 0x80 ? 2 : 4;

	memmove(b->data + header, b->data, b->length);
	b->data[0] = tag;
	if (header == 2) {
		b->data[1] = b->length;
	} else {
		b->data[1] = 0x82;
		b->data[2] = b->length >> 8;
		b->data[3] = b->length;
	}
	b->length += header;
}

static void put_validity(struct buffer *b, const struct bytes *validity)
{
	static const struct bytes good = B("\x30" UTC("250101000000Z") GOOD_END);
	const struct bytes *chosen = validity->data ? validity : &good;
	struct buffer times = { .length = 0 };

	put(&times, chosen->data + 1, chosen->length - 1);
	wrap(&times, 0x30);
	put(b, times.data, times.length);
}

/* SAN() leaves three lengths open: of the extension, of its value, of the names. */
static void put_extensions(struct buffer *b, const struct bytes *extensions)
{
	static const char open[] = "\x30\x00\x06\x03\x55\x1d\x11\x04\x00\x30\x00";
	struct buffer list = { .length = 0 };

	if (!extensions->data)
		return;
	put(&list, extensions->data, extensions->length);
	if (list.length >= sizeof(open) - 1 && !memcmp(list.data, open, sizeof(open) - 1)) {
		list.data[1] = list.length - 2;
		list.data[8] = list.length - 9;
		list.data[10] = list.length - 11;
	}
	wrap(&list, 0x30);
	wrap(&list, 0xa3);
	put(b, list.data, list.length);
}

static void make_certificate(const struct row *row, struct buffer *b)
{
	static const struct bytes version = B("\xa0\x03\x02\x01\x02"), serial = B("\x02\x01\x07");
	static const struct bytes key = B("\x30\x00"), signature = B("\x30\x00\x03\x01\x00");

	b->length = 0;
	put_bytes(b, &row->version, &version);
	put_bytes(b, &row->serial, &serial);
	put(b, "\x30\x00\x30\x00", 4);		/* signature, issuer */
	put_validity(b, &row->validity);
	put(b, "\x30\x00", 2);			/* subject */
	put_bytes(b, &row->key, &key);
	put_extensions(b, &row->extensions);
	put(b, row->trailing.data ? row->trailing.data : "", row->trailing.length);
	wrap(b, 0x30);
	put_bytes(b, &row->signature, &signature);	/* with its algorithm */
	wrap(b, 0x30);
}

static int scan_exact(struct hbk_leaf *leaf, const u8 *der, size_t length)
{
	u8 *exact = memcpy(malloc(length), der, length);
	int err = hbk_leaf_scan(leaf, exact, length);

	free(exact);
	return err;
}

static void check_row(void **state)
{
	struct hbk_leaf leaf;
	struct buffer b;

	make_certificate(*state, &b);
	assert_int_equal(scan_exact(&leaf, b.data, b.length), ((const struct row *)*state)->err);
}

static void check_truncated(void **state)
{
	static const struct row row = { .name = "", SAN("\x82\x01x\x86\x0cspiffe://a/b") };
	struct hbk_leaf leaf;
	struct buffer b;
	size_t cut;

	(void)state;
	make_certificate(&row, &b);
	assert_int_equal(scan_exact(&leaf, b.data, b.length), 0);
	for (cut = 0; cut < b.length; cut++)
		assert_int_equal(scan_exact(&leaf, b.data, cut), -EINVAL);
	b.data[b.length] = 0;
	assert_int_equal(scan_exact(&leaf, b.data, b.length + 1), -EINVAL);
}

static void check_values(void **state)
{
	static const struct row row = {
		.name = "", .serial = B("\x02\x03\x00\x80\x01"),
		VALIDITY(UTC("491231235959Z"), GENERALIZED("99991231235959Z")),
		SAN("\x86\x0cspiffe://a/b\x82\x01x\x86\x01y\x82\x02zz"),
	};
	static const struct row last_century = { .name = "", VALIDITY(UTC("500101000000Z"), UTC("700101000000Z")) };
	static const struct row february = { .name = "", VALIDITY(UTC("240229000000Z"), UTC("240301000000Z")) };
	struct hbk_leaf leaf;
	struct buffer b;

	(void)state;
	make_certificate(&row, &b);
	assert_int_equal(hbk_leaf_scan(&leaf, b.data, b.length), 0);
	assert_int_equal(leaf.serial_length, 2);
	assert_memory_equal(leaf.serial, "\x80\x01", 2);
	assert_true(leaf.not_before == 2524607999);
	assert_true(leaf.not_after == 253402300799);
	assert_int_equal(leaf.uri_count, 2);
	assert_int_equal(leaf.uri.length, 12);
	assert_memory_equal(leaf.uri.data, "spiffe://a/b", 12);
	assert_int_equal(leaf.dns_count, 2);
	assert_int_equal(leaf.dns[1].length, 2);
	assert_false(leaf.is_ca);
	assert_false(leaf.has_name_constraints);

	make_certificate(&february, &b);
	assert_int_equal(hbk_leaf_scan(&leaf, b.data, b.length), 0);
	assert_true(leaf.not_before == 1709164800);
	assert_true(leaf.not_after == 1709251200);

	make_certificate(&last_century, &b);
	assert_int_equal(hbk_leaf_scan(&leaf, b.data, b.length), 0);
	assert_true(leaf.not_before == -631152000);
	assert_true(leaf.not_after == 0);
}

void add_leaf_tests(struct tests *tests)
{
	size_t i;

	for (i = 0; i < ROWS(rows); i++)
		tests_add(tests, rows[i].name, check_row, &rows[i]);
	tests_add(tests, "leaf: cut off anywhere, and one byte more", check_truncated, NULL);
	tests_add(tests, "leaf: what was read is what was written", check_values, NULL);
}
