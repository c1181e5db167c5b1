// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tool.h"

/**
 * tool_file_read() - read a file that is no larger than a module may be
 * @file: filled; tool_file_free() gives it back
 * @path: of the file
 *
 * Return: 0, or the negative errno of the fault.
 */
int tool_file_read(struct tool_file *file, const char *path)
{
	struct stat status;
	FILE *stream;
	int err = 0;

	stream = fopen(path, "rb");
	if (!stream)
		return -errno;
	if (fstat(fileno(stream), &status))
		err = -errno;
	else if (!S_ISREG(status.st_mode))
		err = -EINVAL;
	else if (status.st_size > HBK_WASM_MODULE_MAX)
		err = -EFBIG;
	if (err)
		goto close;

	/* Not a byte more than there is, so that the address sanitizer guards its end. */
	file->size = status.st_size;
	file->bytes = malloc(file->size ? file->size : 1);
	if (!file->bytes)
		err = -ENOMEM;
	else if (fread(file->bytes, 1, file->size, stream) != file->size)
		err = -EIO;
	if (err)
		tool_file_free(file);
close:
	fclose(stream);
	return err;
}

/**
 * tool_file_free() - give a file's memory back
 * @file: read by tool_file_read()
 */
void tool_file_free(struct tool_file *file)
{
	free(file->bytes);
	file->bytes = NULL;
}

static struct tool_heap *tool_heap_of(struct hbk_wasm_heap *heap)
{
	return (struct tool_heap *)heap;	/* it is the first member */
}

static void *heap_allocate(struct hbk_wasm_heap *heap, size_t size)
{
	void *memory = calloc(1, size);

	if (memory)
		tool_heap_of(heap)->used += size;
	return memory;
}

static void *heap_resize(struct hbk_wasm_heap *heap, void *memory, size_t old_size, size_t new_size)
{
	memory = realloc(memory, new_size);
	if (!memory)
		return NULL;
	if (new_size > old_size)
		memset((u8 *)memory + old_size, 0, new_size - old_size);
	tool_heap_of(heap)->used += new_size - old_size;
	return memory;
}

static void heap_release(struct hbk_wasm_heap *heap, void *memory, size_t size)
{
	if (!memory)
		return;
	free(memory);
	tool_heap_of(heap)->used -= size;
}

/**
 * tool_heap_init() - make a heap of malloc()
 * @heap: the heap
 */
void tool_heap_init(struct tool_heap *heap)
{
	*heap = (struct tool_heap){
		.heap = { .allocate = heap_allocate, .resize = heap_resize, .release = heap_release },
	};
}
