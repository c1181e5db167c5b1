// SPDX-License-Identifier: GPL-2.0-only
/* A host module that comes and goes: guests import "test" "answer" from it. */
#include <linux/module.h>

#include <hauberk/wasm.h>

static enum hbk_wasm_trap answer(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	values[0] = 42;
	return HBK_WASM_TRAP_NONE;
}

static const struct hbk_host_function functions[] = {
	{ "answer", "i()", answer, HBK_GUEST_ANYWHERE },
};

static struct hbk_host_module host = {
	.name = "test",
	.functions = functions,
	.count = ARRAY_SIZE(functions),
	.owner = THIS_MODULE,
};

static int __init host_init(void)
{
	return hbk_host_register(&host);
}

static void __exit host_exit(void)
{
	hbk_host_unregister(&host);
}

module_init(host_init);
module_exit(host_exit);

MODULE_DESCRIPTION("Host module for tests of hauberk's guests");
MODULE_LICENSE("GPL");
