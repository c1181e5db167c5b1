// SPDX-License-Identifier: GPL-2.0-only
#include "idle.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../wasm/error.h"

static void vm_none(struct hbk_vm *vm)
{
	(void)vm;
}

static void log_text(struct hbk_vm *vm, enum hbk_proxy_log_level level, const char *text, u32 length)
{
	(void)vm;
	(void)level;
	(void)text;
	(void)length;
}

static enum hbk_proxy_log_level log_level(struct hbk_vm *vm)
{
	(void)vm;
	return HBK_PROXY_CRITICAL;
}

static u64 clock_ns(struct hbk_vm *vm, bool monotonic)
{
	(void)vm;
	return monotonic + 1;
}

static void random_bytes(struct hbk_vm *vm, void *to, u32 length)
{
	(void)vm;
	memset(to, 0, length);
}

static int property(struct hbk_vm *vm, struct hbk_stream *stream, const char *path, u32 length,
		    struct hbk_buffer *value)
{
	(void)vm;
	(void)stream;
	(void)path;
	(void)length;
	(void)value;
	return -ENOENT;
}

static int http_call(struct hbk_vm *vm, const struct hbk_http_call *call)
{
	(void)vm;
	(void)call;
	return -ENOENT;
}

static void tick(struct hbk_vm *vm, u32 milliseconds)
{
	(void)vm;
	(void)milliseconds;
}

static void wake_chain(struct hbk_chain *chain)
{
	(void)chain;
}

static void end_program(struct hbk_chain *chain, u32 index, enum hbk_wasm_trap trap, bool bypassed)
{
	(void)chain;
	(void)bypassed;
	fprintf(stderr, "filter %u failed: %s\n", index, hbk_wasm_trap_name(trap));
	exit(1);
}

const struct hbk_proxy_ops tool_idle_ops = {
	.lock = vm_none,
	.unlock = vm_none,
	.log = log_text,
	.log_level = log_level,
	.clock = clock_ns,
	.random = random_bytes,
	.property = property,
	.http_call = http_call,
	.tick = tick,
	.wake_chain = wake_chain,
	.wake_vm = vm_none,
	.failed = end_program,
};
