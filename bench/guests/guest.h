/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What every benchmark is: one function over integers, which takes how much to
 * do and gives a number that depends on all of it. The same source becomes
 * native code in user space, native code in a kernel module and WebAssembly,
 * so it uses nothing but the language.
 */
#ifndef _BENCH_GUEST_H
#define _BENCH_GUEST_H

typedef unsigned char byte;
typedef unsigned int word;
typedef unsigned long long doubleword;

#ifdef __wasm__
#define BENCH(name)	__attribute__((export_name("run"))) word bench_##name(word amount)
#else
#define BENCH(name)	word bench_##name(word amount)
#endif

/* A generator of pseudo-random numbers (xorshift), so that there is no input to carry along. */
static inline word bench_random(word *state)
{
	word x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	*state = x;
	return x;
}

#endif /* _BENCH_GUEST_H */
