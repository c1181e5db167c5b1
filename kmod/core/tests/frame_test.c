// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "../frame.h"
#include "tests.h"

#define PIECES	12

enum piece_kind { END, NUMBER8, NUMBER16, NUMBER32, NUMBER64, BYTES, FILL, RAW };

/* A part of a frame: an attribute, or with RAW bytes that may be anything. */
struct piece {
	enum piece_kind kind;
	u16 attr;
	u64 value;
	const char *data;
	u32 length;
};

#define U8(attr, value)		{ NUMBER8, HBK_A_##attr, value, NULL, 0 }
#define U16(attr, value)	{ NUMBER16, HBK_A_##attr, value, NULL, 0 }
#define U32(attr, value)	{ NUMBER32, HBK_A_##attr, value, NULL, 0 }
#define U64(attr, value)	{ NUMBER64, HBK_A_##attr, value, NULL, 0 }
#define STR(attr, text)		{ BYTES, HBK_A_##attr, 0, text, sizeof(text) - 1 }
#define OF(attr, length)	{ FILL, HBK_A_##attr, 0, NULL, length }
#define JUNK(bytes)		{ RAW, 0, 0, bytes, sizeof(bytes) - 1 }
#define NO_ATTR(number)		{ BYTES, number, 0, "abcd", 4 }

#define V1		U32(VERSION_MIN, 1), U32(VERSION_MAX, 1)
#define WEB		STR(NAME, "web"), STR(SPIFFE_ID, "spiffe://example.org/web")
#define CERT1		STR(CERT, "0123")
#define KEY1		STR(KEY, "0123")
#define FILTER1		STR(NAME, "stamp"), STR(MODULE, "stamp-0123456789ab")
#define UPSTREAM1	STR(NAME, "authz"), OF(ADDRESS, 16)
#define ADD		STR(NAME, "add"), STR(EXPORT, "add")
#define VALUE(bits, type) bits type "\0\0\0\0\0\0\0"
#define ONE		"\1\0\0\0\0\0\0\0"

struct row {
	const char *name;
	u16 type;
	struct piece pieces[PIECES];
	int err;
	const char *item;
	int excess;		/* of the header's length over the true one */
	u16 reserved;
	u32 reserved2;
};

