// SPDX-License-Identifier: GPL-2.0-only
#include "parser.h"
#include "body.h"

#define PAUSE_ITEMS	1024	/* of a section, between two calls of the heap's yield() */

/**
 * hbk_wasm_items_reserve() - make room in an array
 * @heap: where it is from
 * @items: the array, NULL if @room is 0
 * @room: for so many items; updated
 * @count: items that there must be room for
 * @size: of an item
 *
 * Room at least doubles, so that adding items one by one is not slow.
 *
 * Return: the array, or NULL if there is no memory or nothing was asked for.
 */
void *hbk_wasm_items_reserve(struct hbk_wasm_heap *heap, void *items, u32 *room, u32 count, size_t size)
{
	u32 wanted = count > *room * 2 ? count : *room * 2;

	if (count <= *room)
		return items;
	items = heap->resize(heap, items, *room * size, wanted * size);
	if (items)
		*room = wanted;
	return items;
}

/**
 * hbk_wasm_feature_use() - note that the module uses features
 * @reader: where
 * @module: being validated
 * @forbidden: features that are refused
 * @features: that it uses there
 * @what: uses them, for the fault
 * @offset: of that
 *
 * Return: 0, or the negative errno of the fault if one is forbidden.
 */
int hbk_wasm_feature_use(const struct hbk_wasm_reader *reader, struct hbk_wasm_module *module, u32 forbidden,
			 u32 features, const char *what, u32 offset)
{
	u32 refused = features & forbidden;

	module->features |= features;
	if (!refused)
		return 0;
	return hbk_wasm_reader_fail(reader, HBK_WASM_UNSUPPORTED, offset, "%s needs %s, which is forbidden here", what,
				    hbk_wasm_feature_name(refused & -refused));
}

/* Code */

static u32 own_functions(const struct hbk_wasm_module *module)
{
	return module->function_count - module->import_counts[HBK_WASM_KIND_FUNCTION];
}

static int begin_code(struct hbk_wasm_parse *parse, u32 count)
{
	if (count != own_functions(parse->module))
		return fail(parse, MALFORMED, parse->reader.at,
			    "function and code section have inconsistent lengths: expected %u, found %u",
			    own_functions(parse->module), count);
	parse->walk = hbk_wasm_walk_new(parse->module, parse->reader.error);
	if (!parse->walk)
		return -ENOMEM;
	parse->walk->draft = parse->module;
	parse->walk->forbidden = parse->forbidden;
	parse->walk->body.function = parse->module->import_counts[HBK_WASM_KIND_FUNCTION];
	return 0;
}

static int parse_code(struct hbk_wasm_parse *parse)
{
	u32 index = parse->walk->body.function;
	struct hbk_wasm_function_def *function = &parse->module->functions[index];
	const u8 *body;
	int err;

	err = hbk_wasm_read_u32(&parse->reader, &function->length);
	if (!err)
		err = check_total(parse, function->length, HBK_WASM_BODY_MAX, "bytes in a function");
	function->offset = parse->reader.at;
	if (!err)
		err = hbk_wasm_read_bytes(&parse->reader, function->length, &body);
	if (!err)
		err = hbk_wasm_walk_function(parse->walk, index);
	parse->walk->body.function = index + 1;
	return err;
}

const struct hbk_wasm_section hbk_wasm_section_code = {
	.name = "function bodies",
	.order = 11,
	.limit = HBK_WASM_FUNCTIONS_MAX,
	.begin = begin_code,
	.item = parse_code,
};

/* Sections */

static const struct hbk_wasm_section *const sections[] = {
	[1] = &hbk_wasm_section_types,
	[2] = &hbk_wasm_section_imports,
	[3] = &hbk_wasm_section_functions,
	[4] = &hbk_wasm_section_tables,
	[5] = &hbk_wasm_section_memories,
	[6] = &hbk_wasm_section_globals,
	[7] = &hbk_wasm_section_exports,
	[8] = &hbk_wasm_section_start,
	[9] = &hbk_wasm_section_elements,
	[10] = &hbk_wasm_section_code,
	[11] = &hbk_wasm_section_data,
	[12] = &hbk_wasm_section_data_count,
};

#define SECTION_CUSTOM	0
#define SECTION_CODE	10
#define SECTION_TAG	13

static int pause(struct hbk_wasm_parse *parse)
{
	struct hbk_wasm_heap *heap = parse->module->heap;

	return reserved(parse, heap->yield ? heap->yield(heap) : 0);
}

static int parse_items(struct hbk_wasm_parse *parse, const struct hbk_wasm_section *section)
{
	u32 i, count = 0;
	int err;

	parse->begin = parse->reader.at;
	err = hbk_wasm_read_count(&parse->reader, section->limit, section->name, &count);
	if (!err && section->begin)
		err = section->begin(parse, count);
	for (i = 0; !err && i < count; i++) {
		parse->begin = parse->reader.at;
		err = section->item(parse);
		if (!err && i % PAUSE_ITEMS == PAUSE_ITEMS - 1)
			err = pause(parse);
	}
	if (!err && section->finish)
		err = section->finish(parse);
	return err;
}

static int parse_custom(struct hbk_wasm_parse *parse)
{
	struct hbk_wasm_reader *reader = &parse->reader;
	struct hbk_wasm_name name = { 0 };
	int err;

	err = hbk_wasm_read_name(reader, &name);
	if (err)
		return err;
	if (name.length == 4 && !memcmp(name.text, "name", 4)) {
		parse->module->names.text = (const char *)reader->bytes + reader->at;
		parse->module->names.length = hbk_wasm_reader_left(reader);
	}
	reader->at = reader->end;
	return 0;
}

