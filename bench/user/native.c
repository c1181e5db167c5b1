// SPDX-License-Identifier: Apache-2.0
/* The benchmarks as native code. */
#include "measure.h"

#define DECLARE(name, amount)	uint32_t bench_##name(uint32_t);
BENCH_LIST(DECLARE)
uint32_t bench_nop(uint32_t amount);

typedef uint32_t (*bench_function)(uint32_t amount);

static uint32_t run(void *context, uint32_t amount)
{
	return (*(bench_function *)context)(amount);
}

static void one(const char *name, bench_function function, uint32_t amount)
{
	measure("native", name, run, &function, amount);
}

int main(void)
{
	bench_function nop = bench_nop;

#define ONE(name, amount)	one(#name, bench_##name, amount);
	BENCH_LIST(ONE)
	measure_calls("native", run, &nop);
	return 0;
}
