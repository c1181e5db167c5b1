// SPDX-License-Identifier: GPL-2.0-only
#include <linux/minmax.h>
#include <linux/random.h>

#include "random.h"

#define RANDOM_CHUNK	4096	/* bytes between two charges, and so between two chances to reschedule */

enum hbk_wasm_trap hbk_random_fill(struct hbk_wasm_instance *core, u32 offset, u32 length)
{
	u8 *to = hbk_guest_memory(core, offset, length);
	enum hbk_wasm_trap trap;
	u32 chunk;

	if (!to)
		return HBK_WASM_TRAP_MEMORY_BOUNDS;
	for (; length; length -= chunk, to += chunk) {
		chunk = min_t(u32, length, RANDOM_CHUNK);
		trap = hbk_wasm_charge(core, chunk);
		if (trap)
			return trap;
		get_random_bytes(to, chunk);
	}
	return HBK_WASM_TRAP_NONE;
}
