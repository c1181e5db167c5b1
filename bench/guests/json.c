// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Branches over bytes: checks a JSON document of some 8 KiB @amount times and adds up what is in it. */
#include "guest.h"

BENCH(json);

#define TEXT_SIZE	8192
#define RECORD_SIZE	160	/* more than a record and its separator take */
#define NESTING_MAX	32

struct scanner {
	const byte *at;
	const byte *end;
	word numbers;
	word strings;
	word sum;
};

static byte text[TEXT_SIZE];
static word text_size;

static void put(const char *what)
{
	while (*what)
		text[text_size++] = *what++;
}

static void put_number(word value)
{
	byte digits[10];
	int count = 0;

	do {
		digits[count++] = '0' + value % 10;
		value /= 10;
	} while (value);
	while (count)
		text[text_size++] = digits[--count];
}

static void put_record(word *seed)
{
	put("{\"id\": ");
	put_number(bench_random(seed) % 100000);
	put(", \"name\": \"service-");
	put_number(bench_random(seed) % 1000);
	put(bench_random(seed) & 1 ? "\", \"up\": true" : "\", \"up\": false");
	put(", \"path\": \"\\/api\\/v1\\/\\u00e9t\\u00e9\", \"load\": [");
	put_number(bench_random(seed) % 100);
	put(".5e-1, -");
	put_number(bench_random(seed) % 100);
	put(", null]}");
}

static void make_text(void)
{
	word seed = 3;

	text_size = 0;
	put("{\"records\": [\n");
	while (text_size < TEXT_SIZE - 2 * RECORD_SIZE) {
		put_record(&seed);
		put(",\n");
	}
	put_record(&seed);
	put("\n]}\n");
}

static void skip_blanks(struct scanner *scanner)
{
	while (scanner->at < scanner->end &&
	       (*scanner->at == ' ' || *scanner->at == '\n' || *scanner->at == '\t' || *scanner->at == '\r'))
		scanner->at++;
}

static int take(struct scanner *scanner, byte what)
{
	if (scanner->at == scanner->end || *scanner->at != what)
		return 0;
	scanner->at++;
	return 1;
}

static int is_hex(byte c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static int scan_escape(struct scanner *scanner)
{
	int i;

	if (scanner->at == scanner->end)
		return 0;
	switch (*scanner->at++) {
	case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
		return 1;
	case 'u':
		for (i = 0; i < 4; i++)
			if (scanner->at == scanner->end || !is_hex(*scanner->at++))
				return 0;
		return 1;
	}
	return 0;
}

static int scan_string(struct scanner *scanner)
{
	if (!take(scanner, '"'))
		return 0;
	while (scanner->at < scanner->end) {
		byte c = *scanner->at++;

		if (c == '"') {
			scanner->strings++;
			return 1;
		}
		if (c < ' ' || (c == '\\' && !scan_escape(scanner)))
			return 0;
		scanner->sum += c;
	}
	return 0;
}

static word scan_digits(struct scanner *scanner)
{
	word count = 0, value = 0;

	while (scanner->at < scanner->end && *scanner->at >= '0' && *scanner->at <= '9') {
		value = value * 10 + *scanner->at++ - '0';
		count++;
	}
	scanner->sum += value;
	return count;
}

static int scan_number(struct scanner *scanner)
{
	take(scanner, '-');
	if (!scan_digits(scanner))
		return 0;
	if (take(scanner, '.') && !scan_digits(scanner))
		return 0;
	if (take(scanner, 'e') || take(scanner, 'E')) {
		if (!take(scanner, '-'))
			take(scanner, '+');
		if (!scan_digits(scanner))
			return 0;
	}
	scanner->numbers++;
	return 1;
}

static int scan_word(struct scanner *scanner, const char *what)
{
	while (*what)
		if (!take(scanner, *what++))
			return 0;
	return 1;
}

static int scan_value(struct scanner *scanner, word nesting);

static int scan_members(struct scanner *scanner, word nesting, int named, byte close)
{
	scanner->at++;
	skip_blanks(scanner);
	if (take(scanner, close))
		return 1;
	do {
		skip_blanks(scanner);
		if (named) {
			if (!scan_string(scanner))
				return 0;
			skip_blanks(scanner);
			if (!take(scanner, ':'))
				return 0;
		}
		if (!scan_value(scanner, nesting + 1))
			return 0;
		skip_blanks(scanner);
	} while (take(scanner, ','));
	return take(scanner, close);
}

static int scan_value(struct scanner *scanner, word nesting)
{
	skip_blanks(scanner);
	if (scanner->at == scanner->end || nesting > NESTING_MAX)
		return 0;
	switch (*scanner->at) {
	case '{':
		return scan_members(scanner, nesting, 1, '}');
	case '[':
		return scan_members(scanner, nesting, 0, ']');
	case '"':
		return scan_string(scanner);
	case 't':
		return scan_word(scanner, "true");
	case 'f':
		return scan_word(scanner, "false");
	case 'n':
		return scan_word(scanner, "null");
	}
	return scan_number(scanner);
}

BENCH(json)
{
	word sum = 0;

	make_text();
	while (amount--) {
		struct scanner scanner = { .at = text, .end = text + text_size };

		if (!scan_value(&scanner, 0))
			return 0;
		sum = sum * 31 + scanner.numbers + scanner.strings + scanner.sum;
	}
	return sum;
}
