// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the module tells of itself: STATUS and CONNECTIONS.  Served under the
 * opener's lock, process context.  The registry is walked under its own lock,
 * where nothing may sleep: its frames go into room that was made before.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "registry.h"
#include "request.h"
#include "session.h"

/* Bytes of a frame at its longest, with some to spare; without its strings of a kilobyte. */
#define STATUS_FRAME_MAX	640
#define RULE_FRAME_MAX		256
#define IDENTITY_FRAME_MAX	192

#define CONNECTIONS_SIZE_MIN	65536
#define CONNECTIONS_ATTEMPTS	8

static int write_status(struct hbk_exchange *exchange, struct hbk_reply *listing,
			const struct hbk_ruleset *ruleset)
{
	struct hbk_registry_counts counts;
	struct hbk_writer w;

	hbk_registry_counts(&counts);
	hbk_reply_begin(listing, &w, HBK_STATUS_REPLY, exchange->request.sequence);
	hbk_writer_u64(&w, HBK_A_GENERATION, ruleset ? ruleset->generation : 0);
	hbk_writer_string(&w, HBK_A_LABEL, ruleset ? ruleset->label : "");
	hbk_writer_u64(&w, HBK_A_TIME_NS, ruleset ? ruleset->time_ns : 0);
	hbk_writer_u64(&w, HBK_A_INSTANCE, hbk_device_instance());
	hbk_writer_u32(&w, HBK_A_HANDSHAKE_TIMEOUT_MS,
		       ruleset ? ruleset->handshake_timeout_ms : HBK_HANDSHAKE_TIMEOUT_MS);
	hbk_writer_u32(&w, HBK_A_HANDSHAKE_MAX,
		       ruleset ? ruleset->handshake_max : HBK_HANDSHAKE_MAX);
	hbk_writer_u32(&w, HBK_A_HANDSHAKES_INBOUND, counts.inbound);
	hbk_writer_u32(&w, HBK_A_HANDSHAKES_OUTBOUND, counts.outbound);
	hbk_writer_u32(&w, HBK_A_CONNECTIONS_OPEN, counts.open);
	hbk_writer_u64(&w, HBK_A_OPENED, counts.opened);
	hbk_writer_u64(&w, HBK_A_REFUSED, counts.refused);
	hbk_writer_u64(&w, HBK_A_CLOSED, counts.closed);
	hbk_writer_u64(&w, HBK_A_DENIED, counts.denied);
	hbk_writer_u64(&w, HBK_A_EVENTS_LOST, hbk_event_lost());
	hbk_writer_u32(&w, HBK_A_ANCHORS, ruleset ? ruleset->anchors.count : 0);
	hbk_writer_u32(&w, HBK_A_HANDSHAKE_RATE,
		       ruleset ? ruleset->handshake_rate : HBK_HANDSHAKE_RATE);
	hbk_writer_u32(&w, HBK_A_SESSION_MAX, ruleset ? ruleset->session_max : HBK_SESSION_MAX);
	hbk_writer_u8(&w, HBK_A_RECORD_LAYER, ruleset ? ruleset->record_layer : HBK_RECORDS_KERNEL);
	hbk_writer_u32(&w, HBK_A_SESSIONS, ruleset ? hbk_session_count(ruleset) : 0);
	return hbk_reply_end(listing, &w);
}

static int write_rule(struct hbk_exchange *exchange, struct hbk_reply *listing,
		      const struct hbk_rule *rule)
{
	struct hbk_writer w;

	hbk_reply_begin(listing, &w, HBK_RULE_STATUS, exchange->request.sequence);
	hbk_writer_string(&w, HBK_A_RULE, rule->name);
	hbk_writer_u64(&w, HBK_A_MATCHED, atomic64_read(&rule->matched));
	hbk_writer_u64(&w, HBK_A_OPENED, atomic64_read(&rule->opened));
	hbk_writer_u64(&w, HBK_A_REFUSED, atomic64_read(&rule->refused));
	hbk_writer_u64(&w, HBK_A_DENIED, atomic64_read(&rule->denied));
	hbk_writer_u64(&w, HBK_A_CLOSED, atomic64_read(&rule->closed));
	hbk_writer_u64(&w, HBK_A_RX_BYTES, atomic64_read(&rule->rx_bytes));
	hbk_writer_u64(&w, HBK_A_TX_BYTES, atomic64_read(&rule->tx_bytes));
	hbk_writer_u64(&w, HBK_A_RESUMED, atomic64_read(&rule->resumed));
	hbk_writer_u64(&w, HBK_A_PLAIN, atomic64_read(&rule->plain));
	hbk_writer_u64(&w, HBK_A_PASSED, atomic64_read(&rule->passed));
	return hbk_reply_end(listing, &w);
}

