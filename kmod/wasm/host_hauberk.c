// SPDX-License-Identifier: GPL-2.0-only
/*
 * "hauberk": what a BPF program would have as helpers. Of the task that runs
 * just now, which on a data path need not be the one that owns the connection.
 * Nothing sleeps but hauberk.random of many bytes.
 */
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <linux/uidgid.h>

#include "host.h"
#include "log.h"
#include "random.h"

/* level, text, length: the level is for the reader, as text. */
static enum hbk_wasm_trap hauberk_log(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	static const char * const levels[] = { "error", "warning", "info", "debug" };
	u32 level = values[0], length = values[2];
	const char *text = hbk_guest_memory(core, values[1], length);
	char line[HBK_LOG_LINE_MAX];
	int used;

	if (!text)
		return HBK_WASM_TRAP_MEMORY_BOUNDS;
	used = scnprintf(line, sizeof(line), "%s: %.*s",
			 level < ARRAY_SIZE(levels) ? levels[level] : "debug",
			 (int)min_t(u32, length, sizeof(line)), text);
	hbk_log_write(hbk_guest_of_instance(hbk_guest_of(core)), line, used);
	return HBK_WASM_TRAP_NONE;
}

static enum hbk_wasm_trap hauberk_time(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	values[0] = ktime_get_real_ns();
	return HBK_WASM_TRAP_NONE;
}

static enum hbk_wasm_trap hauberk_monotonic(struct hbk_wasm_instance *core, void *data,
					    u64 *values)
{
	values[0] = ktime_get_ns();
	return HBK_WASM_TRAP_NONE;
}

static enum hbk_wasm_trap hauberk_random(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	return hbk_random_fill(core, values[0], values[1]);
}

static enum hbk_wasm_trap hauberk_cpu(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	values[0] = raw_smp_processor_id();
	return HBK_WASM_TRAP_NONE;
}

static enum hbk_wasm_trap hauberk_pid(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	values[0] = (u32)task_pid_nr(current);
	return HBK_WASM_TRAP_NONE;
}

static enum hbk_wasm_trap hauberk_tgid(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	values[0] = (u32)task_tgid_nr(current);
	return HBK_WASM_TRAP_NONE;
}

static enum hbk_wasm_trap hauberk_uid(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	values[0] = from_kuid(&init_user_ns, current_uid());
	return HBK_WASM_TRAP_NONE;
}

/* address, room: writes the name without a NUL, as far as there is room; the name's length. */
static enum hbk_wasm_trap hauberk_comm(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	u32 room = values[1];
	u8 *to = hbk_guest_memory(core, values[0], room);
	char comm[TASK_COMM_LEN];
	u32 length;

	if (!to)
		return HBK_WASM_TRAP_MEMORY_BOUNDS;
	get_task_comm(comm, current);
	length = strlen(comm);
	memcpy(to, comm, min(room, length));
	values[0] = length;
	return HBK_WASM_TRAP_NONE;
}

/* Of cgroup v2; 0 where there is none. */
static enum hbk_wasm_trap hauberk_cgroup(struct hbk_wasm_instance *core, void *data, u64 *values)
{
#ifdef CONFIG_CGROUPS
	rcu_read_lock();
	values[0] = cgroup_id(task_dfl_cgroup(current));
	rcu_read_unlock();
#else
	values[0] = 0;
#endif
	return HBK_WASM_TRAP_NONE;
}

static const struct hbk_host_function functions[] = {
	{ "log", "v(iii)", hauberk_log, HBK_GUEST_ANYWHERE },
	{ "time", "I()", hauberk_time, HBK_GUEST_ANYWHERE },
	{ "monotonic_time", "I()", hauberk_monotonic, HBK_GUEST_ANYWHERE },
	{ "random", "v(ii)", hauberk_random, HBK_GUEST_ANYWHERE },
	{ "cpu", "i()", hauberk_cpu, HBK_GUEST_IN_RUN | HBK_GUEST_IN_STREAM },
	{ "pid", "i()", hauberk_pid, HBK_GUEST_IN_RUN | HBK_GUEST_IN_STREAM },
	{ "tgid", "i()", hauberk_tgid, HBK_GUEST_IN_RUN | HBK_GUEST_IN_STREAM },
	{ "uid", "i()", hauberk_uid, HBK_GUEST_IN_RUN | HBK_GUEST_IN_STREAM },
	{ "comm", "i(ii)", hauberk_comm, HBK_GUEST_IN_RUN | HBK_GUEST_IN_STREAM },
	{ "cgroup_id", "I()", hauberk_cgroup, HBK_GUEST_IN_RUN | HBK_GUEST_IN_STREAM },
};

struct hbk_host_module hbk_host_hauberk = {
	.name = "hauberk",
	.functions = functions,
	.count = ARRAY_SIZE(functions),
};
