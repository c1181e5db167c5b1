/* SPDX-License-Identifier: GPL-2.0-only */
/* The instructions: what each is called, what it takes and leaves, what follows its opcode. */
#ifndef _HBK_CORE_WASM_OPCODE_H
#define _HBK_CORE_WASM_OPCODE_H

#include "module.h"

#define HBK_WASM_PREFIX	0xfc00	/* number of an instruction behind the prefix 0xfc: this and its own */

/* What follows an opcode, and with it how it is checked. */
enum hbk_wasm_shape {
	HBK_WASM_SHAPE_NONE,		/* no such instruction */
	HBK_WASM_SHAPE_PLAIN,		/* nothing; operands and results are those of the table */
	HBK_WASM_SHAPE_MEMORY,		/* alignment and offset: a load or store */
	HBK_WASM_SHAPE_MEMORY_INDEX,	/* memory.size, memory.grow, memory.fill */
	HBK_WASM_SHAPE_CONSTANT,
	HBK_WASM_SHAPE_UNREACHABLE,
	HBK_WASM_SHAPE_BLOCK,		/* block, loop, if */
	HBK_WASM_SHAPE_ELSE,
	HBK_WASM_SHAPE_END,
	HBK_WASM_SHAPE_BR,
	HBK_WASM_SHAPE_BR_IF,
	HBK_WASM_SHAPE_BR_TABLE,
	HBK_WASM_SHAPE_RETURN,
	HBK_WASM_SHAPE_CALL,
	HBK_WASM_SHAPE_CALL_INDIRECT,
	HBK_WASM_SHAPE_DROP,
	HBK_WASM_SHAPE_SELECT,
	HBK_WASM_SHAPE_SELECT_TYPED,
	HBK_WASM_SHAPE_LOCAL_GET,
	HBK_WASM_SHAPE_LOCAL_SET,
	HBK_WASM_SHAPE_LOCAL_TEE,
	HBK_WASM_SHAPE_GLOBAL_GET,
	HBK_WASM_SHAPE_GLOBAL_SET,
	HBK_WASM_SHAPE_TABLE_GET,
	HBK_WASM_SHAPE_TABLE_SET,
	HBK_WASM_SHAPE_TABLE_SIZE,
	HBK_WASM_SHAPE_TABLE_GROW,
	HBK_WASM_SHAPE_TABLE_FILL,
	HBK_WASM_SHAPE_TABLE_COPY,
	HBK_WASM_SHAPE_TABLE_INIT,
	HBK_WASM_SHAPE_ELEM_DROP,
	HBK_WASM_SHAPE_MEMORY_INIT,
	HBK_WASM_SHAPE_MEMORY_COPY,
	HBK_WASM_SHAPE_DATA_DROP,
	HBK_WASM_SHAPE_REF_NULL,
	HBK_WASM_SHAPE_REF_IS_NULL,
	HBK_WASM_SHAPE_REF_FUNC,
};

/* Those that are spoken of by name outside of the table. */
enum hbk_wasm_op {
	HBK_WASM_OP_UNREACHABLE = 0x00,
	HBK_WASM_OP_NOP = 0x01,
	HBK_WASM_OP_BLOCK = 0x02,
	HBK_WASM_OP_LOOP = 0x03,
	HBK_WASM_OP_IF = 0x04,
	HBK_WASM_OP_ELSE = 0x05,
	HBK_WASM_OP_END = 0x0b,
	HBK_WASM_OP_BR = 0x0c,
	HBK_WASM_OP_BR_IF = 0x0d,
	HBK_WASM_OP_BR_TABLE = 0x0e,
	HBK_WASM_OP_RETURN = 0x0f,
	HBK_WASM_OP_CALL = 0x10,
	HBK_WASM_OP_CALL_INDIRECT = 0x11,
	HBK_WASM_OP_DROP = 0x1a,
	HBK_WASM_OP_SELECT = 0x1b,
	HBK_WASM_OP_SELECT_TYPED = 0x1c,
	HBK_WASM_OP_LOCAL_GET = 0x20,
	HBK_WASM_OP_LOCAL_SET = 0x21,
	HBK_WASM_OP_LOCAL_TEE = 0x22,
	HBK_WASM_OP_GLOBAL_GET = 0x23,
	HBK_WASM_OP_GLOBAL_SET = 0x24,
	HBK_WASM_OP_TABLE_GET = 0x25,
	HBK_WASM_OP_TABLE_SET = 0x26,
	HBK_WASM_OP_MEMORY_SIZE = 0x3f,
	HBK_WASM_OP_MEMORY_GROW = 0x40,
	HBK_WASM_OP_I32_CONST = 0x41,
	HBK_WASM_OP_I64_CONST = 0x42,
	HBK_WASM_OP_F32_CONST = 0x43,
	HBK_WASM_OP_F64_CONST = 0x44,
	HBK_WASM_OP_REF_NULL = 0xd0,
	HBK_WASM_OP_REF_IS_NULL = 0xd1,
	HBK_WASM_OP_REF_FUNC = 0xd2,
	HBK_WASM_OP_MEMORY_INIT = 0xfc08,
	HBK_WASM_OP_DATA_DROP = 0xfc09,
	HBK_WASM_OP_MEMORY_COPY = 0xfc0a,
	HBK_WASM_OP_MEMORY_FILL = 0xfc0b,
	HBK_WASM_OP_TABLE_INIT = 0xfc0c,
	HBK_WASM_OP_ELEM_DROP = 0xfc0d,
	HBK_WASM_OP_TABLE_COPY = 0xfc0e,
	HBK_WASM_OP_TABLE_GROW = 0xfc0f,
	HBK_WASM_OP_TABLE_SIZE = 0xfc10,
	HBK_WASM_OP_TABLE_FILL = 0xfc11,
};

/**
 * struct hbk_wasm_opcode - one instruction
 * @name: as in the text format
 * @pops: enum hbk_wasm_value_type of its operands, NUL-terminated, the deepest first; only those that are always the same
 * @pushes: the same of its results
 * @shape: enum hbk_wasm_shape
 * @align: log2 of the natural alignment of a load or store
 * @feature: bits of enum hbk_wasm_feature that it belongs to
 */
struct hbk_wasm_opcode {
	const char *name;
	const char *pops;
	const char *pushes;
	u8 shape;
	u8 align;
	u8 feature;
};

const struct hbk_wasm_opcode *hbk_wasm_opcode_find(u32 op);
const char *hbk_wasm_opcode_proposal(u8 op);

#endif /* _HBK_CORE_WASM_OPCODE_H */
