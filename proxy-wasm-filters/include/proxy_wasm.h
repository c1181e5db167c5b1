/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proxy_wasm.h - write a proxy-wasm filter (ABI 0.2.1) in C with nothing but this file and clang
 *
 *	clang -O2 -ffreestanding -nostdlib --target=wasm32 -mcpu=mvp -Wl,--no-entry -Wl,--stack-first \
 *		-Wl,-z,stack-size=8192 -Wl,--strip-all filter.c -o filter.wasm
 *
 * A filter defines the callbacks it wants, under the names and with the types declared here; they are exported by
 * themselves. All of them are optional. What the host offers are the functions proxy_…() below, with the exact types
 * of the ABI; pw_…() are conveniences of this file: memory, bytes, properties, headers, state per stream, JSON.
 *
 * What the host hands over (bytes of buffers, headers, properties) lies in memory that it got from malloc() and belongs to
 * the filter: give it back with pw_release(), or declare the variable PW_AUTO and leave it to the compiler.
 *
 * Everything with a body is weak or static: the file may be included by several sources of one filter.
 */
#ifndef PROXY_WASM_H
#define PROXY_WASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what numbers mean ---- */

enum proxy_status {
	PROXY_OK = 0,
	PROXY_NOT_FOUND = 1,
	PROXY_BAD_ARGUMENT = 2,
	PROXY_SERIALIZATION_FAILURE = 3,
	PROXY_PARSE_FAILURE = 4,
	PROXY_INVALID_MEMORY_ACCESS = 6,
	PROXY_EMPTY = 7,
	PROXY_CAS_MISMATCH = 8,
	PROXY_INTERNAL_FAILURE = 10,
	PROXY_UNIMPLEMENTED = 12,
};

enum proxy_action {
	PROXY_CONTINUE = 0,
	PROXY_PAUSE = 1,
};

enum proxy_log_level {
	PROXY_LOG_TRACE = 0,
	PROXY_LOG_DEBUG = 1,
	PROXY_LOG_INFO = 2,
	PROXY_LOG_WARN = 3,
	PROXY_LOG_ERROR = 4,
	PROXY_LOG_CRITICAL = 5,
};

enum proxy_buffer {
	PROXY_HTTP_REQUEST_BODY = 0,
	PROXY_HTTP_RESPONSE_BODY = 1,
	PROXY_DOWNSTREAM_DATA = 2,
	PROXY_UPSTREAM_DATA = 3,
	PROXY_HTTP_CALL_RESPONSE_BODY = 4,
	PROXY_GRPC_CALL_MESSAGE = 5,
	PROXY_VM_CONFIGURATION = 6,
	PROXY_PLUGIN_CONFIGURATION = 7,
	PROXY_FOREIGN_FUNCTION_ARGUMENTS = 8,
};

enum proxy_map {
	PROXY_HTTP_REQUEST_HEADERS = 0,
	PROXY_HTTP_REQUEST_TRAILERS = 1,
	PROXY_HTTP_RESPONSE_HEADERS = 2,
	PROXY_HTTP_RESPONSE_TRAILERS = 3,
	PROXY_GRPC_CALL_INITIAL_METADATA = 4,
	PROXY_GRPC_CALL_TRAILING_METADATA = 5,
	PROXY_HTTP_CALL_RESPONSE_HEADERS = 6,
	PROXY_HTTP_CALL_RESPONSE_TRAILERS = 7,
};

enum proxy_stream {
	PROXY_HTTP_REQUEST = 0,
	PROXY_HTTP_RESPONSE = 1,
	PROXY_DOWNSTREAM = 2,
	PROXY_UPSTREAM = 3,
};

enum proxy_peer {
	PROXY_PEER_UNKNOWN = 0,
	PROXY_PEER_LOCAL = 1,
	PROXY_PEER_REMOTE = 2,
};

enum proxy_metric {
	PROXY_COUNTER = 0,
	PROXY_GAUGE = 1,
	PROXY_HISTOGRAM = 2,
};

/* ---- what the host offers: the 39 functions of ABI 0.2.1 ---- */

