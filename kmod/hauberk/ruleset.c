// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule-sets and their generations.
 *
 * publishing serialises the writers of `current_set`.  Readers take no lock:
 * they look under RCU and take a reference, which fails on a rule-set that is
 * on its way out, and then look again.
 *
 * The last reference may be dropped in softirq, by a connection.  What a
 * rule-set owns was allocated by kvmalloc, and vfree may sleep, so the dead
 * wait for the grace period and then for a work item, which buries them.
 */
#include "ruleset.h"

#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "../core/peer.h"
#include "event.h"
#include "inject.h"
#include "session.h"

static void bury(struct work_struct *work);

static DEFINE_MUTEX(publishing);
static struct hbk_ruleset __rcu *current_set;
static LLIST_HEAD(graveyard);
static DECLARE_WORK(burial, bury);

static void free_ruleset(struct hbk_ruleset *ruleset)
{
	u32 i;

	hbk_session_cache_free(ruleset->sessions);
	for (i = 0; i < ruleset->filter_count; i++)
		hbk_filter_free(ruleset->filters[i]);
	kvfree(ruleset->filters);
	kvfree(ruleset->chains);
	kvfree(ruleset->upstreams);
	kvfree(ruleset->rules);
	for (i = 0; i < ruleset->identity_count; i++)
		hbk_identity_put(ruleset->identities[i]);
	kvfree(ruleset->identities);
	hbk_anchors_free(&ruleset->anchors);
	kvfree(ruleset->blob);
	kvfree(ruleset);
}

static void bury(struct work_struct *work)
{
	struct hbk_ruleset *ruleset, *next;

	llist_for_each_entry_safe(ruleset, next, llist_del_all(&graveyard), dead)
		free_ruleset(ruleset);
}

static void after_grace_period(struct rcu_head *rcu)
{
	struct hbk_ruleset *ruleset = container_of(rcu, struct hbk_ruleset, rcu);

	llist_add(&ruleset->dead, &graveyard);
	schedule_work(&burial);
}

/**
 * hbk_ruleset_get() - the current rule-set
 *
 * Return: the rule-set with a reference for the caller, or NULL before the first push.
 */
struct hbk_ruleset *hbk_ruleset_get(void)
{
	struct hbk_ruleset *ruleset;

	rcu_read_lock();
	do {
		ruleset = rcu_dereference(current_set);
	} while (ruleset && !refcount_inc_not_zero(&ruleset->refs));
	rcu_read_unlock();
	return ruleset;
}

/**
 * hbk_ruleset_hold() - take one more reference
 * @ruleset: a rule-set that the caller holds already
 *
 * Return: @ruleset.
 */
struct hbk_ruleset *hbk_ruleset_hold(struct hbk_ruleset *ruleset)
{
	refcount_inc(&ruleset->refs);
	return ruleset;
}

/**
 * hbk_ruleset_put() - drop a reference
 * @ruleset: freed some time after the last one
 */
void hbk_ruleset_put(struct hbk_ruleset *ruleset)
{
	if (refcount_dec_and_test(&ruleset->refs))
		call_rcu(&ruleset->rcu, after_grace_period);
}

/**
 * hbk_ruleset_generation() - the current generation
 *
 * Return: its number, 0 before the first push.
 */
u64 hbk_ruleset_generation(void)
{
	const struct hbk_ruleset *ruleset;
	u64 generation;

	rcu_read_lock();
	ruleset = rcu_dereference(current_set);
	generation = ruleset ? ruleset->generation : 0;
	rcu_read_unlock();
	return generation;
}

/**
 * hbk_rule_allows() - match a peer against the patterns of a rule
 * @ruleset: the rule's generation
 * @rule: a strict or permissive rule
 * @leaf: the peer's leaf certificate
 *
 * Return: true if one of the patterns matches.
 */
bool hbk_rule_allows(const struct hbk_ruleset *ruleset, const struct hbk_rule *rule,
		     const struct hbk_leaf *leaf)
{
	const struct hbk_table *table = &ruleset->table;
	u32 first = le32_to_cpu(rule->entry->peers.first);
	u32 count = le32_to_cpu(rule->entry->peers.count);
	u32 i;

	for (i = 0; i < count; i++)
		if (hbk_peer_pattern_match(hbk_table_string(table, table->refs[first + i]), leaf))
			return true;
	return false;
}

