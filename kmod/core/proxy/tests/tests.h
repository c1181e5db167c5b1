/* SPDX-License-Identifier: GPL-2.0-only */
/* The unit tests of the proxy-wasm host: every file adds its own to one list. */
#ifndef _HBK_PROXY_TESTS_H
#define _HBK_PROXY_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../buffer.h"

/* A list of tests that grows. */
struct tests {
	struct CMUnitTest *list;
	size_t count;
};

void tests_add(struct tests *tests, const char *name, CMUnitTestFunction test, const void *state);

void add_buffer_tests(struct tests *tests);
void add_table_tests(struct tests *tests);
void add_hub_tests(struct tests *tests);
void add_chain_tests(struct tests *tests);
void add_trial_tests(struct tests *tests);

/* Where the guests are, and the trials. */
extern const char *tests_guests;
extern const char *tests_trials;
extern bool tests_write;

/* A whole file, with a NUL behind it; fails the test if there is none. */
char *tests_read(const char *path, size_t *size);
/* The bytes of a guest by its name. */
char *tests_guest(const char *name, size_t *size);

#endif /* _HBK_PROXY_TESTS_H */
