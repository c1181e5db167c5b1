/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stream context: one filter on one connection (raw mode) or on one
 * exchange of a connection (HTTP mode). Its state is the VM's lock's.
 *
 * What a stream can do for its filter differs by mode: struct hbk_stream_ops.
 * Actions that a filter asks for are noted by the ops and carried out when its
 * callback has returned: by whoever called it if the stream is its chain's
 * current one, else by hbk_chain_resume() after ops->wake_chain(); the host
 * call sees to that wake.
 */
#ifndef _HBK_PROXY_STREAM_H
#define _HBK_PROXY_STREAM_H

#include "vm.h"

struct hbk_chain;
struct hbk_map;
struct hbk_stream;

/**
 * struct hbk_local_response - what proxy_send_local_response says; the callee copies
 * @status: HTTP status code
 * @details: for the log
 * @headers: further ones; NULL if none
 */
struct hbk_local_response {
	u32 status;
	const char *details;
	u32 details_length;
	const u8 *body;
	u32 body_length;
	const struct hbk_map *headers;
	u32 grpc_status;
};

/**
 * struct hbk_stream_ops - what a stream does for its filter; VM's lock held
 * @buffer: the buffer of this type; NULL: it is not available now
 * @map: the header map of this type; NULL: not available now. *@writable tells whether it may be changed now.
 * @carry_on: proxy_continue_stream: noted, not done
 * @close: proxy_close_stream: likewise
 * @respond: proxy_send_local_response: likewise
 * @property: what this mode knows by @path, appended to @value; -ENOENT: ask the environment; may be NULL
 * @release: gives the memory back that it is in; it is in no table any more
 */
struct hbk_stream_ops {
	struct hbk_buffer *(*buffer)(struct hbk_stream *stream, enum hbk_proxy_buffer type);
	struct hbk_map *(*map)(struct hbk_stream *stream, enum hbk_proxy_map type, bool *writable);
	enum hbk_proxy_status (*carry_on)(struct hbk_stream *stream,
					  enum hbk_proxy_stream_type type);
	enum hbk_proxy_status (*close)(struct hbk_stream *stream, enum hbk_proxy_stream_type type);
	enum hbk_proxy_status (*respond)(struct hbk_stream *stream,
					 const struct hbk_local_response *response);
	int (*property)(struct hbk_stream *stream, const char *path, u32 length,
			struct hbk_buffer *value);
	void (*release)(struct hbk_stream *stream);
};

/**
 * struct hbk_stream - see above; embedded first in what a mode needs
 * @context: what the guest knows it by
 * @ops: the mode's
 * @chain: NULL when the connection or the exchange has ended
 * @index: of its link in @chain
 * @next_lingering: see struct hbk_vm
 */
struct hbk_stream {
	struct hbk_context context;
	const struct hbk_stream_ops *ops;
	struct hbk_chain *chain;
	u32 index;
	struct hbk_stream *next_lingering;
};

/*
 * Adds the context, on_context_create. 0, -EUSERS, or -EIO: it trapped. Then it is in no table and has no chain, but its
 * ops, VM and index are set, so that its owner can find what to undo. VM's lock held.
 */
int hbk_stream_begin(struct hbk_stream *stream, const struct hbk_stream_ops *ops, struct hbk_vm *vm,
		     struct hbk_chain *chain, u32 index);
/* The end: on_done, on_log, on_delete, then ops->release; some of it later if the guest is not done. VM's lock held. */
void hbk_stream_end(struct hbk_stream *stream);

/* The rest of the end, for the VM: on_log and on_delete, then ops->release. */
void hbk_stream_finalise(struct hbk_stream *stream);

static inline struct hbk_stream *hbk_stream_of(struct hbk_context *context)
{
	return context && context->kind == HBK_CONTEXT_STREAM ? (struct hbk_stream *)context : NULL;
}

#endif /* _HBK_PROXY_STREAM_H */
