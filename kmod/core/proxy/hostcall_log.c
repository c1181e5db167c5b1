// SPDX-License-Identifier: GPL-2.0-only
/* The log, the clock, the timer. */
#include "hostcall_private.h"

HBK_HOSTCALL(hbk_call_log)
{
	struct hbk_given text = hbk_hostcall_given(vm, values + 1);

	(void)trap;
	if (text.length > HBK_PROXY_LOG_MAX)
		text.length = HBK_PROXY_LOG_MAX;
	vm->env->ops->log(vm, (enum hbk_proxy_log_level)values[0], (const char *)text.bytes,
			  text.length);
	return HBK_PROXY_OK;
}

HBK_HOSTCALL(hbk_call_get_log_level)
{
	(void)trap;
	hbk_hostcall_put32(vm, values[0], vm->env->ops->log_level(vm));
	return HBK_PROXY_OK;
}

HBK_HOSTCALL(hbk_call_get_time)
{
	(void)trap;
	hbk_hostcall_put64(vm, values[0], vm->env->ops->clock(vm, false));
	return HBK_PROXY_OK;
}

HBK_HOSTCALL(hbk_call_set_tick_period)
{
	(void)trap;
	vm->env->ops->tick(vm, values[0]);
	return HBK_PROXY_OK;
}

/* AssemblyScript: addresses of a message and a file name, line, column. */
HBK_HOSTCALL(hbk_call_abort)
{
	HBK_HOSTCALL_UNUSED();
	*trap = HBK_WASM_TRAP_UNREACHABLE;
	return HBK_PROXY_OK;
}