#define PW_IMPORT(module, name) __attribute__((import_module(module), import_name(#name)))
#define PW_HOST(name) PW_IMPORT("env", name) enum proxy_status name

/* Logging, clock, timer. */
PW_HOST(proxy_log)(enum proxy_log_level level, const char *message, size_t size);
PW_HOST(proxy_get_log_level)(enum proxy_log_level *level);
PW_HOST(proxy_get_current_time_nanoseconds)(uint64_t *time);
PW_HOST(proxy_set_tick_period_milliseconds)(uint32_t milliseconds);

/* Buffers: start 0 and size 0 prepends, start at or past the end appends, else size bytes at start are replaced. */
PW_HOST(proxy_get_buffer_bytes)(enum proxy_buffer buffer, size_t start, size_t max, char **data, size_t *size);
PW_HOST(proxy_set_buffer_bytes)(enum proxy_buffer buffer, size_t start, size_t size, const void *data, size_t length);
PW_HOST(proxy_get_buffer_status)(enum proxy_buffer buffer, size_t *size, uint32_t *unused);

/* Streams: both take effect when the callback has returned. */
PW_HOST(proxy_continue_stream)(enum proxy_stream stream);
PW_HOST(proxy_close_stream)(enum proxy_stream stream);

/* Header maps; the serialised form is what pw_pairs_…() write and read. */
PW_HOST(proxy_get_header_map_size)(enum proxy_map map, size_t *size);
PW_HOST(proxy_get_header_map_pairs)(enum proxy_map map, char **pairs, size_t *size);
PW_HOST(proxy_set_header_map_pairs)(enum proxy_map map, const void *pairs, size_t size);
PW_HOST(proxy_get_header_map_value)(enum proxy_map map, const char *key, size_t key_size, char **value, size_t *size);
PW_HOST(proxy_add_header_map_value)(enum proxy_map map, const char *key, size_t key_size, const char *value, size_t size);
PW_HOST(proxy_replace_header_map_value)(enum proxy_map map, const char *key, size_t key_size, const char *value, size_t size);
PW_HOST(proxy_remove_header_map_value)(enum proxy_map map, const char *key, size_t key_size);
PW_HOST(proxy_send_local_response)(uint32_t code, const char *details, size_t details_size, const void *body,
				   size_t body_size, const void *headers, size_t headers_size, int32_t grpc_status);

/* Calls out. */
PW_HOST(proxy_http_call)(const char *upstream, size_t upstream_size, const void *headers, size_t headers_size,
			 const void *body, size_t body_size, const void *trailers, size_t trailers_size,
			 uint32_t timeout_milliseconds, uint32_t *call);
PW_HOST(proxy_grpc_call)(const char *upstream, size_t upstream_size, const char *service, size_t service_size,
			 const char *method, size_t method_size, const void *metadata, size_t metadata_size,
			 const void *message, size_t message_size, uint32_t timeout_milliseconds, uint32_t *call);
PW_HOST(proxy_grpc_stream)(const char *upstream, size_t upstream_size, const char *service, size_t service_size,
			   const char *method, size_t method_size, const void *metadata, size_t metadata_size,
			   uint32_t *stream);
PW_HOST(proxy_grpc_send)(uint32_t stream, const void *message, size_t size, uint32_t end_of_stream);
PW_HOST(proxy_grpc_cancel)(uint32_t call);
PW_HOST(proxy_grpc_close)(uint32_t call);
PW_HOST(proxy_get_status)(uint32_t *code, char **message, size_t *size);

/* What filters share: data with compare-and-swap (cas 0 sets unconditionally), queues. */
PW_HOST(proxy_get_shared_data)(const char *key, size_t key_size, char **value, size_t *size, uint32_t *cas);
PW_HOST(proxy_set_shared_data)(const char *key, size_t key_size, const void *value, size_t size, uint32_t cas);
PW_HOST(proxy_register_shared_queue)(const char *name, size_t size, uint32_t *queue);
PW_HOST(proxy_resolve_shared_queue)(const char *vm, size_t vm_size, const char *name, size_t size, uint32_t *queue);
PW_HOST(proxy_enqueue_shared_queue)(uint32_t queue, const void *value, size_t size);
PW_HOST(proxy_dequeue_shared_queue)(uint32_t queue, char **value, size_t *size);

