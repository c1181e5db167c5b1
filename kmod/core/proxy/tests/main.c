// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "tests.h"

const char *tests_guests;
const char *tests_trials;
bool tests_write;

void tests_add(struct tests *tests, const char *name, CMUnitTestFunction test, const void *state)
{
	tests->list = realloc(tests->list, (tests->count + 1) * sizeof(*tests->list));
	if (!tests->list)
		abort();
	tests->list[tests->count++] = (struct CMUnitTest){
		.name = name, .test_func = test, .initial_state = (void *)state,
	};
}

char *tests_read(const char *path, size_t *size)
{
	FILE *stream = fopen(path, "rb");
	char *bytes;
	long end;

	if (!stream)
		fail_msg("%s: %s", path, strerror(errno));
	fseek(stream, 0, SEEK_END);
	end = ftell(stream);
	rewind(stream);
	bytes = calloc(1, end + 1);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, end, stream), end);
	fclose(stream);
	*size = end;
	return bytes;
}

char *tests_guest(const char *name, size_t *size)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s.wasm", tests_guests, name);
	return tests_read(path, size);
}

/* proxy-tests GUESTS TRIALS [--write]: with it the expected traces are written instead of compared. */
int main(int argc, char **argv)
{
	static struct tests tests;	/* keeps the names of its tests to the end */
	int failed;

	if (argc < 3) {
		fputs("usage: proxy-tests GUESTS TRIALS [--write]\n", stderr);
		return 2;
	}
	tests_guests = argv[1];
	tests_trials = argv[2];
	tests_write = argc > 3 && !strcmp(argv[3], "--write");
	add_buffer_tests(&tests);
	add_table_tests(&tests);
	add_hub_tests(&tests);
	add_chain_tests(&tests);
	add_trial_tests(&tests);
	failed = _cmocka_run_group_tests("proxy", tests.list, tests.count, NULL, NULL);
	printf("proxy: %zu passed, %d failed\n", tests.count - failed, failed);
	return failed != 0;
}
