// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "tool.h"

/* "; uses floats, bulk memory" */
static void print_features(u32 features)
{
	const char *before = "; uses ";
	u32 i;

	for (i = 0; i < HBK_WASM_FEATURE_COUNT; i++) {
		if (!(features & 1u << i))
			continue;
		printf("%s%s", before, hbk_wasm_feature_name(1u << i));
		before = ", ";
	}
}

static void print_module(const char *path, const struct hbk_wasm_module *module)
{
	printf("%s: valid: %u functions, %u imports, %u exports", path,
	       module->function_count - module->import_counts[HBK_WASM_KIND_FUNCTION], module->import_count,
	       module->export_count);
	if (module->memory_count)
		printf(", memory of %u pages", module->memories[0].limits.minimum);
	print_features(module->features);
	putchar('\n');
}

static int validate_file(const char *path)
{
	struct hbk_wasm_module module;
	struct hbk_wasm_error error;
	struct tool_file file;
	struct tool_heap heap;
	char text[2 * HBK_WASM_ERROR_TEXT];
	int err;

	err = tool_file_read(&file, path);
	if (err) {
		fprintf(stderr, "%s: %s\n", path,
			err == -EFBIG ? "larger than any module may be" : strerror(-err));
		return TOOL_REFUSED;
	}
	tool_heap_init(&heap);
	err = hbk_wasm_validate(&module, file.bytes, file.size, 0, &heap.heap, &error);
	if (err) {
		hbk_wasm_error_print(&error, text, sizeof(text));
		fprintf(stderr, "%s: %s\n", path, text);
	} else {
		print_module(path, &module);
		hbk_wasm_module_free(&module);
	}
	tool_file_free(&file);
	return err ? TOOL_REFUSED : TOOL_DONE;
}

static int validate_files(int argc, char **argv)
{
	int i, status = TOOL_DONE;

	for (i = 0; i < argc; i++) {
		if (validate_file(argv[i]) != TOOL_DONE)
			status = TOOL_REFUSED;
	}
	return status;
}

const struct tool_verb verb_validate = {
	.name = "validate",
	.usage = "FILE...",
	.description = "tell whether modules are valid, or where they are not",
	.least = 1,
	.run = validate_files,
};
