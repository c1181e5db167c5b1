// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>
#include <stdlib.h>

#include "tests.h"

void tests_add(struct tests *tests, const char *name, CMUnitTestFunction test, const void *row)
{
	tests->list = realloc(tests->list, (tests->count + 1) * sizeof(*tests->list));
	assert(tests->list);
	tests->list[tests->count++] = (struct CMUnitTest){
		.name = name, .test_func = test, .initial_state = (void *)row,
	};
}

int main(void)
{
	struct tests tests = { 0 };
	int failed;

	add_refusal_tests(&tests);
	add_message_tests(&tests);
	add_map_tests(&tests);
	add_call_tests(&tests);
	add_chain_tests(&tests);

	failed = _cmocka_run_group_tests("http", tests.list, tests.count, NULL, NULL);
	free(tests.list);
	printf("http: %zu passed, %d failed\n", tests.count - failed, failed);
	return failed != 0;
}
