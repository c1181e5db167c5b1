/* SPDX-License-Identifier: GPL-2.0-only */
/* The bare engine under a trial, in user space. */
#ifndef _HBK_PROXY_TOOL_ENGINE_H
#define _HBK_PROXY_TOOL_ENGINE_H

#include "../../wasm/error.h"
#include "../../wasm/instance.h"
#include "../trial.h"

/**
 * struct tool_heap - malloc(), and what is allocated from it just now
 * @left: allocations that still succeed; negative for no end of them
 */
struct tool_heap {
	struct hbk_wasm_heap heap;
	size_t used;
	long left;
};

void tool_heap_init(struct tool_heap *heap);

/**
 * struct tool_engine - a module that instances are made of
 * @engine: for hbk_trial_run(); first
 * @module: validated
 * @code: the interpreter's
 * @why: what is wrong with the module
 */
struct tool_engine {
	struct hbk_trial_engine engine;
	struct tool_heap heap;
	struct hbk_wasm_module module;
	const void *code;
	char why[2 * HBK_WASM_ERROR_TEXT];
};

/* The bytes stay. 0, or not, and @engine->why tells; tool_engine_close() either way. */
int tool_engine_open(struct tool_engine *engine, const void *bytes, size_t size);
void tool_engine_close(struct tool_engine *engine);

/* As struct hbk_proxy_ops has them, for VMs whose core was made here. */
enum hbk_wasm_trap tool_make(const struct hbk_trial_engine *engine, struct hbk_vm *vm);
void tool_destroy(const struct hbk_trial_engine *engine, struct hbk_vm *vm);
enum hbk_wasm_trap tool_call(struct hbk_vm *vm, u32 function, u64 *values, u64 budget);
void *tool_memory(const struct hbk_wasm_instance *core, u32 offset, u32 length);

#endif /* _HBK_PROXY_TOOL_ENGINE_H */
