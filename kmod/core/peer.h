/* SPDX-License-Identifier: GPL-2.0-only */
/* Who may talk to us: SPIFFE ids, DNS names, and the patterns of a rule. */
#ifndef _HBK_CORE_PEER_H
#define _HBK_CORE_PEER_H

#include "leaf.h"
#include "reason.h"

#define HBK_TRUST_DOMAIN_MAX	255	/* bytes, SPIFFE-ID section 2.1 */
#define HBK_DNS_LABEL_MAX	63	/* bytes, RFC 1035 section 2.3.4 */

bool hbk_spiffe_id_valid(const u8 *id, size_t length);
bool hbk_dns_name_valid(const u8 *name, size_t length, bool allow_wildcard);
bool hbk_dns_name_match(const u8 *pattern, size_t pattern_length, const char *name);
bool hbk_peer_pattern_valid(const char *pattern);
bool hbk_peer_pattern_match(const char *pattern, const struct hbk_leaf *leaf);
enum hbk_reason hbk_peer_identity_check(const struct hbk_leaf *leaf);

#endif /* _HBK_CORE_PEER_H */