/**
 * hbk_ruleset_create() - begin a rule-set
 *
 * Return: an empty rule-set with the default settings, or NULL.
 */
struct hbk_ruleset *hbk_ruleset_create(void)
{
	struct hbk_ruleset *ruleset;

	ruleset = kvzalloc(sizeof(*ruleset), GFP_KERNEL_ACCOUNT);
	if (!ruleset)
		return NULL;
	ruleset->identities = kvcalloc(HBK_IDENTITIES_MAX, sizeof(*ruleset->identities),
				       GFP_KERNEL_ACCOUNT);
	if (!ruleset->identities) {
		kvfree(ruleset);
		return NULL;
	}
	refcount_set(&ruleset->refs, 1);
	ruleset->handshake_timeout_ms = HBK_HANDSHAKE_TIMEOUT_MS;
	ruleset->handshake_max = HBK_HANDSHAKE_MAX;
	ruleset->handshake_rate = HBK_HANDSHAKE_RATE;
	ruleset->session_max = HBK_SESSION_MAX;
	ruleset->record_layer = HBK_RECORDS_KERNEL;
	return ruleset;
}

/* Where an identity of this name stands, or would stand. */
static u32 find_slot(const struct hbk_ruleset *ruleset, const char *name, bool *found)
{
	u32 low = 0, high = ruleset->identity_count, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(ruleset->identities[middle]->name, name);
		if (!order) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*found = false;
	return low;
}

/**
 * hbk_ruleset_add() - add an identity to a rule-set under construction
 * @ruleset: the rule-set; unchanged on error
 * @identity: the identity; the caller's reference is taken over on success
 * @fault: filled on error
 *
 * Return: 0, -ENOSPC or -EEXIST.
 */
int hbk_ruleset_add(struct hbk_ruleset *ruleset, struct hbk_identity *identity,
		    struct hbk_fault *fault)
{
	char item[HBK_FAULT_ITEM];
	bool found;
	u32 slot;

	snprintf(item, sizeof(item), "identity %s", identity->name);
	if (ruleset->identity_count == HBK_IDENTITIES_MAX)
		return hbk_fault_set(fault, -ENOSPC, item, "a rule-set has at most %d identities",
				     HBK_IDENTITIES_MAX);
	slot = find_slot(ruleset, identity->name, &found);
	if (found)
		return hbk_fault_set(fault, -EEXIST, item,
				     "an identity of this name was pushed already");
	memmove(&ruleset->identities[slot + 1], &ruleset->identities[slot],
		(ruleset->identity_count - slot) * sizeof(*ruleset->identities));
	ruleset->identities[slot] = identity;
	ruleset->identity_count++;
	return 0;
}

