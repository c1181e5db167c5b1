// SPDX-License-Identifier: GPL-2.0-only
/*
 * holder - a guest for many threads: keeps what clients send until its timer lets it go, and counts in all ways that
 * guests have to count together
 */
#include "proxy_wasm.h"

#define STREAMS_MOST	1024

static uint32_t streams[STREAMS_MOST];
static uint32_t stream_count, connections, queue;

bool proxy_on_configure(uint32_t root, size_t size)
{
	(void)root;
	(void)size;
	return !proxy_define_metric(PROXY_COUNTER, "connections", 11, &connections) &&
	       !proxy_register_shared_queue("ended", 5, &queue);
}

enum proxy_action proxy_on_new_connection(uint32_t context)
{
	if (stream_count < STREAMS_MOST)
		streams[stream_count++] = context;
	proxy_increment_metric(connections, 1);
	return PROXY_CONTINUE;
}

enum proxy_action proxy_on_downstream_data(uint32_t context, size_t size, bool end)
{
	(void)context;
	(void)size;
	(void)end;
	proxy_set_shared_data("last", 4, &size, sizeof(size), 0);
	return PROXY_PAUSE;
}

void proxy_on_tick(uint32_t root)
{
	for (uint32_t i = 0; i < stream_count; i++) {
		proxy_set_effective_context(streams[i]);
		proxy_continue_stream(PROXY_DOWNSTREAM);
	}
	proxy_set_effective_context(root);
}

void proxy_on_queue_ready(uint32_t root, uint32_t id)
{
	char *item;
	size_t size;

	(void)root;
	while (!proxy_dequeue_shared_queue(id, &item, &size))
		free(item);
}

void proxy_on_delete(uint32_t context)
{
	for (uint32_t i = 0; i < stream_count; i++) {
		if (streams[i] != context)
			continue;
		streams[i] = streams[--stream_count];
		break;
	}
	proxy_enqueue_shared_queue(queue, &context, sizeof(context));
}
