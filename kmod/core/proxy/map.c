// SPDX-License-Identifier: GPL-2.0-only
#include "map.h"

#include "../wasm/heap.h"
#include "pairs.h"

#define FIRST_ROOM	16	/* pairs */

static u8 lower(u8 c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

/**
 * hbk_map_same() - whether two texts are the same but for the case of letters
 * @a: a text
 * @a_length: bytes of it
 * @b: another text
 * @b_length: bytes of it
 */
bool hbk_map_same(const u8 *a, size_t a_length, const u8 *b, size_t b_length)
{
	if (a_length != b_length)
		return false;
	while (a_length) {
		a_length--;
		if (lower(a[a_length]) != lower(b[a_length]))
			return false;
	}
	return true;
}

/* The tchar of RFC 9110, one bit for each of the 128 characters. */
static const u32 token_bits[4] = { 0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff };

/**
 * hbk_map_token() - whether a text is a token of RFC 9110, as names and methods must be
 * @text: the text
 * @length: how many there are
 */
bool hbk_map_token(const u8 *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (text[i] >= 128 || !(token_bits[text[i] / 32] >> text[i] % 32 & 1))
			return false;
	return length;
}

static bool visible(const u8 *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (text[i] <= ' ' || text[i] >= 127)
			return false;
	return true;
}

static bool method_valid(const u8 *text, size_t length)
{
	return hbk_map_token(text, length);
}

static bool path_valid(const u8 *text, size_t length)
{
	if (length == 1 && text[0] == '*')
		return true;
	return length && text[0] == '/' && visible(text, length) && !memchr(text, '#', length);
}

/**
 * hbk_map_authority_valid() - whether a text may be the name of a host, with or without a port; it may be empty
 * @text: the text
 * @length: how many there are
 */
bool hbk_map_authority_valid(const u8 *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (memchr("/?#@,\\\"<>{}|^`", text[i], 14))
			return false;
	return visible(text, length);
}

static bool scheme_valid(const u8 *text, size_t length)
{
	return hbk_map_same(text, length, (const u8 *)"http", 4) || hbk_map_same(text, length, (const u8 *)"https", 5);
}

static bool status_valid(const u8 *text, size_t length)
{
	return length == 3 && text[0] >= '2' && text[0] <= '5' && text[1] >= '0' && text[1] <= '9' && text[2] >= '0' &&
		text[2] <= '9';
}

/* In the order in which they stand in a map. */
static const struct pseudo {
	enum hbk_map_kind kind;
	const char *name;
	bool (*valid)(const u8 *text, size_t length);
} pseudos[] = {
	{ HBK_MAP_REQUEST, ":method", method_valid },
	{ HBK_MAP_REQUEST, ":path", path_valid },
	{ HBK_MAP_REQUEST, ":authority", hbk_map_authority_valid },
	{ HBK_MAP_REQUEST, ":scheme", scheme_valid },
	{ HBK_MAP_RESPONSE, ":status", status_valid },
};

#define PSEUDOS	(sizeof(pseudos) / sizeof(pseudos[0]))

static const struct pseudo *pseudo_of(enum hbk_map_kind kind, const u8 *name, size_t length)
{
	size_t i;

	for (i = 0; i < PSEUDOS; i++)
		if (pseudos[i].kind == kind && hbk_map_same(name, length, (const u8 *)pseudos[i].name, strlen(pseudos[i].name)))
			return &pseudos[i];
	return NULL;
}

/* A request has one name for its host, whatever it is called by. */
static const u8 *canonical(enum hbk_map_kind kind, const void *name, size_t *length)
{
	if (kind != HBK_MAP_REQUEST || !hbk_map_same(name, *length, (const u8 *)"host", 4))
		return name;
	*length = strlen(":authority");
	return (const u8 *)":authority";
}

static bool value_valid(const u8 *value, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if ((value[i] < ' ' && value[i] != '\t') || value[i] == 127)
			return false;
	return true;
}

void hbk_map_init(struct hbk_map *map, struct hbk_wasm_heap *heap, enum hbk_map_kind kind)
{
	*map = (struct hbk_map){ .heap = heap, .kind = kind, .size = HBK_PAIRS_COUNT_SIZE };
}

/**
 * hbk_map_new() - an empty map in memory of its own, for hbk_map_free(); NULL without memory
 * @heap: where memory comes from
 * @kind: of its message
 */
struct hbk_map *hbk_map_new(struct hbk_wasm_heap *heap, enum hbk_map_kind kind)
{
	struct hbk_map *map = heap->allocate(heap, sizeof(*map));

	if (map)
		hbk_map_init(map, heap, kind);
	return map;
}

void hbk_map_free(struct hbk_map *map)
{
	struct hbk_wasm_heap *heap;

	if (!map)
		return;
	heap = map->heap;
	hbk_map_clear(map);
	heap->release(heap, map, sizeof(*map));
}

static size_t pair_memory(const struct hbk_map_pair *pair)
{
	return (size_t)pair->name_length + 1 + pair->value_length + 1;
}

static size_t pair_size(const struct hbk_map_pair *pair)
{
	return HBK_PAIRS_LENGTHS_SIZE + pair_memory(pair);
}

static void pair_free(struct hbk_map *map, struct hbk_map_pair *pair)
{
	map->size -= pair_size(pair);
	map->heap->release(map->heap, pair->name, pair_memory(pair));
}

/**
 * hbk_map_clear() - takes all pairs out and gives their memory back
 * @map: the map
 */
void hbk_map_clear(struct hbk_map *map)
{
	u32 i;

	for (i = 0; i < map->count; i++)
		pair_free(map, &map->pairs[i]);
	map->heap->release(map->heap, map->pairs, map->room * sizeof(*map->pairs));
	map->pairs = NULL;
	map->count = 0;
	map->room = 0;
}

static const struct hbk_map_pair *find_from(const struct hbk_map *map, u32 index, const u8 *name, size_t length)
{
	for (; index < map->count; index++)
		if (hbk_map_same(map->pairs[index].name, map->pairs[index].name_length, name, length))
			return &map->pairs[index];
	return NULL;
}

/**
 * hbk_map_find() - the first pair of a name, or NULL
 * @map: the map
 * @name: the name
 * @length: how many there are
 */
const struct hbk_map_pair *hbk_map_find(const struct hbk_map *map, const void *name, size_t length)
{
	const u8 *wanted = canonical(map->kind, name, &length);

	return find_from(map, 0, wanted, length);
}

/**
 * hbk_map_field() - hbk_map_find() by a name of ours
 * @map: the map
 * @name: the name
 */
const struct hbk_map_pair *hbk_map_field(const struct hbk_map *map, const char *name)
{
	return hbk_map_find(map, name, strlen(name));
}

/**
 * hbk_map_after() - the next pair of the same name as @pair, or NULL
 * @map: the map
 * @pair: one of the map's
 */
const struct hbk_map_pair *hbk_map_after(const struct hbk_map *map, const struct hbk_map_pair *pair)
{
	return find_from(map, pair - map->pairs + 1, pair->name, pair->name_length);
}

/**
 * hbk_map_get() - the value of the first pair of a name; false if there is none
 * @map: the map
 * @name: the name
 * @length: how many there are
 * @value: the value
 * @value_length: bytes of it
 */
bool hbk_map_get(const struct hbk_map *map, const void *name, size_t length, const u8 **value, u32 *value_length)
{
	const struct hbk_map_pair *pair = hbk_map_find(map, name, length);

	if (!pair)
		return false;
	*value = pair->value;
	*value_length = pair->value_length;
	return true;
}

bool hbk_map_pair_is(const struct hbk_map_pair *pair, const char *name)
{
	return hbk_map_same(pair->name, pair->name_length, (const u8 *)name, strlen(name));
}

bool hbk_map_value_is(const struct hbk_map_pair *pair, const char *value)
{
	return hbk_map_same(pair->value, pair->value_length, (const u8 *)value, strlen(value));
}

static int pair_make(struct hbk_map *map, struct hbk_map_pair *pair, const u8 *name, size_t name_length,
		     const u8 *value, size_t value_length)
{
	if (name_length > HBK_MAP_SIZE_MAX || value_length > HBK_MAP_SIZE_MAX)
		return -E2BIG;
	pair->name_length = name_length;
	pair->value_length = value_length;
	if (map->size + pair_size(pair) > HBK_MAP_SIZE_MAX)
		return -E2BIG;
	pair->name = map->heap->allocate(map->heap, pair_memory(pair));
	if (!pair->name)
		return -ENOMEM;
	pair->value = pair->name + name_length + 1;
	memcpy(pair->name, name, name_length);
	if (value_length)
		memcpy(pair->value, value, value_length);
	pair->name[name_length] = 0;
	pair->value[value_length] = 0;
	map->size += pair_size(pair);
	return 0;
}

static int make_room(struct hbk_map *map)
{
	u32 room = map->room ? map->room * 2 : FIRST_ROOM;
	struct hbk_map_pair *pairs;

	if (map->count < map->room)
		return 0;
	if (map->count >= HBK_MAP_PAIRS_MAX)
		return -E2BIG;
	pairs = map->heap->resize(map->heap, map->pairs, map->room * sizeof(*pairs), room * sizeof(*pairs));
	if (!pairs)
		return -ENOMEM;
	map->pairs = pairs;
	map->room = room;
	return 0;
}

static int insert(struct hbk_map *map, u32 index, const u8 *name, size_t name_length, const u8 *value,
		  size_t value_length)
{
	struct hbk_map_pair pair;
	int err;

	err = make_room(map);
	if (!err)
		err = pair_make(map, &pair, name, name_length, value, value_length);
	if (err)
		return err;
	memmove(&map->pairs[index + 1], &map->pairs[index], (map->count - index) * sizeof(pair));
	map->pairs[index] = pair;
	map->count++;
	return 0;
}

static void take_out(struct hbk_map *map, u32 index)
{
	pair_free(map, &map->pairs[index]);
	map->count--;
	memmove(&map->pairs[index], &map->pairs[index + 1], (map->count - index) * sizeof(*map->pairs));
}

/**
 * hbk_map_append() - puts a pair at the end, whatever its name is
 * @map: the map
 * @name: the name
 * @name_length: bytes of it
 * @value: the value
 * @value_length: bytes of it
 *
 * For what has been looked at already.
 *
 * Return: 0, -ENOMEM, or -E2BIG when the map is full.
 */
int hbk_map_append(struct hbk_map *map, const void *name, size_t name_length, const void *value, size_t value_length)
{
	return insert(map, map->count, name, name_length, value, value_length);
}

/* Pseudo headers are at the front, by rank. */
static u32 place_of(const struct hbk_map *map, const struct pseudo *pseudo)
{
	const struct pseudo *other;
	u32 i;

	for (i = 0; i < map->count; i++) {
		other = pseudo_of(map->kind, map->pairs[i].name, map->pairs[i].name_length);
		if (!other || other > pseudo)
			break;
	}
	return i;
}

static int set_at(struct hbk_map *map, u32 index, const u8 *value, size_t length)
{
	struct hbk_map_pair *old = &map->pairs[index];
	struct hbk_map_pair pair;
	size_t size = pair_size(old);
	int err;

	map->size -= size;
	err = pair_make(map, &pair, old->name, old->name_length, value, length);
	map->size += size;
	if (err)
		return err;
	pair_free(map, old);
	*old = pair;
	return 0;
}

/* What a connection is asked for decides how its bytes are read: CONNECT neither comes nor goes. */
static bool is_connect(const u8 *value, size_t length)
{
	return hbk_map_same(value, length, (const u8 *)"CONNECT", 7);
}

static bool is_star(const struct hbk_map_pair *path)
{
	return path && path->value_length == 1 && path->value[0] == '*';
}

/* "*" is what OPTIONS alone may ask for (RFC 9112, 3.2.4): nothing becomes it, and its method stays. */
static bool star_stays(const struct hbk_map *map, const struct pseudo *pseudo, const struct hbk_map_pair *old,
		       const u8 *value)
{
	if (pseudo->valid == path_valid)
		return !old || value[0] != '*';
	return pseudo->valid != method_valid || !is_star(hbk_map_field(map, ":path"));
}

static bool star_fits(const struct hbk_map *map)
{
	const struct hbk_map_pair *method = hbk_map_field(map, ":method");

	return !is_star(hbk_map_field(map, ":path")) ||
		(method && method->value_length == 7 && !memcmp(method->value, "OPTIONS", 7));
}

static int put_pseudo(struct hbk_map *map, const struct pseudo *pseudo, const u8 *value, size_t length)
{
	const struct hbk_map_pair *old = hbk_map_field(map, pseudo->name);

	if (old && old->value_length == length && !memcmp(old->value, value, length))
		return 0;
	if (!pseudo->valid(value, length) || !star_stays(map, pseudo, old, value))
		return -EINVAL;
	if (!old)
		return insert(map, place_of(map, pseudo), (const u8 *)pseudo->name, strlen(pseudo->name), value, length);
	if (pseudo->valid == method_valid && (is_connect(value, length) || is_connect(old->value, old->value_length)))
		return -EINVAL;
	return set_at(map, old - map->pairs, value, length);
}

static bool pair_valid(const struct hbk_map *map, const u8 *name, size_t name_length, const u8 *value,
		       size_t value_length)
{
	return (pseudo_of(map->kind, name, name_length) || hbk_map_token(name, name_length)) &&
		value_valid(value, value_length);
}

static int changed(struct hbk_map *map, int err)
{
	if (!err)
		map->changes++;
	return err;
}

/**
 * hbk_map_add() - adds a pair for a guest; a pseudo header gets the value instead
 * @map: the map
 * @name: the name
 * @name_length: bytes of it
 * @value: the value
 * @value_length: bytes of it
 *
 * Return: 0, -EINVAL for what may not stand in a message, -E2BIG past a limit, -ENOMEM.
 */
int hbk_map_add(struct hbk_map *map, const void *name, size_t name_length, const void *value, size_t value_length)
{
	const u8 *wanted = canonical(map->kind, name, &name_length);
	const struct pseudo *pseudo = pseudo_of(map->kind, wanted, name_length);

	if (!pair_valid(map, wanted, name_length, value, value_length))
		return -EINVAL;
	if (pseudo)
		return changed(map, put_pseudo(map, pseudo, value, value_length));
	return changed(map, hbk_map_append(map, wanted, name_length, value, value_length));
}

static void remove_from(struct hbk_map *map, u32 index, const u8 *name, size_t length)
{
	const struct hbk_map_pair *pair;

	while ((pair = find_from(map, index, name, length)))
		take_out(map, pair - map->pairs);
}

/**
 * hbk_map_replace() - gives the first pair of a name the value and takes the others out; adds it when there is none
 * @map: the map
 * @name: the name
 * @name_length: bytes of it
 * @value: the value
 * @value_length: bytes of it
 *
 * Return: as hbk_map_add().
 */
int hbk_map_replace(struct hbk_map *map, const void *name, size_t name_length, const void *value, size_t value_length)
{
	const u8 *wanted = canonical(map->kind, name, &name_length);
	const struct hbk_map_pair *old = find_from(map, 0, wanted, name_length);
	u32 index;
	int err;

	if (!old || pseudo_of(map->kind, wanted, name_length))
		return hbk_map_add(map, wanted, name_length, value, value_length);
	if (!value_valid(value, value_length))
		return -EINVAL;
	index = old - map->pairs;
	err = set_at(map, index, value, value_length);
	if (!err)
		remove_from(map, index + 1, wanted, name_length);
	return changed(map, err);
}

/**
 * hbk_map_remove() - takes all pairs of a name out, if there are any
 * @map: the map
 * @name: the name
 * @length: how many there are
 *
 * Return: 0, or -EINVAL for a pseudo header or for what cannot be a name.
 */
int hbk_map_remove(struct hbk_map *map, const void *name, size_t length)
{
	const u8 *wanted = canonical(map->kind, name, &length);
	u32 count = map->count;

	if (!hbk_map_token(wanted, length))
		return -EINVAL;
	remove_from(map, 0, wanted, length);
	if (map->count != count)
		map->changes++;
	return 0;
}

/* Takes the fields of @source over, pseudo headers excepted. */
static int append_fields(struct hbk_map *map, const struct hbk_map *source)
{
	const struct hbk_map_pair *pair;
	int err;

	for (pair = source->pairs; pair && pair < source->pairs + source->count; pair++) {
		if (pseudo_of(map->kind, pair->name, pair->name_length))
			continue;
		err = hbk_map_append(map, pair->name, pair->name_length, pair->value, pair->value_length);
		if (err)
			return err;
	}
	return 0;
}

/* Pseudo headers of the old map first, then those of the new one over them, each at most once. */
static int merge_pseudo(struct hbk_map *map, const struct hbk_map *old, const struct hbk_map *source)
{
	const struct hbk_map_pair *pair;
	size_t i;
	int err;

	for (i = 0; i < PSEUDOS; i++) {
		if (pseudos[i].kind != map->kind)
			continue;
		pair = hbk_map_field(old, pseudos[i].name);
		if (pair) {
			err = hbk_map_append(map, pair->name, pair->name_length, pair->value, pair->value_length);
			if (err)
				return err;
		}
		pair = hbk_map_field(source, pseudos[i].name);
		if (!pair)
			continue;
		if (hbk_map_after(source, pair))
			return -EINVAL;
		err = put_pseudo(map, &pseudos[i], pair->value, pair->value_length);
		if (err)
			return err;
	}
	return star_fits(map) ? 0 : -EINVAL;
}

static bool all_valid(const struct hbk_map *map, const struct hbk_map *source)
{
	const struct hbk_map_pair *pair;

	for (pair = source->pairs; pair && pair < source->pairs + source->count; pair++)
		if (!pair_valid(map, pair->name, pair->name_length, pair->value, pair->value_length))
			return false;
	return true;
}

/* "Host" among pairs that a guest wrote is what it is in all other calls. */
static int rename_host(struct hbk_map *source)
{
	const struct hbk_map_pair *pair;
	u32 i;
	int err;

	if (source->kind != HBK_MAP_REQUEST)
		return 0;
	for (i = 0; i < source->count; i++) {
		pair = &source->pairs[i];
		if (!hbk_map_pair_is(pair, "host"))
			continue;
		err = insert(source, i, (const u8 *)":authority", 10, pair->value, pair->value_length);
		if (err)
			return err;
		take_out(source, i + 1);
	}
	return 0;
}

/**
 * hbk_map_assign() - makes a map have the pairs of another one, of the same kind
 * @map: the map
 * @source: is left in any state; its owner clears it
 *
 * Pseudo headers that @source lacks keep their values. On failure @map is as
 * it was.
 *
 * Return: as hbk_map_add().
 */
int hbk_map_assign(struct hbk_map *map, struct hbk_map *source)
{
	struct hbk_map made;
	int err;

	if (!all_valid(map, source))
		return -EINVAL;
	hbk_map_init(&made, map->heap, map->kind);
	err = rename_host(source);
	if (!err)
		err = merge_pseudo(&made, map, source);
	if (!err)
		err = append_fields(&made, source);
	if (err) {
		hbk_map_clear(&made);
		return err;
	}
	made.changes = map->changes + 1;
	hbk_map_clear(map);
	*map = made;
	return 0;
}

/**
 * hbk_map_copy() - makes a map that has the pairs of another one
 * @map: to be; to be cleared also after a failure
 * @source: the other one
 *
 * Return: 0 or -ENOMEM.
 */
int hbk_map_copy(struct hbk_map *map, const struct hbk_map *source)
{
	const struct hbk_map_pair *pair;
	int err = 0;
	u32 i;

	hbk_map_init(map, source->heap, source->kind);
	for (i = 0; i < source->count && !err; i++) {
		pair = &source->pairs[i];
		err = hbk_map_append(map, pair->name, pair->name_length, pair->value, pair->value_length);
	}
	return err;
}

/**
 * hbk_map_put() - replaces or appends a field of ours; a guest's change it is not
 * @map: the map
 * @name: the name
 * @value: the value
 * @length: how many there are
 *
 * Return: 0, -ENOMEM or -E2BIG.
 */
int hbk_map_put(struct hbk_map *map, const char *name, const void *value, size_t length)
{
	const struct hbk_map_pair *old = hbk_map_field(map, name);
	u32 index;
	int err;

	if (!old)
		return hbk_map_append(map, name, strlen(name), value, length);
	index = old - map->pairs;
	err = set_at(map, index, value, length);
	if (!err)
		remove_from(map, index + 1, (const u8 *)name, strlen(name));
	return err;
}

/**
 * hbk_map_drop() - takes all pairs of a field out; a guest's change it is not
 * @map: the map
 * @name: the name
 */
void hbk_map_drop(struct hbk_map *map, const char *name)
{
	remove_from(map, 0, (const u8 *)name, strlen(name));
}
