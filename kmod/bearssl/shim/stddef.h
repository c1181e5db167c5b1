/* SPDX-License-Identifier: GPL-2.0-only */
/* The libc header that BearSSL includes, as the kernel has it. */
#include <linux/stddef.h>
#include <linux/types.h>
