// SPDX-License-Identifier: GPL-2.0-only
/* The verb `suite`: what suite.c does, told on standard input. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiled.h"
#include "suite.h"

void suite_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
}

void *suite_alloc(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		abort();
	return memory;
}

void suite_free(void *memory)
{
	free(memory);
}

static int run_suite(int argc, char **argv)
{
	char *line = NULL;
	size_t room = 0;

	if (argc && !tool_compiled_open(argv[0]))
		return TOOL_REFUSED;
	suite_begin();
	while (getline(&line, &room, stdin) > 0) {
		suite_run_line(line);
		fflush(stdout);
	}
	free(line);
	suite_end();
	return TOOL_DONE;
}

const struct tool_verb verb_suite = {
	.name = "suite",
	.usage = "[SHARED-OBJECT]",
	.description = "do what lines on standard input say, for the core test suite",
	.run = run_suite,
};
