// SPDX-License-Identifier: GPL-2.0-only
/* The plugin of a VM: its root context from start to end, and what comes to it from outside of connections. */
#include "hub.h"
#include "map.h"
#include "stream.h"

#define CALL(vm, callback, ...) \
	hbk_vm_call(vm, &(vm)->root, callback, (const u32[]){ __VA_ARGS__ }, \
		    sizeof((const u32[]){ __VA_ARGS__ }) / sizeof(u32))

/* Only logging and WASI: there is no context yet. */
static void run_start_functions(struct hbk_vm *vm)
{
	if (!hbk_vm_has(vm, HBK_CALLBACK_INITIALIZE)) {
		hbk_vm_call(vm, NULL, HBK_CALLBACK_START, NULL, 0);
		return;
	}
	hbk_vm_call(vm, NULL, HBK_CALLBACK_INITIALIZE, NULL, 0);
	hbk_vm_call(vm, NULL, HBK_CALLBACK_MAIN, (const u32[]){ 0, 0 }, 2);
}

static bool configure(struct hbk_vm *vm, enum hbk_callback callback, enum hbk_proxy_buffer type,
		      struct hbk_buffer *configuration)
{
	bool good;

	if (!hbk_vm_has(vm, callback))
		return true;
	vm->view.buffers[type] = configuration;
	good = CALL(vm, callback, vm->root.id, configuration->length) & 1;
	vm->view.buffers[type] = NULL;
	return good;
}

static int start(struct hbk_vm *vm, const char **why)
{
	*why = "it trapped when it was started";
	run_start_functions(vm);
	if (vm->poisoned)
		return -EIO;
	vm->starting = false;
	hbk_context_add(vm, &vm->root, HBK_CONTEXT_ROOT);
	CALL(vm, HBK_CALLBACK_CONTEXT_CREATE, vm->root.id, 0);
	if (vm->poisoned)
		return -EIO;
	vm->root.created = true;
	if (!configure(vm, HBK_CALLBACK_VM_START, HBK_PROXY_VM_CONFIGURATION,
		       &vm->vm_configuration)) {
		if (!vm->poisoned)
			*why = "the plugin refused its VM configuration";
		return vm->poisoned ? -EIO : -EINVAL;
	}
	if (!configure(vm, HBK_CALLBACK_CONFIGURE, HBK_PROXY_PLUGIN_CONFIGURATION,
		       &vm->plugin_configuration)) {
		if (!vm->poisoned)
			*why = "the plugin refused its configuration";
		return vm->poisoned ? -EIO : -EINVAL;
	}
	vm->configured = true;
	return 0;
}

/**
 * hbk_vm_start() - from _initialize to proxy_on_configure, see vm.h
 * @vm: with its instance
 * @why: gets a sentence
 */
int hbk_vm_start(struct hbk_vm *vm, const char **why)
{
	int err;

	hbk_vm_lock(vm);
	err = start(vm, why);
	hbk_vm_unlock(vm);
	return err;
}

/**
 * hbk_vm_tick() - the period that the guest set has passed
 * @vm: the VM
 */
void hbk_vm_tick(struct hbk_vm *vm)
{
	hbk_vm_lock(vm);
	CALL(vm, HBK_CALLBACK_TICK, vm->root.id);
	hbk_vm_unlock(vm);
}

/**
 * hbk_vm_queue_ready() - a queue has news
 * @vm: the VM
 * @queue: its id
 */
void hbk_vm_queue_ready(struct hbk_vm *vm, u32 queue)
{
	hbk_vm_lock(vm);
	CALL(vm, HBK_CALLBACK_QUEUE_READY, vm->root.id, queue);
	hbk_vm_unlock(vm);
}

/**
 * hbk_vm_run_pending() - what ops->wake_vm() asked for
 * @vm: the VM
 *
 * A guest that enqueues for itself is called again by another wake, not in here for ever.
 */
void hbk_vm_run_pending(struct hbk_vm *vm)
{
	u32 rounds, queue;

	hbk_vm_lock(vm);
	for (rounds = 0; rounds < HBK_PROXY_QUEUES; rounds++) {
		queue = hbk_hub_queue_news(vm->env->hub, vm);
		if (!queue)
			break;
		CALL(vm, HBK_CALLBACK_QUEUE_READY, vm->root.id, queue);
	}
	hbk_vm_unlock(vm);
	if (rounds == HBK_PROXY_QUEUES)
		vm->env->ops->wake_vm(vm);
}

