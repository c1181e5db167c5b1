// SPDX-License-Identifier: GPL-2.0-only
/* WASM_LOG: what guests have said.  Process context. */
#include <hauberk/wasm.h>
#include <linux/mm.h>

#include "wasm_request.h"

#define PART_MAX	16384	/* bytes of lines in one frame */
#define PARTS_MAX	8	/* frames of one answer; who wants more asks again */
#define FRAME_MAX	(PART_MAX + 64)

static size_t write_lines(struct hbk_exchange *exchange, u64 *position, char *lines)
{
	size_t length = hbk_guest_log_read(position, lines, PART_MAX);
	struct hbk_writer w;

	hbk_reply_begin(exchange->listing, &w, HBK_WASM_LINES, exchange->request.sequence);
	hbk_writer_u64(&w, HBK_A_POSITION, *position);
	hbk_writer_bytes(&w, HBK_A_DATA, lines, length);
	WARN_ON_ONCE(hbk_reply_end(exchange->listing, &w));
	return length;
}

/**
 * hbk_wasm_serve_log() - answer WASM_LOG
 * @exchange: the request; its listing is made, of one frame at least
 *
 * Return: 0 or a negative errno.
 */
int hbk_wasm_serve_log(struct hbk_exchange *exchange)
{
	u64 position = hbk_request_u64(&exchange->request, HBK_A_POSITION, 0);
	char *lines;
	int err, i;

	exchange->listing = hbk_request_make_listing(exchange, PARTS_MAX * FRAME_MAX, &err);
	if (!exchange->listing)
		return err;
	lines = kvmalloc(PART_MAX, GFP_KERNEL);
	if (!lines)
		return -ENOMEM;
	for (i = 0; i < PARTS_MAX && write_lines(exchange, &position, lines); i++)
		;
	kvfree(lines);
	return 0;
}
