// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* No work at all: what a call into a guest costs. */
#include "guest.h"

BENCH(nop);

BENCH(nop)
{
	return amount;
}
