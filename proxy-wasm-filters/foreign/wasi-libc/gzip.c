// SPDX-License-Identifier: Apache-2.0
/*
 * gzip - compresses the texts of servers for clients that take gzip
 *
 * Only this file was written for Hauberk, and nothing of proxy_wasm.h is in it: zlib compresses, and wasi-libc gives it
 * memory, trees, numbers with a point, dates and a standard output. Its configuration is words: `level=9`, and
 * `type=text/` as often as there are beginnings of types to compress (without any: text/).
 */
#include <search.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <zlib.h>

#define HOST(name) __attribute__((import_module("env"), import_name(#name))) enum status name
#define CALLBACK(type, name) __attribute__((export_name(#name))) type name

enum status { OK };
enum buffer { RESPONSE_BODY = 1, PLUGIN_CONFIGURATION = 7 };
enum map { REQUEST_HEADERS = 0, RESPONSE_HEADERS = 2 };
enum { CONTINUE = 0, TYPES_MOST = 8, CHUNK = 4096 };

/* A window of 4 KiB and the header of gzip; zlib then takes some 50 KB of memory for a stream. */
enum { WINDOW_BITS = 12 + 16, MEMORY_LEVEL = 5 };

HOST(proxy_get_buffer_bytes)(enum buffer buffer, size_t start, size_t most, unsigned char **data, size_t *size);
HOST(proxy_set_buffer_bytes)(enum buffer buffer, size_t start, size_t size, const void *data, size_t length);
HOST(proxy_get_header_map_value)(enum map map, const char *key, size_t key_size, char **value, size_t *size);
HOST(proxy_replace_header_map_value)(enum map map, const char *key, size_t key_size, const char *value, size_t size);
HOST(proxy_remove_header_map_value)(enum map map, const char *key, size_t key_size);

struct stream {
	uint32_t id;
	bool taken;
	bool compressing;
	z_stream z;
};

static void *streams;
static int level = Z_DEFAULT_COMPRESSION;
static char *types[TYPES_MOST];
static size_t types_count;

static int by_id(const void *left, const void *right)
{
	uint32_t a = ((const struct stream *)left)->id, b = ((const struct stream *)right)->id;

	return (a > b) - (a < b);
}

static struct stream *find(uint32_t id)
{
	struct stream key = { .id = id };
	struct stream **found = tfind(&key, &streams, by_id);

	return found ? *found : NULL;
}

/* The caller's to free; NULL if there is none. */
static char *text(enum status status, char *data, size_t size)
{
	char *copy = status == OK ? strndup(data, size) : NULL;

	if (status == OK)
		free(data);
	return copy;
}

static char *header(enum map map, const char *name)
{
	char *value = NULL;
	size_t size = 0;
	enum status status = proxy_get_header_map_value(map, name, strlen(name), &value, &size);

	return text(status, value, size);
}

static void set_header(const char *name, const char *value)
{
	proxy_replace_header_map_value(RESPONSE_HEADERS, name, strlen(name), value, strlen(value));
}

static bool add_type(const char *type)
{
	if (types_count == TYPES_MOST)
		return false;
	types[types_count] = strdup(type);
	return types[types_count++] != NULL;
}

static bool understand(const char *word)
{
	int end = 0;

	if (sscanf(word, "level=%d%n", &level, &end) == 1 && !word[end] && level >= Z_BEST_SPEED && level <= Z_BEST_COMPRESSION)
		return true;
	return !strncmp(word, "type=", 5) && add_type(word + 5);
}

CALLBACK(void, proxy_abi_version_0_2_1)(void)
{
}

CALLBACK(bool, proxy_on_configure)(uint32_t root, size_t configuration_size)
{
	unsigned char *data = NULL;
	size_t size = 0;
	enum status status = proxy_get_buffer_bytes(PLUGIN_CONFIGURATION, 0, configuration_size, &data, &size);
	char *words = size ? text(status, (char *)data, size) : NULL, *rest = NULL;

	(void)root;
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	for (char *word = words ? strtok_r(words, " \t\n", &rest) : NULL; word; word = strtok_r(NULL, " \t\n", &rest)) {
		if (!understand(word)) {
			fprintf(stderr, "gzip: what is \"%s\"?\n", word);
			return false;
		}
	}
	free(words);
	printf("gzip: zlib %s, level %d\n", zlibVersion(), level);
	return types_count || add_type("text/");
}

