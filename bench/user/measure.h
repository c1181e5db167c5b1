/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes the time of benchmarks in user space. Each is run a few times and the
 * fastest counts: what is beyond it is the machine's, not the program's. One
 * line per benchmark: where, engine, benchmark, result, nanoseconds.
 */
#ifndef _BENCH_MEASURE_H
#define _BENCH_MEASURE_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "../guests/list.h"

#define REPEATS		3
#define EMPTY_CALLS	1000

/* Runs the benchmark that @context is, and gives its result. */
typedef uint32_t (*measure_run)(void *context, uint32_t amount);

static inline uint64_t measure_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + now.tv_nsec;
}

static inline void measure_print(const char *engine, const char *name, uint32_t result, uint64_t ns)
{
	printf("user,%s,%s,%u,%llu\n", engine, name, result, (unsigned long long)ns);
	fflush(stdout);
}

static inline void measure(const char *engine, const char *name, measure_run run, void *context, uint32_t amount)
{
	uint64_t least = UINT64_MAX;
	uint32_t result = 0;
	int i;

	for (i = 0; i < REPEATS; i++) {
		uint64_t begin = measure_now(), took;

		result = run(context, amount);
		took = measure_now() - begin;
		if (took < least)
			least = took;
	}
	measure_print(engine, name, result, least);
}

/* What one call costs that does no work; the result is how many calls it was the mean of. */
static inline void measure_calls(const char *engine, measure_run run, void *context)
{
	uint64_t least = UINT64_MAX;
	int i, j;

	for (i = 0; i < REPEATS; i++) {
		uint64_t begin = measure_now(), took;

		for (j = 0; j < EMPTY_CALLS; j++)
			run(context, j);
		took = measure_now() - begin;
		if (took < least)
			least = took;
	}
	measure_print(engine, "call", EMPTY_CALLS, least / EMPTY_CALLS);
}

#endif /* _BENCH_MEASURE_H */
