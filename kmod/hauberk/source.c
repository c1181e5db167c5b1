// SPDX-License-Identifier: GPL-2.0-only
/*
 * Token buckets, one for each source that has begun handshakes of late.
 *
 * A bucket holds one second's worth of tokens.  Once it is full again it knows
 * no more than one that was never used, so that its place can be given away:
 * the table only ever holds the sources of the last second, and its size is
 * fixed.  A bucket is the time at which it will be full, and nothing else.
 *
 * A source may go to any of a few places in the one set that its hash names.
 * Where all of those are busy the newcomers share one more bucket of the same
 * rate, and may starve each other there; but the hash changes every few
 * seconds, which parts them again.  What a source gains by that is one more
 * burst in SOURCE_EPOCH seconds.
 */
#include "source.h"

#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <net/ipv6.h>

#define SOURCE_SETS	1024	/* a power of two */
#define SOURCE_WAYS	4
#define SOURCE_EPOCH	16	/* seconds between two hash functions */

struct source_key {
	__be64 prefix;
	u32 netns;		/* the loopback addresses of two containers are two sources */
	u32 epoch;
};

struct source_bucket {
	__be64 prefix;
	u32 netns;
	u64 full_at;		/* nanoseconds, CLOCK_MONOTONIC */
};

struct source_set {
	spinlock_t lock;
	struct source_bucket ways[SOURCE_WAYS];
	struct source_bucket shared;
};

static struct source_set source_sets[SOURCE_SETS];
static siphash_key_t source_hash_key;

/* IPv4 addresses are mapped ones here: no host has a prefix of these. */
static __be64 source_prefix(const struct in6_addr *remote)
{
	__be64 half;

	memcpy(&half, &remote->s6_addr[ipv6_addr_v4mapped(remote) ? 8 : 0], sizeof(half));
	return half;
}

static struct source_bucket *source_find(struct source_set *set, const struct source_key *key,
					 u64 now)
{
	struct source_bucket *free = &set->shared;
	int i;

	lockdep_assert_held(&set->lock);
	for (i = 0; i < SOURCE_WAYS; i++) {
		struct source_bucket *way = &set->ways[i];

		if (way->full_at <= now)
			free = way;
		else if (way->prefix == key->prefix && way->netns == key->netns)
			return way;
	}
	free->prefix = key->prefix;
	free->netns = key->netns;
	return free;
}

/**
 * hbk_source_admit() - may this source begin one more handshake?
 * @remote: the peer's address; IPv4 as ::ffff:a.b.c.d
 * @netns: the inode of the socket's network namespace
 * @rate: handshakes a second; 0: no limit
 *
 * Context: any.
 * Return: false if it has begun too many; nothing is counted then.
 */
bool hbk_source_admit(const struct in6_addr *remote, u32 netns, u32 rate)
{
	u64 full_at, now = ktime_get_ns();
	struct source_key key = {
		.prefix = source_prefix(remote),
		.netns = netns,
		.epoch = div_u64(now, NSEC_PER_SEC) / SOURCE_EPOCH,
	};
	struct source_bucket *bucket;
	struct source_set *set;
	bool admitted;

	if (!rate)
		return true;
	set = &source_sets[siphash(&key, sizeof(key), &source_hash_key) % SOURCE_SETS];
	spin_lock_bh(&set->lock);
	bucket = source_find(set, &key, now);
	full_at = max(bucket->full_at, now) + NSEC_PER_SEC / rate;
	admitted = full_at <= now + NSEC_PER_SEC;
	if (admitted)
		bucket->full_at = full_at;
	spin_unlock_bh(&set->lock);
	return admitted;
}

/**
 * hbk_source_init() - choose the hash
 *
 * Context: module load.
 */
void __init hbk_source_init(void)
{
	int i;

	get_random_bytes(&source_hash_key, sizeof(source_hash_key));
	for (i = 0; i < SOURCE_SETS; i++)
		spin_lock_init(&source_sets[i].lock);
}
