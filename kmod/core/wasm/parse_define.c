// SPDX-License-Identifier: GPL-2.0-only
/* The sections that say what a module has, imports and exports. */
#include "parser.h"
#include "sort.h"

/* Types */

static int read_types(struct hbk_wasm_parse *parse, u32 limit, const char *what, const u8 **types, u16 *count)
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

static int parse_type(struct hbk_wasm_parse *parse)
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
static int finish_types(struct hbk_wasm_parse *parse)
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

static int begin_types(struct hbk_wasm_parse *parse, u32 count)
{
	return reserve(parse, types, room_types, count);
}

const struct hbk_wasm_section hbk_wasm_section_types = {
	.name = "types",
	.order = 1,
	.limit = HBK_WASM_TYPES_MAX,
	.begin = begin_types,
	.item = parse_type,
	.finish = finish_types,
};

/* What may be imported or defined */

static int add_function(struct hbk_wasm_parse *parse, u32 import)
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
static int check_limits_flags(struct hbk_wasm_parse *parse, u8 flags)
{
	if (flags < 2)
		return 0;
	if (flags < 8)
		return fail(parse, UNSUPPORTED, parse->begin, "limits flags 0x%02x belong to %s, which is not supported",
			    flags, flags & 4 ? "memory64" : "threads");
	return fail(parse, MALFORMED, parse->begin, "malformed limits flags 0x%02x", flags);
}

static int read_limits(struct hbk_wasm_parse *parse, struct hbk_wasm_limits *limits)
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

static int add_table(struct hbk_wasm_parse *parse, u32 import)
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

static int check_pages(struct hbk_wasm_parse *parse, const struct hbk_wasm_limits *limits)
{
	if (limits->minimum > HBK_WASM_PAGES_SPEC || (limits->bounded && limits->maximum > HBK_WASM_PAGES_SPEC))
		return fail(parse, INVALID, parse->begin, "memory size must be at most %u pages (4GiB)",
			    HBK_WASM_PAGES_SPEC);
	return check_total(parse, limits->minimum, HBK_WASM_MEMORY_PAGES_MAX, "pages of memory");
}

static int add_memory(struct hbk_wasm_parse *parse, u32 import)
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

static int read_global_type(struct hbk_wasm_parse *parse, struct hbk_wasm_global_def *global)
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

static int add_global(struct hbk_wasm_parse *parse, const struct hbk_wasm_global_def *global)
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

static int import_global(struct hbk_wasm_parse *parse, u32 import)
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

static int read_kind(struct hbk_wasm_parse *parse, const char *what, u8 *kind)
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

static int read_item_name(struct hbk_wasm_parse *parse, struct hbk_wasm_name *name)
{
	u32 begin = parse->reader.at;
	int err;

	err = hbk_wasm_read_name(&parse->reader, name);
	if (!err && name->length > HBK_WASM_NAME_MAX)
		err = fail(parse, LIMIT, begin, "name too long: %u bytes, at most %u are allowed", name->length,
			   HBK_WASM_NAME_MAX);
	return err;
}

static int parse_import(struct hbk_wasm_parse *parse)
{
	static int (*const add[HBK_WASM_KIND_COUNT])(struct hbk_wasm_parse *parse, u32 import) = {
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

static int begin_imports(struct hbk_wasm_parse *parse, u32 count)
{
	return reserve(parse, imports, room_imports, count);
}

const struct hbk_wasm_section hbk_wasm_section_imports = {
	.name = "imports",
	.order = 2,
	.limit = HBK_WASM_IMPORTS_MAX,
	.begin = begin_imports,
	.item = parse_import,
};

/* Definitions */

static int begin_functions(struct hbk_wasm_parse *parse, u32 count)
{
	return reserve(parse, functions, room_functions, parse->module->function_count + count);
}

static int parse_function(struct hbk_wasm_parse *parse)
{
	return add_function(parse, HBK_WASM_NO_INDEX);
}

static int parse_table(struct hbk_wasm_parse *parse)
{
	return add_table(parse, HBK_WASM_NO_INDEX);
}

static int parse_memory(struct hbk_wasm_parse *parse)
{
	return add_memory(parse, HBK_WASM_NO_INDEX);
}

const struct hbk_wasm_section hbk_wasm_section_functions = {
	.name = "functions",
	.order = 3,
	.limit = HBK_WASM_FUNCTIONS_MAX,
	.begin = begin_functions,
	.item = parse_function,
};

const struct hbk_wasm_section hbk_wasm_section_tables = {
	.name = "tables",
	.order = 4,
	.limit = HBK_WASM_TABLES_MAX,
	.item = parse_table,
};

/* Not limited to one: add_memory() refuses a second one by name. */
const struct hbk_wasm_section hbk_wasm_section_memories = {
	.name = "memories",
	.order = 5,
	.limit = HBK_WASM_IMPORTS_MAX,
	.item = parse_memory,
};

static int begin_globals(struct hbk_wasm_parse *parse, u32 count)
{
	return reserve(parse, globals, room_globals, parse->module->global_count + count);
}

static int parse_global(struct hbk_wasm_parse *parse)
{
	struct hbk_wasm_global_def global = { .import = HBK_WASM_NO_INDEX };
	int err;

	err = read_global_type(parse, &global);
	if (!err)
		err = hbk_wasm_parse_constant(parse, global.type, &global.value);
	return err ? err : add_global(parse, &global);
}

const struct hbk_wasm_section hbk_wasm_section_globals = {
	.name = "globals",
	.order = 6,
	.limit = HBK_WASM_GLOBALS_MAX,
	.begin = begin_globals,
	.item = parse_global,
};

/* Exports and start */

static int begin_exports(struct hbk_wasm_parse *parse, u32 count)
{
	struct hbk_wasm_heap *heap = parse->module->heap;
	int err;

	err = reserve(parse, exports, room_exports, count);
	if (err || !count)
		return err;
	parse->module->sorted_exports = heap->allocate(heap, sizeof(u32) * parse->module->room_exports);
	return parse->module->sorted_exports ? 0 : reserved(parse, -ENOMEM);
}

static int parse_export(struct hbk_wasm_parse *parse)
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

static int finish_exports(struct hbk_wasm_parse *parse)
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

const struct hbk_wasm_section hbk_wasm_section_exports = {
	.name = "exports",
	.order = 7,
	.limit = HBK_WASM_EXPORTS_MAX,
	.begin = begin_exports,
	.item = parse_export,
	.finish = finish_exports,
};

static int parse_start(struct hbk_wasm_parse *parse)
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

const struct hbk_wasm_section hbk_wasm_section_start = {
	.name = "start",
	.order = 8,
	.item = parse_start,
	.single = true,
};
