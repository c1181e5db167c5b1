// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests are parsed once, here: what passes has each attribute that its type
 * requires, none that it does not have, and no value that cannot be.  What
 * depends on the moment (HELLO first, an open transaction) is the device's.
 */
#include "frame.h"
#include "peer.h"
#include "text.h"

_Static_assert(sizeof(struct hbk_frame) == 16, "the frame header is 16 bytes on the wire");
_Static_assert(sizeof(struct hbk_attr) == 4, "the attribute header is 4 bytes on the wire");
_Static_assert(sizeof(struct hbk_wire_value) == 16, "a value is 16 bytes on the wire");

enum kind {
	KIND_ANSWER,		/* occurs in no request */
	KIND_U8,
	KIND_U16,
	KIND_U32,
	KIND_U64,
	KIND_BYTES,
	KIND_TEXT,
	KIND_NAME,
	KIND_SPIFFE_ID,
	KIND_VALUES,
	KIND_ADDRESS,
};

/* min and max bound the value of a u8, u16 or u32, the length of bytes and text. */
static const struct attr_policy {
	const char *name;
	enum kind kind;
	u32 min, max;
} attr_policies[HBK_A_COUNT] = {
	[HBK_A_ERRNO]			= { "ERRNO" },
	[HBK_A_TEXT]			= { "TEXT" },
	[HBK_A_ITEM]			= { "ITEM" },
	[HBK_A_VERSION]			= { "VERSION" },
	[HBK_A_VERSION_MIN]		= { "VERSION_MIN", KIND_U32, 1, 0xffffffff },
	[HBK_A_VERSION_MAX]		= { "VERSION_MAX", KIND_U32, 1, 0xffffffff },
	[HBK_A_MODULE_VERSION]		= { "MODULE_VERSION" },
	[HBK_A_INSTANCE]		= { "INSTANCE" },
	[HBK_A_GENERATION]		= { "GENERATION" },
	[HBK_A_EXPECT_GENERATION]	= { "EXPECT_GENERATION", KIND_U64 },
	[HBK_A_LABEL]			= { "LABEL", KIND_TEXT, 0, HBK_LABEL_MAX },
	[HBK_A_NAME]			= { "NAME", KIND_NAME, 1, HBK_NAME_MAX },
	[HBK_A_SPIFFE_ID]		= { "SPIFFE_ID", KIND_SPIFFE_ID, 1, HBK_SPIFFE_ID_MAX },
	[HBK_A_CERT]			= { "CERT", KIND_BYTES, 1, HBK_CERT_MAX },
	[HBK_A_KEY]			= { "KEY", KIND_BYTES, 1, HBK_KEY_MAX },
	[HBK_A_OFFSET]			= { "OFFSET", KIND_U32, 0, HBK_WASM_UPLOAD_MAX - 1 },
	[HBK_A_DATA]			= { "DATA", KIND_BYTES, 1, HBK_ATTR_MAX },
	[HBK_A_HANDSHAKE_TIMEOUT_MS]	= { "HANDSHAKE_TIMEOUT_MS", KIND_U32, 100, 600000 },
	[HBK_A_HANDSHAKE_MAX]		= { "HANDSHAKE_MAX", KIND_U32, 1, 65536 },
	[HBK_A_REPLAY]			= { "REPLAY", KIND_U32, 0, 0xffffffff },
	[HBK_A_TIME_NS]			= { "TIME_NS" },
	[HBK_A_RULE]			= { "RULE" },
	[HBK_A_CONNECTION_ID]		= { "CONNECTION_ID" },
	[HBK_A_DIRECTION]		= { "DIRECTION" },
	[HBK_A_LOCAL_ADDRESS]		= { "LOCAL_ADDRESS" },
	[HBK_A_LOCAL_PORT]		= { "LOCAL_PORT" },
	[HBK_A_REMOTE_ADDRESS]		= { "REMOTE_ADDRESS" },
	[HBK_A_REMOTE_PORT]		= { "REMOTE_PORT" },
	[HBK_A_PID]			= { "PID" },
	[HBK_A_UID]			= { "UID" },
	[HBK_A_COMM]			= { "COMM" },
	[HBK_A_IDENTITY]		= { "IDENTITY" },
	[HBK_A_PEER_ID]			= { "PEER_ID" },
	[HBK_A_PEER_NAME]		= { "PEER_NAME" },
	[HBK_A_PEER_SERIAL]		= { "PEER_SERIAL" },
	[HBK_A_PEER_NOT_AFTER]		= { "PEER_NOT_AFTER" },
	[HBK_A_SUITE]			= { "SUITE" },
	[HBK_A_KTLS]			= { "KTLS" },
	[HBK_A_HANDSHAKE_US]		= { "HANDSHAKE_US" },
	[HBK_A_RX_BYTES]		= { "RX_BYTES" },
	[HBK_A_TX_BYTES]		= { "TX_BYTES" },
	[HBK_A_REASON]			= { "REASON" },
	[HBK_A_LOST]			= { "LOST" },
	[HBK_A_SERIAL]			= { "SERIAL" },
	[HBK_A_NOT_BEFORE]		= { "NOT_BEFORE" },
	[HBK_A_NOT_AFTER]		= { "NOT_AFTER" },
	[HBK_A_KEY_TYPE]		= { "KEY_TYPE" },
	[HBK_A_HANDSHAKES_INBOUND]	= { "HANDSHAKES_INBOUND" },
	[HBK_A_CONNECTIONS_OPEN]	= { "CONNECTIONS_OPEN" },
	[HBK_A_MATCHED]			= { "MATCHED" },
	[HBK_A_OPENED]			= { "OPENED" },
	[HBK_A_REFUSED]			= { "REFUSED" },
	[HBK_A_DENIED]			= { "DENIED" },
	[HBK_A_CLOSED]			= { "CLOSED" },
	[HBK_A_EVENTS_LOST]		= { "EVENTS_LOST" },
	[HBK_A_ANCHORS]			= { "ANCHORS" },
	[HBK_A_HANDSHAKE_RATE]		= { "HANDSHAKE_RATE", KIND_U32, 0, HBK_HANDSHAKE_RATE_MAX },
	[HBK_A_SESSION_MAX]		= { "SESSION_MAX", KIND_U32, 0, HBK_SESSION_MAX_MAX },
	[HBK_A_RECORD_LAYER]		= { "RECORD_LAYER", KIND_U8, HBK_RECORDS_KERNEL, HBK_RECORDS_OWN },
	[HBK_A_SESSIONS]		= { "SESSIONS" },
	[HBK_A_RESUMED]			= { "RESUMED" },
	[HBK_A_PLAIN]			= { "PLAIN" },
	[HBK_A_PASSED]			= { "PASSED" },
	[HBK_A_HANDSHAKES_OUTBOUND]	= { "HANDSHAKES_OUTBOUND" },
	[HBK_A_SIZE]			= { "SIZE", KIND_U32, 1, HBK_WASM_UPLOAD_MAX },
	[HBK_A_FLAGS]			= { "FLAGS", KIND_U32, 0, HBK_WASM_FLAGS },
	[HBK_A_MODULE]			= { "MODULE", KIND_NAME, 1, HBK_NAME_MAX },
	[HBK_A_FIELD]			= { "FIELD" },
	[HBK_A_KIND]			= { "KIND" },
	[HBK_A_PARAMETERS]		= { "PARAMETERS" },
	[HBK_A_RESULTS]			= { "RESULTS" },
	[HBK_A_VALUE_TYPE]		= { "VALUE_TYPE" },
	[HBK_A_MUTABLE]			= { "MUTABLE" },
	[HBK_A_MIN]			= { "MIN" },
	[HBK_A_MAX]			= { "MAX" },
	[HBK_A_EXPORT]			= { "EXPORT", KIND_BYTES, 0, HBK_WASM_FIELD_MAX },
	[HBK_A_VALUES]			= { "VALUES", KIND_VALUES, 0,
					    HBK_WASM_RUN_VALUES_MAX * sizeof(struct hbk_wire_value) },
	[HBK_A_BUDGET]			= { "BUDGET", KIND_U64 },
	[HBK_A_INSTRUCTIONS]		= { "INSTRUCTIONS" },
	[HBK_A_DURATION_NS]		= { "DURATION_NS" },
	[HBK_A_TRAP]			= { "TRAP" },
	[HBK_A_TRAPS]			= { "TRAPS" },
	[HBK_A_QUARANTINED]		= { "QUARANTINED" },
	[HBK_A_COMPILED]		= { "COMPILED" },
	[HBK_A_FLOATS]			= { "FLOATS" },
	[HBK_A_INSTANCES]		= { "INSTANCES" },
	[HBK_A_MEMORY_BYTES]		= { "MEMORY_BYTES" },
	[HBK_A_FUNCTIONS]		= { "FUNCTIONS" },
	[HBK_A_IMPORTS]			= { "IMPORTS" },
	[HBK_A_EXPORTS]			= { "EXPORTS" },
	[HBK_A_DIGEST]			= { "DIGEST" },
	[HBK_A_FUNCTION]		= { "FUNCTION" },
	[HBK_A_CALLS]			= { "CALLS" },
	[HBK_A_POSITION]		= { "POSITION", KIND_U64 },
	[HBK_A_VM_ID]			= { "VM_ID", KIND_TEXT, 0, HBK_FILTER_ID_MAX },
	[HBK_A_ROOT_ID]			= { "ROOT_ID", KIND_TEXT, 0, HBK_FILTER_ID_MAX },
	[HBK_A_VM_CONFIG]		= { "VM_CONFIG", KIND_BYTES, 0, HBK_FILTER_CONFIG_MAX },
	[HBK_A_CONFIG]			= { "CONFIG", KIND_BYTES, 0, HBK_FILTER_CONFIG_MAX },
	[HBK_A_ON_FAILURE]		= { "ON_FAILURE", KIND_U8, HBK_ON_FAILURE_CLOSED, HBK_ON_FAILURE_OPEN },
	[HBK_A_MODE]			= { "MODE", KIND_U8, HBK_FILTER_RAW, HBK_FILTER_HTTP },
	[HBK_A_ISOLATION]		= { "ISOLATION", KIND_U8, HBK_ISOLATION_SHARED, HBK_ISOLATION_CONNECTION },
	[HBK_A_ADDRESS]			= { "ADDRESS", KIND_ADDRESS, 16, 16 },
	[HBK_A_PORT]			= { "PORT", KIND_U16, 1, 65535 },
	[HBK_A_STREAMS]			= { "STREAMS" },
	[HBK_A_BYPASSED]		= { "BYPASSED" },
	[HBK_A_FAILED]			= { "FAILED" },
	[HBK_A_VALUE]			= { "VALUE" },
	[HBK_A_SAMPLES]			= { "SAMPLES" },
};

