// SPDX-License-Identifier: GPL-2.0-only
/*
 * The filters of a connection that is to be opened: making and freeing them.
 *
 * A work takes a VM for each filter, one after the other, and then tells them
 * of the connection.  It never sleeps for a VM that is being started, but
 * returns, and is queued again.  The handshake's work waits for it as it waits
 * for TCP, so that neither holds a worker that other connections could use.
 */
#include "layer_filter.h"

#include <linux/slab.h>

#include "conn.h"
#include "filter_env.h"
#include "inject.h"

/* Return: is it known which VM the next filter has, if any? */
static bool open_take_vm(struct hbk_filtering *filtering)
{
	struct hbk_filter *filter = filtering->rule->filters[filtering->taken];
	struct hbk_filter_vm **vm = &filtering->vms[filtering->taken];
	int err;

	if (!*vm) {
		*vm = hbk_filter_vm_get(filter);
		atomic64_inc(&filter->streams);
	}
	err = *vm ? hbk_filter_vm_wait(*vm, &filtering->wait) : 0;
	if (err == -EINPROGRESS)
		return false;
	if (err) {
		hbk_filter_vm_put(*vm);
		*vm = NULL;
	}
	filtering->taken++;
	return true;
}

/* Nobody else knows the chain yet, but VMs whose ticks may wake it. */
static int open_make_chain(struct hbk_filtering *filtering)
{
	const struct hbk_rule *rule = filtering->rule;
	struct hbk_chain_entry entries[HBK_FILTER_CHAIN_MAX];
	u32 i;

	for (i = 0; i < rule->filter_count; i++) {
		entries[i].vm = filtering->vms[i] ? hbk_filter_vm_core(filtering->vms[i]) : NULL;
		entries[i].open = rule->filters[i]->on_failure == HBK_ON_FAILURE_OPEN;
	}
	mutex_lock(&filtering->lock);
	filtering->chain = hbk_chain_create(&hbk_filter_env, entries, rule->filter_count,
					    rule->filters[0]->mode == HBK_FILTER_HTTP ?
					    HBK_CHAIN_HTTP : HBK_CHAIN_RAW, filtering);
	mutex_unlock(&filtering->lock);
	if (!filtering->chain)
		return -ENOMEM;
	return hbk_chain_has_failed(filtering->chain) ? -ECONNREFUSED : 0;
}

static void open_work(struct work_struct *work)
{
	struct hbk_filtering *filtering = container_of(work, struct hbk_filtering, opening);
	int err;

	while (filtering->taken < filtering->rule->filter_count)
		if (READ_ONCE(filtering->stopped) || !open_take_vm(filtering))
			return;
	err = open_make_chain(filtering);
	/* Pairs with hbk_filtering_opened(): who sees it sees the chain. */
	smp_store_release(&filtering->result, err);
	hbk_conn_start(filtering->conn);
}

static struct hbk_filtering *open_alloc(struct hbk_conn *conn)
{
	bool inbound = conn->info.direction == HBK_INBOUND;
	struct hbk_filtering *filtering;

	filtering = HBK_INJECT(FILTERING) ? NULL :
		    kzalloc(struct_size(filtering, vms, conn->rule->filter_count), GFP_KERNEL_ACCOUNT);
	if (!filtering)
		return NULL;
	filtering->conn = conn;
	filtering->rule = conn->rule;
	filtering->result = -EINPROGRESS;
	filtering->rx_flow = inbound ? HBK_CHAIN_REQUEST : HBK_CHAIN_RESPONSE;
	filtering->tx_flow = inbound ? HBK_CHAIN_RESPONSE : HBK_CHAIN_REQUEST;
	hbk_buffer_init(&filtering->rx_in, &hbk_filter_heap, HBK_PROXY_BUFFER_MAX);
	hbk_buffer_init(&filtering->ready, &hbk_filter_heap, INT_MAX);
	hbk_buffer_init(&filtering->tx_in, &hbk_filter_heap, HBK_PROXY_BUFFER_MAX);
	mutex_init(&filtering->lock);
	init_waitqueue_head(&filtering->drained);
	INIT_DELAYED_WORK(&filtering->work, hbk_filtering_work);
	INIT_WORK(&filtering->opening, open_work);
	INIT_LIST_HEAD(&filtering->wait.node);
	filtering->wait.work = &filtering->opening;
	return filtering;
}

