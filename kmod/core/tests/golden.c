// SPDX-License-Identifier: GPL-2.0-only
#include "golden.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>

static void bytes_from(struct hbk_writer *w, u16 attr, u8 first, u32 count)
{
	u8 bytes[64];
	u32 i;

	assert(count <= sizeof(bytes));
	for (i = 0; i < count; i++)
		bytes[i] = first + i;
	hbk_writer_bytes(w, attr, bytes, count);
}

static void fill_nothing(struct hbk_writer *w)
{
	(void)w;
}

static void fill_hello(struct hbk_writer *w)
{
	hbk_writer_u32(w, HBK_A_VERSION_MIN, 1);
	hbk_writer_u32(w, HBK_A_VERSION_MAX, 1);
	hbk_writer_string(w, HBK_A_LABEL, "hauberk apply");
}

static void fill_anchor(struct hbk_writer *w)
{
	bytes_from(w, HBK_A_CERT, 0x30, 21);
}

static void fill_identity(struct hbk_writer *w)
{
	hbk_writer_string(w, HBK_A_NAME, "web");
	hbk_writer_string(w, HBK_A_SPIFFE_ID, "spiffe://example.org/web");
	bytes_from(w, HBK_A_CERT, 0x30, 17);
	bytes_from(w, HBK_A_CERT, 0x60, 8);
	bytes_from(w, HBK_A_KEY, 0x90, 10);
}

static void fill_table(struct hbk_writer *w)
{
	hbk_writer_u32(w, HBK_A_OFFSET, 65536);
	bytes_from(w, HBK_A_DATA, 0x01, 33);
}

static void fill_settings(struct hbk_writer *w)
{
	hbk_writer_u32(w, HBK_A_HANDSHAKE_TIMEOUT_MS, 10000);
	hbk_writer_u32(w, HBK_A_HANDSHAKE_MAX, 4096);
	hbk_writer_u32(w, HBK_A_HANDSHAKE_RATE, 1000);
	hbk_writer_u32(w, HBK_A_SESSION_MAX, 4096);
	hbk_writer_u8(w, HBK_A_RECORD_LAYER, HBK_RECORDS_OWN);
}

static void fill_commit(struct hbk_writer *w)
{
	hbk_writer_u64(w, HBK_A_EXPECT_GENERATION, 0x0102030405060708);
	hbk_writer_string(w, HBK_A_LABEL, "rules.yaml \xc3\xbc\xe2\x82\xac");
}

static void fill_follow(struct hbk_writer *w)
{
	hbk_writer_u32(w, HBK_A_REPLAY, 100);
}

static void fill_reply_ok(struct hbk_writer *w)
{
	hbk_writer_u32(w, HBK_A_ERRNO, 0);
	hbk_writer_string(w, HBK_A_TEXT, "");
	hbk_writer_u64(w, HBK_A_GENERATION, 7);
}

static void fill_reply_error(struct hbk_writer *w)
{
	hbk_writer_u32(w, HBK_A_ERRNO, 61);
	hbk_writer_string(w, HBK_A_TEXT, "IDENTITY requests must have this attribute");
	hbk_writer_string(w, HBK_A_ITEM, "attribute NAME");
}

static void fill_reply_wasm(struct hbk_writer *w)
{
	hbk_writer_u32(w, HBK_A_ERRNO, 8);
	hbk_writer_string(w, HBK_A_TEXT, "type mismatch in i32.add: expected [i32, i32], found [i64]");
	hbk_writer_string(w, HBK_A_ITEM, "module add");
	hbk_writer_u32(w, HBK_A_OFFSET, 38);
	hbk_writer_u32(w, HBK_A_FUNCTION, 2);
	hbk_writer_u64(w, HBK_A_GENERATION, 7);
}

static void fill_hello_reply(struct hbk_writer *w)
{
	hbk_writer_u32(w, HBK_A_VERSION, 1);
	hbk_writer_string(w, HBK_A_MODULE_VERSION, "0.1.0");
	hbk_writer_u64(w, HBK_A_INSTANCE, 0xfedcba9876543210);
	hbk_writer_u64(w, HBK_A_GENERATION, 0);
}

