/* SPDX-License-Identifier: GPL-2.0-only */
/* Writes modules, good and bad ones. */
#ifndef _HBK_WASM_VALIDATE_BUILDER_H
#define _HBK_WASM_VALIDATE_BUILDER_H

#include "../validate.h"

struct builder {
	u8 *bytes;
	size_t size;
	size_t room;
	size_t section;		/* where the open section's size is written */
	size_t body;		/* where the open body's size is written */
};

/* A module's first eight bytes. */
void builder_begin(struct builder *builder);
void builder_free(struct builder *builder);

void put_byte(struct builder *builder, u8 byte);
void put_bytes(struct builder *builder, const void *bytes, size_t size);
void put_fill(struct builder *builder, u8 byte, size_t count);
void put_u32(struct builder *builder, u32 value);
void put_name(struct builder *builder, const char *name);

void begin_section(struct builder *builder, u8 id);
void end_section(struct builder *builder);
void begin_body(struct builder *builder);
void end_body(struct builder *builder);

/* Sections of one line. The type section has one type, without parameters and results, unless more are asked for. */
void put_types(struct builder *builder, u32 count);
void put_functions(struct builder *builder, u32 count);
void put_memory(struct builder *builder, u32 pages);
/* `count` bodies that do nothing. */
void put_empty_bodies(struct builder *builder, u32 count);
/* Type, function and code section of one function without parameters and results: its locals and instructions. */
void put_one_body(struct builder *builder, const void *code, size_t size);

#endif /* _HBK_WASM_VALIDATE_BUILDER_H */
