/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The device ABI of Hauberk: frames on /dev/hauberk and the decision table.
 *
 * One write(2) carries exactly one request frame, one read(2) returns exactly
 * one reply or event frame.  A frame is a header and attributes; an attribute
 * is a header, a payload and padding to four bytes.  Every integer on the wire
 * is little-endian.  docs/device-protocol.md tells the same in prose.
 */
#ifndef _UAPI_HAUBERK_H
#define _UAPI_HAUBERK_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdint.h>
#ifndef __LINUX_TYPES_COMPAT
#define __LINUX_TYPES_COMPAT
typedef uint8_t __u8;
typedef uint16_t __le16;
typedef uint32_t __le32;
typedef uint64_t __le64;
#endif
#endif

#define HBK_DEVICE_NAME		"hauberk"
#define HBK_PROTOCOL_VERSION	1

/* Limits that both sides know. */
#define HBK_FRAME_MAX		131072	/* bytes, header included */
#define HBK_ATTR_MAX		65535	/* bytes, header included */
#define HBK_NAME_MAX		63	/* bytes of a rule's or identity's name */
#define HBK_SPIFFE_ID_MAX	2048	/* bytes, SPIFFE-ID section 2.3 */
#define HBK_DNS_NAME_MAX	253	/* bytes, RFC 1035 section 2.3.4 */
#define HBK_LABEL_MAX		255	/* bytes of a push's label */
#define HBK_CERT_MAX		16384	/* bytes of one DER certificate */
#define HBK_CHAIN_MAX		8	/* certificates of one identity */
#define HBK_KEY_MAX		4096	/* bytes of one DER private key */
#define HBK_IDENTITIES_MAX	1024
#define HBK_ANCHORS_MAX		64
#define HBK_TABLE_MAX		4194304	/* bytes of one decision table */
#define HBK_RULES_MAX		16384
#define HBK_COMM_LEN		16	/* bytes, the final NUL included */
#define HBK_HANDSHAKE_RATE_MAX	1000000	/* a second, of one source */
#define HBK_SESSION_MAX_MAX	1048576	/* sessions kept for resumption */
#define HBK_WASM_UPLOAD_MAX	16777216 /* bytes of one WebAssembly module */
#define HBK_WASM_FIELD_MAX	4096	/* bytes of a name in a module: of an export, an import … */
#define HBK_WASM_RUN_VALUES_MAX	256	/* values that WASM_RUN takes and gives */
#define HBK_WASM_BUDGET_MAX	1099511627776 /* instructions that WASM_RUN may be told to take at most: some hours */
#define HBK_FILTERS_MAX		1024	/* FILTER entries of one rule-set */
#define HBK_FILTER_CHAIN_MAX	16	/* filters of one rule */
#define HBK_FILTER_ID_MAX	64	/* bytes of a VM's or root context's id */
#define HBK_FILTER_CONFIG_MAX	61440	/* bytes of a filter's configuration, and of its VM's */
#define HBK_FILTER_TRACE_MAX	1048576	/* bytes of the trace that FILTER_TRY gives */
#define HBK_FILTER_BUDGET_MAX	1000000000 /* instructions of one callback */
#define HBK_UPSTREAMS_MAX	256	/* of one rule-set */

/* struct hbk_frame: the header of every frame. */
struct hbk_frame {
	__le32 length;		/* of the whole frame, this header included */
	__le16 type;		/* enum hbk_frame_type */
	__le16 reserved;	/* zero */
	__le32 sequence;	/* chosen by the writer, repeated in the reply; 0 in events */
	__le32 reserved2;	/* zero */
};

/* struct hbk_attr: the header of an attribute; the payload follows. */
struct hbk_attr {
	__le16 length;		/* header and payload, without the padding */
	__le16 type;		/* enum hbk_attr_type */
};

/*
 * The first request of an opener is HELLO; any other is answered EPROTO.
 * BEGIN opens a transaction of this opener, COMMIT swaps the rule-set in one
 * step, ABORT and close(2) discard it.  A request that fails inside a
 * transaction leaves the transaction as it was before that request.
 */