/* Metrics. */
PW_HOST(proxy_define_metric)(enum proxy_metric type, const char *name, size_t size, uint32_t *metric);
PW_HOST(proxy_record_metric)(uint32_t metric, uint64_t value);
PW_HOST(proxy_increment_metric)(uint32_t metric, int64_t delta);
PW_HOST(proxy_get_metric)(uint32_t metric, uint64_t *value);

/* Properties: the segments of a path are divided by NUL bytes. */
PW_HOST(proxy_get_property)(const char *path, size_t path_size, char **value, size_t *size);
PW_HOST(proxy_set_property)(const char *path, size_t path_size, const void *value, size_t size);

/* Contexts and foreign functions. */
PW_HOST(proxy_set_effective_context)(uint32_t context);
PW_HOST(proxy_done)(void);
PW_HOST(proxy_call_foreign_function)(const char *name, size_t name_size, const void *arguments, size_t arguments_size,
				     char **results, size_t *size);

/* ---- what the host offers besides, of WASI ---- */

struct pw_iovec {
	const void *data;
	size_t size;
};

#define PW_WASI(name) PW_IMPORT("wasi_snapshot_preview1", name) uint32_t pw_wasi_##name

PW_WASI(fd_write)(uint32_t descriptor, const struct pw_iovec *vector, size_t count, size_t *written);
PW_WASI(clock_time_get)(uint32_t clock, uint64_t precision, uint64_t *time);
PW_WASI(random_get)(void *buffer, size_t size);
PW_WASI(environ_sizes_get)(size_t *count, size_t *size);
PW_WASI(environ_get)(char **environment, char *buffer);
PW_WASI(args_sizes_get)(size_t *count, size_t *size);
PW_WASI(args_get)(char **arguments, char *buffer);
PW_IMPORT("wasi_snapshot_preview1", proc_exit) void pw_wasi_proc_exit(uint32_t code);

/* ---- what a filter may define ---- */

#define PW_EXPORT(name) __attribute__((export_name(#name), used))
#define PW_CALLBACK(type, name) __attribute__((export_name(#name))) type name

/* The order of life: the root context first, then one context for each stream, with the root as its parent. */
PW_CALLBACK(void, proxy_on_context_create)(uint32_t context, uint32_t parent);
PW_CALLBACK(bool, proxy_on_vm_start)(uint32_t root, size_t configuration_size);
PW_CALLBACK(bool, proxy_on_configure)(uint32_t root, size_t configuration_size);
PW_CALLBACK(bool, proxy_on_done)(uint32_t context);
PW_CALLBACK(void, proxy_on_log)(uint32_t context);
PW_CALLBACK(void, proxy_on_delete)(uint32_t context);

/* Bytes of a connection. downstream is the client's side; data_size is all that is buffered, not only what is new. */
PW_CALLBACK(enum proxy_action, proxy_on_new_connection)(uint32_t context);
PW_CALLBACK(enum proxy_action, proxy_on_downstream_data)(uint32_t context, size_t data_size, bool end_of_stream);
PW_CALLBACK(enum proxy_action, proxy_on_upstream_data)(uint32_t context, size_t data_size, bool end_of_stream);
PW_CALLBACK(void, proxy_on_downstream_connection_close)(uint32_t context, enum proxy_peer peer);
PW_CALLBACK(void, proxy_on_upstream_connection_close)(uint32_t context, enum proxy_peer peer);

/* Messages of HTTP. */
PW_CALLBACK(enum proxy_action, proxy_on_request_headers)(uint32_t context, size_t headers, bool end_of_stream);
PW_CALLBACK(enum proxy_action, proxy_on_request_body)(uint32_t context, size_t body_size, bool end_of_stream);
PW_CALLBACK(enum proxy_action, proxy_on_request_trailers)(uint32_t context, size_t trailers);
PW_CALLBACK(enum proxy_action, proxy_on_response_headers)(uint32_t context, size_t headers, bool end_of_stream);
PW_CALLBACK(enum proxy_action, proxy_on_response_body)(uint32_t context, size_t body_size, bool end_of_stream);
PW_CALLBACK(enum proxy_action, proxy_on_response_trailers)(uint32_t context, size_t trailers);

