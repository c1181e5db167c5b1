// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"
#include "utf8.h"

/* The length of the character that text starts with; 0 if it is none, or a control character. */
static size_t character_length(const u8 *text, size_t length)
{
	if (text[0] < 0x20 || text[0] == 0x7f)
		return 0;
	return hbk_utf8_length(text, length);
}

/**
 * hbk_text_valid() - tell whether bytes are UTF-8 that a terminal survives
 * @text: the bytes, without a final NUL
 * @length: how many
 *
 * Return: true if they are well-formed UTF-8 without ASCII control characters.
 */
bool hbk_text_valid(const u8 *text, size_t length)
{
	size_t i = 0, step;

	while (i < length) {
		step = character_length(text + i, length - i);
		if (!step)
			return false;
		i += step;
	}
	return true;
}

static bool is_alphanumeric(u8 c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/**
 * hbk_name_valid() - tell whether bytes are the name of a rule or an identity
 * @name: the bytes, without a final NUL
 * @length: how many
 *
 * Return: true for [A-Za-z0-9][A-Za-z0-9._-]* of at most HBK_NAME_MAX bytes.
 */
bool hbk_name_valid(const u8 *name, size_t length)
{
	size_t i;

	if (length == 0 || length > HBK_NAME_MAX || !is_alphanumeric(name[0]))
		return false;
	for (i = 1; i < length; i++) {
		if (!is_alphanumeric(name[i]) && name[i] != '.' && name[i] != '_' && name[i] != '-')
			return false;
	}
	return true;
}
