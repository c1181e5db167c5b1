// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "../../hello.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	enum hbk_hello verdict = hbk_hello_scan(data, length);

	if (length >= HBK_HELLO_MAX && verdict == HBK_HELLO_MORE)
		abort();
	if (hbk_hello_begins(data, length) == HBK_HELLO_NONE && verdict != HBK_HELLO_NONE)
		abort();
	return 0;
}