/* A set of attributes, each once; 0, which no attribute has, ends it. */
#define SET_MAX	8

static const struct frame_policy {
	const char *name;
	u16 required[SET_MAX];
	u16 optional[SET_MAX];
	u32 certs;		/* how often CERT may occur */
} frame_policies[] = {
	[HBK_HELLO]	  = { "HELLO", { HBK_A_VERSION_MIN, HBK_A_VERSION_MAX }, { HBK_A_LABEL } },
	[HBK_BEGIN]	  = { "BEGIN" },
	[HBK_ANCHOR]	  = { "ANCHOR", { HBK_A_CERT }, { 0 }, 1 },
	[HBK_IDENTITY]	  = { "IDENTITY", { HBK_A_NAME, HBK_A_SPIFFE_ID, HBK_A_CERT, HBK_A_KEY },
			      { 0 }, HBK_CHAIN_MAX },
	[HBK_TABLE]	  = { "TABLE", { HBK_A_OFFSET, HBK_A_DATA } },
	[HBK_SETTINGS]	  = { "SETTINGS", { 0 },
			      { HBK_A_HANDSHAKE_TIMEOUT_MS, HBK_A_HANDSHAKE_MAX, HBK_A_HANDSHAKE_RATE,
				HBK_A_SESSION_MAX, HBK_A_RECORD_LAYER } },
	[HBK_COMMIT]	  = { "COMMIT", { 0 }, { HBK_A_EXPECT_GENERATION, HBK_A_LABEL } },
	[HBK_ABORT]	  = { "ABORT" },
	[HBK_STATUS]	  = { "STATUS" },
	[HBK_CONNECTIONS] = { "CONNECTIONS" },
	[HBK_FOLLOW]	  = { "FOLLOW", { 0 }, { HBK_A_REPLAY } },
	[HBK_WASM_BEGIN]  = { "WASM_BEGIN", { HBK_A_NAME, HBK_A_SIZE }, { HBK_A_FLAGS } },
	[HBK_WASM_CHUNK]  = { "WASM_CHUNK", { HBK_A_OFFSET, HBK_A_DATA } },
	[HBK_WASM_COMMIT] = { "WASM_COMMIT" },
	[HBK_WASM_ABORT]  = { "WASM_ABORT" },
	[HBK_WASM_LIST]	  = { "WASM_LIST" },
	[HBK_WASM_INFO]	  = { "WASM_INFO", { HBK_A_NAME } },
	[HBK_WASM_RUN]	  = { "WASM_RUN", { HBK_A_NAME, HBK_A_EXPORT }, { HBK_A_VALUES, HBK_A_BUDGET } },
	[HBK_WASM_UNLOAD] = { "WASM_UNLOAD", { HBK_A_NAME } },
	[HBK_WASM_LOG]	  = { "WASM_LOG", { 0 }, { HBK_A_POSITION } },
	[HBK_FILTER]	  = { "FILTER", { HBK_A_NAME, HBK_A_MODULE },
			      { HBK_A_VM_ID, HBK_A_ROOT_ID, HBK_A_VM_CONFIG, HBK_A_CONFIG,
				HBK_A_ON_FAILURE, HBK_A_BUDGET, HBK_A_MODE, HBK_A_ISOLATION } },
	[HBK_UPSTREAM]	  = { "UPSTREAM", { HBK_A_NAME, HBK_A_ADDRESS, HBK_A_PORT } },
	[HBK_FILTERS]	  = { "FILTERS" },
	[HBK_METRICS]	  = { "METRICS" },
	[HBK_FILTER_TRY]  = { "FILTER_TRY", { HBK_A_NAME, HBK_A_DATA } },
};