static void fill_status_reply(struct hbk_writer *w)
{
	hbk_writer_u64(w, HBK_A_GENERATION, 7);
	hbk_writer_string(w, HBK_A_LABEL, "rules.yaml");
	hbk_writer_u64(w, HBK_A_TIME_NS, 1767225600123456789);
	hbk_writer_u64(w, HBK_A_INSTANCE, 0xfedcba9876543210);
	hbk_writer_u32(w, HBK_A_HANDSHAKE_TIMEOUT_MS, 10000);
	hbk_writer_u32(w, HBK_A_HANDSHAKE_MAX, 4096);
	hbk_writer_u32(w, HBK_A_HANDSHAKES_INBOUND, 3);
	hbk_writer_u32(w, HBK_A_HANDSHAKES_OUTBOUND, 1);
	hbk_writer_u32(w, HBK_A_CONNECTIONS_OPEN, 2);
	hbk_writer_u64(w, HBK_A_OPENED, 5000000000);
	hbk_writer_u64(w, HBK_A_REFUSED, 4);
	hbk_writer_u64(w, HBK_A_CLOSED, 5);
	hbk_writer_u64(w, HBK_A_DENIED, 6);
	hbk_writer_u64(w, HBK_A_EVENTS_LOST, 0);
	hbk_writer_u32(w, HBK_A_ANCHORS, 1);
	hbk_writer_u32(w, HBK_A_HANDSHAKE_RATE, 1000);
	hbk_writer_u32(w, HBK_A_SESSION_MAX, 8192);
	hbk_writer_u8(w, HBK_A_RECORD_LAYER, HBK_RECORDS_OWN);
	hbk_writer_u32(w, HBK_A_SESSIONS, 17);
}

static void fill_rule_status(struct hbk_writer *w)
{
	hbk_writer_string(w, HBK_A_RULE, "web-in");
	hbk_writer_u64(w, HBK_A_MATCHED, 21);
	hbk_writer_u64(w, HBK_A_OPENED, 10);
	hbk_writer_u64(w, HBK_A_REFUSED, 3);
	hbk_writer_u64(w, HBK_A_DENIED, 0);
	hbk_writer_u64(w, HBK_A_CLOSED, 9);
	hbk_writer_u64(w, HBK_A_RX_BYTES, 78);
	hbk_writer_u64(w, HBK_A_TX_BYTES, 5000000000);
	hbk_writer_u64(w, HBK_A_RESUMED, 6);
	hbk_writer_u64(w, HBK_A_PLAIN, 5);
	hbk_writer_u64(w, HBK_A_PASSED, 2);
}

static void fill_opened(struct hbk_writer *w)
{
	static const u8 local[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1 };
	static const u8 remote[16] = { 0xfd, [15] = 2 };

	hbk_writer_u64(w, HBK_A_TIME_NS, 1767225600123456789);
	hbk_writer_u64(w, HBK_A_GENERATION, 3);
	hbk_writer_string(w, HBK_A_RULE, "web-in");
	hbk_writer_u64(w, HBK_A_CONNECTION_ID, 42);
	hbk_writer_u8(w, HBK_A_DIRECTION, HBK_INBOUND);
	hbk_writer_bytes(w, HBK_A_LOCAL_ADDRESS, local, sizeof(local));
	hbk_writer_u16(w, HBK_A_LOCAL_PORT, 8000);
	hbk_writer_bytes(w, HBK_A_REMOTE_ADDRESS, remote, sizeof(remote));
	hbk_writer_u16(w, HBK_A_REMOTE_PORT, 40000);
	hbk_writer_u32(w, HBK_A_PID, 1234);
	hbk_writer_u32(w, HBK_A_UID, 1000);
	hbk_writer_string(w, HBK_A_COMM, "python3");
	hbk_writer_string(w, HBK_A_IDENTITY, "web");
	hbk_writer_string(w, HBK_A_PEER_ID, "spiffe://example.org/client/curl");
	hbk_writer_string(w, HBK_A_PEER_NAME, "");
	bytes_from(w, HBK_A_PEER_SERIAL, 0x71, 9);
	hbk_writer_u64(w, HBK_A_PEER_NOT_AFTER, 1767312000);
	hbk_writer_u16(w, HBK_A_SUITE, 0xc02b);
	hbk_writer_u8(w, HBK_A_KTLS, 1);
	hbk_writer_u32(w, HBK_A_HANDSHAKE_US, 2750);
	hbk_writer_u64(w, HBK_A_RESUMED, 1);
}

