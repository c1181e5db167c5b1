/* SPDX-License-Identifier: GPL-2.0-only */
/* What the verb `suite` can be told to do; see suite.c for the protocol. */
#ifndef _HBK_WASM_TOOL_SUITE_H
#define _HBK_WASM_TOOL_SUITE_H

#include "tool.h"

#define SUITE_WORDS	1100	/* of a line: an invocation has as many as a function may have parameters, and some */

/**
 * struct suite_command - one line of the protocol
 * @name: its first word
 * @least: words that must follow
 * @run: does it with what follows, and prints its one answer to standard output
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

/* Prints the answer to a module that was refused. */
void suite_answer_refused(const struct hbk_wasm_error *error);

#endif /* _HBK_WASM_TOOL_SUITE_H */
