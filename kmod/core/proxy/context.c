// SPDX-License-Identifier: GPL-2.0-only
/* Contexts by number, and the properties that guests set in them. VM's lock held. */
#include "vm.h"

static struct hbk_context **bucket_of(struct hbk_vm *vm, u32 id)
{
	return &vm->contexts[id % HBK_VM_BUCKETS];
}

/**
 * hbk_context_add() - give a context its number
 * @vm: whose
 * @context: zeroed
 * @kind: enum hbk_context_kind
 *
 * A number is not used again before all 32 bits have been.
 *
 * Return: 0, or -EUSERS when there are too many.
 */
int hbk_context_add(struct hbk_vm *vm, struct hbk_context *context, enum hbk_context_kind kind)
{
	struct hbk_context **bucket;

	if (vm->stream_count >= HBK_PROXY_CONTEXTS_MAX)
		return -EUSERS;
	do
		vm->last_context++;
	while (!vm->last_context || hbk_context_find(vm, vm->last_context));
	context->vm = vm;
	context->id = vm->last_context;
	context->kind = kind;
	bucket = bucket_of(vm, context->id);
	context->next = *bucket;
	*bucket = context;
	vm->stream_count += kind == HBK_CONTEXT_STREAM;
	return 0;
}

static void release_properties(struct hbk_context *context)
{
	struct hbk_wasm_heap *heap = context->vm->env->heap;
	struct hbk_property *property;

	while ((property = context->properties)) {
		context->properties = property->next;
		heap->release(heap, property,
			      sizeof(*property) + property->path_length + property->length);
	}
	context->property_count = 0;
}

/**
 * hbk_context_remove() - the number is nobody's any more
 * @context: from hbk_context_add()
 */
void hbk_context_remove(struct hbk_context *context)
{
	struct hbk_context **at = bucket_of(context->vm, context->id);

	while (*at != context)
		at = &(*at)->next;
	*at = context->next;
	context->vm->stream_count -= context->kind == HBK_CONTEXT_STREAM;
	release_properties(context);
}

/**
 * hbk_context_find() - whose number this is
 * @vm: in which
 * @id: the number
 */
struct hbk_context *hbk_context_find(struct hbk_vm *vm, u32 id)
{
	struct hbk_context *context = *bucket_of(vm, id);

	while (context && context->id != id)
		context = context->next;
	return context;
}

/**
 * hbk_context_property() - what the guest has set
 * @context: where
 * @path: its name
 * @length: of it
 *
 * Return: the property, or NULL.
 */
const struct hbk_property *hbk_context_property(const struct hbk_context *context, const void *path,
						u32 length)
{
	const struct hbk_property *property;

	for (property = context->properties; property; property = property->next)
		if (property->path_length == length && !memcmp(property->bytes, path, length))
			return property;
	return NULL;
}

static void drop_property(struct hbk_context *context, const struct hbk_property *old)
{
	struct hbk_wasm_heap *heap = context->vm->env->heap;
	struct hbk_property **at = &context->properties;

	while (*at != old)
		at = &(*at)->next;
	*at = old->next;
	context->property_count--;
	heap->release(heap, (void *)old, sizeof(*old) + old->path_length + old->length);
}

/**
 * hbk_context_set_property() - remember what a guest sets
 * @context: where
 * @path: its name
 * @path_length: of it
 * @value: its bytes
 * @length: of them
 *
 * Return: 0, -ENOSPC when there are too many, -ENOMEM.
 */
int hbk_context_set_property(struct hbk_context *context, const void *path, u32 path_length,
			     const void *value, u32 length)
{
	const struct hbk_property *old = hbk_context_property(context, path, path_length);
	struct hbk_wasm_heap *heap = context->vm->env->heap;
	struct hbk_property *property;

	if (!old && context->property_count >= HBK_PROXY_PROPERTIES_MAX)
		return -ENOSPC;
	property = heap->allocate(heap, sizeof(*property) + path_length + length);
	if (!property)
		return -ENOMEM;
	property->path_length = path_length;
	property->length = length;
	memcpy(property->bytes, path, path_length);
	memcpy(property->bytes + path_length, value, length);
	if (old)
		drop_property(context, old);
	property->next = context->properties;
	context->properties = property;
	context->property_count++;
	return 0;
}
