/* SPDX-License-Identifier: GPL-2.0-only */
/* The head of a request or of a response, taken apart and found to have one meaning only. */
#ifndef _HBK_HTTP_HEAD_H
#define _HBK_HTTP_HEAD_H

#include "../proxy/buffer.h"
#include "../proxy/map.h"
#include "refusal.h"

enum hbk_http_framing {
	HBK_HTTP_NONE,		/* no body */
	HBK_HTTP_SIZED,		/* Content-Length */
	HBK_HTTP_CHUNKED,
	HBK_HTTP_UNTIL_CLOSE,
	HBK_HTTP_TUNNEL,	/* no HTTP from here on: 101, or 2xx to CONNECT */
};

/* What a response's framing depends on. */
enum hbk_http_asked {
	HBK_HTTP_ASKED_HEAD = 1,
	HBK_HTTP_ASKED_CONNECT = 2,
	HBK_HTTP_ASKED_UPGRADE = 4,
};

/**
 * struct hbk_http_head - a head
 * @raw: its bytes as they came, from the first line to the empty one
 * @map: pseudo headers and fields
 * @framing: of the body that follows
 * @length: bytes of it, if HBK_HTTP_SIZED
 * @status: of a response
 * @minor: version HTTP/1.@minor
 * @asked: what the response to this request depends on; enum hbk_http_asked
 * @persistent: another message may follow
 * @expects: the client waits for a response 100
 * @absolute: the target has scheme and host in it; @scheme_length bytes of the target are "http://"
 * @host_place: fields before the field Host; -1: there is none
 * @host_at: where in @raw its name is
 * @reason_at: where in @raw the reason is, @reason_length bytes
 */
struct hbk_http_head {
	struct hbk_buffer raw;
	struct hbk_map map;
	enum hbk_http_framing framing;
	u64 length;
	u16 status;
	u8 minor;
	u8 asked;
	bool persistent;
	bool expects;
	bool absolute;
	u8 scheme_length;
	int host_place;
	u32 host_at;
	u32 target_at;
	u32 reason_at;
	u32 reason_length;
};

void hbk_http_head_init(struct hbk_http_head *head, struct hbk_wasm_heap *heap, bool response);
void hbk_http_head_clear(struct hbk_http_head *head);

enum hbk_http_refusal hbk_http_head_request(struct hbk_http_head *head, u32 lines);
enum hbk_http_refusal hbk_http_head_response(struct hbk_http_head *head, u32 lines, u8 asked);
enum hbk_http_refusal hbk_http_head_trailers(struct hbk_map *map, const u8 *data, size_t length, u32 lines);

bool hbk_http_lists(const struct hbk_map *map, const char *field, const char *token);
bool hbk_http_framing_is_clear(const struct hbk_map *map, u8 minor);
bool hbk_http_persistent(const struct hbk_map *map, u8 minor);
u8 hbk_http_asked(const struct hbk_map *map, u8 minor);

#endif /* _HBK_HTTP_HEAD_H */
