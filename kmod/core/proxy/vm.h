/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A running instance of a guest as a proxy-wasm VM with one plugin (its root
 * context) and any number of stream contexts.
 *
 * The environment makes the guest's instance, then the VM, then starts it:
 *	hbk_vm_init, hbk_vm_start ... hbk_vm_shutdown, hbk_vm_release
 * A VM whose guest trapped is poisoned: nothing in it is called any more. Its
 * chains are woken and each stream fails as its link says.
 *
 * Context: what is said here takes the VM's lock by itself where it says so;
 * all of it may sleep.
 */
#ifndef _HBK_PROXY_VM_H
#define _HBK_PROXY_VM_H

#include "../wasm/module.h"
#include "buffer.h"
#include "env.h"

struct hbk_hub_space;
struct hbk_link;
struct hbk_map;

#define HBK_VM_BUCKETS		64	/* of the table of contexts */
#define HBK_CALLBACK_VALUES	8	/* room for the arguments of a callback */

/**
 * struct hbk_vm_config - what a filter is to be; copied
 * @name: the filter's, for the log and plugin_name
 * @vm_id: whom it shares data with; the name if NULL
 * @root_id: plugin_root_id; may be NULL
 * @vm: VM configuration
 * @vm_length: bytes of it
 * @plugin: plugin configuration
 * @plugin_length: bytes of it
 * @budget: instructions of a callback; 0 for HBK_PROXY_BUDGET
 */
struct hbk_vm_config {
	const char *name;
	const char *vm_id;
	const char *root_id;
	const void *vm;
	u32 vm_length;
	const void *plugin;
	u32 plugin_length;
	u64 budget;
};

/* A property that a guest has set. */
struct hbk_property {
	struct hbk_property *next;
	u32 path_length;
	u32 length;
	u8 bytes[];		/* path, value */
};

enum hbk_context_kind {
	HBK_CONTEXT_ROOT,
	HBK_CONTEXT_STREAM,
};

/**
 * struct hbk_context - what a guest knows by a number
 * @next: in the VM's table
 * @vm: whose
 * @id: unique in the VM for all its life
 * @kind: enum hbk_context_kind
 * @created: proxy_on_context_create has returned
 * @pending: proxy_on_done answered no: proxy_done is to come
 * @finished: proxy_done was called
 * @properties: set by the guest
 * @property_count: how many
 */
struct hbk_context {
	struct hbk_context *next;
	struct hbk_vm *vm;
	u32 id;
	u8 kind;
	bool created;
	bool pending;
	bool finished;
	struct hbk_property *properties;
	u32 property_count;
};

/* What the callback that runs just now may look at besides its stream. */
struct hbk_vm_view {
	struct hbk_buffer *buffers[HBK_PROXY_BUFFERS];	/* read-only ones: configurations, a call's body */
	struct hbk_map *maps[HBK_PROXY_MAPS];		/* read-only ones: a call's headers and trailers */
	u32 status;			/* proxy_get_status */
	const char *message;
};

/**
 * struct hbk_vm - see above
 * @env: where it lives
 * @owner: the environment's own
 * @module: the guest's
 * @core: the guest's instance
 * @abi: 200 or 201: 0.2.0 or 0.2.1
 * @callbacks: index of each exported callback, or HBK_WASM_NO_INDEX
 * @budget: instructions of a callback
 * @space: what it shares
 * @root: the plugin's context
 * @contexts: all contexts by id
 * @stream_count: of them
 * @links: of the chains that it serves
 * @lingering: streams whose connection has ended and who are not done, oldest first
 * @running: whose callback runs; NULL: none
 * @effective: whom the host calls act on: @running unless the guest chose another
 * @calls: ids of HTTP calls without an answer; 0 where there is none
 * @poisoned: it trapped, and why
 */
struct hbk_vm {
	struct hbk_proxy_env *env;
	void *owner;
	const struct hbk_wasm_module *module;
	struct hbk_wasm_instance *core;
	u32 abi;
	u32 callbacks[HBK_CALLBACKS];
	u64 budget;
	char name[HBK_PROXY_ID_MAX + 1];
	char vm_id[HBK_PROXY_ID_MAX + 1];
	char root_id[HBK_PROXY_ID_MAX + 1];
	struct hbk_buffer vm_configuration;
	struct hbk_buffer plugin_configuration;
	struct hbk_hub_space *space;
	struct hbk_context root;
	struct hbk_context *contexts[HBK_VM_BUCKETS];
	u32 last_context;
	u32 stream_count;
	struct hbk_link *links;
	struct hbk_stream *lingering;
	u32 lingering_count;
	struct hbk_context *running;
	struct hbk_context *effective;
	struct hbk_vm_view view;
	u32 calls[HBK_PROXY_CALLS_MAX];
	u32 last_call;
	enum hbk_wasm_trap poisoned;
	bool starting;		/* before proxy_on_context_create: only logging and WASI are allowed */
	bool allocating;	/* in malloc: only logging is allowed */
	bool configured;
	bool sweeping;		/* lingering streams are being finished */
	bool root_done;		/* proxy_done was called for the root */
};