/* What comes to the root context. */
PW_CALLBACK(void, proxy_on_tick)(uint32_t root);
PW_CALLBACK(void, proxy_on_queue_ready)(uint32_t root, uint32_t queue);
PW_CALLBACK(void, proxy_on_http_call_response)(uint32_t root, uint32_t call, size_t headers, size_t body_size, size_t trailers);
PW_CALLBACK(void, proxy_on_grpc_receive_initial_metadata)(uint32_t root, uint32_t call, size_t elements);
PW_CALLBACK(void, proxy_on_grpc_receive)(uint32_t root, uint32_t call, size_t message_size);
PW_CALLBACK(void, proxy_on_grpc_receive_trailing_metadata)(uint32_t root, uint32_t call, size_t elements);
PW_CALLBACK(void, proxy_on_grpc_close)(uint32_t root, uint32_t call, uint32_t status);
PW_CALLBACK(void, proxy_on_foreign_function)(uint32_t root, uint32_t function, size_t arguments_size);

/* ---- what the compiler calls by itself ---- */

#define PW_RUNTIME __attribute__((weak, no_builtin))

PW_RUNTIME void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	unsigned char *out = (unsigned char *)to;
	const unsigned char *in = (const unsigned char *)from;

	for (; size >= sizeof(uint64_t); size -= sizeof(uint64_t), out += sizeof(uint64_t), in += sizeof(uint64_t)) {
		struct { uint64_t word; } __attribute__((packed, may_alias)) *words = (void *)out;

		words->word = ((const __typeof__(*words) *)in)->word;
	}
	while (size--)
		*out++ = *in++;
	return to;
}

PW_RUNTIME void *memmove(void *to, const void *from, size_t size)
{
	unsigned char *out = (unsigned char *)to + size;
	const unsigned char *in = (const unsigned char *)from + size;

	if ((uintptr_t)to <= (uintptr_t)from || (uintptr_t)to >= (uintptr_t)in)
		return memcpy(to, from, size);
	while (size--)
		*--out = *--in;
	return to;
}

PW_RUNTIME void *memset(void *to, int byte, size_t size)
{
	unsigned char *out = (unsigned char *)to;

	while (size--)
		*out++ = (unsigned char)byte;
	return to;
}

PW_RUNTIME int memcmp(const void *left, const void *right, size_t size)
{
	const unsigned char *a = (const unsigned char *)left, *b = (const unsigned char *)right;

	for (; size; size--, a++, b++)
		if (*a != *b)
			return *a - *b;
	return 0;
}

PW_RUNTIME size_t strlen(const char *text)
{
	size_t size = 0;

	while (text[size])
		size++;
	return size;
}

/* ---- memory: first fit in a list of free blocks by address, neighbours joined ---- */

struct pw_block {
	size_t size;		/* of the block, this header included */
	struct pw_block *next;	/* the next free one; only the size counts in a block that is in use */
};

enum {
	PW_PAGE = 65536,
	PW_BLOCK_HEADER = 8,
	PW_BLOCK_LEAST = 16,
};

extern unsigned char __heap_base;

__attribute__((weak)) struct pw_block *pw_blocks_free;
__attribute__((weak)) size_t pw_heap_end;

__attribute__((weak)) void pw_block_free(struct pw_block *block)
{
	struct pw_block **link = &pw_blocks_free, *before = NULL;

	for (; *link && *link < block; link = &(*link)->next)
		before = *link;
	block->next = *link;
	*link = block;
	if (block->next && (char *)block + block->size == (char *)block->next) {
		block->size += block->next->size;
		block->next = block->next->next;
	}
	if (before && (char *)before + before->size == (char *)block) {
		before->size += block->size;
		before->next = block->next;
	}
}