enum hbk_frame_type {
	HBK_HELLO		= 1,	/* VERSION_MIN VERSION_MAX [LABEL]; answered by HELLO_REPLY */
	HBK_BEGIN		= 2,	/* no attribute; EBUSY if this opener has one open */
	HBK_ANCHOR		= 3,	/* CERT: one CA certificate of the trust bundle */
	HBK_IDENTITY		= 4,	/* NAME SPIFFE_ID CERT... (leaf first) KEY */
	HBK_TABLE		= 5,	/* OFFSET DATA: a part of the decision table, in order */
	HBK_SETTINGS		= 6,	/* [HANDSHAKE_TIMEOUT_MS] [HANDSHAKE_MAX] [HANDSHAKE_RATE] [SESSION_MAX] [RECORD_LAYER] */
	HBK_COMMIT		= 7,	/* [EXPECT_GENERATION] [LABEL]; ESTALE if another push was first */
	HBK_ABORT		= 8,	/* no attribute */
	HBK_STATUS		= 9,	/* no attribute; STATUS_REPLY, then RULE_STATUS and IDENTITY_STATUS frames, then REPLY */
	HBK_CONNECTIONS		= 10,	/* no attribute; CONNECTION frames, then REPLY */
	HBK_FOLLOW		= 11,	/* [REPLAY]: events from now on, and up to REPLAY past ones */
	HBK_WASM_BEGIN		= 12,	/* NAME SIZE [FLAGS]: a module follows; EBUSY if this opener has one under way */
	HBK_WASM_CHUNK		= 13,	/* OFFSET DATA: a part of the module, in order */
	HBK_WASM_COMMIT		= 14,	/* no attribute: validate and load; if it is refused, REPLY says where */
	HBK_WASM_ABORT		= 15,	/* no attribute */
	HBK_WASM_LIST		= 16,	/* no attribute; WASM_GUEST frames, then REPLY */
	HBK_WASM_INFO		= 17,	/* NAME; WASM_GUEST, then WASM_IMPORT and WASM_EXPORT frames, then REPLY */
	HBK_WASM_RUN		= 18,	/* NAME EXPORT [VALUES] [BUDGET]: in an instance of its own; WASM_RESULT, then REPLY */
	HBK_WASM_UNLOAD		= 19,	/* NAME; EBUSY while it is in use */
	HBK_WASM_LOG		= 20,	/* [POSITION]: what guests have said from there on; WASM_LINES frames, then REPLY */
	/*
	 * NAME MODULE [VM_ID] [ROOT_ID] [VM_CONFIG] [CONFIG] [ON_FAILURE]
	 * [BUDGET] [MODE] [ISOLATION], in a transaction: a guest that is loaded,
	 * as a filter that rules may name
	 */
	HBK_FILTER		= 21,
	HBK_UPSTREAM		= 22,	/* NAME ADDRESS PORT, in a transaction: whom filters may call by this name */
	HBK_FILTERS		= 23,	/* no attribute; FILTER_STATUS frames, then REPLY */
	HBK_METRICS		= 24,	/* no attribute; METRIC frames, then REPLY */
	HBK_FILTER_TRY		= 25,	/* NAME DATA: runs a script of events against a guest; FILTER_LINES frames, then REPLY */

