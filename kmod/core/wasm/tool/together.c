// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes many modules into one C file, so that one run of a compiler makes one
 * shared object of them, for tests. Those that are not valid are left out, and
 * so is one that was there before.
 */
#include <stdlib.h>

#include "compiled.h"
#include "sha256.h"

struct written {
	char (*prefixes)[COMPILED_PREFIX];
	int count;
};

static bool is_new(const struct written *written, const char *prefix)
{
	int i;

	for (i = 0; i < written->count; i++) {
		if (!strcmp(written->prefixes[i], prefix))
			return false;
	}
	return true;
}

static int write_module(struct written *written, const struct tool_file *file, FILE *stream)
{
	char *prefix = written->prefixes[written->count];
	u8 sha256[SHA256_SIZE];
	struct hbk_wasm_module module;
	struct hbk_wasm_translation task = { .module = &module, .sha256 = sha256, .prefix = prefix };
	struct hbk_wasm_error error;
	struct tool_heap heap;
	int err = 0;

	tool_heap_init(&heap);
	if (hbk_wasm_validate(&module, file->bytes, file->size, 0, &heap.heap, &error))
		return 0;
	tool_sha256(file->bytes, file->size, sha256);
	tool_compiled_prefix(&module, prefix);
	if (is_new(written, prefix)) {
		err = tool_translate(&task, stream, &heap.heap, &error);
		written->count++;
	}
	if (err)
		fprintf(stderr, "%s\n", error.text);
	hbk_wasm_module_free(&module);
	return err;
}

/* In the kernel there is nobody who finds a guest by its symbol. */
static void write_table(const struct written *written, FILE *stream)
{
	int i;

	fputs("\nstatic const struct hbk_wasm_compiled *const together[] __attribute__((unused)) = {\n", stream);
	for (i = 0; i < written->count; i++)
		fprintf(stream, "\t&%sguest,\n", written->prefixes[i]);
	fputs("};\n", stream);
}

static int write_files(struct written *written, FILE *stream, int count, char **paths)
{
	struct tool_file file;
	int i, err = 0;

	for (i = 0; i < count && !err; i++) {
		err = tool_file_read(&file, paths[i]);
		if (err == -EFBIG) {	/* not valid either */
			err = 0;
			continue;
		}
		if (err) {
			fprintf(stderr, "%s: %s\n", paths[i], strerror(-err));
			break;
		}
		err = write_module(written, &file, stream);
		tool_file_free(&file);
	}
	write_table(written, stream);
	return err;
}

static int translate_together(int argc, char **argv)
{
	struct written written = { .prefixes = calloc(argc, sizeof(*written.prefixes)) };
	FILE *stream = fopen(argv[0], "w");
	int err = -1;

	if (!stream)
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	else if (written.prefixes)
		err = write_files(&written, stream, argc - 1, argv + 1);
	if (stream && fclose(stream))
		err = -1;
	free(written.prefixes);
	return err ? TOOL_REFUSED : TOOL_DONE;
}

const struct tool_verb verb_together = {
	.name = "together",
	.usage = "FILE.c FILE...",
	.description = "write modules into one C file, for tests",
	.least = 1,
	.run = translate_together,
};