/* All of the memory that the module was born with goes to the heap before any is asked for. */
__attribute__((weak)) bool pw_heap_grow(size_t size)
{
	size_t start = pw_heap_end, end, pages;
	struct pw_block *block;

	if (!start) {
		start = ((size_t)&__heap_base + PW_BLOCK_HEADER - 1) & ~(size_t)(PW_BLOCK_HEADER - 1);
		end = __builtin_wasm_memory_size(0) * PW_PAGE;
		if (start + size <= end)
			goto take;
	}
	pages = (size + PW_PAGE - 1) / PW_PAGE;
	end = __builtin_wasm_memory_grow(0, pages);
	if (end == (size_t)-1)
		return false;
	end = (end + pages) * PW_PAGE;
take:
	pw_heap_end = end;
	block = (struct pw_block *)start;
	block->size = end - start;
	pw_block_free(block);
	return true;
}

/* The host calls it to hand bytes over; NULL when there is no more. Define PW_NO_MALLOC_EXPORT to keep it to yourself. */
#ifndef PW_NO_MALLOC_EXPORT
__attribute__((weak, export_name("malloc"))) void *malloc(size_t size);
#endif

__attribute__((weak)) void *malloc(size_t size)
{
	struct pw_block **link, *block, *rest;

	if (size > 0x7fffff00u)
		return NULL;
	size = (size + PW_BLOCK_HEADER + PW_BLOCK_HEADER - 1) & ~(size_t)(PW_BLOCK_HEADER - 1);
	if (size < PW_BLOCK_LEAST)
		size = PW_BLOCK_LEAST;
again:
	for (link = &pw_blocks_free; *link && (*link)->size < size; link = &(*link)->next)
		;
	block = *link;
	if (!block) {
		if (!pw_heap_grow(size))
			return NULL;
		goto again;
	}
	*link = block->next;
	if (block->size - size >= PW_BLOCK_LEAST) {
		rest = (struct pw_block *)((char *)block + size);
		rest->size = block->size - size;
		rest->next = block->next;
		*link = rest;
		block->size = size;
	}
	return (char *)block + PW_BLOCK_HEADER;
}

__attribute__((weak)) void free(void *memory)
{
	if (memory)
		pw_block_free((struct pw_block *)((char *)memory - PW_BLOCK_HEADER));
}

/* The marker by which a host knows the version; never called. PW_ABI_VERSION may name another one, for older hosts. */
#ifndef PW_ABI_VERSION
#define PW_ABI_VERSION "proxy_abi_version_0_2_1"
#endif

__attribute__((weak, export_name(PW_ABI_VERSION))) void pw_abi_version(void)
{
}

/* ---- bytes: a run of them with its length; no NUL at the end ---- */

struct pw_bytes {
	char *data;
	size_t size;
};

#define PW_BYTES(literal) ((struct pw_bytes){(char *)(literal), sizeof(literal) - 1})
#define PW_AUTO __attribute__((cleanup(pw_release)))

static inline void pw_release(struct pw_bytes *bytes)
{
	free(bytes->data);
	bytes->data = NULL;
	bytes->size = 0;
}

static inline char pw_lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

static inline bool pw_equal(struct pw_bytes a, struct pw_bytes b)
{
	return a.size == b.size && !memcmp(a.data, b.data, a.size);
}

static inline bool pw_starts(struct pw_bytes whole, struct pw_bytes start)
{
	return whole.size >= start.size && !memcmp(whole.data, start.data, start.size);
}

/* A copy that is the filter's own; .data is NULL where memory is out. */
static inline struct pw_bytes pw_copy(struct pw_bytes from)
{
	struct pw_bytes copy = {(char *)malloc(from.size ? from.size : 1), from.size};

	if (copy.data)
		memcpy(copy.data, from.data, from.size);
	return copy;
}

static inline uint64_t pw_little_endian(struct pw_bytes bytes)
{
	uint64_t number = 0;

	for (size_t i = bytes.size < 8 ? bytes.size : 8; i-- > 0;)
		number = number << 8 | (unsigned char)bytes.data[i];
	return number;
}