/* A frame on its way through the parser. */
struct parser {
	struct hbk_request *request;
	const struct frame_policy *policy;
	const u8 *at;		/* the next attribute */
	size_t left;		/* bytes from there */
	struct hbk_fault *fault;
};

/**
 * hbk_attr_name() - the name of an attribute, as errors and documents spell it
 * @attr: enum hbk_attr_type
 *
 * Return: a string constant, or NULL if there is no such attribute.
 */
const char *hbk_attr_name(u16 attr)
{
	return attr < HBK_A_COUNT ? attr_policies[attr].name : NULL;
}

__attribute__((format(printf, 4, 5)))
static int attr_fault(struct hbk_fault *fault, u16 attr, int err, const char *format, ...)
{
	const char *name = hbk_attr_name(attr);
	char item[HBK_FAULT_ITEM];
	va_list args;

	if (name)
		snprintf(item, sizeof(item), "attribute %s", name);
	else
		snprintf(item, sizeof(item), "attribute %u", attr);
	va_start(args, format);
	hbk_fault_vset(fault, err, item, format, args);
	va_end(args);
	return err;
}

static bool is_zero(const u8 *data, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (data[i])
			return false;
	}
	return true;
}

/**
 * hbk_frame_header_check() - check what must hold before a frame is looked into
 * @frame: the frame
 * @length: the bytes there
 *
 * Return: 0, -EBADMSG if it is shorter than a header or not as long as its
 * header says, -EMSGSIZE if it is longer than HBK_FRAME_MAX.
 */
