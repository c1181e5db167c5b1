// SPDX-License-Identifier: GPL-2.0-only
/* Validates a module and runs all that it exports, now and then with too little memory. */
#include <stdlib.h>

#include "../hostile/guest.h"

#define FUEL		50000
#define CALLS_MAX	64
#define MEMORY_MAX	(64u << 20)	/* bytes */
#define POOR		16		/* of so many inputs one is short of memory … */
#define POOR_MAX	128		/* … after fewer allocations than this */

/* An argument; a reference is null: nothing else could come from outside. */
static u64 argument(u8 type, u32 sum)
{
	switch (type) {
	case HBK_WASM_I32:
	case HBK_WASM_F32:
		return sum;
	case HBK_WASM_I64:
	case HBK_WASM_F64:
		return (u64)sum << 32 | ~sum;
	default:
		return 0;
	}
}

static void call(struct guest *guest, u32 index, u32 sum)
{
	const struct hbk_wasm_function *function = &guest->instance->functions[index];
	u64 values[GUEST_VALUES_MAX] = { }, used = 0;
	enum hbk_wasm_trap trap;
	u32 i;

	for (i = 0; i < function->type->param_count; i++)
		values[i] = argument(function->type->params[i], sum * (i + 1));
	trap = guest_call(guest, function, values, FUEL, &used);
	if (used > FUEL || trap >= HBK_WASM_TRAP_COUNT)
		abort();
	if (trap && guest_call(guest, function, values, FUEL, &used) != HBK_WASM_TRAP_POISONED)
		abort();
	/* One that went on after a trap would be worth as much: what it must not do is harm. */
	guest->instance->poisoned = false;
	guest->instance->trap = HBK_WASM_TRAP_NONE;
}

static void run(struct guest *guest, u32 sum)
{
	u32 i, calls = 0;

	if (guest_start(guest, FUEL))
		return;
	for (i = 0; i < guest->module.export_count && calls < CALLS_MAX; i++) {
		if (guest->module.exports[i].kind != HBK_WASM_KIND_FUNCTION)
			continue;
		call(guest, guest->module.exports[i].index, sum);
		calls++;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	struct guest_bytes bytes = { .at = (u8 *)data, .size = length };
	u32 sum = guest_checksum(0, data, length);
	struct guest guest;

	guest_init(&guest);
	guest.allowed = MEMORY_MAX;
	if (sum % POOR == 0)
		guest.allocations = sum / POOR % POOR_MAX;
	if (!guest_load(&guest, &bytes) && !guest_prepare(&guest) && !guest_instantiate(&guest))
		run(&guest, sum);
	guest_free(&guest);
	return 0;
}