	HBK_REPLY		= 0x8000, /* ERRNO TEXT [ITEM] [OFFSET] [FUNCTION] [GENERATION] */
	HBK_HELLO_REPLY		= 0x8001, /* VERSION MODULE_VERSION INSTANCE GENERATION */
	/*
	 * GENERATION LABEL TIME_NS INSTANCE HANDSHAKE_TIMEOUT_MS HANDSHAKE_MAX
	 * HANDSHAKES_INBOUND HANDSHAKES_OUTBOUND CONNECTIONS_OPEN OPENED REFUSED
	 * CLOSED DENIED EVENTS_LOST ANCHORS HANDSHAKE_RATE SESSION_MAX
	 * RECORD_LAYER SESSIONS
	 */
	HBK_STATUS_REPLY	= 0x8002,
	HBK_RULE_STATUS		= 0x8003, /* RULE MATCHED OPENED REFUSED DENIED CLOSED RX_BYTES TX_BYTES RESUMED PLAIN PASSED */
	HBK_IDENTITY_STATUS	= 0x8004, /* NAME SPIFFE_ID SERIAL NOT_BEFORE NOT_AFTER KEY_TYPE */
	HBK_CONNECTION		= 0x8005, /* as OPENED, and RX_BYTES TX_BYTES so far */
	/*
	 * NAME TIME_NS SIZE DIGEST FLAGS COMPILED FLOATS QUARANTINED CALLS TRAPS
	 * INSTRUCTIONS INSTANCES MEMORY_BYTES FUNCTIONS IMPORTS EXPORTS, and the
	 * memory's MIN [MAX] if it has one
	 */
	HBK_WASM_GUEST		= 0x8006,
	HBK_WASM_IMPORT		= 0x8007, /* MODULE FIELD, and as WASM_EXPORT */
	HBK_WASM_EXPORT		= 0x8008, /* FIELD KIND; of a function PARAMETERS RESULTS, of others VALUE_TYPE MUTABLE MIN [MAX] as they have them */
	HBK_WASM_RESULT		= 0x8009, /* VALUES INSTRUCTIONS DURATION_NS; or TRAP in the place of VALUES */
	HBK_WASM_LINES		= 0x800a, /* POSITION DATA: whole lines, and the position after them */
	/*
	 * NAME MODULE CALLS TRAPS INSTRUCTIONS STREAMS BYPASSED FAILED
	 * QUARANTINED COMPILED MEMORY_BYTES INSTANCES
	 */
	HBK_FILTER_STATUS	= 0x800b,
	HBK_METRIC		= 0x800c, /* NAME VM_ID KIND VALUE, and SAMPLES of a histogram */
	HBK_FILTER_LINES	= 0x800d, /* DATA: a part of the trace */

	HBK_EVENT_OPENED	= 0xc000, /* a handshake was finished */
	HBK_EVENT_CLOSED	= 0xc001, /* an opened connection ended: RX_BYTES TX_BYTES REASON too */
	HBK_EVENT_REFUSED	= 0xc002, /* denied by a rule, or no handshake: REASON says why */
	HBK_EVENT_RULESET	= 0xc003, /* GENERATION LABEL TIME_NS: a push took effect */
	HBK_EVENT_LOST		= 0xc004, /* LOST: so many events were overwritten unread */
	HBK_EVENT_WASM_LOADED	= 0xc005, /* NAME TIME_NS SIZE COMPILED */
	HBK_EVENT_WASM_UNLOADED	= 0xc006, /* NAME TIME_NS */
	HBK_EVENT_WASM_QUARANTINED = 0xc007, /* NAME TIME_NS TRAPS: it trapped too often, and runs no more */
	HBK_EVENT_FILTER_FAILED	= 0xc008, /* NAME TIME_NS RULE CONNECTION_ID TRAP REASON: a filter could not do its work; REASON: "bypassed" or "connection-failed" */
};

