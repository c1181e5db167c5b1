// SPDX-License-Identifier: GPL-2.0-only
/*
 * bearssl.ko: the BearSSL library in the kernel.
 *
 * A library and nothing else: no state, no entropy, no clock of its own.  Its
 * users inject both, and own every context they pass in.
 */
#include <linux/module.h>

MODULE_DESCRIPTION("BearSSL, a TLS 1.2 library, for hauberk");
MODULE_LICENSE("GPL");
