// SPDX-License-Identifier: GPL-2.0-only
#include "stream.h"

/**
 * hbk_stream_begin() - a stream context comes to life, see stream.h
 * @stream: zeroed
 * @ops: what it does for its filter
 * @vm: of the filter
 * @chain: that it is in
 * @index: of its link there
 */
int hbk_stream_begin(struct hbk_stream *stream, const struct hbk_stream_ops *ops, struct hbk_vm *vm,
		     struct hbk_chain *chain, u32 index)
{
	struct hbk_context *context = &stream->context;
	int err = -EIO;

	context->vm = vm;
	stream->ops = ops;
	stream->index = index;
	if (!vm->poisoned)
		err = hbk_context_add(vm, context, HBK_CONTEXT_STREAM);
	if (err)
		return err;
	stream->chain = chain;
	hbk_vm_call(vm, context, HBK_CALLBACK_CONTEXT_CREATE,
		    (const u32[]){ context->id, vm->root.id }, 2);
	if (vm->poisoned) {
		hbk_context_remove(context);
		stream->chain = NULL;
		return -EIO;
	}
	context->created = true;
	return 0;
}

static void linger(struct hbk_stream *stream)
{
	struct hbk_vm *vm = stream->context.vm;
	struct hbk_stream **at = &vm->lingering;

	stream->context.pending = true;
	stream->chain = NULL;
	while (*at)
		at = &(*at)->next_lingering;
	*at = stream;
	vm->lingering_count++;
	if (vm->lingering_count > HBK_PROXY_LINGERING_MAX)
		hbk_stream_finalise(vm->lingering);
}

static void stop_lingering(struct hbk_stream *stream)
{
	struct hbk_vm *vm = stream->context.vm;
	struct hbk_stream **at = &vm->lingering;

	while (*at != stream)
		at = &(*at)->next_lingering;
	*at = stream->next_lingering;
	vm->lingering_count--;
	stream->context.pending = false;
}

/**
 * hbk_stream_finalise() - on_log, on_delete, and it is gone
 * @stream: of a connection that ends, or that has ended
 */
void hbk_stream_finalise(struct hbk_stream *stream)
{
	struct hbk_context *context = &stream->context;
	const u32 id = context->id;

	if (context->pending)
		stop_lingering(stream);
	hbk_vm_call(context->vm, context, HBK_CALLBACK_LOG, &id, 1);
	hbk_vm_call(context->vm, context, HBK_CALLBACK_DELETE, &id, 1);
	hbk_context_remove(context);
	stream->ops->release(stream);
}

/**
 * hbk_stream_end() - the connection or the exchange has ended, see stream.h
 * @stream: from hbk_stream_begin()
 */
void hbk_stream_end(struct hbk_stream *stream)
{
	struct hbk_context *context = &stream->context;
	struct hbk_vm *vm = context->vm;
	u32 done;

	if (hbk_vm_has(vm, HBK_CALLBACK_DONE) && !vm->poisoned) {
		done = hbk_vm_call(vm, context, HBK_CALLBACK_DONE, &context->id, 1);
		if (!(done & 1) && !vm->poisoned) {
			linger(stream);
			return;
		}
	}
	hbk_stream_finalise(stream);
}
