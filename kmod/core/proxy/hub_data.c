// SPDX-License-Identifier: GPL-2.0-only
/* Shared data: values by key, with a number that changes with the value. */
#include "buffer.h"
#include "hub_private.h"

static struct hbk_hub_datum **bucket_of(struct hbk_hub_space *space, const u8 *key, u32 length)
{
	u32 hash = 2166136261u;

	while (length--)
		hash = (hash ^ *key++) * 16777619u;
	return &space->data[(hash >> 16 ^ hash) % HBK_HUB_BUCKETS];
}

/* Where the datum of this key is linked, or where one would be. */
static struct hbk_hub_datum **find(struct hbk_hub_space *space, const void *key, u32 length)
{
	struct hbk_hub_datum **at = bucket_of(space, key, length);

	while (*at && !hbk_hub_same((*at)->bytes, (*at)->key_length, key, length))
		at = &(*at)->next;
	return at;
}

static u32 size_of(const struct hbk_hub_datum *datum)
{
	return sizeof(*datum) + datum->key_length + datum->length;
}

static void unlink_datum(struct hbk_hub *hub, struct hbk_hub_space *space, struct hbk_hub_datum **at)
{
	struct hbk_hub_datum *datum = *at;

	*at = datum->next;
	space->data_count--;
	space->data_bytes -= datum->key_length + datum->length;
	hub->heap->release(hub->heap, datum, size_of(datum));
}

static bool has_room(const struct hbk_hub_space *space, const struct hbk_hub_datum *old, u32 size)
{
	u32 bytes = space->data_bytes - (old ? old->key_length + old->length : 0);

	return (old || space->data_count < HBK_PROXY_SHARED_KEYS) &&
	       size <= HBK_PROXY_SHARED_BYTES - bytes;
}

static u32 next_cas(struct hbk_hub_space *space)
{
	space->last_cas++;
	if (!space->last_cas)
		space->last_cas = 1;
	return space->last_cas;
}

static enum hbk_proxy_status set(struct hbk_hub *hub, struct hbk_hub_space *space, const void *key,
				 u32 key_length, const void *value, u32 length, u32 cas)
{
	struct hbk_hub_datum **at = find(space, key, key_length), *datum;

	if (cas && (!*at || (*at)->cas != cas))
		return HBK_PROXY_CAS_MISMATCH;
	if (!has_room(space, *at, key_length + length))
		return HBK_PROXY_INTERNAL_FAILURE;
	datum = hub->heap->allocate(hub->heap, sizeof(*datum) + key_length + length);
	if (!datum)
		return HBK_PROXY_INTERNAL_FAILURE;
	datum->key_length = key_length;
	datum->length = length;
	datum->cas = next_cas(space);
	memcpy(datum->bytes, key, key_length);
	memcpy(datum->bytes + key_length, value, length);
	if (*at)
		unlink_datum(hub, space, at);
	datum->next = *at;
	*at = datum;
	space->data_count++;
	space->data_bytes += key_length + length;
	return HBK_PROXY_OK;
}

/**
 * hbk_hub_data_set() - set a value
 * @hub: the hub
 * @space: whose
 * @key: any bytes
 * @key_length: of them
 * @value: any bytes
 * @length: of them
 * @cas: what hbk_hub_data_get() told, or 0: whatever is there
 */
enum hbk_proxy_status hbk_hub_data_set(struct hbk_hub *hub, struct hbk_hub_space *space,
				       const void *key, u32 key_length, const void *value,
				       u32 length, u32 cas)
{
	enum hbk_proxy_status status;

	if (key_length > HBK_PROXY_SHARED_KEY || length > HBK_PROXY_SHARED_VALUE)
		return HBK_PROXY_BAD_ARGUMENT;
	hub->lock(hub);
	status = set(hub, space, key, key_length, value, length, cas);
	hub->unlock(hub);
	return status;
}

static enum hbk_proxy_status get(struct hbk_hub_space *space, const void *key, u32 key_length,
				 struct hbk_buffer *value, u32 *cas)
{
	const struct hbk_hub_datum *datum = *find(space, key, key_length);

	if (!datum)
		return HBK_PROXY_NOT_FOUND;
	*cas = datum->cas;
	if (hbk_buffer_copy(value, datum->bytes + datum->key_length, datum->length))
		return HBK_PROXY_INTERNAL_FAILURE;
	return HBK_PROXY_OK;
}

/**
 * hbk_hub_data_get() - copy a value
 * @hub: the hub
 * @space: whose
 * @key: any bytes
 * @key_length: of them
 * @value: gets it
 * @cas: gets its number
 */
enum hbk_proxy_status hbk_hub_data_get(struct hbk_hub *hub, struct hbk_hub_space *space,
				       const void *key, u32 key_length, struct hbk_buffer *value,
				       u32 *cas)
{
	enum hbk_proxy_status status;

	hub->lock(hub);
	status = get(space, key, key_length, value, cas);
	hub->unlock(hub);
	return status;
}

/* Hub's lock held. */
void hbk_hub_data_release(struct hbk_hub *hub, struct hbk_hub_space *space)
{
	u32 i;

	for (i = 0; i < HBK_HUB_BUCKETS; i++)
		while (space->data[i])
			unlink_datum(hub, space, &space->data[i]);
}
