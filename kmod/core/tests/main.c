// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>
#include <stdlib.h>

#include "golden.h"
#include "tests.h"

void tests_add(struct tests *tests, const char *name, CMUnitTestFunction test, const void *row)
{
	tests->list = realloc(tests->list, (tests->count + 1) * sizeof(*tests->list));
	assert(tests->list);
	tests->list[tests->count++] = (struct CMUnitTest){
		.name = name, .test_func = test, .initial_state = (void *)row,
	};
}

int main(int argc, char **argv)
{
	struct tests tests = { 0 };
	int failed;

	if (argc != 3) {
		fprintf(stderr, "usage: %s GOLDEN CERTIFICATES | %s --write GOLDEN\n", argv[0], argv[0]);
		return 2;
	}
	if (!strcmp(argv[1], "--write")) {
		golden_write_all(argv[2]);
		return 0;
	}

	tests.golden = argv[1];
	tests.certificates = argv[2];
	add_text_tests(&tests);
	add_frame_tests(&tests);
	add_golden_tests(&tests);
	add_table_tests(&tests);
	add_match_tests(&tests);
	add_hello_tests(&tests);
	add_peer_tests(&tests);
	add_leaf_tests(&tests);
	add_certificate_tests(&tests);

	failed = _cmocka_run_group_tests("core", tests.list, tests.count, NULL, NULL);
	free(tests.list);
	printf("core: %zu passed, %d failed\n", tests.count - failed, failed);
	return failed != 0;
}
