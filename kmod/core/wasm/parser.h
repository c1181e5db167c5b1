/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files that parse sections share, under short names: nobody else includes this. */
#ifndef _HBK_CORE_WASM_PARSER_H
#define _HBK_CORE_WASM_PARSER_H

#include "parse.h"

struct hbk_wasm_walk;

/**
 * struct hbk_wasm_parse - where parsing is
 * @module: being filled
 * @reader: in the section
 * @forbidden: features that are refused
 * @walk: through the function bodies, while in the code section
 * @begin: offset of the item being parsed
 */
struct hbk_wasm_parse {
	struct hbk_wasm_module *module;
	struct hbk_wasm_reader reader;
	u32 forbidden;
	struct hbk_wasm_walk *walk;
	u32 begin;
};

#define fail(parse, refusal, offset, ...) \
	hbk_wasm_reader_fail(&(parse)->reader, HBK_WASM_##refusal, offset, __VA_ARGS__)

static inline int reserved(struct hbk_wasm_parse *parse, int err)
{
	return err ? hbk_wasm_error_failed(parse->reader.error, err) : 0;
}

#define reserve(parse, array, room, count) \
	reserved(parse, hbk_wasm_array_reserve((parse)->module, array, room, count))

static inline int use(struct hbk_wasm_parse *parse, u32 features, const char *what, u32 offset)
{
	return hbk_wasm_feature_use(&parse->reader, parse->module, parse->forbidden, features, what, offset);
}

static inline u32 type_features(u8 type)
{
	if (type == HBK_WASM_F32 || type == HBK_WASM_F64)
		return HBK_WASM_FLOATS;
	return type == HBK_WASM_EXTERNREF ? HBK_WASM_REFERENCE_TYPES : 0;
}

static inline int read_type(struct hbk_wasm_parse *parse, u8 *type)
{
	int err;

	err = hbk_wasm_read_value_type(&parse->reader, type);
	return err ? err : use(parse, type_features(*type), hbk_wasm_value_type_name(*type), parse->reader.at - 1);
}

static inline int check_index(struct hbk_wasm_parse *parse, u32 index, u32 count, const char *what)
{
	if (index < count)
		return 0;
	return fail(parse, INVALID, parse->begin, "unknown %s %u: there are %u", what, index, count);
}

static inline int read_index(struct hbk_wasm_parse *parse, u32 count, const char *what, u32 *index)
{
	int err;

	err = hbk_wasm_read_u32(&parse->reader, index);
	return err ? err : check_index(parse, *index, count, what);
}

static inline int check_total(struct hbk_wasm_parse *parse, u32 total, u32 limit, const char *what)
{
	if (total <= limit)
		return 0;
	return fail(parse, LIMIT, parse->begin, "too many %s: %u, at most %u are allowed", what, total, limit);
}

/**
 * struct hbk_wasm_section - one of the kinds of section
 * @name: for errors
 * @order: sections come in this order; 0 if there is no such section
 * @limit: how many items it may have
 * @begin: told how many items follow; NULL if nobody needs to know
 * @item: parses one
 * @finish: after the last one; NULL if there is nothing to do
 * @single: the section is one item, without a count
 */
struct hbk_wasm_section {
	const char *name;
	u32 order;
	u32 limit;
	int (*begin)(struct hbk_wasm_parse *parse, u32 count);
	int (*item)(struct hbk_wasm_parse *parse);
	int (*finish)(struct hbk_wasm_parse *parse);
	bool single;
};

extern const struct hbk_wasm_section hbk_wasm_section_types;
extern const struct hbk_wasm_section hbk_wasm_section_imports;
extern const struct hbk_wasm_section hbk_wasm_section_functions;
extern const struct hbk_wasm_section hbk_wasm_section_tables;
extern const struct hbk_wasm_section hbk_wasm_section_memories;
extern const struct hbk_wasm_section hbk_wasm_section_globals;
extern const struct hbk_wasm_section hbk_wasm_section_exports;
extern const struct hbk_wasm_section hbk_wasm_section_start;
extern const struct hbk_wasm_section hbk_wasm_section_elements;
extern const struct hbk_wasm_section hbk_wasm_section_code;
extern const struct hbk_wasm_section hbk_wasm_section_data;
extern const struct hbk_wasm_section hbk_wasm_section_data_count;

int hbk_wasm_parse_constant(struct hbk_wasm_parse *parse, u8 type, struct hbk_wasm_constant *constant);

#endif /* _HBK_CORE_WASM_PARSER_H */
