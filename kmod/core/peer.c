// SPDX-License-Identifier: GPL-2.0-only
#include "peer.h"

#define SPIFFE_SCHEME	"spiffe://"
#define SPIFFE_BELOW	"/*"

#define LENGTH_OF(literal)	(sizeof(literal) - 1)

static bool is_digit(u8 c)
{
	return c >= '0' && c <= '9';
}

static u8 to_lower(u8 c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool is_domain_char(u8 c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c) || c == '.' || c == '_' || c == '-';
}

static bool is_segment_char(u8 c)
{
	return is_domain_char(to_lower(c));
}

static bool starts_with(const u8 *text, size_t length, const char *prefix, size_t prefix_length)
{
	return length >= prefix_length && !memcmp(text, prefix, prefix_length);
}

/* The length of the path segment at the start of path; 0 if there is no valid one. */
static size_t segment_length(const u8 *path, size_t length)
{
	size_t n = 0;

	while (n < length && is_segment_char(path[n]))
		n++;
	if ((n == 1 || n == 2) && path[0] == '.' && path[n - 1] == '.')
		return 0;
	return n;
}

/* The number of path segments of a SPIFFE id, 0 for that of a trust domain; -1 if it is not one. */
static int spiffe_segments(const u8 *id, size_t length)
{
	size_t at = LENGTH_OF(SPIFFE_SCHEME), domain, n;
	int segments = 0;

	if (length > HBK_SPIFFE_ID_MAX || !starts_with(id, length, SPIFFE_SCHEME, at))
		return -1;
	for (domain = at; at < length && is_domain_char(id[at]); at++)
		;
	if (at == domain || at - domain > HBK_TRUST_DOMAIN_MAX)
		return -1;
	while (at < length) {
		if (id[at++] != '/')
			return -1;
		n = segment_length(id + at, length - at);
		if (!n)
			return -1;
		at += n;
		segments++;
	}
	return segments;
}

/**
 * hbk_spiffe_id_valid() - tell whether bytes are the SPIFFE id of a workload
 * @id: the bytes, without a final NUL
 * @length: how many
 *
 * The id of a trust domain alone, without a path, belongs to its authority and
 * is no workload's (X509-SVID section 5.2 refuses it in a leaf).
 *
 * Return: true if they are.
 */
bool hbk_spiffe_id_valid(const u8 *id, size_t length)
{
	return spiffe_segments(id, length) > 0;
}

static bool is_label_char(u8 c)
{
	c = to_lower(c);
	return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

/* The length of the label that name starts with; 0 if it is not a valid one. *numeric tells whether it is all digits. */
static size_t dns_label_length(const u8 *name, size_t length, bool *numeric)
{
	size_t n;

	*numeric = true;
	for (n = 0; n < length && name[n] != '.'; n++) {
		if (!is_label_char(name[n]))
			return 0;
		if (!is_digit(name[n]))
			*numeric = false;
	}
	if (n == 0 || n > HBK_DNS_LABEL_MAX || name[0] == '-' || name[n - 1] == '-')
		return 0;
	return n;
}

/**
 * hbk_dns_name_valid() - tell whether bytes are a DNS name
 * @name: the bytes, without a final NUL
 * @length: how many
 * @allow_wildcard: whether the whole leftmost label may be "*"
 *
 * A name whose last label is a number is an IPv4 address or a mistake, never a
 * name; underscores are accepted, since hosts do have them.
 *
 * Return: true if they are.
 */
bool hbk_dns_name_valid(const u8 *name, size_t length, bool allow_wildcard)
{
	bool numeric = true;
	size_t at = 0, n;

	if (length == 0 || length > HBK_DNS_NAME_MAX)
		return false;
	if (allow_wildcard && starts_with(name, length, "*.", 2))
		at = 2;
	for (;;) {
		n = dns_label_length(name + at, length - at, &numeric);
		if (!n)
			return false;
		at += n;
		if (at == length)
			return !numeric;
		at++;	/* the dot; a label must follow */
	}
}

static bool equal_ignoring_case(const u8 *a, const char *b, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (to_lower(a[i]) != to_lower(b[i]))
			return false;
	}
	return true;
}

