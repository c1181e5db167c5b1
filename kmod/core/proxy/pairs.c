// SPDX-License-Identifier: GPL-2.0-only
#include "pairs.h"

#include "map.h"

/**
 * hbk_pairs_size() - bytes that hbk_pairs_write() writes
 * @map: the map
 */
size_t hbk_pairs_size(const struct hbk_map *map)
{
	return map->size;
}

/**
 * hbk_pairs_write() - serialises a map
 * @map: the map
 * @out: hbk_pairs_size() bytes
 */
void hbk_pairs_write(const struct hbk_map *map, u8 *out)
{
	const struct hbk_map_pair *pair = map->pairs, *end = pair ? pair + map->count : NULL;
	u8 *lengths = out + HBK_PAIRS_COUNT_SIZE;
	u8 *text = lengths + map->count * HBK_PAIRS_LENGTHS_SIZE;

	put_unaligned_le32(map->count, out);
	for (; pair < end; pair++) {
		size_t size = (size_t)pair->name_length + 1 + pair->value_length + 1;

		put_unaligned_le32(pair->name_length, lengths);
		put_unaligned_le32(pair->value_length, lengths + 4);
		memcpy(text, pair->name, size);
		lengths += HBK_PAIRS_LENGTHS_SIZE;
		text += size;
	}
}

/* Takes @length bytes and their NUL; NULL when they are not all there. */
static const u8 *take_text(const u8 **position, const u8 *end, u32 length)
{
	const u8 *text = *position;

	if ((size_t)(end - text) <= length || text[length])
		return NULL;
	*position = text + length + 1;
	return text;
}

/**
 * hbk_pairs_read() - puts serialised pairs at the end of a map, as they are
 * @map: the map
 * @data: the bytes
 * @length: how many there are
 *
 * Whether names and values may stand in a message is for hbk_map_assign() to
 * say. No bytes at all are no pairs, and so is one that is zero: the
 * specification lets guests write it like that.
 *
 * Return: 0; -EINVAL when a length does not hold, -E2BIG past a limit, -ENOMEM: then some pairs may have been added.
 */
int hbk_pairs_read(struct hbk_map *map, const u8 *data, size_t length)
{
	const u8 *lengths = data + HBK_PAIRS_COUNT_SIZE, *end = data + length;
	const u8 *text, *name, *value;
	u32 count;
	int err;

	if (!length || (length == 1 && !data[0]))
		return 0;
	if (length > HBK_MAP_SIZE_MAX)
		return -E2BIG;
	if (length < HBK_PAIRS_COUNT_SIZE)
		return -EINVAL;
	count = get_unaligned_le32(data);
	if (count > HBK_MAP_PAIRS_MAX)
		return -E2BIG;
	if (count * HBK_PAIRS_LENGTHS_SIZE > (size_t)(end - lengths))
		return -EINVAL;

	text = lengths + count * HBK_PAIRS_LENGTHS_SIZE;
	for (; count; count--, lengths += HBK_PAIRS_LENGTHS_SIZE) {
		u32 name_length = get_unaligned_le32(lengths), value_length = get_unaligned_le32(lengths + 4);

		name = take_text(&text, end, name_length);
		value = name ? take_text(&text, end, value_length) : NULL;
		if (!value)
			return -EINVAL;
		err = hbk_map_append(map, name, name_length, value, value_length);
		if (err)
			return err;
	}
	return text == end ? 0 : -EINVAL;
}
