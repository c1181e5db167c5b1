// SPDX-License-Identifier: Apache-2.0
/*
 * rate-limit - so many requests in so much time for each peer, or connections where there is no HTTP
 *
 * Token buckets in the host's shared data, so that all instances count together. Peers are told apart by SPIFFE id, or by
 * address where there is none; an id chooses one of a fixed number of buckets by its hash, which bounds the memory.
 */
#include "proxy_wasm.h"

enum {
	TRIES = 16,
	RATE_MOST = 1000000,
	PERIOD_MOST = 3600,
	BUCKETS_MOST = 4096,
	NANOSECONDS = 1000000000,
};

/* What a bucket is in the shared data. A nanosecond brings `rate` units, and a token is what a period has of them. */
struct bucket {
	uint64_t units;
	uint64_t time;
};

static uint64_t rate, burst, period = 1, buckets = 1024, status = 429;
static bool by_address;

static bool read_key(struct pw_bytes name)
{
	by_address = pw_equal(name, PW_BYTES("address"));
	return by_address || pw_equal(name, PW_BYTES("peer")) || pw_refuse("key is neither peer nor address", name);
}

static bool read_setting(struct pw_json *json, struct pw_bytes key)
{
	static const struct {
		struct pw_bytes name;
		uint64_t *number;
	} settings[] = {
		{{"rate", 4}, &rate}, {{"burst", 5}, &burst}, {{"seconds", 7}, &period},
		{{"buckets", 7}, &buckets}, {{"status", 6}, &status},
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		if (pw_equal(settings[i].name, key)) {
			*settings[i].number = pw_json_number(json);
			return true;
		}
	}
	return pw_equal(key, PW_BYTES("key")) ? read_key(pw_json_string(json)) : pw_refuse("unknown key", key);
}

bool proxy_on_configure(uint32_t root, size_t size)
{
	PW_AUTO struct pw_bytes configuration = pw_configuration(size);
	struct pw_json json = pw_json_begin(configuration);
	struct pw_bytes key;

	pw_json_enter(&json, '{');
	while (pw_json_key(&json, &key))
		if (!read_setting(&json, key))
			return false;
	if (!pw_json_end(&json))
		return pw_refuse("expected {\"rate\": 10, \"burst\": 20}", configuration);
	if (!burst)
		burst = rate;
	if (!rate || rate > RATE_MOST || burst > RATE_MOST)
		return pw_refuse("rate and burst are from 1 to 1000000", configuration);
	if (!period || period > PERIOD_MOST)
		return pw_refuse("seconds is from 1 to 3600", configuration);
	if (!buckets || buckets > BUCKETS_MOST)
		return pw_refuse("buckets is from 1 to 4096", configuration);
	if (status < 400 || status > 599)
		return pw_refuse("status is from 400 to 599", configuration);
	return true;
}

/* The address without its port. */
static struct pw_bytes host_of(struct pw_bytes address)
{
	for (size_t i = address.size; i-- > 0;) {
		if (address.data[i] == ':') {
			address.size = i;
			break;
		}
	}
	return address;
}

static uint64_t hash(struct pw_bytes bytes)
{
	uint64_t value = 0xcbf29ce484222325u;

	for (size_t i = 0; i < bytes.size; i++)
		value = (value ^ (unsigned char)bytes.data[i]) * 0x100000001b3u;
	return value ^ value >> 32;
}

static void put_bucket_key(struct pw_text *key)
{
	PW_AUTO struct pw_bytes peer = {NULL, 0};
	PW_AUTO struct pw_bytes address = {NULL, 0};

	if (!by_address)
		peer = pw_property("connection\0uri_san_peer_certificate");
	if (!peer.size)
		address = pw_property("source\0address");
	pw_put(key, "rate-limit/");
	pw_put_number(key, hash(peer.size ? peer : host_of(address)) % buckets);
}

static uint64_t token(void)
{
	return period * NANOSECONDS;
}

/* What a bucket holds at this time, at most its burst; the product cannot overflow, for it is cut first. */
static uint64_t refilled(const struct bucket *bucket, uint64_t time)
{
	uint64_t most = burst * token(), elapsed = time > bucket->time ? time - bucket->time : 0;

	if (elapsed > most / rate)
		return most;
	return bucket->units >= most || most - bucket->units < elapsed * rate ? most : bucket->units + elapsed * rate;
}

enum verdict {
	PASS,
	REFUSE,
	AGAIN,
};

static enum verdict try_to_take(const struct pw_text *key, uint64_t time)
{
	PW_AUTO struct pw_bytes stored = {NULL, 0};
	struct bucket bucket = {burst * token(), time};
	uint32_t cas = 0;
	enum proxy_status set;

	if (proxy_get_shared_data(key->data, key->size, &stored.data, &stored.size, &cas) == PROXY_OK &&
	    stored.size == sizeof(bucket)) {
		memcpy(&bucket, stored.data, sizeof(bucket));
		bucket.units = refilled(&bucket, time);
		bucket.time = time;
	}
	if (bucket.units < token())
		return REFUSE;
	bucket.units -= token();
	set = proxy_set_shared_data(key->data, key->size, &bucket, sizeof(bucket), cas);
	if (set == PROXY_CAS_MISMATCH)
		return AGAIN;
	return set == PROXY_OK ? PASS : REFUSE;
}

/* Another instance may take of the same bucket meanwhile; who loses too often in a row is over the limit all the more. */
static bool within_limit(void)
{
	char room[32];
	struct pw_text key = PW_TEXT(room);
	enum verdict verdict = AGAIN;
	uint64_t time = 0;

	put_bucket_key(&key);
	proxy_get_current_time_nanoseconds(&time);
	for (int i = 0; i < TRIES && verdict == AGAIN; i++)
		verdict = try_to_take(&key, time);
	return verdict == PASS;
}

enum proxy_action proxy_on_new_connection(uint32_t context)
{
	if (within_limit())
		return PROXY_CONTINUE;
	pw_log(PROXY_LOG_WARN, "connection refused: over the limit");
	proxy_close_stream(PROXY_DOWNSTREAM);
	return PROXY_PAUSE;
}

enum proxy_action proxy_on_request_headers(uint32_t context, size_t count, bool end_of_stream)
{
	static const struct pw_bytes body = {"too many requests\n", 18}, details = {"rate_limit", 10};
	char room[64], digits[20];
	struct pw_text headers = PW_TEXT(room), seconds = PW_TEXT(digits);
	struct pw_pair pair = {PW_BYTES("retry-after"), {NULL, 0}};

	if (within_limit())
		return PROXY_CONTINUE;
	pw_put_number(&seconds, (period + rate - 1) / rate);
	pair.value = (struct pw_bytes){seconds.data, seconds.size};
	pw_put_pairs(&headers, &pair, 1);
	proxy_send_local_response((uint32_t)status, details.data, details.size, body.data, body.size, headers.data,
				  headers.size, -1);
	return PROXY_PAUSE;
}
