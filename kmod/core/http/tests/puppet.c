// SPDX-License-Identifier: GPL-2.0-only
#include "puppet.h"

#include <stdarg.h>
#include <stdlib.h>

static const char *const names[HBK_CALLBACKS] = {
	[HBK_CALLBACK_CONTEXT_CREATE] = "create", [HBK_CALLBACK_DONE] = "done", [HBK_CALLBACK_LOG] = "log",
	[HBK_CALLBACK_DELETE] = "delete", [HBK_CALLBACK_REQUEST_HEADERS] = "request_headers",
	[HBK_CALLBACK_REQUEST_BODY] = "request_body", [HBK_CALLBACK_REQUEST_TRAILERS] = "request_trailers",
	[HBK_CALLBACK_RESPONSE_HEADERS] = "response_headers", [HBK_CALLBACK_RESPONSE_BODY] = "response_body",
	[HBK_CALLBACK_RESPONSE_TRAILERS] = "response_trailers",
};

void stage_note(struct stage *stage, const char *format, ...)
{
	va_list args;
	int length;

	if (stage->quiet)
		return;
	va_start(args, format);
	length = vsnprintf(stage->transcript + stage->length, TRANSCRIPT_MAX - stage->length, format, args);
	va_end(args);
	if (length < 0 || (size_t)length >= TRANSCRIPT_MAX - stage->length)
		abort();
	stage->length += length;
}

static struct puppet *puppet_of(struct hbk_vm *vm)
{
	return vm->owner;
}

static struct hbk_stream *stream_of(struct hbk_vm *vm, u32 id)
{
	return hbk_stream_of(hbk_context_find(vm, id));
}

static void note_callback(struct puppet *puppet, u32 callback, const u64 *values)
{
	switch (callback) {
	case HBK_CALLBACK_REQUEST_HEADERS:
	case HBK_CALLBACK_RESPONSE_HEADERS:
	case HBK_CALLBACK_REQUEST_BODY:
	case HBK_CALLBACK_RESPONSE_BODY:
		stage_note(puppet->stage, "%u %s(%u,%u)\n", puppet->index, names[callback], (u32)values[1], (u32)values[2]);
		break;
	case HBK_CALLBACK_REQUEST_TRAILERS:
	case HBK_CALLBACK_RESPONSE_TRAILERS:
		stage_note(puppet->stage, "%u %s(%u)\n", puppet->index, names[callback], (u32)values[1]);
		break;
	default:
		stage_note(puppet->stage, "%u %s\n", puppet->index, names[callback]);
		break;
	}
}

static enum hbk_wasm_trap call(struct hbk_vm *vm, u32 function, u64 *values, u64 budget)
{
	struct puppet *puppet = puppet_of(vm);
	u32 result;

	(void)budget;
	if (!puppet->stage->locked[puppet->index])
		abort();
	note_callback(puppet, function, values);
	puppet->last = stream_of(vm, values[0]);
	result = puppet->guest(puppet, function, puppet->last, values);
	if (result == PUPPET_TRAPS)
		return HBK_WASM_TRAP_UNREACHABLE;
	values[0] = function == HBK_CALLBACK_DONE ? !result : result;
	return HBK_WASM_TRAP_NONE;
}

static void lock(struct hbk_vm *vm)
{
	struct puppet *puppet = puppet_of(vm);

	if (puppet->stage->locked[puppet->index])
		abort();
	puppet->stage->locked[puppet->index] = true;
}

static void unlock(struct hbk_vm *vm)
{
	struct puppet *puppet = puppet_of(vm);

	if (!puppet->stage->locked[puppet->index])
		abort();
	puppet->stage->locked[puppet->index] = false;
}

static int property(struct hbk_vm *vm, struct hbk_stream *stream, const char *path, u32 length,
		    struct hbk_buffer *value)
{
	const u8 tls = puppet_of(vm)->stage->tls;

	(void)stream;
	if (length != strlen("connection.mtls") || memcmp(path, "connection.mtls", length))
		return -ENOENT;
	return hbk_buffer_append(value, &tls, 1);
}

static void failed(struct hbk_chain *chain, u32 index, enum hbk_wasm_trap trap, bool bypassed)
{
	struct stage *stage = chain->owner;

	stage_note(stage, "%u failed %u%s\n", index, trap, bypassed ? ", bypassed" : "");
}

static void wake_chain(struct hbk_chain *chain)
{
	((struct stage *)chain->owner)->woken = true;
}

static void no_lock(struct hbk_hub *hub)
{
	(void)hub;
}

void stage_init(struct stage *stage)
{
	*stage = (struct stage){ 0 };
	test_heap_init(&stage->heap);
	stage->ops = (struct hbk_proxy_ops){
		.call = call, .lock = lock, .unlock = unlock, .property = property, .failed = failed,
		.wake_chain = wake_chain,
	};
	hbk_hub_init(&stage->hub, &stage->heap.heap);
	stage->hub.lock = no_lock;
	stage->hub.unlock = no_lock;
	stage->env.ops = &stage->ops;
	stage->env.hub = &stage->hub;
	stage->env.heap = &stage->heap.heap;
}

