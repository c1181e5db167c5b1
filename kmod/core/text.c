// SPDX-License-Identifier: GPL-2.0-only
#include "text.h"

/* The shapes of UTF-8 beyond ASCII: the first byte, and the bounds of the second one (RFC 3629 section 4). */
static const struct utf8_shape {
	u8 first_low, first_high;
	u8 second_low, second_high;
	u8 length;
} utf8_shapes[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },	/* no surrogates */
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },	/* nothing past U+10FFFF */
};

static const struct utf8_shape *utf8_shape_find(u8 first)
{
	size_t i;

	for (i = 0; i < sizeof(utf8_shapes) / sizeof(utf8_shapes[0]); i++) {
		if (first >= utf8_shapes[i].first_low && first <= utf8_shapes[i].first_high)
			return &utf8_shapes[i];
	}
	return NULL;
}

/* The length of the character that text starts with; 0 if it is none, or a control character. */
static size_t character_length(const u8 *text, size_t length)
{
	const struct utf8_shape *shape;
	size_t i;

	if (text[0] < 0x80)
		return text[0] >= 0x20 && text[0] != 0x7f;

	shape = utf8_shape_find(text[0]);
	if (!shape || shape->length > length)
		return 0;
	if (text[1] < shape->second_low || text[1] > shape->second_high)
		return 0;
	for (i = 2; i < shape->length; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	}
	return shape->length;
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
