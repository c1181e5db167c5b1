// SPDX-License-Identifier: GPL-2.0-only
/*
 * "wasi_snapshot_preview1" and "wasi_unstable": as much of the system interface
 * as a program needs that computes and prints. No files, no arguments, no
 * environment; what it writes to descriptors 1 and 2 goes to the log of guests.
 * An address that is not the guest's own is answered with EFAULT, not a trap.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/time64.h>

#include "host.h"
#include "log.h"
#include "random.h"

enum wasi_errno {
	WASI_SUCCESS	= 0,
	WASI_BADF	= 8,
	WASI_FAULT	= 21,
	WASI_INVAL	= 28,
	WASI_SPIPE	= 70,
};

enum {
	WASI_CLOCK_REALTIME	= 0,
	WASI_CLOCK_MONOTONIC	= 1,
	WASI_CHARACTER_DEVICE	= 2,
	WASI_RIGHT_FD_WRITE	= 1 << 6,

	WASI_IOVEC_MAX		= 1024,
	WASI_IOVEC_SIZE		= 8,
	WASI_FDSTAT_SIZE	= 24,
};

static enum hbk_wasm_trap answer(u64 *values, enum wasi_errno code)
{
	values[0] = code;
	return HBK_WASM_TRAP_NONE;
}

static bool put_u32(struct hbk_wasm_instance *core, u32 address, u32 value)
{
	u8 *to = hbk_guest_memory(core, address, sizeof(value));

	if (to)
		put_unaligned_le32(value, to);
	return to;
}

static bool put_u64(struct hbk_wasm_instance *core, u32 address, u64 value)
{
	u8 *to = hbk_guest_memory(core, address, sizeof(value));

	if (to)
		put_unaligned_le64(value, to);
	return to;
}

static bool is_output(u64 descriptor)
{
	return descriptor == 1 || descriptor == 2;
}

static enum hbk_wasm_trap proc_exit(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	core->exit_status = values[0];
	return HBK_WASM_TRAP_EXIT;
}

/* What a program writes at once, gathered as far as a line of the log has room. */
struct gathering {
	char line[HBK_LOG_LINE_MAX];
	u32 length;
	u32 total;
};

static enum wasi_errno gather(struct hbk_wasm_instance *core, const u8 *vector,
			      struct gathering *gathering)
{
	u32 length = get_unaligned_le32(vector + 4), room = HBK_LOG_LINE_MAX - gathering->length;
	const u8 *bytes = hbk_guest_memory(core, get_unaligned_le32(vector), length);

	if (!bytes)
		return WASI_FAULT;
	if (length > U32_MAX - gathering->total)
		return WASI_INVAL;
	gathering->total += length;
	length = min(length, room);
	memcpy(gathering->line + gathering->length, bytes, length);
	gathering->length += length;
	return WASI_SUCCESS;
}

/* descriptor, vectors, their number, where the number of bytes goes */
static enum hbk_wasm_trap fd_write(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	struct gathering gathering = { };
	u32 count = values[2], i;
	enum wasi_errno code;
	const u8 *vectors;

	if (!is_output(values[0]))
		return answer(values, WASI_BADF);
	if (count > WASI_IOVEC_MAX)
		return answer(values, WASI_INVAL);
	vectors = hbk_guest_memory(core, values[1], count * WASI_IOVEC_SIZE);
	if (!vectors)
		return answer(values, WASI_FAULT);
	for (i = 0; i < count; i++) {
		code = gather(core, vectors + i * WASI_IOVEC_SIZE, &gathering);
		if (code)
			return answer(values, code);
	}
	if (!put_u32(core, values[3], gathering.total))
		return answer(values, WASI_FAULT);
	hbk_log_write(hbk_guest_of_instance(hbk_guest_of(core)), gathering.line, gathering.length);
	return answer(values, WASI_SUCCESS);
}

/* descriptor, vectors, their number, where the number of bytes goes: always at the end */
static enum hbk_wasm_trap fd_read(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	if (values[0] != 0)
		return answer(values, WASI_BADF);
	return answer(values, put_u32(core, values[3], 0) ? WASI_SUCCESS : WASI_FAULT);
}

static enum hbk_wasm_trap fd_seek(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	return answer(values, values[0] <= 2 ? WASI_SPIPE : WASI_BADF);
}

static enum hbk_wasm_trap fd_close(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	return answer(values, values[0] <= 2 ? WASI_SUCCESS : WASI_BADF);
}

