/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wasm.ko, for the kernel code that hosts guests.
 *
 * A guest is a module that was loaded: validated, its imports found, prepared
 * to run. Its code is shared and read-only. An instance is one running copy of
 * it: memory, tables and globals of its own. A pool keeps instances for reuse.
 *
 * Contexts: everything here may sleep and wants process context, no lock held
 * that forbids to sleep and no FPU section open, unless it says otherwise. A
 * guest runs on a stack of its own, so that the caller's is hardly touched.
 *
 * Lifetimes: an instance and a pool hold their guest. An instance holds the host
 * modules that it imports from, a guest the compiled guest that it runs. Whoever
 * holds any of these calls this header's functions, so wasm.ko stays loaded.
 *
 * Users compile with -I kmod/include and are built beside kmod/core.
 */
#ifndef _HAUBERK_WASM_H
#define _HAUBERK_WASM_H

#include <linux/bits.h>
#include <linux/list.h>
#include <linux/types.h>

#include "../../core/wasm/engine.h"
#include "../../core/wasm/module.h"

struct module;

#define HBK_GUEST_NAME		64	/* bytes of a name, the final NUL included */
#define HBK_GUEST_TEXT		4096	/* bytes of an error's text, the final NUL included */
#define HBK_GUEST_SHA256	32

/* Flags of a guest. */
#define HBK_GUEST_NO_FLOATS	BIT(0)	/* refuse a module that uses floating point */
#define HBK_GUEST_INTERPRET	BIT(1)	/* interpret it even if it is there compiled */
#define HBK_GUEST_FLAGS		(HBK_GUEST_NO_FLOATS | HBK_GUEST_INTERPRET)

struct hbk_guest;
struct hbk_guest_instance;
struct hbk_guest_pool;

/**
 * struct hbk_guest_error - why a module was refused; too large for a stack
 * @offset:	where in the module's bytes, or HBK_GUEST_NOWHERE
 * @function:	index of the function it is in, or HBK_GUEST_NOWHERE
 * @text:	a sentence; of unknown imports each one, separated by ", "
 */
struct hbk_guest_error {
	u32 offset;
	u32 function;
	char text[HBK_GUEST_TEXT];
};

#define HBK_GUEST_NOWHERE	U32_MAX

/* Where a call comes from: what a host function may be called from is a mask of these. */
enum hbk_guest_context {
	HBK_GUEST_IN_START	= BIT(0),	/* instantiation: the start function */
	HBK_GUEST_IN_RUN	= BIT(1),	/* a person asked for it; may be slow */
	HBK_GUEST_IN_STREAM	= BIT(2),	/* a connection's data wait for it */
};

#define HBK_GUEST_ANYWHERE	(HBK_GUEST_IN_START | HBK_GUEST_IN_RUN | HBK_GUEST_IN_STREAM)

/**
 * struct hbk_guest_run - one call into a guest
 * @context:	in: where it comes from
 * @fuel:	in: how many instructions it may take; 0 is the module's limit
 * @trial:	in: a trap is what somebody wants to see, and nothing against the guest
 * @used:	out: how many it was charged for
 * @ns:		out: how long it took; looked at for HBK_GUEST_IN_RUN only, else 0
 * @trap:	out: what stopped it (hbk_wasm_trap_name() has its name), 0 if nothing did
 */
struct hbk_guest_run {
	enum hbk_guest_context context;
	u64 fuel;
	bool trial;
	u64 used;
	u64 ns;
	enum hbk_wasm_trap trap;
};

/**
 * struct hbk_guest_info - what a guest is and how it fares, at one moment
 * @name:	its name
 * @sha256:	of the module's bytes
 * @size:	of the module, in bytes
 * @flags:	HBK_GUEST_*
 * @compiled:	it runs as machine code, not interpreted
 * @quarantined: it trapped too often and is not called any more
 * @floats:	it uses floating point
 * @loaded_ns:	when it was loaded (CLOCK_REALTIME)
 * @memory:	bytes charged to it: bytes, code, instances
 * @instances:	how many there are
 * @calls:	how many calls were made into it
 * @traps:	how many of them trapped
 * @fuel:	instructions charged for, all in all
 */
struct hbk_guest_info {
	char name[HBK_GUEST_NAME];
	u8 sha256[HBK_GUEST_SHA256];
	u32 size;
	u32 flags;
	bool compiled;
	bool quarantined;
	bool floats;
	u64 loaded_ns;
	u64 memory;
	u32 instances;
	u64 calls;
	u64 traps;
	u64 fuel;
};

/* Guests. A name is 1 to HBK_GUEST_NAME - 1 printable characters without a space. */
int hbk_guest_load(const char *name, const void *bytes, size_t size, u32 flags,
		   struct hbk_guest_error *error);
int hbk_guest_unload(const char *name);
struct hbk_guest *hbk_guest_find(const char *name);
struct hbk_guest *hbk_guest_next(struct hbk_guest *after);
void hbk_guest_put(struct hbk_guest *guest);
void hbk_guest_describe(struct hbk_guest *guest, struct hbk_guest_info *info);
const struct hbk_wasm_module *hbk_guest_module(const struct hbk_guest *guest);
int hbk_guest_export(const struct hbk_guest *guest, const char *name, u32 *function);
const struct hbk_wasm_type *hbk_guest_signature(const struct hbk_guest *guest, u32 function);