int hbk_frame_header_check(const void *frame, size_t length)
{
	if (length > HBK_FRAME_MAX)
		return -EMSGSIZE;
	if (length < sizeof(struct hbk_frame))
		return -EBADMSG;
	if (get_unaligned_le32((const u8 *)frame + offsetof(struct hbk_frame, length)) != length)
		return -EBADMSG;
	return 0;
}

static int check_size(const struct attr_policy *policy, u16 attr, struct hbk_attr_view view,
		      struct hbk_fault *fault)
{
	static const u32 sizes[] = { [KIND_U8] = sizeof(u8), [KIND_U16] = sizeof(u16), [KIND_U32] = sizeof(u32), [KIND_U64] = sizeof(u64) };

	if (policy->kind <= KIND_U64) {
		if (view.length == sizes[policy->kind])
			return 0;
		return attr_fault(fault, attr, -EINVAL, "the attribute is %u bytes long, it must be %u",
				  view.length, sizes[policy->kind]);
	}
	if (view.length > policy->max)
		return attr_fault(fault, attr, -E2BIG, "the attribute is %u bytes long, at most %u are allowed",
				  view.length, policy->max);
	if (view.length < policy->min && policy->min > 1)
		return attr_fault(fault, attr, -EINVAL, "the attribute is %u bytes long, it must be %u",
				  view.length, policy->min);
	if (view.length < policy->min)
		return attr_fault(fault, attr, -EINVAL, "the attribute is empty");
	return 0;
}

