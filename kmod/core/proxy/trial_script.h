/* SPDX-License-Identifier: GPL-2.0-only */
/* Event scripts as text: lines of words, numbers and strings, docs/proxy-wasm.md. */
#ifndef _HBK_PROXY_TRIAL_SCRIPT_H
#define _HBK_PROXY_TRIAL_SCRIPT_H

#include "buffer.h"

/**
 * struct hbk_script - where in a script we are
 * @at: next byte
 * @end: of the script
 * @line: number of the line before @at; counts from 1
 */
struct hbk_script {
	const char *at;
	const char *end;
	u32 line;
};

/**
 * struct hbk_script_line - what a line says, as far as its words are asked for
 * @at: next byte of it
 * @end: of it
 */
struct hbk_script_line {
	const char *at;
	const char *end;
};

struct hbk_script_word {
	const char *text;
	size_t length;
};

bool hbk_script_next(struct hbk_script *script, struct hbk_script_line *line);

bool hbk_script_word(struct hbk_script_line *line, struct hbk_script_word *word);
bool hbk_script_number(struct hbk_script_line *line, u64 *number);
bool hbk_script_string(struct hbk_script_line *line, struct hbk_buffer *string);
bool hbk_script_ends(struct hbk_script_line *line);

static inline bool hbk_script_is(const struct hbk_script_word *word, const char *text)
{
	return word->length == strlen(text) && !memcmp(word->text, text, word->length);
}

#endif /* _HBK_PROXY_TRIAL_SCRIPT_H */
