// SPDX-License-Identifier: GPL-2.0-only
#include "../hub.h"
#include "../tool/engine.h"
#include "tests.h"

static struct tool_heap heap;
static struct hbk_hub hub;

static void lock(struct hbk_hub *locked)
{
	assert_null(locked->data);
	locked->data = locked;
}

static void unlock(struct hbk_hub *locked)
{
	assert_non_null(locked->data);
	locked->data = NULL;
}

static struct hbk_hub_space *begin(void)
{
	tool_heap_init(&heap);
	hub = (struct hbk_hub){ .lock = lock, .unlock = unlock };
	hbk_hub_init(&hub, &heap.heap);
	return hbk_hub_space_get(&hub, "a", 1);
}

static void end(struct hbk_hub_space *space)
{
	hbk_hub_space_put(&hub, space);
	hbk_hub_release(&hub);
	assert_int_equal(heap.used, 0);
}

static u32 set(struct hbk_hub_space *space, const char *key, const char *value, u32 cas)
{
	return hbk_hub_data_set(&hub, space, key, strlen(key), value, strlen(value), cas);
}

/* Each vm_id has its own; it stays as long as anybody holds it. */
static void spaces(void **state)
{
	struct hbk_hub_space *a = begin(), *b = hbk_hub_space_get(&hub, "b", 1), *again;
	struct hbk_buffer value;
	u32 cas;

	(void)state;
	hbk_buffer_init(&value, &heap.heap, 100);
	assert_int_equal(set(a, "k", "in a", 0), HBK_PROXY_OK);
	assert_int_equal(hbk_hub_data_get(&hub, b, "k", 1, &value, &cas), HBK_PROXY_NOT_FOUND);
	again = hbk_hub_space_get(&hub, "a", 1);
	assert_ptr_equal(again, a);
	hbk_hub_space_put(&hub, a);
	assert_int_equal(hbk_hub_data_get(&hub, again, "k", 1, &value, &cas), HBK_PROXY_OK);
	assert_memory_equal(hbk_buffer_data(&value), "in a", 4);
	hbk_hub_space_put(&hub, again);
	again = hbk_hub_space_get(&hub, "a", 1);
	assert_int_equal(hbk_hub_data_get(&hub, again, "k", 1, &value, &cas), HBK_PROXY_NOT_FOUND);
	hbk_hub_space_put(&hub, b);
	hbk_buffer_release(&value);
	end(again);
}

static void data_is_bounded(void **state)
{
	static char value[HBK_PROXY_SHARED_VALUE];
	struct hbk_hub_space *space = begin();
	u32 i, status = HBK_PROXY_OK;
	char key[16];

	(void)state;
	for (i = 0; status == HBK_PROXY_OK; i++) {
		snprintf(key, sizeof(key), "%u", i);
		status = hbk_hub_data_set(&hub, space, key, strlen(key), value, sizeof(value), 0);
	}
	assert_int_equal(status, HBK_PROXY_INTERNAL_FAILURE);
	assert_int_equal(i, HBK_PROXY_SHARED_BYTES / HBK_PROXY_SHARED_VALUE);
	assert_int_equal(set(space, "0", "small", 0), HBK_PROXY_OK);
	assert_int_equal(hbk_hub_data_set(&hub, space, "more", 4, value, 1000, 0), HBK_PROXY_OK);
	end(space);
	space = begin();
	for (i = 0; i < HBK_PROXY_SHARED_KEYS; i++) {
		snprintf(key, sizeof(key), "%u", i);
		assert_int_equal(set(space, key, "", 0), HBK_PROXY_OK);
	}
	assert_int_equal(set(space, "one more", "", 0), HBK_PROXY_INTERNAL_FAILURE);
	assert_int_equal(set(space, "7", "one there is", 0), HBK_PROXY_OK);
	end(space);
}

static void no_memory(void **state)
{
	struct hbk_hub_space *space = begin();
	struct hbk_buffer value;
	u32 cas;

	(void)state;
	hbk_buffer_init(&value, &heap.heap, 100);
	assert_int_equal(set(space, "k", "old", 0), HBK_PROXY_OK);
	heap.left = 0;
	assert_int_equal(set(space, "k", "new", 0), HBK_PROXY_INTERNAL_FAILURE);
	assert_null(hbk_hub_space_get(&hub, "other", 5));
	heap.left = -1;
	assert_int_equal(hbk_hub_data_get(&hub, space, "k", 1, &value, &cas), HBK_PROXY_OK);
	assert_memory_equal(hbk_buffer_data(&value), "old", 3);
	assert_int_equal(cas, 1);
	hbk_buffer_release(&value);
	end(space);
}

