/* SPDX-License-Identifier: GPL-2.0-only */
/* The trace of a trial: lines of text, as docs/proxy-wasm.md has them. */
#ifndef _HBK_PROXY_TRACE_H
#define _HBK_PROXY_TRACE_H

#include "buffer.h"
#include "hostcall.h"

/**
 * struct hbk_trace - what a trial has written down
 * @lines: finished ones
 * @open: lines that are not finished yet, in one another: a call within a call
 * @full: something had no room
 */
struct hbk_trace {
	struct hbk_buffer *lines;
	struct hbk_buffer open;
	bool full;
};

#define HBK_TRACE_REFUSED	0xffffffffu	/* instead of a status */

/* Where an unfinished line begins in @open. */
size_t hbk_trace_begin(struct hbk_trace *trace);
void hbk_trace_text(struct hbk_trace *trace, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void hbk_trace_bytes(struct hbk_trace *trace, const void *bytes, size_t length);
void hbk_trace_end(struct hbk_trace *trace, size_t begin);

void hbk_trace_line(struct hbk_trace *trace, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

size_t hbk_trace_call_begin(struct hbk_vm *vm, const struct hbk_hostcall *row, const u64 *values);
void hbk_trace_call_end(struct hbk_vm *vm, const struct hbk_hostcall *row, const u64 *arguments,
			u32 status, enum hbk_wasm_trap trap, size_t begin);
void hbk_trace_callback(struct hbk_vm *vm, const char *name, const u32 *arguments, u32 count,
			const u32 *result, enum hbk_wasm_trap trap);

#endif /* _HBK_PROXY_TRACE_H */
