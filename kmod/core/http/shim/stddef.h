/* SPDX-License-Identifier: GPL-2.0-only */
/* The libc header that picohttpparser includes, as the kernel has it. */
#include <linux/stddef.h>