static const struct row rows[] = {
	/* well-formed */
	{ "frame: HELLO", HBK_HELLO, { V1 }, 0, "" },
	{ "frame: HELLO with a label", HBK_HELLO, { STR(LABEL, "me"), V1 }, 0, "" },
	{ "frame: HELLO with an empty label", HBK_HELLO, { STR(LABEL, ""), V1 }, 0, "" },
	{ "frame: HELLO with a range of versions", HBK_HELLO, { U32(VERSION_MIN, 1), U32(VERSION_MAX, 0xffffffff) }, 0, "" },
	{ "frame: BEGIN", HBK_BEGIN, { { 0 } }, 0, "" },
	{ "frame: ANCHOR", HBK_ANCHOR, { CERT1 }, 0, "" },
	{ "frame: ANCHOR of the greatest length", HBK_ANCHOR, { OF(CERT, HBK_CERT_MAX) }, 0, "" },
	{ "frame: IDENTITY", HBK_IDENTITY, { WEB, CERT1, KEY1 }, 0, "" },
	{ "frame: IDENTITY in another order", HBK_IDENTITY, { KEY1, CERT1, WEB, CERT1 }, 0, "" },
	{ "frame: IDENTITY with eight certificates", HBK_IDENTITY,
	  { WEB, CERT1, CERT1, CERT1, CERT1, CERT1, CERT1, CERT1, CERT1, KEY1 }, 0, "" },
	{ "frame: TABLE", HBK_TABLE, { U32(OFFSET, 0), STR(DATA, "x") }, 0, "" },
	{ "frame: TABLE of the greatest attribute", HBK_TABLE, { U32(OFFSET, 8), OF(DATA, HBK_ATTR_MAX - 4) }, 0, "" },
	{ "frame: SETTINGS without any", HBK_SETTINGS, { { 0 } }, 0, "" },
	{ "frame: SETTINGS lowest", HBK_SETTINGS,
	  { U32(HANDSHAKE_TIMEOUT_MS, 100), U32(HANDSHAKE_MAX, 1), U32(HANDSHAKE_RATE, 0), U32(SESSION_MAX, 0),
	    U8(RECORD_LAYER, HBK_RECORDS_KERNEL) }, 0, "" },
	{ "frame: SETTINGS highest", HBK_SETTINGS,
	  { U32(HANDSHAKE_TIMEOUT_MS, 600000), U32(HANDSHAKE_MAX, 65536), U32(HANDSHAKE_RATE, 1000000),
	    U32(SESSION_MAX, 1048576), U8(RECORD_LAYER, HBK_RECORDS_OWN) }, 0, "" },
	{ "frame: COMMIT", HBK_COMMIT, { { 0 } }, 0, "" },
	{ "frame: COMMIT with all", HBK_COMMIT, { U64(EXPECT_GENERATION, ~0ULL), OF(LABEL, HBK_LABEL_MAX) }, 0, "" },
	{ "frame: ABORT", HBK_ABORT, { { 0 } }, 0, "" },
	{ "frame: STATUS", HBK_STATUS, { { 0 } }, 0, "" },
	{ "frame: CONNECTIONS", HBK_CONNECTIONS, { { 0 } }, 0, "" },
	{ "frame: FOLLOW", HBK_FOLLOW, { { 0 } }, 0, "" },
	{ "frame: FOLLOW with a replay", HBK_FOLLOW, { U32(REPLAY, 0xffffffff) }, 0, "" },
	{ "frame: WASM_BEGIN", HBK_WASM_BEGIN, { STR(NAME, "add"), U32(SIZE, 1) }, 0, "" },
	{ "frame: WASM_BEGIN with all flags", HBK_WASM_BEGIN,
	  { STR(NAME, "add"), U32(SIZE, HBK_WASM_UPLOAD_MAX), U32(FLAGS, HBK_WASM_FLAGS) }, 0, "" },
	{ "frame: WASM_CHUNK", HBK_WASM_CHUNK, { U32(OFFSET, HBK_WASM_UPLOAD_MAX - 1), STR(DATA, "x") }, 0, "" },
	{ "frame: WASM_COMMIT", HBK_WASM_COMMIT, { { 0 } }, 0, "" },
	{ "frame: WASM_ABORT", HBK_WASM_ABORT, { { 0 } }, 0, "" },
	{ "frame: WASM_LIST", HBK_WASM_LIST, { { 0 } }, 0, "" },
	{ "frame: WASM_INFO", HBK_WASM_INFO, { STR(NAME, "add") }, 0, "" },
	{ "frame: WASM_RUN", HBK_WASM_RUN, { STR(NAME, "add"), STR(EXPORT, "add") }, 0, "" },
	{ "frame: WASM_RUN of an export without a name", HBK_WASM_RUN, { STR(NAME, "add"), STR(EXPORT, "") }, 0, "" },
	{ "frame: WASM_RUN with values of each type", HBK_WASM_RUN,
	  { STR(NAME, "add"), STR(EXPORT, "a b"), U64(BUDGET, 1),
	    STR(VALUES, VALUE("\xff\xff\xff\xff\0\0\0\0", "\x7f") VALUE("\xff\xff\xff\xff\xff\xff\xff\xff", "\x7e")
		VALUE("\xff\xff\xff\xff\0\0\0\0", "\x7d") VALUE("\xff\xff\xff\xff\xff\xff\xff\xff", "\x7c")) }, 0, "" },
	{ "frame: WASM_LOG", HBK_WASM_LOG, { { 0 } }, 0, "" },
	{ "frame: WASM_LOG from somewhere", HBK_WASM_LOG, { U64(POSITION, ~0ULL) }, 0, "" },
	{ "frame: WASM_UNLOAD", HBK_WASM_UNLOAD, { STR(NAME, "add") }, 0, "" },
	{ "frame: FILTER", HBK_FILTER, { FILTER1 }, 0, "" },
	{ "frame: FILTER with all", HBK_FILTER,
	  { FILTER1, STR(VM_ID, "v"), STR(ROOT_ID, ""), OF(VM_CONFIG, HBK_FILTER_CONFIG_MAX),
	    OF(CONFIG, HBK_FILTER_CONFIG_MAX), U8(ON_FAILURE, HBK_ON_FAILURE_OPEN), U64(BUDGET, 1),
	    U8(MODE, HBK_FILTER_HTTP), U8(ISOLATION, HBK_ISOLATION_CONNECTION) }, 0, "" },
	{ "frame: FILTER with empty configurations", HBK_FILTER,
	  { FILTER1, STR(VM_CONFIG, ""), STR(CONFIG, "") }, 0, "" },
	{ "frame: FILTER without a guest", HBK_FILTER, { STR(NAME, "stamp") }, -ENODATA, "attribute MODULE" },
	{ "frame: FILTER of no guest's name", HBK_FILTER, { STR(NAME, "stamp"), STR(MODULE, "a b") }, -EINVAL,
	  "attribute MODULE" },
	{ "frame: FILTER with a configuration too long", HBK_FILTER,
	  { FILTER1, OF(CONFIG, HBK_FILTER_CONFIG_MAX + 1) }, -E2BIG, "attribute CONFIG" },
	{ "frame: FILTER with another end", HBK_FILTER, { FILTER1, U8(ON_FAILURE, 2) }, -ERANGE, "attribute ON_FAILURE" },
	{ "frame: FILTER of another mode", HBK_FILTER, { FILTER1, U8(MODE, 2) }, -ERANGE, "attribute MODE" },
	{ "frame: FILTER of another isolation", HBK_FILTER, { FILTER1, U8(ISOLATION, 2) }, -ERANGE, "attribute ISOLATION" },
	{ "frame: UPSTREAM", HBK_UPSTREAM, { UPSTREAM1, U16(PORT, 65535) }, 0, "" },
	{ "frame: UPSTREAM of port 0", HBK_UPSTREAM, { UPSTREAM1, U16(PORT, 0) }, -ERANGE, "attribute PORT" },
	{ "frame: UPSTREAM of a port of four bytes", HBK_UPSTREAM, { UPSTREAM1, U32(PORT, 80) }, -EINVAL, "attribute PORT" },
	{ "frame: UPSTREAM of a short address", HBK_UPSTREAM,
	  { STR(NAME, "authz"), OF(ADDRESS, 4), U16(PORT, 80) }, -EINVAL, "attribute ADDRESS" },
	{ "frame: UPSTREAM of a long address", HBK_UPSTREAM,
	  { STR(NAME, "authz"), OF(ADDRESS, 17), U16(PORT, 80) }, -E2BIG, "attribute ADDRESS" },
	{ "frame: FILTERS", HBK_FILTERS, { { 0 } }, 0, "" },
	{ "frame: METRICS", HBK_METRICS, { { 0 } }, 0, "" },
	{ "frame: FILTER_TRY", HBK_FILTER_TRY, { STR(NAME, "stamp"), STR(DATA, "start") }, 0, "" },

	/* the header */
	{ "header: claims 4 bytes more", HBK_BEGIN, { { 0 } }, -EBADMSG, "frame", .excess = 4 },
	{ "header: claims 4 bytes less", HBK_HELLO, { V1 }, -EBADMSG, "frame", .excess = -4 },
	{ "header: claims no length", HBK_BEGIN, { { 0 } }, -EBADMSG, "frame", .excess = -16 },
	{ "header: reserved field", HBK_BEGIN, { { 0 } }, -EINVAL, "frame", .reserved = 1 },
	{ "header: second reserved field", HBK_BEGIN, { { 0 } }, -EINVAL, "frame", .reserved2 = 0x80000000 },
	{ "header: type 0", 0, { { 0 } }, -EOPNOTSUPP, "frame type 0" },
	{ "header: type past the last", 26, { { 0 } }, -EOPNOTSUPP, "frame type 26" },
	{ "header: a reply", HBK_REPLY, { { 0 } }, -EOPNOTSUPP, "frame type 32768" },
	{ "header: an event", HBK_EVENT_CLOSED, { { 0 } }, -EOPNOTSUPP, "frame type 49153" },
	{ "header: type 65535", 65535, { V1 }, -EOPNOTSUPP, "frame type 65535" },

	/* attributes that cannot be read */
	{ "attribute: one byte trails", HBK_BEGIN, { JUNK("\0") }, -EINVAL, "frame" },
	{ "attribute: three bytes trail", HBK_HELLO, { V1, JUNK("\0\0\0") }, -EINVAL, "frame" },
	{ "attribute: length 0", HBK_HELLO, { V1, JUNK("\0\0\x0b\0") }, -EINVAL, "attribute LABEL" },
	{ "attribute: length 3", HBK_HELLO, { V1, JUNK("\x03\0\x0b\0") }, -EINVAL, "attribute LABEL" },
	{ "attribute: four zero bytes", HBK_BEGIN, { JUNK("\0\0\0\0") }, -EINVAL, "attribute 0" },
	{ "attribute: past the end", HBK_HELLO, { V1, JUNK("\x09\0\x0b\0abcd") }, -EINVAL, "attribute LABEL" },
	{ "attribute: far past the end", HBK_TABLE, { U32(OFFSET, 0), JUNK("\xff\xff\x11\0") }, -EINVAL, "attribute DATA" },
	{ "attribute: padding is missing", HBK_HELLO, { V1, JUNK("\x05\0\x0b\0a") }, -EINVAL, "attribute LABEL" },
	{ "attribute: padding is short", HBK_HELLO, { V1, JUNK("\x05\0\x0b\0a\0\0") }, -EINVAL, "attribute LABEL" },
	{ "attribute: first padding byte", HBK_HELLO, { V1, JUNK("\x05\0\x0b\0ax\0\0") }, -EINVAL, "attribute LABEL" },
	{ "attribute: last padding byte", HBK_HELLO, { V1, JUNK("\x05\0\x0b\0a\0\0\1") }, -EINVAL, "attribute LABEL" },
	{ "attribute: padding of a certificate", HBK_ANCHOR, { JUNK("\x06\0\x0e\0ab\0x") }, -EINVAL, "attribute CERT" },

	/* attributes that do not belong there */
	{ "attribute: number 0", HBK_BEGIN, { NO_ATTR(0) }, -EINVAL, "attribute 0" },
	{ "attribute: number past the last", HBK_BEGIN, { NO_ATTR(HBK_A_COUNT) }, -EINVAL, "attribute 109" },
	{ "attribute: number 199", HBK_HELLO, { V1, NO_ATTR(199) }, -EINVAL, "attribute 199" },
	{ "attribute: number 65535", HBK_HELLO, { V1, NO_ATTR(65535) }, -EINVAL, "attribute 65535" },
	{ "attribute: LABEL in BEGIN", HBK_BEGIN, { STR(LABEL, "x") }, -EINVAL, "attribute LABEL" },
	{ "attribute: NAME in HELLO", HBK_HELLO, { V1, STR(NAME, "x") }, -EINVAL, "attribute NAME" },
	{ "attribute: KEY in ANCHOR", HBK_ANCHOR, { CERT1, KEY1 }, -EINVAL, "attribute KEY" },
	{ "attribute: LABEL in IDENTITY", HBK_IDENTITY, { WEB, CERT1, KEY1, STR(LABEL, "x") }, -EINVAL, "attribute LABEL" },
	{ "attribute: CERT in TABLE", HBK_TABLE, { U32(OFFSET, 0), CERT1 }, -EINVAL, "attribute CERT" },
	{ "attribute: REPLAY in SETTINGS", HBK_SETTINGS, { U32(REPLAY, 1) }, -EINVAL, "attribute REPLAY" },
	{ "attribute: SESSIONS in SETTINGS", HBK_SETTINGS, { U32(SESSIONS, 1) }, -EINVAL, "attribute SESSIONS" },
	{ "attribute: HANDSHAKES_OUTBOUND in STATUS", HBK_STATUS, { U32(HANDSHAKES_OUTBOUND, 0) }, -EINVAL,
	  "attribute HANDSHAKES_OUTBOUND" },
	{ "attribute: GENERATION in COMMIT", HBK_COMMIT, { U64(GENERATION, 1) }, -EINVAL, "attribute GENERATION" },
	{ "attribute: LABEL in ABORT", HBK_ABORT, { STR(LABEL, "x") }, -EINVAL, "attribute LABEL" },
	{ "attribute: RULE in STATUS", HBK_STATUS, { STR(RULE, "x") }, -EINVAL, "attribute RULE" },
	{ "attribute: UID in CONNECTIONS", HBK_CONNECTIONS, { U32(UID, 0) }, -EINVAL, "attribute UID" },
	{ "attribute: ERRNO in FOLLOW", HBK_FOLLOW, { U32(ERRNO, 0) }, -EINVAL, "attribute ERRNO" },

	/* twice */
	{ "twice: VERSION_MIN", HBK_HELLO, { V1, U32(VERSION_MIN, 1) }, -EEXIST, "attribute VERSION_MIN" },
	{ "twice: LABEL", HBK_COMMIT, { STR(LABEL, "a"), STR(LABEL, "a") }, -EEXIST, "attribute LABEL" },
	{ "twice: an empty LABEL", HBK_COMMIT, { STR(LABEL, ""), STR(LABEL, "") }, -EEXIST, "attribute LABEL" },
	{ "twice: RECORD_LAYER", HBK_SETTINGS, { U8(RECORD_LAYER, 0), U8(RECORD_LAYER, 0) }, -EEXIST, "attribute RECORD_LAYER" },
	{ "twice: CERT in ANCHOR", HBK_ANCHOR, { CERT1, CERT1 }, -EEXIST, "attribute CERT" },
	{ "twice: NAME", HBK_IDENTITY, { WEB, STR(NAME, "other") }, -EEXIST, "attribute NAME" },
	{ "twice: KEY", HBK_IDENTITY, { WEB, CERT1, KEY1, KEY1 }, -EEXIST, "attribute KEY" },
	{ "twice: DATA", HBK_TABLE, { U32(OFFSET, 0), STR(DATA, "x"), STR(DATA, "y") }, -EEXIST, "attribute DATA" },
	{ "twice: REPLAY", HBK_FOLLOW, { U32(REPLAY, 1), U32(REPLAY, 1) }, -EEXIST, "attribute REPLAY" },

	/* missing */
	{ "missing: both versions", HBK_HELLO, { { 0 } }, -ENODATA, "attribute VERSION_MIN" },
	{ "missing: VERSION_MAX", HBK_HELLO, { U32(VERSION_MIN, 1) }, -ENODATA, "attribute VERSION_MAX" },
	{ "missing: CERT of an anchor", HBK_ANCHOR, { { 0 } }, -ENODATA, "attribute CERT" },
	{ "missing: NAME", HBK_IDENTITY, { STR(SPIFFE_ID, "spiffe://a/b"), CERT1, KEY1 }, -ENODATA, "attribute NAME" },
	{ "missing: SPIFFE_ID", HBK_IDENTITY, { STR(NAME, "web"), CERT1, KEY1 }, -ENODATA, "attribute SPIFFE_ID" },
	{ "missing: CERT of an identity", HBK_IDENTITY, { WEB, KEY1 }, -ENODATA, "attribute CERT" },
	{ "missing: KEY", HBK_IDENTITY, { WEB, CERT1 }, -ENODATA, "attribute KEY" },
	{ "missing: OFFSET", HBK_TABLE, { STR(DATA, "x") }, -ENODATA, "attribute OFFSET" },
	{ "missing: DATA", HBK_TABLE, { U32(OFFSET, 0) }, -ENODATA, "attribute DATA" },

	/* sizes */
	{ "size: u32 of no bytes", HBK_FOLLOW, { STR(REPLAY, "") }, -EINVAL, "attribute REPLAY" },
	{ "size: u32 of 3 bytes", HBK_FOLLOW, { STR(REPLAY, "abc") }, -EINVAL, "attribute REPLAY" },
	{ "size: u32 of 8 bytes", HBK_FOLLOW, { U64(REPLAY, 1) }, -EINVAL, "attribute REPLAY" },
	{ "size: u8 of no bytes", HBK_SETTINGS, { STR(RECORD_LAYER, "") }, -EINVAL, "attribute RECORD_LAYER" },
	{ "size: u8 of 4 bytes", HBK_SETTINGS, { U32(RECORD_LAYER, 0) }, -EINVAL, "attribute RECORD_LAYER" },
	{ "size: u64 of 4 bytes", HBK_COMMIT, { U32(EXPECT_GENERATION, 1) }, -EINVAL, "attribute EXPECT_GENERATION" },
	{ "size: u64 of 9 bytes", HBK_COMMIT, { OF(EXPECT_GENERATION, 9) }, -EINVAL, "attribute EXPECT_GENERATION" },
	{ "size: LABEL of 256 bytes", HBK_COMMIT, { OF(LABEL, HBK_LABEL_MAX + 1) }, -E2BIG, "attribute LABEL" },
	{ "size: empty NAME", HBK_IDENTITY, { STR(NAME, "") }, -EINVAL, "attribute NAME" },
	{ "size: NAME of 64 bytes", HBK_IDENTITY, { OF(NAME, HBK_NAME_MAX + 1) }, -E2BIG, "attribute NAME" },
	{ "size: empty SPIFFE_ID", HBK_IDENTITY, { STR(SPIFFE_ID, "") }, -EINVAL, "attribute SPIFFE_ID" },
	{ "size: SPIFFE_ID of 2049 bytes", HBK_IDENTITY, { OF(SPIFFE_ID, HBK_SPIFFE_ID_MAX + 1) }, -E2BIG, "attribute SPIFFE_ID" },
	{ "size: empty CERT", HBK_ANCHOR, { STR(CERT, "") }, -EINVAL, "attribute CERT" },
	{ "size: CERT of 16385 bytes", HBK_ANCHOR, { OF(CERT, HBK_CERT_MAX + 1) }, -E2BIG, "attribute CERT" },
	{ "size: nine certificates", HBK_IDENTITY,
	  { WEB, CERT1, CERT1, CERT1, CERT1, CERT1, CERT1, CERT1, CERT1, CERT1, KEY1 }, -E2BIG, "attribute CERT" },
	{ "size: empty KEY", HBK_IDENTITY, { WEB, CERT1, STR(KEY, "") }, -EINVAL, "attribute KEY" },
	{ "size: KEY of 4097 bytes", HBK_IDENTITY, { WEB, CERT1, OF(KEY, HBK_KEY_MAX + 1) }, -E2BIG, "attribute KEY" },
	{ "size: empty DATA", HBK_TABLE, { U32(OFFSET, 0), STR(DATA, "") }, -EINVAL, "attribute DATA" },

	/* contents */
	{ "range: VERSION_MIN 0", HBK_HELLO, { U32(VERSION_MIN, 0) }, -ERANGE, "attribute VERSION_MIN" },
	{ "range: VERSION_MAX below VERSION_MIN", HBK_HELLO, { U32(VERSION_MIN, 3), U32(VERSION_MAX, 2) }, -ERANGE, "attribute VERSION_MAX" },
	{ "range: OFFSET past every module", HBK_TABLE, { U32(OFFSET, HBK_WASM_UPLOAD_MAX) }, -ERANGE, "attribute OFFSET" },
	{ "range: timeout of 99 ms", HBK_SETTINGS, { U32(HANDSHAKE_TIMEOUT_MS, 99) }, -ERANGE, "attribute HANDSHAKE_TIMEOUT_MS" },
	{ "range: timeout of 600001 ms", HBK_SETTINGS, { U32(HANDSHAKE_TIMEOUT_MS, 600001) }, -ERANGE, "attribute HANDSHAKE_TIMEOUT_MS" },
	{ "range: no handshake at all", HBK_SETTINGS, { U32(HANDSHAKE_MAX, 0) }, -ERANGE, "attribute HANDSHAKE_MAX" },
	{ "range: 65537 handshakes", HBK_SETTINGS, { U32(HANDSHAKE_MAX, 65537) }, -ERANGE, "attribute HANDSHAKE_MAX" },
	{ "range: 1000001 handshakes a second", HBK_SETTINGS, { U32(HANDSHAKE_RATE, 1000001) }, -ERANGE, "attribute HANDSHAKE_RATE" },
	{ "range: 1048577 sessions", HBK_SETTINGS, { U32(SESSION_MAX, 1048577) }, -ERANGE, "attribute SESSION_MAX" },
	{ "range: a record layer that is none", HBK_SETTINGS, { U8(RECORD_LAYER, 2) }, -ERANGE, "attribute RECORD_LAYER" },
	{ "content: NUL in LABEL", HBK_COMMIT, { STR(LABEL, "a\0b") }, -EINVAL, "attribute LABEL" },
	{ "content: final NUL in LABEL", HBK_COMMIT, { STR(LABEL, "a\0") }, -EINVAL, "attribute LABEL" },
	{ "content: newline in LABEL", HBK_COMMIT, { STR(LABEL, "a\n") }, -EINVAL, "attribute LABEL" },
	{ "content: LABEL is not UTF-8", HBK_COMMIT, { STR(LABEL, "\xff") }, -EINVAL, "attribute LABEL" },
	{ "content: NUL in NAME", HBK_IDENTITY, { STR(NAME, "we\0b") }, -EINVAL, "attribute NAME" },
	{ "content: blank in NAME", HBK_IDENTITY, { STR(NAME, "we b") }, -EINVAL, "attribute NAME" },
	{ "content: NAME begins with a dot", HBK_IDENTITY, { STR(NAME, ".web") }, -EINVAL, "attribute NAME" },
	{ "content: SPIFFE_ID of another scheme", HBK_IDENTITY, { STR(SPIFFE_ID, "https://example.org/web") }, -EINVAL, "attribute SPIFFE_ID" },
	{ "content: SPIFFE_ID without a path", HBK_IDENTITY, { STR(SPIFFE_ID, "spiffe://example.org") }, -EINVAL, "attribute SPIFFE_ID" },
	{ "range: an empty module", HBK_WASM_BEGIN, { STR(NAME, "add"), U32(SIZE, 0) }, -ERANGE, "attribute SIZE" },
	{ "range: a module of more than 16 MiB", HBK_WASM_BEGIN,
	  { STR(NAME, "add"), U32(SIZE, HBK_WASM_UPLOAD_MAX + 1) }, -ERANGE, "attribute SIZE" },
	{ "range: a flag that is none", HBK_WASM_BEGIN,
	  { STR(NAME, "add"), U32(SIZE, 1), U32(FLAGS, HBK_WASM_FLAGS + 1) }, -ERANGE, "attribute FLAGS" },
	{ "size: EXPORT of 4097 bytes", HBK_WASM_RUN, { STR(NAME, "add"), OF(EXPORT, HBK_WASM_FIELD_MAX + 1) }, -E2BIG, "attribute EXPORT" },
	{ "size: half a value", HBK_WASM_RUN, { ADD, STR(VALUES, "12345678") }, -EINVAL, "attribute VALUES" },
	{ "size: 257 values", HBK_WASM_RUN, { ADD, OF(VALUES, 16 * (HBK_WASM_RUN_VALUES_MAX + 1)) }, -E2BIG, "attribute VALUES" },
	{ "content: a value of no type", HBK_WASM_RUN, { ADD, STR(VALUES, VALUE(ONE, "\0")) }, -EINVAL, "attribute VALUES" },
	{ "content: a reference as a value", HBK_WASM_RUN, { ADD, STR(VALUES, VALUE(ONE, "\x70")) }, -EINVAL, "attribute VALUES" },
	{ "content: a value with a reserved field", HBK_WASM_RUN,
	  { ADD, STR(VALUES, ONE "\x7f\0\0\0\0\0\0\1") }, -EINVAL, "attribute VALUES" },
	{ "content: an i32 of 33 bits", HBK_WASM_RUN,
	  { ADD, STR(VALUES, VALUE(ONE, "\x7e") VALUE("\0\0\0\0\1\0\0\0", "\x7f")) }, -EINVAL, "attribute VALUES" },
	{ "content: NUL in SPIFFE_ID", HBK_IDENTITY, { STR(SPIFFE_ID, "spiffe://example.org/w\0b") }, -EINVAL, "attribute SPIFFE_ID" },
};

