/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looks at every byte of a head or of trailers as it comes, up to the empty
 * line: lines end in CR LF, nothing is folded, no control characters.
 */
#ifndef _HBK_HTTP_SCAN_H
#define _HBK_HTTP_SCAN_H

#include "refusal.h"

/**
 * struct hbk_http_scan - where in a head we are; zero at its beginning
 * @lines: complete ones, the empty one included
 * @column: bytes of the line that has begun
 * @total: bytes
 * @cr: a CR was the last byte
 * @done: the empty line was seen
 */
struct hbk_http_scan {
	u32 lines;
	u32 column;
	u32 total;
	bool cr;
	bool done;
};

enum hbk_http_refusal hbk_http_scan(struct hbk_http_scan *scan, const u8 *data, size_t length, u32 limit,
				    size_t *used);

#endif /* _HBK_HTTP_SCAN_H */
