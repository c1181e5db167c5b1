// SPDX-License-Identifier: GPL-2.0-only
/*
 * The session cache: a hash table and a list in the order of use.
 *
 * One table serves both ends.  A server finds a session by the id that the
 * client offers, a client by where it connects to; both with their rule, which
 * no two directions share.  What is in the table is never changed: a handshake
 * takes a reference and reads without the lock.
 *
 * The lock is held for a few list operations, in process context alone.
 * Sessions are freed outside of it, and wiped.
 */
#include "session.h"

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "conn.h"
#include "inject.h"

#define SESSION_BUCKETS_MAX	65536
#define SESSION_TRIM		8	/* expired ones that an insertion takes along, at most */
#define SESSION_BATCH		64	/* forgotten in one go */

struct session_key {
	const struct hbk_rule *rule;
	u8 name[HBK_SESSION_ID];	/* of the server: the id; of the client: address, port, zeroes */
};

struct hbk_session {
	struct hlist_node node;
	struct list_head use;
	refcount_t refs;
	bool cached;			/* on both lists, and counted; under the lock */
	struct session_key key;
	s64 from, until;		/* seconds since 1970, UTC: when it may be resumed */
	br_ssl_session_parameters parameters;
	char *peer_id;			/* NULL if none */
	s64 peer_not_after;
	u8 peer_serial[HBK_SERIAL_MAX];
	u8 peer_serial_length;
	char peer_name[HBK_DNS_NAME_MAX + 1];
};

struct hbk_session_cache {
	spinlock_t lock;
	bool closed;
	u32 count;
	u32 max;
	u32 mask;
	siphash_key_t hash_key;
	struct list_head use;		/* the least recently used comes last */
	struct hlist_head buckets[];
};

/**
 * hbk_session_cache_create() - make the cache of a rule-set
 * @cache: where it goes; NULL if none is wanted
 * @max: sessions to keep; 0: none
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int hbk_session_cache_create(struct hbk_session_cache **cache, u32 max)
{
	u32 buckets = min_t(u32, roundup_pow_of_two(max | 1), SESSION_BUCKETS_MAX);
	struct hbk_session_cache *made;

	*cache = NULL;
	if (!max)
		return 0;
	made = HBK_INJECT(SESSION_CACHE) ? NULL :
	       kvzalloc(struct_size(made, buckets, buckets), GFP_KERNEL_ACCOUNT);
	if (!made)
		return -ENOMEM;
	spin_lock_init(&made->lock);
	made->max = max;
	made->mask = buckets - 1;
	get_random_bytes(&made->hash_key, sizeof(made->hash_key));
	INIT_LIST_HEAD(&made->use);
	*cache = made;
	return 0;
}

/**
 * hbk_session_put() - drop a reference
 * @session: from hbk_session_find(); wiped with the last one; may be NULL
 */
void hbk_session_put(struct hbk_session *session)
{
	if (!session || !refcount_dec_and_test(&session->refs))
		return;
	kfree(session->peer_id);
	kfree_sensitive(session);
}

/* Out of the table; the table's reference goes to @out. */
static void cache_remove(struct hbk_session_cache *cache, struct hbk_session *session,
			 struct list_head *out)
{
	lockdep_assert_held(&cache->lock);
	session->cached = false;
	hlist_del(&session->node);
	list_move(&session->use, out);
	cache->count--;
}

static void session_list_put(struct list_head *list)
{
	struct hbk_session *session, *next;

	list_for_each_entry_safe(session, next, list, use)
		hbk_session_put(session);
}

/* At most @batch of the least recently used, if they are past @until. */
static void cache_take(struct hbk_session_cache *cache, u32 batch, s64 until,
		       struct list_head *out)
{
	struct hbk_session *last;

	lockdep_assert_held(&cache->lock);
	while (batch-- && !list_empty(&cache->use)) {
		last = list_last_entry(&cache->use, struct hbk_session, use);
		if (last->until >= until)
			break;
		cache_remove(cache, last, out);
	}
}

/**
 * hbk_session_cache_close() - forget all sessions, and keep none from now on
 * @cache: of a rule-set that another one has replaced; may be NULL
 *
 * Connections may keep their rule-set for days; the secrets need not wait.
 *
 * Context: process; may sleep.
 */
