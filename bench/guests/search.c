// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Loads and comparisons: looks for @amount words in 16 KiB of text, byte by byte and then with skips (Horspool). */
#include "guest.h"

BENCH(search);

#define TEXT_SIZE	16384
#define NEEDLE_SIZE	8

static byte text[TEXT_SIZE];
static byte skips[256];

static void make_text(void)
{
	word seed = 7, i;

	for (i = 0; i < TEXT_SIZE; i++)
		text[i] = 'a' + bench_random(&seed) % 13;
}

static int is_at(const byte *place, const byte *needle)
{
	word i;

	for (i = 0; i < NEEDLE_SIZE && place[i] == needle[i]; i++)
		;
	return i == NEEDLE_SIZE;
}

/* Where @needle is for the first time, trying each place that begins with its first byte. */
static word find_plainly(const byte *needle)
{
	word at;

	for (at = 0; at <= TEXT_SIZE - NEEDLE_SIZE; at++)
		if (text[at] == needle[0] && is_at(text + at, needle))
			return at;
	return TEXT_SIZE;
}

/* The same, leaving places out that the last byte of the window rules out. */
static word find_with_skips(const byte *needle)
{
	word at, i;

	for (i = 0; i < 256; i++)
		skips[i] = NEEDLE_SIZE;
	for (i = 0; i < NEEDLE_SIZE - 1; i++)
		skips[needle[i]] = NEEDLE_SIZE - 1 - i;
	for (at = 0; at <= TEXT_SIZE - NEEDLE_SIZE; at += skips[text[at + NEEDLE_SIZE - 1]])
		if (is_at(text + at, needle))
			return at;
	return TEXT_SIZE;
}

BENCH(search)
{
	byte needle[NEEDLE_SIZE];
	word seed = 11, sum = 0, i;

	make_text();
	while (amount--) {
		word from = TEXT_SIZE / 2 + bench_random(&seed) % (TEXT_SIZE / 2 - NEEDLE_SIZE);

		for (i = 0; i < NEEDLE_SIZE; i++)
			needle[i] = text[from + i];
		sum = sum * 31 + find_plainly(needle);
		sum = sum * 31 + find_with_skips(needle);
	}
	return sum;
}
