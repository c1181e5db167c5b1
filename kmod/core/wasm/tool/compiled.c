// SPDX-License-Identifier: GPL-2.0-only
#include <dlfcn.h>

#include "compiled.h"
#include "sha256.h"

struct file_sink {
	struct hbk_wasm_sink sink;
	FILE *stream;
};

static void *shared_object;

static int sink_write(struct hbk_wasm_sink *sink, const char *text, size_t length)
{
	struct file_sink *file = (struct file_sink *)sink;	/* it is the first member */

	return fwrite(text, 1, length, file->stream) == length ? 0 : -EIO;
}

/**
 * tool_translate() - write a module as C
 * @task: what to write
 * @stream: where to
 * @heap: for what is needed meanwhile
 * @error: why it failed
 */
int tool_translate(const struct hbk_wasm_translation *task, FILE *stream, struct hbk_wasm_heap *heap,
		   struct hbk_wasm_error *error)
{
	struct file_sink file = { .sink = { .write = sink_write }, .stream = stream };

	return hbk_wasm_translate(task, &file.sink, heap, error);
}

/**
 * tool_compiled_prefix() - what the names of a module begin with where several are compiled together
 * @module: the module
 * @prefix: 'g' and the first 8 bytes of its SHA-256 in hexadecimal
 */
void tool_compiled_prefix(const struct hbk_wasm_module *module, char prefix[COMPILED_PREFIX])
{
	u8 sha256[SHA256_SIZE];
	int i;

	tool_sha256(module->bytes, module->size, sha256);
	prefix[0] = 'g';
	for (i = 0; i < (COMPILED_PREFIX - 2) / 2; i++)
		snprintf(prefix + 1 + 2 * i, 3, "%02x", sha256[i]);
}

/**
 * tool_compiled_open() - have the guests of a shared object at hand
 * @path: of it
 *
 * Return: false if that failed, which has been told.
 */
bool tool_compiled_open(const char *path)
{
	shared_object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!shared_object)
		fprintf(stderr, "%s\n", dlerror());
	return shared_object;
}

/* Whether a shared object was opened: then nothing is interpreted. */
bool tool_compiled_only(void)
{
	return shared_object;
}

/**
 * tool_compiled_find() - the compiled form of a module
 * @module: validated
 *
 * Return: NULL if the shared object has no guest for these bytes.
 */
const struct hbk_wasm_compiled *tool_compiled_find(const struct hbk_wasm_module *module)
{
	const struct hbk_wasm_compiled *compiled;
	char symbol[COMPILED_PREFIX + 8];
	u8 sha256[SHA256_SIZE];

	if (!shared_object)
		return NULL;
	tool_compiled_prefix(module, symbol);
	strcat(symbol, "guest");
	tool_sha256(module->bytes, module->size, sha256);
	compiled = dlsym(shared_object, symbol);
	if (!compiled || memcmp(compiled->sha256, sha256, sizeof(sha256)) || !hbk_wasm_compiled_fits(compiled, module))
		return NULL;
	return compiled;
}
