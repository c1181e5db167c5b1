// SPDX-License-Identifier: GPL-2.0-only
#include "vm.h"

#include "../wasm/instance.h"
#include "callback.h"
#include "chain.h"
#include "hub.h"
#include "stream.h"
#include "trace.h"

static const struct {
	const char *name;
	u32 abi;
} versions[] = {
	{ "proxy_abi_version_0_2_0", 200 },
	{ "proxy_abi_version_0_2_1", 201 },
};

static u32 abi_of(const struct hbk_wasm_module *module)
{
	const struct hbk_wasm_export *found;
	u32 abi = 0;
	size_t i;

	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		found = hbk_wasm_export_find(module, versions[i].name, strlen(versions[i].name));
		if (found && found->kind == HBK_WASM_KIND_FUNCTION)
			abi = versions[i].abi;
	}
	return abi;
}

static bool find_callback(struct hbk_vm *vm, enum hbk_callback callback)
{
	const struct hbk_callback_row *row = &hbk_callback_rows[callback];
	const struct hbk_wasm_export *found;

	vm->callbacks[callback] = HBK_WASM_NO_INDEX;
	found = hbk_wasm_export_find(vm->module, row->name, strlen(row->name));
	if (!found || found->kind != HBK_WASM_KIND_FUNCTION)
		return true;
	vm->callbacks[callback] = found->index;
	return hbk_wasm_signature_matches(row->signature,
					  hbk_wasm_function_type(vm->module, found->index));
}

static int find_callbacks(struct hbk_vm *vm, const char **why)
{
	enum hbk_callback callback;

	for (callback = 0; callback < HBK_CALLBACKS; callback++) {
		if (!find_callback(vm, callback)) {
			*why = "a callback that it exports has another type than it should";
			return -EINVAL;
		}
	}
	if (!hbk_vm_has(vm, HBK_CALLBACK_MEMORY_ALLOCATE) && !hbk_vm_has(vm, HBK_CALLBACK_MALLOC)) {
		*why = "it exports neither proxy_on_memory_allocate nor malloc";
		return -EINVAL;
	}
	return 0;
}

static int copy_id(char *to, const char *from, const char **why)
{
	size_t length = from ? strlen(from) : 0;

	if (length > HBK_PROXY_ID_MAX) {
		*why = "a name of it is too long";
		return -EINVAL;
	}
	if (length)
		memcpy(to, from, length);
	to[length] = '\0';
	return 0;
}

static int copy_config(struct hbk_vm *vm, const struct hbk_vm_config *config, const char **why)
{
	int err;

	if (config->vm_length > HBK_PROXY_CONFIG_MAX ||
	    config->plugin_length > HBK_PROXY_CONFIG_MAX) {
		*why = "its configuration is too long";
		return -EINVAL;
	}
	err = copy_id(vm->name, config->name, why);
	if (!err)
		err = copy_id(vm->vm_id, config->vm_id ? config->vm_id : config->name, why);
	if (!err)
		err = copy_id(vm->root_id, config->root_id, why);
	if (err)
		return err;
	*why = "not enough memory for its configuration";
	err = hbk_buffer_append(&vm->vm_configuration, config->vm, config->vm_length);
	if (!err)
		err = hbk_buffer_append(&vm->plugin_configuration, config->plugin,
					config->plugin_length);
	return err;
}

/**
 * hbk_vm_init() - make a VM of an instance, see vm.h
 * @vm: filled; hbk_vm_release() gives back what it holds, also after a failure
 * @env: where it lives
 * @module: the guest's
 * @core: its instance; may follow
 * @config: what it is to be
 * @why: gets a sentence if it cannot be
 */
int hbk_vm_init(struct hbk_vm *vm, struct hbk_proxy_env *env, const struct hbk_wasm_module *module,
		struct hbk_wasm_instance *core, const struct hbk_vm_config *config, const char **why)
{
	int err;

	memset(vm, 0, sizeof(*vm));
	vm->env = env;
	vm->module = module;
	vm->core = core;
	vm->budget = config->budget ? config->budget : HBK_PROXY_BUDGET;
	vm->starting = true;
	hbk_buffer_init(&vm->vm_configuration, env->heap, HBK_PROXY_CONFIG_MAX);
	hbk_buffer_init(&vm->plugin_configuration, env->heap, HBK_PROXY_CONFIG_MAX);
	vm->abi = abi_of(module);
	if (!vm->abi) {
		*why = "it exports neither proxy_abi_version_0_2_0 nor proxy_abi_version_0_2_1";
		return -EPROTO;
	}
	err = find_callbacks(vm, why);
	if (!err)
		err = copy_config(vm, config, why);
	if (err)
		return err;
	vm->space = hbk_hub_space_get(env->hub, vm->vm_id, strlen(vm->vm_id));
	if (!vm->space) {
		*why = "there are too many vm_ids, or not enough memory";
		return -ENOMEM;
	}
	return 0;
}

/* The guest is not called again. Whoever waits for it is told, and news of queues go to the next VM that wants them. */
static void poison(struct hbk_vm *vm, enum hbk_wasm_trap trap)
{
	struct hbk_link *link;

	vm->poisoned = trap;
	hbk_hub_queue_forget(vm->env->hub, vm);
	for (link = vm->links; link; link = link->next)
		vm->env->ops->wake_chain(link->chain);
}

static struct hbk_stream *next_finished(struct hbk_vm *vm)
{
	struct hbk_stream *stream = vm->lingering;

	while (stream && !stream->context.finished)
		stream = stream->next_lingering;
	return stream;
}

/* Streams for which proxy_done was called, now that no callback runs. */
static void sweep(struct hbk_vm *vm)
{
	struct hbk_stream *stream;

	if (vm->sweeping)
		return;
	vm->sweeping = true;
	while (!vm->poisoned && (stream = next_finished(vm)))
		hbk_stream_finalise(stream);
	vm->sweeping = false;
}

static bool has_result(enum hbk_callback callback)
{
	return hbk_callback_rows[callback].signature[0] != 'v';
}

u32 hbk_vm_call(struct hbk_vm *vm, struct hbk_context *context, enum hbk_callback callback,
		const u32 *arguments, u32 count)
{
	u64 values[HBK_CALLBACK_VALUES] = { 0 };
	enum hbk_wasm_trap trap;
	u32 result, i;

	if (vm->poisoned || !hbk_vm_has(vm, callback))
		return 0;
	for (i = 0; i < count; i++)
		values[i] = arguments[i];
	vm->running = context;
	vm->effective = context;
	trap = vm->env->ops->call(vm, vm->callbacks[callback], values,
				  vm->configured ? vm->budget : HBK_PROXY_START_BUDGET);
	vm->running = NULL;
	vm->effective = NULL;
	vm->allocating = false;
	result = values[0];
	if (vm->env->trace)
		hbk_trace_callback(vm, hbk_callback_rows[callback].name, arguments, count,
				   has_result(callback) ? &result : NULL, trap);
	if (trap) {
		poison(vm, trap);
		return 0;
	}
	sweep(vm);
	return result;
}
