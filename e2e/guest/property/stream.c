// SPDX-License-Identifier: Apache-2.0
/* The bytes of the streams: two periods in memory and in a file, so that any piece is contiguous. */
#define _GNU_SOURCE
#include "property.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint8_t stream[2 * STREAM_PERIOD];
static int file;

void stream_init(void)
{
	uint32_t noise = 1;
	int i;

	for (i = 0; i < STREAM_PERIOD; i++) {
		noise = noise * 1664525 + 1013904223;
		stream[i] = noise >> 24;
	}
	memcpy(stream + STREAM_PERIOD, stream, STREAM_PERIOD);
	file = memfd_create("stream", MFD_CLOEXEC);
	if (file < 0 || write(file, stream, sizeof(stream)) != sizeof(stream))
		die("memfd_create");
}

/* The two directions carry different bytes, lest an echo look right. */
size_t stream_file_offset(int end, uint64_t position)
{
	return (position + end * (STREAM_PERIOD / 3)) % STREAM_PERIOD;
}

/* At most STREAM_PERIOD bytes may be used from there. */
const uint8_t *stream_at(int end, uint64_t position)
{
	return stream + stream_file_offset(end, position);
}

int stream_file(void)
{
	return file;
}

/* 0, or 1 + the offset of the first byte that is not what @end has sent. */
long stream_spoilt(int end, uint64_t position, const uint8_t *bytes, size_t length)
{
	const uint8_t *right = stream_at(end, position);
	size_t i;

	if (!memcmp(right, bytes, length))
		return 0;
	for (i = 0; right[i] == bytes[i]; i++)
		;
	return 1 + (long)i;
}
