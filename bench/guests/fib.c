// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Calls and little else: the Fibonacci number of @amount, in the slowest way. */
#include "guest.h"

BENCH(fib);

static word fib(word n)
{
	return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

BENCH(fib)
{
	return fib(amount);
}
