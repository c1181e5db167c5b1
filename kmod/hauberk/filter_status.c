// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is told of filters: FILTERS and METRICS.  Served under the opener's
 * lock, process context.
 */
#include <hauberk/wasm.h>
#include <linux/mm.h>

#include "filter.h"
#include "filter_env.h"
#include "filter_request.h"
#include "ruleset.h"

/* Bytes of a frame at its longest, with some to spare. */
#define FILTER_FRAME_MAX	320
#define METRIC_FRAME_MAX	(128 + HBK_PROXY_METRIC_NAME + HBK_PROXY_ID_MAX)

#define METRICS_SPARE		64	/* that may be defined while we list them */

static int write_filter(struct hbk_exchange *exchange, const struct hbk_filter *filter)
{
	struct hbk_guest_info info;
	struct hbk_writer w;

	hbk_guest_describe(filter->guest, &info);
	hbk_reply_begin(exchange->listing, &w, HBK_FILTER_STATUS, exchange->request.sequence);
	hbk_writer_string(&w, HBK_A_NAME, filter->name);
	hbk_writer_string(&w, HBK_A_MODULE, filter->module);
	hbk_writer_u64(&w, HBK_A_CALLS, atomic64_read(&filter->calls));
	hbk_writer_u64(&w, HBK_A_TRAPS, atomic64_read(&filter->traps));
	hbk_writer_u64(&w, HBK_A_INSTRUCTIONS, atomic64_read(&filter->instructions));
	hbk_writer_u64(&w, HBK_A_STREAMS, atomic64_read(&filter->streams));
	hbk_writer_u64(&w, HBK_A_BYPASSED, atomic64_read(&filter->bypassed));
	hbk_writer_u64(&w, HBK_A_FAILED, atomic64_read(&filter->failed));
	hbk_writer_u8(&w, HBK_A_QUARANTINED, info.quarantined);
	hbk_writer_u8(&w, HBK_A_COMPILED, info.compiled);
	hbk_writer_u64(&w, HBK_A_MEMORY_BYTES, info.memory);
	hbk_writer_u32(&w, HBK_A_INSTANCES, atomic_read(&filter->instances));
	return hbk_reply_end(exchange->listing, &w);
}

/**
 * hbk_filter_serve_status() - answer FILTERS
 * @exchange: the request; its listing is made
 *
 * Return: 0 or a negative errno.
 */
int hbk_filter_serve_status(struct hbk_exchange *exchange)
{
	struct hbk_ruleset *ruleset = hbk_ruleset_get();
	u32 count = ruleset ? ruleset->filter_count : 0, i;
	int err;

	exchange->listing = hbk_request_make_listing(exchange, count * FILTER_FRAME_MAX, &err);
	for (i = 0; !err && i < count; i++) {
		err = write_filter(exchange, ruleset->filters[i]);
		WARN_ON_ONCE(err);
	}
	if (ruleset)
		hbk_ruleset_put(ruleset);
	return err;
}

static int count_metric(void *context, const struct hbk_metric_info *info)
{
	++*(u32 *)context;
	return 0;
}

/* Names are the guests': whatever is in them is the reader's to mind. */
static int write_metric(void *context, const struct hbk_metric_info *info)
{
	struct hbk_exchange *exchange = context;
	struct hbk_writer w;

	hbk_reply_begin(exchange->listing, &w, HBK_METRIC, exchange->request.sequence);
	hbk_writer_bytes(&w, HBK_A_NAME, info->name, info->name_length);
	hbk_writer_bytes(&w, HBK_A_VM_ID, info->vm_id, info->vm_id_length);
	hbk_writer_u8(&w, HBK_A_KIND, info->type);
	hbk_writer_u64(&w, HBK_A_VALUE, info->value);
	if (info->type == HBK_PROXY_HISTOGRAM)
		hbk_writer_u64(&w, HBK_A_SAMPLES, info->count);
	return hbk_reply_end(exchange->listing, &w);
}

static_assert((int)HBK_METRIC_COUNTER == (int)HBK_PROXY_COUNTER);
static_assert((int)HBK_METRIC_GAUGE == (int)HBK_PROXY_GAUGE);
static_assert((int)HBK_METRIC_HISTOGRAM == (int)HBK_PROXY_HISTOGRAM);
static_assert(HBK_FILTER_ID_MAX == HBK_PROXY_ID_MAX);
static_assert(HBK_FILTER_CONFIG_MAX <= HBK_PROXY_CONFIG_MAX);
static_assert(HBK_FILTER_CHAIN_MAX == HBK_PROXY_CHAIN_MAX);

/**
 * hbk_filter_serve_metrics() - answer METRICS
 * @exchange: the request; its listing is made
 *
 * Return: 0 or a negative errno.
 */
int hbk_filter_serve_metrics(struct hbk_exchange *exchange)
{
	u32 count = 0;
	int err;

	hbk_hub_metrics(hbk_filter_env.hub, count_metric, &count);
	exchange->listing = hbk_request_make_listing(exchange,
						     (count + METRICS_SPARE) * METRIC_FRAME_MAX,
						     &err);
	if (!exchange->listing)
		return err;
	if (!hbk_hub_metrics(hbk_filter_env.hub, write_metric, exchange))
		return 0;
	exchange->listing->length = 0;
	return hbk_fault_set(&exchange->fault, -EAGAIN, "metrics",
			     "the metrics change too fast to list them");
}
