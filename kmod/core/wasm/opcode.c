// SPDX-License-Identifier: GPL-2.0-only
#include "opcode.h"

/* Types as one-byte strings, so that they concatenate. */
#define I	"\x7f"
#define L	"\x7e"
#define F	"\x7d"
#define D	"\x7c"

#define ROW(op, text, kind, takes, leaves) \
	[op] = { .name = text, .pops = takes, .pushes = leaves, .shape = HBK_WASM_SHAPE_##kind }
#define PLAIN(op, text, takes, leaves) \
	[op] = { .name = text, .pops = takes, .pushes = leaves, .shape = HBK_WASM_SHAPE_PLAIN }
#define FLOAT(op, text, takes, leaves) \
	[op] = { .name = text, .pops = takes, .pushes = leaves, .shape = HBK_WASM_SHAPE_PLAIN, \
		 .feature = HBK_WASM_FLOATS }
#define LOAD(op, text, leaves, log2) \
	[op] = { .name = text, .pops = I, .pushes = leaves, .shape = HBK_WASM_SHAPE_MEMORY, .align = log2 }
#define STORE(op, text, takes, log2) \
	[op] = { .name = text, .pops = I takes, .pushes = "", .shape = HBK_WASM_SHAPE_MEMORY, .align = log2 }
#define FEATURE(op, text, kind, takes, leaves, which) \
	[op] = { .name = text, .pops = takes, .pushes = leaves, .shape = HBK_WASM_SHAPE_##kind, \
		 .feature = HBK_WASM_##which }

static const struct hbk_wasm_opcode plain[256] = {
	ROW(0x00, "unreachable", UNREACHABLE, "", ""),
	PLAIN(0x01, "nop", "", ""),
	ROW(0x02, "block", BLOCK, "", ""),
	ROW(0x03, "loop", BLOCK, "", ""),
	ROW(0x04, "if", BLOCK, I, ""),
	ROW(0x05, "else", ELSE, "", ""),
	ROW(0x0b, "end", END, "", ""),
	ROW(0x0c, "br", BR, "", ""),
	ROW(0x0d, "br_if", BR_IF, I, ""),
	ROW(0x0e, "br_table", BR_TABLE, I, ""),
	ROW(0x0f, "return", RETURN, "", ""),
	ROW(0x10, "call", CALL, "", ""),
	ROW(0x11, "call_indirect", CALL_INDIRECT, I, ""),
	ROW(0x1a, "drop", DROP, "", ""),
	ROW(0x1b, "select", SELECT, I, ""),
	FEATURE(0x1c, "select", SELECT_TYPED, I, "", REFERENCE_TYPES),
	ROW(0x20, "local.get", LOCAL_GET, "", ""),
	ROW(0x21, "local.set", LOCAL_SET, "", ""),
	ROW(0x22, "local.tee", LOCAL_TEE, "", ""),
	ROW(0x23, "global.get", GLOBAL_GET, "", ""),
	ROW(0x24, "global.set", GLOBAL_SET, "", ""),
	FEATURE(0x25, "table.get", TABLE_GET, I, "", REFERENCE_TYPES),
	FEATURE(0x26, "table.set", TABLE_SET, "", "", REFERENCE_TYPES),
	LOAD(0x28, "i32.load", I, 2),
	LOAD(0x29, "i64.load", L, 3),
	LOAD(0x2a, "f32.load", F, 2),
	LOAD(0x2b, "f64.load", D, 3),
	LOAD(0x2c, "i32.load8_s", I, 0),
	LOAD(0x2d, "i32.load8_u", I, 0),
	LOAD(0x2e, "i32.load16_s", I, 1),
	LOAD(0x2f, "i32.load16_u", I, 1),
	LOAD(0x30, "i64.load8_s", L, 0),
	LOAD(0x31, "i64.load8_u", L, 0),
	LOAD(0x32, "i64.load16_s", L, 1),
	LOAD(0x33, "i64.load16_u", L, 1),
	LOAD(0x34, "i64.load32_s", L, 2),
	LOAD(0x35, "i64.load32_u", L, 2),
	STORE(0x36, "i32.store", I, 2),
	STORE(0x37, "i64.store", L, 3),
	STORE(0x38, "f32.store", F, 2),
	STORE(0x39, "f64.store", D, 3),
	STORE(0x3a, "i32.store8", I, 0),
	STORE(0x3b, "i32.store16", I, 1),
	STORE(0x3c, "i64.store8", L, 0),
	STORE(0x3d, "i64.store16", L, 1),
	STORE(0x3e, "i64.store32", L, 2),
	ROW(0x3f, "memory.size", MEMORY_INDEX, "", I),
	ROW(0x40, "memory.grow", MEMORY_INDEX, I, I),
	ROW(0x41, "i32.const", CONSTANT, "", I),
	ROW(0x42, "i64.const", CONSTANT, "", L),
	FEATURE(0x43, "f32.const", CONSTANT, "", F, FLOATS),
	FEATURE(0x44, "f64.const", CONSTANT, "", D, FLOATS),
	PLAIN(0x45, "i32.eqz", I, I),
	PLAIN(0x46, "i32.eq", I I, I),
	PLAIN(0x47, "i32.ne", I I, I),
	PLAIN(0x48, "i32.lt_s", I I, I),
	PLAIN(0x49, "i32.lt_u", I I, I),
	PLAIN(0x4a, "i32.gt_s", I I, I),
	PLAIN(0x4b, "i32.gt_u", I I, I),
	PLAIN(0x4c, "i32.le_s", I I, I),
	PLAIN(0x4d, "i32.le_u", I I, I),
	PLAIN(0x4e, "i32.ge_s", I I, I),
	PLAIN(0x4f, "i32.ge_u", I I, I),
	PLAIN(0x50, "i64.eqz", L, I),
	PLAIN(0x51, "i64.eq", L L, I),
	PLAIN(0x52, "i64.ne", L L, I),
	PLAIN(0x53, "i64.lt_s", L L, I),
	PLAIN(0x54, "i64.lt_u", L L, I),
	PLAIN(0x55, "i64.gt_s", L L, I),
	PLAIN(0x56, "i64.gt_u", L L, I),
	PLAIN(0x57, "i64.le_s", L L, I),
	PLAIN(0x58, "i64.le_u", L L, I),
	PLAIN(0x59, "i64.ge_s", L L, I),
	PLAIN(0x5a, "i64.ge_u", L L, I),
	FLOAT(0x5b, "f32.eq", F F, I),
	FLOAT(0x5c, "f32.ne", F F, I),
	FLOAT(0x5d, "f32.lt", F F, I),
	FLOAT(0x5e, "f32.gt", F F, I),
	FLOAT(0x5f, "f32.le", F F, I),
	FLOAT(0x60, "f32.ge", F F, I),
	FLOAT(0x61, "f64.eq", D D, I),
	FLOAT(0x62, "f64.ne", D D, I),
	FLOAT(0x63, "f64.lt", D D, I),
	FLOAT(0x64, "f64.gt", D D, I),
	FLOAT(0x65, "f64.le", D D, I),
	FLOAT(0x66, "f64.ge", D D, I),
	PLAIN(0x67, "i32.clz", I, I),
	PLAIN(0x68, "i32.ctz", I, I),
	PLAIN(0x69, "i32.popcnt", I, I),
	PLAIN(0x6a, "i32.add", I I, I),
	PLAIN(0x6b, "i32.sub", I I, I),
	PLAIN(0x6c, "i32.mul", I I, I),
	PLAIN(0x6d, "i32.div_s", I I, I),
	PLAIN(0x6e, "i32.div_u", I I, I),
	PLAIN(0x6f, "i32.rem_s", I I, I),
	PLAIN(0x70, "i32.rem_u", I I, I),
	PLAIN(0x71, "i32.and", I I, I),
	PLAIN(0x72, "i32.or", I I, I),
	PLAIN(0x73, "i32.xor", I I, I),
	PLAIN(0x74, "i32.shl", I I, I),
	PLAIN(0x75, "i32.shr_s", I I, I),
	PLAIN(0x76, "i32.shr_u", I I, I),
	PLAIN(0x77, "i32.rotl", I I, I),
	PLAIN(0x78, "i32.rotr", I I, I),
	PLAIN(0x79, "i64.clz", L, L),
	PLAIN(0x7a, "i64.ctz", L, L),
	PLAIN(0x7b, "i64.popcnt", L, L),
	PLAIN(0x7c, "i64.add", L L, L),
	PLAIN(0x7d, "i64.sub", L L, L),
	PLAIN(0x7e, "i64.mul", L L, L),
	PLAIN(0x7f, "i64.div_s", L L, L),
	PLAIN(0x80, "i64.div_u", L L, L),
	PLAIN(0x81, "i64.rem_s", L L, L),
	PLAIN(0x82, "i64.rem_u", L L, L),
	PLAIN(0x83, "i64.and", L L, L),
	PLAIN(0x84, "i64.or", L L, L),
	PLAIN(0x85, "i64.xor", L L, L),
	PLAIN(0x86, "i64.shl", L L, L),
	PLAIN(0x87, "i64.shr_s", L L, L),
	PLAIN(0x88, "i64.shr_u", L L, L),
	PLAIN(0x89, "i64.rotl", L L, L),
	PLAIN(0x8a, "i64.rotr", L L, L),
	FLOAT(0x8b, "f32.abs", F, F),
	FLOAT(0x8c, "f32.neg", F, F),
	FLOAT(0x8d, "f32.ceil", F, F),
	FLOAT(0x8e, "f32.floor", F, F),
	FLOAT(0x8f, "f32.trunc", F, F),
	FLOAT(0x90, "f32.nearest", F, F),
	FLOAT(0x91, "f32.sqrt", F, F),
	FLOAT(0x92, "f32.add", F F, F),
	FLOAT(0x93, "f32.sub", F F, F),
	FLOAT(0x94, "f32.mul", F F, F),
	FLOAT(0x95, "f32.div", F F, F),
	FLOAT(0x96, "f32.min", F F, F),
	FLOAT(0x97, "f32.max", F F, F),
	FLOAT(0x98, "f32.copysign", F F, F),
	FLOAT(0x99, "f64.abs", D, D),
	FLOAT(0x9a, "f64.neg", D, D),
	FLOAT(0x9b, "f64.ceil", D, D),
	FLOAT(0x9c, "f64.floor", D, D),
	FLOAT(0x9d, "f64.trunc", D, D),
	FLOAT(0x9e, "f64.nearest", D, D),
	FLOAT(0x9f, "f64.sqrt", D, D),
	FLOAT(0xa0, "f64.add", D D, D),
	FLOAT(0xa1, "f64.sub", D D, D),
	FLOAT(0xa2, "f64.mul", D D, D),
	FLOAT(0xa3, "f64.div", D D, D),
	FLOAT(0xa4, "f64.min", D D, D),
	FLOAT(0xa5, "f64.max", D D, D),
	FLOAT(0xa6, "f64.copysign", D D, D),
	PLAIN(0xa7, "i32.wrap_i64", L, I),
	FLOAT(0xa8, "i32.trunc_f32_s", F, I),
	FLOAT(0xa9, "i32.trunc_f32_u", F, I),
	FLOAT(0xaa, "i32.trunc_f64_s", D, I),
	FLOAT(0xab, "i32.trunc_f64_u", D, I),
	PLAIN(0xac, "i64.extend_i32_s", I, L),
	PLAIN(0xad, "i64.extend_i32_u", I, L),
	FLOAT(0xae, "i64.trunc_f32_s", F, L),
	FLOAT(0xaf, "i64.trunc_f32_u", F, L),
	FLOAT(0xb0, "i64.trunc_f64_s", D, L),
	FLOAT(0xb1, "i64.trunc_f64_u", D, L),
	FLOAT(0xb2, "f32.convert_i32_s", I, F),
	FLOAT(0xb3, "f32.convert_i32_u", I, F),
	FLOAT(0xb4, "f32.convert_i64_s", L, F),
	FLOAT(0xb5, "f32.convert_i64_u", L, F),
	FLOAT(0xb6, "f32.demote_f64", D, F),
	FLOAT(0xb7, "f64.convert_i32_s", I, D),
	FLOAT(0xb8, "f64.convert_i32_u", I, D),
	FLOAT(0xb9, "f64.convert_i64_s", L, D),
	FLOAT(0xba, "f64.convert_i64_u", L, D),
	FLOAT(0xbb, "f64.promote_f32", F, D),
	FLOAT(0xbc, "i32.reinterpret_f32", F, I),
	FLOAT(0xbd, "i64.reinterpret_f64", D, L),
	FLOAT(0xbe, "f32.reinterpret_i32", I, F),
	FLOAT(0xbf, "f64.reinterpret_i64", L, D),
	FEATURE(0xc0, "i32.extend8_s", PLAIN, I, I, SIGN_EXTENSION),
	FEATURE(0xc1, "i32.extend16_s", PLAIN, I, I, SIGN_EXTENSION),
	FEATURE(0xc2, "i64.extend8_s", PLAIN, L, L, SIGN_EXTENSION),
	FEATURE(0xc3, "i64.extend16_s", PLAIN, L, L, SIGN_EXTENSION),
	FEATURE(0xc4, "i64.extend32_s", PLAIN, L, L, SIGN_EXTENSION),
	FEATURE(0xd0, "ref.null", REF_NULL, "", "", REFERENCE_TYPES),
	FEATURE(0xd1, "ref.is_null", REF_IS_NULL, "", I, REFERENCE_TYPES),
	FEATURE(0xd2, "ref.func", REF_FUNC, "", "", REFERENCE_TYPES),
};

/* Those behind the prefix 0xfc. */
static const struct hbk_wasm_opcode prefixed[] = {
	[0] = { "i32.trunc_sat_f32_s", F, I, HBK_WASM_SHAPE_PLAIN, 0, HBK_WASM_SATURATING | HBK_WASM_FLOATS },
	[1] = { "i32.trunc_sat_f32_u", F, I, HBK_WASM_SHAPE_PLAIN, 0, HBK_WASM_SATURATING | HBK_WASM_FLOATS },
	[2] = { "i32.trunc_sat_f64_s", D, I, HBK_WASM_SHAPE_PLAIN, 0, HBK_WASM_SATURATING | HBK_WASM_FLOATS },
	[3] = { "i32.trunc_sat_f64_u", D, I, HBK_WASM_SHAPE_PLAIN, 0, HBK_WASM_SATURATING | HBK_WASM_FLOATS },
	[4] = { "i64.trunc_sat_f32_s", F, L, HBK_WASM_SHAPE_PLAIN, 0, HBK_WASM_SATURATING | HBK_WASM_FLOATS },
	[5] = { "i64.trunc_sat_f32_u", F, L, HBK_WASM_SHAPE_PLAIN, 0, HBK_WASM_SATURATING | HBK_WASM_FLOATS },
	[6] = { "i64.trunc_sat_f64_s", D, L, HBK_WASM_SHAPE_PLAIN, 0, HBK_WASM_SATURATING | HBK_WASM_FLOATS },
	[7] = { "i64.trunc_sat_f64_u", D, L, HBK_WASM_SHAPE_PLAIN, 0, HBK_WASM_SATURATING | HBK_WASM_FLOATS },
	FEATURE(8, "memory.init", MEMORY_INIT, I I I, "", BULK_MEMORY),
	FEATURE(9, "data.drop", DATA_DROP, "", "", BULK_MEMORY),
	FEATURE(10, "memory.copy", MEMORY_COPY, I I I, "", BULK_MEMORY),
	FEATURE(11, "memory.fill", MEMORY_INDEX, I I I, "", BULK_MEMORY),
	FEATURE(12, "table.init", TABLE_INIT, I I I, "", BULK_MEMORY),
	FEATURE(13, "elem.drop", ELEM_DROP, "", "", BULK_MEMORY),
	FEATURE(14, "table.copy", TABLE_COPY, I I I, "", BULK_MEMORY),
	FEATURE(15, "table.grow", TABLE_GROW, "", I, REFERENCE_TYPES),
	FEATURE(16, "table.size", TABLE_SIZE, "", I, REFERENCE_TYPES),
	FEATURE(17, "table.fill", TABLE_FILL, "", "", REFERENCE_TYPES),
};

/**
 * hbk_wasm_opcode_find() - the row of an instruction
 * @op: its number: a byte, or 0xfc00 and up for those with that prefix
 *
 * Return: the row, or NULL if there is no such instruction.
 */
const struct hbk_wasm_opcode *hbk_wasm_opcode_find(u32 op)
{
	const struct hbk_wasm_opcode *opcode;

	if (op < 256)
		opcode = &plain[op];
	else if (op >= HBK_WASM_PREFIX && op - HBK_WASM_PREFIX < sizeof(prefixed) / sizeof(prefixed[0]))
		opcode = &prefixed[op - HBK_WASM_PREFIX];
	else
		return NULL;
	return opcode->shape == HBK_WASM_SHAPE_NONE ? NULL : opcode;
}

/**
 * hbk_wasm_opcode_proposal() - to which proposal an instruction belongs that we refuse
 * @op: its first byte
 *
 * Return: the name of the proposal, or NULL.
 */
const char *hbk_wasm_opcode_proposal(u8 op)
{
	static const struct {
		u8 first, last;
		const char *name;
	} proposals[] = {
		{ 0x06, 0x0a, "exceptions" },
		{ 0x12, 0x13, "tail calls" },
		{ 0x14, 0x15, "typed function references" },
		{ 0x18, 0x19, "exceptions" },
		{ 0x1f, 0x1f, "exceptions" },
		{ 0xd3, 0xd3, "garbage collection" },
		{ 0xd4, 0xd6, "typed function references" },
		{ 0xfb, 0xfb, "garbage collection" },
		{ 0xfd, 0xfd, "SIMD" },
		{ 0xfe, 0xfe, "threads" },
	};
	u32 i;

	for (i = 0; i < sizeof(proposals) / sizeof(proposals[0]); i++) {
		if (op >= proposals[i].first && op <= proposals[i].last)
			return proposals[i].name;
	}
	return NULL;
}