/* Instances. One thread at a time uses one. */
struct hbk_guest_instance *hbk_guest_instance_new(struct hbk_guest *guest, void *data,
						  struct hbk_guest_run *run,
						  struct hbk_guest_error *error);
struct hbk_host_module;

struct hbk_guest_instance *
hbk_guest_instance_new_on(struct hbk_guest *guest, const struct hbk_host_module *hosts,
			  u32 host_count, void *data, struct hbk_guest_run *run,
			  struct hbk_guest_error *error);
void hbk_guest_instance_free(struct hbk_guest_instance *instance);
/*
 * @values are the arguments, then the results: room for whichever are more. 0, or -EIO and run->trap says which trap, or
 * -ESHUTDOWN in quarantine, -EBUSY while another call runs, -EDEADLK out of a guest, -EINTR or -ENOMEM before it ran.
 */
int hbk_guest_call(struct hbk_guest_instance *instance, u32 function, u64 *values,
		   struct hbk_guest_run *run);
bool hbk_guest_is_poisoned(const struct hbk_guest_instance *instance);

/* Pools. */
enum hbk_guest_pool_kind {
	HBK_GUEST_POOL_CPU,	/* an instance for each CPU, shared by all that run there */
	HBK_GUEST_POOL_TAKER,	/* a fresh instance for each taker: nobody sees another's data */
};

/* @max bounds how many instances there are at once; -EUSERS beyond. */

struct hbk_guest_pool *hbk_guest_pool_new(struct hbk_guest *guest, enum hbk_guest_pool_kind kind,
					  u32 max, void *data);
void hbk_guest_pool_free(struct hbk_guest_pool *pool);
struct hbk_guest_instance *hbk_guest_pool_take(struct hbk_guest_pool *pool,
					       struct hbk_guest_run *run);
void hbk_guest_pool_give(struct hbk_guest_pool *pool, struct hbk_guest_instance *instance);

/**
 * struct hbk_host_function - a function that guests may import
 * @name:	as guests name it
 * @signature:	the result or v, then the parameters: "i(iI)", "v()"; i is i32, I i64, f f32, F f64
 * @call:	what does it, see engine.h; hbk_guest_of() leads to the instance
 * @contexts:	mask of enum hbk_guest_context; called from elsewhere the guest traps
 * @data:	for @call
 */
struct hbk_host_function {
	const char *name;
	const char *signature;
	hbk_wasm_host_call call;
	u32 contexts;
	void *data;
};

/**
 * struct hbk_host_module - the functions of one name space, a table
 * @name:	as guests name it
 * @functions:	the table
 * @count:	how many functions
 * @owner:	THIS_MODULE; held by each instance of a guest that imports from it; NULL: none
 * @node:	the registry's
 */
struct hbk_host_module {
	const char *name;
	const struct hbk_host_function *functions;
	u32 count;
	struct module *owner;
	struct list_head node;
};

int hbk_host_register(struct hbk_host_module *host);
void hbk_host_unregister(struct hbk_host_module *host);

/* For host functions. Never sleep. hbk_guest_memory() answers NULL where the guest has no such bytes. */
void *hbk_guest_memory(const struct hbk_wasm_instance *core, u32 offset, u32 length);
struct hbk_guest_instance *hbk_guest_of(struct hbk_wasm_instance *core);
void *hbk_guest_data(const struct hbk_guest_instance *instance);
struct hbk_wasm_instance *hbk_guest_core(const struct hbk_guest_instance *instance);
struct hbk_guest *hbk_guest_of_instance(const struct hbk_guest_instance *instance);

/*
 * Compiled guests, see core/wasm/compiled.h: the .ko of one registers it when it is loaded, with THIS_MODULE, and
 * takes it back when it goes. Each guest that runs it holds the .ko. Guests that were loaded before go on as they are.
 */
struct hbk_wasm_compiled;

int hbk_compiled_register(const struct hbk_wasm_compiled *compiled, struct module *owner);
void hbk_compiled_unregister(const struct hbk_wasm_compiled *compiled);

enum hbk_guest_event {
	HBK_GUEST_LOADED,
	HBK_GUEST_UNLOADED,
	HBK_GUEST_QUARANTINED,
};

/**
 * struct hbk_guest_watcher - who wants to know of guests
 * @told:	called in process context; must neither sleep for long nor call into this header,
 *		but for hbk_guest_describe()
 * @node:	the registry's
 */
struct hbk_guest_watcher {
	void (*told)(enum hbk_guest_event event, struct hbk_guest *guest);
	struct list_head node;
};

void hbk_guest_watch(struct hbk_guest_watcher *watcher);
void hbk_guest_unwatch(struct hbk_guest_watcher *watcher);

/*
 * The log of guests: what they said last, a bounded number of bytes, rate-limited for each guest.
 * Reads up to @size bytes of whole lines from @position on, moves @position past them and returns
 * how many; what has been overwritten meanwhile is skipped.
 */
size_t hbk_guest_log_read(u64 *position, char *to, size_t size);
/* Any context but hard interrupt. */
void hbk_guest_log_write(struct hbk_guest *guest, const void *text, size_t length);

#endif /* _HAUBERK_WASM_H */
