// SPDX-License-Identifier: GPL-2.0-only
/*
 * What filters import.  An instance that is a VM gets core/proxy's own
 * functions.  Guests are loaded before they are filters: all that the host has
 * is offered to them by name, and answers, where there is no VM, that it is not
 * there.  WASI is wasm.ko's where there is no VM.
 */
#include "filter_env.h"

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../core/proxy/hostcall.h"
#include "inject.h"

/* wasm.ko has these for all guests. */
static const char *const hosts_common[] = { "abort", "emscripten_notify_memory_growth" };

struct hbk_host_module hbk_filter_hosts[HBK_FILTER_HOSTS] = {
	{ .name = "env" },
	{ .name = "wasi_snapshot_preview1" },
	{ .name = "wasi_unstable" },
};

static struct hbk_host_module hosts_absent = { .name = "env" };

/**
 * hbk_vm_of() - the VM that an instance belongs to
 * @core: imports from hbk_filter_hosts
 */
struct hbk_vm *hbk_vm_of(struct hbk_wasm_instance *core)
{
	return hbk_guest_data(hbk_guest_of(core));
}

static enum hbk_wasm_trap hosts_answer_absent(struct hbk_wasm_instance *core, void *data,
					      u64 *values)
{
	values[0] = HBK_PROXY_UNIMPLEMENTED;
	return HBK_WASM_TRAP_NONE;
}

static struct hbk_host_function *hosts_table(const struct hbk_hostcall *rows, u32 count)
{
	struct hbk_host_function *table = HBK_INJECT(FILTER_HOSTS) ? NULL :
					  kcalloc(count, sizeof(*table), GFP_KERNEL);
	u32 i;

	for (i = 0; table && i < count; i++)
		table[i] = (struct hbk_host_function){
			.name = rows[i].name, .signature = rows[i].signature,
			.call = hbk_hostcall_run, .contexts = HBK_GUEST_ANYWHERE,
			.data = (void *)&rows[i],
		};
	return table;
}

/* The same names, without a VM. */
static int hosts_make_absent(void)
{
	const struct hbk_host_module *env = &hbk_filter_hosts[0];
	struct hbk_host_function *table = HBK_INJECT(FILTER_HOSTS) ? NULL :
					  kcalloc(env->count, sizeof(*table), GFP_KERNEL);
	u32 i, used = 0;

	if (!table)
		return -ENOMEM;
	for (i = 0; i < env->count; i++) {
		if (match_string(hosts_common, ARRAY_SIZE(hosts_common),
				 env->functions[i].name) >= 0)
			continue;
		table[used] = env->functions[i];
		table[used].call = hosts_answer_absent;
		table[used++].data = NULL;
	}
	hosts_absent.functions = table;
	hosts_absent.count = used;
	return 0;
}

static void hosts_free(void)
{
	kfree(hosts_absent.functions);
	kfree(hbk_filter_hosts[0].functions);
	kfree(hbk_filter_hosts[1].functions);
}

/**
 * hbk_filter_hosts_init() - offer what filters import
 *
 * Return: 0, -ENOMEM, or -EEXIST where somebody else offers some of it.
 */
int hbk_filter_hosts_init(void)
{
	struct hbk_host_module *env = &hbk_filter_hosts[0], *wasi = &hbk_filter_hosts[1];
	int err = -ENOMEM;

	env->functions = hosts_table(hbk_hostcalls_env, hbk_hostcalls_env_count);
	env->count = hbk_hostcalls_env_count;
	wasi->functions = hosts_table(hbk_hostcalls_wasi, hbk_hostcalls_wasi_count);
	wasi->count = hbk_hostcalls_wasi_count;
	hbk_filter_hosts[2].functions = wasi->functions;
	hbk_filter_hosts[2].count = wasi->count;
	if (env->functions && wasi->functions)
		err = hosts_make_absent();
	if (!err)
		err = hbk_host_register(&hosts_absent);
	if (err)
		hosts_free();
	return err;
}

/**
 * hbk_filter_hosts_exit() - take it back; guests that import it are unloaded
 *
 * No instance of them is left: this module is the only one that makes any,
 * and those that filters had went with the rule-set.
 */
void hbk_filter_hosts_exit(void)
{
	hbk_host_unregister(&hosts_absent);
	hosts_free();
}