/* ---- what the host holds, as bytes; empty when there is none (release them all the same) ---- */

static inline struct pw_bytes pw_buffer(enum proxy_buffer buffer, size_t start, size_t max)
{
	struct pw_bytes bytes = {NULL, 0};

	if (proxy_get_buffer_bytes(buffer, start, max, &bytes.data, &bytes.size) != PROXY_OK)
		return (struct pw_bytes){NULL, 0};
	return bytes;
}

static inline struct pw_bytes pw_configuration(size_t size)
{
	return size ? pw_buffer(PROXY_PLUGIN_CONFIGURATION, 0, size) : (struct pw_bytes){NULL, 0};
}

/* The path is a literal with NUL bytes between its segments: pw_property("source\0address"). */
#define pw_property(path) pw_property_get((path), sizeof(path) - 1)

static inline struct pw_bytes pw_property_get(const char *path, size_t size)
{
	struct pw_bytes bytes = {NULL, 0};

	if (proxy_get_property(path, size, &bytes.data, &bytes.size) != PROXY_OK)
		return (struct pw_bytes){NULL, 0};
	return bytes;
}

#define pw_header(map, key) pw_header_get((map), (key), sizeof(key) - 1)

static inline struct pw_bytes pw_header_get(enum proxy_map map, const char *key, size_t size)
{
	struct pw_bytes bytes = {NULL, 0};

	if (proxy_get_header_map_value(map, key, size, &bytes.data, &bytes.size) != PROXY_OK)
		return (struct pw_bytes){NULL, 0};
	return bytes;
}

#define pw_log(level, literal) proxy_log((level), (literal), sizeof(literal) - 1)

/* ---- text that is put together, in room of a fixed size; what does not fit is left out and remembered ---- */

struct pw_text {
	char *data;
	size_t size;
	size_t room;
	bool full;
};

#define PW_TEXT(array) ((struct pw_text){(array), 0, sizeof(array), false})

static inline void pw_put_byte(struct pw_text *text, char byte)
{
	if (text->size < text->room)
		text->data[text->size++] = byte;
	else
		text->full = true;
}

static inline void pw_put_bytes(struct pw_text *text, struct pw_bytes bytes)
{
	if (bytes.size > text->room - text->size) {
		text->full = true;
		return;
	}
	memcpy(text->data + text->size, bytes.data, bytes.size);
	text->size += bytes.size;
}

#define pw_put(text, literal) pw_put_bytes((text), PW_BYTES(literal))

static inline void pw_put_number(struct pw_text *text, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	pw_put_bytes(text, (struct pw_bytes){digits + at, sizeof(digits) - at});
}

/* As a JSON string with its quotes: control bytes, quote and backslash escaped, all else as it is. */
static inline void pw_put_json(struct pw_text *text, struct pw_bytes bytes)
{
	static const char digits[] = "0123456789abcdef";

	pw_put_byte(text, '"');
	for (size_t i = 0; i < bytes.size; i++) {
		unsigned char byte = (unsigned char)bytes.data[i];

		if (byte < 0x20 || byte == 0x7f) {
			pw_put(text, "\\u00");
			pw_put_byte(text, digits[byte >> 4]);
			pw_put_byte(text, digits[byte & 15]);
			continue;
		}
		if (byte == '"' || byte == '\\')
			pw_put_byte(text, '\\');
		pw_put_byte(text, (char)byte);
	}
	pw_put_byte(text, '"');
}

static inline void pw_text_log(enum proxy_log_level level, const struct pw_text *text)
{
	proxy_log(level, text->data, text->size);
}

/* Says what is wrong with the configuration; for `return pw_refuse(…)` in proxy_on_configure. */
static inline bool pw_refuse(const char *why, struct pw_bytes what)
{
	char line[256];
	struct pw_text text = PW_TEXT(line);

	pw_put(&text, "configuration refused: ");
	pw_put_bytes(&text, (struct pw_bytes){(char *)why, strlen(why)});
	if (what.size) {
		pw_put(&text, ": ");
		if (what.size > 100)
			what.size = 100;
		pw_put_json(&text, what);
	}
	pw_text_log(PROXY_LOG_ERROR, &text);
	return false;
}