static void fill_closed(struct hbk_writer *w)
{
	fill_opened(w);
	hbk_writer_u64(w, HBK_A_RX_BYTES, 78);
	hbk_writer_u64(w, HBK_A_TX_BYTES, 5000000000);
	hbk_writer_string(w, HBK_A_REASON, "clean");
}

static void fill_lost(struct hbk_writer *w)
{
	hbk_writer_u64(w, HBK_A_LOST, 12);
}

static void fill_wasm_begin(struct hbk_writer *w)
{
	hbk_writer_string(w, HBK_A_NAME, "add");
	hbk_writer_u32(w, HBK_A_SIZE, 41);
	hbk_writer_u32(w, HBK_A_FLAGS, HBK_WASM_FLAG_OWNED);
}

static void fill_wasm_chunk(struct hbk_writer *w)
{
	hbk_writer_u32(w, HBK_A_OFFSET, 0);
	hbk_writer_bytes(w, HBK_A_DATA, "\0asm\1\0\0", 8);
}

static void fill_wasm_name(struct hbk_writer *w)
{
	hbk_writer_string(w, HBK_A_NAME, "add");
}

static void put_value(u8 *value, u8 type, u64 bits)
{
	memset(value, 0, sizeof(struct hbk_wire_value));
	put_unaligned_le64(bits, value);
	value[offsetof(struct hbk_wire_value, type)] = type;
}

static void fill_wasm_run(struct hbk_writer *w)
{
	u8 values[2][sizeof(struct hbk_wire_value)];

	fill_wasm_name(w);
	hbk_writer_string(w, HBK_A_EXPORT, "add");
	put_value(values[0], HBK_WIRE_I32, 0xfffffffe);
	put_value(values[1], HBK_WIRE_F64, 0x3ff8000000000000);
	hbk_writer_bytes(w, HBK_A_VALUES, values, sizeof(values));
	hbk_writer_u64(w, HBK_A_BUDGET, 1000000);
}

static void fill_wasm_guest(struct hbk_writer *w)
{
	fill_wasm_name(w);
	hbk_writer_u64(w, HBK_A_TIME_NS, 1767225600123456789);
	hbk_writer_u32(w, HBK_A_SIZE, 41);
	bytes_from(w, HBK_A_DIGEST, 0xa0, 32);
	hbk_writer_u32(w, HBK_A_FLAGS, HBK_WASM_FLAG_NO_FLOATS);
	hbk_writer_u8(w, HBK_A_COMPILED, 1);
	hbk_writer_u8(w, HBK_A_FLOATS, 0);
	hbk_writer_u8(w, HBK_A_QUARANTINED, 1);
	hbk_writer_u64(w, HBK_A_CALLS, 100);
	hbk_writer_u64(w, HBK_A_TRAPS, 12);
	hbk_writer_u64(w, HBK_A_INSTRUCTIONS, 4000);
	hbk_writer_u32(w, HBK_A_INSTANCES, 3);
	hbk_writer_u64(w, HBK_A_MEMORY_BYTES, 5000000000);
	hbk_writer_u32(w, HBK_A_FUNCTIONS, 7);
	hbk_writer_u32(w, HBK_A_IMPORTS, 1);
	hbk_writer_u32(w, HBK_A_EXPORTS, 2);
	hbk_writer_u32(w, HBK_A_MIN, 1);
	hbk_writer_u32(w, HBK_A_MAX, 16);
}

static void fill_wasm_import(struct hbk_writer *w)
{
	hbk_writer_string(w, HBK_A_MODULE, "env");
	hbk_writer_string(w, HBK_A_FIELD, "log");
	hbk_writer_u8(w, HBK_A_KIND, HBK_WIRE_FUNCTION);
	hbk_writer_bytes(w, HBK_A_PARAMETERS, "\x7f\x7e\x7d\x7c\x70\x6f", 6);
	hbk_writer_bytes(w, HBK_A_RESULTS, "", 0);
}

