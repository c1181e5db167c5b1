// SPDX-License-Identifier: GPL-2.0-only
/*
 * What filters may know of their connection: Envoy's names and encodings, and
 * our own below "hauberk".  Numbers are 64 bits, the lowest byte first, a truth
 * is one byte.
 */
#include <linux/utsname.h>
#include <net/ipv6.h>
#include <net/sock.h>

#include "../core/proxy/buffer.h"
#include "../core/proxy/stream.h"
#include "conn.h"
#include "filter.h"
#include "filter_env.h"
#include "filter_vm.h"
#include "layer_filter.h"

#define PROPERTY_TEXT	80	/* bytes of an address with its port, or of a serial number */

struct question {
	const struct hbk_conn *conn;		/* NULL in a root context */
	const struct hbk_filter *filter;
	struct hbk_buffer *value;
};

static int answer_string(const struct question *q, const char *text)
{
	return hbk_buffer_append(q->value, text, strlen(text));
}

/* What there may be or not. */
static int answer_optional(const struct question *q, const char *text)
{
	return text && text[0] ? answer_string(q, text) : -ENOENT;
}

static int answer_u64(const struct question *q, u64 number)
{
	u8 wire[sizeof(number)];

	put_unaligned_le64(number, wire);
	return hbk_buffer_append(q->value, wire, sizeof(wire));
}

static int answer_bool(const struct question *q, bool truth)
{
	u8 wire = truth;

	return hbk_buffer_append(q->value, &wire, sizeof(wire));
}

static int answer_address(const struct question *q, const struct in6_addr *address, u16 port)
{
	char text[PROPERTY_TEXT];

	if (ipv6_addr_v4mapped(address))
		scnprintf(text, sizeof(text), "%pI4:%u", &address->s6_addr32[3], port);
	else
		scnprintf(text, sizeof(text), "[%pI6c]:%u", address, port);
	return answer_string(q, text);
}

static bool is_inbound(const struct question *q)
{
	return q->conn->info.direction == HBK_INBOUND;
}

static int answer_remote(const struct question *q)
{
	return answer_address(q, &q->conn->info.remote, q->conn->info.remote_port);
}

static int answer_local(const struct question *q)
{
	return answer_address(q, &q->conn->info.local, q->conn->info.local_port);
}

static int source_address(const struct question *q)
{
	return is_inbound(q) ? answer_remote(q) : answer_local(q);
}

static int source_port(const struct question *q)
{
	return answer_u64(q, is_inbound(q) ? q->conn->info.remote_port : q->conn->info.local_port);
}

static int destination_address(const struct question *q)
{
	return is_inbound(q) ? answer_local(q) : answer_remote(q);
}

static int destination_port(const struct question *q)
{
	return answer_u64(q, is_inbound(q) ? q->conn->info.local_port : q->conn->info.remote_port);
}

static int connection_id(const struct question *q)
{
	return answer_u64(q, q->conn->info.id);
}

static int connection_mtls(const struct question *q)
{
	return answer_bool(q, !q->conn->plain);
}

static int connection_peer_uri(const struct question *q)
{
	return answer_optional(q, q->conn->info.peer_id);
}

static int connection_peer_dns(const struct question *q)
{
	return answer_optional(q, q->conn->info.peer_name);
}

static int connection_local_uri(const struct question *q)
{
	return q->conn->rule->identity && !q->conn->plain ?
	       answer_optional(q, q->conn->rule->identity->spiffe_id) : -ENOENT;
}

static int connection_tls_version(const struct question *q)
{
	return q->conn->plain ? -ENOENT : answer_string(q, "TLSv1.2");
}

static int connection_server_name(const struct question *q)
{
	return answer_optional(q, q->conn->rule->server_name);
}

static int listener_direction(const struct question *q)
{
	return answer_u64(q, q->conn->info.direction);
}

static int node_id(const struct question *q)
{
	return answer_string(q, init_uts_ns.name.nodename);
}

