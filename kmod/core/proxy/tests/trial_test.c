// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trials: each NAME.trial of the folder gives NAME.trace. Its first line names
 * the guest. Then each runs again and again, with one allocation more that
 * succeeds each time: nothing may be lost on any way out.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "../tool/engine.h"
#include "../trial.h"
#include "tests.h"

#define ALLOCATIONS_MAX	3000	/* that a trial makes */

struct trial {
	char *script;
	size_t script_size;
	char *bytes;
	struct tool_engine *tool;
};

static char *path_of(const char *name, const char *suffix)
{
	static char path[600];

	snprintf(path, sizeof(path), "%s/%s%s", tests_trials, name, suffix);
	return path;
}

static void setup(struct trial *trial, const char *name)
{
	char guest[64];
	size_t size;

	trial->script = tests_read(path_of(name, ".trial"), &trial->script_size);
	assert_int_equal(sscanf(trial->script, "# guest %63s", guest), 1);
	trial->bytes = tests_guest(guest, &size);
	trial->tool = malloc(sizeof(*trial->tool));
	if (tool_engine_open(trial->tool, trial->bytes, size))
		fail_msg("%s: %s", guest, trial->tool->why);
}

static void teardown(struct trial *trial)
{
	tool_engine_close(trial->tool);
	assert_int_equal(trial->tool->heap.used, 0);
	free(trial->tool);
	free(trial->bytes);
	free(trial->script);
}

static void write_trace(const char *name, const struct hbk_buffer *trace)
{
	FILE *stream = fopen(path_of(name, ".trace"), "wb");

	assert_non_null(stream);
	assert_int_equal(fwrite(hbk_buffer_data(trace), 1, trace->length, stream), trace->length);
	assert_int_equal(fclose(stream), 0);
}

static void compare_trace(const char *name, const struct hbk_buffer *trace)
{
	size_t size;
	char *expected = tests_read(path_of(name, ".trace"), &size);
	char *got = calloc(1, trace->length + 1);

	assert_non_null(got);
	memcpy(got, hbk_buffer_data(trace), trace->length);
	assert_string_equal(got, expected);
	free(got);
	free(expected);
}

static void gives_trace(void **state)
{
	const char *name = *state;
	struct hbk_buffer trace;
	struct trial trial;

	setup(&trial, name);
	hbk_buffer_init(&trace, &trial.tool->heap.heap, HBK_PROXY_TRACE_MAX);
	hbk_trial_run(&trial.tool->engine, trial.script, trial.script_size, &trace);
	if (tests_write)
		write_trace(name, &trace);
	else
		compare_trace(name, &trace);
	hbk_buffer_release(&trace);
	teardown(&trial);
}

/* Whether all allocations that it makes were allowed. */
static bool run_short_of_memory(struct trial *trial, long allocations)
{
	struct tool_heap *heap = &trial->tool->heap;
	size_t before = heap->used;
	struct hbk_buffer trace;
	bool enough;

	hbk_buffer_init(&trace, &heap->heap, HBK_PROXY_TRACE_MAX);
	heap->left = allocations;
	hbk_trial_run(&trial->tool->engine, trial->script, trial->script_size, &trace);
	enough = heap->left > 0;
	heap->left = -1;
	hbk_buffer_release(&trace);
	assert_int_equal(heap->used, before);
	return enough;
}

static void survives_without_memory(void **state)
{
	struct trial trial;
	long allocations = 0;

	setup(&trial, *state);
	while (!run_short_of_memory(&trial, allocations) && allocations < ALLOCATIONS_MAX)
		allocations++;
	assert_true(allocations < ALLOCATIONS_MAX);
	teardown(&trial);
}

static void add(struct tests *tests, const char *file)
{
	size_t length = strlen(file) - strlen(".trial");
	char *name = strndup(file, length), *title = malloc(length + 64);

	sprintf(title, "trial: %s", name);
	tests_add(tests, title, gives_trace, name);
	title = malloc(length + 64);
	sprintf(title, "trial: %s without memory", name);
	tests_add(tests, title, survives_without_memory, name);
}

static int is_trial(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 6 && !strcmp(entry->d_name + length - 6, ".trial");
}

void add_trial_tests(struct tests *tests)
{
	struct dirent **entries;
	int count = scandir(tests_trials, &entries, is_trial, alphasort), i;

	for (i = 0; i < count; i++) {
		add(tests, entries[i]->d_name);
		free(entries[i]);
	}
	if (count <= 0)
		abort();
	free(entries);
}
