/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Header maps as guests get and give them: a count, then two lengths for each
 * pair, then each name and value with a NUL behind it. Numbers are 32 bits,
 * little-endian.
 */
#ifndef _HBK_CORE_PROXY_PAIRS_H
#define _HBK_CORE_PROXY_PAIRS_H

#include "../types.h"

struct hbk_map;

#define HBK_PAIRS_COUNT_SIZE	4	/* bytes */
#define HBK_PAIRS_LENGTHS_SIZE	8

size_t hbk_pairs_size(const struct hbk_map *map);
void hbk_pairs_write(const struct hbk_map *map, u8 *out);
int hbk_pairs_read(struct hbk_map *map, const u8 *data, size_t length);

#endif /* _HBK_CORE_PROXY_PAIRS_H */
