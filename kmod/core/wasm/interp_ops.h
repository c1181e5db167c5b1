/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the interpreter's instructions ask of us: all that may take long, sleep
 * or allocate is here, out of line, and built without vector registers.
 */
#ifndef _HBK_WASM_INTERP_OPS_H
#define _HBK_WASM_INTERP_OPS_H

#include "bulk.h"

/* Calls what is not code of @instance; @frame has room for results, then has the arguments. */
enum hbk_wasm_trap hbk_interp_call_out(struct hbk_wasm_instance *instance,
				       const struct hbk_wasm_function *function, u64 *frame);

/* Why call_indirect finds nothing to call. */
enum hbk_wasm_trap hbk_interp_table_trap(const struct hbk_wasm_instance *instance, u32 table,
					 const struct hbk_wasm_type *type, u32 index);

/* The result in the low half, a trap in the high one: no address of a local is taken, so calls stay jumps. */
u64 hbk_interp_memory_grow(struct hbk_wasm_instance *instance, u32 pages);
u64 hbk_interp_table_grow(struct hbk_wasm_instance *instance, u32 table, u64 value, u32 entries);

enum hbk_wasm_trap hbk_interp_memory_init(struct hbk_wasm_instance *instance, u32 segment, u32 memory,
					  u32 to, u32 from, u32 length);

#endif /* _HBK_WASM_INTERP_OPS_H */
