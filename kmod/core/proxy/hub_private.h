/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the hub know of one another. All of it is the hub's lock's, but for the values of metrics. */
#ifndef _HBK_PROXY_HUB_PRIVATE_H
#define _HBK_PROXY_HUB_PRIVATE_H

#include "hub.h"

/* A value by key; @bytes are the key, then the value. */
struct hbk_hub_datum {
	struct hbk_hub_datum *next;
	u32 key_length;
	u32 length;
	u32 cas;
	u8 bytes[];
};

/* A VM that registered a queue. @news: it has not asked since something was put in. */
struct hbk_hub_listener {
	struct hbk_hub_listener *next;
	struct hbk_vm *vm;
	bool news;
};

/**
 * struct hbk_hub_queue - a queue of one space
 * @next: in the hub's table, by id
 * @head: the oldest item
 * @tail: where the next item is linked to
 * @count: of items
 * @bytes: of them
 * @listeners: who registered it, first one first; the first is told of news
 */
struct hbk_hub_queue {
	struct hbk_hub_queue *next;
	struct hbk_hub_space *space;
	u32 id;
	struct hbk_hub_item *head;
	struct hbk_hub_item **tail;
	u32 count;
	u32 bytes;
	struct hbk_hub_listener *listeners;
	u32 name_length;
	u8 name[];
};

/* @value and @count are atomic; the rest never changes while the space is there. */
struct hbk_hub_metric {
	u64 value;
	u64 count;
	u32 type;
	u32 name_length;
	u8 name[];
};

struct hbk_hub_space {
	struct hbk_hub_space *next;
	u32 refs;
	u32 vm_id_length;
	char vm_id[HBK_PROXY_ID_MAX];
	struct hbk_hub_datum *data[HBK_HUB_BUCKETS];
	u32 data_count;
	u32 data_bytes;
	u32 last_cas;
	u32 queue_count;
	struct hbk_hub_metric *metrics[HBK_PROXY_METRICS];
	u32 metric_count;
};

static inline bool hbk_hub_same(const void *a, u32 a_length, const void *b, u32 b_length)
{
	return a_length == b_length && !memcmp(a, b, a_length);
}

struct hbk_hub_space *hbk_hub_space_find(struct hbk_hub *hub, const void *vm_id, u32 length);
void hbk_hub_data_release(struct hbk_hub *hub, struct hbk_hub_space *space);
void hbk_hub_queues_release(struct hbk_hub *hub, struct hbk_hub_space *space);
void hbk_hub_metrics_release(struct hbk_hub *hub, struct hbk_hub_space *space);

#endif /* _HBK_PROXY_HUB_PRIVATE_H */
