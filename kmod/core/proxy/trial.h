/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A trial: an event script runs against one plugin and gives a trace. The text
 * of both is in docs/proxy-wasm.md. Clock and random bytes are virtual.
 */
#ifndef _HBK_PROXY_TRIAL_H
#define _HBK_PROXY_TRIAL_H

#include "vm.h"

/**
 * struct hbk_trial_engine - how a trial comes by an instance of its guest
 * @module: the guest's
 * @make: makes an instance whose hbk_vm_of() is @vm and starts it; sets vm->core; the trap of its start function, or
 *	HBK_WASM_TRAP_HOST when there is none for another reason
 * @destroy: the reverse
 * @call: as in struct hbk_proxy_ops
 * @memory: likewise
 * @heap: pays
 * @data: the engine's own; vm->owner while a trial runs is the trial, whose first member is this struct's address
 */
struct hbk_trial_engine {
	const struct hbk_wasm_module *module;
	enum hbk_wasm_trap (*make)(const struct hbk_trial_engine *engine, struct hbk_vm *vm);
	void (*destroy)(const struct hbk_trial_engine *engine, struct hbk_vm *vm);
	enum hbk_wasm_trap (*call)(struct hbk_vm *vm, u32 function, u64 *values, u64 budget);
	void *(*memory)(const struct hbk_wasm_instance *core, u32 offset, u32 length);
	struct hbk_wasm_heap *heap;
	void *data;
};

/*
 * Runs @script; appends the trace, lines with a newline, to @trace. 0; -EINVAL: the script is not one (the trace's last
 * line says where); -ENOMEM; -E2BIG. May sleep; takes no lock.
 */
int hbk_trial_run(const struct hbk_trial_engine *engine, const char *script, size_t length,
		  struct hbk_buffer *trace);

#endif /* _HBK_PROXY_TRIAL_H */
