// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scripts that nobody would write, run against the probe, whose configuration
 * is a program of host calls: so this fuzzes those, too. HAUBERK_GUEST names
 * the probe's file.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../tool/engine.h"

#define BUDGET	100000		/* instructions of a callback: many short runs find more than few long ones */

static struct tool_engine tool;

static enum hbk_wasm_trap call(struct hbk_vm *vm, u32 function, u64 *values, u64 budget)
{
	return tool_call(vm, function, values, budget < BUDGET ? budget : BUDGET);
}

static void *read_guest(size_t *size)
{
	const char *path = getenv("HAUBERK_GUEST");
	FILE *stream = path ? fopen(path, "rb") : NULL;
	static u8 bytes[1 << 20];

	if (!stream) {
		fputs("HAUBERK_GUEST names no file\n", stderr);
		exit(2);
	}
	*size = fread(bytes, 1, sizeof(bytes), stream);
	fclose(stream);
	return bytes;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	size_t size;
	void *bytes = read_guest(&size);

	(void)argc;
	(void)argv;
	if (tool_engine_open(&tool, bytes, size)) {
		fprintf(stderr, "%s\n", tool.why);
		exit(2);
	}
	tool.engine.call = call;
	return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	size_t before = tool.heap.used;
	struct hbk_buffer trace;

	hbk_buffer_init(&trace, &tool.heap.heap, HBK_PROXY_TRACE_MAX);
	hbk_trial_run(&tool.engine, (const char *)data, size, &trace);
	hbk_buffer_release(&trace);
	if (tool.heap.used != before)
		abort();
	return 0;
}
