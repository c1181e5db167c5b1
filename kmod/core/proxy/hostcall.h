/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The functions that guests import, as tables: "env" and WASI, the latter for
 * both of its names.
 *
 * What every one of them checks is done in one place, by what its row says:
 * that it may be called now, that a number names something, that all memory is
 * the guest's. So nothing has an effect before all of that was looked at.
 */
#ifndef _HBK_PROXY_HOSTCALL_H
#define _HBK_PROXY_HOSTCALL_H

#include "vm.h"

enum hbk_hostcall_flag {
	HBK_HOSTCALL_IN_START = 1,	/* may be called before proxy_on_context_create */
	HBK_HOSTCALL_IN_MALLOC = 2,	/* may be called while the host has the guest allocate */
	HBK_HOSTCALL_WASI = 4,		/* answers enum hbk_proxy_wasi and checks its memory itself */
};

/**
 * struct hbk_hostcall - a function of the host
 * @name: as guests import it
 * @signature: as struct hbk_host_function of hauberk/wasm.h has it
 * @roles: what its arguments are, for checks and traces: n a number, N one of 64 bits, s bytes that the guest gives
 *	(address, length), o bytes that it gets (where their address goes, where their length goes), p the same, but
 *	an address of 0 says that they are not wanted, 4 and 8 where a number of so many bytes goes, x not shown
 * @limit: the first argument is less than this, if it is not 0
 * @flags: enum hbk_hostcall_flag
 * @cost: instructions that it counts as, besides one for every HBK_WASM_FUEL_BULK bytes that go through it
 * @call: does it; returns enum hbk_proxy_status. @trap: stops the guest.
 */
struct hbk_hostcall {
	const char *name;
	const char *signature;
	const char *roles;
	u32 limit;
	u32 flags;
	u32 cost;
	u32 (*call)(struct hbk_vm *vm, const u64 *values, enum hbk_wasm_trap *trap);
};

/* How many values an argument of this role is. */
static inline u32 hbk_role_width(char role)
{
	return role == 's' || role == 'o' || role == 'p' ? 2 : 1;
}

/* The tables, for whoever registers or resolves. hbk_hostcall_run(core, (void *)row, values) is the host function. */
extern const struct hbk_hostcall hbk_hostcalls_env[];
extern const u32 hbk_hostcalls_env_count;
extern const struct hbk_hostcall hbk_hostcalls_wasi[];
extern const u32 hbk_hostcalls_wasi_count;

enum hbk_wasm_trap hbk_hostcall_run(struct hbk_wasm_instance *core, void *data, u64 *values);

const struct hbk_hostcall *hbk_hostcall_find(const struct hbk_wasm_name *module,
					     const struct hbk_wasm_name *name);

#endif /* _HBK_PROXY_HOSTCALL_H */