/* ---- serialised pairs: count, sizes of key and value for each, then each key and value with a NUL behind ---- */

static inline void pw_put_word(struct pw_text *text, uint32_t word)
{
	for (int shift = 0; shift < 32; shift += 8)
		pw_put_byte(text, (char)(word >> shift));
}

struct pw_pair {
	struct pw_bytes key;
	struct pw_bytes value;
};

static inline void pw_put_pairs(struct pw_text *text, const struct pw_pair *pairs, size_t count)
{
	pw_put_word(text, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		pw_put_word(text, (uint32_t)pairs[i].key.size);
		pw_put_word(text, (uint32_t)pairs[i].value.size);
	}
	for (size_t i = 0; i < count; i++) {
		pw_put_bytes(text, pairs[i].key);
		pw_put_byte(text, 0);
		pw_put_bytes(text, pairs[i].value);
		pw_put_byte(text, 0);
	}
}

/* ---- state per context: structures of the filter's own that begin with a struct pw_context ---- */

struct pw_context {
	struct pw_context *next;
	uint32_t id;
};

enum { PW_CONTEXT_BUCKETS = 64 };

__attribute__((weak)) struct pw_context *pw_contexts[PW_CONTEXT_BUCKETS];

/* Zeroed; NULL when there is no memory. */
static inline void *pw_context_new(uint32_t id, size_t size)
{
	struct pw_context **bucket = &pw_contexts[id % PW_CONTEXT_BUCKETS];
	struct pw_context *context = (struct pw_context *)malloc(size);

	if (!context)
		return NULL;
	memset(context, 0, size);
	context->id = id;
	context->next = *bucket;
	*bucket = context;
	return context;
}

static inline void *pw_context_find(uint32_t id)
{
	struct pw_context *context = pw_contexts[id % PW_CONTEXT_BUCKETS];

	while (context && context->id != id)
		context = context->next;
	return context;
}

static inline void pw_context_delete(uint32_t id)
{
	struct pw_context **link = &pw_contexts[id % PW_CONTEXT_BUCKETS];

	for (; *link; link = &(*link)->next) {
		if ((*link)->id == id) {
			struct pw_context *gone = *link;

			*link = gone->next;
			free(gone);
			return;
		}
	}
}

/* ---- JSON, read from front to back: configurations come so when they are mappings ---- */

/*
 *	struct pw_json json = pw_json_begin(configuration);
 *	struct pw_bytes key;
 *
 *	pw_json_enter(&json, '{');
 *	while (pw_json_key(&json, &key))
 *		if (pw_equal(key, PW_BYTES("rate")))
 *			rate = pw_json_number(&json);
 *		else
 *			return pw_refuse("unknown key", key);
 *	if (!pw_json_end(&json))
 *		return pw_refuse("not the JSON that was expected", configuration);
 *
 * Strings are unescaped where they lie, in the configuration's own bytes. After the first fault everything is empty.
 */
struct pw_json {
	char *at;
	char *end;
	bool first;
	bool bad;
};

static inline struct pw_json pw_json_begin(struct pw_bytes text)
{
	return (struct pw_json){text.data, text.data + text.size, true, false};
}

static inline char pw_json_peek(struct pw_json *json)
{
	while (json->at < json->end && (*json->at == ' ' || *json->at == '\n' || *json->at == '\t' || *json->at == '\r'))
		json->at++;
	return !json->bad && json->at < json->end ? *json->at : 0;
}

static inline bool pw_json_take(struct pw_json *json, char byte)
{
	if (pw_json_peek(json) == byte)
		json->at++;
	else
		json->bad = true;
	return !json->bad;
}

/* Begins an object or an array; false, and a fault, when it is something else. */
static inline bool pw_json_enter(struct pw_json *json, char bracket)
{
	json->first = true;
	return pw_json_take(json, bracket);
}

