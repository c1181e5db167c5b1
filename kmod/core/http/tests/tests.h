/* SPDX-License-Identifier: GPL-2.0-only */
/* The tests of core/http and of what core/proxy builds on it: each file adds one cmocka test per row of its tables. */
#ifndef _HBK_HTTP_TESTS_H
#define _HBK_HTTP_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../types.h"
#include "heap.h"

#define ROWS(table)	(sizeof(table) / sizeof((table)[0]))

struct tests {
	struct CMUnitTest *list;
	size_t count;
};

/* name is shown and must outlive the run; row is handed to the test as *state. */
void tests_add(struct tests *tests, const char *name, CMUnitTestFunction test, const void *row);

void add_refusal_tests(struct tests *tests);
void add_message_tests(struct tests *tests);
void add_map_tests(struct tests *tests);
void add_call_tests(struct tests *tests);
void add_chain_tests(struct tests *tests);

#endif /* _HBK_HTTP_TESTS_H */
