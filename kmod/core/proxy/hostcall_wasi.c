// SPDX-License-Identifier: GPL-2.0-only
/*
 * As much of WASI as libraries of languages call by themselves. No files, no
 * arguments, no environment; what is written to descriptors 1 and 2 is logged.
 */
#include "hostcall_private.h"

enum {
	CLOCK_REALTIME_ID	= 0,
	CLOCK_MONOTONIC_ID	= 1,
	ERRNO_NOENT		= 44,
	ERRNO_SPIPE		= 70,
	CHARACTER_DEVICE	= 2,
	RIGHT_FD_WRITE		= 1 << 6,
	FDSTAT_SIZE		= 24,
	IOVEC_SIZE		= 8,
	DESCRIPTORS		= 3,
	RANDOM_PRICE		= 4,	/* times what copying a byte costs */
	VECTOR_PRICE		= 128,	/* as many bytes copied as looking at one vector */
};

static bool is_output(u64 descriptor)
{
	return descriptor == 1 || descriptor == 2;
}

static HBK_HOSTCALL(proc_exit)
{
	vm->core->exit_status = values[0];
	*trap = HBK_WASM_TRAP_EXIT;
	return HBK_PROXY_WASI_SUCCESS;
}

/* Gathers what is to be logged, as far as it is; counts all. */
static u32 gather(struct hbk_vm *vm, u32 vectors, u32 count, struct hbk_buffer *text, u32 *total)
{
	const u8 *vector = hbk_hostcall_memory(vm, vectors, count * IOVEC_SIZE), *bytes;
	u32 length;

	if (!vector)
		return HBK_PROXY_WASI_FAULT;
	for (; count; count--, vector += IOVEC_SIZE) {
		length = get_unaligned_le32(vector + 4);
		bytes = hbk_hostcall_memory(vm, get_unaligned_le32(vector), length);
		if (!bytes)
			return HBK_PROXY_WASI_FAULT;
		if (length > 0xffffffffu - *total)
			return HBK_PROXY_WASI_INVAL;
		*total += length;
		if (length > text->cap - text->length)
			length = text->cap - text->length;
		if (hbk_buffer_append(text, bytes, length))
			return HBK_PROXY_WASI_INVAL;
	}
	return HBK_PROXY_WASI_SUCCESS;
}

static void log_text(struct hbk_vm *vm, u32 descriptor, const struct hbk_buffer *text)
{
	u32 length = text->length;

	if (length && hbk_buffer_data(text)[length - 1] == '\n')
		length--;
	if (text->length)
		vm->env->ops->log(vm, descriptor == 1 ? HBK_PROXY_INFO : HBK_PROXY_ERROR,
				  (const char *)hbk_buffer_data(text), length);
}

/* descriptor, vectors, their number, where the number of bytes goes */
static HBK_HOSTCALL(fd_write)
{
	struct hbk_buffer text;
	u32 total = 0, code;

	if (!is_output(values[0]))
		return HBK_PROXY_WASI_BADF;
	if ((u32)values[2] > HBK_PROXY_IOVEC_MAX)
		return HBK_PROXY_WASI_INVAL;
	if (!hbk_hostcall_pay(vm, (u64)(u32)values[2] * VECTOR_PRICE, trap))
		return HBK_PROXY_WASI_INVAL;
	hbk_buffer_init(&text, vm->env->heap, HBK_PROXY_LOG_MAX);
	code = gather(vm, values[1], values[2], &text, &total);
	if (!code && !hbk_hostcall_memory(vm, values[3], 4))
		code = HBK_PROXY_WASI_FAULT;
	if (!code) {
		log_text(vm, values[0], &text);
		hbk_hostcall_put32(vm, values[3], total);
	}
	hbk_buffer_release(&text);
	return code;
}

/* descriptor, vectors, their number, where the number of bytes goes: always at the end */
static HBK_HOSTCALL(fd_read)
{
	(void)trap;
	if ((u32)values[0])
		return HBK_PROXY_WASI_BADF;
	if (!hbk_hostcall_memory(vm, values[3], 4))
		return HBK_PROXY_WASI_FAULT;
	hbk_hostcall_put32(vm, values[3], 0);
	return HBK_PROXY_WASI_SUCCESS;
}

static HBK_HOSTCALL(fd_seek)
{
	HBK_HOSTCALL_UNUSED();
	return (u32)values[0] < DESCRIPTORS ? (u32)ERRNO_SPIPE : (u32)HBK_PROXY_WASI_BADF;
}

static HBK_HOSTCALL(fd_close)
{
	HBK_HOSTCALL_UNUSED();
	return (u32)values[0] < DESCRIPTORS ? HBK_PROXY_WASI_SUCCESS : HBK_PROXY_WASI_BADF;
}

/* descriptor, where to: type, flags, rights, rights inherited */
static HBK_HOSTCALL(fd_fdstat_get)
{
	u8 *to = hbk_hostcall_memory(vm, values[1], FDSTAT_SIZE);

	(void)trap;
	if ((u32)values[0] >= DESCRIPTORS)
		return HBK_PROXY_WASI_BADF;
	if (!to)
		return HBK_PROXY_WASI_FAULT;
	memset(to, 0, FDSTAT_SIZE);
	to[0] = CHARACTER_DEVICE;
	if (is_output(values[0]))
		put_unaligned_le64(RIGHT_FD_WRITE, to + 8);
	return HBK_PROXY_WASI_SUCCESS;
}

