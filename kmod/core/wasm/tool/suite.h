/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the program's half of the core test suite can be told to do; see suite.c for the protocol. It runs in two places:
 * as the verb `suite` (suite_verb.c), and in the kernel (tests/kernel), which must have what is declared last.
 */
#ifndef _HBK_WASM_TOOL_SUITE_H
#define _HBK_WASM_TOOL_SUITE_H

#include "../validate.h"

#define SUITE_WORDS	1100	/* of a line: an invocation has as many as a function may have parameters, and some */

/**
 * struct suite_command - one line of the protocol
 * @name: its first word
 * @least: words that must follow
 * @run: does it with what follows, and says its one answer
 */
struct suite_command {
	const char *name;
	int least;
	void (*run)(int argc, char **argv);
};

extern const struct suite_command suite_check;
extern const struct suite_command suite_module;
extern const struct suite_command suite_register;
extern const struct suite_command suite_invoke;
extern const struct suite_command suite_get;

void suite_run_line(char *line);
void suite_answer_refused(const struct hbk_wasm_error *error);
void suite_begin(void);
void suite_end(void);

/* Of where it runs: what takes answers, and zeroed memory, which there always is. */
void suite_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void *suite_alloc(size_t size);
void suite_free(void *memory);

#endif /* _HBK_WASM_TOOL_SUITE_H */
