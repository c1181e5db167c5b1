/* SPDX-License-Identifier: GPL-2.0-only */
/* The frames and the table that the C and the Java tests share. */
#ifndef _HBK_TESTS_GOLDEN_H
#define _HBK_TESTS_GOLDEN_H

#include "../frame.h"
#include "table_builder.h"

struct golden_frame {
	const char *name;		/* of the file, without .hex */
	u16 type;
	u32 sequence;
	void (*fill)(struct hbk_writer *w);
};

extern const struct golden_frame golden_frames[];
extern const u32 golden_frame_count;
extern const struct build_rule golden_rules[];
extern const u32 golden_rule_count;
extern const struct build_rule golden_tls_rules[];
extern const u32 golden_tls_rule_count;
extern const struct build_rule golden_filter_rules[];
extern const u32 golden_filter_rule_count;

u32 golden_frame_make(const struct golden_frame *golden, u8 *buffer, u32 size);

/* Reads a file of hexadecimal digits; # begins a comment. Returns the bytes, which the caller frees. */
u8 *golden_read(const char *directory, const char *name, size_t *length);
void golden_write_all(const char *directory);

#endif /* _HBK_TESTS_GOLDEN_H */
