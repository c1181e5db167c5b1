// SPDX-License-Identifier: Apache-2.0
/*
 * ip-allow - lets in whom its lists of networks let in, by the client's address
 *
 * A network under `deny` goes before one under `allow`. Without an `allow` all that is not denied comes in. An address
 * that the host cannot tell comes from no network: it is refused where there is an `allow`.
 */
#include "proxy_wasm.h"

enum {
	NETWORKS_MOST = 256,
	ADDRESS = 16,
	GROUPS = 8,
	V4_BITS = 96,
};

/* IPv4 addresses are held as the IPv6 ones that they are mapped to. */
struct network {
	unsigned char address[ADDRESS];
	uint32_t bits;
	bool deny;
};

static struct network networks[NETWORKS_MOST];
static size_t networks_count;
static bool allows;

static bool read_number(struct pw_bytes *text, uint32_t base, uint32_t most, uint32_t *number)
{
	size_t digits = 0;

	for (*number = 0; text->size; text->data++, text->size--, digits++) {
		char byte = pw_lower(*text->data);
		uint32_t digit = byte >= '0' && byte <= '9' ? (uint32_t)(byte - '0') :
				 byte >= 'a' && byte <= 'f' ? (uint32_t)(byte - 'a' + 10) : base;

		if (digit >= base)
			break;
		*number = *number * base + digit;
		if (*number > most)
			return false;
	}
	return digits;
}

static bool skip(struct pw_bytes *text, char byte)
{
	if (!text->size || *text->data != byte)
		return false;
	text->data++;
	text->size--;
	return true;
}

static bool read_v4(struct pw_bytes *text, unsigned char *address)
{
	uint32_t number;

	for (int i = 0; i < 4; i++) {
		if ((i && !skip(text, '.')) || !read_number(text, 10, 255, &number))
			return false;
		address[i] = (unsigned char)number;
	}
	return true;
}

static bool is_v4(struct pw_bytes text)
{
	for (size_t i = 0; i < text.size && text.data[i] != ':' && text.data[i] != '/'; i++)
		if (text.data[i] == '.')
			return true;
	return false;
}

/* Groups of 16 bits; `gap` is the place of the "::", before which they are and behind which they are to move. */
static bool read_groups(struct pw_bytes *text, unsigned char *address, size_t *count, size_t *gap)
{
	uint32_t number;

	*gap = GROUPS + 1;
	for (*count = 0; *count < GROUPS;) {
		if (skip(text, ':')) {
			if (!skip(text, ':') ? !*count || *gap == *count : *gap <= GROUPS)
				return false;
			if (text->data[-2] == ':')
				*gap = *count;
		} else if (*count) {
			break;
		}
		if (is_v4(*text)) {
			if (*count > GROUPS - 2 || !read_v4(text, address + 2 * *count))
				return false;
			*count += 2;
			break;
		}
		if (!read_number(text, 16, 0xffff, &number))
			return *gap == *count;
		address[2 * *count] = (unsigned char)(number >> 8);
		address[2 * *count + 1] = (unsigned char)number;
		++*count;
	}
	return true;
}

static bool read_v6(struct pw_bytes *text, unsigned char *address)
{
	size_t count, gap, tail;

	if (!read_groups(text, address, &count, &gap))
		return false;
	if (gap > GROUPS)
		return count == GROUPS;
	if (count == GROUPS)
		return false;
	tail = 2 * (count - gap);
	memmove(address + ADDRESS - tail, address + 2 * gap, tail);
	memset(address + 2 * gap, 0, ADDRESS - tail - 2 * gap);
	return true;
}

static bool read_address(struct pw_bytes *text, unsigned char *address)
{
	memset(address, 0, ADDRESS);
	if (!is_v4(*text))
		return read_v6(text, address);
	address[10] = address[11] = 0xff;
	return read_v4(text, address + 12);
}

static bool read_network(struct pw_bytes text, struct network *network)
{
	bool v4 = is_v4(text);
	uint32_t most = v4 ? 32 : 128;

	if (!read_address(&text, network->address))
		return false;
	network->bits = most;
	if (skip(&text, '/') && !read_number(&text, 10, most, &network->bits))
		return false;
	network->bits += v4 ? V4_BITS : 0;
	return !text.size;
}

static bool read_networks(struct pw_json *json, bool deny)
{
	pw_json_enter(json, '[');
	while (pw_json_more(json, ']')) {
		struct pw_bytes text = pw_json_string(json);

		if (json->bad)
			break;
		if (networks_count == NETWORKS_MOST)
			return pw_refuse("more than 256 networks, beginning with", text);
		if (!read_network(text, &networks[networks_count]))
			return pw_refuse("not an address or a network", text);
		networks[networks_count++].deny = deny;
	}
	allows |= !deny;
	return true;
}

bool proxy_on_configure(uint32_t root, size_t size)
{
	PW_AUTO struct pw_bytes configuration = pw_configuration(size);
	struct pw_json json = pw_json_begin(configuration);
	struct pw_bytes key;

	pw_json_enter(&json, '{');
	while (pw_json_key(&json, &key)) {
		bool deny = pw_equal(key, PW_BYTES("deny"));

		if (!deny && !pw_equal(key, PW_BYTES("allow")))
			return pw_refuse("unknown key", key);
		if (!read_networks(&json, deny))
			return false;
	}
	if (!pw_json_end(&json))
		return pw_refuse("expected {\"allow\": [\"10.0.0.0/8\"], \"deny\": []}", configuration);
	return networks_count || pw_refuse("no network in allow or deny", configuration);
}

static bool contains(const struct network *network, const unsigned char *address)
{
	uint32_t bytes = network->bits / 8, bits = network->bits % 8;

	if (memcmp(network->address, address, bytes))
		return false;
	return !bits || !((network->address[bytes] ^ address[bytes]) >> (8 - bits));
}

/* "10.0.0.1:443", "[::1]:443"; the port may lack. */
static bool read_source(unsigned char *address)
{
	PW_AUTO struct pw_bytes source = pw_property("source\0address");
	struct pw_bytes text = source;

	skip(&text, '[');
	return text.size && read_address(&text, address);
}

static bool allowed(void)
{
	unsigned char address[ADDRESS];
	bool found = false;

	if (!read_source(address))
		return !allows;
	for (size_t i = 0; i < networks_count; i++) {
		if (!contains(&networks[i], address))
			continue;
		if (networks[i].deny)
			return false;
		found = true;
	}
	return found || !allows;
}

enum proxy_action proxy_on_new_connection(uint32_t context)
{
	if (allowed())
		return PROXY_CONTINUE;
	pw_log(PROXY_LOG_WARN, "connection refused: address not allowed");
	proxy_close_stream(PROXY_DOWNSTREAM);
	return PROXY_PAUSE;
}

enum proxy_action proxy_on_request_headers(uint32_t context, size_t count, bool end_of_stream)
{
	static const struct pw_bytes body = {"address not allowed\n", 20}, details = {"ip_allow", 8};

	if (allowed())
		return PROXY_CONTINUE;
	proxy_send_local_response(403, details.data, details.size, body.data, body.size, NULL, 0, -1);
	return PROXY_PAUSE;
}