enum hbk_attr_type {
	HBK_A_ERRNO		= 1,	/* u32, positive; 0 is success */
	HBK_A_TEXT		= 2,	/* string: a sentence for a person */
	HBK_A_ITEM		= 3,	/* string: the offending thing: "attribute 7", "identity web", "rule 3 (web-in)" */
	HBK_A_VERSION		= 4,	/* u32 */
	HBK_A_VERSION_MIN	= 5,	/* u32 */
	HBK_A_VERSION_MAX	= 6,	/* u32 */
	HBK_A_MODULE_VERSION	= 7,	/* string */
	HBK_A_INSTANCE		= 8,	/* u64: differs after each load of the module */
	HBK_A_GENERATION	= 9,	/* u64: 0 before the first push */
	HBK_A_EXPECT_GENERATION	= 10,	/* u64 */
	HBK_A_LABEL		= 11,	/* string: who or what pushed */
	HBK_A_NAME		= 12,	/* string: of an identity */
	HBK_A_SPIFFE_ID		= 13,	/* string */
	HBK_A_CERT		= 14,	/* DER */
	HBK_A_KEY		= 15,	/* DER: PKCS#8, SEC 1 or PKCS#1; never readable back */
	HBK_A_OFFSET		= 16,	/* u32: bytes */
	HBK_A_DATA		= 17,	/* bytes */
	HBK_A_HANDSHAKE_TIMEOUT_MS = 18, /* u32: 100 to 600000 */
	HBK_A_HANDSHAKE_MAX	= 19,	/* u32: 1 to 65536, of each direction */
	HBK_A_REPLAY		= 20,	/* u32 */
	HBK_A_TIME_NS		= 21,	/* u64: nanoseconds since 1970, UTC */
	HBK_A_RULE		= 22,	/* string: the rule's name */
	HBK_A_CONNECTION_ID	= 23,	/* u64 */
	HBK_A_DIRECTION		= 24,	/* u8: enum hbk_direction */
	HBK_A_LOCAL_ADDRESS	= 25,	/* 16 bytes; IPv4 as ::ffff:a.b.c.d */
	HBK_A_LOCAL_PORT	= 26,	/* u16 */
	HBK_A_REMOTE_ADDRESS	= 27,	/* 16 bytes */
	HBK_A_REMOTE_PORT	= 28,	/* u16 */
	HBK_A_PID		= 29,	/* u32: thread group, initial pid namespace */
	HBK_A_UID		= 30,	/* u32: initial user namespace */
	HBK_A_COMM		= 31,	/* string */
	HBK_A_IDENTITY		= 32,	/* string: our own identity's name */
	HBK_A_PEER_ID		= 33,	/* string: the peer's SPIFFE id; empty if it has none */
	HBK_A_PEER_NAME		= 34,	/* string: the DNS name that was matched, or the first one */
	HBK_A_PEER_SERIAL	= 35,	/* bytes, big-endian, as in the certificate */
	HBK_A_PEER_NOT_AFTER	= 36,	/* u64: seconds since 1970, UTC */
	HBK_A_SUITE		= 37,	/* u16: IANA number */
	HBK_A_KTLS		= 38,	/* u8: 1 if the records are the kernel's kTLS */
	HBK_A_HANDSHAKE_US	= 39,	/* u32: microseconds */
	HBK_A_RX_BYTES		= 40,	/* u64: plaintext */
	HBK_A_TX_BYTES		= 41,	/* u64: plaintext */
	HBK_A_REASON		= 42,	/* string: a name of core/reason.h */
	HBK_A_LOST		= 43,	/* u64 */
	HBK_A_SERIAL		= 44,	/* bytes */
	HBK_A_NOT_BEFORE	= 45,	/* u64: seconds since 1970, UTC */
	HBK_A_NOT_AFTER		= 46,	/* u64: seconds since 1970, UTC */
	HBK_A_KEY_TYPE		= 47,	/* string: "ec-p256", "ec-p384", "rsa-2048" … */
	HBK_A_HANDSHAKES_INBOUND = 48,	/* u32: under way now, of those that HANDSHAKE_MAX bounds */
	HBK_A_CONNECTIONS_OPEN	= 49,	/* u32 */
	HBK_A_MATCHED		= 50,	/* u64 */
	HBK_A_OPENED		= 51,	/* u64 */
	HBK_A_REFUSED		= 52,	/* u64 */
	HBK_A_DENIED		= 53,	/* u64 */
	HBK_A_CLOSED		= 54,	/* u64 */
	HBK_A_EVENTS_LOST	= 55,	/* u64 */
	HBK_A_ANCHORS		= 56,	/* u32: trust anchors of this generation */
	HBK_A_HANDSHAKE_RATE	= 57,	/* u32: 0 to 1000000 handshakes a second that one source may begin; 0: any number */
	HBK_A_SESSION_MAX	= 58,	/* u32: 0 to 1048576 sessions kept for resumption; 0: none is resumed */
	HBK_A_RECORD_LAYER	= 59,	/* u8: enum hbk_record_layer */
	HBK_A_SESSIONS		= 60,	/* u32: kept for resumption now, of this generation */
	HBK_A_RESUMED		= 61,	/* u64, of a rule: handshakes that resumed a session; of a connection 0 or 1 */
	HBK_A_PLAIN		= 62,	/* u64: plaintext peers of a permissive rule */
	HBK_A_PASSED		= 63,	/* u64: connections whose application speaks TLS itself, passed through */
	HBK_A_HANDSHAKES_OUTBOUND = 64,	/* u32: as HANDSHAKES_INBOUND */
	HBK_A_SIZE		= 65,	/* u32: bytes of a module */
	HBK_A_FLAGS		= 66,	/* u32: enum hbk_wasm_flag */
	HBK_A_MODULE		= 67,	/* bytes: the module that an import names; UTF-8. Of a filter the name of its guest */
	HBK_A_FIELD		= 68,	/* bytes: the name of an import or export; UTF-8 */
	HBK_A_KIND		= 69,	/* u8: enum hbk_wire_kind; of a metric enum hbk_metric_kind */
	HBK_A_PARAMETERS	= 70,	/* bytes: enum hbk_wire_type, one each */
	HBK_A_RESULTS		= 71,	/* bytes: as PARAMETERS */
	HBK_A_VALUE_TYPE	= 72,	/* u8: enum hbk_wire_type, of a global or of a table's elements */
	HBK_A_MUTABLE		= 73,	/* u8: 1 if a global is */
	HBK_A_MIN		= 74,	/* u32: pages of a memory, elements of a table */
	HBK_A_MAX		= 75,	/* u32: as MIN; absent if the module has no bound */
	HBK_A_EXPORT		= 76,	/* bytes: the export to call; UTF-8 */
	HBK_A_VALUES		= 77,	/* struct hbk_wire_value, one after the other */
	HBK_A_BUDGET		= 78,	/* u64: instructions that a call may take: 1 to HBK_WASM_BUDGET_MAX */
	HBK_A_INSTRUCTIONS	= 79,	/* u64: that a call, or all calls into a guest, were charged */
	HBK_A_DURATION_NS	= 80,	/* u64: of a call, without the making of its instance */
	HBK_A_TRAP		= 81,	/* string: why a call ended early */
	HBK_A_TRAPS		= 82,	/* u64 */
	HBK_A_QUARANTINED	= 83,	/* u8: 1 if it runs no more */
	HBK_A_COMPILED		= 84,	/* u8: 1 if it was compiled ahead of time, 0 if it is interpreted */
	HBK_A_FLOATS		= 85,	/* u8: 1 if it computes with floats */
	HBK_A_INSTANCES		= 86,	/* u32: now */
	HBK_A_MEMORY_BYTES	= 87,	/* u64: that the guest takes now, with all instances */
	HBK_A_FUNCTIONS		= 88,	/* u32: with the imported ones */
	HBK_A_IMPORTS		= 89,	/* u32 */
	HBK_A_EXPORTS		= 90,	/* u32 */
	HBK_A_DIGEST		= 91,	/* bytes: SHA-256 of the module */
	HBK_A_FUNCTION		= 92,	/* u32: the index of a function */
	HBK_A_CALLS		= 93,	/* u64: that were made into a guest */
	HBK_A_POSITION		= 94,	/* u64: in what guests have said; past the end it is the end */
	HBK_A_VM_ID		= 95,	/* string: filters of the same share data and queues; its NAME unless given */
	HBK_A_ROOT_ID		= 96,	/* string: which of the guest's root contexts; empty unless given */
	HBK_A_VM_CONFIG		= 97,	/* bytes: for proxy_on_vm_start */
	HBK_A_CONFIG		= 98,	/* bytes: for proxy_on_configure */
	HBK_A_ON_FAILURE	= 99,	/* u8: enum hbk_on_failure */
	HBK_A_MODE		= 100,	/* u8: enum hbk_filter_mode */
	HBK_A_ISOLATION		= 101,	/* u8: enum hbk_isolation */
	HBK_A_ADDRESS		= 102,	/* 16 bytes; IPv4 as ::ffff:a.b.c.d */
	HBK_A_PORT		= 103,	/* u16: 1 to 65535 */
	HBK_A_STREAMS		= 104,	/* u64: connections and requests that a filter has seen */
	HBK_A_BYPASSED		= 105,	/* u64: of these, how often it failed and was left out */
	HBK_A_FAILED		= 106,	/* u64: of these, how often it failed and the connection with it */
	HBK_A_VALUE		= 107,	/* u64: of a metric; of a gauge it is signed, of a histogram the sum */
	HBK_A_SAMPLES		= 108,	/* u64: of a histogram */
	HBK_A_COUNT
};