static void metrics_are_bounded(void **state)
{
	struct hbk_hub_space *space = begin();
	u32 i, id;
	char name[16];

	(void)state;
	for (i = 0; i < HBK_PROXY_METRICS; i++) {
		snprintf(name, sizeof(name), "%u", i);
		assert_int_equal(hbk_hub_metric_define(&hub, space, HBK_PROXY_GAUGE, name, strlen(name), &id),
				 HBK_PROXY_OK);
		assert_int_equal(id, (i + 1) << 2 | HBK_PROXY_GAUGE);
	}
	assert_int_equal(hbk_hub_metric_define(&hub, space, HBK_PROXY_GAUGE, "more", 4, &id),
			 HBK_PROXY_INTERNAL_FAILURE);
	assert_int_equal(hbk_hub_metric_record(space, HBK_PROXY_METRICS << 2 | HBK_PROXY_GAUGE, 1),
			 HBK_PROXY_OK);
	assert_int_equal(hbk_hub_metric_record(space, (HBK_PROXY_METRICS + 1) << 2 | HBK_PROXY_GAUGE, 1),
			 HBK_PROXY_NOT_FOUND);
	end(space);
}

static int add_up(void *context, const struct hbk_metric_info *info)
{
	u64 *sums = context;

	assert_int_equal(info->vm_id_length, 1);
	sums[info->type] += info->value;
	sums[3] += info->count;
	return 0;
}

static int stop_at_once(void *context, const struct hbk_metric_info *info)
{
	(void)info;
	++*(u32 *)context;
	return -EINTR;
}

static void metrics_are_told(void **state)
{
	struct hbk_hub_space *space = begin();
	u64 sums[4] = { 0 };
	u32 c, g, h, told = 0;

	(void)state;
	hbk_hub_metric_define(&hub, space, HBK_PROXY_COUNTER, "c", 1, &c);
	hbk_hub_metric_define(&hub, space, HBK_PROXY_GAUGE, "g", 1, &g);
	hbk_hub_metric_define(&hub, space, HBK_PROXY_HISTOGRAM, "h", 1, &h);
	hbk_hub_metric_add(space, c, 5);
	hbk_hub_metric_add(space, g, -1);
	hbk_hub_metric_record(space, h, 10);
	hbk_hub_metric_record(space, h, 20);
	assert_int_equal(hbk_hub_metrics(&hub, add_up, sums), 0);
	assert_int_equal(sums[HBK_PROXY_COUNTER], 5);
	assert_int_equal((s64)sums[HBK_PROXY_GAUGE], -1);
	assert_int_equal(sums[HBK_PROXY_HISTOGRAM], 30);
	assert_int_equal(sums[3], 2);
	assert_int_equal(hbk_hub_metrics(&hub, stop_at_once, &told), -EINTR);
	assert_int_equal(told, 1);
	end(space);
}

static void spaces_are_bounded(void **state)
{
	struct hbk_hub_space *space = begin(), *spaces[HBK_PROXY_SPACES - 1];
	char vm_id[16];
	u32 i;

	(void)state;
	for (i = 0; i < HBK_PROXY_SPACES - 1; i++) {
		snprintf(vm_id, sizeof(vm_id), "%u", i);
		spaces[i] = hbk_hub_space_get(&hub, vm_id, strlen(vm_id));
		assert_non_null(spaces[i]);
	}
	assert_null(hbk_hub_space_get(&hub, "more", 4));
	for (i = 0; i < HBK_PROXY_SPACES - 1; i++)
		hbk_hub_space_put(&hub, spaces[i]);
	end(space);
}

static void foreign_functions(void **state)
{
	static struct hbk_foreign rows[HBK_PROXY_FOREIGN + 1];
	static char names[HBK_PROXY_FOREIGN + 1][8];
	struct hbk_hub_space *space = begin();
	u32 i;

	(void)state;
	for (i = 0; i <= HBK_PROXY_FOREIGN; i++) {
		snprintf(names[i], sizeof(names[i]), "f%u", i);
		rows[i].name = names[i];
		assert_int_equal(hbk_hub_register_foreign(&hub, &rows[i]),
				 i < HBK_PROXY_FOREIGN ? 0 : -ENOSPC);
	}
	assert_int_equal(hbk_hub_register_foreign(&hub, &rows[0]), -EEXIST);
	assert_ptr_equal(hbk_hub_find_foreign(&hub, "f7", 2), &rows[7]);
	assert_null(hbk_hub_find_foreign(&hub, "f", 1));
	end(space);
}

void add_hub_tests(struct tests *tests)
{
	tests_add(tests, "hub: spaces by vm_id", spaces, NULL);
	tests_add(tests, "hub: shared data are bounded", data_is_bounded, NULL);
	tests_add(tests, "hub: unchanged without memory", no_memory, NULL);
	tests_add(tests, "hub: metrics are bounded", metrics_are_bounded, NULL);
	tests_add(tests, "hub: metrics are told", metrics_are_told, NULL);
	tests_add(tests, "hub: spaces are bounded", spaces_are_bounded, NULL);
	tests_add(tests, "hub: foreign functions", foreign_functions, NULL);
}
