/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a module was refused, for the person who built it. */
#ifndef _HBK_CORE_WASM_ERROR_H
#define _HBK_CORE_WASM_ERROR_H

#include "../types.h"

#define HBK_WASM_ERROR_TEXT	192	/* bytes, the final NUL included */
#define HBK_WASM_NO_INDEX	0xffffffffu

enum hbk_wasm_refusal {
	HBK_WASM_ACCEPTED,
	HBK_WASM_MALFORMED,	/* -ENOEXEC: not a module at all */
	HBK_WASM_INVALID,	/* -ENOEXEC: a module, but one that breaks a rule of the specification */
	HBK_WASM_UNSUPPORTED,	/* -EOPNOTSUPP: a feature that we refuse, by name */
	HBK_WASM_LIMIT,		/* -E2BIG: valid, and past one of limits.h */
	HBK_WASM_FAILED,	/* -ENOMEM or what the heap's yield() answered: nothing was found out */
};

/**
 * struct hbk_wasm_error - the first thing that is wrong with a module
 * @refusal: of which kind it is
 * @offset: of the byte at fault, from the module's beginning
 * @function: index of the function whose body it is in, or HBK_WASM_NO_INDEX
 * @text: a sentence without the two above: "type mismatch in i32.add: expected [i32, i32], found [i64]"
 */
struct hbk_wasm_error {
	enum hbk_wasm_refusal refusal;
	u32 offset;
	u32 function;
	char text[HBK_WASM_ERROR_TEXT];
};

int hbk_wasm_error_set(struct hbk_wasm_error *error, enum hbk_wasm_refusal refusal, u32 offset, u32 function,
		       const char *format, ...) __attribute__((format(printf, 5, 6)));
int hbk_wasm_error_vset(struct hbk_wasm_error *error, enum hbk_wasm_refusal refusal, u32 offset, u32 function,
			const char *format, va_list args) __attribute__((format(printf, 5, 0)));
int hbk_wasm_error_failed(struct hbk_wasm_error *error, int err);
int hbk_wasm_error_print(const struct hbk_wasm_error *error, char *text, size_t size);
const char *hbk_wasm_refusal_name(enum hbk_wasm_refusal refusal);

#endif /* _HBK_CORE_WASM_ERROR_H */