/**
 * hbk_dns_name_match() - match a name against one that a certificate presents
 * @pattern: the certificate's name; its wildcard stands for exactly one label
 * @pattern_length: its bytes
 * @name: the name that is wanted, NUL-terminated
 *
 * RFC 6125 section 6.4, with a wildcard only as the whole leftmost label.
 *
 * Return: true if they match; never if either is malformed.
 */
bool hbk_dns_name_match(const u8 *pattern, size_t pattern_length, const char *name)
{
	size_t length = strnlen(name, HBK_DNS_NAME_MAX + 1);

	if (!hbk_dns_name_valid(pattern, pattern_length, true) ||
	    !hbk_dns_name_valid((const u8 *)name, length, false))
		return false;
	if (pattern[0] == '*') {
		pattern++;
		pattern_length--;
		while (length && *name != '.') {
			name++;
			length--;
		}
	}
	return length == pattern_length && equal_ignoring_case(pattern, name, length);
}

/**
 * hbk_peer_pattern_valid() - tell whether a string is a peer pattern
 * @pattern: the string; uapi/hauberk.h lists the forms
 *
 * Return: true if it is one that some certificate can match.
 */
bool hbk_peer_pattern_valid(const char *pattern)
{
	size_t length = strnlen(pattern, HBK_SPIFFE_ID_MAX + 1);
	size_t prefix = LENGTH_OF(HBK_PEER_DNS_PREFIX), below = LENGTH_OF(SPIFFE_BELOW);
	const u8 *text = (const u8 *)pattern;

	if (length > HBK_SPIFFE_ID_MAX)
		return false;
	if (starts_with(text, length, HBK_PEER_DNS_PREFIX, prefix))
		return hbk_dns_name_valid(text + prefix, length - prefix, false);
	if (length > below && !memcmp(text + length - below, SPIFFE_BELOW, below))
		return spiffe_segments(text, length - below) >= 0;
	return hbk_spiffe_id_valid(text, length);
}

static bool any_dns_name_matches(const struct hbk_leaf *leaf, const char *name)
{
	u32 i;

	for (i = 0; i < leaf->dns_count; i++) {
		if (hbk_dns_name_match(leaf->dns[i].data, leaf->dns[i].length, name))
			return true;
	}
	return false;
}

static bool spiffe_matches(const char *pattern, const struct hbk_name_view *uri)
{
	size_t length = strlen(pattern);

	if (length > 0 && pattern[length - 1] == '*')
		return uri->length > length - 1 && !memcmp(uri->data, pattern, length - 1);
	return uri->length == length && !memcmp(uri->data, pattern, length);
}

/**
 * hbk_peer_pattern_match() - tell whether a pattern allows a peer
 * @pattern: a valid pattern
 * @leaf: the peer's certificate
 *
 * A SPIFFE pattern looks only at the certificate's one URI, a DNS pattern only
 * at its DNS names.
 *
 * Return: true if it does.
 */
bool hbk_peer_pattern_match(const char *pattern, const struct hbk_leaf *leaf)
{
	size_t prefix = LENGTH_OF(HBK_PEER_DNS_PREFIX);

	if (!strncmp(pattern, HBK_PEER_DNS_PREFIX, prefix))
		return any_dns_name_matches(leaf, pattern + prefix);
	if (leaf->uri_count != 1 || !hbk_spiffe_id_valid(leaf->uri.data, leaf->uri.length))
		return false;
	return spiffe_matches(pattern, &leaf->uri);
}

/**
 * hbk_peer_identity_check() - tell why a certificate cannot say who its holder is
 * @leaf: the certificate
 *
 * Return: HBK_REASON_NONE if it can.
 */
enum hbk_reason hbk_peer_identity_check(const struct hbk_leaf *leaf)
{
	if (leaf->uri_count > 1)
		return HBK_REASON_MANY_URIS;
	if (leaf->uri_count == 1 && !hbk_spiffe_id_valid(leaf->uri.data, leaf->uri.length))
		return HBK_REASON_BAD_SPIFFE_ID;
	if (leaf->uri_count == 0 && leaf->dns_count == 0)
		return HBK_REASON_NO_IDENTITY;
	if (leaf->has_name_constraints)
		return HBK_REASON_NAME_CONSTRAINTS;
	if (leaf->is_ca)
		return HBK_REASON_BAD_USAGE;
	return HBK_REASON_NONE;
}
