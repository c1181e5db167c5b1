// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>
#include <stdlib.h>

#include "validate_builder.h"

void put_bytes(struct builder *builder, const void *bytes, size_t size)
{
	if (!size)
		return;
	if (builder->size + size > builder->room) {
		builder->room = 2 * builder->room + size;
		builder->bytes = realloc(builder->bytes, builder->room);
		assert(builder->bytes);
	}
	memcpy(builder->bytes + builder->size, bytes, size);
	builder->size += size;
}

void put_byte(struct builder *builder, u8 byte)
{
	put_bytes(builder, &byte, 1);
}

void put_fill(struct builder *builder, u8 byte, size_t count)
{
	while (count--)
		put_byte(builder, byte);
}

void put_u32(struct builder *builder, u32 value)
{
	while (value >= 0x80) {
		put_byte(builder, value | 0x80);
		value >>= 7;
	}
	put_byte(builder, value);
}

void put_name(struct builder *builder, const char *name)
{
	put_u32(builder, strlen(name));
	put_bytes(builder, name, strlen(name));
}

void builder_begin(struct builder *builder)
{
	memset(builder, 0, sizeof(*builder));
	put_bytes(builder, "\0asm\1\0\0", 8);
}

void builder_free(struct builder *builder)
{
	free(builder->bytes);
}

/* A size that is not known yet takes five bytes; that is as valid as fewer. */
static size_t begin_size(struct builder *builder)
{
	size_t at = builder->size;

	put_fill(builder, 0, 5);
	return at;
}

static void end_size(struct builder *builder, size_t at)
{
	u32 i, size = builder->size - at - 5;

	for (i = 0; i < 5; i++)
		builder->bytes[at + i] = (size >> 7 * i & 0x7f) | (i < 4 ? 0x80 : 0);
}

void begin_section(struct builder *builder, u8 id)
{
	put_byte(builder, id);
	builder->section = begin_size(builder);
}

void end_section(struct builder *builder)
{
	end_size(builder, builder->section);
}

void begin_body(struct builder *builder)
{
	builder->body = begin_size(builder);
}

void end_body(struct builder *builder)
{
	end_size(builder, builder->body);
}

void put_types(struct builder *builder, u32 count)
{
	begin_section(builder, 1);
	put_u32(builder, count);
	while (count--)
		put_bytes(builder, "\x60\0\0", 3);
	end_section(builder);
}

void put_functions(struct builder *builder, u32 count)
{
	begin_section(builder, 3);
	put_u32(builder, count);
	put_fill(builder, 0, count);
	end_section(builder);
}

void put_memory(struct builder *builder, u32 pages)
{
	begin_section(builder, 5);
	put_bytes(builder, "\1\0", 2);
	put_u32(builder, pages);
	end_section(builder);
}

void put_empty_bodies(struct builder *builder, u32 count)
{
	begin_section(builder, 10);
	put_u32(builder, count);
	while (count--)
		put_bytes(builder, "\2\0\x0b", 3);
	end_section(builder);
}

void put_one_body(struct builder *builder, const void *code, size_t size)
{
	put_types(builder, 1);
	put_functions(builder, 1);
	begin_section(builder, 10);
	put_u32(builder, 1);
	begin_body(builder);
	put_bytes(builder, code, size);
	end_body(builder);
	end_section(builder);
}