static void fill_wasm_export(struct hbk_writer *w)
{
	hbk_writer_string(w, HBK_A_FIELD, "memory");
	hbk_writer_u8(w, HBK_A_KIND, HBK_WIRE_MEMORY);
	hbk_writer_u32(w, HBK_A_MIN, 1);
	hbk_writer_u32(w, HBK_A_MAX, 65536);
}

static void fill_wasm_result(struct hbk_writer *w)
{
	u8 value[sizeof(struct hbk_wire_value)];

	put_value(value, HBK_WIRE_I32, 5);
	hbk_writer_bytes(w, HBK_A_VALUES, value, sizeof(value));
	hbk_writer_u64(w, HBK_A_INSTRUCTIONS, 4);
	hbk_writer_u64(w, HBK_A_DURATION_NS, 1234);
}

static void fill_wasm_trapped(struct hbk_writer *w)
{
	hbk_writer_string(w, HBK_A_TRAP, "integer divide by zero");
	hbk_writer_u64(w, HBK_A_INSTRUCTIONS, 4);
	hbk_writer_u64(w, HBK_A_DURATION_NS, 1234);
}

static void fill_wasm_log(struct hbk_writer *w)
{
	hbk_writer_u64(w, HBK_A_POSITION, 1000);
}

static void fill_wasm_lines(struct hbk_writer *w)
{
	hbk_writer_u64(w, HBK_A_POSITION, 1011);
	hbk_writer_bytes(w, HBK_A_DATA, "add: hello\n", 11);
}

static const u8 golden_address[16] = { [10] = 0xff, 0xff, 127, 0, 0, 1 };

static void fill_filter(struct hbk_writer *w)
{
	hbk_writer_string(w, HBK_A_NAME, "stamp");
	hbk_writer_string(w, HBK_A_MODULE, "stamp-0123456789ab");
	hbk_writer_string(w, HBK_A_VM_ID, "shared");
	hbk_writer_string(w, HBK_A_ROOT_ID, "stamp");
	hbk_writer_string(w, HBK_A_VM_CONFIG, "");
	hbk_writer_string(w, HBK_A_CONFIG, "{\"header\":\"x-stamp\"}");
	hbk_writer_u8(w, HBK_A_ON_FAILURE, HBK_ON_FAILURE_OPEN);
	hbk_writer_u64(w, HBK_A_BUDGET, 1000000);
	hbk_writer_u8(w, HBK_A_MODE, HBK_FILTER_HTTP);
	hbk_writer_u8(w, HBK_A_ISOLATION, HBK_ISOLATION_CONNECTION);
}

static void fill_upstream(struct hbk_writer *w)
{
	hbk_writer_string(w, HBK_A_NAME, "authz");
	hbk_writer_bytes(w, HBK_A_ADDRESS, golden_address, sizeof(golden_address));
	hbk_writer_u16(w, HBK_A_PORT, 9000);
}

static void fill_filter_try(struct hbk_writer *w)
{
	hbk_writer_string(w, HBK_A_NAME, "stamp-0123456789ab");
	hbk_writer_string(w, HBK_A_DATA, "mode http\nstart\nopen\n");
}

static void fill_filter_status(struct hbk_writer *w)
{
	hbk_writer_string(w, HBK_A_NAME, "stamp");
	hbk_writer_string(w, HBK_A_MODULE, "stamp-0123456789ab");
	hbk_writer_u64(w, HBK_A_CALLS, 100);
	hbk_writer_u64(w, HBK_A_TRAPS, 2);
	hbk_writer_u64(w, HBK_A_INSTRUCTIONS, 4000);
	hbk_writer_u64(w, HBK_A_STREAMS, 20);
	hbk_writer_u64(w, HBK_A_BYPASSED, 1);
	hbk_writer_u64(w, HBK_A_FAILED, 3);
	hbk_writer_u8(w, HBK_A_QUARANTINED, 0);
	hbk_writer_u8(w, HBK_A_COMPILED, 1);
	hbk_writer_u64(w, HBK_A_MEMORY_BYTES, 5000000000);
	hbk_writer_u32(w, HBK_A_INSTANCES, 4);
}

