/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Header maps as proxy-wasm has them: ordered, names in any case and kept as
 * they came, pseudo headers (":path") before the fields.
 */
#ifndef _HBK_CORE_PROXY_MAP_H
#define _HBK_CORE_PROXY_MAP_H

#include "../types.h"

struct hbk_wasm_heap;

#define HBK_MAP_PAIRS_MAX	1024
#define HBK_MAP_SIZE_MAX	1048576		/* bytes, as pairs.h serialises it */

enum hbk_map_kind {
	HBK_MAP_FIELDS,		/* trailers, metadata of calls: no pseudo headers */
	HBK_MAP_REQUEST,	/* :method :path :authority :scheme; "host" means :authority */
	HBK_MAP_RESPONSE,	/* :status */
};

/**
 * struct hbk_map_pair - a name and its value
 * @name: @name_length bytes and a NUL, then the value and a NUL: one piece of memory
 */
struct hbk_map_pair {
	u8 *name;
	u8 *value;
	u32 name_length;
	u32 value_length;
};

/**
 * struct hbk_map - an ordered map of pairs
 * @size: bytes of all pairs serialised
 * @changes: how often a guest changed it; zero means that it is as it was parsed
 */
struct hbk_map {
	struct hbk_wasm_heap *heap;
	enum hbk_map_kind kind;
	struct hbk_map_pair *pairs;
	u32 count;
	u32 room;
	size_t size;
	u32 changes;
};

static inline u32 hbk_map_count(const struct hbk_map *map)
{
	return map->count;
}

void hbk_map_init(struct hbk_map *map, struct hbk_wasm_heap *heap, enum hbk_map_kind kind);
void hbk_map_clear(struct hbk_map *map);

const struct hbk_map_pair *hbk_map_find(const struct hbk_map *map, const void *name, size_t length);
const struct hbk_map_pair *hbk_map_after(const struct hbk_map *map, const struct hbk_map_pair *pair);
const struct hbk_map_pair *hbk_map_field(const struct hbk_map *map, const char *name);
bool hbk_map_pair_is(const struct hbk_map_pair *pair, const char *name);
bool hbk_map_value_is(const struct hbk_map_pair *pair, const char *value);

int hbk_map_append(struct hbk_map *map, const void *name, size_t name_length, const void *value, size_t value_length);
int hbk_map_add(struct hbk_map *map, const void *name, size_t name_length, const void *value, size_t value_length);
int hbk_map_replace(struct hbk_map *map, const void *name, size_t name_length, const void *value, size_t value_length);
int hbk_map_remove(struct hbk_map *map, const void *name, size_t length);
int hbk_map_assign(struct hbk_map *map, struct hbk_map *source);
int hbk_map_copy(struct hbk_map *map, const struct hbk_map *source);

int hbk_map_put(struct hbk_map *map, const char *name, const void *value, size_t length);
void hbk_map_drop(struct hbk_map *map, const char *name);

struct hbk_map *hbk_map_new(struct hbk_wasm_heap *heap, enum hbk_map_kind kind);
void hbk_map_free(struct hbk_map *map);
bool hbk_map_get(const struct hbk_map *map, const void *name, size_t length, const u8 **value, u32 *value_length);

bool hbk_map_same(const u8 *a, size_t a_length, const u8 *b, size_t b_length);
bool hbk_map_token(const u8 *text, size_t length);
bool hbk_map_authority_valid(const u8 *text, size_t length);

#endif /* _HBK_CORE_PROXY_MAP_H */
