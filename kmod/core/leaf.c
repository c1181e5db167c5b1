// SPDX-License-Identifier: GPL-2.0-only
/*
 * A walk over the DER of one certificate (RFC 5280 section 4.1).  It is strict:
 * definite and minimal lengths, nothing trailing, no extension that matters
 * twice.  Signatures and keys are BearSSL's matter and are only stepped over.
 */
#include "leaf.h"

#define DER_BOOLEAN		0x01
#define DER_INTEGER		0x02
#define DER_BIT_STRING		0x03
#define DER_OCTET_STRING	0x04
#define DER_OID			0x06
#define DER_UTC_TIME		0x17
#define DER_GENERALIZED_TIME	0x18
#define DER_SEQUENCE		0x30
#define TBS_VERSION		0xa0
#define TBS_ISSUER_ID		0x81
#define TBS_SUBJECT_ID		0x82
#define TBS_EXTENSIONS		0xa3
#define SAN_DNS			0x82
#define SAN_URI			0x86

#define DER_TRUE		0xff
#define X509_V3			2

/* What is left of some DER. */
struct der {
	const u8 *at;
	size_t left;
};

/* Takes the next element: its tag and its content. */
static int der_next(struct der *der, u8 *tag, struct der *content)
{
	size_t length, header = 2;
	u32 i, bytes;

	if (der->left < header || (der->at[0] & 0x1f) == 0x1f)
		return -EINVAL;
	length = der->at[1];
	if (length & 0x80) {
		bytes = length & 0x7f;
		if (bytes == 0 || bytes > 3 || der->left < header + bytes || !der->at[2])
			return -EINVAL;
		length = 0;
		for (i = 0; i < bytes; i++)
			length = length << 8 | der->at[header + i];
		if (length < 0x80)
			return -EINVAL;
		header += bytes;
	}
	if (length > der->left - header)
		return -EINVAL;

	*tag = der->at[0];
	content->at = der->at + header;
	content->left = length;
	der->at += header + length;
	der->left -= header + length;
	return 0;
}

static int der_expect(struct der *der, u8 tag, struct der *content)
{
	u8 got;

	if (der_next(der, &got, content) || got != tag)
		return -EINVAL;
	return 0;
}

static bool der_is_next(const struct der *der, u8 tag)
{
	return der->left && der->at[0] == tag;
}

/* Steps over the next element if it has this tag. */
static int der_skip_optional(struct der *der, u8 tag)
{
	struct der content;

	return der_is_next(der, tag) ? der_expect(der, tag, &content) : 0;
}

/* DER has one encoding of TRUE, and leaves a default of FALSE out. */
static int der_optional_true(struct der *der, bool *value)
{
	struct der content;

	*value = false;
	if (!der_is_next(der, DER_BOOLEAN))
		return 0;
	if (der_expect(der, DER_BOOLEAN, &content) || content.left != 1 || content.at[0] != DER_TRUE)
		return -EINVAL;
	*value = true;
	return 0;
}

static int scan_version(struct der *tbs)
{
	struct der explicit, number;

	if (der_expect(tbs, TBS_VERSION, &explicit) || der_expect(&explicit, DER_INTEGER, &number))
		return -EINVAL;
	if (explicit.left || number.left != 1 || number.at[0] != X509_V3)
		return -EINVAL;
	return 0;
}

static int scan_serial(struct hbk_leaf *leaf, struct der *tbs)
{
	struct der number;

	if (der_expect(tbs, DER_INTEGER, &number) || !number.left || number.at[0] & 0x80)
		return -EINVAL;
	if (number.left > 1 && !number.at[0]) {
		if (!(number.at[1] & 0x80))
			return -EINVAL;
		number.at++;
		number.left--;
	}
	if (number.left > HBK_SERIAL_MAX)
		return -EINVAL;
	memcpy(leaf->serial, number.at, number.left);
	leaf->serial_length = number.left;
	return 0;
}

