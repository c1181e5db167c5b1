/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A rule-set is one generation: the table, the identities, the trust bundle
 * and the counters, never changed once it is published.  Readers find the
 * current one under RCU; a connection holds a reference to its own.
 */
#ifndef _HBK_RULESET_H
#define _HBK_RULESET_H

#include <linux/atomic.h>
#include <linux/llist.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>

#include "../core/table.h"
#include "anchors.h"
#include "filter.h"
#include "identity.h"

#define HBK_HANDSHAKE_TIMEOUT_MS	10000	/* unless a push says otherwise */
#define HBK_HANDSHAKE_MAX		4096
#define HBK_HANDSHAKE_RATE		1000	/* a second, of one source */
#define HBK_SESSION_MAX			4096

#define HBK_ANY_GENERATION		(~0ULL)

/* One rule as the data path sees it, decoded once from the table. */
struct hbk_rule {
	const char *name;
	const char *server_name;	/* NULL if none is demanded */
	const struct hbk_table_rule *entry;
	struct hbk_identity *identity;	/* NULL unless strict or permissive */
	u8 action;			/* enum hbk_action */
	u8 on_tls;			/* enum hbk_on_tls */
	struct hbk_filter **filters;	/* in the order of requests */
	u32 filter_count;
	atomic64_t matched, opened, refused, denied, closed;
	atomic64_t resumed, plain, passed;
	atomic64_t rx_bytes, tx_bytes;
};

/* Do connections of the rule get a struct hbk_conn? */
static inline bool hbk_rule_takes(const struct hbk_rule *rule)
{
	return rule->action == HBK_STRICT || rule->action == HBK_PERMISSIVE ||
	       (rule->action == HBK_OFF && rule->filter_count);
}

struct hbk_ruleset {
	refcount_t refs;
	union {
		struct rcu_head rcu;
		struct llist_node dead;	/* after the grace period */
	};
	u64 generation;
	u64 time_ns;
	char label[HBK_LABEL_MAX + 1];
	void *blob;
	struct hbk_table table;
	struct hbk_rule *rules;		/* table.rule_count of them */
	struct hbk_identity **identities;	/* in the order of their names */
	u32 identity_count;
	struct hbk_filter **filters;	/* in the order of their names; NULL if there is none */
	u32 filter_count;
	struct hbk_filter **chains;	/* of all rules, one after the other */
	struct hbk_upstream *upstreams;	/* NULL if there is none */
	u32 upstream_count;
	struct hbk_anchors anchors;
	u32 handshake_timeout_ms;
	u32 handshake_max;
	u32 handshake_rate;		/* a second and source; 0: no limit */
	u32 session_max;		/* kept for resumption */
	struct hbk_session_cache *sessions;	/* NULL if none is kept; see session.c */
	u8 record_layer;		/* enum hbk_record_layer */
};

/* Takes a reference to the current rule-set; NULL before the first push. Any context. */
struct hbk_ruleset *hbk_ruleset_get(void);
struct hbk_ruleset *hbk_ruleset_hold(struct hbk_ruleset *ruleset);
void hbk_ruleset_put(struct hbk_ruleset *ruleset);	/* any context */
u64 hbk_ruleset_generation(void);

/* True if the peer that this leaf names is allowed by the rule. Process context. */
bool hbk_rule_allows(const struct hbk_ruleset *ruleset, const struct hbk_rule *rule,
		     const struct hbk_leaf *leaf);

/* A rule-set that is not published yet belongs to its transaction alone. */
struct hbk_ruleset *hbk_ruleset_create(void);
int hbk_ruleset_add(struct hbk_ruleset *ruleset, struct hbk_identity *identity,
		    struct hbk_fault *fault);
int hbk_ruleset_add_filter(struct hbk_ruleset *ruleset, struct hbk_filter *filter,
			   struct hbk_fault *fault);
int hbk_ruleset_add_upstream(struct hbk_ruleset *ruleset, const struct hbk_upstream *upstream,
			     struct hbk_fault *fault);
const struct hbk_upstream *hbk_ruleset_upstream(const struct hbk_ruleset *ruleset,
						const char *name, u32 length);
int hbk_ruleset_complete(struct hbk_ruleset *ruleset, size_t length, struct hbk_fault *fault);

int hbk_ruleset_publish(struct hbk_ruleset *ruleset, u64 expect);
void hbk_ruleset_exit(void);

#endif /* _HBK_RULESET_H */
