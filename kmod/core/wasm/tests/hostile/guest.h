/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest in user space, for tests: validated, instantiated and called as
 * wasm.ko does it, with the few host functions that the tests import.
 */
#ifndef _HBK_WASM_TEST_GUEST_H
#define _HBK_WASM_TEST_GUEST_H

#include <stdio.h>

#include "../../error.h"
#include "../../instance.h"
#include "../../module.h"

#define GUEST_VALUES_MAX	1024	/* parameters or results of one call */

/**
 * struct guest - a module and at most one instance of it
 * @heap: where all its memory comes from; must be the first member
 * @held: bytes that it has of @heap just now
 * @allowed: it gets no more than so many
 * @allocations: how many it may still make before they fail; negative for no end of them
 * @starting: the start function runs
 * @logged: checksum of what it told the host, in order
 */
struct guest {
	struct hbk_wasm_heap heap;
	size_t held;
	size_t allowed;
	long allocations;
	const struct hbk_wasm_backend *backend;
	const void *code;
	struct hbk_wasm_module module;
	struct hbk_wasm_instance *instance;
	struct hbk_wasm_error error;
	bool valid;
	bool starting;
	u32 logged;
};

struct guest_bytes {
	u8 *at;
	size_t size;
};

void guest_init(struct guest *guest);
int guest_load(struct guest *guest, const struct guest_bytes *bytes);
int guest_prepare(struct guest *guest);
int guest_instantiate(struct guest *guest);
enum hbk_wasm_trap guest_start(struct guest *guest, u64 fuel);
enum hbk_wasm_trap guest_call(struct guest *guest, const struct hbk_wasm_function *function, u64 *values, u64 fuel,
			      u64 *used);
void guest_free(struct guest *guest);

bool guest_bytes_read(struct guest_bytes *bytes, const char *path);
u32 guest_checksum(u32 sum, const void *bytes, size_t length);

#endif /* _HBK_WASM_TEST_GUEST_H */
