/* SPDX-License-Identifier: GPL-2.0-only */
/* hauberk-wasm: the engine's portable half as a program. */
#ifndef _HBK_WASM_TOOL_H
#define _HBK_WASM_TOOL_H

#include "../validate.h"

/* Exit statuses of every verb. */
enum tool_status {
	TOOL_DONE,
	TOOL_REFUSED,	/* the module, or what was asked of it */
	TOOL_USAGE,
};

/**
 * struct tool_verb - what the program can do
 * @name: the word on the command line
 * @usage: what follows it
 * @description: one line without a full stop
 * @least: arguments that it needs
 * @run: does it, with what follows the verb; returns enum tool_status
 *
 * Each verb is a file of its own, and a row of the table in main.c.
 */
struct tool_verb {
	const char *name;
	const char *usage;
	const char *description;
	int least;
	int (*run)(int argc, char **argv);
};

extern const struct tool_verb verb_validate;
extern const struct tool_verb verb_translate;
extern const struct tool_verb verb_together;
extern const struct tool_verb verb_run_compiled;
extern const struct tool_verb verb_run;
extern const struct tool_verb verb_suite;

/* A file in memory. */
struct tool_file {
	u8 *bytes;
	size_t size;
};

int tool_file_read(struct tool_file *file, const char *path);
void tool_file_free(struct tool_file *file);

/* malloc() as the engine's heap, and what is allocated from it just now. */
struct tool_heap {
	struct hbk_wasm_heap heap;
	size_t used;
};

void tool_heap_init(struct tool_heap *heap);

#endif /* _HBK_WASM_TOOL_H */
