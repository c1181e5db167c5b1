// SPDX-License-Identifier: GPL-2.0-only
/*
 * threads GUEST SECONDS
 *
 * Several threads make connections whose chains share two VMs, while another
 * one runs their timers and queues: under the thread sanitizer, with locks just
 * where env.h promises them. Every byte that went in has to come out again.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../../wasm/error.h"
#include "../../../wasm/instance.h"
#include "../../../wasm/interp.h"
#include "../../../wasm/validate.h"
#include "../../chain.h"
#include "../../hub.h"
#include "../../tool/idle.h"
#include "../../tool/link.h"
#include "../../vm.h"

#define WORKERS	4
#define VMS	2
#define SLOTS	16384
#define STACK	(1u << 20)

/* A VM and the lock of it; @woken: it wants hbk_vm_run_pending(). */
struct guest {
	struct hbk_vm vm;
	pthread_mutex_t lock;
	int woken;
	u64 slots[SLOTS];
};

/* A connection, which is one thread's. */
struct connection {
	struct hbk_chain *chain;
	int woken;
};

static struct hbk_wasm_module module;
static const void *code;
static struct guest guests[VMS];
static struct hbk_proxy_ops ops;
static struct hbk_proxy_env env;
static struct hbk_hub hub;
static pthread_mutex_t hub_lock = PTHREAD_MUTEX_INITIALIZER;
static int stop;
static u64 connections;

static void *allocate(struct hbk_wasm_heap *heap, size_t size)
{
	(void)heap;
	return calloc(1, size);
}

static void *resize(struct hbk_wasm_heap *heap, void *memory, size_t old_size, size_t new_size)
{
	(void)heap;
	memory = realloc(memory, new_size);
	if (memory && new_size > old_size)
		memset((u8 *)memory + old_size, 0, new_size - old_size);
	return memory;
}

static void release(struct hbk_wasm_heap *heap, void *memory, size_t size)
{
	(void)heap;
	(void)size;
	free(memory);
}

static struct hbk_wasm_heap heap = { .allocate = allocate, .resize = resize, .release = release };

static struct guest *guest_of(struct hbk_vm *vm)
{
	return (struct guest *)vm;	/* it is the first member */
}

static struct hbk_wasm_stacks stacks_of(struct guest *guest)
{
	return (struct hbk_wasm_stacks){
		.native_limit = (const u8 *)__builtin_frame_address(0) - STACK,
		.slots = guest->slots,
		.slots_end = guest->slots + SLOTS,
	};
}

static enum hbk_wasm_trap call(struct hbk_vm *vm, u32 function, u64 *values, u64 budget)
{
	struct hbk_wasm_stacks stacks = stacks_of(guest_of(vm));

	return hbk_wasm_invoke(&vm->core->functions[function], values, budget, &stacks, NULL);
}

static void *memory_of(const struct hbk_wasm_instance *core, u32 offset, u32 length)
{
	const struct hbk_wasm_memory *memory = core->memory;

	if (length > memory->size || offset > memory->size - length)
		return NULL;
	return memory->base + offset;
}

static void lock(struct hbk_vm *vm)
{
	pthread_mutex_lock(&guest_of(vm)->lock);
}

static void unlock(struct hbk_vm *vm)
{
	pthread_mutex_unlock(&guest_of(vm)->lock);
}

static void lock_hub(struct hbk_hub *locked)
{
	(void)locked;
	pthread_mutex_lock(&hub_lock);
}

static void unlock_hub(struct hbk_hub *locked)
{
	(void)locked;
	pthread_mutex_unlock(&hub_lock);
}

static void wake_chain(struct hbk_chain *chain)
{
	__atomic_store_n(&((struct connection *)chain->owner)->woken, 1, __ATOMIC_RELEASE);
}

static void wake_vm(struct hbk_vm *vm)
{
	__atomic_store_n(&guest_of(vm)->woken, 1, __ATOMIC_RELEASE);
}

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "threads: %s\n", what);
	exit(1);
}

static void load(const char *path)
{
	static u8 bytes[1 << 20];
	FILE *stream = fopen(path, "rb");
	struct hbk_wasm_error error;
	size_t size;

	must(stream, path);
	size = fread(bytes, 1, sizeof(bytes), stream);
	fclose(stream);
	must(!hbk_wasm_validate(&module, bytes, size, 0, &heap, &error), "not a valid module");
	must(!hbk_wasm_interp.prepare(&code, &module, &heap, &error), "not to be interpreted");
}