/* descriptor, where to: type, flags, rights, rights inherited */
static enum hbk_wasm_trap fd_fdstat_get(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	u8 *to = hbk_guest_memory(core, values[1], WASI_FDSTAT_SIZE);

	if (values[0] > 2)
		return answer(values, WASI_BADF);
	if (!to)
		return answer(values, WASI_FAULT);
	memset(to, 0, WASI_FDSTAT_SIZE);
	to[0] = WASI_CHARACTER_DEVICE;
	if (is_output(values[0]))
		put_unaligned_le64(WASI_RIGHT_FD_WRITE, to + 8);
	return answer(values, WASI_SUCCESS);
}

/* There are no folders that it begins with: this is how a program finds out. */
static enum hbk_wasm_trap fd_prestat(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	return answer(values, WASI_BADF);
}

static bool clock_read(u64 clock, u64 *ns)
{
	switch (clock) {
	case WASI_CLOCK_REALTIME:
		*ns = ktime_get_real_ns();
		return true;
	case WASI_CLOCK_MONOTONIC:
		*ns = ktime_get_ns();
		return true;
	default:
		return false;
	}
}

/* clock, precision, where to */
static enum hbk_wasm_trap clock_time(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	u64 ns;

	if (!clock_read(values[0], &ns))
		return answer(values, WASI_INVAL);
	return answer(values, put_u64(core, values[2], ns) ? WASI_SUCCESS : WASI_FAULT);
}

/* clock, where to */
static enum hbk_wasm_trap clock_res(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	u64 ns;

	if (!clock_read(values[0], &ns))
		return answer(values, WASI_INVAL);
	return answer(values, put_u64(core, values[1], 1) ? WASI_SUCCESS : WASI_FAULT);
}

static enum hbk_wasm_trap random_get(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	enum hbk_wasm_trap trap = hbk_random_fill(core, values[0], values[1]);

	if (trap == HBK_WASM_TRAP_MEMORY_BOUNDS)
		return answer(values, WASI_FAULT);
	return trap ?: answer(values, WASI_SUCCESS);
}

/* args_sizes_get, environ_sizes_get: how many, how many bytes */
static enum hbk_wasm_trap none_sizes(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	bool put = put_u32(core, values[0], 0) && put_u32(core, values[1], 0);

	return answer(values, put ? WASI_SUCCESS : WASI_FAULT);
}

/* args_get, environ_get: there are none to write */
static enum hbk_wasm_trap none_get(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	return answer(values, WASI_SUCCESS);
}

static enum hbk_wasm_trap yield_cpu(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	cond_resched();
	return answer(values, WASI_SUCCESS);
}

static const struct hbk_host_function functions[] = {
	{ "proc_exit", "v(i)", proc_exit, HBK_GUEST_ANYWHERE },
	{ "fd_write", "i(iiii)", fd_write, HBK_GUEST_ANYWHERE },
	{ "fd_read", "i(iiii)", fd_read, HBK_GUEST_ANYWHERE },
	{ "fd_seek", "i(iIii)", fd_seek, HBK_GUEST_ANYWHERE },
	{ "fd_close", "i(i)", fd_close, HBK_GUEST_ANYWHERE },
	{ "fd_fdstat_get", "i(ii)", fd_fdstat_get, HBK_GUEST_ANYWHERE },
	{ "fd_prestat_get", "i(ii)", fd_prestat, HBK_GUEST_ANYWHERE },
	{ "fd_prestat_dir_name", "i(iii)", fd_prestat, HBK_GUEST_ANYWHERE },
	{ "clock_time_get", "i(iIi)", clock_time, HBK_GUEST_ANYWHERE },
	{ "clock_res_get", "i(ii)", clock_res, HBK_GUEST_ANYWHERE },
	{ "random_get", "i(ii)", random_get, HBK_GUEST_ANYWHERE },
	{ "args_sizes_get", "i(ii)", none_sizes, HBK_GUEST_ANYWHERE },
	{ "args_get", "i(ii)", none_get, HBK_GUEST_ANYWHERE },
	{ "environ_sizes_get", "i(ii)", none_sizes, HBK_GUEST_ANYWHERE },
	{ "environ_get", "i(ii)", none_get, HBK_GUEST_ANYWHERE },
	{ "sched_yield", "i()", yield_cpu, HBK_GUEST_IN_START | HBK_GUEST_IN_RUN },
};

struct hbk_host_module hbk_host_wasi = {
	.name = "wasi_snapshot_preview1",
	.functions = functions,
	.count = ARRAY_SIZE(functions),
};

/* An older name of the same: where its functions differ, they are not among these. */
struct hbk_host_module hbk_host_wasi_unstable = {
	.name = "wasi_unstable",
	.functions = functions,
	.count = ARRAY_SIZE(functions),
};
