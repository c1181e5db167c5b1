/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sessions that may be resumed by their id: the secret, and who the peer was.
 *
 * A cache belongs to one rule-set, so that a push of rules, identities or
 * trust anchors leaves nothing to resume.  A session belongs to one rule, and
 * lives no longer than any certificate that it rests upon.
 */
#ifndef _HBK_SESSION_H
#define _HBK_SESSION_H

#include <hauberk/bearssl.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "../core/reason.h"

#define HBK_SESSION_ID		32		/* bytes, RFC 5246 section 7.4.1.2: at most */
#define HBK_SESSION_LIFE	3600		/* seconds, from the full handshake */

struct hbk_conn;
struct hbk_ruleset;
struct hbk_session;
struct hbk_session_cache;

int hbk_session_cache_create(struct hbk_session_cache **cache, u32 max);
void hbk_session_cache_free(struct hbk_session_cache *cache);
void hbk_session_cache_close(struct hbk_session_cache *cache);
u32 hbk_session_count(const struct hbk_ruleset *ruleset);

struct hbk_session *hbk_session_find(const struct hbk_conn *conn, const u8 *id);
void hbk_session_save(const struct hbk_conn *conn, const br_ssl_session_parameters *parameters,
		      s64 until);
void hbk_session_drop(const struct hbk_conn *conn, struct hbk_session *session);
void hbk_session_put(struct hbk_session *session);

const br_ssl_session_parameters *hbk_session_parameters(const struct hbk_session *session);
enum hbk_reason hbk_session_tell(const struct hbk_session *session, struct hbk_conn *conn);

#endif /* _HBK_SESSION_H */