/* Takes count decimal digits; -1 if they are none. */
static int take_digits(struct der *text, u32 count)
{
	int value = 0;

	if (text->left < count)
		return -1;
	for (; count > 0; count--, text->at++, text->left--) {
		if (*text->at < '0' || *text->at > '9')
			return -1;
		value = value * 10 + *text->at - '0';
	}
	return value;
}

static int days_of_month(int year, int month)
{
	static const u8 days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01 in the Gregorian calendar; years begin in March, so that the leap day is the last one. */
static s64 days_since_1970(int year, int month, int day)
{
	int y = month > 2 ? year : year - 1;
	int m = month > 2 ? month - 3 : month + 9;

	return 365LL * y + (y / 4 - y / 100 + y / 400) + (153 * m + 2) / 5 + day - 1 - 719468;
}

static int scan_time(struct der *validity, s64 *seconds)
{
	int year, month, day, hour, minute, second;
	struct der text;
	u8 tag;

	if (der_next(validity, &tag, &text) || (tag != DER_UTC_TIME && tag != DER_GENERALIZED_TIME))
		return -EINVAL;
	year = take_digits(&text, tag == DER_UTC_TIME ? 2 : 4);
	if (year >= 0 && tag == DER_UTC_TIME)
		year += year < 50 ? 2000 : 1900;	/* RFC 5280 section 4.1.2.5.1 */
	month = take_digits(&text, 2);
	day = take_digits(&text, 2);
	hour = take_digits(&text, 2);
	minute = take_digits(&text, 2);
	second = take_digits(&text, 2);
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month))
		return -EINVAL;
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
		return -EINVAL;
	if (text.left != 1 || *text.at != 'Z')
		return -EINVAL;

	*seconds = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
	return 0;
}

static int scan_validity(struct hbk_leaf *leaf, struct der *tbs)
{
	struct der validity;

	if (der_expect(tbs, DER_SEQUENCE, &validity) || scan_time(&validity, &leaf->not_before) ||
	    scan_time(&validity, &leaf->not_after) || validity.left)
		return -EINVAL;
	return 0;
}

/* Names are IA5String: ASCII.  A NUL or a control character in one is an attempt to deceive. */
static bool is_printable(const struct der *name)
{
	size_t i;

	for (i = 0; i < name->left; i++) {
		if (name->at[i] < 0x20 || name->at[i] > 0x7e)
			return false;
	}
	return name->left > 0;
}

static int keep_name(struct hbk_leaf *leaf, u8 tag, const struct der *name)
{
	struct hbk_name_view view = { .data = name->at, .length = name->left };

	if (tag != SAN_URI && tag != SAN_DNS)
		return 0;
	if (!is_printable(name))
		return -EINVAL;
	if (tag == SAN_URI) {
		if (leaf->uri_count++ == 0)
			leaf->uri = view;
		return 0;
	}
	if (leaf->dns_count == HBK_DNS_MAX)
		return -E2BIG;
	leaf->dns[leaf->dns_count++] = view;
	return 0;
}

static bool is_general_name(u8 tag)
{
	static const u8 tags[] = { 0xa0, 0x81, 0x82, 0xa3, 0xa4, 0xa5, 0x86, 0x87, 0x88 };

	return memchr(tags, tag, sizeof(tags));
}

static int scan_subject_names(struct hbk_leaf *leaf, struct der value)
{
	struct der names, name;
	u8 tag;
	int err;

	if (der_expect(&value, DER_SEQUENCE, &names) || value.left || !names.left)
		return -EINVAL;
	while (names.left) {
		if (der_next(&names, &tag, &name) || !is_general_name(tag))
			return -EINVAL;
		err = keep_name(leaf, tag, &name);
		if (err)
			return err;
	}
	return 0;
}

static int scan_basic_constraints(struct hbk_leaf *leaf, struct der value)
{
	struct der body;

	if (der_expect(&value, DER_SEQUENCE, &body) || value.left)
		return -EINVAL;
	if (der_optional_true(&body, &leaf->is_ca) || der_skip_optional(&body, DER_INTEGER) || body.left)
		return -EINVAL;
	return 0;
}