static bool is_number_type(u8 type)
{
	return type >= HBK_WIRE_F64 && type <= HBK_WIRE_I32;
}

/* References are not given from outside: what they refer to is the kernel's. */
static int check_values(u16 attr, struct hbk_attr_view view, struct hbk_fault *fault)
{
	const u32 size = sizeof(struct hbk_wire_value), reserved = offsetof(struct hbk_wire_value, reserved);
	const u8 *value = view.data;
	u32 i;

	if (view.length % size)
		return attr_fault(fault, attr, -EINVAL, "the attribute is %u bytes long, not a multiple of %u",
				  view.length, size);
	for (i = 0; i < view.length / size; i++, value += size) {
		u8 type = value[offsetof(struct hbk_wire_value, type)];

		if (!is_number_type(type))
			return attr_fault(fault, attr, -EINVAL, "value %u is of type 0x%02x, not a number's", i, type);
		if (!is_zero(value + reserved, size - reserved))
			return attr_fault(fault, attr, -EINVAL, "a reserved field of value %u is not zero", i);
		if ((type == HBK_WIRE_I32 || type == HBK_WIRE_F32) && get_unaligned_le32(value + sizeof(u32)))
			return attr_fault(fault, attr, -EINVAL, "value %u has more than 32 bits", i);
	}
	return 0;
}

static u32 number_of(enum kind kind, const u8 *data)
{
	switch (kind) {
	case KIND_U8:
		return *data;
	case KIND_U16:
		return get_unaligned_le16(data);
	default:
		return get_unaligned_le32(data);
	}
}

static int check_content(const struct attr_policy *policy, u16 attr, struct hbk_attr_view view,
			 struct hbk_fault *fault)
{
	u32 value;

	switch (policy->kind) {
	case KIND_U8:
	case KIND_U16:
	case KIND_U32:
		value = number_of(policy->kind, view.data);
		if (value < policy->min || value > policy->max)
			return attr_fault(fault, attr, -ERANGE, "the value is %u, it must be %u to %u",
					  value, policy->min, policy->max);
		return 0;
	case KIND_TEXT:
		if (!hbk_text_valid(view.data, view.length))
			return attr_fault(fault, attr, -EINVAL,
					  "the string must be UTF-8 without NUL and control characters");
		return 0;
	case KIND_NAME:
		if (!hbk_name_valid(view.data, view.length))
			return attr_fault(fault, attr, -EINVAL,
					  "a name begins with a letter or digit and has only letters, digits, '.', '_' and '-'");
		return 0;
	case KIND_SPIFFE_ID:
		if (!hbk_spiffe_id_valid(view.data, view.length))
			return attr_fault(fault, attr, -EINVAL,
					  "not the SPIFFE id of a workload (spiffe://trust-domain/path)");
		return 0;
	case KIND_VALUES:
		return check_values(attr, view, fault);
	default:
		return 0;
	}
}

