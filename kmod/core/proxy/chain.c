// SPDX-License-Identifier: GPL-2.0-only
/* What all modes of chains have in common. */
#include "chain.h"

#include "vm.h"

#define OUT_MAX	(2 * HBK_PROXY_BUFFER_MAX)	/* bytes of an out-queue: filters may have added to what came */

static const struct hbk_chain_ops *const modes[] = {
	[HBK_CHAIN_RAW] = &hbk_chain_raw,
	[HBK_CHAIN_HTTP] = &hbk_chain_http,
};

static size_t size_of(u32 count)
{
	return sizeof(struct hbk_chain) + count * sizeof(struct hbk_link);
}

static struct hbk_chain *chain_new(struct hbk_proxy_env *env, const struct hbk_chain_entry *entries,
				   u32 count)
{
	struct hbk_chain *chain;
	u32 i;

	if (count > HBK_PROXY_CHAIN_MAX)
		return NULL;
	chain = env->heap->allocate(env->heap, size_of(count));
	if (!chain)
		return NULL;
	chain->env = env;
	chain->count = count;
	for (i = 0; i < count; i++) {
		chain->links[i].chain = chain;
		chain->links[i].vm = entries[i].vm;
		chain->links[i].open = entries[i].open;
	}
	for (i = 0; i < HBK_CHAIN_FLOWS; i++)
		hbk_buffer_init(&chain->out[i], env->heap, OUT_MAX);
	return chain;
}

static void chain_release(struct hbk_chain *chain)
{
	u32 i;

	for (i = 0; i < HBK_CHAIN_FLOWS; i++)
		hbk_buffer_release(&chain->out[i]);
	chain->env->heap->release(chain->env->heap, chain, size_of(chain->count));
}

/* A guest that traps from now on, also while it serves nothing of this connection, wakes the chain. */
static void join_vms(struct hbk_chain *chain)
{
	struct hbk_link *link;
	u32 i;

	for (i = 0; i < chain->count; i++) {
		link = &chain->links[i];
		if (!link->vm)
			continue;
		hbk_vm_lock(link->vm);
		link->next = link->vm->links;
		link->vm->links = link;
		if (link->vm->poisoned)
			chain->env->ops->wake_chain(chain);
		hbk_vm_unlock(link->vm);
	}
}

static void leave_vms(struct hbk_chain *chain)
{
	struct hbk_link *link, **at;
	u32 i;

	for (i = 0; i < chain->count; i++) {
		link = &chain->links[i];
		if (!link->vm)
			continue;
		hbk_vm_lock(link->vm);
		at = &link->vm->links;
		while (*at != link)
			at = &(*at)->next;
		*at = link->next;
		hbk_vm_unlock(link->vm);
	}
}

/**
 * hbk_chain_create() - a connection begins, see chain.h
 * @env: where it lives
 * @entries: its filters, in the order of requests
 * @count: of them
 * @mode: what its bytes are
 * @owner: the environment's own
 */
struct hbk_chain *hbk_chain_create(struct hbk_proxy_env *env, const struct hbk_chain_entry *entries,
				   u32 count, enum hbk_chain_mode mode, void *owner)
{
	struct hbk_chain *chain = chain_new(env, entries, count);

	if (!chain)
		return NULL;
	chain->owner = owner;
	chain->ops = modes[mode];
	if (chain->ops->open(chain)) {
		chain_release(chain);
		return NULL;
	}
	join_vms(chain);
	return chain;
}

/**
 * hbk_chain_room() - how much may be pushed, see chain.h
 * @chain: the chain
 * @flow: where
 */
size_t hbk_chain_room(const struct hbk_chain *chain, enum hbk_chain_flow flow)
{
	size_t held;

	if (chain->failed || chain->closing || chain->closed)
		return HBK_PROXY_HELD_MAX;
	held = chain->ops->held(chain, flow) + chain->out[flow].length;
	return held < HBK_PROXY_HELD_MAX ? HBK_PROXY_HELD_MAX - held : 0;
}

static int verdict(struct hbk_chain *chain, int err)
{
	if (err)
		chain->failed = true;
	if (chain->failed)
		return err ? err : -EIO;
	return 0;
}

/* What comes is thrown away. */
static bool is_deaf(const struct hbk_chain *chain, enum hbk_chain_flow flow)
{
	return chain->closing || chain->closed || chain->in_ended[flow];
}

