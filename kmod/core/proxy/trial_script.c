// SPDX-License-Identifier: GPL-2.0-only
#include "trial_script.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void skip_blanks(struct hbk_script_line *line)
{
	while (line->at < line->end && is_blank(*line->at))
		line->at++;
}

static bool take_line(struct hbk_script *script, struct hbk_script_line *line)
{
	if (script->at == script->end)
		return false;
	line->at = script->at;
	while (script->at < script->end && *script->at != '\n')
		script->at++;
	line->end = script->at;
	if (script->at < script->end)
		script->at++;
	script->line++;
	return true;
}

/**
 * hbk_script_next() - the next line that says something
 * @script: where we are
 * @line: gets it
 *
 * Return: false at the end.
 */
bool hbk_script_next(struct hbk_script *script, struct hbk_script_line *line)
{
	while (take_line(script, line)) {
		skip_blanks(line);
		if (line->at < line->end && *line->at != '#')
			return true;
	}
	return false;
}

/**
 * hbk_script_word() - take a word: what stands before a blank
 * @line: of which
 * @word: gets it
 */
bool hbk_script_word(struct hbk_script_line *line, struct hbk_script_word *word)
{
	skip_blanks(line);
	word->text = line->at;
	while (line->at < line->end && !is_blank(*line->at))
		line->at++;
	word->length = line->at - word->text;
	return word->length;
}

/**
 * hbk_script_number() - take a number of at most 64 bits
 * @line: of which
 * @number: gets it
 */
bool hbk_script_number(struct hbk_script_line *line, u64 *number)
{
	struct hbk_script_word word;
	size_t i;

	*number = 0;
	if (!hbk_script_word(line, &word))
		return false;
	for (i = 0; i < word.length; i++) {
		u64 digit = word.text[i] - '0';

		if (digit > 9 || *number > (~0ull - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	return true;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int hexadecimal(struct hbk_script_line *line)
{
	int high, low;

	if (line->end - line->at < 2)
		return -1;
	high = digit_of(line->at[0]);
	low = digit_of(line->at[1]);
	line->at += 2;
	return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* What follows a backslash; -1 if nothing that we know does. */
static int unescape(struct hbk_script_line *line)
{
	if (line->at == line->end)
		return -1;
	switch (*line->at++) {
	case 'x':
		return hexadecimal(line);
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case '0':
		return 0;
	case '"':
		return '"';
	case '\\':
		return '\\';
	default:
		return -1;
	}
}

/**
 * hbk_script_string() - take a string
 * @line: of which
 * @string: gets its bytes, in place of what it holds
 */
bool hbk_script_string(struct hbk_script_line *line, struct hbk_buffer *string)
{
	int c;
	u8 byte;

	hbk_buffer_clear(string);
	skip_blanks(line);
	if (line->at == line->end || *line->at++ != '"')
		return false;
	while (line->at < line->end) {
		c = (u8)*line->at++;
		if (c == '"')
			return true;
		if (c == '\\')
			c = unescape(line);
		if (c < 0)
			return false;
		byte = c;
		if (hbk_buffer_append(string, &byte, 1))
			return false;
	}
	return false;
}

/**
 * hbk_script_ends() - nothing else stands in the line
 * @line: which
 */
bool hbk_script_ends(struct hbk_script_line *line)
{
	skip_blanks(line);
	return line->at == line->end;
}
