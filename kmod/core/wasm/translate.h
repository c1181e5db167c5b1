/* SPDX-License-Identifier: GPL-2.0-only */
/* A module as C: for a compiler, and then for compiled.h. */
#ifndef _HBK_CORE_WASM_TRANSLATE_H
#define _HBK_CORE_WASM_TRANSLATE_H

#include "compiled.h"
#include "error.h"
#include "module.h"

#define HBK_WASM_TRANSLATED_MAX		536870912	/* bytes of C that a module may become */
#define HBK_WASM_TRANSLATED_PREFIX	64		/* bytes of the prefix, the final NUL included */

/* Where text goes: 0, or a negative errno that ends the translation. */
struct hbk_wasm_sink {
	int (*write)(struct hbk_wasm_sink *sink, const char *text, size_t length);
};

/**
 * struct hbk_wasm_translation - what is asked for
 * @module: validated
 * @sha256: of its bytes
 * @prefix: of every C name at file scope; letters, digits and '_', at most HBK_WASM_TRANSLATED_PREFIX - 1 of them.
 *	The guest's struct hbk_wasm_compiled has this name and "guest" behind it
 */
struct hbk_wasm_translation {
	const struct hbk_wasm_module *module;
	const u8 *sha256;
	const char *prefix;
};

int hbk_wasm_translate(const struct hbk_wasm_translation *translation, struct hbk_wasm_sink *sink,
		       struct hbk_wasm_heap *heap, struct hbk_wasm_error *error);

#endif /* _HBK_CORE_WASM_TRANSLATE_H */
