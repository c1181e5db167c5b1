/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The functions that guests import, as tables: "env" and WASI, the latter for
 * both of its names.
 */
#ifndef _HBK_PROXY_HOSTCALL_H
#define _HBK_PROXY_HOSTCALL_H

#include "vm.h"

enum hbk_hostcall_allowed {
	HBK_HOSTCALL_IN_START = 1,	/* before proxy_on_context_create */
	HBK_HOSTCALL_IN_MALLOC = 2,	/* while the host has the guest allocate */
};

/**
 * struct hbk_hostcall - a function of the host
 * @name: as guests import it
 * @signature: as struct hbk_host_function of hauberk/wasm.h has it
 * @roles: what its arguments are, for checks and traces: n a number, N one of 64 bits, s bytes that the guest gives
 *	(address, length), o bytes that it gets (where their address goes, where their length goes), 4 and 8 where a
 *	number of so many bytes goes, x not shown
 * @allowed: enum hbk_hostcall_allowed, both bits
 * @call: does it; returns enum hbk_proxy_status, or enum hbk_proxy_wasi
 */
struct hbk_hostcall {
	const char *name;
	const char *signature;
	const char *roles;
	u32 allowed;
	u32 (*call)(struct hbk_vm *vm, const u64 *values, enum hbk_wasm_trap *trap);
};

/* The tables, for whoever registers or resolves. hbk_hostcall_run(core, (void *)row, values) is the host function. */
extern const struct hbk_hostcall hbk_hostcalls_env[];
extern const u32 hbk_hostcalls_env_count;
extern const struct hbk_hostcall hbk_hostcalls_wasi[];
extern const u32 hbk_hostcalls_wasi_count;

/* A hbk_wasm_host_call whose data is the row of a table. */
enum hbk_wasm_trap hbk_hostcall_run(struct hbk_wasm_instance *core, void *data, u64 *values);

/* The row for an import, or NULL. */
const struct hbk_hostcall *hbk_hostcall_find(const struct hbk_wasm_name *module,
					     const struct hbk_wasm_name *name);

#endif /* _HBK_PROXY_HOSTCALL_H */