/* Where a filter of this name stands, or would stand. */
static u32 find_filter(const struct hbk_ruleset *ruleset, const char *name, bool *found)
{
	u32 low = 0, high = ruleset->filter_count, middle;
	int order;

	*found = false;
	while (low < high && !*found) {
		middle = low + (high - low) / 2;
		order = strcmp(ruleset->filters[middle]->name, name);
		*found = !order;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return high;
}

/**
 * hbk_ruleset_add_filter() - add a filter to a rule-set under construction
 * @ruleset: the rule-set; unchanged on error
 * @filter: the filter; taken over on success
 * @fault: filled on error
 *
 * Return: 0, -ENOMEM, -ENOSPC or -EEXIST.
 */
int hbk_ruleset_add_filter(struct hbk_ruleset *ruleset, struct hbk_filter *filter,
			   struct hbk_fault *fault)
{
	char item[HBK_FAULT_ITEM];
	bool found;
	u32 slot;

	snprintf(item, sizeof(item), "filter %s", filter->name);
	if (!ruleset->filters)
		ruleset->filters = kvcalloc(HBK_FILTERS_MAX, sizeof(*ruleset->filters),
					    GFP_KERNEL_ACCOUNT);
	if (!ruleset->filters)
		return -ENOMEM;
	if (ruleset->filter_count == HBK_FILTERS_MAX)
		return hbk_fault_set(fault, -ENOSPC, item, "a rule-set has at most %d filters",
				     HBK_FILTERS_MAX);
	slot = find_filter(ruleset, filter->name, &found);
	if (found)
		return hbk_fault_set(fault, -EEXIST, item,
				     "a filter of this name was pushed already");
	memmove(&ruleset->filters[slot + 1], &ruleset->filters[slot],
		(ruleset->filter_count - slot) * sizeof(*ruleset->filters));
	ruleset->filters[slot] = filter;
	ruleset->filter_count++;
	return 0;
}

/**
 * hbk_ruleset_upstream() - whom filters mean by a name
 * @ruleset: any
 * @name: need not end with a NUL
 * @length: its bytes
 *
 * Return: the upstream, or NULL.
 */
const struct hbk_upstream *hbk_ruleset_upstream(const struct hbk_ruleset *ruleset,
						const char *name, u32 length)
{
	u32 i;

	for (i = 0; i < ruleset->upstream_count; i++)
		if (strlen(ruleset->upstreams[i].name) == length &&
		    !memcmp(ruleset->upstreams[i].name, name, length))
			return &ruleset->upstreams[i];
	return NULL;
}

/**
 * hbk_ruleset_add_upstream() - add an upstream to a rule-set under construction
 * @ruleset: the rule-set; unchanged on error
 * @upstream: is copied
 * @fault: filled on error
 *
 * Return: 0, -ENOMEM, -ENOSPC or -EEXIST.
 */
int hbk_ruleset_add_upstream(struct hbk_ruleset *ruleset, const struct hbk_upstream *upstream,
			     struct hbk_fault *fault)
{
	char item[HBK_FAULT_ITEM];

	snprintf(item, sizeof(item), "upstream %s", upstream->name);
	if (!ruleset->upstreams)
		ruleset->upstreams = kvcalloc(HBK_UPSTREAMS_MAX, sizeof(*ruleset->upstreams),
					      GFP_KERNEL_ACCOUNT);
	if (!ruleset->upstreams)
		return -ENOMEM;
	if (ruleset->upstream_count == HBK_UPSTREAMS_MAX)
		return hbk_fault_set(fault, -ENOSPC, item, "a rule-set has at most %d upstreams",
				     HBK_UPSTREAMS_MAX);
	if (hbk_ruleset_upstream(ruleset, upstream->name, strlen(upstream->name)))
		return hbk_fault_set(fault, -EEXIST, item,
				     "an upstream of this name was pushed already");
	ruleset->upstreams[ruleset->upstream_count++] = *upstream;
	return 0;
}

static int bind_identity(const struct hbk_ruleset *ruleset, struct hbk_rule *rule,
		       const char *item, struct hbk_fault *fault)
{
	const char *name = hbk_table_string(&ruleset->table, rule->entry->identity);
	bool found;
	u32 slot;

	if (!ruleset->anchors.count)
		return hbk_fault_set(fault, -ENODATA, item,
				     "the rule demands certificates, but no trust anchor was pushed");
	slot = find_slot(ruleset, name, &found);
	if (!found)
		return hbk_fault_set(fault, -ENOENT, item, "no identity %s was pushed", name);
	rule->identity = ruleset->identities[slot];
	return 0;
}

/* The rule's own part of the array of chains is where its slice would be if rules shared none. */
static int bind_filters(const struct hbk_ruleset *ruleset, struct hbk_rule *rule,
			struct hbk_filter **chain, const char *item, struct hbk_fault *fault)
{
	const struct hbk_table *table = &ruleset->table;
	u32 first = le32_to_cpu(rule->entry->filters.first), i;
	const char *name;
	bool found;
	u32 slot;

	rule->filters = chain;
	rule->filter_count = le32_to_cpu(rule->entry->filters.count);
	for (i = 0; i < rule->filter_count; i++) {
		name = hbk_table_string(table, table->refs[first + i]);
		slot = find_filter(ruleset, name, &found);
		if (!found)
			return hbk_fault_set(fault, -ENOENT, item, "no filter %s was pushed", name);
		chain[i] = ruleset->filters[slot];
		if (chain[i]->mode != chain[0]->mode)
			return hbk_fault_set(fault, -EINVAL, item,
					     "filter %s is shown something else than filter %s", name,
					     chain[0]->name);
	}
	return 0;
}

static int bind_rule(const struct hbk_ruleset *ruleset, struct hbk_rule *rule, u32 index,
		     struct hbk_filter **chain, struct hbk_fault *fault)
{
	int error;
	const struct hbk_table *table = &ruleset->table;
	char item[HBK_FAULT_ITEM];

	rule->entry = &table->rules[index];
	rule->name = hbk_table_string(table, rule->entry->name);
	rule->action = rule->entry->action;
	rule->on_tls = rule->entry->on_tls;
	if (rule->entry->server_name != cpu_to_le32(HBK_STRING_NONE))
		rule->server_name = hbk_table_string(table, rule->entry->server_name);
	snprintf(item, sizeof(item), "rule %u (%s)", index, rule->name);
	error = bind_filters(ruleset, rule, chain, item, fault);
	if (error || (rule->action != HBK_STRICT && rule->action != HBK_PERMISSIVE))
		return error;
	return bind_identity(ruleset, rule, item, fault);
}

/* At most HBK_RULES_MAX times HBK_FILTER_CHAIN_MAX. */
static u32 count_chained(const struct hbk_table *table)
{
	u32 count = 0, i;

	for (i = 0; i < table->rule_count; i++)
		count += le32_to_cpu(table->rules[i].filters.count);
	return count;
}

static int bind_rules(const struct hbk_ruleset *ruleset, struct hbk_rule *rules,
		      struct hbk_filter **chains, struct hbk_fault *fault)
{
	u32 i, used = 0;
	int error;

	for (i = 0; i < ruleset->table.rule_count; i++) {
		error = bind_rule(ruleset, &rules[i], i, chains + used, fault);
		if (error)
			return error;
		used += rules[i].filter_count;
	}
	return 0;
}

/**
 * hbk_ruleset_complete() - verify the table and bind its rules to the rest
 * @ruleset: a rule-set under construction; may be tried again after an error
 * @length: bytes of the table at @ruleset->blob
 * @fault: filled on error
 *
 * Return: 0 or a negative errno.
 */
int hbk_ruleset_complete(struct hbk_ruleset *ruleset, size_t length, struct hbk_fault *fault)
{
	struct hbk_filter **chains;
	struct hbk_rule *rules;
	int error;

	error = hbk_table_verify(&ruleset->table, ruleset->blob, length, fault);
	if (error)
		return error;
	rules = kvcalloc(ruleset->table.rule_count, sizeof(*rules), GFP_KERNEL_ACCOUNT);
	chains = HBK_INJECT(FILTER_CHAINS) ? NULL :
		 kvcalloc(count_chained(&ruleset->table) + 1, sizeof(*chains), GFP_KERNEL_ACCOUNT);
	error = rules && chains ? bind_rules(ruleset, rules, chains, fault) : -ENOMEM;
	if (error) {
		kvfree(chains);
		kvfree(rules);
		return error;
	}
	kvfree(ruleset->chains);
	ruleset->chains = chains;
	kvfree(ruleset->rules);
	ruleset->rules = rules;
	hbk_session_cache_free(ruleset->sessions);
	return hbk_session_cache_create(&ruleset->sessions, ruleset->session_max);
}

/**
 * hbk_ruleset_publish() - make a rule-set the current one
 * @ruleset: complete; the caller's reference is taken over on success
 * @expect: the generation that must be the current one, or HBK_ANY_GENERATION
 *
 * Connections of older generations keep theirs.
 *
 * Return: 0 or -ESTALE.
 */
int hbk_ruleset_publish(struct hbk_ruleset *ruleset, u64 expect)
{
	struct hbk_ruleset *old;
	u64 generation;

	mutex_lock(&publishing);
	old = rcu_dereference_protected(current_set, lockdep_is_held(&publishing));
	generation = old ? old->generation : 0;
	if (expect != HBK_ANY_GENERATION && expect != generation) {
		mutex_unlock(&publishing);
		return -ESTALE;
	}
	ruleset->generation = generation + 1;
	ruleset->time_ns = ktime_get_real_ns();
	rcu_assign_pointer(current_set, ruleset);
	/* Told before the next push can overtake it: events stand in the order of generations. */
	hbk_event_ruleset(ruleset->generation, ruleset->label);
	mutex_unlock(&publishing);
	if (old) {
		hbk_session_cache_close(old->sessions);
		hbk_ruleset_put(old);
	}
	return 0;
}

/**
 * hbk_ruleset_exit() - drop the current rule-set and wait until all of them are freed
 *
 * The caller sees to it that nobody else holds or looks for a rule-set any more.
 */
void hbk_ruleset_exit(void)
{
	struct hbk_ruleset *last;

	mutex_lock(&publishing);
	last = rcu_replace_pointer(current_set, NULL, lockdep_is_held(&publishing));
	mutex_unlock(&publishing);
	if (last)
		hbk_ruleset_put(last);
	rcu_barrier();
	flush_work(&burial);
}
