// SPDX-License-Identifier: GPL-2.0-only
/* Constant expressions, and the segments whose places they name. */
#include "opcode.h"
#include "parser.h"

/* Constant expressions */

static int refer_global(struct hbk_wasm_parse *parse, struct hbk_wasm_constant *constant)
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

static int refer_function(struct hbk_wasm_parse *parse, struct hbk_wasm_constant *constant)
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

static int read_float(struct hbk_wasm_parse *parse, u32 length, struct hbk_wasm_constant *constant)
{
	const u8 *bytes = NULL;
	int err;

	constant->type = length == 4 ? HBK_WASM_F32 : HBK_WASM_F64;
	err = hbk_wasm_read_bytes(&parse->reader, length, &bytes);
	if (!err)
		constant->bits = length == 4 ? get_unaligned_le32(bytes) : get_unaligned_le64(bytes);
	return err ? err : use(parse, HBK_WASM_FLOATS, "a constant", parse->begin);
}

static int read_null(struct hbk_wasm_parse *parse, struct hbk_wasm_constant *constant)
{
	int err;

	err = hbk_wasm_read_reference_type(&parse->reader, &constant->type);
	constant->bits = constant->type;
	return err ? err : use(parse, HBK_WASM_REFERENCE_TYPES, "ref.null", parse->begin);
}

static int fail_constant(struct hbk_wasm_parse *parse, u8 op)
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
static int read_constant_op(struct hbk_wasm_parse *parse, u8 op, struct hbk_wasm_constant *constant)
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

/**
 * hbk_wasm_parse_constant() - parse a constant expression
 * @parse: at its beginning
 * @type: that it must yield
 * @constant: filled
 *
 * It is one instruction and an `end`.
 */
int hbk_wasm_parse_constant(struct hbk_wasm_parse *parse, u8 type, struct hbk_wasm_constant *constant)
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

/* Elements */

static int begin_elements(struct hbk_wasm_parse *parse, u32 count)
{
	return reserve(parse, element_segments, room_element_segments, count);
}

static int read_element(struct hbk_wasm_parse *parse, u8 type, bool expression, u32 *element)
{
	struct hbk_wasm_constant constant = { 0 };
	int err;

	parse->begin = parse->reader.at;
	err = expression ? hbk_wasm_parse_constant(parse, type, &constant) : refer_function(parse, &constant);
	*element = constant.bits;
	if (constant.op == HBK_WASM_OP_REF_NULL)
		*element = HBK_WASM_ELEMENT_NULL;
	if (constant.op == HBK_WASM_OP_GLOBAL_GET)
		*element |= HBK_WASM_ELEMENT_GLOBAL;
	return err;
}

static int read_elements(struct hbk_wasm_parse *parse, struct hbk_wasm_element_segment *segment, bool expressions)
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
static int read_element_target(struct hbk_wasm_parse *parse, struct hbk_wasm_element_segment *segment, u32 flags)
{
	int err = 0;

	if (flags & SEGMENT_EXPLICIT)
		err = hbk_wasm_read_u32(&parse->reader, &segment->table);
	if (!err)
		err = check_index(parse, segment->table, parse->module->table_count, "table");
	if (!err && segment->table)
		err = use(parse, HBK_WASM_REFERENCE_TYPES, "a second table", parse->begin);
	return err ? err : hbk_wasm_parse_constant(parse, HBK_WASM_I32, &segment->offset);
}

static int read_element_type(struct hbk_wasm_parse *parse, struct hbk_wasm_element_segment *segment, u32 flags)
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

static int parse_element(struct hbk_wasm_parse *parse)
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

const struct hbk_wasm_section hbk_wasm_section_elements = {
	.name = "element segments",
	.order = 9,
	.limit = HBK_WASM_ELEMENT_SEGMENTS_MAX,
	.begin = begin_elements,
	.item = parse_element,
};

/* Data */

/* A count past the limit must not be kept: the highest of them would say that there is none. */
static int parse_data_count(struct hbk_wasm_parse *parse)
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

const struct hbk_wasm_section hbk_wasm_section_data_count = {
	.name = "data count",
	.order = 10,
	.item = parse_data_count,
	.single = true,
};

static int begin_data(struct hbk_wasm_parse *parse, u32 count)
{
	u32 declared = parse->module->data_count;

	if (declared != HBK_WASM_NO_INDEX && declared != count)
		return fail(parse, MALFORMED, parse->reader.at,
			    "data count and data section have inconsistent lengths: expected %u, found %u", declared,
			    count);
	return reserve(parse, data_segments, room_data_segments, count);
}

static int read_data_target(struct hbk_wasm_parse *parse, struct hbk_wasm_data_segment *segment, u32 flags)
{
	u32 memory = 0;
	int err = 0;

	if (flags == 2)
		err = hbk_wasm_read_u32(&parse->reader, &memory);
	if (!err)
		err = check_index(parse, memory, parse->module->memory_count, "memory");
	return err ? err : hbk_wasm_parse_constant(parse, HBK_WASM_I32, &segment->offset);
}

static int parse_data(struct hbk_wasm_parse *parse)
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

const struct hbk_wasm_section hbk_wasm_section_data = {
	.name = "data segments",
	.order = 12,
	.limit = HBK_WASM_DATA_SEGMENTS_MAX,
	.begin = begin_data,
	.item = parse_data,
};
