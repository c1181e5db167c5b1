// SPDX-License-Identifier: GPL-2.0-only
/*
 * wasm.ko: WebAssembly guests in the kernel. What it offers is in
 * hauberk/wasm.h; the engine is core/wasm and the patched wasm3.
 */
#include <linux/init.h>
#include <linux/module.h>

#include "guest.h"
#include "host.h"
#include "pool.h"
#include "stack.h"

static int __init wasm_init(void)
{
	int err;

	err = hbk_pool_init();
	if (err)
		return err;
	err = hbk_stack_init();
	if (err) {
		hbk_pool_exit();
		return err;
	}
	hbk_host_init();
	return 0;
}

static void __exit wasm_exit(void)
{
	hbk_guest_exit();
	hbk_host_exit();
	hbk_pool_exit();
	hbk_stack_exit();
}

module_init(wasm_init);
module_exit(wasm_exit);

MODULE_DESCRIPTION("WebAssembly guests, validated and metered, for hauberk");
MODULE_LICENSE("GPL");
