// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "../peer.h"
#include "tests.h"

#define X50	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X63	X50 "xxxxxxxxxxxxx"
#define X250	X50 X50 X50 X50 X50
#define X1000	X250 X250 X250 X250

struct text_row {
	const char *text;
	size_t length;
	bool valid;
};

#define GOOD(text)	{ text, sizeof(text) - 1, true }
#define BAD(text)	{ text, sizeof(text) - 1, false }

static const struct text_row ids[] = {
	GOOD("spiffe://example.org/web"),
	GOOD("spiffe://example.org/a/b/c"),
	GOOD("spiffe://a/b"),
	GOOD("spiffe://1.2.3.4/b"),
	GOOD("spiffe://under_score-and.dot/A-Z_a.z0"),
	GOOD("spiffe://example.org/..."),
	GOOD("spiffe://example.org/.hidden"),
	GOOD("spiffe://" X250 "xxxxx/b"),
	GOOD("spiffe://a/" X1000 X1000 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
	BAD(""),
	BAD("spiffe"),
	BAD("spiffe://"),
	BAD("spiffe:///web"),
	BAD("spiffe://example.org"),
	BAD("spiffe://example.org/"),
	BAD("spiffe://example.org/web/"),
	BAD("spiffe://example.org//web"),
	BAD("spiffe://example.org/a//b"),
	BAD("spiffe://example.org/./web"),
	BAD("spiffe://example.org/../web"),
	BAD("spiffe://example.org/web/.."),
	BAD("spiffe://example.org/web/."),
	BAD("SPIFFE://example.org/web"),
	BAD("Spiffe://example.org/web"),
	BAD("spiffe:/example.org/web"),
	BAD("https://example.org/web"),
	BAD(" spiffe://example.org/web"),
	BAD("spiffe://example.org/web "),
	BAD("spiffe://Example.org/web"),
	BAD("spiffe://user@example.org/web"),
	BAD("spiffe://example.org:443/web"),
	BAD("spiffe://example.org/web?x=1"),
	BAD("spiffe://example.org?x=1"),
	BAD("spiffe://example.org/web#x"),
	BAD("spiffe://example.org/w%65b"),
	BAD("spiffe://ex%61mple.org/web"),
	BAD("spiffe://example.org/w~b"),
	BAD("spiffe://example.org/w*b"),
	BAD("spiffe://example.org/*"),
	BAD("spiffe://example.org/w\0b"),
	BAD("spiffe://example.org/web\0"),
	BAD("spiffe://example.org/w\xc3\xbc"),
	BAD("spiffe://" X250 "xxxxxx/b"),
	BAD("spiffe://a/" X1000 X1000 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
};

static const struct text_row dns_names[] = {
	GOOD("localhost"),
	GOOD("web.example.org"),
	GOOD("WEB.Example.ORG"),
	GOOD("my_service"),
	GOOD("xn--mnchen-3ya.de"),
	GOOD("1.example"),
	GOOD("az09.AZ"),
	GOOD("a.z9"),
	GOOD("a1.b2"),
	GOOD(X63 ".org"),
	GOOD(X63 "." X63 "." X63 "." X50 "xxxxxxxxxxx"),
	BAD(""),
	BAD("."),
	BAD(".example.org"),
	BAD("example.org."),
	BAD("a..b"),
	BAD("-a.org"),
	BAD("a-.org"),
	BAD("a b.org"),
	BAD("a/b"),
	BAD("*"),
	BAD("*.example.org"),
	BAD("127.0.0.1"),
	BAD("8000"),
	BAD("::1"),
	BAD("w\0b.org"),
	BAD("b\xc3\xbc.org"),
	BAD(X63 "x.org"),
	BAD(X63 "." X63 "." X63 "." X50 "xxxxxxxxxxxx"),
};

static const struct text_row wildcards[] = {
	GOOD("*.example.org"),
	GOOD("*.org"),
	GOOD("web.example.org"),
	BAD("*"),
	BAD("*."),
	BAD("*example.org"),
	BAD("/*"),
	BAD("w*.example.org"),
	BAD("*w.example.org"),
	BAD("*.*.example.org"),
	BAD("web.*.org"),
	BAD("*.0.0.1"),
};

struct match_row {
	const char *pattern;
	const char *name;
	bool matches;
};

static const struct match_row dns_matches[] = {
	{ "web.example.org", "web.example.org", true },
	{ "WEB.example.org", "web.EXAMPLE.org", true },
	{ "*.example.org", "web.example.org", true },
	{ X63 "." X63 "." X63 "." X50 "xxxxxxxxxxx", X63 "." X63 "." X63 "." X50 "xxxxxxxxxxx", true },
	{ X63 "." X63 "." X63 "." X50 "xxxxxxxxxxx", X63 "." X63 "." X63 "." X50 "xxxxxxxxxxxx", false },
	{ "*.Example.org", "WEB.example.ORG", true },
	{ "web.example.org", "web.example.or", false },
	{ "web.example.org", "xweb.example.org", false },
	{ "web.example.org", "example.org", false },
	{ "*.example.org", "example.org", false },
	{ "*.example.org", ".example.org", false },
	{ "*.example.org", "a.b.example.org", false },
	{ "*.example.org", "web.example.com", false },
	{ "*.example.org", "webexample.org", false },
	{ "*.example.org", "*.example.org", false },
	{ "w*.example.org", "web.example.org", false },
	{ "*", "localhost", false },
	{ "*.0.0.1", "127.0.0.1", false },
	{ "example.org.", "example.org", false },
	{ "web_example", "web-example", false },
	{ "web@example", "web`example", false },
};

struct peer_row {
	const char *pattern;
	const char *uri;
	const char *dns;
	bool allowed;
};

static const struct peer_row peers[] = {
	{ "spiffe://example.org/web", "spiffe://example.org/web", NULL, true },
	{ "spiffe://example.org/web", "spiffe://example.org/web2", NULL, false },
	{ "spiffe://example.org/web", "spiffe://example.org/we", NULL, false },
	{ "spiffe://example.org/web", "spiffe://example.org/web/x", NULL, false },
	{ "spiffe://example.org/web", "spiffe://example.com/web", NULL, false },
	{ "spiffe://example.org/web", "spiffe://example.org/WEB", NULL, false },
	{ "spiffe://example.org/web", NULL, "example.org", false },
	{ "spiffe://example.org/*", "spiffe://example.org/web", NULL, true },
	{ "spiffe://example.org/*", "spiffe://example.org/a/b", NULL, true },
	{ "spiffe://example.org/*", "spiffe://example.org.evil/web", NULL, false },
	{ "spiffe://example.org/*", "spiffe://example.orgevil/web", NULL, false },
	{ "spiffe://example.org/*", "spiffe://example.org", NULL, false },
	{ "spiffe://example.org/*", "spiffe://example.org/", NULL, false },
	{ "spiffe://example.org/*", "spiffe://example.org/../x", NULL, false },
	{ "spiffe://example.org/client/*", "spiffe://example.org/client/curl", NULL, true },
	{ "spiffe://example.org/client/*", "spiffe://example.org/client/a/b", NULL, true },
	{ "spiffe://example.org/client/*", "spiffe://example.org/client", NULL, false },
	{ "spiffe://example.org/client/*", "spiffe://example.org/client/", NULL, false },
	{ "spiffe://example.org/client/*", "spiffe://example.org/clients/a", NULL, false },
	{ "spiffe://example.org/client/*", "spiffe://example.org/x/client/a", NULL, false },
	{ "dns:web.example.org", "spiffe://example.org/web", "web.example.org", true },
	{ "dns:web.example.org", NULL, "WEB.example.org", true },
	{ "dns:web.example.org", NULL, "*.example.org", true },
	{ "dns:web.example.org", NULL, "*.org", false },
	{ "dns:web.example.org", "dns:web.example.org", NULL, false },
	{ "dns:web.example.org", "spiffe://web.example.org/x", NULL, false },
	{ "dns:web.example.org", NULL, "web.example.org.", false },
};

struct identity_row {
	const char *name;
	const char *uri;
	u32 uri_count, dns_count;
	bool is_ca, has_name_constraints;
	enum hbk_reason reason;
};

#define WEB	"spiffe://example.org/web"

static const struct identity_row identities[] = {
	{ "identity: SPIFFE id", WEB, 1, 0, false, false, HBK_REASON_NONE },
	{ "identity: SPIFFE id and DNS name", WEB, 1, 1, false, false, HBK_REASON_NONE },
	{ "identity: DNS name", NULL, 0, 1, false, false, HBK_REASON_NONE },
	{ "identity: none", NULL, 0, 0, false, false, HBK_REASON_NO_IDENTITY },
	{ "identity: two URIs", WEB, 2, 1, false, false, HBK_REASON_MANY_URIS },
	{ "identity: another scheme", "https://example.org/web", 1, 1, false, false, HBK_REASON_BAD_SPIFFE_ID },
	{ "identity: a trust domain", "spiffe://example.org", 1, 0, false, false, HBK_REASON_BAD_SPIFFE_ID },
	{ "identity: name constraints", WEB, 1, 0, false, true, HBK_REASON_NAME_CONSTRAINTS },
	{ "identity: name constraints on a DNS name", NULL, 0, 1, false, true, HBK_REASON_NAME_CONSTRAINTS },
	{ "identity: a CA", WEB, 1, 0, true, false, HBK_REASON_BAD_USAGE },
};

/* A copy without a NUL after it, so that the sanitizer sees a read past the length. */
static const u8 *exact(const char *text, size_t length)
{
	return memcpy(malloc(length), text, length);
}

static void check_id(void **state)
{
	const struct text_row *row = *state;
	const u8 *text = exact(row->text, row->length);

	assert_int_equal(hbk_spiffe_id_valid(text, row->length), row->valid);
	free((void *)text);
}

static void check_dns_name(void **state)
{
	const struct text_row *row = *state;
	const u8 *text = exact(row->text, row->length);

	assert_int_equal(hbk_dns_name_valid(text, row->length, false), row->valid);
	free((void *)text);
}

static void check_wildcard(void **state)
{
	const struct text_row *row = *state;
	const u8 *text = exact(row->text, row->length);

	assert_int_equal(hbk_dns_name_valid(text, row->length, true), row->valid);
	free((void *)text);
}

static void check_dns_match(void **state)
{
	const struct match_row *row = *state;
	const u8 *pattern = exact(row->pattern, strlen(row->pattern));

	assert_int_equal(hbk_dns_name_match(pattern, strlen(row->pattern), row->name), row->matches);
	free((void *)pattern);
}

static struct hbk_leaf leaf_of(const char *uri, const char *dns)
{
	struct hbk_leaf leaf = { 0 };

	if (uri) {
		leaf.uri_count = 1;
		leaf.uri = (struct hbk_name_view){ (const u8 *)uri, strlen(uri) };
	}
	if (dns) {
		leaf.dns_count = 2;
		leaf.dns[0] = (struct hbk_name_view){ (const u8 *)"unrelated.test", 14 };
		leaf.dns[1] = (struct hbk_name_view){ (const u8 *)dns, strlen(dns) };
	}
	return leaf;
}

static void check_peer(void **state)
{
	const struct peer_row *row = *state;
	struct hbk_leaf leaf = leaf_of(row->uri, row->dns);

	assert_true(hbk_peer_pattern_valid(row->pattern));
	assert_int_equal(hbk_peer_pattern_match(row->pattern, &leaf), row->allowed);
}

static void check_second_uri_is_never_allowed(void **state)
{
	struct hbk_leaf leaf = leaf_of(WEB, NULL);

	(void)state;
	assert_true(hbk_peer_pattern_match(WEB, &leaf));
	leaf.uri_count = 2;
	assert_false(hbk_peer_pattern_match(WEB, &leaf));
}

static void check_pattern_length(void **state)
{
	char *pattern = malloc(HBK_SPIFFE_ID_MAX + 2);

	(void)state;
	memset(pattern, 'x', HBK_SPIFFE_ID_MAX + 1);
	memcpy(pattern, "spiffe://a/", 11);
	pattern[HBK_SPIFFE_ID_MAX + 1] = '\0';
	assert_false(hbk_peer_pattern_valid(pattern));
	pattern[HBK_SPIFFE_ID_MAX] = '\0';
	assert_true(hbk_peer_pattern_valid(pattern));
	free(pattern);
}

static void check_identity(void **state)
{
	const struct identity_row *row = *state;
	struct hbk_leaf leaf = leaf_of(row->uri, NULL);

	leaf.uri_count = row->uri_count;
	leaf.dns_count = row->dns_count;
	leaf.is_ca = row->is_ca;
	leaf.has_name_constraints = row->has_name_constraints;
	assert_string_equal(hbk_reason_name(hbk_peer_identity_check(&leaf)), hbk_reason_name(row->reason));
}

void add_peer_tests(struct tests *tests)
{
	size_t i;

	for (i = 0; i < ROWS(ids); i++)
		tests_add(tests, ids[i].text, check_id, &ids[i]);
	for (i = 0; i < ROWS(dns_names); i++)
		tests_add(tests, dns_names[i].text, check_dns_name, &dns_names[i]);
	for (i = 0; i < ROWS(wildcards); i++)
		tests_add(tests, wildcards[i].text, check_wildcard, &wildcards[i]);
	for (i = 0; i < ROWS(dns_matches); i++)
		tests_add(tests, dns_matches[i].name, check_dns_match, &dns_matches[i]);
	for (i = 0; i < ROWS(peers); i++)
		tests_add(tests, peers[i].pattern, check_peer, &peers[i]);
	for (i = 0; i < ROWS(identities); i++)
		tests_add(tests, identities[i].name, check_identity, &identities[i]);
	tests_add(tests, "peer: a second URI is never allowed", check_second_uri_is_never_allowed, NULL);
	tests_add(tests, "peer: the longest pattern", check_pattern_length, NULL);
}