static void fill_metric(struct hbk_writer *w)
{
	hbk_writer_string(w, HBK_A_NAME, "request_bytes");
	hbk_writer_string(w, HBK_A_VM_ID, "stamp");
	hbk_writer_u8(w, HBK_A_KIND, HBK_METRIC_HISTOGRAM);
	hbk_writer_u64(w, HBK_A_VALUE, 5000000000);
	hbk_writer_u64(w, HBK_A_SAMPLES, 12);
}

static void fill_filter_lines(struct hbk_writer *w)
{
	hbk_writer_string(w, HBK_A_DATA, "close\n");
}

static void fill_filter_failed(struct hbk_writer *w)
{
	hbk_writer_string(w, HBK_A_NAME, "stamp");
	hbk_writer_u64(w, HBK_A_TIME_NS, 1767225600123456789);
	hbk_writer_string(w, HBK_A_RULE, "web-in");
	hbk_writer_u64(w, HBK_A_CONNECTION_ID, 42);
	hbk_writer_string(w, HBK_A_TRAP, "unreachable");
	hbk_writer_string(w, HBK_A_REASON, "connection-failed");
}

static void fill_wasm_loaded(struct hbk_writer *w)
{
	fill_wasm_name(w);
	hbk_writer_u64(w, HBK_A_TIME_NS, 1767225600123456789);
	hbk_writer_u32(w, HBK_A_SIZE, 41);
	hbk_writer_u8(w, HBK_A_COMPILED, 1);
}

static void fill_wasm_quarantined(struct hbk_writer *w)
{
	fill_wasm_name(w);
	hbk_writer_u64(w, HBK_A_TIME_NS, 1767225600123456789);
	hbk_writer_u64(w, HBK_A_TRAPS, 16);
}

const struct golden_frame golden_frames[] = {
	{ "hello", HBK_HELLO, 1, fill_hello },
	{ "begin", HBK_BEGIN, 2, fill_nothing },
	{ "anchor", HBK_ANCHOR, 3, fill_anchor },
	{ "identity", HBK_IDENTITY, 4, fill_identity },
	{ "table-part", HBK_TABLE, 5, fill_table },
	{ "settings", HBK_SETTINGS, 6, fill_settings },
	{ "commit", HBK_COMMIT, 7, fill_commit },
	{ "abort", HBK_ABORT, 8, fill_nothing },
	{ "status", HBK_STATUS, 9, fill_nothing },
	{ "connections", HBK_CONNECTIONS, 10, fill_nothing },
	{ "follow", HBK_FOLLOW, 0xffffffff, fill_follow },
	{ "wasm-begin", HBK_WASM_BEGIN, 12, fill_wasm_begin },
	{ "wasm-chunk", HBK_WASM_CHUNK, 13, fill_wasm_chunk },
	{ "wasm-commit", HBK_WASM_COMMIT, 14, fill_nothing },
	{ "wasm-abort", HBK_WASM_ABORT, 15, fill_nothing },
	{ "wasm-list", HBK_WASM_LIST, 16, fill_nothing },
	{ "wasm-info", HBK_WASM_INFO, 17, fill_wasm_name },
	{ "wasm-run", HBK_WASM_RUN, 18, fill_wasm_run },
	{ "wasm-unload", HBK_WASM_UNLOAD, 19, fill_wasm_name },
	{ "wasm-log", HBK_WASM_LOG, 20, fill_wasm_log },
	{ "filter", HBK_FILTER, 21, fill_filter },
	{ "upstream", HBK_UPSTREAM, 22, fill_upstream },
	{ "filters", HBK_FILTERS, 23, fill_nothing },
	{ "metrics", HBK_METRICS, 24, fill_nothing },
	{ "filter-try", HBK_FILTER_TRY, 25, fill_filter_try },
	{ "reply-ok", HBK_REPLY, 7, fill_reply_ok },
	{ "reply-error", HBK_REPLY, 4, fill_reply_error },
	{ "reply-wasm", HBK_REPLY, 14, fill_reply_wasm },
	{ "hello-reply", HBK_HELLO_REPLY, 1, fill_hello_reply },
	{ "status-reply", HBK_STATUS_REPLY, 9, fill_status_reply },
	{ "rule-status", HBK_RULE_STATUS, 9, fill_rule_status },
	{ "wasm-guest", HBK_WASM_GUEST, 17, fill_wasm_guest },
	{ "wasm-import", HBK_WASM_IMPORT, 17, fill_wasm_import },
	{ "wasm-export", HBK_WASM_EXPORT, 17, fill_wasm_export },
	{ "wasm-result", HBK_WASM_RESULT, 18, fill_wasm_result },
	{ "wasm-result-trapped", HBK_WASM_RESULT, 18, fill_wasm_trapped },
	{ "wasm-lines", HBK_WASM_LINES, 20, fill_wasm_lines },
	{ "filter-status", HBK_FILTER_STATUS, 23, fill_filter_status },
	{ "metric", HBK_METRIC, 24, fill_metric },
	{ "filter-lines", HBK_FILTER_LINES, 25, fill_filter_lines },
	{ "event-opened", HBK_EVENT_OPENED, 0, fill_opened },
	{ "event-closed", HBK_EVENT_CLOSED, 0, fill_closed },
	{ "event-lost", HBK_EVENT_LOST, 0, fill_lost },
	{ "event-wasm-loaded", HBK_EVENT_WASM_LOADED, 0, fill_wasm_loaded },
	{ "event-wasm-quarantined", HBK_EVENT_WASM_QUARANTINED, 0, fill_wasm_quarantined },
	{ "event-filter-failed", HBK_EVENT_FILTER_FAILED, 0, fill_filter_failed },
};

