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
#include "guest.h"
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
	suite_say("refused %s %s\n", kind, error->text);
}

static void check_file(int argc, char **argv)
{
	struct hbk_wasm_error error;

	(void)argc;
	switch (guest_check(argv[0], &error)) {
	case GUEST_MADE:
		suite_say("ok\n");
		break;
	case GUEST_REFUSED:
		suite_answer_refused(&error);
		break;
	default:
		suite_say("error %s\n", error.text);
	}
}

const struct suite_command suite_check = { "check", 1, check_file };

static int split_words(char *line, char **words)
{
	int count = 0;
	char *word;

	while (count < SUITE_WORDS) {
		word = strsep(&line, "\n ");
		if (!word)
			break;
		if (*word)
			words[count++] = word;
	}
	return count;
}

static void run_words(int count, char **words)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(words[0], commands[i]->name))
			continue;
		if (count - 1 < commands[i]->least)
			suite_say("error %s needs %d words\n", words[0], commands[i]->least);
		else
			commands[i]->run(count - 1, words + 1);
		return;
	}
	suite_say("unknown\n");
}

/**
 * suite_run_line() - do what a line says, and say the answer
 * @line: with or without the newline at its end; taken apart
 */
void suite_run_line(char *line)
{
	static char *words[SUITE_WORDS];
	int count = split_words(line, words);

	if (count)
		run_words(count, words);
}
