/* SPDX-License-Identifier: GPL-2.0-only */
/* Compiled guests in user space: shared objects, opened for as long as the program runs. */
#ifndef _HBK_WASM_TOOL_COMPILED_H
#define _HBK_WASM_TOOL_COMPILED_H

#include <stdio.h>

#include "../translate.h"
#include "tool.h"

#define COMPILED_PREFIX		18	/* bytes of the prefix of a guest's names, the final NUL included */

int tool_translate(const struct hbk_wasm_translation *task, FILE *stream, struct hbk_wasm_heap *heap,
		   struct hbk_wasm_error *error);
void tool_compiled_prefix(const struct hbk_wasm_module *module, char prefix[COMPILED_PREFIX]);
bool tool_compiled_open(const char *path);
bool tool_compiled_only(void);
const struct hbk_wasm_compiled *tool_compiled_find(const struct hbk_wasm_module *module);

#endif /* _HBK_WASM_TOOL_COMPILED_H */
