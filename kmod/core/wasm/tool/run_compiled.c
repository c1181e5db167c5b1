// SPDX-License-Identifier: GPL-2.0-only
/* The verb `run-compiled`: what `run` does, with the guests of a shared object. */
#include "compiled.h"

static int run_compiled(int argc, char **argv)
{
	if (!tool_compiled_open(argv[0]))
		return TOOL_REFUSED;
	return verb_run.run(argc - 1, argv + 1);
}

const struct tool_verb verb_run_compiled = {
	.name = "run-compiled",
	.usage = "SHARED-OBJECT FILE EXPORT [ARGUMENT...]",
	.description = "the same, compiled: of C that `together` wrote",
	.least = 3,
	.run = run_compiled,
};
