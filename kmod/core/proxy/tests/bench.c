// SPDX-License-Identifier: GPL-2.0-only
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests.h"

static struct bench *bench_of(struct hbk_vm *vm)
{
	return vm->owner;
}

static struct bench_guest *guest_of(struct hbk_vm *vm)
{
	return (struct bench_guest *)((char *)vm - offsetof(struct bench_guest, vm));
}

/* Not to be taken twice, not to be given back untaken. */
static void lock(struct hbk_vm *vm)
{
	assert_int_equal(guest_of(vm)->locked++, 0);
}

static void unlock(struct hbk_vm *vm)
{
	assert_int_equal(--guest_of(vm)->locked, 0);
}

static void lock_hub(struct hbk_hub *hub)
{
	assert_null(hub->data);
	hub->data = hub;
}

static void unlock_hub(struct hbk_hub *hub)
{
	assert_non_null(hub->data);
	hub->data = NULL;
}

/* A guest runs with its VM's lock and without the hub's. */
static enum hbk_wasm_trap call(struct hbk_vm *vm, u32 function, u64 *values, u64 budget)
{
	assert_int_equal(guest_of(vm)->locked, 1);
	assert_null(bench_of(vm)->hub.data);
	return tool_call(vm, function, values, budget);
}

static void log_text(struct hbk_vm *vm, enum hbk_proxy_log_level level, const char *text, u32 length)
{
	char *log = bench_of(vm)->log;
	size_t used = strlen(log);

	snprintf(log + used, sizeof(bench_of(vm)->log) - used, "%d %.*s\n", level, (int)length, text);
}

static enum hbk_proxy_log_level log_level(struct hbk_vm *vm)
{
	(void)vm;
	return HBK_PROXY_WARN;
}

static u64 clock_ns(struct hbk_vm *vm, bool monotonic)
{
	(void)vm;
	return monotonic;
}

static void random_bytes(struct hbk_vm *vm, void *to, u32 length)
{
	(void)vm;
	memset(to, 7, length);
}

/* Logs whether there is a connection when "connected" is asked for. */
static int property(struct hbk_vm *vm, struct hbk_stream *stream, const char *path, u32 length,
		    struct hbk_buffer *value)
{
	(void)value;
	if (length != 9 || memcmp(path, "connected", 9))
		return -ENOENT;
	log_text(vm, HBK_PROXY_INFO, stream ? "yes" : "no", stream ? 3 : 2);
	return 0;
}

static int http_call(struct hbk_vm *vm, const struct hbk_http_call *call)
{
	(void)vm;
	return call->upstream_length == 4 && !memcmp(call->upstream, "fail", 4) ? -EIO : 0;
}

static void tick(struct hbk_vm *vm, u32 milliseconds)
{
	bench_of(vm)->tick = milliseconds;
}

static void wake_chain(struct hbk_chain *chain)
{
	((struct bench *)chain->owner)->woken++;
}

static void wake_vm(struct hbk_vm *vm)
{
	bench_of(vm)->vms_woken++;
}

static void failed(struct hbk_chain *chain, u32 index, enum hbk_wasm_trap trap, bool bypassed)
{
	struct bench *bench = chain->owner;

	(void)index;
	(void)trap;
	bench->failures++;
	bench->bypasses += bypassed;
}

static const struct hbk_proxy_ops ops = {
	.call = call,
	.memory = tool_memory,
	.lock = lock,
	.unlock = unlock,
	.log = log_text,
	.log_level = log_level,
	.clock = clock_ns,
	.random = random_bytes,
	.property = property,
	.http_call = http_call,
	.tick = tick,
	.wake_chain = wake_chain,
	.wake_vm = wake_vm,
	.failed = failed,
};

struct bench *bench_new(void)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	tool_heap_init(&bench->heap);
	bench->hub.lock = lock_hub;
	bench->hub.unlock = unlock_hub;
	hbk_hub_init(&bench->hub, &bench->heap.heap);
	bench->env = (struct hbk_proxy_env){ .ops = &ops, .heap = &bench->heap.heap, .hub = &bench->hub };
	return bench;
}

static void guest_free(struct bench_guest *guest)
{
	hbk_vm_release(&guest->vm);
	tool_destroy(&guest->tool.engine, &guest->vm);
	tool_engine_close(&guest->tool);
	assert_int_equal(guest->tool.heap.used, 0);
	free(guest->bytes);
	free(guest);
}

void bench_free(struct bench *bench)
{
	u32 i;

	hbk_chain_free(bench->chain);
	for (i = 0; i < bench->count; i++)
		guest_free(bench->guests[i]);
	hbk_hub_release(&bench->hub);
	assert_int_equal(bench->heap.used, 0);
	free(bench);
}

struct hbk_vm *bench_add(struct bench *bench, const char *guest, const char *config)
{
	char vm_id[] = { '0' + bench->count, '\0' };

	return bench_add_as(bench, vm_id, guest, config);
}

struct hbk_vm *bench_add_as(struct bench *bench, const char *vm_id, const char *guest, const char *config)
{
	struct bench_guest *added = calloc(1, sizeof(*added));
	const struct hbk_vm_config vm_config = {
		.name = "filter", .vm_id = vm_id, .plugin = config, .plugin_length = strlen(config),
	};
	const char *why;
	size_t size;

	assert_non_null(added);
	added->bytes = tests_guest(guest, &size);
	assert_int_equal(tool_engine_open(&added->tool, added->bytes, size), 0);
	assert_int_equal(hbk_vm_init(&added->vm, &bench->env, &added->tool.module, NULL, &vm_config, &why), 0);
	added->vm.owner = bench;
	assert_int_equal(tool_make(&added->tool.engine, &added->vm), HBK_WASM_TRAP_NONE);
	assert_int_equal(hbk_vm_start(&added->vm, &why), 0);
	bench->guests[bench->count++] = added;
	return &added->vm;
}

void bench_open(struct bench *bench, const char *open, enum hbk_chain_mode mode)
{
	struct hbk_chain_entry entries[BENCH_GUESTS] = { 0 };
	u32 i;

	for (i = 0; i < bench->count; i++) {
		entries[i].vm = open[i] == '-' || open[i] == '_' ? NULL : &bench->guests[i]->vm;
		entries[i].open = open[i] == 'o' || open[i] == '_';
	}
	bench->chain = hbk_chain_create(&bench->env, entries, bench->count, mode, bench);
	assert_non_null(bench->chain);
	bench_resume(bench);
}

void bench_resume(struct bench *bench)
{
	while (bench->woken) {
		bench->woken = 0;
		hbk_chain_resume(bench->chain);
	}
}

int bench_push(struct bench *bench, enum hbk_chain_flow flow, const char *text, bool end)
{
	int err = hbk_chain_push(bench->chain, flow, text, strlen(text), end);

	bench_resume(bench);
	return err;
}

void bench_expect(struct bench *bench, enum hbk_chain_flow flow, const char *text, bool end)
{
	size_t length;
	const u8 *bytes = hbk_chain_out(bench->chain, flow, &length);
	char *got = calloc(1, length + 1);

	assert_non_null(got);
	if (length)
		memcpy(got, bytes, length);
	assert_string_equal(got, text);
	assert_int_equal(hbk_chain_out_ended(bench->chain, flow), end);
	hbk_chain_out_consume(bench->chain, flow, length);
	free(got);
}
