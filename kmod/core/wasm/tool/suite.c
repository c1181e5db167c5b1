// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program's half of the core test suite. Its other half, tests/core-suite,
 * reads what wast2json made of the suite, tells this what to do, line by line,
 * and judges the answers. A command is one line of words with a space between
 * them; each has one line of answer.
 *
 * Names are hexadecimal, so that any byte may be in them; "-" is the empty name,
 * and where a module is meant, the last one. Values are TYPE:BITS in decimal; of
 * references TYPE:null or TYPE:NUMBER, as in the suite's JSON files.
 *
 *	check FILE			ok | refused KIND TEXT
 *	module NAME FILE		ok | refused KIND TEXT | unlinkable TEXT | trap TEXT
 *	register NAME AS		ok | error TEXT
 *	invoke NAME FIELD VALUE...	values VALUE... | trap TEXT | error TEXT
 *	get NAME FIELD			values VALUE | error TEXT
 *
 * KIND is a word of hbk_wasm_refusal_name() with "-" for its spaces. TEXT is the
 * rest of the line. "error" is what the suite never expects: there is no such
 * module or export. "unknown" answers a command that this program does not have:
 * then the driver counts what needs it as excluded.
 *
 * `check` is here. A file of its own that brings more commands adds rows to the
 * table below; the driver needs no change.
 */
#include <stdio.h>
#include <stdlib.h>

#include "compiled.h"
#include "suite.h"

static const struct suite_command *const commands[] = {
	&suite_check,
	&suite_module,
	&suite_register,
	&suite_invoke,
	&suite_get,
};

/**
 * suite_answer_refused() - answer that the validator refused a module
 * @error: what it told
 */
void suite_answer_refused(const struct hbk_wasm_error *error)
{
	char kind[32];
	size_t i;

	snprintf(kind, sizeof(kind), "%s", hbk_wasm_refusal_name(error->refusal));
	for (i = 0; kind[i]; i++) {
		if (kind[i] == ' ')
			kind[i] = '-';
	}
	printf("refused %s %s\n", kind, error->text);
}

/* A heap that is not empty at the end is a fault of the engine, and so is a module that was refused and kept something. */
static void check_file(int argc, char **argv)
{
	struct hbk_wasm_module module;
	struct hbk_wasm_error error;
	struct tool_file file;
	struct tool_heap heap;
	int err;

	(void)argc;
	err = tool_file_read(&file, argv[0]);
	if (err) {
		printf("error %s: %s\n", argv[0], strerror(-err));
		return;
	}
	tool_heap_init(&heap);
	err = hbk_wasm_validate(&module, file.bytes, file.size, 0, &heap.heap, &error);
	if (!err)
		hbk_wasm_module_free(&module);
	if (heap.used)
		printf("error %s: %zu bytes were not given back\n", argv[0], heap.used);
	else if (err)
		suite_answer_refused(&error);
	else
		puts("ok");
	tool_file_free(&file);
}

const struct suite_command suite_check = { "check", 1, check_file };

static int split_words(char *line, char **words)
{
	int count = 0;
	char *word;

	for (word = strtok(line, "\n "); word && count < SUITE_WORDS; word = strtok(NULL, "\n "))
		words[count++] = word;
	return count;
}

static void run_line(int count, char **words)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(words[0], commands[i]->name))
			continue;
		if (count - 1 < commands[i]->least)
			printf("error %s needs %d words\n", words[0], commands[i]->least);
		else
			commands[i]->run(count - 1, words + 1);
		return;
	}
	puts("unknown");
}

static int run_suite(int argc, char **argv)
{
	static char *words[SUITE_WORDS];
	char *line = NULL;
	size_t room = 0;
	int count;

	if (argc && !tool_compiled_open(argv[0]))
		return TOOL_REFUSED;
	while (getline(&line, &room, stdin) > 0) {
		count = split_words(line, words);
		if (!count)
			continue;
		run_line(count, words);
		fflush(stdout);
	}
	free(line);
	return TOOL_DONE;
}

const struct tool_verb verb_suite = {
	.name = "suite",
	.usage = "[SHARED-OBJECT]",
	.description = "do what lines on standard input say, for the core test suite",
	.run = run_suite,
};