CALLBACK(void, proxy_on_context_create)(uint32_t id, uint32_t parent)
{
	struct stream *stream = parent ? calloc(1, sizeof(*stream)) : NULL;

	if (!stream)
		return;
	stream->id = id;
	tsearch(stream, &streams, by_id);
}

/* `gzip` and `gzip;q=0.5`, but not `gzip;q=0`. */
static bool takes_gzip(char *accepted)
{
	char *rest = NULL, *quality;

	for (char *one = strtok_r(accepted, ", ", &rest); one; one = strtok_r(NULL, ", ", &rest)) {
		if (strncasecmp(one, "gzip", 4) || (one[4] && one[4] != ';'))
			continue;
		quality = strstr(one, "q=");
		return !quality || strtod(quality + 2, NULL) > 0;
	}
	return false;
}

CALLBACK(uint32_t, proxy_on_request_headers)(uint32_t id, size_t count, bool end)
{
	struct stream *stream = find(id);
	char *accepted = header(REQUEST_HEADERS, "accept-encoding");

	(void)count;
	(void)end;
	if (stream && accepted)
		stream->taken = takes_gzip(accepted);
	free(accepted);
	return CONTINUE;
}

static bool is_wanted(void)
{
	char *type = header(RESPONSE_HEADERS, "content-type"), *encoding = header(RESPONSE_HEADERS, "content-encoding");
	bool wanted = false;

	for (size_t i = 0; type && !encoding && i < types_count; i++)
		wanted |= !strncasecmp(type, types[i], strlen(types[i]));
	free(type);
	free(encoding);
	return wanted;
}

CALLBACK(uint32_t, proxy_on_response_headers)(uint32_t id, size_t count, bool end)
{
	struct stream *stream = find(id);

	(void)count;
	if (!stream || !stream->taken || end || !is_wanted())
		return CONTINUE;
	if (deflateInit2(&stream->z, level, Z_DEFLATED, WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
		return CONTINUE;
	stream->compressing = true;
	proxy_remove_header_map_value(RESPONSE_HEADERS, "content-length", strlen("content-length"));
	set_header("content-encoding", "gzip");
	set_header("vary", "accept-encoding");
	return CONTINUE;
}

/* What was compressed takes the place of what came, piece by piece. */
static void compress_body(z_stream *z, size_t size, bool end)
{
	static unsigned char out[CHUNK];

	proxy_set_buffer_bytes(RESPONSE_BODY, 0, size, NULL, 0);
	do {
		z->next_out = out;
		z->avail_out = sizeof(out);
		deflate(z, end ? Z_FINISH : Z_NO_FLUSH);
		if (z->avail_out < sizeof(out))
			proxy_set_buffer_bytes(RESPONSE_BODY, INT32_MAX, 0, out, sizeof(out) - z->avail_out);
	} while (!z->avail_out);
}

CALLBACK(uint32_t, proxy_on_response_body)(uint32_t id, size_t size, bool end)
{
	struct stream *stream = find(id);
	unsigned char *data = NULL;
	size_t got = 0;

	if (!stream || !stream->compressing)
		return CONTINUE;
	if (size && proxy_get_buffer_bytes(RESPONSE_BODY, 0, size, &data, &got) != OK)
		abort();
	stream->z.next_in = data;
	stream->z.avail_in = got;
	compress_body(&stream->z, got, end);
	free(data);
	return CONTINUE;
}

CALLBACK(void, proxy_on_log)(uint32_t id)
{
	struct stream *stream = find(id);
	time_t now = time(NULL);
	char date[32];

	if (!stream || !stream->compressing || !stream->z.total_in)
		return;
	strftime(date, sizeof(date), "%Y-%m-%d", gmtime(&now));
	printf("gzip: %s: %lu bytes are %lu, %.1f %%\n", date, stream->z.total_in, stream->z.total_out,
	       100.0 * (double)stream->z.total_out / (double)stream->z.total_in);
}

CALLBACK(void, proxy_on_delete)(uint32_t id)
{
	struct stream *stream = find(id);

	if (!stream)
		return;
	if (stream->compressing)
		deflateEnd(&stream->z);
	tdelete(stream, &streams, by_id);
	free(stream);
}