/* Keeps the attribute in the request, unless it has been there as often as it may. */
static int keep(struct parser *p, u16 attr, struct hbk_attr_view view)
{
	struct hbk_request *request = p->request;

	if (attr == HBK_A_CERT && request->cert_count > 0 && p->policy->certs > 1) {
		if (request->cert_count == p->policy->certs)
			return attr_fault(p->fault, attr, -E2BIG, "more than %u certificates",
					  p->policy->certs);
	} else if (request->attrs[attr].data) {
		return attr_fault(p->fault, attr, -EEXIST, "the attribute occurs twice");
	}

	if (!request->attrs[attr].data)
		request->attrs[attr] = view;
	if (attr == HBK_A_CERT)
		request->certs[request->cert_count++] = view;
	return 0;
}

static bool set_has(const u16 set[SET_MAX], u16 attr)
{
	u32 i;

	for (i = 0; i < SET_MAX && set[i]; i++) {
		if (set[i] == attr)
			return true;
	}
	return false;
}

static int check_attr(struct parser *p, u16 attr, struct hbk_attr_view view)
{
	const struct frame_policy *policy = p->policy;
	int err;

	if (!hbk_attr_name(attr))
		return attr_fault(p->fault, attr, -EINVAL, "there is no such attribute");
	if (!set_has(policy->required, attr) && !set_has(policy->optional, attr))
		return attr_fault(p->fault, attr, -EINVAL, "%s requests have no such attribute", policy->name);

	err = check_size(&attr_policies[attr], attr, view, p->fault);
	if (!err)
		err = check_content(&attr_policies[attr], attr, view, p->fault);
	if (!err)
		err = keep(p, attr, view);
	return err;
}

static int next_attr(struct parser *p)
{
	struct hbk_attr_view view;
	size_t whole, padded;
	u16 attr;

	if (p->left < sizeof(struct hbk_attr))
		return hbk_fault_set(p->fault, -EINVAL, "frame", "%zu bytes trail after the last attribute", p->left);

	whole = get_unaligned_le16(p->at + offsetof(struct hbk_attr, length));
	attr = get_unaligned_le16(p->at + offsetof(struct hbk_attr, type));
	padded = (whole + 3) & ~(size_t)3;
	if (whole < sizeof(struct hbk_attr))
		return attr_fault(p->fault, attr, -EINVAL, "the attribute's length is %zu, less than its header", whole);
	if (padded > p->left)
		return attr_fault(p->fault, attr, -EINVAL, "the attribute and its padding go past the frame's end");
	if (!is_zero(p->at + whole, padded - whole))
		return attr_fault(p->fault, attr, -EINVAL, "the padding is not zero");

	view.data = p->at + sizeof(struct hbk_attr);
	view.length = whole - sizeof(struct hbk_attr);
	p->at += padded;
	p->left -= padded;
	return check_attr(p, attr, view);
}

static int check_required(const struct parser *p)
{
	const u16 *required = p->policy->required;
	u32 i;

	for (i = 0; i < SET_MAX && required[i]; i++) {
		if (!hbk_request_has(p->request, required[i]))
			return attr_fault(p->fault, required[i], -ENODATA, "%s requests must have this attribute",
					  p->policy->name);
	}
	return 0;
}

static int check_versions(const struct parser *p)
{
	u32 min = hbk_request_u32(p->request, HBK_A_VERSION_MIN, 0);
	u32 max = hbk_request_u32(p->request, HBK_A_VERSION_MAX, 0);

	if (min > max)
		return attr_fault(p->fault, HBK_A_VERSION_MAX, -ERANGE,
				  "the value is %u, less than VERSION_MIN's %u", max, min);
	return 0;
}

