/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages back into bytes. */
#ifndef _HBK_HTTP_WRITE_H
#define _HBK_HTTP_WRITE_H

#include "head.h"

const char *hbk_http_reason(u32 status);

bool hbk_http_is_framed(const struct hbk_map *map, enum hbk_http_framing framing, u64 length);
int hbk_http_frame(struct hbk_map *map, enum hbk_http_framing framing, u64 length);
int hbk_http_write_head(struct hbk_buffer *to, const struct hbk_http_head *head);
int hbk_http_write_fields(struct hbk_buffer *to, const struct hbk_map *map);
int hbk_http_write_chunk(struct hbk_buffer *to, const u8 *data, size_t length);
int hbk_http_write_last_chunk(struct hbk_buffer *to, const struct hbk_map *trailers);
int hbk_http_write_refusal(struct hbk_buffer *to, u32 status);

size_t hbk_http_decimal(u64 number, char *text);

#endif /* _HBK_HTTP_WRITE_H */
