// SPDX-License-Identifier: GPL-2.0-only
/* Shared queues. All that are static here are called with the hub's lock held. */
#include "hub_private.h"
#include "vm.h"

static struct hbk_hub_queue *find(struct hbk_hub *hub, u32 id)
{
	struct hbk_hub_queue *queue = hub->queues[id % HBK_HUB_BUCKETS];

	while (queue && queue->id != id)
		queue = queue->next;
	return queue;
}

static struct hbk_hub_queue *find_name(struct hbk_hub *hub, const struct hbk_hub_space *space,
				       const void *name, u32 length)
{
	struct hbk_hub_queue *queue;
	u32 i;

	for (i = 0; i < HBK_HUB_BUCKETS; i++)
		for (queue = hub->queues[i]; queue; queue = queue->next)
			if (queue->space == space &&
			    hbk_hub_same(queue->name, queue->name_length, name, length))
				return queue;
	return NULL;
}

static struct hbk_hub_queue *queue_new(struct hbk_hub *hub, struct hbk_hub_space *space,
				       const void *name, u32 length)
{
	struct hbk_hub_queue *queue, **bucket;

	if (space->queue_count >= HBK_PROXY_QUEUES || hub->queue_count >= HBK_PROXY_QUEUES_ALL)
		return NULL;
	queue = hub->heap->allocate(hub->heap, sizeof(*queue) + length);
	if (!queue)
		return NULL;
	do
		hub->last_queue++;
	while (!hub->last_queue || find(hub, hub->last_queue));
	queue->id = hub->last_queue;
	queue->space = space;
	queue->tail = &queue->head;
	queue->name_length = length;
	memcpy(queue->name, name, length);
	bucket = &hub->queues[queue->id % HBK_HUB_BUCKETS];
	queue->next = *bucket;
	*bucket = queue;
	space->queue_count++;
	hub->queue_count++;
	return queue;
}

static bool listen(struct hbk_hub *hub, struct hbk_hub_queue *queue, struct hbk_vm *vm)
{
	struct hbk_hub_listener **at = &queue->listeners;

	while (*at && (*at)->vm != vm)
		at = &(*at)->next;
	if (*at)
		return true;
	*at = hub->heap->allocate(hub->heap, sizeof(**at));
	if (*at)
		(*at)->vm = vm;
	return *at;
}

/* The first listener is told; later, for it may run just now. */
static void tell(struct hbk_hub_queue *queue)
{
	struct hbk_hub_listener *listener = queue->listeners;

	if (!listener || listener->news)
		return;
	listener->news = true;
	listener->vm->env->ops->wake_vm(listener->vm);
}

/**
 * hbk_hub_queue_register() - make or open a queue of a VM's space
 * @hub: the hub
 * @vm: wants to hear of news
 * @name: any bytes
 * @length: of them
 * @id: gets the queue's number
 */
enum hbk_proxy_status hbk_hub_queue_register(struct hbk_hub *hub, struct hbk_vm *vm,
					     const void *name, u32 length, u32 *id)
{
	enum hbk_proxy_status status = HBK_PROXY_INTERNAL_FAILURE;
	struct hbk_hub_queue *queue;

	if (length > HBK_PROXY_QUEUE_NAME)
		return HBK_PROXY_BAD_ARGUMENT;
	hub->lock(hub);
	queue = find_name(hub, vm->space, name, length);
	if (!queue)
		queue = queue_new(hub, vm->space, name, length);
	if (queue && listen(hub, queue, vm)) {
		*id = queue->id;
		status = HBK_PROXY_OK;
	}
	hub->unlock(hub);
	return status;
}

/**
 * hbk_hub_queue_resolve() - find a queue of any space
 * @hub: the hub
 * @vm_id: whose
 * @vm_id_length: of it
 * @name: of the queue
 * @length: of it
 * @id: gets its number
 */
enum hbk_proxy_status hbk_hub_queue_resolve(struct hbk_hub *hub, const void *vm_id,
					    u32 vm_id_length, const void *name, u32 length,
					    u32 *id)
{
	enum hbk_proxy_status status = HBK_PROXY_NOT_FOUND;
	struct hbk_hub_queue *queue;
	struct hbk_hub_space *space;

	hub->lock(hub);
	space = hbk_hub_space_find(hub, vm_id, vm_id_length);
	queue = space ? find_name(hub, space, name, length) : NULL;
	if (queue) {
		*id = queue->id;
		status = HBK_PROXY_OK;
	}
	hub->unlock(hub);
	return status;
}

static enum hbk_proxy_status put(struct hbk_hub *hub, u32 id, const void *bytes, u32 length)
{
	struct hbk_hub_queue *queue = find(hub, id);
	struct hbk_hub_item *item;

	if (!queue)
		return HBK_PROXY_NOT_FOUND;
	if (queue->count >= HBK_PROXY_QUEUE_ITEMS || length > HBK_PROXY_QUEUE_BYTES - queue->bytes)
		return HBK_PROXY_INTERNAL_FAILURE;
	item = hub->heap->allocate(hub->heap, sizeof(*item) + length);
	if (!item)
		return HBK_PROXY_INTERNAL_FAILURE;
	item->length = length;
	memcpy(item->bytes, bytes, length);
	*queue->tail = item;
	queue->tail = &item->next;
	queue->count++;
	queue->bytes += length;
	tell(queue);
	return HBK_PROXY_OK;
}

/**
 * hbk_hub_queue_put() - add an item at the end
 * @hub: the hub
 * @id: of the queue
 * @bytes: the item
 * @length: of it
 */
