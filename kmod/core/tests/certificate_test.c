// SPDX-License-Identifier: GPL-2.0-only
/* Certificates that make-certificates had openssl issue; each .facts file tells what openssl itself reads in it. */
#include <assert.h>
#include <stdlib.h>

#include "../peer.h"
#include "tests.h"

#define LONG_URI	300

struct row {
	const char *name;	/* of the file */
	int err;
	u32 uri_count, dns_count;
	const char *uri;	/* the first one; NULL if it does not matter */
	bool is_ca, has_name_constraints;
	enum hbk_reason reason;
};

#define WEB	"spiffe://example.org/web"

static const struct row rows[] = {
	{ "ec-uri", 0, 1, 0, WEB, false, false, HBK_REASON_NONE },
	{ "rsa-uri-dns", 0, 1, 2, WEB, false, false, HBK_REASON_NONE },
	{ "ec384-dns", 0, 0, 1, NULL, false, false, HBK_REASON_NONE },
	{ "two-uris", 0, 2, 0, WEB, false, false, HBK_REASON_MANY_URIS },
	{ "long-uri", 0, 1, 0, NULL, false, false, HBK_REASON_NONE },
	{ "http-uri", 0, 1, 1, "https://example.org/web", false, false, HBK_REASON_BAD_SPIFFE_ID },
	{ "no-names", 0, 0, 0, NULL, false, false, HBK_REASON_NO_IDENTITY },
	{ "other-names", 0, 0, 0, NULL, false, false, HBK_REASON_NO_IDENTITY },
	{ "name-constraints", 0, 1, 0, WEB, false, true, HBK_REASON_NAME_CONSTRAINTS },
	{ "name-constraints-critical", 0, 1, 0, WEB, false, true, HBK_REASON_NAME_CONSTRAINTS },
	{ "ca", 0, 1, 0, "spiffe://example.org", true, false, HBK_REASON_BAD_SPIFFE_ID },
	{ "ca-with-path", 0, 1, 0, WEB, true, false, HBK_REASON_BAD_USAGE },
	{ "wildcard", 0, 0, 1, NULL, false, false, HBK_REASON_NONE },
	{ "after-2050", 0, 1, 0, WEB, false, false, HBK_REASON_NONE },
	{ "serial-20-bytes", 0, 1, 0, WEB, false, false, HBK_REASON_NONE },
	{ "32-dns", 0, 0, 32, NULL, false, false, HBK_REASON_NONE },
	{ "33-dns", -E2BIG, 0, 0, NULL, false, false, HBK_REASON_NONE },
	{ "version-1", -EINVAL, 0, 0, NULL, false, false, HBK_REASON_NONE },
};

static const char *directory;

static u8 *read_file(const char *name, const char *suffix, size_t *length)
{
	u8 *content = malloc(HBK_CERT_MAX);
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.%s", directory, name, suffix);
	file = fopen(path, "rb");
	if (!content || !file) {
		perror(path);
		exit(1);
	}
	*length = fread(content, 1, HBK_CERT_MAX, file);
	fclose(file);
	assert(*length > 0 && *length < HBK_CERT_MAX);
	content = realloc(content, *length);
	return content;
}

static void compare_with_facts(const struct hbk_leaf *leaf, const char *name)
{
	char facts[256], serial[2 * HBK_SERIAL_MAX + 1];
	size_t length;
	u8 *content = read_file(name, "facts", &length);
	u32 i;

	for (i = 0; i < leaf->serial_length; i++)
		snprintf(serial + 2 * i, 3, "%02X", leaf->serial[i]);
	snprintf(facts, sizeof(facts), "%s %lld %lld\n", serial, (long long)leaf->not_before,
		 (long long)leaf->not_after);
	assert_int_equal(length, strlen(facts));
	assert_memory_equal(content, facts, length);
	free(content);
}

static void check_certificate(void **state)
{
	const struct row *row = *state;
	struct hbk_leaf leaf;
	size_t length;
	u8 *der = read_file(row->name, "der", &length);

	assert_int_equal(hbk_leaf_scan(&leaf, der, length), row->err);
	if (!row->err) {
		assert_int_equal(leaf.uri_count, row->uri_count);
		assert_int_equal(leaf.dns_count, row->dns_count);
		assert_int_equal(leaf.is_ca, row->is_ca);
		assert_int_equal(leaf.has_name_constraints, row->has_name_constraints);
		assert_string_equal(hbk_reason_name(hbk_peer_identity_check(&leaf)), hbk_reason_name(row->reason));
		compare_with_facts(&leaf, row->name);
	}
	if (row->uri) {
		assert_int_equal(leaf.uri.length, strlen(row->uri));
		assert_memory_equal(leaf.uri.data, row->uri, leaf.uri.length);
	}
	free(der);
}

static void check_long_uri(void **state)
{
	struct hbk_leaf leaf;
	size_t length;
	u8 *der = read_file("long-uri", "der", &length);

	(void)state;
	assert_int_equal(hbk_leaf_scan(&leaf, der, length), 0);
	assert_int_equal(leaf.uri.length, LONG_URI);
	assert_true(hbk_peer_pattern_match("spiffe://example.org/*", &leaf));
	free(der);
}

static void check_wildcard(void **state)
{
	struct hbk_leaf leaf;
	size_t length;
	u8 *der = read_file("wildcard", "der", &length);

	(void)state;
	assert_int_equal(hbk_leaf_scan(&leaf, der, length), 0);
	assert_true(hbk_peer_pattern_match("dns:web.example.org", &leaf));
	assert_false(hbk_peer_pattern_match("dns:a.web.example.org", &leaf));
	assert_false(hbk_peer_pattern_match("dns:example.org", &leaf));
	free(der);
}

/* No change of a byte makes the scan read past the certificate; the sanitizer watches. */
static void check_each_byte(void **state)
{
	struct hbk_leaf leaf;
	size_t length, at;
	u8 *der = read_file("rsa-uri-dns", "der", &length);
	u32 change, refused = 0;

	(void)state;
	for (at = 0; at < length; at++) {
		for (change = 1; change < 256; change <<= 1) {
			der[at] ^= change;
			if (hbk_leaf_scan(&leaf, der, length))
				refused++;
			else
				(void)hbk_peer_identity_check(&leaf);
			der[at] ^= change;
		}
	}
	assert_true(refused > 100);
	free(der);
}

void add_certificate_tests(struct tests *tests)
{
	size_t i;

	directory = tests->certificates;
	for (i = 0; i < ROWS(rows); i++)
		tests_add(tests, rows[i].name, check_certificate, &rows[i]);
	tests_add(tests, "certificate: a URI longer than 255 bytes", check_long_uri, NULL);
	tests_add(tests, "certificate: a wildcard is one label", check_wildcard, NULL);
	tests_add(tests, "certificate: each bit changed", check_each_byte, NULL);
}