static void start(struct guest *guest)
{
	const struct hbk_vm_config config = { .name = "holder", .budget = 10000000 };
	const struct hbk_wasm_plan plan = {
		.module = &module, .backend = &hbk_wasm_interp, .code = code, .heap = &heap,
		.resolve = tool_resolve, .host = &guest->vm,
	};
	struct hbk_wasm_stacks stacks = stacks_of(guest);
	struct hbk_wasm_error error;
	const char *why = "";

	pthread_mutex_init(&guest->lock, NULL);
	must(!hbk_vm_init(&guest->vm, &env, &module, NULL, &config, &why), why);
	guest->vm.core = hbk_wasm_instance_new(&plan, &error);
	must(guest->vm.core, "no instance");
	must(!hbk_wasm_instance_start(guest->vm.core, 1000000, &stacks), "it trapped");
	must(!hbk_vm_start(&guest->vm, &why), why);
}

static void end(struct guest *guest)
{
	hbk_vm_shutdown(&guest->vm);
	hbk_vm_release(&guest->vm);
	hbk_wasm_instance_free(guest->vm.core);
}

static void make_env(void)
{
	hub.lock = lock_hub;
	hub.unlock = unlock_hub;
	hbk_hub_init(&hub, &heap);
	ops = tool_idle_ops;
	ops.call = call;
	ops.memory = memory_of;
	ops.lock = lock;
	ops.unlock = unlock;
	ops.wake_chain = wake_chain;
	ops.wake_vm = wake_vm;
	env = (struct hbk_proxy_env){ .ops = &ops, .heap = &heap, .hub = &hub };
}

static bool is_stopped(void)
{
	return __atomic_load_n(&stop, __ATOMIC_RELAXED);
}

/* What came out; waits for the timers until all of it has. */
static void drain(struct connection *connection, size_t expected)
{
	struct hbk_chain *chain = connection->chain;
	size_t got = 0, length;

	while (got < expected) {
		if (__atomic_exchange_n(&connection->woken, 0, __ATOMIC_ACQUIRE))
			must(!hbk_chain_resume(chain), "a chain failed");
		hbk_chain_out(chain, HBK_CHAIN_REQUEST, &length);
		hbk_chain_out_consume(chain, HBK_CHAIN_REQUEST, length);
		got += length;
		hbk_chain_room(chain, HBK_CHAIN_REQUEST);
		if (!length)
			sched_yield();
	}
	must(got == expected, "more came out than went in");
}

static void connect_once(void)
{
	const struct hbk_chain_entry entries[VMS] = { { &guests[0].vm, false }, { &guests[1].vm, false } };
	struct connection connection = { 0 };
	u32 pieces;

	connection.chain = hbk_chain_create(&env, entries, VMS, HBK_CHAIN_RAW, &connection);
	must(connection.chain, "no memory");
	for (pieces = 0; pieces < 4; pieces++)
		must(!hbk_chain_push(connection.chain, HBK_CHAIN_REQUEST, "0123456789", 10, pieces == 3),
		     "a chain failed");
	must(!hbk_chain_push(connection.chain, HBK_CHAIN_RESPONSE, "answer", 6, false), "a chain failed");
	drain(&connection, 40);
	hbk_chain_close(connection.chain, HBK_PROXY_PEER_REMOTE);
	hbk_chain_free(connection.chain);
	__atomic_add_fetch(&connections, 1, __ATOMIC_RELAXED);
}

static void *work(void *argument)
{
	while (!is_stopped())
		connect_once();
	return argument;
}

static int count_metrics(void *context, const struct hbk_metric_info *info)
{
	*(u64 *)context += info->value;
	return 0;
}

static void *run_timers(void *argument)
{
	u64 sum = 0;
	u32 i;

	while (!__atomic_load_n((int *)argument, __ATOMIC_RELAXED)) {
		for (i = 0; i < VMS; i++) {
			hbk_vm_tick(&guests[i].vm);
			if (__atomic_exchange_n(&guests[i].woken, 0, __ATOMIC_ACQUIRE))
				hbk_vm_run_pending(&guests[i].vm);
		}
		sched_yield();
		hbk_hub_metrics(&hub, count_metrics, &sum);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct timespec wait = { 0 };
	pthread_t threads[WORKERS], timers;
	int timers_stop = 0;
	u64 counted = 0;
	u32 i;

	must(argc == 3, "usage: threads GUEST SECONDS");
	wait.tv_sec = atoi(argv[2]);
	make_env();
	load(argv[1]);
	for (i = 0; i < VMS; i++)
		start(&guests[i]);
	pthread_create(&timers, NULL, run_timers, &timers_stop);
	for (i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, work, NULL);
	nanosleep(&wait, NULL);
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	__atomic_store_n(&timers_stop, 1, __ATOMIC_RELAXED);
	pthread_join(timers, NULL);
	hbk_hub_metrics(&hub, count_metrics, &counted);
	must(counted == VMS * connections && connections, "the metric counts something else");
	for (i = 0; i < VMS; i++)
		end(&guests[i]);
	must(!hub.spaces, "a space is left");
	hbk_hub_release(&hub);
	hbk_wasm_interp.release(code, &heap);
	hbk_wasm_module_free(&module);
	printf("threads: %llu connections of %d threads, no fault\n", (unsigned long long)connections, WORKERS);
	return 0;
}
