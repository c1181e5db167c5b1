// SPDX-License-Identifier: GPL-2.0-only
/* Any bytes as the answer to a call: whole and in pieces it is the same. */
#include <stdlib.h>

#include "../../call.h"
#include "../heap.h"

#define BODY_MAX	4096

static int in_pieces(struct hbk_wasm_heap *heap, bool to_head, const u8 *data, size_t length, size_t size,
		     struct hbk_buffer *body)
{
	struct hbk_http_answer answer;
	size_t piece;
	int err = -EAGAIN;

	hbk_http_answer_init(&answer, heap, BODY_MAX, to_head);
	for (; length && err == -EAGAIN; data += piece, length -= piece) {
		piece = length < size ? length : size;
		err = hbk_http_answer_feed(&answer, data, piece);
	}
	if (err == -EAGAIN)
		err = hbk_http_answer_end(&answer);
	if (hbk_buffer_move(body, &answer.body))
		abort();
	hbk_http_answer_release(&answer);
	return err;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	struct hbk_map headers, trailers;
	struct hbk_buffer whole, pieces;
	struct test_heap heap;
	int err;

	if (length < 2)
		return 0;
	test_heap_init(&heap);
	hbk_map_init(&headers, &heap.heap, HBK_MAP_RESPONSE);
	hbk_map_init(&trailers, &heap.heap, HBK_MAP_FIELDS);
	hbk_buffer_init(&whole, &heap.heap, BODY_MAX);
	hbk_buffer_init(&pieces, &heap.heap, BODY_MAX);
	err = hbk_http_answer_parse(&heap.heap, data[0] & 1, data + 2, length - 2, true, &headers, &whole, &trailers);
	if (err != in_pieces(&heap.heap, data[0] & 1, data + 2, length - 2, 1 + data[1] % 16, &pieces))
		abort();
	if (!err && (whole.length != pieces.length ||
		     (whole.length && memcmp(hbk_buffer_data(&whole), hbk_buffer_data(&pieces), whole.length))))
		abort();
	hbk_buffer_release(&whole);
	hbk_buffer_release(&pieces);
	hbk_map_clear(&headers);
	hbk_map_clear(&trailers);
	if (heap.taken)
		abort();
	return 0;
}
