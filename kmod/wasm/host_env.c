// SPDX-License-Identifier: GPL-2.0-only
/*
 * "env": what small programs without a system interface print with, and what
 * compilers call by themselves. All of it writes to the log of guests and
 * nothing sleeps.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>

#include "host.h"
#include "log.h"

static struct hbk_guest *guest_of(struct hbk_wasm_instance *core)
{
	return hbk_guest_of_instance(hbk_guest_of(core));
}

static void print(struct hbk_wasm_instance *core, const char *format, u64 value)
{
	char line[32];
	int length = scnprintf(line, sizeof(line), format, value);

	hbk_log_write(guest_of(core), line, length);
}

static enum hbk_wasm_trap env_print_i32(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	print(core, "%lld", (s32)values[0]);
	return HBK_WASM_TRAP_NONE;
}

static enum hbk_wasm_trap env_print_i64(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	print(core, "%lld", values[0]);
	return HBK_WASM_TRAP_NONE;
}

/* AssemblyScript: message, file (addresses of its strings), line, column. */
static enum hbk_wasm_trap env_abort(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	char line[64];
	int length = scnprintf(line, sizeof(line), "abort at line %u, column %u", (u32)values[2],
			       (u32)values[3]);

	hbk_log_write(guest_of(core), line, length);
	return HBK_WASM_TRAP_UNREACHABLE;
}

static enum hbk_wasm_trap env_notify(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	return HBK_WASM_TRAP_NONE;
}

static const struct hbk_host_function functions[] = {
	{ "print_i32", "v(i)", env_print_i32, HBK_GUEST_ANYWHERE },
	{ "print_i64", "v(I)", env_print_i64, HBK_GUEST_ANYWHERE },
	{ "abort", "v(iiii)", env_abort, HBK_GUEST_ANYWHERE },
	{ "emscripten_notify_memory_growth", "v(i)", env_notify, HBK_GUEST_ANYWHERE },
};

struct hbk_host_module hbk_host_env = {
	.name = "env",
	.functions = functions,
	.count = ARRAY_SIZE(functions),
};