/* Parts are put together without the writer: it could not write most of these frames. */
static void put_piece(u8 *frame, size_t *length, const struct piece *piece)
{
	static const u32 sizes[] = { [NUMBER8] = 1, [NUMBER16] = 2, [NUMBER32] = 4, [NUMBER64] = 8 };
	u32 size = sizes[piece->kind <= NUMBER64 ? piece->kind : END] + piece->length;
	u8 *at = frame + *length;

	if (piece->kind == RAW) {
		memcpy(at, piece->data, size);
		*length += size;
		return;
	}
	put_unaligned_le16(4 + size, at);
	put_unaligned_le16(piece->attr, at + 2);
	if (piece->kind == NUMBER8)
		at[4] = piece->value;
	else if (piece->kind == NUMBER16)
		put_unaligned_le16(piece->value, at + 4);
	else if (piece->kind == NUMBER32)
		put_unaligned_le32(piece->value, at + 4);
	else if (piece->kind == NUMBER64)
		put_unaligned_le64(piece->value, at + 4);
	else if (piece->kind == FILL)
		memset(at + 4, 'x', size);
	else
		memcpy(at + 4, piece->data, size);
	*length += 4 + ((size + 3) & ~3U);
}

/* The frame ends where its memory ends, so that the sanitizer sees a read past it. */
static u8 *make_frame(const struct row *row, size_t *length)
{
	u8 *room = calloc(1, 2 * HBK_FRAME_MAX), *frame;
	const struct piece *piece;

	assert_non_null(room);
	*length = sizeof(struct hbk_frame);
	for (piece = row->pieces; piece < row->pieces + PIECES && piece->kind != END; piece++)
		put_piece(room, length, piece);
	put_unaligned_le32(*length + row->excess, room);
	put_unaligned_le16(row->type, room + 4);
	put_unaligned_le16(row->reserved, room + 6);
	put_unaligned_le32(0x01020304, room + 8);
	put_unaligned_le32(row->reserved2, room + 12);
	frame = malloc(*length);
	assert_non_null(frame);
	memcpy(frame, room, *length);
	free(room);
	return frame;
}

