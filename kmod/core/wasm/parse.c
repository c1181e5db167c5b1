// SPDX-License-Identifier: GPL-2.0-only
#include "parse.h"
#include "body.h"
#include "sort.h"

#define PAUSE_ITEMS	1024	/* of a section, between two calls of the heap's yield() */

/**
 * struct parse - where parsing is
 * @module: being filled
 * @reader: in the section
 * @forbidden: features that are refused
 * @walk: through the function bodies, while in the code section
 * @begin: offset of the item being parsed
 */
struct parse {
	struct hbk_wasm_module *module;
	struct hbk_wasm_reader reader;
	u32 forbidden;
	struct hbk_wasm_walk *walk;
	u32 begin;
};

#define fail(parse, refusal, offset, ...) \
	hbk_wasm_reader_fail(&(parse)->reader, HBK_WASM_##refusal, offset, __VA_ARGS__)

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

static int reserved(struct parse *parse, int err)
{
	return err ? hbk_wasm_error_failed(parse->reader.error, err) : 0;
}

#define reserve(parse, array, room, count) \
	reserved(parse, hbk_wasm_array_reserve((parse)->module, array, room, count))

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

static int use(struct parse *parse, u32 features, const char *what, u32 offset)
{
	return hbk_wasm_feature_use(&parse->reader, parse->module, parse->forbidden, features, what, offset);
}

static u32 type_features(u8 type)
{
	if (type == HBK_WASM_F32 || type == HBK_WASM_F64)
		return HBK_WASM_FLOATS;
	return type == HBK_WASM_EXTERNREF ? HBK_WASM_REFERENCE_TYPES : 0;
}

static int read_type(struct parse *parse, u8 *type)
{
	int err;

	err = hbk_wasm_read_value_type(&parse->reader, type);
	return err ? err : use(parse, type_features(*type), hbk_wasm_value_type_name(*type), parse->reader.at - 1);
}

static int check_index(struct parse *parse, u32 index, u32 count, const char *what)
{
	if (index < count)
		return 0;
	return fail(parse, INVALID, parse->begin, "unknown %s %u: there are %u", what, index, count);
}

static int read_index(struct parse *parse, u32 count, const char *what, u32 *index)
{
	int err;

	err = hbk_wasm_read_u32(&parse->reader, index);
	return err ? err : check_index(parse, *index, count, what);
}

static int check_total(struct parse *parse, u32 total, u32 limit, const char *what)
{
	if (total <= limit)
		return 0;
	return fail(parse, LIMIT, parse->begin, "too many %s: %u, at most %u are allowed", what, total, limit);
}

/* Types */

static int read_types(struct parse *parse, u32 limit, const char *what, const u8 **types, u16 *count)
{
	u32 i, length = 0;
	u8 type = 0;
	int err;

	err = hbk_wasm_read_count(&parse->reader, limit, what, &length);
	*types = parse->reader.bytes + parse->reader.at;
	*count = length;
	for (i = 0; !err && i < length; i++)
		err = read_type(parse, &type);
	return err;
}

static int parse_type(struct parse *parse)
{
	struct hbk_wasm_type *type = &parse->module->types[parse->module->type_count];
	u8 form = 0;
	int err;

	err = hbk_wasm_read_u8(&parse->reader, &form);
	if (err)
		return err;
	if (form == 0x4e || form == 0x4f || form == 0x50 || form == 0x5e || form == 0x5f)
		return fail(parse, UNSUPPORTED, parse->begin,
			    "type form 0x%02x belongs to garbage collection, which is not supported", form);
	if (form != 0x60)
		return fail(parse, MALFORMED, parse->begin, "malformed type form 0x%02x", form);
	err = read_types(parse, HBK_WASM_PARAMS_MAX, "parameters", &type->params, &type->param_count);
	if (!err)
		err = read_types(parse, HBK_WASM_RESULTS_MAX, "results", &type->results, &type->result_count);
	if (!err && type->result_count > 1)
		err = use(parse, HBK_WASM_MULTI_VALUE, "a function type of several results", parse->begin);
	parse->module->type_count++;
	return err;
}

static int compare_types(const struct hbk_wasm_module *module, u32 a, u32 b)
{
	const struct hbk_wasm_type *first = &module->types[a], *second = &module->types[b];
	int order;

	if (first->param_count != second->param_count)
		return first->param_count < second->param_count ? -1 : 1;
	if (first->result_count != second->result_count)
		return first->result_count < second->result_count ? -1 : 1;
	order = memcmp(first->params, second->params, first->param_count);
	return order ? order : memcmp(first->results, second->results, first->result_count);
}

static int order_types(const struct hbk_wasm_module *module, u32 a, u32 b)
{
	int order = compare_types(module, a, b);

	return order ? order : a < b ? -1 : a > b;
}

/* Equal types become neighbours, and the first of them stands for all. */
static int finish_types(struct parse *parse)
{
	struct hbk_wasm_module *module = parse->module;
	struct hbk_wasm_heap *heap = module->heap;
	u32 i, canonical = 0, *sorted;

	if (!module->type_count)
		return 0;
	sorted = heap->allocate(heap, sizeof(*sorted) * module->type_count);
	if (!sorted)
		return reserved(parse, -ENOMEM);
	for (i = 0; i < module->type_count; i++)
		sorted[i] = i;
	hbk_wasm_sort(module, order_types, sorted, module->type_count);
	for (i = 0; i < module->type_count; i++) {
		if (!i || compare_types(module, canonical, sorted[i]))
			canonical = sorted[i];
		module->types[sorted[i]].canonical = canonical;
	}
	heap->release(heap, sorted, sizeof(*sorted) * module->type_count);
	return 0;
}

static int begin_types(struct parse *parse, u32 count)
{
	return reserve(parse, types, room_types, count);
}

/* What may be imported or defined */

static int add_function(struct parse *parse, u32 import)
{
	struct hbk_wasm_module *module = parse->module;
	u32 type = 0;
	int err;

	err = read_index(parse, module->type_count, "type", &type);
	if (!err)
		err = check_total(parse, module->function_count + 1, HBK_WASM_FUNCTIONS_MAX, "functions");
	if (!err)
		err = reserve(parse, functions, room_functions, module->function_count + 1);
	if (err)
		return err;
	module->functions[module->function_count++] = (struct hbk_wasm_function_def){
		.type = module->types[type].canonical,
		.import = import,
	};
	return 0;
}

/* Flags that limits may have if proposals are supported, by bit. */
static int check_limits_flags(struct parse *parse, u8 flags)
{
	if (flags < 2)
		return 0;
	if (flags < 8)
		return fail(parse, UNSUPPORTED, parse->begin, "limits flags 0x%02x belong to %s, which is not supported",
			    flags, flags & 4 ? "memory64" : "threads");
	return fail(parse, MALFORMED, parse->begin, "malformed limits flags 0x%02x", flags);
}

static int read_limits(struct parse *parse, struct hbk_wasm_limits *limits)
{
	u8 flags = 0;
	int err;

	err = hbk_wasm_read_u8(&parse->reader, &flags);
	if (!err)
		err = check_limits_flags(parse, flags);
	if (!err)
		err = hbk_wasm_read_u32(&parse->reader, &limits->minimum);
	limits->bounded = flags & 1;
	limits->maximum = HBK_WASM_NO_INDEX;
	if (!err && limits->bounded)
		err = hbk_wasm_read_u32(&parse->reader, &limits->maximum);
	if (!err && limits->minimum > limits->maximum)
		err = fail(parse, INVALID, parse->begin,
			   "size minimum must not be greater than maximum: expected at most %u, found %u",
			   limits->maximum, limits->minimum);
	return err;
}

static int add_table(struct parse *parse, u32 import)
{
	struct hbk_wasm_module *module = parse->module;
	struct hbk_wasm_table_def table = { .import = import };
	int err;

	err = hbk_wasm_read_reference_type(&parse->reader, &table.type);
	if (!err && (table.type == HBK_WASM_EXTERNREF || module->table_count))
		err = use(parse, HBK_WASM_REFERENCE_TYPES, "a second table, or one of externref", parse->begin);
	if (!err)
		err = read_limits(parse, &table.limits);
	if (!err)
		err = check_total(parse, module->table_count + 1, HBK_WASM_TABLES_MAX, "tables");
	if (!err)
		err = check_total(parse, table.limits.minimum, HBK_WASM_TABLE_SIZE_MAX, "elements in a table");
	if (!err)
		err = reserve(parse, tables, room_tables, module->table_count + 1);
	if (!err)
		module->tables[module->table_count++] = table;
	return err;
}

static int check_pages(struct parse *parse, const struct hbk_wasm_limits *limits)
{
	if (limits->minimum > HBK_WASM_PAGES_SPEC || (limits->bounded && limits->maximum > HBK_WASM_PAGES_SPEC))
		return fail(parse, INVALID, parse->begin, "memory size must be at most %u pages (4GiB)",
			    HBK_WASM_PAGES_SPEC);
	return check_total(parse, limits->minimum, HBK_WASM_MEMORY_PAGES_MAX, "pages of memory");
}

static int add_memory(struct parse *parse, u32 import)
{
	struct hbk_wasm_module *module = parse->module;
	struct hbk_wasm_memory_def memory = { .import = import };
	int err;

	if (module->memory_count == HBK_WASM_MEMORIES_MAX)
		return fail(parse, UNSUPPORTED, parse->begin,
			    "multiple memories: a second one belongs to multi-memory, which is not supported");
	err = read_limits(parse, &memory.limits);
	if (!err)
		err = check_pages(parse, &memory.limits);
	if (!err)
		err = reserve(parse, memories, room_memories, module->memory_count + 1);
	if (!err)
		module->memories[module->memory_count++] = memory;
	return err;
}

static int read_global_type(struct parse *parse, struct hbk_wasm_global_def *global)
{
	u8 mutable = 0;
	int err;

	err = read_type(parse, &global->type);
	if (!err && global->type == HBK_WASM_FUNCREF)
		err = use(parse, HBK_WASM_REFERENCE_TYPES, "a global of funcref", parse->begin);
	if (!err)
		err = hbk_wasm_read_u8(&parse->reader, &mutable);
	if (!err && mutable > 1)
		err = fail(parse, MALFORMED, parse->reader.at - 1, "malformed mutability 0x%02x", mutable);
	global->mutable = mutable;
	return err;
}

static int add_global(struct parse *parse, const struct hbk_wasm_global_def *global)
{
	struct hbk_wasm_module *module = parse->module;
	int err;

	err = check_total(parse, module->global_count + 1, HBK_WASM_GLOBALS_MAX, "globals");
	if (!err)
		err = reserve(parse, globals, room_globals, module->global_count + 1);
	if (!err)
		module->globals[module->global_count++] = *global;
	return err;
}

/* Imports */

static int import_global(struct parse *parse, u32 import)
{
	struct hbk_wasm_global_def global = { .import = import };
	int err;

	err = read_global_type(parse, &global);
	if (!err && global.mutable)
		err = use(parse, HBK_WASM_MUTABLE_GLOBALS, "the import of a mutable global", parse->begin);
	return err ? err : add_global(parse, &global);
}

static u32 kind_count(const struct hbk_wasm_module *module, u8 kind)
{
	const u32 counts[HBK_WASM_KIND_COUNT] = {
		[HBK_WASM_KIND_FUNCTION] = module->function_count,
		[HBK_WASM_KIND_TABLE] = module->table_count,
		[HBK_WASM_KIND_MEMORY] = module->memory_count,
		[HBK_WASM_KIND_GLOBAL] = module->global_count,
	};

	return counts[kind];
}

static int read_kind(struct parse *parse, const char *what, u8 *kind)
{
	int err;

	err = hbk_wasm_read_u8(&parse->reader, kind);
	if (err)
		return err;
	if (*kind == HBK_WASM_KIND_COUNT)
		return fail(parse, UNSUPPORTED, parse->begin, "%s kind 4 belongs to exceptions, which is not supported",
			    what);
	if (*kind > HBK_WASM_KIND_COUNT)
		return fail(parse, MALFORMED, parse->begin, "malformed %s kind 0x%02x", what, *kind);
	return 0;
}

static int read_item_name(struct parse *parse, struct hbk_wasm_name *name)
{
	u32 begin = parse->reader.at;
	int err;

	err = hbk_wasm_read_name(&parse->reader, name);
	if (!err && name->length > HBK_WASM_NAME_MAX)
		err = fail(parse, LIMIT, begin, "name too long: %u bytes, at most %u are allowed", name->length,
			   HBK_WASM_NAME_MAX);
	return err;
}

static int parse_import(struct parse *parse)
{
	static int (*const add[HBK_WASM_KIND_COUNT])(struct parse *parse, u32 import) = {
		[HBK_WASM_KIND_FUNCTION] = add_function,
		[HBK_WASM_KIND_TABLE] = add_table,
		[HBK_WASM_KIND_MEMORY] = add_memory,
		[HBK_WASM_KIND_GLOBAL] = import_global,
	};
	struct hbk_wasm_module *module = parse->module;
	struct hbk_wasm_import *import = &module->imports[module->import_count];
	int err;

	err = read_item_name(parse, &import->module);
	if (!err)
		err = read_item_name(parse, &import->name);
	if (!err)
		err = read_kind(parse, "import", &import->kind);
	if (err)
		return err;
	import->index = kind_count(module, import->kind);
	module->import_counts[import->kind]++;
	return add[import->kind](parse, module->import_count++);
}

static int begin_imports(struct parse *parse, u32 count)
{
	return reserve(parse, imports, room_imports, count);
}

/* Definitions */

static int begin_functions(struct parse *parse, u32 count)
{
	return reserve(parse, functions, room_functions, parse->module->function_count + count);
}

static int parse_function(struct parse *parse)
{
	return add_function(parse, HBK_WASM_NO_INDEX);
}

static int parse_table(struct parse *parse)
{
	return add_table(parse, HBK_WASM_NO_INDEX);
}

static int parse_memory(struct parse *parse)
{
	return add_memory(parse, HBK_WASM_NO_INDEX);
}

/* Constant expressions */

static int refer_global(struct parse *parse, struct hbk_wasm_constant *constant)
{
	const struct hbk_wasm_global_def *global;
	u32 index = 0;
	int err;

	err = read_index(parse, parse->module->import_counts[HBK_WASM_KIND_GLOBAL], "global", &index);
	if (err)
		return err;
	global = &parse->module->globals[index];
	if (global->mutable)
		return fail(parse, INVALID, parse->begin, "constant expression required: global %u is mutable", index);
	constant->bits = index;
	constant->type = global->type;
	return 0;
}

static int refer_function(struct parse *parse, struct hbk_wasm_constant *constant)
{
	u32 index = 0;
	int err;

	err = read_index(parse, parse->module->function_count, "function", &index);
	if (err)
		return err;
	parse->module->functions[index].referenced = true;
	constant->bits = index;
	constant->type = HBK_WASM_FUNCREF;
	return 0;
}

static int read_float(struct parse *parse, u32 length, struct hbk_wasm_constant *constant)
{
	const u8 *bytes = NULL;
	int err;

	constant->type = length == 4 ? HBK_WASM_F32 : HBK_WASM_F64;
	err = hbk_wasm_read_bytes(&parse->reader, length, &bytes);
	if (!err)
		constant->bits = length == 4 ? get_unaligned_le32(bytes) : get_unaligned_le64(bytes);
	return err ? err : use(parse, HBK_WASM_FLOATS, "a constant", parse->begin);
}

static int read_null(struct parse *parse, struct hbk_wasm_constant *constant)
{
	int err;

	err = hbk_wasm_read_reference_type(&parse->reader, &constant->type);
	constant->bits = constant->type;
	return err ? err : use(parse, HBK_WASM_REFERENCE_TYPES, "ref.null", parse->begin);
}

static int fail_constant(struct parse *parse, u8 op)
{
	const struct hbk_wasm_opcode *opcode = hbk_wasm_opcode_find(op);
	const char *proposal = hbk_wasm_opcode_proposal(op);

	if ((op >= 0x6a && op <= 0x6c) || (op >= 0x7c && op <= 0x7e))
		return fail(parse, UNSUPPORTED, parse->begin,
			    "constant expression required: %s belongs to extended constant expressions, which is not supported",
			    opcode->name);
	if (proposal)
		return fail(parse, UNSUPPORTED, parse->begin, "opcode 0x%02x belongs to %s, which is not supported", op,
			    proposal);
	if (!opcode && op != HBK_WASM_PREFIX >> 8)
		return fail(parse, MALFORMED, parse->begin, "illegal opcode 0x%02x", op);
	return fail(parse, INVALID, parse->begin, "constant expression required: found %s",
		    opcode ? opcode->name : "opcode 0xfc");
}

/* One instruction of a constant expression, its opcode already read. */
static int read_constant_op(struct parse *parse, u8 op, struct hbk_wasm_constant *constant)
{
	u32 narrow = 0;
	int err;

	constant->op = op;
	switch (op) {
	case HBK_WASM_OP_I32_CONST:
		err = hbk_wasm_read_s32(&parse->reader, &narrow);
		constant->type = HBK_WASM_I32;
		constant->bits = narrow;
		return err;
	case HBK_WASM_OP_I64_CONST:
		constant->type = HBK_WASM_I64;
		return hbk_wasm_read_s64(&parse->reader, &constant->bits);
	case HBK_WASM_OP_F32_CONST:
		return read_float(parse, 4, constant);
	case HBK_WASM_OP_F64_CONST:
		return read_float(parse, 8, constant);
	case HBK_WASM_OP_GLOBAL_GET:
		return refer_global(parse, constant);
	case HBK_WASM_OP_REF_NULL:
		return read_null(parse, constant);
	case HBK_WASM_OP_REF_FUNC:
		return refer_function(parse, constant);
	default:
		return fail_constant(parse, op);
	}
}

/* A constant expression that yields a @type: one instruction and an `end`. */
static int read_constant(struct parse *parse, u8 type, struct hbk_wasm_constant *constant)
{
	u32 count;
	u8 op = 0;
	int err;

	constant->type = HBK_WASM_ANY;
	for (count = 0;; count++) {
		parse->begin = parse->reader.at;
		err = hbk_wasm_read_u8(&parse->reader, &op);
		if (err)
			return err;
		if (op == HBK_WASM_OP_END)
			break;
		err = read_constant_op(parse, op, constant);
		if (err)
			return err;
	}
	if (count == 1 && constant->type == type)
		return 0;
	if (count > 1)
		return fail(parse, INVALID, parse->begin,
			    "type mismatch in constant expression: expected one %s, found %u values",
			    hbk_wasm_value_type_name(type), count);
	return fail(parse, INVALID, parse->begin, "type mismatch in constant expression: expected %s, found %s",
		    hbk_wasm_value_type_name(type), count ? hbk_wasm_value_type_name(constant->type) : "nothing");
}

static int begin_globals(struct parse *parse, u32 count)
{
	return reserve(parse, globals, room_globals, parse->module->global_count + count);
}

static int parse_global(struct parse *parse)
{
	struct hbk_wasm_global_def global = { .import = HBK_WASM_NO_INDEX };
	int err;

	err = read_global_type(parse, &global);
	if (!err)
		err = read_constant(parse, global.type, &global.value);
	return err ? err : add_global(parse, &global);
}

/* Exports and start */

static int begin_exports(struct parse *parse, u32 count)
{
	struct hbk_wasm_heap *heap = parse->module->heap;
	int err;

	err = reserve(parse, exports, room_exports, count);
	if (err || !count)
		return err;
	parse->module->sorted_exports = heap->allocate(heap, sizeof(u32) * parse->module->room_exports);
	return parse->module->sorted_exports ? 0 : reserved(parse, -ENOMEM);
}

static int parse_export(struct parse *parse)
{
	struct hbk_wasm_module *module = parse->module;
	struct hbk_wasm_export *export = &module->exports[module->export_count];
	int err;

	err = read_item_name(parse, &export->name);
	if (!err)
		err = read_kind(parse, "export", &export->kind);
	if (!err)
		err = read_index(parse, kind_count(module, export->kind), hbk_wasm_kind_name(export->kind),
				 &export->index);
	if (err)
		return err;
	if (export->kind == HBK_WASM_KIND_FUNCTION) {
		module->functions[export->index].exported = true;
		module->functions[export->index].referenced = true;
	}
	if (export->kind == HBK_WASM_KIND_GLOBAL && module->globals[export->index].mutable)
		err = use(parse, HBK_WASM_MUTABLE_GLOBALS, "the export of a mutable global", parse->begin);
	module->sorted_exports[module->export_count] = module->export_count;
	module->export_count++;
	return err;
}

static int order_exports(const struct hbk_wasm_module *module, u32 a, u32 b)
{
	return hbk_wasm_name_compare(&module->exports[a].name, &module->exports[b].name);
}

#define SHOWN_NAME	64	/* bytes of a name in an error */

static int finish_exports(struct parse *parse)
{
	const struct hbk_wasm_module *module = parse->module;
	const struct hbk_wasm_name *name;
	u32 i;

	hbk_wasm_sort(module, order_exports, module->sorted_exports, module->export_count);
	for (i = 1; i < module->export_count; i++) {
		if (order_exports(module, module->sorted_exports[i - 1], module->sorted_exports[i]))
			continue;
		name = &module->exports[module->sorted_exports[i]].name;
		return fail(parse, INVALID, (const u8 *)name->text - module->bytes, "duplicate export name \"%.*s\"",
			    (int)(name->length < SHOWN_NAME ? name->length : SHOWN_NAME), name->text);
	}
	return 0;
}

static int parse_start(struct parse *parse)
{
	struct hbk_wasm_module *module = parse->module;
	const struct hbk_wasm_type *type;
	int err;

	parse->begin = parse->reader.at;
	err = read_index(parse, module->function_count, "function", &module->start);
	if (err)
		return err;
	type = hbk_wasm_function_type(module, module->start);
	if (type->param_count || type->result_count)
		return fail(parse, INVALID, parse->begin,
			    "start function %u must have no parameters and no results, it has %u and %u",
			    module->start, type->param_count, type->result_count);
	return 0;
}

/* Elements */

static int begin_elements(struct parse *parse, u32 count)
{
	return reserve(parse, element_segments, room_element_segments, count);
}

static int read_element(struct parse *parse, u8 type, bool expression, u32 *element)
{
	struct hbk_wasm_constant constant = { 0 };
	int err;

	parse->begin = parse->reader.at;
	err = expression ? read_constant(parse, type, &constant) : refer_function(parse, &constant);
	*element = constant.bits;
	if (constant.op == HBK_WASM_OP_REF_NULL)
		*element = HBK_WASM_ELEMENT_NULL;
	if (constant.op == HBK_WASM_OP_GLOBAL_GET)
		*element |= HBK_WASM_ELEMENT_GLOBAL;
	return err;
}

static int read_elements(struct parse *parse, struct hbk_wasm_element_segment *segment, bool expressions)
{
	struct hbk_wasm_module *module = parse->module;
	u32 i;
	int err;

	err = hbk_wasm_read_count(&parse->reader, HBK_WASM_ELEMENTS_MAX, "elements", &segment->count);
	if (!err)
		err = check_total(parse, module->element_count + segment->count, HBK_WASM_ELEMENTS_MAX,
				  "elements of all segments");
	if (!err)
		err = reserve(parse, elements, room_elements, module->element_count + segment->count);
	segment->first = module->element_count;
	for (i = 0; !err && i < segment->count; i++)
		err = read_element(parse, segment->type, expressions, &module->elements[module->element_count++]);
	return err;
}

/* The bits of an element segment's first number. */
#define SEGMENT_NOT_ACTIVE	1
#define SEGMENT_EXPLICIT	2	/* of an active one: its table is named; of others: it is only declared */
#define SEGMENT_EXPRESSIONS	4

/* Where an active segment goes. */
static int read_element_target(struct parse *parse, struct hbk_wasm_element_segment *segment, u32 flags)
{
	int err = 0;

	if (flags & SEGMENT_EXPLICIT)
		err = hbk_wasm_read_u32(&parse->reader, &segment->table);
	if (!err)
		err = check_index(parse, segment->table, parse->module->table_count, "table");
	if (!err && segment->table)
		err = use(parse, HBK_WASM_REFERENCE_TYPES, "a second table", parse->begin);
	return err ? err : read_constant(parse, HBK_WASM_I32, &segment->offset);
}

static int read_element_type(struct parse *parse, struct hbk_wasm_element_segment *segment, u32 flags)
{
	u8 kind = 0;
	int err;

	segment->type = HBK_WASM_FUNCREF;
	if (!(flags & (SEGMENT_NOT_ACTIVE | SEGMENT_EXPLICIT)))
		return 0;
	if (flags & SEGMENT_EXPRESSIONS)
		return hbk_wasm_read_reference_type(&parse->reader, &segment->type);
	err = hbk_wasm_read_u8(&parse->reader, &kind);
	if (!err && kind)
		err = fail(parse, MALFORMED, parse->reader.at - 1, "malformed element kind 0x%02x", kind);
	return err;
}

static u8 element_mode(u32 flags)
{
	if (!(flags & SEGMENT_NOT_ACTIVE))
		return HBK_WASM_ACTIVE;
	return flags & SEGMENT_EXPLICIT ? HBK_WASM_DECLARED : HBK_WASM_PASSIVE;
}

static int parse_element(struct parse *parse)
{
	struct hbk_wasm_module *module = parse->module;
	struct hbk_wasm_element_segment *segment = &module->element_segments[module->element_segment_count];
	u32 flags = 0, begin = parse->begin;
	int err;

	err = hbk_wasm_read_u32(&parse->reader, &flags);
	if (!err && flags > 7)
		err = fail(parse, MALFORMED, begin, "malformed elements segment kind %u", flags);
	if (!err && flags)
		err = use(parse, flags & SEGMENT_EXPRESSIONS ? HBK_WASM_REFERENCE_TYPES : HBK_WASM_BULK_MEMORY,
			  "an element segment", begin);
	segment->mode = element_mode(flags);
	if (!err && segment->mode == HBK_WASM_ACTIVE)
		err = read_element_target(parse, segment, flags);
	if (!err)
		err = read_element_type(parse, segment, flags);
	if (!err && segment->mode == HBK_WASM_ACTIVE && module->tables[segment->table].type != segment->type)
		err = fail(parse, INVALID, begin, "type mismatch in element segment: expected %s, found %s",
			   hbk_wasm_value_type_name(module->tables[segment->table].type),
			   hbk_wasm_value_type_name(segment->type));
	if (!err)
		err = read_elements(parse, segment, flags & SEGMENT_EXPRESSIONS);
	module->element_segment_count++;
	return err;
}

/* Data */

/* A count past the limit must not be kept: the highest of them would say that there is none. */
static int parse_data_count(struct parse *parse)
{
	u32 count;
	int err;

	parse->begin = parse->reader.at;
	err = hbk_wasm_read_u32(&parse->reader, &count);
	if (!err)
		err = check_total(parse, count, HBK_WASM_DATA_SEGMENTS_MAX, "data segments");
	if (!err)
		parse->module->data_count = count;
	return err;
}

static int begin_data(struct parse *parse, u32 count)
{
	u32 declared = parse->module->data_count;

	if (declared != HBK_WASM_NO_INDEX && declared != count)
		return fail(parse, MALFORMED, parse->reader.at,
			    "data count and data section have inconsistent lengths: expected %u, found %u", declared,
			    count);
	return reserve(parse, data_segments, room_data_segments, count);
}

static int read_data_target(struct parse *parse, struct hbk_wasm_data_segment *segment, u32 flags)
{
	u32 memory = 0;
	int err = 0;

	if (flags == 2)
		err = hbk_wasm_read_u32(&parse->reader, &memory);
	if (!err)
		err = check_index(parse, memory, parse->module->memory_count, "memory");
	return err ? err : read_constant(parse, HBK_WASM_I32, &segment->offset);
}

static int parse_data(struct parse *parse)
{
	struct hbk_wasm_module *module = parse->module;
	struct hbk_wasm_data_segment *segment = &module->data_segments[module->data_segment_count];
	u32 flags = 0;
	int err;

	err = hbk_wasm_read_u32(&parse->reader, &flags);
	if (!err && flags > 2)
		err = fail(parse, MALFORMED, parse->begin, "malformed data segment kind %u", flags);
	if (!err && flags)
		err = use(parse, HBK_WASM_BULK_MEMORY, "a data segment", parse->begin);
	segment->mode = flags == 1 ? HBK_WASM_PASSIVE : HBK_WASM_ACTIVE;
	if (!err && segment->mode == HBK_WASM_ACTIVE)
		err = read_data_target(parse, segment, flags);
	if (!err)
		err = hbk_wasm_read_u32(&parse->reader, &segment->length);
	if (!err)
		err = hbk_wasm_read_bytes(&parse->reader, segment->length, &segment->bytes);
	module->data_segment_count++;
	return err;
}

/* Code */

static u32 own_functions(const struct hbk_wasm_module *module)
{
	return module->function_count - module->import_counts[HBK_WASM_KIND_FUNCTION];
}

static int begin_code(struct parse *parse, u32 count)
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

static int parse_code(struct parse *parse)
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

/* Sections */

/**
 * struct section - one of the kinds of section
 * @name: for errors
 * @order: sections come in this order; 0 if there is no such section
 * @limit: how many items it may have
 * @begin: told how many items follow; NULL if nobody needs to know
 * @item: parses one
 * @finish: after the last one; NULL if there is nothing to do
 * @single: the section is one item, without a count
 */
struct section {
	const char *name;
	u32 order;
	u32 limit;
	int (*begin)(struct parse *parse, u32 count);
	int (*item)(struct parse *parse);
	int (*finish)(struct parse *parse);
	bool single;
};

static const struct section sections[] = {
	[1] = { "types", 1, HBK_WASM_TYPES_MAX, begin_types, parse_type, finish_types },
	[2] = { "imports", 2, HBK_WASM_IMPORTS_MAX, begin_imports, parse_import },
	[3] = { "functions", 3, HBK_WASM_FUNCTIONS_MAX, begin_functions, parse_function },
	[4] = { "tables", 4, HBK_WASM_TABLES_MAX, NULL, parse_table },
	/* Not limited to one here: add_memory() refuses a second one by name. */
	[5] = { "memories", 5, HBK_WASM_IMPORTS_MAX, NULL, parse_memory },
	[6] = { "globals", 6, HBK_WASM_GLOBALS_MAX, begin_globals, parse_global },
	[7] = { "exports", 7, HBK_WASM_EXPORTS_MAX, begin_exports, parse_export, finish_exports },
	[8] = { .name = "start", .order = 8, .item = parse_start, .single = true },
	[9] = { "element segments", 9, HBK_WASM_ELEMENT_SEGMENTS_MAX, begin_elements, parse_element },
	[10] = { "function bodies", 11, HBK_WASM_FUNCTIONS_MAX, begin_code, parse_code },
	[11] = { "data segments", 12, HBK_WASM_DATA_SEGMENTS_MAX, begin_data, parse_data },
	[12] = { .name = "data count", .order = 10, .item = parse_data_count, .single = true },
};

#define SECTION_CUSTOM	0
#define SECTION_CODE	10
#define SECTION_TAG	13

static int pause(struct parse *parse)
{
	struct hbk_wasm_heap *heap = parse->module->heap;

	return reserved(parse, heap->yield ? heap->yield(heap) : 0);
}

static int parse_items(struct parse *parse, const struct section *section)
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

static int parse_custom(struct parse *parse)
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

static int check_section(struct parse *parse, u8 id, u32 size, u32 *order)
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
	if (sections[id].order <= *order)
		return fail(parse, MALFORMED, parse->begin,
			    "unexpected content after last section: section %u (%s) is out of order or there twice", id,
			    sections[id].name);
	*order = sections[id].order;
	if (id == SECTION_CODE) {
		parse->module->code_size = size;
		return check_total(parse, size, HBK_WASM_CODE_MAX, "bytes of code");
	}
	return 0;
}

static int parse_content(struct parse *parse, u8 id)
{
	const struct section *section = &sections[id];
	int err;

	if (id == SECTION_CUSTOM)
		return parse_custom(parse);
	err = section->single ? section->item(parse) : parse_items(parse, section);
	hbk_wasm_walk_free(parse->walk);
	parse->walk = NULL;
	return err;
}

static int read_section(struct parse *parse, u8 *id, u32 *size)
{
	int err;

	parse->begin = parse->reader.at;
	err = hbk_wasm_read_u8(&parse->reader, id);
	return err ? err : hbk_wasm_read_u32(&parse->reader, size);
}

/* Looks at the sections from outside, before anything in them is judged. */
static int scan_sections(struct parse *parse)
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

static int parse_section(struct parse *parse)
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
			   hbk_wasm_reader_left(reader), sections[id].name);
	reader->end = end;
	return err ? err : pause(parse);
}

static int parse_header(struct parse *parse)
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
static int check_absent(struct parse *parse)
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
	struct parse parse = {
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
