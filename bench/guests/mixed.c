// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Some of everything, @amount times: a linked list that is searched, reversed
 * and sorted, products of matrices, and a state machine over text, each summed
 * up by a CRC. It is of the kind of CoreMark, whose source no package registry
 * has, but it is not CoreMark and its figures cannot be compared with that.
 */
#include "guest.h"

BENCH(mixed);

#define NODE_COUNT	200
#define MATRIX_SIZE	14
#define TEXT_SIZE	600

struct node {
	struct node *next;
	short value;
	short place;
};

enum state { START, SIGN, INTEGER, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, POWER, INVALID, STATE_COUNT };

static struct node nodes[NODE_COUNT];
static short left[MATRIX_SIZE][MATRIX_SIZE];
static short right[MATRIX_SIZE][MATRIX_SIZE];
static int product[MATRIX_SIZE][MATRIX_SIZE];
static byte text[TEXT_SIZE];

static word crc(word sum, word value)
{
	int i;

	for (i = 0; i < 16; i++) {
		word bit = (sum ^ value) & 1;

		sum = (sum >> 1) ^ (bit ? 0xa001 : 0);
		value >>= 1;
	}
	return sum;
}

static struct node *make_list(word *seed)
{
	word i;

	for (i = 0; i < NODE_COUNT; i++) {
		nodes[i].next = i + 1 < NODE_COUNT ? &nodes[i + 1] : 0;
		nodes[i].value = bench_random(seed) % 1000;
		nodes[i].place = i;
	}
	return nodes;
}

static struct node *reverse(struct node *list)
{
	struct node *done = 0;

	while (list) {
		struct node *next = list->next;

		list->next = done;
		done = list;
		list = next;
	}
	return done;
}

static const struct node *find(const struct node *list, int value)
{
	while (list && list->value != value)
		list = list->next;
	return list;
}

static int by_value(const struct node *a, const struct node *b)
{
	return a->value - b->value;
}

static int by_place(const struct node *a, const struct node *b)
{
	return a->place - b->place;
}

static struct node *merge(struct node *a, struct node *b, int (*compare)(const struct node *, const struct node *))
{
	struct node *first = 0, **last = &first;

	while (a && b) {
		struct node **least = compare(a, b) <= 0 ? &a : &b;

		*last = *least;
		last = &(*least)->next;
		*least = *last;
	}
	*last = a ? a : b;
	return first;
}

/* Takes the next @count nodes off *@list and sorts them. */
static struct node *sort(struct node **list, word count, int (*compare)(const struct node *, const struct node *))
{
	struct node *a, *b;

	if (count == 1) {
		a = *list;
		*list = a->next;
		a->next = 0;
		return a;
	}
	a = sort(list, count / 2, compare);
	b = sort(list, count - count / 2, compare);
	return merge(a, b, compare);
}

static word work_on_list(word sum, word *seed)
{
	struct node *list = make_list(seed);
	const struct node *found;
	word i;

	for (i = 0; i < 20; i++) {
		found = find(list, bench_random(seed) % 1000);
		sum = crc(sum, found ? (word)found->place : i);
		list = reverse(list);
	}
	list = sort(&list, NODE_COUNT, by_value);
	sum = crc(sum, list->value);
	list = sort(&list, NODE_COUNT, by_place);
	return crc(sum, list->value);
}

static void multiply(void)
{
	int i, j, k;

	for (i = 0; i < MATRIX_SIZE; i++)
		for (j = 0; j < MATRIX_SIZE; j++) {
			int cell = 0;

			for (k = 0; k < MATRIX_SIZE; k++)
				cell += left[i][k] * right[k][j];
			product[i][j] = cell;
		}
}

static word work_on_matrices(word sum, word *seed)
{
	int i, j;

	for (i = 0; i < MATRIX_SIZE; i++)
		for (j = 0; j < MATRIX_SIZE; j++) {
			left[i][j] = bench_random(seed) & 0xff;
			right[i][j] = left[i][j] + i - j;
		}
	multiply();
	for (i = 0; i < MATRIX_SIZE; i++)
		for (j = 0; j < MATRIX_SIZE; j++)
			left[i][j] = product[i][j] >> 6 & 0x3ff;
	multiply();
	for (i = 0; i < MATRIX_SIZE; i++)
		sum = crc(sum, product[i][MATRIX_SIZE - 1 - i]);
	return sum;
}

static enum state step(enum state state, byte c)
{
	int digit = c >= '0' && c <= '9';

	switch (state) {
	case START:
		if (c == '+' || c == '-')
			return SIGN;
		return digit ? INTEGER : c == '.' ? POINT : INVALID;
	case SIGN:
		return digit ? INTEGER : c == '.' ? POINT : INVALID;
	case INTEGER:
		if (c == '.')
			return FRACTION;
		return digit ? INTEGER : c == 'e' ? EXPONENT : INVALID;
	case POINT:
		return digit ? FRACTION : INVALID;
	case FRACTION:
		return digit ? FRACTION : c == 'e' ? EXPONENT : INVALID;
	case EXPONENT:
		if (c == '+' || c == '-')
			return EXPONENT_SIGN;
		return digit ? POWER : INVALID;
	case EXPONENT_SIGN:
	case POWER:
		return digit ? POWER : INVALID;
	default:
		return INVALID;
	}
}

static word work_on_text(word sum, word *seed)
{
	static const char letters[16] = "0123456789+-.e,,";
	word counts[STATE_COUNT] = { 0 };
	enum state state = START;
	word i;

	for (i = 0; i < TEXT_SIZE; i++)
		text[i] = letters[bench_random(seed) >> 8 & 15];
	for (i = 0; i < TEXT_SIZE; i++) {
		if (text[i] == ',') {
			counts[state]++;
			state = START;
		} else {
			state = step(state, text[i]);
		}
	}
	for (i = 0; i < STATE_COUNT; i++)
		sum = crc(sum, counts[i]);
	return sum;
}

BENCH(mixed)
{
	word seed = 1, sum = 0;

	while (amount--) {
		sum = work_on_list(sum, &seed);
		sum = work_on_matrices(sum, &seed);
		sum = work_on_text(sum, &seed);
	}
	return sum;
}
