// SPDX-License-Identifier: GPL-2.0-only
/* Many compiled guests in one module: what `hauberk-wasm together` wrote, registered one after the other. */
#include <linux/module.h>

#include "compiled_float.h"

/* A guest alone has a module of its own, and what loads it. */
#undef HBK_WASM_COMPILED
#undef HBK_WASM_COMPILED_SCOPE
#define HBK_WASM_COMPILED(symbol)	static const struct hbk_wasm_compiled symbol
#define HBK_WASM_COMPILED_SCOPE		static

#include "together.c"

static void unregister(u32 count)
{
	while (count--)
		hbk_compiled_unregister(together[count]);
}

static int __init guests_init(void)
{
	u32 i;
	int err;

	for (i = 0; i < ARRAY_SIZE(together); i++) {
		err = hbk_compiled_register(together[i], THIS_MODULE);
		if (err) {
			unregister(i);
			return err;
		}
	}
	return 0;
}

static void __exit guests_exit(void)
{
	unregister(ARRAY_SIZE(together));
}

module_init(guests_init);
module_exit(guests_exit);

MODULE_DESCRIPTION("Compiled guests of the core test suite");
MODULE_LICENSE("GPL");
