// SPDX-License-Identifier: GPL-2.0-only
/*
 * compare SHARED-OBJECT MODULE...
 *
 * Runs each module by the interpreter and compiled, of the shared object, side by side: every exported function with a
 * few arguments, the instance going on after a trap. Both must give the same results, but for
 * the bits of a NaN, the same trap, the same fuel used to the unit, tell the host the same, and leave the same memory
 * and globals. How deep a guest may go is a matter of stacks, and those are not the same: where one has no more of it
 * and the other has, the rest of the module is not compared.
 */
#include <stdlib.h>

#include "../../interp.h"
#include "../../tool/compiled.h"
#include "../hostile/guest.h"

#define FUEL	3000000ull
#define ROUNDS	6
#define EDGES	8

static struct {
	unsigned int modules, calls, traps, cut, differ;
} counts;

static const u64 edges[EDGES] = {
	0, 1, 0xffffffffffffffff, 0x7fffffff7fffffff, 0x8000000080000000, 0x40490fdb00000010, 0x3ff000003f800000,
	0x7ff800007fc00000,
};

static bool is_narrow(u8 type)
{
	return type == HBK_WASM_I32 || type == HBK_WASM_F32;
}

static u64 argument(u8 type, u32 choice)
{
	if (type == HBK_WASM_FUNCREF || type == HBK_WASM_EXTERNREF)
		return 0;
	return is_narrow(type) ? (u32)edges[choice % EDGES] : edges[choice % EDGES];
}

/* References are addresses: of each instance its own. */
static u64 comparable(u8 type, u64 value)
{
	switch (type) {
	case HBK_WASM_F32:
		return (value & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : value;
	case HBK_WASM_F64:
		return (value & 0x7fffffffffffffff) > 0x7ff0000000000000 ? 0x7ff8000000000000 : value;
	case HBK_WASM_FUNCREF:
		return !!value;
	default:
		return value;
	}
}

static bool differs(const char *path, const char *what, u64 interpreted, u64 compiled)
{
	if (interpreted == compiled)
		return false;
	printf("%s: %s: interpreted %llu, compiled %llu\n", path, what, (unsigned long long)interpreted,
	       (unsigned long long)compiled);
	return true;
}

static bool call_both(const char *path, struct guest pair[2], u32 function, u32 choice, bool *cut)
{
	const struct hbk_wasm_type *type = pair[0].instance->functions[function].type;
	u64 values[2][GUEST_VALUES_MAX] = {}, used[2];
	enum hbk_wasm_trap trap[2];
	u32 i, side;

	for (side = 0; side < 2; side++) {
		for (i = 0; i < type->param_count; i++)
			values[side][i] = argument(type->params[i], choice + 3 * i);
		trap[side] = guest_call(&pair[side], &pair[side].instance->functions[function], values[side], FUEL,
					&used[side]);
		pair[side].instance->trap = HBK_WASM_TRAP_NONE;
		pair[side].instance->poisoned = false;
	}
	counts.calls++;
	counts.traps += trap[0] != HBK_WASM_TRAP_NONE;
	*cut = trap[0] == HBK_WASM_TRAP_STACK_EXHAUSTED || trap[1] == HBK_WASM_TRAP_STACK_EXHAUSTED;
	if (*cut)
		return true;
	if (differs(path, "trap", trap[0], trap[1]) || differs(path, "fuel used", used[0], used[1]))
		return false;
	for (i = 0; !trap[0] && i < type->result_count; i++) {
		if (differs(path, "result", comparable(type->results[i], values[0][i]),
			    comparable(type->results[i], values[1][i])))
			return false;
	}
	return true;
}

static bool compare_memories(const char *path, struct guest pair[2])
{
	const struct hbk_wasm_memory *memories[] = { pair[0].instance->memory, pair[1].instance->memory };
	u64 i;

	if (!memories[0])
		return true;
	if (differs(path, "pages", memories[0]->pages, memories[1]->pages))
		return false;
	for (i = 0; i < memories[0]->size; i++) {
		if (memories[0]->base[i] != memories[1]->base[i])
			return !differs(path, "first byte of memory that differs", i, ~0ull);
	}
	return true;
}

static bool compare_state(const char *path, struct guest pair[2])
{
	const struct hbk_wasm_module *module = &pair[0].module;
	u32 i;

	for (i = 0; i < module->global_count; i++) {
		if (differs(path, "global", comparable(module->globals[i].type, *pair[0].instance->globals[i]),
			    comparable(module->globals[i].type, *pair[1].instance->globals[i])))
			return false;
	}
	return !differs(path, "told", pair[0].logged, pair[1].logged) && compare_memories(path, pair);
}

static bool compare_calls(const char *path, struct guest pair[2])
{
	const struct hbk_wasm_module *module = &pair[0].module;
	bool cut = false;
	u32 i, round;

	for (i = 0; i < module->export_count * ROUNDS; i++) {
		round = i / module->export_count;
		if (module->exports[i % module->export_count].kind != HBK_WASM_KIND_FUNCTION)
			continue;
		if (!call_both(path, pair, module->exports[i % module->export_count].index, round * 5 + i, &cut))
			return false;
		if (cut) {
			counts.cut++;
			return true;
		}
	}
	return compare_state(path, pair);
}

static bool compare_starts(const char *path, struct guest pair[2])
{
	enum hbk_wasm_trap trap[2];
	u64 left[2];
	int side;

	for (side = 0; side < 2; side++) {
		trap[side] = guest_start(&pair[side], FUEL);
		left[side] = pair[side].instance->fuel + pair[side].instance->slice;
	}
	if (differs(path, "trap at the start", trap[0], trap[1]) ||
	    differs(path, "fuel left by the start", left[0], left[1]))
		return false;
	return trap[0] || compare_calls(path, pair);
}

static bool is_interpreted(struct guest *guest, const struct guest_bytes *bytes)
{
	guest_init(guest);
	guest->backend = &hbk_wasm_interp;
	return !guest_load(guest, bytes) &&
	       !hbk_wasm_interp.prepare(&guest->code, &guest->module, &guest->heap, &guest->error) &&
	       !guest_instantiate(guest);
}

static bool is_compiled(struct guest *guest, const struct guest_bytes *bytes)
{
	guest_init(guest);
	return !guest_load(guest, bytes) && !guest_prepare(guest) && !guest_instantiate(guest);
}

/* A module that is not valid, or imports what there is not, is of no use here. */
static void compare(const char *path)
{
	struct guest_bytes bytes;
	struct guest pair[2];

	if (!guest_bytes_read(&bytes, path)) {
		fprintf(stderr, "compare: cannot read %s\n", path);
		exit(2);
	}
	if (is_interpreted(&pair[0], &bytes)) {
		counts.modules++;
		if (!is_compiled(&pair[1], &bytes)) {
			printf("%s: compiled: %s\n", path, pair[1].error.text);
			counts.differ++;
		} else {
			counts.differ += !compare_starts(path, pair);
		}
		guest_free(&pair[1]);
	}
	guest_free(&pair[0]);
	free(bytes.at);
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 2 || !tool_compiled_open(argv[1])) {
		fprintf(stderr, "usage: compare SHARED-OBJECT MODULE...\n");
		return 2;
	}
	for (i = 2; i < argc; i++)
		compare(argv[i]);
	printf("%u modules, %u calls, %u traps, %u cut short, %u differ\n", counts.modules, counts.calls, counts.traps,
	       counts.cut, counts.differ);
	return counts.differ > 0;
}
