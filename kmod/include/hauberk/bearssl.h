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

/* Tested by bearssl_hash.h, defined only where its manual is made. */
#define BR_DOXYGEN_IGNORE 0

#include <bearssl.h>

#endif /* _HAUBERK_BEARSSL_H */
