/* SPDX-License-Identifier: GPL-2.0-only */
/* One character of UTF-8. */
#ifndef _HBK_CORE_UTF8_H
#define _HBK_CORE_UTF8_H

#include "types.h"

/**
 * hbk_utf8_length() - the length of the character that text starts with
 * @text: at least one byte
 * @length: how many bytes there are
 *
 * Return: 1 to 4, or 0 if it starts with none.
 */
static inline size_t hbk_utf8_length(const u8 *text, size_t length)
{
	/* The first byte, and the bounds of the second one, of what is beyond ASCII (RFC 3629 section 4). */
	static const struct {
		u8 first_low, first_high;
		u8 second_low, second_high;
		u8 length;
	} shapes[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },	/* no surrogates */
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },	/* nothing past U+10FFFF */
	};
	size_t i, j;

	if (text[0] < 0x80)
		return 1;
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (text[0] >= shapes[i].first_low && text[0] <= shapes[i].first_high)
			break;
	}
	if (i == sizeof(shapes) / sizeof(shapes[0]) || shapes[i].length > length)
		return 0;
	if (text[1] < shapes[i].second_low || text[1] > shapes[i].second_high)
		return 0;
	for (j = 2; j < shapes[i].length; j++) {
		if ((text[j] & 0xc0) != 0x80)
			return 0;
	}
	return shapes[i].length;
}

#endif /* _HBK_CORE_UTF8_H */
