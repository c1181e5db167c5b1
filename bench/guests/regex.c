// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Like a regular expression: matches patterns with classes, repetition and
 * anchors by backtracking, over 128 lines that look like a log, @amount times.
 */
#include "guest.h"

BENCH(regex);

#define LINE_COUNT	128
#define LINE_SIZE	64

static byte lines[LINE_COUNT][LINE_SIZE];

static const char *const patterns[] = {
	"^GET /api/.*/v[0-9]+ 200$",
	"[a-z]+[0-9][0-9]*z? 40[34]",
	"P.ST .*g?/v[0-4]",
	"/[abc]+/[^/]*/v[13579]",
	"0 50?0$",
};

#define PATTERN_COUNT	(sizeof(patterns) / sizeof(patterns[0]))

static byte *put(byte *to, const char *what)
{
	while (*what)
		*to++ = *what++;
	return to;
}

static byte *put_letters(byte *to, word *seed, word count)
{
	while (count--)
		*to++ = 'a' + bench_random(seed) % 7;
	return to;
}

static void make_line(byte *to, word *seed)
{
	static const char *const verbs[] = { "GET /api/", "POST /api/", "PUT /abc/", "GET /" };
	static const char *const ends[] = { " 200", " 403", " 404", " 500" };

	to = put(to, verbs[bench_random(seed) % 4]);
	to = put_letters(to, seed, 4 + bench_random(seed) % 12);
	*to++ = '/';
	to = put_letters(to, seed, 2 + bench_random(seed) % 6);
	to = put(to, "/v");
	*to++ = '0' + bench_random(seed) % 10;
	to = put(to, ends[bench_random(seed) % 4]);
	*to = '\0';
}

/* How many bytes of the pattern its first element takes; what repeats it comes after. */
static word element_size(const char *pattern)
{
	word size = 1;

	if (*pattern != '[')
		return 1;
	while (pattern[size] != ']')
		size++;
	return size + 1;
}

static int is_in_class(const char *class, byte c)
{
	int inverted = class[1] == '^', found = 0;

	for (class += 1 + inverted; *class != ']'; class++) {
		if (class[1] == '-' && class[2] != ']') {
			found |= c >= (byte)class[0] && c <= (byte)class[2];
			class += 2;
		} else {
			found |= c == (byte)*class;
		}
	}
	return found != inverted;
}

static int is_matched(const char *element, byte c)
{
	if (!c)
		return 0;
	if (*element == '[')
		return is_in_class(element, c);
	return *element == '.' || (byte)*element == c;
}

static int match_here(const char *pattern, const byte *line);

/* As many as there are, then fewer. */
static int match_repeated(const char *element, const char *rest, const byte *line, word least, word most)
{
	word count = 0;

	while (count < most && is_matched(element, line[count]))
		count++;
	for (; count + 1 > least; count--) {
		if (match_here(rest, line + count))
			return 1;
		if (!count)
			break;
	}
	return 0;
}

static int match_here(const char *pattern, const byte *line)
{
	for (;;) {
		word size;

		if (!*pattern)
			return 1;
		if (pattern[0] == '$' && !pattern[1])
			return !*line;
		size = element_size(pattern);
		switch (pattern[size]) {
		case '*':
			return match_repeated(pattern, pattern + size + 1, line, 0, LINE_SIZE);
		case '+':
			return match_repeated(pattern, pattern + size + 1, line, 1, LINE_SIZE);
		case '?':
			return match_repeated(pattern, pattern + size + 1, line, 0, 1);
		}
		if (!is_matched(pattern, *line))
			return 0;
		pattern += size;
		line++;
	}
}

static int match(const char *pattern, const byte *line)
{
	if (*pattern == '^')
		return match_here(pattern + 1, line);
	do {
		if (match_here(pattern, line))
			return 1;
	} while (*line++);
	return 0;
}

BENCH(regex)
{
	word seed = 5, sum = 0, i, j;

	for (i = 0; i < LINE_COUNT; i++)
		make_line(lines[i], &seed);
	while (amount--)
		for (i = 0; i < PATTERN_COUNT; i++)
			for (j = 0; j < LINE_COUNT; j++)
				sum = sum * 3 + match(patterns[i], lines[j]);
	return sum;
}