/* Whether another element follows; takes the comma before it, or the bracket behind the last. */
static inline bool pw_json_more(struct pw_json *json, char bracket)
{
	bool first = json->first;

	json->first = false;
	if (json->bad)
		return false;
	if (pw_json_peek(json) == bracket) {
		json->at++;
		return false;
	}
	return first || pw_json_take(json, ',');
}

static inline uint32_t pw_json_hex(struct pw_json *json)
{
	uint32_t code = 0;

	if (json->end - json->at < 4) {
		json->bad = true;
		return 0;
	}
	for (int i = 0; i < 4; i++) {
		char digit = pw_lower(*json->at++);

		if (digit >= '0' && digit <= '9')
			code = code << 4 | (uint32_t)(digit - '0');
		else if (digit >= 'a' && digit <= 'f')
			code = code << 4 | (uint32_t)(digit - 'a' + 10);
		else
			json->bad = true;
	}
	return code;
}

static inline char *pw_json_utf8(char *out, uint32_t code)
{
	if (code < 0x80) {
		*out++ = (char)code;
	} else if (code < 0x800) {
		*out++ = (char)(0xc0 | code >> 6);
		*out++ = (char)(0x80 | (code & 0x3f));
	} else {
		*out++ = (char)(0xe0 | code >> 12);
		*out++ = (char)(0x80 | (code >> 6 & 0x3f));
		*out++ = (char)(0x80 | (code & 0x3f));
	}
	return out;
}

static inline char *pw_json_unescape(struct pw_json *json, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	char kind = json->at < json->end ? *json->at++ : 0;

	if (kind == 'u')
		return pw_json_utf8(out, pw_json_hex(json));
	for (size_t i = 0; kind && i < sizeof(from) - 1; i++) {
		if (from[i] == kind) {
			*out++ = to[i];
			return out;
		}
	}
	json->bad = true;
	return out;
}

static inline struct pw_bytes pw_json_string(struct pw_json *json)
{
	char *start, *out;

	if (!pw_json_take(json, '"'))
		return (struct pw_bytes){NULL, 0};
	start = out = json->at;
	while (!json->bad && json->at < json->end && *json->at != '"') {
		char byte = *json->at++;

		if (byte == '\\')
			out = pw_json_unescape(json, out);
		else
			*out++ = byte;
	}
	if (json->bad || json->at == json->end) {
		json->bad = true;
		return (struct pw_bytes){NULL, 0};
	}
	json->at++;
	return (struct pw_bytes){start, (size_t)(out - start)};
}

/* Whole numbers from 0 to 2^53 (what JSON's readers agree on). */
static inline uint64_t pw_json_number(struct pw_json *json)
{
	uint64_t number = 0;
	char digit = pw_json_peek(json);

	if (digit < '0' || digit > '9')
		json->bad = true;
	while (!json->bad && json->at < json->end && *json->at >= '0' && *json->at <= '9') {
		number = number * 10 + (uint64_t)(*json->at++ - '0');
		if (number > (uint64_t)1 << 53)
			json->bad = true;
	}
	return json->bad ? 0 : number;
}

static inline bool pw_json_word(struct pw_json *json, struct pw_bytes word)
{
	if ((size_t)(json->end - json->at) < word.size || memcmp(json->at, word.data, word.size))
		return false;
	json->at += word.size;
	return true;
}

static inline bool pw_json_boolean(struct pw_json *json)
{
	if (pw_json_peek(json) == 't' && pw_json_word(json, PW_BYTES("true")))
		return true;
	if (pw_json_peek(json) != 'f' || !pw_json_word(json, PW_BYTES("false")))
		json->bad = true;
	return false;
}

/* The next key of an object, with its colon taken; false at the end of the object and after a fault. */
static inline bool pw_json_key(struct pw_json *json, struct pw_bytes *key)
{
	if (!pw_json_more(json, '}'))
		return false;
	*key = pw_json_string(json);
	return pw_json_take(json, ':');
}

/* Whether all was well and nothing follows. */
static inline bool pw_json_end(struct pw_json *json)
{
	return !pw_json_peek(json) && !json->bad && json->at == json->end;
}

#ifdef __cplusplus
}
#endif

#endif