enum hbk_direction {
	HBK_INBOUND		= 1,
	HBK_OUTBOUND		= 2,
};

enum hbk_action {
	HBK_STRICT		= 1,	/* mutual TLS or nothing */
	HBK_OFF			= 2,	/* plaintext, by the rule's own word */
	HBK_DENY		= 3,	/* no connection */
	HBK_PERMISSIVE		= 4,	/* inbound only: mutual TLS with who speaks TLS, plaintext with who does not */
};

/* What becomes of an application that speaks TLS itself over a strict or permissive rule. */
enum hbk_on_tls {
	HBK_ON_TLS_REFUSE	= 0,	/* the connection is reset */
	HBK_ON_TLS_PASSTHROUGH	= 1,	/* its own TLS is all there is: no second layer, no authentication by us */
};

enum hbk_record_layer {
	HBK_RECORDS_KERNEL	= 0,	/* kTLS; where this kernel has none, our own */
	HBK_RECORDS_OWN		= 1,	/* our own upon BearSSL, always */
};

enum hbk_wasm_flag {
	HBK_WASM_FLAG_OWNED	= 1,	/* unloaded when this opener closes the device */
	HBK_WASM_FLAG_NO_FLOATS	= 2,	/* refused if it computes with floats */
	HBK_WASM_FLAG_INTERPRET	= 4,	/* interpreted even where it is there compiled */
};
#define HBK_WASM_FLAGS		7	/* all of them */

