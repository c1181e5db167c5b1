// SPDX-License-Identifier: GPL-2.0-only
/*
 * chain GUEST|- COUNT TURNS CASE [COMPILED.so]
 *
 * What a chain of COUNT times the same filter costs: CASE is raw-1k, raw-16k, head or body-1m. Counted is what happens in
 * measured(), which does the case TURNS times; see bench/proxy.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../kmod/core/proxy/chain.h"
#include "../../kmod/core/proxy/hub.h"
#include "../../kmod/core/proxy/tool/engine.h"
#include "../../kmod/core/proxy/tool/idle.h"
#include "../../kmod/core/proxy/tool/link.h"
#include "../../kmod/core/wasm/compiled.h"
#include "../../kmod/core/wasm/interp.h"

#define PIECE	16384
#define PIECES	64		/* of a body of 1 MiB */

/* Of kmod/core/wasm/tool/compiled.c. Its header has a heap of the name that tool/engine.h has another one of. */
bool tool_compiled_open(const char *path);
const struct hbk_wasm_compiled *tool_compiled_find(const struct hbk_wasm_module *module);

static struct tool_engine tool;
static struct hbk_hub hub;
static struct hbk_proxy_ops ops;
static struct hbk_proxy_env env;
static struct hbk_vm vms[HBK_PROXY_CHAIN_MAX];
static char bytes[PIECE];
static bool compiled;

static void no_hub(struct hbk_hub *locked)
{
	(void)locked;
}

static void must(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "chain: %s\n", what);
	exit(1);
}

static void make_instance(struct hbk_vm *vm)
{
	const struct hbk_wasm_compiled *code = compiled ? tool_compiled_find(&tool.module) : NULL;
	struct hbk_wasm_plan plan = {
		.module = &tool.module,
		.backend = code ? hbk_wasm_compiled_backend(code) : &hbk_wasm_interp,
		.code = code ? (const void *)code : tool.code,
		.heap = &tool.heap.heap,
		.resolve = tool_resolve,
		.host = vm,
	};
	struct hbk_wasm_stacks stacks = { .native_limit = (const u8 *)__builtin_frame_address(0) - 65536 };
	static u64 slots[8192];
	struct hbk_wasm_error error;
	const char *why = "";

	must(code || !compiled, "the guest was not compiled");
	stacks.slots = slots;
	stacks.slots_end = slots + sizeof(slots) / sizeof(slots[0]);
	vm->core = hbk_wasm_instance_new(&plan, &error);
	must(vm->core, "no instance");
	must(!hbk_wasm_instance_start(vm->core, HBK_PROXY_START_BUDGET, &stacks), "it trapped");
	must(!hbk_vm_start(vm, &why), why);
}

static void load(const char *path, u32 count)
{
	static const char config[] = "{\"response\":{\"x-filter\":\"stamp\"},\"request\":{\"x-filter\":\"stamp\"}}";
	const struct hbk_vm_config vm_config = {
		.name = "bench", .plugin = config, .plugin_length = sizeof(config) - 1,
	};
	static char module[1 << 20];
	const char *why = "";
	FILE *stream = fopen(path, "rb");
	u32 i;

	must(stream, path);
	must(!tool_engine_open(&tool, module, fread(module, 1, sizeof(module), stream)), tool.why);
	fclose(stream);
	for (i = 0; i < count; i++) {
		must(!hbk_vm_init(&vms[i], &env, &tool.module, NULL, &vm_config, &why), why);
		make_instance(&vms[i]);
	}
}

static void take_out(struct hbk_chain *chain, enum hbk_chain_flow flow)
{
	size_t length;

	hbk_chain_out(chain, flow, &length);
	hbk_chain_out_consume(chain, flow, length);
}

static void push(struct hbk_chain *chain, enum hbk_chain_flow flow, const char *data, size_t length)
{
	must(!hbk_chain_push(chain, flow, data, length, false), "a chain failed");
	take_out(chain, flow);
}

static void raw_1k(struct hbk_chain *chain)
{
	push(chain, HBK_CHAIN_REQUEST, bytes, 1024);
}

static void raw_16k(struct hbk_chain *chain)
{
	push(chain, HBK_CHAIN_REQUEST, bytes, PIECE);
}

static void answer(struct hbk_chain *chain)
{
	static const char response[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

	push(chain, HBK_CHAIN_RESPONSE, response, sizeof(response) - 1);
}

static void head(struct hbk_chain *chain)
{
	static const char request[] = "GET /index.html HTTP/1.1\r\nHost: example.org\r\nUser-Agent: bench\r\n"
				      "Accept: */*\r\n\r\n";

	push(chain, HBK_CHAIN_REQUEST, request, sizeof(request) - 1);
	answer(chain);
}

static void body_1m(struct hbk_chain *chain)
{
	static const char request[] = "POST /upload HTTP/1.1\r\nHost: example.org\r\nContent-Length: 1048576\r\n\r\n";
	u32 i;

	push(chain, HBK_CHAIN_REQUEST, request, sizeof(request) - 1);
	for (i = 0; i < PIECES; i++)
		push(chain, HBK_CHAIN_REQUEST, bytes, PIECE);
	answer(chain);
}

static const struct {
	const char *name;
	enum hbk_chain_mode mode;
	void (*run)(struct hbk_chain *chain);
} cases[] = {
	{ "raw-1k", HBK_CHAIN_RAW, raw_1k },
	{ "raw-16k", HBK_CHAIN_RAW, raw_16k },
	{ "head", HBK_CHAIN_HTTP, head },
	{ "body-1m", HBK_CHAIN_HTTP, body_1m },
};

__attribute__((noinline)) void measured(struct hbk_chain *chain, void (*run)(struct hbk_chain *chain), int turns);

void measured(struct hbk_chain *chain, void (*run)(struct hbk_chain *chain), int turns)
{
	while (turns--)
		run(chain);
}

int main(int argc, char **argv)
{
	struct hbk_chain_entry entries[HBK_PROXY_CHAIN_MAX] = { 0 };
	struct hbk_chain *chain;
	u32 count, which, i;

	must(argc >= 5, "usage: chain GUEST|- COUNT TURNS CASE [COMPILED.so]");
	count = atoi(argv[2]);
	must(count <= HBK_PROXY_CHAIN_MAX, "so many filters are no chain");
	compiled = argc > 5;
	must(!compiled || tool_compiled_open(argv[5]), argv[argc - 1]);
	tool_heap_init(&tool.heap);
	hub.lock = no_hub;
	hub.unlock = no_hub;
	hbk_hub_init(&hub, &tool.heap.heap);
	ops = tool_idle_ops;
	ops.call = tool_call;
	ops.memory = tool_memory;
	env = (struct hbk_proxy_env){ .ops = &ops, .heap = &tool.heap.heap, .hub = &hub };
	if (count)
		load(argv[1], count);
	for (which = 0; which < 3 && strcmp(cases[which].name, argv[4]); which++)
		;
	for (i = 0; i < count; i++)
		entries[i].vm = &vms[i];
	chain = hbk_chain_create(&env, entries, count, cases[which].mode, NULL);
	must(chain && !hbk_chain_has_failed(chain), "no chain");
	cases[which].run(chain);
	measured(chain, cases[which].run, atoi(argv[3]));
	return 0;
}