/**
 * hbk_filtering_open() - begin to open a connection's filters
 * @conn: in the handshake that is done, or without one; has none yet
 *
 * Its work is queued when hbk_filtering_opened() has news.
 *
 * Context: the handshake work.
 * Return: 0 or -ENOMEM.
 */
int hbk_filtering_open(struct hbk_conn *conn)
{
	struct hbk_filtering *filtering = open_alloc(conn);

	if (!filtering)
		return -ENOMEM;
	hbk_conn_addresses(conn);	/* filters may ask for them */
	conn->filter = filtering;
	queue_work(hbk_filter_workqueue, &filtering->opening);
	return 0;
}

/**
 * hbk_filtering_opened() - are a connection's filters ready?
 * @filtering: from hbk_filtering_open()
 *
 * Context: the handshake work.
 * Return: 0 if they are, -EINPROGRESS, -ENOMEM, or -ECONNREFUSED where a filter fails that must not.
 */
int hbk_filtering_opened(struct hbk_filtering *filtering)
{
	/* Pairs with open_work(). */
	return smp_load_acquire(&filtering->result);
}

/**
 * hbk_filtering_install() - put a connection's filters upon its layer
 * @conn: its filters are ready
 *
 * Context: the handshake work.
 */
void hbk_filtering_install(struct hbk_conn *conn)
{
	conn->filter->below = conn->layer;
	conn->layer = &hbk_layer_filter;
	WRITE_ONCE(conn->held, true);
}

/**
 * hbk_filtering_stop() - do not open them any further, if they are not open
 * @filtering: any; the connection's work is not queued by it afterwards
 *
 * Context: process; may wait for a callback, but not for a VM's start.
 */
void hbk_filtering_stop(struct hbk_filtering *filtering)
{
	struct hbk_filter_vm *vm;

	WRITE_ONCE(filtering->stopped, true);
	cancel_work_sync(&filtering->opening);
	if (filtering->taken == filtering->rule->filter_count)
		return;
	vm = filtering->vms[filtering->taken];
	if (vm)
		hbk_filter_vm_forget(vm, &filtering->wait);
	/* Its start may have been over before it was forgotten. */
	cancel_work_sync(&filtering->opening);
}

static void open_close(struct hbk_filtering *filtering)
{
	mutex_lock(&filtering->lock);
	hbk_chain_close(filtering->chain, filtering->rx_ended ? HBK_PROXY_PEER_REMOTE :
								HBK_PROXY_PEER_LOCAL);
	hbk_chain_free(filtering->chain);
	mutex_unlock(&filtering->lock);
}

/**
 * hbk_filtering_free() - end a connection's filters
 * @conn: may have none; nobody uses them any more
 *
 * Context: process, socket not locked; runs guests.
 */
void hbk_filtering_free(struct hbk_conn *conn)
{
	struct hbk_filtering *filtering = conn->filter;
	u32 i;

	if (!filtering)
		return;
	hbk_filtering_stop(filtering);
	WRITE_ONCE(filtering->dead, true);
	cancel_delayed_work_sync(&filtering->work);
	if (filtering->chain)
		open_close(filtering);
	/* One that saw us alive may have been about to queue it. */
	cancel_delayed_work_sync(&filtering->work);
	for (i = 0; i < filtering->rule->filter_count; i++)
		hbk_filter_vm_put(filtering->vms[i]);
	hbk_buffer_release(&filtering->rx_in);
	hbk_buffer_release(&filtering->ready);
	hbk_buffer_release(&filtering->tx_in);
	kfree(filtering);
	conn->filter = NULL;
	conn->held = false;
}