/* What becomes of a connection when one of its filters fails: by a trap, its budget, quarantine. */
enum hbk_on_failure {
	HBK_ON_FAILURE_CLOSED	= 0,	/* it is reset */
	HBK_ON_FAILURE_OPEN	= 1,	/* it goes on without that filter */
};

/* What a filter is shown of a connection. All filters of a rule have the same. */
enum hbk_filter_mode {
	HBK_FILTER_RAW		= 0,	/* bytes */
	HBK_FILTER_HTTP		= 1,	/* HTTP/1.1: headers, bodies, trailers */
};

enum hbk_isolation {
	HBK_ISOLATION_SHARED	= 0,	/* an instance for each processor, shared by connections */
	HBK_ISOLATION_CONNECTION = 1,	/* an instance for each connection */
};

enum hbk_metric_kind {
	HBK_METRIC_COUNTER	= 0,
	HBK_METRIC_GAUGE	= 1,
	HBK_METRIC_HISTOGRAM	= 2,
};

/* The numbers of the binary format. */
enum hbk_wire_kind {
	HBK_WIRE_FUNCTION	= 0,
	HBK_WIRE_TABLE		= 1,
	HBK_WIRE_MEMORY		= 2,
	HBK_WIRE_GLOBAL		= 3,
};

enum hbk_wire_type {
	HBK_WIRE_EXTERNREF	= 0x6f,
	HBK_WIRE_FUNCREF	= 0x70,
	HBK_WIRE_F64		= 0x7c,
	HBK_WIRE_F32		= 0x7d,
	HBK_WIRE_I64		= 0x7e,
	HBK_WIRE_I32		= 0x7f,
};

/* An argument or a result. References are no arguments; as results their bits are 0 if null, otherwise 1. */
struct hbk_wire_value {
	__le64 bits;		/* of a narrower type the upper half is zero */
	__u8 type;		/* enum hbk_wire_type */
	__u8 reserved[7];	/* zero */
};

/*
 * The decision table.
 *
 * One blob: a header, then arrays of fixed records at the offsets that the
 * header names, each aligned to 8 bytes, none overlapping, no gap that is not
 * zero padding, in the order of enum hbk_section.  Rules stand in the order of
 * precedence: of all that match, the first one decides.
 *
 * Ports are found by bisection: for each direction the spans are disjoint and
 * ascending; a span lists, in ascending order, each rule that covers it.  The
 * port of an inbound connection is the local one, of an outbound connection
 * the remote one.
 */
