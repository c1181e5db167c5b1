// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "tool.h"

static const struct tool_verb *const verbs[] = {
	&verb_validate,
	&verb_run,
	&verb_translate,
	&verb_together,
	&verb_run_compiled,
	&verb_suite,
};

#define VERBS	(sizeof(verbs) / sizeof(verbs[0]))

static void print_usage(FILE *to)
{
	size_t i;

	fputs("usage: hauberk-wasm VERB ...\n", to);
	for (i = 0; i < VERBS; i++)
		fprintf(to, "  %-10s %-28s %s\n", verbs[i]->name, verbs[i]->usage, verbs[i]->description);
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		print_usage(stdout);
		return TOOL_DONE;
	}
	for (i = 0; argc > 1 && i < VERBS; i++) {
		if (strcmp(argv[1], verbs[i]->name))
			continue;
		if (argc - 2 >= verbs[i]->least)
			return verbs[i]->run(argc - 2, argv + 2);
		fprintf(stderr, "usage: hauberk-wasm %s %s\n", verbs[i]->name, verbs[i]->usage);
		return TOOL_USAGE;
	}
	if (argc > 1)
		fprintf(stderr, "hauberk-wasm: no verb \"%s\"\n", argv[1]);
	print_usage(stderr);
	return TOOL_USAGE;
}
