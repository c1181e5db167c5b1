/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the proxy-wasm host needs of where it runs: the kernel, the tool, a
 * unit test. Everything here is given by the environment and called by the
 * host.
 *
 * Locks, outermost first: the chain's (the environment takes it around each
 * hbk_chain_...() call), the VM's (ops->lock, taken by the host around each
 * callback and each look at a stream's state), the hub's. A guest runs with
 * its VM's lock held and, in the callbacks of a stream, its chain's. All of it
 * is process context and may sleep.
 */
#ifndef _HBK_PROXY_ENV_H
#define _HBK_PROXY_ENV_H

#include "../wasm/engine.h"
#include "../wasm/heap.h"
#include "abi.h"
#include "limits.h"

struct hbk_buffer;
struct hbk_chain;
struct hbk_http_call;
struct hbk_hub;
struct hbk_stream;
struct hbk_trace;
struct hbk_vm;

/**
 * struct hbk_proxy_ops - what an environment does
 * @call: runs @function of the guest from outside of any run, with a budget of
 *	instructions; arguments are in @values, the result replaces the first.
 *	Return: what stopped it, HBK_WASM_TRAP_NONE if nothing did. VM's lock held.
 * @memory: @length bytes of the guest's memory at @offset, or NULL where it has
 *	no such bytes. They may move when the guest runs. Never sleeps.
 * @lock: takes the VM's lock
 * @unlock: gives it back
 * @log: @text was said by the guest, or by the host of it. VM's lock held.
 * @log_level: what the guest need not say below; enum hbk_proxy_log_level
 * @clock: nanoseconds; @monotonic of the monotonic clock, else since 1970
 * @random: fills @to
 * @property: appends to @value what is known by @path: its parts separated by dots, no NUL in it nor behind it;
 *	@stream is NULL in the root context and after the connection's end. 0, -ENOENT, -ENOMEM, -E2BIG. VM's lock
 *	held. The host itself answers plugin_name, plugin_root_id, plugin_vm_id and what the filter has set.
 * @http_call: begins a call: copies what it needs of @call, answers later with hbk_vm_http_response() or
 *	hbk_vm_http_failed(), never from in here. 0, -ENOENT for an unknown upstream, or another errno.
 * @tick: the guest wants hbk_vm_tick() every @milliseconds from now on, but not more often than every
 *	HBK_PROXY_TICK_MIN; 0: no more. VM's lock held.
 * @wake_chain: something was done to a stream of @chain in another context than its own: hbk_chain_resume() is to be
 *	called soon, but not from in here. Some VM's lock is held or some chain's, the hub's not. Also while it closes.
 * @wake_vm: hbk_vm_run_pending() is to be called soon, but not from in here. The hub's lock is held, any VM's perhaps.
 * @failed: the filter of link @index has failed: it trapped (@trap), or there is no VM of it (HBK_WASM_TRAP_NONE);
 *	told once for each link of each chain, @bypassed when the chain goes on without it. Chain's lock held.
 *
 * All of them are there.
 */
struct hbk_proxy_ops {
	enum hbk_wasm_trap (*call)(struct hbk_vm *vm, u32 function, u64 *values, u64 budget);
	void *(*memory)(const struct hbk_wasm_instance *core, u32 offset, u32 length);
	void (*lock)(struct hbk_vm *vm);
	void (*unlock)(struct hbk_vm *vm);
	void (*log)(struct hbk_vm *vm, enum hbk_proxy_log_level level, const char *text, u32 length);
	enum hbk_proxy_log_level (*log_level)(struct hbk_vm *vm);
	u64 (*clock)(struct hbk_vm *vm, bool monotonic);
	void (*random)(struct hbk_vm *vm, void *to, u32 length);
	int (*property)(struct hbk_vm *vm, struct hbk_stream *stream, const char *path, u32 length,
			struct hbk_buffer *value);
	int (*http_call)(struct hbk_vm *vm, const struct hbk_http_call *call);
	void (*tick)(struct hbk_vm *vm, u32 milliseconds);
	void (*wake_chain)(struct hbk_chain *chain);
	void (*wake_vm)(struct hbk_vm *vm);
	void (*failed)(struct hbk_chain *chain, u32 index, enum hbk_wasm_trap trap, bool bypassed);
};

/**
 * struct hbk_proxy_env - where chains and VMs live
 * @ops: what it does
 * @heap: for chains, streams and their buffers, VMs
 * @hub: what guests share
 * @trace: of a trial; else NULL
 */
struct hbk_proxy_env {
	const struct hbk_proxy_ops *ops;
	struct hbk_wasm_heap *heap;
	struct hbk_hub *hub;
	struct hbk_trace *trace;
};

/**
 * hbk_vm_of() - the VM that an instance belongs to; the environment defines it
 * @core: that calls a host function
 */
struct hbk_vm *hbk_vm_of(struct hbk_wasm_instance *core);

#endif /* _HBK_PROXY_ENV_H */
