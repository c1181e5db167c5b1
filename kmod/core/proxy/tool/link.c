// SPDX-License-Identifier: GPL-2.0-only
#include "link.h"

#include "../env.h"
#include "../hostcall.h"

struct hbk_vm *hbk_vm_of(struct hbk_wasm_instance *core)
{
	return core->host;
}

bool tool_resolve(void *context, const struct hbk_wasm_import *import, struct hbk_wasm_extern *found)
{
	const struct hbk_hostcall *row = NULL;

	(void)context;
	if (import->kind == HBK_WASM_KIND_FUNCTION)
		row = hbk_hostcall_find(&import->module, &import->name);
	if (!row)
		return false;
	*found = (struct hbk_wasm_extern){
		.kind = HBK_WASM_KIND_FUNCTION,
		.signature = row->signature,
		.host = hbk_hostcall_run,
		.data = (void *)row,
	};
	return true;
}