static int check_header(struct parser *p, const u8 *frame)
{
	u16 type = get_unaligned_le16(frame + offsetof(struct hbk_frame, type));
	char item[HBK_FAULT_ITEM];

	if (get_unaligned_le16(frame + offsetof(struct hbk_frame, reserved)) ||
	    get_unaligned_le32(frame + offsetof(struct hbk_frame, reserved2)))
		return hbk_fault_set(p->fault, -EINVAL, "frame", "a reserved field of the header is not zero");

	if (type >= sizeof(frame_policies) / sizeof(frame_policies[0]) || !frame_policies[type].name) {
		snprintf(item, sizeof(item), "frame type %u", type);
		return hbk_fault_set(p->fault, -EOPNOTSUPP, item, "there is no such request");
	}
	p->policy = &frame_policies[type];
	p->request->type = type;
	return 0;
}

/**
 * hbk_frame_parse() - parse a request
 * @request: the outcome; it points into the frame.  Its sequence is set
 *	whenever the frame has a header, for the reply that tells the error
 * @frame: the frame; no alignment is asked for
 * @length: the bytes there
 * @fault: what is wrong
 *
 * Return: 0 or one of the errors that frame.h lists.
 */
int hbk_frame_parse(struct hbk_request *request, const void *frame, size_t length,
		    struct hbk_fault *fault)
{
	struct parser p = { .request = request, .fault = fault };
	int err;

	memset(request, 0, sizeof(*request));
	err = hbk_frame_header_check(frame, length);
	if (err)
		return hbk_fault_set(fault, err, "frame", "%s", err == -EMSGSIZE ?
				     "the frame is too long" : "the frame is not as long as its header says");

	request->sequence = get_unaligned_le32((const u8 *)frame + offsetof(struct hbk_frame, sequence));
	p.at = (const u8 *)frame + sizeof(struct hbk_frame);
	p.left = length - sizeof(struct hbk_frame);
	err = check_header(&p, frame);
	while (!err && p.left)
		err = next_attr(&p);
	if (!err)
		err = check_required(&p);
	if (!err)
		err = check_versions(&p);
	return err;
}

/**
 * hbk_request_has() - tell whether an attribute is present
 * @request: a parsed request
 * @attr: enum hbk_attr_type
 *
 * Return: true if it is.
 */
bool hbk_request_has(const struct hbk_request *request, u16 attr)
{
	return request->attrs[attr].data;
}

/**
 * hbk_request_u8() - the value of an attribute that is a u8
 * @request: a parsed request
 * @attr: enum hbk_attr_type
 * @absent: what to return if it is absent
 *
 * Return: the value.
 */
u8 hbk_request_u8(const struct hbk_request *request, u16 attr, u8 absent)
{
	const u8 *data = request->attrs[attr].data;

	return data ? *data : absent;
}

/**
 * hbk_request_u16() - the value of an attribute that is a u16
 * @request: a parsed request
 * @attr: enum hbk_attr_type
 * @absent: what to return if it is absent
 *
 * Return: the value.
 */
u16 hbk_request_u16(const struct hbk_request *request, u16 attr, u16 absent)
{
	const u8 *data = request->attrs[attr].data;

	return data ? get_unaligned_le16(data) : absent;
}

/**
 * hbk_request_u32() - the value of an attribute that is a u32
 * @request: a parsed request
 * @attr: enum hbk_attr_type
 * @absent: what to return if it is absent
 *
 * Return: the value.
 */
u32 hbk_request_u32(const struct hbk_request *request, u16 attr, u32 absent)
{
	const u8 *data = request->attrs[attr].data;

	return data ? get_unaligned_le32(data) : absent;
}

/**
 * hbk_request_u64() - the value of an attribute that is a u64
 * @request: a parsed request
 * @attr: enum hbk_attr_type
 * @absent: what to return if it is absent
 *
 * Return: the value.
 */
u64 hbk_request_u64(const struct hbk_request *request, u16 attr, u64 absent)
{
	const u8 *data = request->attrs[attr].data;

	return data ? get_unaligned_le64(data) : absent;
}
