// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes a module as C, and what Kbuild needs to make a kernel module of it:
 * NAME.c and Kbuild, where NAME is the file's, made fit for a kernel module.
 * Kbuild wants HAUBERK, the folder that has core/wasm/compiled.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "compiled.h"
#include "sha256.h"

/*
 * Of a function that is compiled: if all were needed at once, even small ones would not fit into its frame; and a compiler
 * may ponder over thousands for hours.
 */
#define LOCALS_MAX	(HBK_COMPILED_FRAME_MAX / sizeof(u32))

#define NAME_MAX_LENGTH	55	/* of a kernel module's name, its final NUL not counted */

/*
 * The kernel's flags, but: no tracing of a guest's functions; a frame may be larger, for the guest has its own stack and
 * each function looks how much is left of it, once its frame is there; the processor and not the compiler does
 * arithmetic with NaNs; what is looked up before it is needed, and copied for that, is one register more, of which there
 * are none to spare, and so is a variable that counts along with another one.
 */
static const char kbuild[] =
	"# Made by `hauberk-wasm translate`: make -C KERNEL-HEADERS M=THIS-FOLDER HAUBERK=KMOD-FOLDER modules\n"
	"\n"
	"obj-m := %s.o\n"
	"\n"
	"ccflags-y := -I$(HAUBERK)/core/wasm\n"
	"ccflags-y += $(call cc-option,-fno-shrink-wrap) -Werror=frame-larger-than=%u\n"
	"ccflags-y += $(call cc-disable-warning,maybe-uninitialized)\n"
	"ccflags-y += $(call cc-option,-fsignaling-nans) -ffp-contract=off -fno-math-errno\n"
	"ccflags-y += $(call cc-option,-fweb) $(call cc-option,-frename-registers) $(call cc-option,-fno-tree-pre)\n"
	"ccflags-y += $(call cc-option,-fno-ivopts)\n"
	"CFLAGS_REMOVE_%s.o := $(CC_FLAGS_FTRACE)\n";

/* Letters, digits, '-' and '_' stay; the ending does not. */
static void name_of(char name[NAME_MAX_LENGTH + 1], const char *path)
{
	const char *base = strrchr(path, '/');
	size_t length, i;

	base = base ? base + 1 : path;
	length = strlen(base);
	if (length > 5 && !strcmp(base + length - 5, ".wasm"))
		length -= 5;
	if (length > NAME_MAX_LENGTH)
		length = NAME_MAX_LENGTH;
	for (i = 0; i < length; i++)
		name[i] = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", base[i]) ?
			  base[i] : '_';
	name[length] = '\0';
	if (name[0] == '-')
		name[0] = '_';
}

static FILE *create(const char *folder, const char *name, const char *ending)
{
	char path[4096];
	FILE *stream = NULL;

	if (snprintf(path, sizeof(path), "%s/%s%s", folder, name, ending) < (int)sizeof(path))
		stream = fopen(path, "w");
	if (!stream)
		fprintf(stderr, "%s/%s%s: %s\n", folder, name, ending, strerror(errno));
	return stream;
}

static int finish(FILE *stream, const char *folder)
{
	int failed = ferror(stream);

	if (!fclose(stream) && !failed)
		return TOOL_DONE;
	fprintf(stderr, "%s: %s\n", folder, strerror(errno));
	return TOOL_REFUSED;
}

static int write_kbuild(const char *folder, const char *name)
{
	FILE *stream = create(folder, "Kbuild", "");

	if (!stream)
		return TOOL_REFUSED;
	fprintf(stream, kbuild, name, HBK_COMPILED_FRAME_MAX, name);
	return finish(stream, folder);
}

static int write_folder(const struct hbk_wasm_translation *task, const char *folder, const char *name,
			struct tool_heap *heap, struct hbk_wasm_error *error)
{
	FILE *stream;
	int err;

	if (mkdir(folder, 0777) && errno != EEXIST) {
		fprintf(stderr, "%s: %s\n", folder, strerror(errno));
		return TOOL_REFUSED;
	}
	stream = create(folder, name, ".c");
	if (!stream)
		return TOOL_REFUSED;
	err = tool_translate(task, stream, &heap->heap, error);
	if (err)
		fprintf(stderr, "%s: %s\n", name, error->text);
	if (finish(stream, folder) != TOOL_DONE || err)
		return TOOL_REFUSED;
	return write_kbuild(folder, name);
}

static bool locals_fit(const struct hbk_wasm_module *module, const char *path)
{
	u32 i;

	for (i = module->import_counts[HBK_WASM_KIND_FUNCTION]; i < module->function_count; i++) {
		if (module->functions[i].local_count <= LOCALS_MAX)
			continue;
		fprintf(stderr, "%s: function %u has %u locals, compiled it may have %zu: the module can be interpreted\n",
			path, i, module->functions[i].local_count, LOCALS_MAX);
		return false;
	}
	return true;
}

static int translate_module(const struct tool_file *file, const char *path, const char *folder)
{
	u8 sha256[SHA256_SIZE];
	struct hbk_wasm_module module;
	struct hbk_wasm_translation task = { .module = &module, .sha256 = sha256, .prefix = "" };
	char name[NAME_MAX_LENGTH + 1], text[2 * HBK_WASM_ERROR_TEXT];
	struct hbk_wasm_error error;
	struct tool_heap heap;
	int status;

	tool_heap_init(&heap);
	if (hbk_wasm_validate(&module, file->bytes, file->size, 0, &heap.heap, &error)) {
		hbk_wasm_error_print(&error, text, sizeof(text));
		fprintf(stderr, "%s: %s\n", path, text);
		return TOOL_REFUSED;
	}
	tool_sha256(file->bytes, file->size, sha256);
	name_of(name, path);
	status = locals_fit(&module, path) ? write_folder(&task, folder, name, &heap, &error) : TOOL_REFUSED;
	hbk_wasm_module_free(&module);
	return status;
}

static int translate_file(int argc, char **argv)
{
	const char *folder = ".";
	struct tool_file file;
	int err, status;

	if (argc == 3 && !strcmp(argv[1], "-o")) {
		folder = argv[2];
	} else if (argc != 1) {
		fprintf(stderr, "usage: hauberk-wasm translate %s\n", verb_translate.usage);
		return TOOL_USAGE;
	}
	err = tool_file_read(&file, argv[0]);
	if (err) {
		fprintf(stderr, "%s: %s\n", argv[0], strerror(-err));
		return TOOL_REFUSED;
	}
	status = translate_module(&file, argv[0], folder);
	tool_file_free(&file);
	return status;
}

const struct tool_verb verb_translate = {
	.name = "translate",
	.usage = "FILE [-o FOLDER]",
	.description = "write a module as C, for a kernel module",
	.least = 1,
	.run = translate_file,
};
