// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters as they are pushed: a guest by name, which is held from then on, and
 * what is told to it.  Process context.
 */
#include "filter.h"

#include <hauberk/wasm.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "filter_env.h"
#include "filter_vm.h"
#include "inject.h"

static void copy_text(char *to, const struct hbk_attr_view *view)
{
	if (view->length)
		memcpy(to, view->data, view->length);
	to[view->length] = '\0';
}

static int copy_bytes(u8 **to, u32 *length, const struct hbk_attr_view *view)
{
	if (!view->length)
		return 0;
	*to = HBK_INJECT(FILTER_CONFIG) ? NULL : kvmalloc(view->length, GFP_KERNEL_ACCOUNT);
	if (!*to)
		return -ENOMEM;
	memcpy(*to, view->data, view->length);
	*length = view->length;
	return 0;
}

static void take_settings(struct hbk_filter *filter, const struct hbk_request *request)
{
	copy_text(filter->name, &request->attrs[HBK_A_NAME]);
	copy_text(filter->module, &request->attrs[HBK_A_MODULE]);
	copy_text(filter->root_id, &request->attrs[HBK_A_ROOT_ID]);
	copy_text(filter->vm_id, &request->attrs[HBK_A_VM_ID]);
	if (!filter->vm_id[0])
		strscpy(filter->vm_id, filter->name, sizeof(filter->vm_id));
	filter->on_failure = hbk_request_u8(request, HBK_A_ON_FAILURE, HBK_ON_FAILURE_CLOSED);
	filter->mode = hbk_request_u8(request, HBK_A_MODE, HBK_FILTER_RAW);
	filter->isolation = hbk_request_u8(request, HBK_A_ISOLATION, HBK_ISOLATION_SHARED);
	filter->budget = hbk_request_u64(request, HBK_A_BUDGET, 0);
}

static int take_configs(struct hbk_filter *filter, const struct hbk_request *request)
{
	int err;

	err = copy_bytes(&filter->vm_config, &filter->vm_config_length,
			 &request->attrs[HBK_A_VM_CONFIG]);
	return err ?: copy_bytes(&filter->config, &filter->config_length,
				 &request->attrs[HBK_A_CONFIG]);
}

/* Nothing else stops a filter. */
static int check_budget(const struct hbk_filter *filter, struct hbk_fault *fault)
{
	if (filter->budget <= HBK_FILTER_BUDGET_MAX)
		return 0;
	return hbk_fault_set(fault, -ERANGE, "attribute BUDGET",
			     "a filter has at most %u instructions for a callback",
			     HBK_FILTER_BUDGET_MAX);
}

static int find_guest(struct hbk_filter *filter, struct hbk_fault *fault)
{
	char item[HBK_FAULT_ITEM];

	filter->guest = hbk_guest_find(filter->module);
	if (filter->guest)
		return 0;
	snprintf(item, sizeof(item), "filter %s", filter->name);
	return hbk_fault_set(fault, -ENOENT, item, "no guest %s is loaded", filter->module);
}

/* Metrics and shared data outlive VMs, and the rule-set before: its filters are freed after these are made. */
static int hold_space(struct hbk_filter *filter, struct hbk_fault *fault)
{
	char item[HBK_FAULT_ITEM];

	filter->space = hbk_hub_space_get(hbk_filter_env.hub, filter->vm_id,
					  strlen(filter->vm_id));
	if (filter->space)
		return 0;
	snprintf(item, sizeof(item), "filter %s", filter->name);
	return hbk_fault_set(fault, -ENOSPC, item,
			     "there are too many different vm_ids, or not enough memory");
}

/**
 * hbk_filter_create() - a filter as a request describes it
 * @ruleset: under construction; is to hold the filter
 * @request: FILTER
 * @fault: filled on error
 *
 * Return: the filter, which holds its guest, or an ERR_PTR: -ENOENT, -ENOSPC, -ENOMEM.
 */
struct hbk_filter *hbk_filter_create(struct hbk_ruleset *ruleset, const struct hbk_request *request,
				     struct hbk_fault *fault)
{
	struct hbk_filter *filter;
	int err;

	filter = HBK_INJECT(FILTER) ? NULL : kvzalloc(sizeof(*filter), GFP_KERNEL_ACCOUNT);
	if (!filter)
		return ERR_PTR(-ENOMEM);
	filter->ruleset = ruleset;
	take_settings(filter, request);
	err = check_budget(filter, fault);
	if (!err)
		err = take_configs(filter, request);
	if (!err)
		err = find_guest(filter, fault);
	if (!err)
		err = hold_space(filter, fault);
	if (!err)
		err = hbk_filter_vms_init(filter);
	if (err) {
		hbk_filter_free(filter);
		return ERR_PTR(err);
	}
	return filter;
}

/**
 * hbk_filter_free() - free a filter, its VMs and its hold of the guest
 * @filter: no connection uses it any more
 *
 * Context: process; sleeps until its timers and calls are through.
 */
void hbk_filter_free(struct hbk_filter *filter)
{
	hbk_filter_vms_exit(filter);
	if (filter->space)
		hbk_hub_space_put(hbk_filter_env.hub, filter->space);
	if (filter->guest)
		hbk_guest_put(filter->guest);
	kvfree(filter->vm_config);
	kvfree(filter->config);
	kvfree(filter);
}