static int write_identity(struct hbk_exchange *exchange, struct hbk_reply *listing,
			  const struct hbk_identity *identity)
{
	const struct hbk_leaf *leaf = &identity->leaf;
	struct hbk_writer w;

	hbk_reply_begin(listing, &w, HBK_IDENTITY_STATUS, exchange->request.sequence);
	hbk_writer_string(&w, HBK_A_NAME, identity->name);
	hbk_writer_string(&w, HBK_A_SPIFFE_ID, identity->spiffe_id);
	hbk_writer_bytes(&w, HBK_A_SERIAL, leaf->serial, leaf->serial_length);
	hbk_writer_u64(&w, HBK_A_NOT_BEFORE, leaf->not_before);
	hbk_writer_u64(&w, HBK_A_NOT_AFTER, leaf->not_after);
	hbk_writer_string(&w, HBK_A_KEY_TYPE, identity->key_name);
	return hbk_reply_end(listing, &w);
}

static u32 listing_size(const struct hbk_ruleset *ruleset)
{
	u32 size = STATUS_FRAME_MAX;
	u32 i;

	if (!ruleset)
		return size;
	size += ruleset->table.rule_count * RULE_FRAME_MAX;
	for (i = 0; i < ruleset->identity_count; i++)
		size += IDENTITY_FRAME_MAX + strlen(ruleset->identities[i]->spiffe_id);
	return size;
}

static int write_listing(struct hbk_exchange *exchange, struct hbk_reply *listing,
			 const struct hbk_ruleset *ruleset)
{
	int error;
	u32 i;

	error = write_status(exchange, listing, ruleset);
	for (i = 0; !error && ruleset && i < ruleset->table.rule_count; i++)
		error = write_rule(exchange, listing, &ruleset->rules[i]);
	for (i = 0; !error && ruleset && i < ruleset->identity_count; i++)
		error = write_identity(exchange, listing, ruleset->identities[i]);
	return error;
}

/**
 * hbk_status_serve() - answer STATUS
 * @exchange: the request; its listing is made
 *
 * Return: 0 or a negative errno.
 */
int hbk_status_serve(struct hbk_exchange *exchange)
{
	struct hbk_ruleset *ruleset = hbk_ruleset_get();
	struct hbk_reply *listing;
	int error;

	listing = hbk_request_make_listing(exchange, listing_size(ruleset), &error);
	if (listing) {
		error = write_listing(exchange, listing, ruleset);
		WARN_ON_ONCE(error);
	}
	if (ruleset)
		hbk_ruleset_put(ruleset);
	exchange->listing = listing;
	return error;
}

/* A walk over the open connections. */
struct walk {
	struct hbk_reply *listing;
	u32 sequence;
	u32 needed;			/* bytes of all frames, written or not */
	u8 scratch[HBK_EVENT_FRAME_MAX];
};

static int write_connection(const struct hbk_conn_info *info, void *arg)
{
	struct walk *walk = arg;
	struct hbk_reply *listing = walk->listing;
	struct hbk_writer w;

	hbk_writer_begin(&w, walk->scratch, sizeof(walk->scratch), HBK_CONNECTION, walk->sequence);
	hbk_event_write_info(&w, info, info->time_ns);
	hbk_writer_u64(&w, HBK_A_RX_BYTES, info->rx_bytes);
	hbk_writer_u64(&w, HBK_A_TX_BYTES, info->tx_bytes);
	if (WARN_ON_ONCE(hbk_writer_end(&w) < 0))
		return -EMSGSIZE;
	if (w.length > HBK_REPLIES_MAX - walk->needed)
		return -ENOBUFS;
	walk->needed += w.length;
	if (walk->needed <= listing->size) {
		memcpy(listing->frames + listing->length, walk->scratch, w.length);
		listing->length += w.length;
	}
	return 0;
}

/* Connections come and go between two walks: each makes room for some more than the last one met. */
static int list_connections(struct hbk_exchange *exchange, struct walk *walk)
{
	u32 size = CONNECTIONS_SIZE_MIN;
	int attempt, error;

	for (attempt = 0; attempt < CONNECTIONS_ATTEMPTS; attempt++) {
		walk->needed = 0;
		walk->listing = hbk_request_make_listing(exchange, size, &error);
		if (!walk->listing)
			return error;
		error = hbk_registry_visit(write_connection, walk);
		if (!error && walk->needed <= size)
			return 0;
		hbk_reply_free(walk->listing);
		if (error)
			return hbk_fault_set(&exchange->fault, error, "connections",
					     "there are too many connections to list");
		size = walk->needed + walk->needed / 8;
	}
	return hbk_fault_set(&exchange->fault, -EAGAIN, "connections",
			     "the connections change too fast to list them");
}

/**
 * hbk_status_serve_connections() - answer CONNECTIONS
 * @exchange: the request; its listing is made
 *
 * Return: 0 or a negative errno.
 */
int hbk_status_serve_connections(struct hbk_exchange *exchange)
{
	struct walk *walk;
	int error;

	walk = kvmalloc(sizeof(*walk), GFP_KERNEL);
	if (!walk)
		return -ENOMEM;
	walk->sequence = exchange->request.sequence;
	error = list_connections(exchange, walk);
	if (!error)
		exchange->listing = walk->listing;
	kvfree(walk);
	return error;
}