/*
 * 0; -EPROTO: no known ABI version; -EINVAL: no allocator, or an export of another type, or a configuration too long;
 * -ENOMEM. @why gets a static sentence. Nothing runs yet. @core may be set later, before hbk_vm_start().
 */
int hbk_vm_init(struct hbk_vm *vm, struct hbk_proxy_env *env, const struct hbk_wasm_module *module,
		struct hbk_wasm_instance *core, const struct hbk_vm_config *config, const char **why);

/*
 * _initialize and main or _start, the root context, proxy_on_vm_start, proxy_on_configure. Takes the VM's lock.
 * 0; -EIO: it trapped (vm->poisoned); -EINVAL: one of the latter two said no; @why gets a static sentence.
 */
int hbk_vm_start(struct hbk_vm *vm, const char **why);

/* Each takes the VM's lock, and does nothing in a poisoned VM. */
void hbk_vm_tick(struct hbk_vm *vm);
void hbk_vm_run_pending(struct hbk_vm *vm);
void hbk_vm_queue_ready(struct hbk_vm *vm, u32 queue);
void hbk_vm_foreign_function(struct hbk_vm *vm, u32 function, const void *arguments, u32 length);

/**
 * struct hbk_http_call - a call out; nothing of it outlives ops->http_call()
 * @id: answer with this
 * @upstream: a name of the rule-set's; not NUL-terminated
 * @headers: with :method, :path and :authority
 * @trailers: may be empty
 */
struct hbk_http_call {
	u32 id;
	const char *upstream;
	u32 upstream_length;
	const struct hbk_map *headers;
	const u8 *body;
	u32 body_length;
	const struct hbk_map *trailers;
	u32 timeout_ms;
};

/* The answer to call @id, unless it is unknown. @headers include :status, which proxy_get_status tells. Takes the lock. */
void hbk_vm_http_response(struct hbk_vm *vm, u32 id, struct hbk_map *headers, struct hbk_buffer *body,
			  struct hbk_map *trailers);
/* There is none: proxy_on_http_call_response with num_headers 0; @message is for proxy_get_status: "timeout". */
void hbk_vm_http_failed(struct hbk_vm *vm, u32 id, const char *message);

/*
 * proxy_on_done for the root. True: hbk_vm_release() may follow. False: the guest wants time; vm->root_done becomes true
 * when it called proxy_done, and hbk_vm_release() is allowed before as well. Takes the lock. No stream may be left but
 * lingering ones.
 */
bool hbk_vm_shutdown(struct hbk_vm *vm);
/* proxy_on_delete for what is left, then all its memory; not the guest's instance. Also after hbk_vm_init() alone. */
void hbk_vm_release(struct hbk_vm *vm);

/*
 * For the host's own parts, with the VM's lock held.
 */

/*
 * Runs a callback for @context. Return: its result; 0 if it has none, is not exported, or trapped: look at
 * vm->poisoned.
 */
u32 hbk_vm_call(struct hbk_vm *vm, struct hbk_context *context, enum hbk_callback callback,
		const u32 *arguments, u32 count);
static inline bool hbk_vm_has(const struct hbk_vm *vm, enum hbk_callback callback)
{
	return vm->callbacks[callback] != HBK_WASM_NO_INDEX;
}

/* -EUSERS: too many. */
int hbk_context_add(struct hbk_vm *vm, struct hbk_context *context, enum hbk_context_kind kind);
void hbk_context_remove(struct hbk_context *context);
struct hbk_context *hbk_context_find(struct hbk_vm *vm, u32 id);
int hbk_context_set_property(struct hbk_context *context, const void *path, u32 path_length,
			     const void *value, u32 length);
const struct hbk_property *hbk_context_property(const struct hbk_context *context, const void *path,
						u32 length);

static inline void hbk_vm_lock(struct hbk_vm *vm)
{
	vm->env->ops->lock(vm);
}

static inline void hbk_vm_unlock(struct hbk_vm *vm)
{
	vm->env->ops->unlock(vm);
}

#endif /* _HBK_PROXY_VM_H */