const u32 golden_frame_count = sizeof(golden_frames) / sizeof(golden_frames[0]);

/* golden/README.md describes them. */
const struct build_rule golden_rules[] = {
	{
		.name = "block-testnet", .direction = HBK_INBOUND, .action = HBK_DENY,
		.ports = { { 1, 65535 } },
		.cidrs = { { { [10] = 0xff, 0xff, 192, 0, 2, 0 }, 120 } }, .cidr_count = 1,
	}, {
		.name = "web-in", .direction = HBK_INBOUND, .action = HBK_STRICT, .identity = "web",
		.ports = { { 8000, 8000 }, { 8080, 8090 } },
		.cidrs = { { { [10] = 0xff, 0xff, 10 }, 104 }, { { 0xfd }, 8 } }, .cidr_count = 2,
		.gids = { { 1000, 1999 } }, .gid_count = 1,
		.peers = { "spiffe://example.org/client/*", "dns:client.example.org" },
	}, {
		.name = "web-out", .direction = HBK_OUTBOUND, .action = HBK_STRICT, .identity = "client",
		.server_name = "web.example.org",
		.ports = { { 8000, 8000 } },
		.uids = { { 0, 0 }, { 1000, 1000 } }, .uid_count = 2,
		.comms = { "curl", "wget" }, .cgroups = { 4242 }, .netns = { 4026531840 },
		.peers = { "spiffe://example.org/web" },
	},
};

const u32 golden_rule_count = sizeof(golden_rules) / sizeof(golden_rules[0]);

const struct build_rule golden_tls_rules[] = {
	{
		.name = "mixed-in", .direction = HBK_INBOUND, .action = HBK_PERMISSIVE, .identity = "web",
		.on_tls = HBK_ON_TLS_PASSTHROUGH, .ports = { { 8000, 8000 } },
		.peers = { "spiffe://example.org/client/*" },
	}, {
		.name = "own-tls-out", .direction = HBK_OUTBOUND, .action = HBK_STRICT, .identity = "client",
		.on_tls = HBK_ON_TLS_PASSTHROUGH, .ports = { { 8443, 8443 } },
		.peers = { "spiffe://example.org/web" },
	}, {
		.name = "web-out", .direction = HBK_OUTBOUND, .action = HBK_STRICT, .identity = "client",
		.ports = { { 8000, 8000 } },
		.peers = { "spiffe://example.org/web" },
	},
};

const u32 golden_tls_rule_count = sizeof(golden_tls_rules) / sizeof(golden_tls_rules[0]);