enum hbk_proxy_status hbk_hub_queue_put(struct hbk_hub *hub, u32 id, const void *bytes, u32 length)
{
	enum hbk_proxy_status status;

	hub->lock(hub);
	status = find(hub, id) && length > HBK_PROXY_QUEUE_ITEM ? HBK_PROXY_BAD_ARGUMENT :
		 put(hub, id, bytes, length);
	hub->unlock(hub);
	return status;
}

static struct hbk_hub_item *detach(struct hbk_hub_queue *queue)
{
	struct hbk_hub_item *item = queue->head;

	queue->head = item->next;
	if (!queue->head)
		queue->tail = &queue->head;
	queue->count--;
	queue->bytes -= item->length;
	item->next = NULL;
	return item;
}

/**
 * hbk_hub_queue_take() - take the oldest item
 * @hub: the hub
 * @id: of the queue
 * @item: gets it, for hbk_hub_item_release() or hbk_hub_queue_give_back()
 */
enum hbk_proxy_status hbk_hub_queue_take(struct hbk_hub *hub, u32 id, struct hbk_hub_item **item)
{
	enum hbk_proxy_status status = HBK_PROXY_OK;
	struct hbk_hub_queue *queue;

	hub->lock(hub);
	queue = find(hub, id);
	if (!queue)
		status = HBK_PROXY_NOT_FOUND;
	else if (!queue->head)
		status = HBK_PROXY_EMPTY;
	else
		*item = detach(queue);
	hub->unlock(hub);
	return status;
}

/**
 * hbk_hub_queue_give_back() - an item was not taken after all: it is the oldest again
 * @hub: the hub
 * @id: of its queue, which may be gone
 * @item: from hbk_hub_queue_take()
 */
void hbk_hub_queue_give_back(struct hbk_hub *hub, u32 id, struct hbk_hub_item *item)
{
	struct hbk_hub_queue *queue;

	hub->lock(hub);
	queue = find(hub, id);
	if (queue) {
		item->next = queue->head;
		if (!queue->head)
			queue->tail = &item->next;
		queue->head = item;
		queue->count++;
		queue->bytes += item->length;
	}
	hub->unlock(hub);
	if (!queue)
		hbk_hub_item_release(hub, item);
}

/**
 * hbk_hub_item_release() - give an item's memory back
 * @hub: the hub
 * @item: from hbk_hub_queue_take()
 */
void hbk_hub_item_release(struct hbk_hub *hub, struct hbk_hub_item *item)
{
	hub->heap->release(hub->heap, item, sizeof(*item) + item->length);
}

static struct hbk_hub_queue *with_news(struct hbk_hub *hub, const struct hbk_vm *vm)
{
	struct hbk_hub_queue *queue;
	u32 i;

	for (i = 0; i < HBK_HUB_BUCKETS; i++)
		for (queue = hub->queues[i]; queue; queue = queue->next)
			if (queue->listeners && queue->listeners->vm == vm && queue->listeners->news)
				return queue;
	return NULL;
}

/**
 * hbk_hub_queue_news() - which queue has news
 * @hub: the hub
 * @vm: for whom
 *
 * Return: its number, or 0. It has no news any more then, until the next item is put in.
 */
u32 hbk_hub_queue_news(struct hbk_hub *hub, struct hbk_vm *vm)
{
	struct hbk_hub_queue *queue;
	u32 id = 0;

	hub->lock(hub);
	queue = with_news(hub, vm);
	if (queue) {
		queue->listeners->news = false;
		id = queue->id;
	}
	hub->unlock(hub);
	return id;
}

static void forget(struct hbk_hub *hub, struct hbk_hub_queue *queue, const struct hbk_vm *vm)
{
	struct hbk_hub_listener **at = &queue->listeners, *listener;
	bool news;

	while (*at && (*at)->vm != vm)
		at = &(*at)->next;
	listener = *at;
	if (!listener)
		return;
	*at = listener->next;
	news = listener->news;
	hub->heap->release(hub->heap, listener, sizeof(*listener));
	if (news)
		tell(queue);
}

/**
 * hbk_hub_queue_forget() - a VM goes: it hears of no queue any more
 * @hub: the hub
 * @vm: which
 */
void hbk_hub_queue_forget(struct hbk_hub *hub, struct hbk_vm *vm)
{
	struct hbk_hub_queue *queue;
	u32 i;

	hub->lock(hub);
	for (i = 0; i < HBK_HUB_BUCKETS; i++)
		for (queue = hub->queues[i]; queue; queue = queue->next)
			forget(hub, queue, vm);
	hub->unlock(hub);
}

static void queue_release(struct hbk_hub *hub, struct hbk_hub_queue *queue)
{
	while (queue->head)
		hbk_hub_item_release(hub, detach(queue));
	hub->heap->release(hub->heap, queue, sizeof(*queue) + queue->name_length);
}

/* Hub's lock held; nobody listens any more, for the VMs that did held the space. */
void hbk_hub_queues_release(struct hbk_hub *hub, struct hbk_hub_space *space)
{
	struct hbk_hub_queue **at, *queue;
	u32 i;

	for (i = 0; i < HBK_HUB_BUCKETS; i++) {
		at = &hub->queues[i];
		while ((queue = *at)) {
			if (queue->space != space) {
				at = &queue->next;
				continue;
			}
			*at = queue->next;
			hub->queue_count--;
			queue_release(hub, queue);
		}
	}
}