/**
 * hbk_vm_foreign_function() - the host calls the guest by number
 * @vm: the VM
 * @function: a number that both know
 * @arguments: bytes
 * @length: of them
 */
void hbk_vm_foreign_function(struct hbk_vm *vm, u32 function, const void *arguments, u32 length)
{
	struct hbk_buffer buffer = {
		.bytes = (u8 *)arguments, .room = length, .length = length, .cap = length,
	};

	hbk_vm_lock(vm);
	vm->view.buffers[HBK_PROXY_FOREIGN_ARGUMENTS] = &buffer;
	CALL(vm, HBK_CALLBACK_FOREIGN_FUNCTION, vm->root.id, function, length);
	vm->view.buffers[HBK_PROXY_FOREIGN_ARGUMENTS] = NULL;
	hbk_vm_unlock(vm);
}

/* The call is not waited for any more; false: it never was. */
static bool forget_call(struct hbk_vm *vm, u32 id)
{
	u32 i;

	for (i = 0; id && i < HBK_PROXY_CALLS_MAX; i++) {
		if (vm->calls[i] != id)
			continue;
		vm->calls[i] = 0;
		return true;
	}
	return false;
}

static u32 status_of(const struct hbk_map *headers)
{
	const struct hbk_map_pair *pair = hbk_map_find(headers, ":status", 7);
	u32 status = 0, i;

	for (i = 0; pair && i < pair->value_length && i < 3; i++)
		status = status * 10 + (pair->value[i] - '0');
	return status;
}

/**
 * hbk_vm_http_response() - the answer to a call, see vm.h
 * @vm: that made the call
 * @id: of the call
 * @headers: with :status
 * @body: the whole
 * @trailers: may be empty
 */
void hbk_vm_http_response(struct hbk_vm *vm, u32 id, struct hbk_map *headers, struct hbk_buffer *body,
			  struct hbk_map *trailers)
{
	struct hbk_vm_view *view = &vm->view;

	hbk_vm_lock(vm);
	if (forget_call(vm, id)) {
		view->buffers[HBK_PROXY_CALL_BODY] = body;
		view->maps[HBK_PROXY_CALL_HEADERS] = headers;
		view->maps[HBK_PROXY_CALL_TRAILERS] = trailers;
		view->status = status_of(headers);
		CALL(vm, HBK_CALLBACK_HTTP_CALL_RESPONSE, vm->root.id, id, headers->count,
		     body->length, trailers->count);
		memset(view, 0, sizeof(*view));
	}
	hbk_vm_unlock(vm);
}

/**
 * hbk_vm_http_failed() - a call has no answer, see vm.h
 * @vm: that made the call
 * @id: of the call
 * @message: why
 */
void hbk_vm_http_failed(struct hbk_vm *vm, u32 id, const char *message)
{
	hbk_vm_lock(vm);
	if (forget_call(vm, id)) {
		vm->view.message = message;
		CALL(vm, HBK_CALLBACK_HTTP_CALL_RESPONSE, vm->root.id, id, 0, 0, 0);
		vm->view.message = NULL;
	}
	hbk_vm_unlock(vm);
}

/**
 * hbk_vm_shutdown() - tell the plugin that it is to end, see vm.h
 * @vm: the VM
 */
bool hbk_vm_shutdown(struct hbk_vm *vm)
{
	bool done = true;

	hbk_vm_lock(vm);
	if (vm->root.created && hbk_vm_has(vm, HBK_CALLBACK_DONE) && !vm->poisoned)
		done = CALL(vm, HBK_CALLBACK_DONE, vm->root.id) & 1 || vm->poisoned;
	vm->root_done = done;
	vm->root.pending = !done;
	hbk_vm_unlock(vm);
	return done;
}

/**
 * hbk_vm_release() - the end of a VM, see vm.h
 * @vm: from hbk_vm_init(); once is enough
 */
void hbk_vm_release(struct hbk_vm *vm)
{
	struct hbk_proxy_env *env = vm->env;

	hbk_vm_lock(vm);
	while (vm->lingering)
		hbk_stream_finalise(vm->lingering);
	if (vm->root.created)
		CALL(vm, HBK_CALLBACK_DELETE, vm->root.id);
	if (vm->root.id)
		hbk_context_remove(&vm->root);
	vm->root = (struct hbk_context){};
	hbk_vm_unlock(vm);
	if (vm->space) {
		hbk_hub_queue_forget(env->hub, vm);
		hbk_hub_space_put(env->hub, vm->space);
	}
	vm->space = NULL;
	hbk_buffer_release(&vm->vm_configuration);
	hbk_buffer_release(&vm->plugin_configuration);
}
