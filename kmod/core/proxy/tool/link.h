/* SPDX-License-Identifier: GPL-2.0-only */
/* How an instance in user space comes to the host calls, and a host call to its VM. */
#ifndef _HBK_PROXY_TOOL_LINK_H
#define _HBK_PROXY_TOOL_LINK_H

#include "../../wasm/instance.h"

/* As struct hbk_wasm_plan has it; the plan's host is the struct hbk_vm. */
bool tool_resolve(void *context, const struct hbk_wasm_import *import, struct hbk_wasm_extern *found);

#endif /* _HBK_PROXY_TOOL_LINK_H */
