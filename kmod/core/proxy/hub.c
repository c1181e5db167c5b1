// SPDX-License-Identifier: GPL-2.0-only
/* Spaces and foreign functions. */
#include "hub_private.h"

/**
 * hbk_hub_init() - make an empty hub
 * @hub: with lock, unlock and data set, all else zero
 * @heap: pays
 */
void hbk_hub_init(struct hbk_hub *hub, struct hbk_wasm_heap *heap)
{
	hub->heap = heap;
}

/**
 * hbk_hub_release() - the end of a hub
 * @hub: all of its spaces have been put, so there is nothing left but this
 */
void hbk_hub_release(struct hbk_hub *hub)
{
	hub->foreign_count = 0;
}

static const struct hbk_foreign *find_foreign(const struct hbk_hub *hub, const char *name, u32 length)
{
	u32 i;

	for (i = 0; i < hub->foreign_count; i++)
		if (hbk_hub_same(hub->foreign[i]->name, strlen(hub->foreign[i]->name), name, length))
			return hub->foreign[i];
	return NULL;
}

/**
 * hbk_hub_register_foreign() - offer a function to guests
 * @hub: the hub
 * @foreign: stays
 *
 * Return: 0, -EEXIST or -ENOSPC.
 */
int hbk_hub_register_foreign(struct hbk_hub *hub, const struct hbk_foreign *foreign)
{
	int err = 0;

	hub->lock(hub);
	if (find_foreign(hub, foreign->name, strlen(foreign->name)))
		err = -EEXIST;
	else if (hub->foreign_count >= HBK_PROXY_FOREIGN)
		err = -ENOSPC;
	else
		hub->foreign[hub->foreign_count++] = foreign;
	hub->unlock(hub);
	return err;
}

/**
 * hbk_hub_find_foreign() - find a function by its name
 * @hub: the hub
 * @name: as the guest wrote it
 * @length: of it
 *
 * Return: the function, or NULL.
 */
const struct hbk_foreign *hbk_hub_find_foreign(struct hbk_hub *hub, const char *name, u32 length)
{
	const struct hbk_foreign *found;

	hub->lock(hub);
	found = find_foreign(hub, name, length);
	hub->unlock(hub);
	return found;
}

/* Hub's lock held. */
struct hbk_hub_space *hbk_hub_space_find(struct hbk_hub *hub, const void *vm_id, u32 length)
{
	struct hbk_hub_space *space = hub->spaces;

	while (space && !hbk_hub_same(space->vm_id, space->vm_id_length, vm_id, length))
		space = space->next;
	return space;
}

static struct hbk_hub_space *space_new(struct hbk_hub *hub, const char *vm_id, u32 length)
{
	struct hbk_hub_space *space;

	if (hub->space_count >= HBK_PROXY_SPACES || length > HBK_PROXY_ID_MAX)
		return NULL;
	space = hub->heap->allocate(hub->heap, sizeof(*space));
	if (!space)
		return NULL;
	memcpy(space->vm_id, vm_id, length);
	space->vm_id_length = length;
	space->next = hub->spaces;
	hub->spaces = space;
	hub->space_count++;
	return space;
}

/**
 * hbk_hub_space_get() - what the VMs of a vm_id share
 * @hub: the hub
 * @vm_id: whose
 * @length: of it
 *
 * Return: the space, for hbk_hub_space_put(), or NULL.
 */
struct hbk_hub_space *hbk_hub_space_get(struct hbk_hub *hub, const char *vm_id, u32 length)
{
	struct hbk_hub_space *space;

	hub->lock(hub);
	space = hbk_hub_space_find(hub, vm_id, length);
	if (!space)
		space = space_new(hub, vm_id, length);
	if (space)
		space->refs++;
	hub->unlock(hub);
	return space;
}

static void space_release(struct hbk_hub *hub, struct hbk_hub_space *space)
{
	struct hbk_hub_space **at = &hub->spaces;

	while (*at != space)
		at = &(*at)->next;
	*at = space->next;
	hub->space_count--;
	hbk_hub_data_release(hub, space);
	hbk_hub_queues_release(hub, space);
	hbk_hub_metrics_release(hub, space);
	hub->heap->release(hub->heap, space, sizeof(*space));
}

/**
 * hbk_hub_space_put() - nobody needs it any more, as far as the caller is concerned
 * @hub: the hub
 * @space: from hbk_hub_space_get()
 */
void hbk_hub_space_put(struct hbk_hub *hub, struct hbk_hub_space *space)
{
	hub->lock(hub);
	if (!--space->refs)
		space_release(hub, space);
	hub->unlock(hub);
}
