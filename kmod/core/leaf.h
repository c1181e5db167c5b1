/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What BearSSL's X.509 engine does not tell of a certificate: its serial, its
 * validity, its URI and DNS names in full, and whether it carries name
 * constraints, which that engine ignores unless they are critical.
 */
#ifndef _HBK_CORE_LEAF_H
#define _HBK_CORE_LEAF_H

#include "types.h"

#define HBK_SERIAL_MAX	20	/* bytes, RFC 5280 section 4.1.2.2; longer ones are refused */
#define HBK_DNS_MAX	32	/* DNS names of one leaf; more are refused */

struct hbk_name_view {
	const u8 *data;
	u32 length;
};

/* Views point into the DER that was scanned. */
struct hbk_leaf {
	u8 serial[HBK_SERIAL_MAX];	/* without leading zero bytes */
	u8 serial_length;
	bool is_ca;			/* basicConstraints cA TRUE */
	bool has_name_constraints;
	u32 uri_count;			/* all URI SANs, however long */
	struct hbk_name_view uri;	/* the first one */
	u32 dns_count;
	struct hbk_name_view dns[HBK_DNS_MAX];
	s64 not_before;			/* seconds since 1970, UTC */
	s64 not_after;
};

int hbk_leaf_scan(struct hbk_leaf *leaf, const u8 *der, size_t length);

#endif /* _HBK_CORE_LEAF_H */
