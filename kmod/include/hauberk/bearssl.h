/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BearSSL's public headers, for kernel code.
 *
 * Users compile with -I kmod/include, -I kmod/bearssl/shim (the libc headers
 * that bearssl.h asks for) and -I kmod/bearssl/source/inc.  What bearssl.ko
 * exports is listed in kmod/bearssl/exports.c.
 */
#ifndef _HAUBERK_BEARSSL_H
#define _HAUBERK_BEARSSL_H

#include <linux/types.h>

/* bearssl_hash.h tests a macro that is defined only where its manual is made. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef"
#include <bearssl.h>
#pragma GCC diagnostic pop

#endif /* _HAUBERK_BEARSSL_H */
