// SPDX-License-Identifier: GPL-2.0-only
/* Instructions that are one expression in C. */
#include "translator.h"

#define ZERO_DIVISOR	{ "!$1", HBK_WASM_TRAP_DIVIDE_BY_ZERO }
#define TRUNC(to, from)								\
	{ "hbk_" to "_from_" from "($0)",						\
	  { { "__builtin_isunordered($0, $0)", HBK_WASM_TRAP_INVALID_CONVERSION },	\
	    { "!hbk_" to "_from_" from "_fits($0)", HBK_WASM_TRAP_INTEGER_OVERFLOW } } }

static const struct hbk_wasm_expression plain[256] = {
	[0x28] = { "hbk_load32($@)" },				/* i32.load */
	[0x29] = { "hbk_load64($@)" },
	[0x2a] = { "hbk_f32(hbk_load32($@))" },
	[0x2b] = { "hbk_f64(hbk_load64($@))" },
	[0x2c] = { "(u32)(signed char)hbk_load8($@)" },
	[0x2d] = { "hbk_load8($@)" },
	[0x2e] = { "(u32)(short)hbk_load16($@)" },
	[0x2f] = { "hbk_load16($@)" },
	[0x30] = { "(u64)(signed char)hbk_load8($@)" },		/* i64.load8_s */
	[0x31] = { "hbk_load8($@)" },
	[0x32] = { "(u64)(short)hbk_load16($@)" },
	[0x33] = { "hbk_load16($@)" },
	[0x34] = { "(u64)(int)hbk_load32($@)" },
	[0x35] = { "hbk_load32($@)" },
	[0x36] = { "hbk_store32($@, $1)" },			/* i32.store */
	[0x37] = { "hbk_store64($@, $1)" },
	[0x38] = { "hbk_store32($@, hbk_f32_bits($1))" },
	[0x39] = { "hbk_store64($@, hbk_f64_bits($1))" },
	[0x3a] = { "hbk_store8($@, $1)" },
	[0x3b] = { "hbk_store16($@, $1)" },
	[0x3c] = { "hbk_store8($@, $1)" },
	[0x3d] = { "hbk_store16($@, $1)" },
	[0x3e] = { "hbk_store32($@, $1)" },

	[0x45] = { "!$0" },					/* i32.eqz */
	[0x46] = { "$0 == $1" },
	[0x47] = { "$0 != $1" },
	[0x48] = { "(int)$0 < (int)$1" },
	[0x49] = { "$0 < $1" },
	[0x4a] = { "(int)$0 > (int)$1" },
	[0x4b] = { "$0 > $1" },
	[0x4c] = { "(int)$0 <= (int)$1" },
	[0x4d] = { "$0 <= $1" },
	[0x4e] = { "(int)$0 >= (int)$1" },
	[0x4f] = { "$0 >= $1" },
	[0x50] = { "!$0" },					/* i64.eqz */
	[0x51] = { "$0 == $1" },
	[0x52] = { "$0 != $1" },
	[0x53] = { "(s64)$0 < (s64)$1" },
	[0x54] = { "$0 < $1" },
	[0x55] = { "(s64)$0 > (s64)$1" },
	[0x56] = { "$0 > $1" },
	[0x57] = { "(s64)$0 <= (s64)$1" },
	[0x58] = { "$0 <= $1" },
	[0x59] = { "(s64)$0 >= (s64)$1" },
	[0x5a] = { "$0 >= $1" },
	[0x5b] = { "$0 == $1" },			/* f32.eq */
	[0x5c] = { "$0 != $1" },
	[0x5d] = { "$0 < $1" },
	[0x5e] = { "$0 > $1" },
	[0x5f] = { "$0 <= $1" },
	[0x60] = { "$0 >= $1" },
	[0x61] = { "$0 == $1" },				/* f64.eq */
	[0x62] = { "$0 != $1" },
	[0x63] = { "$0 < $1" },
	[0x64] = { "$0 > $1" },
	[0x65] = { "$0 <= $1" },
	[0x66] = { "$0 >= $1" },

	[0x67] = { "hbk_clz32($0)" },				/* i32.clz */
	[0x68] = { "hbk_ctz32($0)" },
	[0x69] = { "hbk_popcnt64($0)" },
	[0x6a] = { "$0 + $1" },
	[0x6b] = { "$0 - $1" },
	[0x6c] = { "$0 * $1" },
	[0x6d] = { "(u32)((int)$0 / (int)$1)",
		   { ZERO_DIVISOR, { "hbk_div_overflows32($0, $1)", HBK_WASM_TRAP_INTEGER_OVERFLOW } } },
	[0x6e] = { "$0 / $1", { ZERO_DIVISOR } },
	[0x6f] = { "hbk_rem32($0, $1)", { ZERO_DIVISOR } },
	[0x70] = { "$0 % $1", { ZERO_DIVISOR } },
	[0x71] = { "$0 & $1" },
	[0x72] = { "$0 | $1" },
	[0x73] = { "$0 ^ $1" },
	[0x74] = { "$0 << ($1 & 31)" },
	[0x75] = { "(u32)((int)$0 >> ($1 & 31))" },
	[0x76] = { "$0 >> ($1 & 31)" },
	[0x77] = { "hbk_rotl32($0, $1)" },
	[0x78] = { "hbk_rotr32($0, $1)" },
	[0x79] = { "hbk_clz64($0)" },				/* i64.clz */
	[0x7a] = { "hbk_ctz64($0)" },
	[0x7b] = { "hbk_popcnt64($0)" },
	[0x7c] = { "$0 + $1" },
	[0x7d] = { "$0 - $1" },
	[0x7e] = { "$0 * $1" },
	[0x7f] = { "(u64)((s64)$0 / (s64)$1)",
		   { ZERO_DIVISOR, { "hbk_div_overflows64($0, $1)", HBK_WASM_TRAP_INTEGER_OVERFLOW } } },
	[0x80] = { "$0 / $1", { ZERO_DIVISOR } },
	[0x81] = { "hbk_rem64($0, $1)", { ZERO_DIVISOR } },
	[0x82] = { "$0 % $1", { ZERO_DIVISOR } },
	[0x83] = { "$0 & $1" },
	[0x84] = { "$0 | $1" },
	[0x85] = { "$0 ^ $1" },
	[0x86] = { "$0 << ($1 & 63)" },
	[0x87] = { "(u64)((s64)$0 >> ($1 & 63))" },
	[0x88] = { "$0 >> ($1 & 63)" },
	[0x89] = { "hbk_rotl64($0, $1)" },
	[0x8a] = { "hbk_rotr64($0, $1)" },

	[0x8b] = { "hbk_f32_abs($0)" },				/* f32.abs */
	[0x8c] = { "hbk_f32_neg($0)" },
	[0x8d] = { "hbk_f32_ceil($0)" },
	[0x8e] = { "hbk_f32_floor($0)" },
	[0x8f] = { "hbk_f32_trunc($0)" },
	[0x90] = { "hbk_f32_nearest($0)" },
	[0x91] = { "hbk_f32_sqrt($0)" },
	[0x92] = { "$0 + $1" },
	[0x93] = { "$0 - $1" },
	[0x94] = { "$0 * $1" },
	[0x95] = { "$0 / $1" },
	[0x96] = { "hbk_f32_min($0, $1)" },
	[0x97] = { "hbk_f32_max($0, $1)" },
	[0x98] = { "hbk_f32_copysign($0, $1)" },
	[0x99] = { "hbk_f64_abs($0)" },				/* f64.abs */
	[0x9a] = { "hbk_f64_neg($0)" },
	[0x9b] = { "hbk_f64_ceil($0)" },
	[0x9c] = { "hbk_f64_floor($0)" },
	[0x9d] = { "hbk_f64_trunc($0)" },
	[0x9e] = { "hbk_f64_nearest($0)" },
	[0x9f] = { "hbk_f64_sqrt($0)" },
	[0xa0] = { "$0 + $1" },
	[0xa1] = { "$0 - $1" },
	[0xa2] = { "$0 * $1" },
	[0xa3] = { "$0 / $1" },
	[0xa4] = { "hbk_f64_min($0, $1)" },
	[0xa5] = { "hbk_f64_max($0, $1)" },
	[0xa6] = { "hbk_f64_copysign($0, $1)" },

	[0xa7] = { "(u32)$0" },					/* i32.wrap_i64 */
	[0xa8] = TRUNC("i32s", "f32"),
	[0xa9] = TRUNC("i32u", "f32"),
	[0xaa] = TRUNC("i32s", "f64"),
	[0xab] = TRUNC("i32u", "f64"),
	[0xac] = { "(u64)(int)$0" },				/* i64.extend_i32_s */
	[0xad] = { "(u64)$0" },
	[0xae] = TRUNC("i64s", "f32"),
	[0xaf] = TRUNC("i64u", "f32"),
	[0xb0] = TRUNC("i64s", "f64"),
	[0xb1] = TRUNC("i64u", "f64"),
	[0xb2] = { "(float)(int)$0" },				/* f32.convert_i32_s */
	[0xb3] = { "(float)$0" },
	[0xb4] = { "(float)(s64)$0" },
	[0xb5] = { "(float)$0" },
	[0xb6] = { "(float)$0" },				/* f32.demote_f64 */
	[0xb7] = { "(double)(int)$0" },				/* f64.convert_i32_s */
	[0xb8] = { "(double)$0" },
	[0xb9] = { "(double)(s64)$0" },
	[0xba] = { "(double)$0" },
	[0xbb] = { "hbk_f64_promote($0)" },			/* f64.promote_f32 */
	[0xbc] = { "hbk_f32_bits($0)" },			/* i32.reinterpret_f32 */
	[0xbd] = { "hbk_f64_bits($0)" },
	[0xbe] = { "hbk_f32($0)" },
	[0xbf] = { "hbk_f64($0)" },
	[0xc0] = { "(u32)(signed char)$0" },			/* i32.extend8_s */
	[0xc1] = { "(u32)(short)$0" },
	[0xc2] = { "(u64)(signed char)$0" },
	[0xc3] = { "(u64)(short)$0" },
	[0xc4] = { "(u64)(int)$0" },
};

/* Behind the prefix: the conversions that cannot trap. */
static const struct hbk_wasm_expression saturating[] = {
	{ "hbk_i32s_sat_f32($0)" },
	{ "hbk_i32u_sat_f32($0)" },
	{ "hbk_i32s_sat_f64($0)" },
	{ "hbk_i32u_sat_f64($0)" },
	{ "hbk_i64s_sat_f32($0)" },
	{ "hbk_i64u_sat_f32($0)" },
	{ "hbk_i64s_sat_f64($0)" },
	{ "hbk_i64u_sat_f64($0)" },
};

/* NULL if the instruction is not of that kind. */
const struct hbk_wasm_expression *hbk_wasm_expression_find(u16 op)
{
	if (op >= HBK_WASM_PREFIX && op - HBK_WASM_PREFIX < (int)(sizeof(saturating) / sizeof(saturating[0])))
		return &saturating[op - HBK_WASM_PREFIX];
	return op < 256 && plain[op].text ? &plain[op] : NULL;
}
