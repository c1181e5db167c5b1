/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The benchmarks: name, and how much of each. The amounts make each take a few
 * million instructions of native code, so that an interpreter ends in time and
 * a clock's resolution does not matter.
 */
#define BENCH_C(each)		\
	each(mixed, 24)		\
	each(fib, 23)		\
	each(sha256, 24)	\
	each(search, 40)	\
	each(json, 24)		\
	each(regex, 2)

/* The first comes as a package, in Rust: it has no native code in the kernel. */
#define BENCH_LIST(each)	\
	each(coremark, 12)	\
	BENCH_C(each)