static void check_parse(void **state)
{
	const struct row *row = *state;
	struct hbk_request request;
	struct hbk_fault fault = { 0 };
	size_t length;
	u8 *frame = make_frame(row, &length);

	assert_int_equal(hbk_frame_parse(&request, frame, length, &fault), row->err);
	assert_string_equal(fault.item, row->item);
	assert_int_equal(fault.text[0] != '\0', row->err != 0);
	assert_int_equal(request.sequence, row->err == -EBADMSG ? 0 : 0x01020304);
	if (!row->err)
		assert_int_equal(request.type, row->type);
	free(frame);
}

static void check_short_frames(void **state)
{
	struct hbk_request request;
	u8 frame[sizeof(struct hbk_frame)] = { 0 };
	size_t length;

	(void)state;
	for (length = 0; length < sizeof(frame); length++) {
		u8 *exact = malloc(length);

		frame[0] = length;
		memcpy(exact, frame, length);
		assert_int_equal(hbk_frame_header_check(exact, length), -EBADMSG);
		assert_int_equal(hbk_frame_parse(&request, exact, length, NULL), -EBADMSG);
		free(exact);
	}
}

static void check_longest_frame(void **state)
{
	u8 *frame = calloc(1, HBK_FRAME_MAX + 1);

	(void)state;
	put_unaligned_le32(HBK_FRAME_MAX, frame);
	assert_int_equal(hbk_frame_header_check(frame, HBK_FRAME_MAX), 0);
	put_unaligned_le32(HBK_FRAME_MAX + 1, frame);
	assert_int_equal(hbk_frame_header_check(frame, HBK_FRAME_MAX + 1), -EMSGSIZE);
	free(frame);
}

