// SPDX-License-Identifier: GPL-2.0-only
/*
 * Metrics. The hub's lock guards that there is one; its value is atomic and may
 * be changed without, for a metric stays as long as its space.
 */
#include "hub_private.h"

#define TYPE_BITS	2	/* of an id, the lowest */

static struct hbk_hub_metric *find(struct hbk_hub_space *space, u32 id)
{
	u32 number = id >> TYPE_BITS;
	struct hbk_hub_metric *metric;

	if (!number || number > HBK_PROXY_METRICS)
		return NULL;
	metric = __atomic_load_n(&space->metrics[number - 1], __ATOMIC_ACQUIRE);
	return metric && metric->type == (id & ((1u << TYPE_BITS) - 1)) ? metric : NULL;
}

static u32 number_of(const struct hbk_hub_space *space, const void *name, u32 length)
{
	u32 i;

	for (i = 0; i < space->metric_count; i++)
		if (hbk_hub_same(space->metrics[i]->name, space->metrics[i]->name_length, name, length))
			return i + 1;
	return 0;
}

static u32 metric_new(struct hbk_hub *hub, struct hbk_hub_space *space, u32 type, const void *name,
		      u32 length)
{
	struct hbk_hub_metric *metric;

	if (space->metric_count >= HBK_PROXY_METRICS)
		return 0;
	metric = hub->heap->allocate(hub->heap, sizeof(*metric) + length);
	if (!metric)
		return 0;
	metric->type = type;
	metric->name_length = length;
	memcpy(metric->name, name, length);
	__atomic_store_n(&space->metrics[space->metric_count], metric, __ATOMIC_RELEASE);
	return ++space->metric_count;
}

/**
 * hbk_hub_metric_define() - make or find a metric
 * @hub: the hub
 * @space: whose
 * @type: enum hbk_proxy_metric_type
 * @name: any bytes
 * @length: of them
 * @id: gets its number
 */
enum hbk_proxy_status hbk_hub_metric_define(struct hbk_hub *hub, struct hbk_hub_space *space,
					    u32 type, const void *name, u32 length, u32 *id)
{
	enum hbk_proxy_status status = HBK_PROXY_OK;
	u32 number;

	if (type >= HBK_PROXY_METRIC_TYPES || length > HBK_PROXY_METRIC_NAME)
		return HBK_PROXY_BAD_ARGUMENT;
	hub->lock(hub);
	number = number_of(space, name, length);
	if (number && space->metrics[number - 1]->type != type)
		status = HBK_PROXY_BAD_ARGUMENT;
	else if (!number)
		number = metric_new(hub, space, type, name, length);
	hub->unlock(hub);
	if (!number)
		return HBK_PROXY_INTERNAL_FAILURE;
	if (status == HBK_PROXY_OK)
		*id = number << TYPE_BITS | type;
	return status;
}

/**
 * hbk_hub_metric_record() - set a counter or gauge, or give a histogram a sample
 * @space: whose
 * @id: of the metric
 * @value: what
 */
enum hbk_proxy_status hbk_hub_metric_record(struct hbk_hub_space *space,
					    u32 id, u64 value)
{
	struct hbk_hub_metric *metric = find(space, id);

	if (!metric)
		return HBK_PROXY_NOT_FOUND;
	if (metric->type != HBK_PROXY_HISTOGRAM) {
		__atomic_store_n(&metric->value, value, __ATOMIC_RELAXED);
		return HBK_PROXY_OK;
	}
	__atomic_add_fetch(&metric->value, value, __ATOMIC_RELAXED);
	__atomic_add_fetch(&metric->count, 1, __ATOMIC_RELAXED);
	return HBK_PROXY_OK;
}

/**
 * hbk_hub_metric_add() - change a counter or gauge
 * @space: whose
 * @id: of the metric
 * @delta: by how much; a counter only grows
 */
enum hbk_proxy_status hbk_hub_metric_add(struct hbk_hub_space *space, u32 id,
					 s64 delta)
{
	struct hbk_hub_metric *metric = find(space, id);

	if (!metric)
		return HBK_PROXY_NOT_FOUND;
	if (metric->type == HBK_PROXY_HISTOGRAM || (metric->type == HBK_PROXY_COUNTER && delta < 0))
		return HBK_PROXY_BAD_ARGUMENT;
	__atomic_add_fetch(&metric->value, (u64)delta, __ATOMIC_RELAXED);
	return HBK_PROXY_OK;
}

/**
 * hbk_hub_metric_get() - read a counter or gauge
 * @space: whose
 * @id: of the metric
 * @value: gets it
 */
enum hbk_proxy_status hbk_hub_metric_get(struct hbk_hub_space *space, u32 id,
					 u64 *value)
{
	struct hbk_hub_metric *metric = find(space, id);

	if (!metric)
		return HBK_PROXY_NOT_FOUND;
	if (metric->type == HBK_PROXY_HISTOGRAM)
		return HBK_PROXY_BAD_ARGUMENT;
	*value = __atomic_load_n(&metric->value, __ATOMIC_RELAXED);
	return HBK_PROXY_OK;
}

static int tell(const struct hbk_hub_space *space, const struct hbk_hub_metric *metric,
		int (*told)(void *context, const struct hbk_metric_info *info), void *context)
{
	struct hbk_metric_info info = {
		.vm_id = space->vm_id,
		.vm_id_length = space->vm_id_length,
		.name = (const char *)metric->name,
		.name_length = metric->name_length,
		.type = metric->type,
		.value = __atomic_load_n(&metric->value, __ATOMIC_RELAXED),
		.count = __atomic_load_n(&metric->count, __ATOMIC_RELAXED),
	};

	return told(context, &info);
}

/**
 * hbk_hub_metrics() - tell of each metric
 * @hub: the hub
 * @told: called for each, with the hub's lock held; not zero: no more
 * @context: for @told
 *
 * Return: what @told returned last.
 */
int hbk_hub_metrics(struct hbk_hub *hub, int (*told)(void *context, const struct hbk_metric_info *info),
		    void *context)
{
	const struct hbk_hub_space *space;
	int stop = 0;
	u32 i;

	hub->lock(hub);
	for (space = hub->spaces; space && !stop; space = space->next)
		for (i = 0; i < space->metric_count && !stop; i++)
			stop = tell(space, space->metrics[i], told, context);
	hub->unlock(hub);
	return stop;
}

/* Hub's lock held. */
void hbk_hub_metrics_release(struct hbk_hub *hub, struct hbk_hub_space *space)
{
	struct hbk_hub_metric *metric;

	while (space->metric_count) {
		metric = space->metrics[--space->metric_count];
		hub->heap->release(hub->heap, metric, sizeof(*metric) + metric->name_length);
	}
}
