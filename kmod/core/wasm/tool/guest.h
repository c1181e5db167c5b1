/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest of the tool or of a test: a file, validated, prepared to run, instantiated. */
#ifndef _HBK_WASM_TOOL_GUEST_H
#define _HBK_WASM_TOOL_GUEST_H

#include "../instance.h"
#include "../validate.h"

#define GUEST_PAGES_MAX		2048
#define GUEST_STACK		(4u << 20)	/* bytes of native stack; the sanitizers' frames are large */
#define GUEST_SLOTS		131072		/* of the interpreter's stack */
#define GUEST_FUEL		20000000000ull

/**
 * struct guest - a file and what was made of it
 * @next: for whoever keeps a list
 * @instance: or NULL
 */
struct guest {
	struct guest *next;
	struct hbk_wasm_instance *instance;
};

/* How far making a guest came. */
enum guest_verdict {
	GUEST_MADE,
	GUEST_FAILED,		/* that is nothing about the module */
	GUEST_REFUSED,		/* by the validator or the interpreter */
	GUEST_UNLINKABLE,
	GUEST_TRAPPED,		/* when it was started; it must be kept: tables may refer to it */
};

enum guest_verdict guest_check(const char *path, struct hbk_wasm_error *error);
enum guest_verdict guest_open(struct guest **guest, const char *path, hbk_wasm_resolve resolve,
			      void *context, struct hbk_wasm_error *error, enum hbk_wasm_trap *trap);
void guest_close(struct guest *guest);
enum hbk_wasm_trap guest_call(const struct hbk_wasm_function *function, u64 *values, u64 fuel, u64 *used);

bool spectest_resolve(const struct hbk_wasm_import *import, struct hbk_wasm_extern *found);
void spectest_reset(void);

#endif /* _HBK_WASM_TOOL_GUEST_H */
