/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The filters of one connection, in order. Bytes are pushed in at one end of a
 * flow and taken out at the other.
 *
 * The request flow goes from client to server ("downstream data"), first
 * filter first. The response flow goes from server to client ("upstream
 * data"), last filter first. A filter that answers PAUSE holds what it has
 * seen; when what is held reaches HBK_PROXY_HELD_MAX the chain has no room.
 *
 * Context: the caller has a lock of its own around every call with the same
 * chain, may sleep, and holds no VM's lock.
 */
#ifndef _HBK_PROXY_CHAIN_H
#define _HBK_PROXY_CHAIN_H

#include "buffer.h"
#include "env.h"

enum hbk_chain_flow {
	HBK_CHAIN_REQUEST,	/* downstream data: client to server */
	HBK_CHAIN_RESPONSE,	/* upstream data: server to client */
	HBK_CHAIN_FLOWS
};

static inline enum hbk_chain_flow hbk_chain_other(enum hbk_chain_flow flow)
{
	return flow == HBK_CHAIN_REQUEST ? HBK_CHAIN_RESPONSE : HBK_CHAIN_REQUEST;
}

enum hbk_chain_mode {
	HBK_CHAIN_RAW,
	HBK_CHAIN_HTTP,
};

/**
 * struct hbk_chain_entry - a filter of a chain that is to be made
 * @vm: started; the caller keeps it until hbk_chain_free(). NULL: there is none (it could not be made, its guest is in
 *	quarantine): @open decides at once
 * @open: onFailure: a filter that fails is left out from then on; otherwise the chain fails
 */
struct hbk_chain_entry {
	struct hbk_vm *vm;
	bool open;
};

/**
 * struct hbk_link - a filter of a chain
 * @chain: which
 * @next: link with the same VM, of any chain; VM's lock
 * @vm: NULL: none
 * @open: onFailure
 * @bypassed: it has failed; bytes pass it
 * @state: the mode's own
 */
struct hbk_link {
	struct hbk_chain *chain;
	struct hbk_link *next;
	struct hbk_vm *vm;
	bool open;
	bool bypassed;
	void *state;
};

/**
 * struct hbk_chain_ops - a mode
 * @open: new: makes @chain->state, contexts; 0 or -ENOMEM. A filter's failure goes to hbk_chain_link_failed().
 * @held: bytes of a flow that are inside, not counting what is in out[]
 * @push: as hbk_chain_push(); neither failed nor closing
 * @resume: as hbk_chain_resume(); neither failed nor closing; links whose guest has trapped have failed already
 * @is_due: as hbk_chain_is_due(); may be NULL
 * @failed: link @index has just been bypassed: let go of what it holds, when push or resume ends at the latest; may
 *	be NULL
 * @close: the callbacks of the end; VMs may be poisoned
 * @release: the reverse of @open; after @close
 */
struct hbk_chain_ops {
	int (*open)(struct hbk_chain *chain);
	size_t (*held)(const struct hbk_chain *chain, enum hbk_chain_flow flow);
	int (*push)(struct hbk_chain *chain, enum hbk_chain_flow flow, const void *data,
		    size_t length, bool end);
	/* The same, and may take the bytes away, and use the buffer, instead of copying them. NULL: they are pushed. */
	int (*push_buffer)(struct hbk_chain *chain, enum hbk_chain_flow flow, struct hbk_buffer *buffer,
			   bool end);
	void (*resume)(struct hbk_chain *chain);
	bool (*is_due)(const struct hbk_chain *chain, enum hbk_chain_flow flow);
	void (*failed)(struct hbk_chain *chain, u32 index);
	void (*close)(struct hbk_chain *chain, enum hbk_proxy_peer peer);
	void (*release)(struct hbk_chain *chain);
};

extern const struct hbk_chain_ops hbk_chain_raw;
extern const struct hbk_chain_ops hbk_chain_http;

/**
 * struct hbk_chain - see above
 * @env: where it lives
 * @owner: the environment's own
 * @ops: the mode
 * @state: the mode's own
 * @out: what has passed all filters of a flow
 * @out_ended: nothing more comes after it
 * @in_ended: the end was pushed in
 * @failed: a filter failed that must not: the connection is to end at once
 * @closing: a filter asked for the end: what is in @out goes, then the connection ends
 * @closed: hbk_chain_close() was called
 * @count: of links
 */
struct hbk_chain {
	struct hbk_proxy_env *env;
	void *owner;
	const struct hbk_chain_ops *ops;
	void *state;
	struct hbk_buffer out[HBK_CHAIN_FLOWS];
	bool out_ended[HBK_CHAIN_FLOWS];
	bool in_ended[HBK_CHAIN_FLOWS];
	bool failed;
	bool closing;
	bool closed;
	u32 count;
	struct hbk_link links[];
};

/*
 * on_context_create and on_new_connection of each filter. NULL without memory, or with more than HBK_PROXY_CHAIN_MAX
 * entries. Look at hbk_chain_has_failed() and hbk_chain_wants_close() afterwards.
 */
struct hbk_chain *hbk_chain_create(struct hbk_proxy_env *env, const struct hbk_chain_entry *entries,
				   u32 count, enum hbk_chain_mode mode, void *owner);

/* How many bytes it takes now. Less may be pushed, not more; 0: the sender has to wait. */
size_t hbk_chain_room(const struct hbk_chain *chain, enum hbk_chain_flow flow);

/*
 * Runs the filters on what arrived; @end: nothing comes after it. 0; -EIO: the chain has failed; -ENOMEM: likewise.
 * Bytes for the other flow may come out as well (a local response). Once it closes, bytes are thrown away.
 */
int hbk_chain_push(struct hbk_chain *chain, enum hbk_chain_flow flow, const void *data, size_t length,
		   bool end);

/* The same with all that is in a buffer of the environment's heap, which is empty afterwards. */
int hbk_chain_push_buffer(struct hbk_chain *chain, enum hbk_chain_flow flow, struct hbk_buffer *buffer,
			  bool end);

/* Does what is pushed just go through? No bytes of the flow are held or wait to be taken, and it comes to no end yet. */
static inline bool hbk_chain_is_clear(const struct hbk_chain *chain, enum hbk_chain_flow flow)
{
	return !chain->out[flow].length && !chain->out_ended[flow] && !chain->failed && !chain->closing &&
	       !chain->closed && !chain->ops->held(chain, flow);
}

/* What filters allowed meanwhile, after ops->wake_chain(). 0 or -EIO, as hbk_chain_push(). */
int hbk_chain_resume(struct hbk_chain *chain);

static inline const u8 *hbk_chain_out(const struct hbk_chain *chain, enum hbk_chain_flow flow,
				      size_t *length)
{
	*length = chain->out[flow].length;
	return hbk_buffer_data(&chain->out[flow]);
}

static inline void hbk_chain_out_consume(struct hbk_chain *chain, enum hbk_chain_flow flow, size_t length)
{
	hbk_buffer_consume(&chain->out[flow], length);
}

/* At most @most bytes of the out-queue, to the end of a buffer of the environment's heap. 0, or as hbk_buffer_append(). */
static inline int hbk_chain_out_move(struct hbk_chain *chain, enum hbk_chain_flow flow, struct hbk_buffer *to,
				     size_t most)
{
	struct hbk_buffer *out = &chain->out[flow];
	int err;

	if (out->length <= most)
		return hbk_buffer_move(to, out);
	err = hbk_buffer_append(to, hbk_buffer_data(out), most);
	if (!err)
		hbk_buffer_consume(out, most);
	return err;
}

/* Nothing follows what is in the out-queue. */
static inline bool hbk_chain_out_ended(const struct hbk_chain *chain, enum hbk_chain_flow flow)
{
	return chain->out_ended[flow];
}

static inline bool hbk_chain_has_failed(const struct hbk_chain *chain)
{
	return chain->failed;
}

/* Send what is in the out-queues, then end the connection: hbk_chain_close(chain, HBK_PROXY_PEER_LOCAL). */
static inline bool hbk_chain_wants_close(const struct hbk_chain *chain)
{
	return chain->closing;
}

/* Is more to come of what has begun in a flow: of a request that has not arrived as a whole? Never in raw mode. */
bool hbk_chain_is_due(const struct hbk_chain *chain, enum hbk_chain_flow flow);

/* The connection has ended: *_connection_close, on_done, on_log, on_delete of each filter. Once is enough. */
void hbk_chain_close(struct hbk_chain *chain, enum hbk_proxy_peer peer);
/* After hbk_chain_close(), or instead of it (then with an unknown peer). */
void hbk_chain_free(struct hbk_chain *chain);

/* For modes. The filter of link @index has failed: the chain fails, or the link is bypassed. */
void hbk_chain_link_failed(struct hbk_chain *chain, u32 index, enum hbk_wasm_trap trap);

#endif /* _HBK_PROXY_CHAIN_H */
