// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as serialised pairs: those that are taken come out as the same
 * bytes, and a message that a filter gave them to is one that can be sent.
 */
#include <stdlib.h>

#include "../../../proxy/pairs.h"
#include "../../parser.h"
#include "../../write.h"
#include "../heap.h"

static void check_same(const struct hbk_map *map, const u8 *data, size_t length)
{
	u8 *written;

	if (length < HBK_PAIRS_COUNT_SIZE)
		return;
	written = malloc(hbk_pairs_size(map));
	hbk_pairs_write(map, written);
	if (hbk_pairs_size(map) != length || memcmp(written, data, length))
		abort();
	free(written);
}

/* Framing is the host's; what is left must be read as it is. */
static void check_sendable(struct hbk_wasm_heap *heap, struct hbk_http_head *head)
{
	struct hbk_http_parser parser;
	struct hbk_buffer to;
	size_t used;

	hbk_buffer_init(&to, heap, 4 << 20);
	hbk_http_parser_init(&parser, heap, head->map.kind == HBK_MAP_RESPONSE);
	if (hbk_http_frame(&head->map, HBK_HTTP_SIZED, 0) || hbk_http_write_head(&to, head))
		abort();
	if (hbk_http_parse(&parser, hbk_buffer_data(&to), to.length, &used) != HBK_HTTP_HEAD) {
		if (parser.refusal != HBK_HTTP_HEAD_LONG && parser.refusal != HBK_HTTP_FIELDS_MANY &&
		    parser.refusal != HBK_HTTP_TARGET_LONG)
			abort();
	} else if (used != to.length) {
		abort();
	}
	hbk_http_parser_release(&parser);
	hbk_buffer_release(&to);
}

static void put(struct hbk_map *map, const char *name, const char *value)
{
	if (hbk_map_append(map, name, strlen(name), value, strlen(value)))
		abort();
}

static void give(struct hbk_wasm_heap *heap, struct hbk_map *pairs, bool response)
{
	struct hbk_http_head head;

	hbk_http_head_init(&head, heap, response);
	head.minor = 1;
	if (response) {
		put(&head.map, ":status", "200");
	} else {
		put(&head.map, ":method", "GET");
		put(&head.map, ":path", "/");
		put(&head.map, ":authority", "a");
	}
	pairs->kind = head.map.kind;
	if (!hbk_map_assign(&head.map, pairs))
		check_sendable(heap, &head);
	hbk_http_head_clear(&head);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	struct test_heap heap;
	struct hbk_map pairs;
	bool response;

	if (!length)
		return 0;
	response = data[0] & 1;
	data++;
	length--;
	test_heap_init(&heap);
	hbk_map_init(&pairs, &heap.heap, HBK_MAP_FIELDS);
	if (!hbk_pairs_read(&pairs, data, length)) {
		check_same(&pairs, data, length);
		give(&heap.heap, &pairs, response);
	}
	hbk_map_clear(&pairs);
	if (heap.taken)
		abort();
	return 0;
}
