// SPDX-License-Identifier: GPL-2.0-only
/* The guests' bytes. */
#include "images.h"

#define IMAGE(name, amount)						\
	asm(".pushsection .rodata\n"					\
	    ".globl bench_image_" #name ", bench_image_end_" #name "\n"	\
	    "bench_image_" #name ": .incbin \"" BENCH_GUESTS "/" #name ".wasm\"\n"	\
	    "bench_image_end_" #name ":\n"				\
	    ".popsection\n");

BENCH_LIST(IMAGE)
IMAGE(nop, 0)
