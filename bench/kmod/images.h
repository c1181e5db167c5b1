/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _BENCH_IMAGES_H
#define _BENCH_IMAGES_H

#include "guests/list.h"

#define BENCH_IMAGE(name, amount)	extern const unsigned char bench_image_##name[], bench_image_end_##name[];

BENCH_LIST(BENCH_IMAGE)
BENCH_IMAGE(nop, 0)

#endif /* _BENCH_IMAGES_H */