void stage_add(struct stage *stage, puppet_guest guest, u64 lacks, bool open)
{
	struct puppet *puppet = &stage->puppets[stage->count];
	u32 i;

	puppet->stage = stage;
	puppet->guest = guest;
	puppet->lacks = lacks;
	puppet->open = open;
	puppet->index = stage->count++;
	puppet->vm.env = &stage->env;
	puppet->vm.owner = puppet;
	puppet->vm.configured = true;
	for (i = 0; i < HBK_CALLBACKS; i++)
		puppet->vm.callbacks[i] = lacks >> i & 1 ? HBK_WASM_NO_INDEX : i;
	if (hbk_context_add(&puppet->vm, &puppet->vm.root, HBK_CONTEXT_ROOT))
		abort();
}

bool stage_open(struct stage *stage)
{
	struct hbk_chain_entry entries[PUPPETS_MAX];
	u32 i;

	for (i = 0; i < stage->count; i++)
		entries[i] = (struct hbk_chain_entry){
			.vm = stage->puppets[i].guest ? &stage->puppets[i].vm : NULL, .open = stage->puppets[i].open,
		};
	stage->chain = hbk_chain_create(&stage->env, entries, stage->count, HBK_CHAIN_HTTP, stage);
	return stage->chain;
}

static void note_bytes(struct stage *stage, const char *way, const u8 *data, size_t length)
{
	size_t i;

	stage_note(stage, "%s ", way);
	for (i = 0; i < length; i++) {
		if (data[i] == '\n')
			stage_note(stage, "\\n");
		else if (data[i] != '\r')
			stage_note(stage, "%c", data[i]);
	}
	stage_note(stage, "\n");
}

/* What came out: LF as \n, CR left out. */
static void take_out(struct stage *stage)
{
	static const char *const ways[] = { "up", "down" };
	const u8 *data;
	size_t length;
	int flow;

	if (stage->quiet)
		return;
	for (flow = 0; flow < HBK_CHAIN_FLOWS; flow++) {
		data = hbk_chain_out(stage->chain, flow, &length);
		if (length)
			note_bytes(stage, ways[flow], data, length);
		hbk_chain_out_consume(stage->chain, flow, length);
		if (hbk_chain_out_ended(stage->chain, flow))
			stage_note(stage, "%s end\n", ways[flow]);
	}
	if (hbk_chain_has_failed(stage->chain))
		stage_note(stage, "failed\n");
	if (hbk_chain_wants_close(stage->chain))
		stage_note(stage, "close\n");
}

/* Bytes are copied or, where their number is odd, handed over. */
void stage_push(struct stage *stage, enum hbk_chain_flow flow, const void *data, size_t length, bool end)
{
	struct hbk_buffer in;

	hbk_buffer_init(&in, &stage->heap.heap, length);
	if (length % 2 && !hbk_buffer_append(&in, data, length))
		hbk_chain_push_buffer(stage->chain, flow, &in, end);
	else
		hbk_chain_push(stage->chain, flow, data, length, end);
	hbk_buffer_release(&in);
	take_out(stage);
}

void stage_resume(struct stage *stage)
{
	hbk_chain_resume(stage->chain);
	take_out(stage);
}

/* Ends what lingers, too: as a VM does when it goes. */
void stage_close(struct stage *stage)
{
	u32 i;

	hbk_chain_free(stage->chain);
	stage->chain = NULL;
	for (i = 0; i < stage->count; i++) {
		struct hbk_vm *vm = &stage->puppets[i].vm;

		lock(vm);
		while (vm->lingering)
			hbk_stream_finalise(vm->lingering);
		unlock(vm);
		if (vm->stream_count)
			abort();
	}
}

struct hbk_map *puppet_map(struct hbk_stream *stream, enum hbk_proxy_map type)
{
	bool writable = false;
	struct hbk_map *map = stream->ops->map(stream, type, &writable);

	return map && writable ? map : NULL;
}

static void edit(struct hbk_map *map, int (*verb)(struct hbk_map *map, const void *name, size_t name_length,
						  const void *value, size_t value_length),
		 const char *name, const char *value)
{
	if (map)
		verb(map, name, strlen(name), value, strlen(value));
}

void puppet_add(struct hbk_stream *stream, enum hbk_proxy_map type, const char *name, const char *value)
{
	edit(puppet_map(stream, type), hbk_map_add, name, value);
}

void puppet_replace(struct hbk_stream *stream, enum hbk_proxy_map type, const char *name, const char *value)
{
	edit(puppet_map(stream, type), hbk_map_replace, name, value);
}

void puppet_remove(struct hbk_stream *stream, enum hbk_proxy_map type, const char *name)
{
	struct hbk_map *map = puppet_map(stream, type);

	if (map)
		hbk_map_remove(map, name, strlen(name));
}

void puppet_body(struct hbk_stream *stream, enum hbk_proxy_buffer type, size_t start, size_t size, const char *text)
{
	struct hbk_buffer *body = stream->ops->buffer(stream, type);

	if (body && start <= body->length && size <= body->length - start)
		hbk_buffer_replace(body, start, size, text, strlen(text));
}

void puppet_respond(struct hbk_stream *stream, u32 status, const char *body)
{
	const struct hbk_local_response response = {
		.status = status, .body = (const u8 *)body, .body_length = strlen(body),
	};

	stream->ops->respond(stream, &response);
}
