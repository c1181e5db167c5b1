/* SPDX-License-Identifier: Apache-2.0 */
/* Reads FOLDER/NAME.wasm; a benchmark that is not there ends the program. */
#ifndef _BENCH_FILE_H
#define _BENCH_FILE_H

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static inline uint8_t *file_read(const char *folder, const char *name, size_t *size)
{
	size_t room = 1 << 16;
	uint8_t *bytes = malloc(room);
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.wasm", folder, name);
	file = fopen(path, "rb");
	if (!file || !bytes)
		err(1, "%s", path);
	*size = fread(bytes, 1, room, file);
	if (!feof(file))
		errx(1, "%s: more than %zu bytes", path, room - 1);
	fclose(file);
	return bytes;
}

#endif /* _BENCH_FILE_H */
