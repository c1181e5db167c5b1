/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What guests share beyond one VM: data with compare-and-swap, queues, metrics,
 * by vm_id; and the host's foreign functions. One hub for all.
 *
 * A space is all that the VMs of one vm_id share. Each VM holds its space, and
 * so may whoever wants it to outlive them: a rule-set, while VMs come and go.
 *
 * Context: may sleep; every function here takes the hub's lock by itself.
 */
#ifndef _HBK_PROXY_HUB_H
#define _HBK_PROXY_HUB_H

#include "../wasm/heap.h"
#include "abi.h"
#include "limits.h"

struct hbk_buffer;
struct hbk_hub_queue;
struct hbk_hub_space;
struct hbk_vm;

/**
 * struct hbk_foreign - a function of the host's that guests call by name
 * @name: NUL-terminated
 * @call: @arguments in, @result out (empty, to be appended to). VM's lock held.
 */
struct hbk_foreign {
	const char *name;
	enum hbk_proxy_status (*call)(struct hbk_vm *vm, const u8 *arguments, u32 length,
				      struct hbk_buffer *result);
};

#define HBK_HUB_BUCKETS	64	/* of the table of queues, and of each space's shared data */

/**
 * struct hbk_hub - see above
 * @heap: pays
 * @lock: takes the hub's lock, a mutex
 * @unlock: gives it back
 * @data: for these two
 * @foreign: the registry
 * @foreign_count: of it
 *
 * Of the others only the files of the hub know.
 */
struct hbk_hub {
	struct hbk_wasm_heap *heap;
	void (*lock)(struct hbk_hub *hub);
	void (*unlock)(struct hbk_hub *hub);
	void *data;
	const struct hbk_foreign *foreign[HBK_PROXY_FOREIGN];
	u32 foreign_count;
	struct hbk_hub_space *spaces;
	u32 space_count;
	struct hbk_hub_queue *queues[HBK_HUB_BUCKETS];
	u32 last_queue;
	u32 queue_count;
};

/* Zeroed before; heap, lock, unlock set. Empty when it is released: all spaces put. */
void hbk_hub_init(struct hbk_hub *hub, struct hbk_wasm_heap *heap);
void hbk_hub_release(struct hbk_hub *hub);

/* -ENOSPC, -EEXIST. @foreign stays; there is no way back but the hub's end. */
int hbk_hub_register_foreign(struct hbk_hub *hub, const struct hbk_foreign *foreign);
const struct hbk_foreign *hbk_hub_find_foreign(struct hbk_hub *hub, const char *name, u32 length);

/* The space of a vm_id, made if need be; NULL without memory, or if there are too many. */
struct hbk_hub_space *hbk_hub_space_get(struct hbk_hub *hub, const char *vm_id, u32 length);
void hbk_hub_space_put(struct hbk_hub *hub, struct hbk_hub_space *space);

/* Shared data. */
enum hbk_proxy_status hbk_hub_data_set(struct hbk_hub *hub, struct hbk_hub_space *space,
				       const void *key, u32 key_length, const void *value,
				       u32 length, u32 cas);
enum hbk_proxy_status hbk_hub_data_get(struct hbk_hub *hub, struct hbk_hub_space *space,
				       const void *key, u32 key_length, struct hbk_buffer *value,
				       u32 *cas);

/* Queues. An item that was taken is given back to the front, or released. */
struct hbk_hub_item {
	struct hbk_hub_item *next;
	u32 length;
	u8 bytes[];
};

enum hbk_proxy_status hbk_hub_queue_register(struct hbk_hub *hub, struct hbk_vm *vm,
					     const void *name, u32 length, u32 *id);
enum hbk_proxy_status hbk_hub_queue_resolve(struct hbk_hub *hub, const void *vm_id,
					    u32 vm_id_length, const void *name, u32 length,
					    u32 *id);
enum hbk_proxy_status hbk_hub_queue_put(struct hbk_hub *hub, u32 id, const void *bytes, u32 length);
enum hbk_proxy_status hbk_hub_queue_take(struct hbk_hub *hub, u32 id, struct hbk_hub_item **item);
void hbk_hub_queue_give_back(struct hbk_hub *hub, u32 id, struct hbk_hub_item *item);
void hbk_hub_item_release(struct hbk_hub *hub, struct hbk_hub_item *item);
/* The next queue with news for @vm, each once; 0: none. A VM that goes listens no more. */
u32 hbk_hub_queue_news(struct hbk_hub *hub, struct hbk_vm *vm);
void hbk_hub_queue_forget(struct hbk_hub *hub, struct hbk_vm *vm);

/* Metrics. An id has the type in its two lowest bits. */
enum hbk_proxy_status hbk_hub_metric_define(struct hbk_hub *hub, struct hbk_hub_space *space,
					    u32 type, const void *name, u32 length, u32 *id);
enum hbk_proxy_status hbk_hub_metric_record(struct hbk_hub_space *space,
					    u32 id, u64 value);
enum hbk_proxy_status hbk_hub_metric_add(struct hbk_hub_space *space, u32 id,
					 s64 delta);
enum hbk_proxy_status hbk_hub_metric_get(struct hbk_hub_space *space, u32 id,
					 u64 *value);

/**
 * struct hbk_metric_info - a metric, for whoever exports it
 * @vm_id: of its space
 * @vm_id_length: bytes
 * @name: as the guest names it; any bytes
 * @name_length: of them
 * @type: enum hbk_proxy_metric_type
 * @value: of a counter or gauge (a gauge is signed); of a histogram the sum of what was recorded
 * @count: of a histogram, how many were recorded
 */
struct hbk_metric_info {
	const char *vm_id;
	u32 vm_id_length;
	const char *name;
	u32 name_length;
	u32 type;
	u64 value;
	u64 count;
};

/* Each metric of each space, with the hub's lock held: @told may sleep and must not call in here. Non-zero ends it. */
int hbk_hub_metrics(struct hbk_hub *hub, int (*told)(void *context, const struct hbk_metric_info *info),
		    void *context);

#endif /* _HBK_PROXY_HUB_H */
