/* SPDX-License-Identifier: GPL-2.0-only */
/* The files of tests, and what they share. */
#ifndef _HBK_WASM_VALIDATE_TESTS_H
#define _HBK_WASM_VALIDATE_TESTS_H

#include "../tool/tool.h"
#include "validate_builder.h"

#include <setjmp.h>
#include <stdlib.h>
/* cmocka wants those before it, and what types.h brings. */
#include <cmocka.h>

struct tests {
	struct CMUnitTest *list;
	size_t count;
};

void tests_add(struct tests *tests, const char *name, CMUnitTestFunction test, const void *row);

void add_limit_tests(struct tests *tests);
void add_refusal_tests(struct tests *tests);
void add_module_tests(struct tests *tests);

/* Validates what was built and frees it; the heap must be empty afterwards. */
int check_built(struct builder *builder, u32 forbidden, struct hbk_wasm_error *error);

#endif /* _HBK_WASM_VALIDATE_TESTS_H */
