// SPDX-License-Identifier: GPL-2.0-only
#include "../../frame.h"

volatile u32 fuzz_sink;	/* keeps the reads from being optimised away */

static u32 touch(const struct hbk_attr_view *view)
{
	u32 i, sum = 0;

	for (i = 0; i < view->length; i++)
		sum += view->data[i];
	return sum;
}

/* The input is a frame whose length is put right: the fuzzer need not guess it. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	static u8 frame[HBK_FRAME_MAX + 1];
	struct hbk_request request;
	struct hbk_fault fault;
	u32 i;

	if (length > sizeof(frame))
		return 0;
	memcpy(frame, data, length);
	if (length >= 4)
		put_unaligned_le32(length, frame);
	if (hbk_frame_parse(&request, frame, length, &fault))
		return 0;
	for (i = 0; i < HBK_A_COUNT; i++)
		fuzz_sink += touch(&request.attrs[i]);
	for (i = 0; i < request.cert_count; i++)
		fuzz_sink += touch(&request.certs[i]);
	return 0;
}