#define HBK_TABLE_MAGIC		0x544b4248	/* "HBKT" */
#define HBK_TABLE_VERSION	2
#define HBK_STRING_NONE		0xffffffff	/* a string reference that is absent */

enum hbk_section {
	HBK_SECTION_RULES,	/* struct hbk_table_rule */
	HBK_SECTION_SPANS,	/* struct hbk_table_span: all inbound, then all outbound */
	HBK_SECTION_CANDIDATES,	/* __le32: index of a rule */
	HBK_SECTION_PORTS,	/* struct hbk_table_range: disjoint and ascending within a rule */
	HBK_SECTION_CIDRS,	/* struct hbk_table_cidr: the remote address */
	HBK_SECTION_IDS,	/* struct hbk_table_range: of uids and of gids */
	HBK_SECTION_NUMBERS,	/* __le64: cgroup ids and network namespace inodes */
	HBK_SECTION_REFS,	/* __le32: string references, of comms, peers and filters */
	HBK_SECTION_STRINGS,	/* bytes: NUL-terminated UTF-8; a reference is the offset of a string's first byte */
	HBK_SECTION_COUNT
};

struct hbk_table_section {
	__le32 offset;		/* bytes from the table's start */
	__le32 count;		/* records; of STRINGS: bytes */
};

struct hbk_table_header {
	__le32 magic;
	__le16 version;
	__le16 header_length;	/* sizeof(struct hbk_table_header) */
	__le32 length;		/* of the whole table */
	__le32 inbound_spans;	/* the first so many spans are inbound, the rest outbound */
	struct hbk_table_section sections[HBK_SECTION_COUNT];
};

/* A part of a section: the records first … first + count - 1. count 0 means "any". */
struct hbk_table_slice {
	__le32 first;
	__le32 count;
};

struct hbk_table_rule {
	__le32 name;			/* string reference */
	__u8 direction;			/* enum hbk_direction */
	__u8 action;			/* enum hbk_action */
	__u8 on_tls;			/* enum hbk_on_tls; 0 unless strict or permissive */
	__u8 reserved;			/* zero */
	__le32 identity;		/* string reference; HBK_STRING_NONE unless strict or permissive */
	__le32 server_name;		/* string reference: SNI and DNS name to demand, outbound strict only; or HBK_STRING_NONE */
	struct hbk_table_slice ports;	/* of PORTS; never empty: "any port" is 1-65535 */
	struct hbk_table_slice cidrs;	/* of CIDRS */
	struct hbk_table_slice uids;	/* of IDS */
	struct hbk_table_slice gids;	/* of IDS */
	struct hbk_table_slice comms;	/* of REFS: exact names of at most 15 bytes */
	struct hbk_table_slice cgroups;	/* of NUMBERS: the task's cgroup or one of its ancestors */
	struct hbk_table_slice netns;	/* of NUMBERS: inode of the socket's network namespace */
	struct hbk_table_slice peers;	/* of REFS: patterns; never empty if strict or permissive */
	struct hbk_table_slice filters;	/* of REFS: names of FILTER entries, in the order of requests; empty: none */
};

struct hbk_table_span {
	__le32 low;			/* first port */
	__le32 high;			/* last port */
	struct hbk_table_slice rules;	/* of CANDIDATES; never empty */
};

struct hbk_table_range {
	__le32 low;
	__le32 high;
};

struct hbk_table_cidr {
	__u8 address[16];	/* IPv4 as ::ffff:a.b.c.d; bits past the prefix are zero */
	__u8 prefix;		/* 0 to 128; of IPv4 96 to 128 */
	__u8 reserved[7];	/* zero */
};

/*
 * A peer pattern is one of
 *   spiffe://domain/path	exactly this id
 *   spiffe://domain/path/ *	(without the blank) any id below this path, at least one segment more
 *   dns:name			a DNS name of the leaf; its own wildcard counts (RFC 6125 section 6.4.3)
 */
#define HBK_PEER_DNS_PREFIX	"dns:"

#endif /* _UAPI_HAUBERK_H */