/* What they say is not looked at: that they are there is enough to refuse the certificate. */
static int scan_name_constraints(struct hbk_leaf *leaf, struct der value)
{
	(void)value;
	leaf->has_name_constraints = true;
	return 0;
}

/* The extensions that matter, all of id-ce: OID 2.5.29.n. */
static const struct extension {
	u8 oid[3];
	int (*scan)(struct hbk_leaf *leaf, struct der value);
} extensions[] = {
	{ { 0x55, 0x1d, 17 }, scan_subject_names },
	{ { 0x55, 0x1d, 19 }, scan_basic_constraints },
	{ { 0x55, 0x1d, 30 }, scan_name_constraints },
};

static int scan_extension(struct hbk_leaf *leaf, struct der *list, u32 *seen)
{
	struct der extension, oid, value;
	bool critical;
	size_t i;

	if (der_expect(list, DER_SEQUENCE, &extension) || der_expect(&extension, DER_OID, &oid) ||
	    der_optional_true(&extension, &critical) ||
	    der_expect(&extension, DER_OCTET_STRING, &value) || extension.left)
		return -EINVAL;

	for (i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
		if (oid.left != sizeof(extensions[i].oid) ||
		    memcmp(oid.at, extensions[i].oid, sizeof(extensions[i].oid)))
			continue;
		if (*seen >> i & 1)
			return -EINVAL;
		*seen |= 1U << i;
		return extensions[i].scan(leaf, value);
	}
	return 0;
}

static int scan_extensions(struct hbk_leaf *leaf, struct der *tbs)
{
	struct der explicit, list;
	u32 seen = 0;
	int err;

	if (!der_is_next(tbs, TBS_EXTENSIONS))
		return 0;
	if (der_expect(tbs, TBS_EXTENSIONS, &explicit) || der_expect(&explicit, DER_SEQUENCE, &list) ||
	    explicit.left || !list.left)
		return -EINVAL;
	while (list.left) {
		err = scan_extension(leaf, &list, &seen);
		if (err)
			return err;
	}
	return 0;
}

static int scan_tbs(struct hbk_leaf *leaf, struct der *tbs)
{
	struct der skipped;
	int err;

	if (scan_version(tbs) || scan_serial(leaf, tbs) ||
	    der_expect(tbs, DER_SEQUENCE, &skipped) ||	/* signature */
	    der_expect(tbs, DER_SEQUENCE, &skipped) ||	/* issuer */
	    scan_validity(leaf, tbs) ||
	    der_expect(tbs, DER_SEQUENCE, &skipped) ||	/* subject */
	    der_expect(tbs, DER_SEQUENCE, &skipped) ||	/* subjectPublicKeyInfo */
	    der_skip_optional(tbs, TBS_ISSUER_ID) || der_skip_optional(tbs, TBS_SUBJECT_ID))
		return -EINVAL;
	err = scan_extensions(leaf, tbs);
	if (err)
		return err;
	return tbs->left ? -EINVAL : 0;
}

/**
 * hbk_leaf_scan() - read what we need to know of a certificate
 * @leaf: the outcome; its views point into @der
 * @der: one certificate
 * @length: its bytes
 *
 * Only version 3 is accepted: others have no extensions, hence no names.
 *
 * Return: 0, -EINVAL if it is malformed, -E2BIG if it has more than
 * HBK_DNS_MAX DNS names.
 */
int hbk_leaf_scan(struct hbk_leaf *leaf, const u8 *der, size_t length)
{
	struct der input = { .at = der, .left = length }, certificate, tbs, skipped;
	int err;

	memset(leaf, 0, sizeof(*leaf));
	if (der_expect(&input, DER_SEQUENCE, &certificate) || input.left ||
	    der_expect(&certificate, DER_SEQUENCE, &tbs))
		return -EINVAL;
	err = scan_tbs(leaf, &tbs);
	if (err)
		return err;
	if (der_expect(&certificate, DER_SEQUENCE, &skipped) ||		/* signatureAlgorithm */
	    der_expect(&certificate, DER_BIT_STRING, &skipped) || certificate.left)
		return -EINVAL;
	return 0;
}