const struct build_rule golden_filter_rules[] = {
	{
		.name = "plain-in", .direction = HBK_INBOUND, .action = HBK_OFF,
		.ports = { { 6379, 6379 } }, .comms = { "redis-server" },
		.filters = { "deny-keys" },
	}, {
		.name = "web-in", .direction = HBK_INBOUND, .action = HBK_STRICT, .identity = "web",
		.ports = { { 8000, 8000 } },
		.peers = { "spiffe://example.org/client/*" },
		.filters = { "access-log", "rate-limit", "stamp" },
	}, {
		.name = "web-out", .direction = HBK_OUTBOUND, .action = HBK_STRICT, .identity = "client",
		.ports = { { 8000, 8000 } },
		.peers = { "spiffe://example.org/web" },
	},
};

const u32 golden_filter_rule_count = sizeof(golden_filter_rules) / sizeof(golden_filter_rules[0]);

u32 golden_frame_make(const struct golden_frame *golden, u8 *buffer, u32 size)
{
	struct hbk_writer w;
	int length;

	hbk_writer_begin(&w, buffer, size, golden->type, golden->sequence);
	golden->fill(&w);
	length = hbk_writer_end(&w);
	assert(length > 0);
	return length;
}

static FILE *open_file(const char *directory, const char *name, const char *mode)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.hex", directory, name);
	file = fopen(path, mode);
	if (!file) {
		perror(path);
		exit(1);
	}
	return file;
}

u8 *golden_read(const char *directory, const char *name, size_t *length)
{
	FILE *file = open_file(directory, name, "r");
	u8 *bytes = malloc(HBK_FRAME_MAX);
	char line[256], *at;
	int step;
	unsigned int byte;

	assert(bytes);
	*length = 0;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "#\n")] = '\0';
		for (at = line; sscanf(at, "%2x%n", &byte, &step) == 1; at += step) {
			assert(*length < HBK_FRAME_MAX);
			bytes[(*length)++] = byte;
		}
		assert(at[strspn(at, " ")] == '\0');
	}
	fclose(file);
	return bytes;
}

static void write_bytes(FILE *file, const u8 *bytes, size_t length, const char *comment)
{
	size_t i;

	fprintf(file, "# %s\n", comment);
	for (i = 0; i < length; i++)
		fprintf(file, "%02x%c", bytes[i], i % 16 == 15 || i + 1 == length ? '\n' : ' ');
}

static void write_frame(const char *directory, const struct golden_frame *golden)
{
	FILE *file = open_file(directory, golden->name, "w");
	u8 buffer[4096];
	u32 length = golden_frame_make(golden, buffer, sizeof(buffer)), at = sizeof(struct hbk_frame), size;

	fprintf(file, "# SPDX-License-Identifier: GPL-2.0-only\n");
	write_bytes(file, buffer, at, "header: length, type, reserved, sequence, reserved");
	for (; at < length; at += size) {
		size = (get_unaligned_le16(buffer + at) + 3) & ~3U;
		write_bytes(file, buffer + at, size, hbk_attr_name(get_unaligned_le16(buffer + at + 2)));
	}
	fclose(file);
}

static void write_table(const char *directory, const char *name, const struct build_rule *rules, u32 count)
{
	static const char *const names[HBK_SECTION_COUNT] = {
		"rules", "spans", "candidates", "ports", "cidrs", "ids", "numbers", "refs", "strings",
	};
	FILE *file = open_file(directory, name, "w");
	size_t length, begin, end;
	u8 *blob = table_build(rules, count, &length);
	const struct hbk_table_header *header = (const void *)blob;
	u32 i;

	fprintf(file, "# SPDX-License-Identifier: GPL-2.0-only\n");
	write_bytes(file, blob, sizeof(*header), "header");
	for (i = 0; i < HBK_SECTION_COUNT; i++) {
		begin = le32_to_cpu(header->sections[i].offset);
		end = i + 1 < HBK_SECTION_COUNT ? le32_to_cpu(header->sections[i + 1].offset) : length;
		write_bytes(file, blob + begin, end - begin, names[i]);
	}
	free(blob);
	fclose(file);
}

void golden_write_all(const char *directory)
{
	u32 i;

	for (i = 0; i < golden_frame_count; i++)
		write_frame(directory, &golden_frames[i]);
	write_table(directory, "table", golden_rules, golden_rule_count);
	write_table(directory, "table-tls", golden_tls_rules, golden_tls_rule_count);
	write_table(directory, "table-filters", golden_filter_rules, golden_filter_rule_count);
}