static int hauberk_rule(const struct question *q)
{
	return answer_string(q, q->conn->info.rule);
}

static int hauberk_generation(const struct question *q)
{
	return answer_u64(q, q->filter->ruleset->generation);
}

static int hauberk_pid(const struct question *q)
{
	return answer_u64(q, q->conn->info.pid);
}

static int hauberk_uid(const struct question *q)
{
	return answer_u64(q, q->conn->info.uid);
}

static int hauberk_comm(const struct question *q)
{
	return answer_string(q, q->conn->info.comm);
}

static int hauberk_identity(const struct question *q)
{
	return answer_optional(q, q->conn->info.identity);
}

static int hauberk_peer_serial(const struct question *q)
{
	char text[PROPERTY_TEXT];

	if (!q->conn->info.peer_serial_length)
		return -ENOENT;
	scnprintf(text, sizeof(text), "%*phN", q->conn->info.peer_serial_length,
		  q->conn->info.peer_serial);
	return answer_string(q, text);
}

static int hauberk_peer_not_after(const struct question *q)
{
	return q->conn->info.peer_serial_length ? answer_u64(q, q->conn->info.peer_not_after) :
						  -ENOENT;
}

static const struct {
	const char *path;		/* with dots between its parts */
	int (*answer)(const struct question *q);
	bool anywhere;			/* also without a connection */
} properties[] = {
	{ "source.address", source_address },
	{ "source.port", source_port },
	{ "destination.address", destination_address },
	{ "destination.port", destination_port },
	{ "connection.id", connection_id },
	{ "connection.mtls", connection_mtls },
	{ "connection.uri_san_peer_certificate", connection_peer_uri },
	{ "connection.dns_san_peer_certificate", connection_peer_dns },
	{ "connection.uri_san_local_certificate", connection_local_uri },
	{ "connection.tls_version", connection_tls_version },
	{ "connection.requested_server_name", connection_server_name },
	{ "listener_direction", listener_direction },
	{ "node.id", node_id, true },
	{ "hauberk.rule", hauberk_rule },
	{ "hauberk.generation", hauberk_generation, true },
	{ "hauberk.pid", hauberk_pid },
	{ "hauberk.uid", hauberk_uid },
	{ "hauberk.comm", hauberk_comm },
	{ "hauberk.identity", hauberk_identity },
	{ "hauberk.peer.spiffe_id", connection_peer_uri },
	{ "hauberk.peer.dns_name", connection_peer_dns },
	{ "hauberk.peer.serial", hauberk_peer_serial },
	{ "hauberk.peer.not_after", hauberk_peer_not_after },
};

/* Between the parts of a path a guest writes NUL, and some write one more behind the last. */
static bool path_is(const char *path, u32 length, const char *wanted)
{
	u32 i;

	while (length && !path[length - 1])
		length--;
	if (strlen(wanted) != length)
		return false;
	for (i = 0; i < length; i++)
		if ((path[i] ?: '.') != wanted[i])
			return false;
	return true;
}

/**
 * hbk_filter_property() - what is known by a path
 * @core: the VM of the filter that asks
 * @stream: of which connection; NULL in a root context and after the end
 * @path: see struct hbk_proxy_ops
 * @length: of it
 * @value: the answer is appended
 *
 * Context: process; the VM's lock held.
 * Return: 0, -ENOENT, -ENOMEM or -E2BIG.
 */
int hbk_filter_property(struct hbk_vm *core, struct hbk_stream *stream, const char *path, u32 length,
			struct hbk_buffer *value)
{
	struct question q = { .filter = hbk_filter_vm_of(core)->filter, .value = value };
	u32 i;

	if (stream && stream->chain)
		q.conn = ((const struct hbk_filtering *)stream->chain->owner)->conn;
	for (i = 0; i < ARRAY_SIZE(properties); i++)
		if (path_is(path, length, properties[i].path))
			return q.conn || properties[i].anywhere ? properties[i].answer(&q) :
								  -ENOENT;
	return -ENOENT;
}