static void check_values(void **state)
{
	static const struct row row = {
		.type = HBK_IDENTITY,
		.pieces = { WEB, STR(CERT, "first"), STR(CERT, "second"), KEY1 },
	};
	struct hbk_request request;
	size_t length;
	u8 *frame = make_frame(&row, &length);

	(void)state;
	assert_int_equal(hbk_frame_parse(&request, frame, length, NULL), 0);
	assert_int_equal(request.cert_count, 2);
	assert_int_equal(request.certs[1].length, 6);
	assert_memory_equal(request.certs[0].data, "first", 5);
	assert_memory_equal(request.certs[1].data, "second", 6);
	assert_ptr_equal(request.attrs[HBK_A_CERT].data, request.certs[0].data);
	assert_int_equal(request.attrs[HBK_A_NAME].length, 3);
	assert_true(hbk_request_has(&request, HBK_A_KEY));
	assert_false(hbk_request_has(&request, HBK_A_LABEL));
	assert_int_equal(hbk_request_u8(&request, HBK_A_RECORD_LAYER, 5), 5);
	assert_int_equal(hbk_request_u32(&request, HBK_A_REPLAY, 17), 17);
	assert_int_equal(hbk_request_u64(&request, HBK_A_EXPECT_GENERATION, ~0ULL), ~0ULL);
	free(frame);
}