/* There are no folders that it begins with: this is how a program finds out. */
static HBK_HOSTCALL(fd_prestat)
{
	HBK_HOSTCALL_UNUSED();
	return HBK_PROXY_WASI_BADF;
}

/* fd_fdstat_set_flags: they mean nothing here */
static HBK_HOSTCALL(fd_set_flags)
{
	HBK_HOSTCALL_UNUSED();
	return (u32)values[0] < DESCRIPTORS ? HBK_PROXY_WASI_SUCCESS : HBK_PROXY_WASI_BADF;
}

static HBK_HOSTCALL(path_open)
{
	HBK_HOSTCALL_UNUSED();
	return ERRNO_NOENT;
}

static HBK_HOSTCALL(path_filestat)
{
	HBK_HOSTCALL_UNUSED();
	return HBK_PROXY_WASI_NOTSUP;
}

/* subscriptions, events, their number, where the number of events goes: none. Go's runtime calls it to sleep. */
static HBK_HOSTCALL(poll)
{
	(void)trap;
	if (!hbk_hostcall_memory(vm, values[3], 4))
		return HBK_PROXY_WASI_FAULT;
	hbk_hostcall_put32(vm, values[3], 0);
	return HBK_PROXY_WASI_SUCCESS;
}

static u32 give_clock(struct hbk_vm *vm, u32 clock, u32 to, u64 value)
{
	if (clock != CLOCK_REALTIME_ID && clock != CLOCK_MONOTONIC_ID)
		return HBK_PROXY_WASI_NOTSUP;
	if (!hbk_hostcall_memory(vm, to, 8))
		return HBK_PROXY_WASI_FAULT;
	hbk_hostcall_put64(vm, to, value);
	return HBK_PROXY_WASI_SUCCESS;
}

/* clock, precision, where to */
static HBK_HOSTCALL(clock_time)
{
	(void)trap;
	return give_clock(vm, values[0], values[2],
			  vm->env->ops->clock(vm, values[0] == CLOCK_MONOTONIC_ID));
}

/* clock, where to */
static HBK_HOSTCALL(clock_res)
{
	(void)trap;
	return give_clock(vm, values[0], values[1], 1);
}

static HBK_HOSTCALL(random)
{
	u8 *to = hbk_hostcall_memory(vm, values[0], values[1]);

	if (!to)
		return HBK_PROXY_WASI_FAULT;
	if ((u32)values[1] > HBK_PROXY_RANDOM_MAX)
		return HBK_PROXY_WASI_INVAL;
	if (!hbk_hostcall_pay(vm, (u64)(u32)values[1] * RANDOM_PRICE, trap))
		return HBK_PROXY_WASI_INVAL;
	vm->env->ops->random(vm, to, values[1]);
	return HBK_PROXY_WASI_SUCCESS;
}

/* args_sizes_get, environ_sizes_get: how many, how many bytes */
static HBK_HOSTCALL(no_sizes)
{
	(void)trap;
	if (!hbk_hostcall_memory(vm, values[0], 4) || !hbk_hostcall_memory(vm, values[1], 4))
		return HBK_PROXY_WASI_FAULT;
	hbk_hostcall_put32(vm, values[0], 0);
	hbk_hostcall_put32(vm, values[1], 0);
	return HBK_PROXY_WASI_SUCCESS;
}

/* args_get, environ_get: there are none to write; sched_yield: fuel sees to it */
static HBK_HOSTCALL(nothing)
{
	HBK_HOSTCALL_UNUSED();
	return HBK_PROXY_WASI_SUCCESS;
}

#define ROW(name, signature, roles, call) \
	{ name, signature, roles, 0, HBK_HOSTCALL_IN_START | HBK_HOSTCALL_WASI, 100, call }

const struct hbk_hostcall hbk_hostcalls_wasi[] = {
	ROW("proc_exit", "v(i)", "n", proc_exit),
	ROW("fd_write", "i(iiii)", "nxx4", fd_write),
	ROW("fd_read", "i(iiii)", "nxx4", fd_read),
	ROW("fd_seek", "i(iIii)", "nNnx", fd_seek),
	ROW("fd_close", "i(i)", "n", fd_close),
	ROW("fd_fdstat_get", "i(ii)", "nx", fd_fdstat_get),
	ROW("fd_fdstat_set_flags", "i(ii)", "nn", fd_set_flags),
	ROW("fd_filestat_get", "i(ii)", "nx", fd_prestat),
	ROW("fd_prestat_get", "i(ii)", "nx", fd_prestat),
	ROW("fd_prestat_dir_name", "i(iii)", "nxx", fd_prestat),
	ROW("path_open", "i(iiiiiIIii)", "nnxxnNNnx", path_open),
	ROW("path_filestat_get", "i(iiiii)", "nnxxx", path_filestat),
	ROW("poll_oneoff", "i(iiii)", "xxn4", poll),
	ROW("clock_time_get", "i(iIi)", "nN8", clock_time),
	ROW("clock_res_get", "i(ii)", "n8", clock_res),
	ROW("random_get", "i(ii)", "xn", random),
	ROW("args_sizes_get", "i(ii)", "44", no_sizes),
	ROW("args_get", "i(ii)", "xx", nothing),
	ROW("environ_sizes_get", "i(ii)", "44", no_sizes),
	ROW("environ_get", "i(ii)", "xx", nothing),
	ROW("sched_yield", "i()", "", nothing),
};

const u32 hbk_hostcalls_wasi_count = sizeof(hbk_hostcalls_wasi) / sizeof(hbk_hostcalls_wasi[0]);
