// SPDX-License-Identifier: GPL-2.0-only
/* hauberk-proxy: filters in user space, without a kernel. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "engine.h"

enum status {
	DONE,
	REFUSED,	/* the module or the script */
	USAGE,
};

struct file {
	char *bytes;
	size_t size;
};

static int read_all(struct file *file, FILE *stream, size_t room)
{
	file->bytes = malloc(room + 1);
	if (!file->bytes)
		return -ENOMEM;
	file->size = fread(file->bytes, 1, room + 1, stream);
	if (ferror(stream))
		return -EIO;
	return file->size > room ? -EFBIG : 0;
}

/* "-" is standard input. */
static int read_file(struct file *file, const char *path, size_t max)
{
	FILE *stream = strcmp(path, "-") ? fopen(path, "rb") : stdin;
	int err;

	*file = (struct file){ NULL, 0 };
	if (!stream)
		return -errno;
	err = read_all(file, stream, max);
	if (stream != stdin)
		fclose(stream);
	return err;
}

static int run_script(struct tool_engine *tool, const char *name, const struct file *script)
{
	struct hbk_buffer trace;
	int err;

	hbk_buffer_init(&trace, &tool->heap.heap, HBK_PROXY_TRACE_MAX);
	err = hbk_trial_run(&tool->engine, script->bytes, script->size, &trace);
	fwrite(hbk_buffer_data(&trace), 1, trace.length, stdout);
	hbk_buffer_release(&trace);
	if (err)
		fprintf(stderr, "%s: %s\n", name, err == -EINVAL ? "not an event script" : strerror(-err));
	return err ? REFUSED : DONE;
}

static int try_module(char **argv, const struct file *module, const struct file *script)
{
	struct tool_engine *tool = malloc(sizeof(*tool));
	int status = REFUSED;

	if (!tool)
		return REFUSED;
	if (tool_engine_open(tool, module->bytes, module->size))
		fprintf(stderr, "%s: %s\n", argv[0], tool->why);
	else
		status = run_script(tool, argv[1], script);
	tool_engine_close(tool);
	if (tool->heap.used) {
		fprintf(stderr, "hauberk-proxy: %zu bytes were not given back\n", tool->heap.used);
		status = REFUSED;
	}
	free(tool);
	return status;
}

static int verb_try(char **argv)
{
	struct file module, script = { NULL, 0 };
	const char *path = argv[0];
	int status = REFUSED, err;

	err = read_file(&module, path, HBK_WASM_MODULE_MAX);
	if (!err) {
		path = argv[1];
		err = read_file(&script, path, HBK_PROXY_SCRIPT_MAX);
	}
	if (err)
		fprintf(stderr, "%s: %s\n", path, strerror(-err));
	else
		status = try_module(argv, &module, &script);
	free(module.bytes);
	free(script.bytes);
	return status;
}

int main(int argc, char **argv)
{
	bool help = argc == 2 && !strcmp(argv[1], "--help");

	if (argc == 4 && !strcmp(argv[1], "try"))
		return verb_try(argv + 2);
	fputs("usage: hauberk-proxy try MODULE SCRIPT    run an event script (- is standard input) against a filter, print the trace\n",
	      help ? stdout : stderr);
	return help ? DONE : USAGE;
}
