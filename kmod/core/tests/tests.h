/* SPDX-License-Identifier: GPL-2.0-only */
/* The tests of core/: each file adds one cmocka test per row of its tables. */
#ifndef _HBK_TESTS_TESTS_H
#define _HBK_TESTS_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../types.h"

#define ROWS(table)	(sizeof(table) / sizeof((table)[0]))

struct tests {
	struct CMUnitTest *list;
	size_t count;
	const char *golden;		/* directories */
	const char *certificates;
};

/* name is shown and must outlive the run; row is handed to the test as *state. */
void tests_add(struct tests *tests, const char *name, CMUnitTestFunction test, const void *row);

void add_text_tests(struct tests *tests);
void add_frame_tests(struct tests *tests);
void add_golden_tests(struct tests *tests);
void add_table_tests(struct tests *tests);
void add_match_tests(struct tests *tests);
void add_hello_tests(struct tests *tests);
void add_peer_tests(struct tests *tests);
void add_leaf_tests(struct tests *tests);
void add_certificate_tests(struct tests *tests);

#endif /* _HBK_TESTS_TESTS_H */