/**
 * hbk_chain_push() - bytes have arrived, see chain.h
 * @chain: the chain
 * @flow: which way they go
 * @data: the bytes
 * @length: of them; at most hbk_chain_room()
 * @end: nothing comes after them
 */
int hbk_chain_push(struct hbk_chain *chain, enum hbk_chain_flow flow, const void *data, size_t length,
		   bool end)
{
	if (chain->failed)
		return -EIO;
	if (is_deaf(chain, flow) || (!length && !end))
		return 0;
	chain->in_ended[flow] = end;
	return verdict(chain, chain->ops->push(chain, flow, data, length, end));
}

/**
 * hbk_chain_push_buffer() - bytes have arrived, see chain.h
 * @chain: the chain
 * @flow: which way they go
 * @buffer: the bytes; at most hbk_chain_room()
 * @end: nothing comes after them
 */
int hbk_chain_push_buffer(struct hbk_chain *chain, enum hbk_chain_flow flow, struct hbk_buffer *buffer,
			  bool end)
{
	int err;

	if (!chain->ops->push_buffer || chain->failed || is_deaf(chain, flow) || (!buffer->length && !end)) {
		err = hbk_chain_push(chain, flow, hbk_buffer_data(buffer), buffer->length, end);
	} else {
		chain->in_ended[flow] = end;
		err = verdict(chain, chain->ops->push_buffer(chain, flow, buffer, end));
	}
	hbk_buffer_clear(buffer);
	return err;
}

/* A guest that has trapped elsewhere has trapped here, too. */
static void look_for_poison(struct hbk_chain *chain)
{
	enum hbk_wasm_trap trap;
	struct hbk_link *link;
	u32 i;

	for (i = 0; i < chain->count && !chain->failed; i++) {
		link = &chain->links[i];
		if (!link->vm || link->bypassed)
			continue;
		hbk_vm_lock(link->vm);
		trap = link->vm->poisoned;
		hbk_vm_unlock(link->vm);
		if (trap)
			hbk_chain_link_failed(chain, i, trap);
	}
}

/**
 * hbk_chain_resume() - something changed from outside, see chain.h
 * @chain: the chain
 */
int hbk_chain_resume(struct hbk_chain *chain)
{
	if (chain->failed)
		return -EIO;
	if (chain->closing || chain->closed)
		return 0;
	look_for_poison(chain);
	if (!chain->failed)
		chain->ops->resume(chain);
	return verdict(chain, 0);
}

/**
 * hbk_chain_is_due() - is more to come, see chain.h
 * @chain: the chain
 * @flow: which way it goes
 */
bool hbk_chain_is_due(const struct hbk_chain *chain, enum hbk_chain_flow flow)
{
	return !chain->in_ended[flow] && chain->ops->is_due && chain->ops->is_due(chain, flow);
}

/**
 * hbk_chain_link_failed() - a filter cannot go on, see chain.h
 * @chain: the chain
 * @index: of its link
 * @trap: what stopped it
 */
void hbk_chain_link_failed(struct hbk_chain *chain, u32 index, enum hbk_wasm_trap trap)
{
	struct hbk_link *link = &chain->links[index];

	if (link->bypassed || (chain->failed && !link->open))
		return;
	if (link->open)
		link->bypassed = true;
	else
		chain->failed = true;
	chain->env->ops->failed(chain, index, trap, link->open);
	if (link->open && chain->ops->failed)
		chain->ops->failed(chain, index);
}

/**
 * hbk_chain_close() - the connection has ended, see chain.h
 * @chain: the chain
 * @peer: who ended it
 */
void hbk_chain_close(struct hbk_chain *chain, enum hbk_proxy_peer peer)
{
	if (chain->closed)
		return;
	chain->closed = true;
	chain->ops->close(chain, peer);
}

/**
 * hbk_chain_free() - nobody uses it any more
 * @chain: from hbk_chain_create(), or NULL
 */
void hbk_chain_free(struct hbk_chain *chain)
{
	if (!chain)
		return;
	hbk_chain_close(chain, HBK_PROXY_PEER_UNKNOWN);
	leave_vms(chain);
	chain->ops->release(chain);
	chain_release(chain);
}