static void check_names(void **state)
{
	u32 i;

	(void)state;
	assert_null(hbk_attr_name(0));
	assert_null(hbk_attr_name(HBK_A_COUNT));
	assert_null(hbk_attr_name(65535));
	for (i = 1; i < HBK_A_COUNT; i++)
		assert_non_null(hbk_attr_name(i));
}

static void check_writer_keeps_its_bounds(void **state)
{
	struct hbk_writer w;
	u8 *buffer;
	u32 size;

	(void)state;
	for (size = 0; size <= 36; size++) {
		buffer = malloc(size);
		hbk_writer_begin(&w, buffer, size, HBK_REPLY, 1);
		hbk_writer_u32(&w, HBK_A_ERRNO, 1);
		hbk_writer_string(&w, HBK_A_TEXT, "12345");
		assert_int_equal(hbk_writer_end(&w), size < 36 ? -EMSGSIZE : 36);
		free(buffer);
	}
}

static void check_writer_refuses_long_attributes(void **state)
{
	u8 *buffer = malloc(4 * HBK_ATTR_MAX), *data = calloc(1, HBK_ATTR_MAX);
	struct hbk_writer w;

	(void)state;
	hbk_writer_begin(&w, buffer, 4 * HBK_ATTR_MAX, HBK_REPLY, 1);
	hbk_writer_bytes(&w, HBK_A_DATA, data, HBK_ATTR_MAX - 4);
	assert_int_equal(hbk_writer_end(&w), 16 + 65536);
	hbk_writer_bytes(&w, HBK_A_DATA, data, HBK_ATTR_MAX - 3);
	assert_int_equal(hbk_writer_end(&w), -EMSGSIZE);

	hbk_writer_begin(&w, buffer, 4 * HBK_ATTR_MAX, HBK_REPLY, 1);
	hbk_writer_bytes(&w, HBK_A_DATA, data, HBK_ATTR_MAX - 4);
	hbk_writer_bytes(&w, HBK_A_DATA, data, HBK_ATTR_MAX - 4);
	assert_int_equal(hbk_writer_end(&w), -EMSGSIZE);

	hbk_writer_begin(&w, buffer, HBK_FRAME_MAX, HBK_REPLY, 1);
	hbk_writer_bytes(&w, HBK_A_DATA, data, HBK_ATTR_MAX - 4);
	hbk_writer_bytes(&w, HBK_A_DATA, data, HBK_FRAME_MAX - 16 - 65536 - 4);
	assert_int_equal(hbk_writer_end(&w), HBK_FRAME_MAX);

	hbk_writer_begin(&w, buffer, sizeof(struct hbk_frame), HBK_BEGIN, 1);
	assert_int_equal(hbk_writer_end(&w), sizeof(struct hbk_frame));
	free(buffer);
	free(data);
}

void add_frame_tests(struct tests *tests)
{
	size_t i;

	for (i = 0; i < ROWS(rows); i++)
		tests_add(tests, rows[i].name, check_parse, &rows[i]);
	tests_add(tests, "frame: shorter than a header", check_short_frames, NULL);
	tests_add(tests, "frame: the longest, and one byte more", check_longest_frame, NULL);
	tests_add(tests, "frame: what was parsed is what was written", check_values, NULL);
	tests_add(tests, "frame: each attribute has a name", check_names, NULL);
	tests_add(tests, "writer: never past the end", check_writer_keeps_its_bounds, NULL);
	tests_add(tests, "writer: no attribute or frame too long", check_writer_refuses_long_attributes, NULL);
}
