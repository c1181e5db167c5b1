/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads the binary format: never past its end, and every number in range or refused. */
#ifndef _HBK_CORE_WASM_READER_H
#define _HBK_CORE_WASM_READER_H

#include "error.h"
#include "module.h"

/**
 * struct hbk_wasm_reader - a place in a module
 * @bytes: the whole module
 * @at: offset of what is read next
 * @end: nothing is read from here on
 * @function: whose body is being read, or HBK_WASM_NO_INDEX
 * @error: where the first fault is told
 */
struct hbk_wasm_reader {
	const u8 *bytes;
	u32 at;
	u32 end;
	u32 function;
	struct hbk_wasm_error *error;
};

static inline u32 hbk_wasm_reader_left(const struct hbk_wasm_reader *reader)
{
	return reader->end - reader->at;
}

/* Each is 0, or the negative errno of a fault that has been told; what it read is then undefined. */
int hbk_wasm_read_u8(struct hbk_wasm_reader *reader, u8 *value);
int hbk_wasm_read_u32(struct hbk_wasm_reader *reader, u32 *value);
int hbk_wasm_read_s32(struct hbk_wasm_reader *reader, u32 *value);
int hbk_wasm_read_s33(struct hbk_wasm_reader *reader, s64 *value);
int hbk_wasm_read_s64(struct hbk_wasm_reader *reader, u64 *value);
int hbk_wasm_read_bytes(struct hbk_wasm_reader *reader, u32 length, const u8 **bytes);
int hbk_wasm_read_name(struct hbk_wasm_reader *reader, struct hbk_wasm_name *name);
int hbk_wasm_read_count(struct hbk_wasm_reader *reader, u32 limit, const char *what, u32 *count);
int hbk_wasm_read_value_type(struct hbk_wasm_reader *reader, u8 *type);
int hbk_wasm_read_reference_type(struct hbk_wasm_reader *reader, u8 *type);

int hbk_wasm_reader_fail(const struct hbk_wasm_reader *reader, enum hbk_wasm_refusal refusal, u32 offset,
			 const char *format, ...) __attribute__((format(printf, 4, 5)));

bool hbk_wasm_utf8_valid(const u8 *text, u32 length);

#endif /* _HBK_CORE_WASM_READER_H */