void hbk_session_cache_close(struct hbk_session_cache *cache)
{
	struct list_head out;
	bool more;

	if (!cache)
		return;
	do {
		INIT_LIST_HEAD(&out);
		spin_lock(&cache->lock);
		cache->closed = true;
		cache_take(cache, SESSION_BATCH, S64_MAX, &out);
		more = cache->count;
		spin_unlock(&cache->lock);
		session_list_put(&out);
		cond_resched();
	} while (more);
}

/**
 * hbk_session_cache_free() - free a cache and what is in it
 * @cache: nobody else knows it any more; may be NULL
 *
 * Context: process; may sleep.
 */
void hbk_session_cache_free(struct hbk_session_cache *cache)
{
	hbk_session_cache_close(cache);
	kvfree_sensitive(cache, cache ? sizeof(*cache) : 0);
}

/**
 * hbk_session_count() - sessions that are kept now
 * @ruleset: its generation's
 */
u32 hbk_session_count(const struct hbk_ruleset *ruleset)
{
	return ruleset->sessions ? READ_ONCE(ruleset->sessions->count) : 0;
}

static void session_key_make(struct session_key *key, const struct hbk_conn *conn, const u8 *id)
{
	const struct hbk_conn_info *info = &conn->info;

	memset(key, 0, sizeof(*key));
	key->rule = conn->rule;
	if (id) {
		memcpy(key->name, id, HBK_SESSION_ID);
		return;
	}
	memcpy(key->name, &info->remote, sizeof(info->remote));
	memcpy(key->name + sizeof(info->remote), &info->remote_port, sizeof(info->remote_port));
}

static struct hlist_head *cache_bucket(struct hbk_session_cache *cache,
				       const struct session_key *key)
{
	return &cache->buckets[siphash(key, sizeof(*key), &cache->hash_key) & cache->mask];
}

static struct hbk_session *cache_lookup(struct hbk_session_cache *cache,
					const struct session_key *key)
{
	struct hbk_session *session;

	lockdep_assert_held(&cache->lock);
	hlist_for_each_entry(session, cache_bucket(cache, key), node)
		if (!memcmp(&session->key, key, sizeof(*key)))
			return session;
	return NULL;
}

/**
 * hbk_session_find() - look for a session to resume
 * @conn: in the handshake
 * @id: what the client offers, HBK_SESSION_ID bytes; NULL if we are the client
 *
 * One that has expired is dropped.  So is one that the clock says is not made
 * yet: a clock that was set back vouches for no certificate.
 *
 * Context: process.
 * Return: the session with a reference for the caller, or NULL.
 */
struct hbk_session *hbk_session_find(const struct hbk_conn *conn, const u8 *id)
{
	struct hbk_session_cache *cache = conn->ruleset->sessions;
	s64 now = ktime_get_real_seconds();
	struct hbk_session *session;
	struct session_key key;
	LIST_HEAD(out);

	if (!cache)
		return NULL;
	session_key_make(&key, conn, id);
	spin_lock(&cache->lock);
	session = cache_lookup(cache, &key);
	if (session && (now < session->from || now > session->until)) {
		cache_remove(cache, session, &out);
		session = NULL;
	} else if (session) {
		refcount_inc(&session->refs);
		list_move(&session->use, &cache->use);
	}
	spin_unlock(&cache->lock);
	session_list_put(&out);
	return session;
}

static struct hbk_session *session_create(const struct hbk_conn *conn,
					  const br_ssl_session_parameters *parameters)
{
	const struct hbk_conn_info *info = &conn->info;
	struct hbk_session *session = HBK_INJECT(SESSION) ? NULL :
				      kzalloc(sizeof(*session), GFP_KERNEL);

	if (!session)
		return NULL;
	refcount_set(&session->refs, 1);
	session_key_make(&session->key, conn,
			 info->direction == HBK_INBOUND ? parameters->session_id : NULL);
	session->parameters = *parameters;
	session->peer_not_after = info->peer_not_after;
	memcpy(session->peer_serial, info->peer_serial, sizeof(session->peer_serial));
	session->peer_serial_length = info->peer_serial_length;
	strscpy(session->peer_name, info->peer_name, sizeof(session->peer_name));
	if (!info->peer_id)
		return session;
	session->peer_id = kstrdup(info->peer_id, GFP_KERNEL);
	if (session->peer_id)
		return session;
	hbk_session_put(session);
	return NULL;
}