static int check_section(struct hbk_wasm_parse *parse, u8 id, u32 size, u32 *order)
{
	if (id == SECTION_TAG)
		return fail(parse, UNSUPPORTED, parse->begin,
			    "section 13 (tags) belongs to exceptions, which is not supported");
	if (id >= sizeof(sections) / sizeof(sections[0]))
		return fail(parse, MALFORMED, parse->begin, "malformed section id %u", id);
	if (size > hbk_wasm_reader_left(&parse->reader))
		return fail(parse, MALFORMED, parse->begin,
			    "unexpected end: length out of bounds: section %u has %u bytes, %u are left", id, size,
			    hbk_wasm_reader_left(&parse->reader));
	if (id == SECTION_CUSTOM)
		return 0;
	if (sections[id]->order <= *order)
		return fail(parse, MALFORMED, parse->begin,
			    "unexpected content after last section: section %u (%s) is out of order or there twice", id,
			    sections[id]->name);
	*order = sections[id]->order;
	if (id == SECTION_CODE) {
		parse->module->code_size = size;
		return check_total(parse, size, HBK_WASM_CODE_MAX, "bytes of code");
	}
	return 0;
}

static int parse_content(struct hbk_wasm_parse *parse, u8 id)
{
	const struct hbk_wasm_section *section = sections[id];
	int err;

	if (id == SECTION_CUSTOM)
		return parse_custom(parse);
	err = section->single ? section->item(parse) : parse_items(parse, section);
	hbk_wasm_walk_free(parse->walk);
	parse->walk = NULL;
	return err;
}

static int read_section(struct hbk_wasm_parse *parse, u8 *id, u32 *size)
{
	int err;

	parse->begin = parse->reader.at;
	err = hbk_wasm_read_u8(&parse->reader, id);
	return err ? err : hbk_wasm_read_u32(&parse->reader, size);
}

/* Looks at the sections from outside, before anything in them is judged. */
static int scan_sections(struct hbk_wasm_parse *parse)
{
	struct hbk_wasm_reader *reader = &parse->reader;
	u32 size = 0, order = 0, begin = reader->at;
	u8 id = 0;
	int err = 0;

	while (!err && hbk_wasm_reader_left(reader)) {
		err = read_section(parse, &id, &size);
		if (!err)
			err = check_section(parse, id, size, &order);
		if (!err)
			reader->at += size;
	}
	reader->at = begin;
	return err;
}

static int parse_section(struct hbk_wasm_parse *parse)
{
	struct hbk_wasm_reader *reader = &parse->reader;
	u32 size = 0, end = reader->end;
	u8 id = 0;
	int err;

	err = read_section(parse, &id, &size);
	if (err)
		return err;
	reader->end = reader->at + size;
	err = parse_content(parse, id);
	if (!err && hbk_wasm_reader_left(reader))
		err = fail(parse, MALFORMED, reader->at, "section size mismatch: %u bytes after the last of the %s",
			   hbk_wasm_reader_left(reader), sections[id]->name);
	reader->end = end;
	return err ? err : pause(parse);
}

static int parse_header(struct hbk_wasm_parse *parse)
{
	static const u8 magic[4] = { 0, 'a', 's', 'm' };
	const u8 *bytes = NULL;
	int err;

	err = hbk_wasm_read_bytes(&parse->reader, 4, &bytes);
	if (err)
		return err;
	if (memcmp(bytes, magic, 4))
		return fail(parse, MALFORMED, 0, "magic header not detected");
	err = hbk_wasm_read_bytes(&parse->reader, 4, &bytes);
	if (err)
		return err;
	if (get_unaligned_le16(bytes + 2) == 1)
		return fail(parse, UNSUPPORTED, 4, "a component, which is not supported: expected a module");
	if (get_unaligned_le32(bytes) != 1)
		return fail(parse, MALFORMED, 4, "unknown binary version: expected 1, found %u",
			    get_unaligned_le32(bytes));
	return 0;
}

/* What a section that is not there leaves wrong. */
static int check_absent(struct hbk_wasm_parse *parse)
{
	const struct hbk_wasm_module *module = parse->module;

	if (!module->code_size && own_functions(module))
		return fail(parse, MALFORMED, parse->reader.at,
			    "function and code section have inconsistent lengths: expected %u, found none",
			    own_functions(module));
	if (module->data_count != HBK_WASM_NO_INDEX && module->data_count != module->data_segment_count)
		return fail(parse, MALFORMED, parse->reader.at,
			    "data count and data section have inconsistent lengths: expected %u, found %u",
			    module->data_count, module->data_segment_count);
	return 0;
}

/**
 * hbk_wasm_module_parse() - parse and check a module
 * @module: its bytes, size and heap are set, all else is zero; filled
 * @forbidden: features that are refused
 * @error: where the first fault is told, or NULL
 *
 * Return: 0, or the negative errno of the fault; the module is then half filled, and to be freed.
 */
int hbk_wasm_module_parse(struct hbk_wasm_module *module, u32 forbidden, struct hbk_wasm_error *error)
{
	struct hbk_wasm_parse parse = {
		.module = module,
		.forbidden = forbidden,
		.reader = {
			.bytes = module->bytes,
			.end = module->size,
			.function = HBK_WASM_NO_INDEX,
			.error = error,
		},
	};
	int err;

	module->start = HBK_WASM_NO_INDEX;
	module->data_count = HBK_WASM_NO_INDEX;
	err = parse_header(&parse);
	if (!err)
		err = scan_sections(&parse);
	while (!err && hbk_wasm_reader_left(&parse.reader))
		err = parse_section(&parse);
	return err ? err : check_absent(&parse);
}