/* The one that it takes the place of goes, and what the bound asks for. */
static bool cache_insert(struct hbk_session_cache *cache, struct hbk_session *session,
			 struct list_head *out)
{
	struct hbk_session *old;

	lockdep_assert_held(&cache->lock);
	if (cache->closed)
		return false;
	old = cache_lookup(cache, &session->key);
	if (old)
		cache_remove(cache, old, out);
	cache_take(cache, SESSION_TRIM, session->from, out);
	if (cache->count == cache->max)
		cache_take(cache, 1, S64_MAX, out);
	hlist_add_head(&session->node, cache_bucket(cache, &session->key));
	list_add(&session->use, &cache->use);
	session->cached = true;
	cache->count++;
	return true;
}

/**
 * hbk_session_save() - keep the session of a full handshake
 * @conn: its peer was verified and is told in its info
 * @parameters: the session; copied
 * @until: seconds since 1970, UTC: when the first certificate expires that this rests upon
 *
 * Without memory there is nothing to resume, and nothing worse.
 *
 * Context: process; may sleep.
 */
void hbk_session_save(const struct hbk_conn *conn, const br_ssl_session_parameters *parameters,
		      s64 until)
{
	struct hbk_session_cache *cache = conn->ruleset->sessions;
	s64 now = ktime_get_real_seconds();
	struct hbk_session *session;
	LIST_HEAD(out);
	bool kept;

	if (!cache || until < now || !parameters->session_id_len)
		return;
	session = session_create(conn, parameters);
	if (!session)
		return;
	session->from = now;
	session->until = min_t(s64, until, now + HBK_SESSION_LIFE);
	spin_lock(&cache->lock);
	kept = cache_insert(cache, session, &out);
	spin_unlock(&cache->lock);
	session_list_put(&out);
	if (!kept)
		hbk_session_put(session);
}

/**
 * hbk_session_drop() - let nobody resume a session any more
 * @conn: the connection that failed with it
 * @session: of its rule-set; the caller keeps its reference
 *
 * RFC 5246 section 7.2.2 wants it.  And a client whose peer stumbles over the
 * session is not to offer it again and again.
 */
void hbk_session_drop(const struct hbk_conn *conn, struct hbk_session *session)
{
	struct hbk_session_cache *cache = conn->ruleset->sessions;
	LIST_HEAD(out);

	spin_lock(&cache->lock);
	if (session->cached)
		cache_remove(cache, session, &out);
	spin_unlock(&cache->lock);
	session_list_put(&out);
}

/**
 * hbk_session_parameters() - what BearSSL resumes
 * @session: from hbk_session_find()
 *
 * Return: valid as long as the caller holds @session.
 */
const br_ssl_session_parameters *hbk_session_parameters(const struct hbk_session *session)
{
	return &session->parameters;
}

/**
 * hbk_session_tell() - the peer of a resumed session is the one who was verified in the full handshake
 * @session: resumed
 * @conn: its info gets the peer
 *
 * Return: HBK_REASON_NONE or HBK_REASON_NO_MEMORY.
 */
enum hbk_reason hbk_session_tell(const struct hbk_session *session, struct hbk_conn *conn)
{
	struct hbk_conn_info *info = &conn->info;

	if (session->peer_id) {
		kfree(info->peer_id);
		info->peer_id = HBK_INJECT(SESSION_PEER_ID) ? NULL :
				kstrdup(session->peer_id, GFP_KERNEL);
		if (!info->peer_id)
			return HBK_REASON_NO_MEMORY;
	}
	strscpy(info->peer_name, session->peer_name, sizeof(info->peer_name));
	memcpy(info->peer_serial, session->peer_serial, sizeof(info->peer_serial));
	info->peer_serial_length = session->peer_serial_length;
	info->peer_not_after = session->peer_not_after;
	info->resumed = true;
	return HBK_REASON_NONE;
}
