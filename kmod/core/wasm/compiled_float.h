/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Floating point for compiled guests, without a math library. The kernel is
 * compiled without vector registers: whatever has a float in it stands between
 * HBK_FLOATS_BEGIN and HBK_FLOATS_END, and runs in a section in which they
 * may be used. Rounding is to nearest, as it is at the beginning of such a
 * section.
 *
 * Moves keep the bits of a NaN; sign operations work on bits. Arithmetic is
 * the processor's, provided that the compiler does not do it beforehand:
 * -fsignaling-nans -ffp-contract=off.
 */
#ifndef _HBK_CORE_WASM_COMPILED_FLOAT_H
#define _HBK_CORE_WASM_COMPILED_FLOAT_H

#include "compiled.h"

#ifdef __x86_64__
#define HBK_FLOATS_BEGIN	_Pragma("GCC push_options") _Pragma("GCC target(\"sse2\")")
#define HBK_FLOATS_END		_Pragma("GCC pop_options")
#else
#define HBK_FLOATS_BEGIN
#define HBK_FLOATS_END
#endif

HBK_FLOATS_BEGIN

static inline float hbk_f32(u32 bits)
{
	float value;

	__builtin_memcpy(&value, &bits, sizeof(value));
	return value;
}

static inline double hbk_f64(u64 bits)
{
	double value;

	__builtin_memcpy(&value, &bits, sizeof(value));
	return value;
}

static inline u32 hbk_f32_bits(float value)
{
	u32 bits;

	__builtin_memcpy(&bits, &value, sizeof(bits));
	return bits;
}

static inline u64 hbk_f64_bits(double value)
{
	u64 bits;

	__builtin_memcpy(&bits, &value, sizeof(bits));
	return bits;
}

/* The two widths differ in nothing but numbers: sign bit, quiet bit, and from where on every number is whole. */
#define HBK_FLOAT_HELPERS(type, name, bits_type, sign, quiet, whole)				\
												\
static inline type hbk_##name##_abs(type value)							\
{												\
	return hbk_##name(hbk_##name##_bits(value) & ~(sign));					\
}												\
												\
static inline type hbk_##name##_neg(type value)							\
{												\
	return hbk_##name(hbk_##name##_bits(value) ^ (sign));					\
}												\
												\
static inline type hbk_##name##_copysign(type value, type from)					\
{												\
	return hbk_##name((hbk_##name##_bits(value) & ~(sign)) |				\
			  (hbk_##name##_bits(from) & (sign)));					\
}												\
												\
static inline type hbk_##name##_quiet(type nan)							\
{												\
	return hbk_##name(hbk_##name##_bits(nan) | (quiet));					\
}												\
												\
/* Of equal operands one may be -0: it is the smaller one. */					\
static inline type hbk_##name##_min(type a, type b)						\
{												\
	if (__builtin_isunordered(a, b))							\
		return hbk_##name##_quiet(__builtin_isunordered(a, a) ? a : b);			\
	if (a == b)										\
		return hbk_##name(hbk_##name##_bits(a) | hbk_##name##_bits(b));			\
	return a < b ? a : b;									\
}												\
												\
static inline type hbk_##name##_max(type a, type b)						\
{												\
	if (__builtin_isunordered(a, b))							\
		return hbk_##name##_quiet(__builtin_isunordered(a, a) ? a : b);			\
	if (a == b)										\
		return hbk_##name(hbk_##name##_bits(a) & hbk_##name##_bits(b));			\
	return a > b ? a : b;									\
}												\
												\
/* Adding what has no room for a fraction rounds it away, to even. */				\
static inline type hbk_##name##_nearest(type value)						\
{												\
	type size = hbk_##name##_abs(value);							\
												\
	if (__builtin_isunordered(value, value))						\
		return hbk_##name##_quiet(value);						\
	if (size >= (whole))									\
		return value;									\
	return hbk_##name##_copysign(size + (whole) - (whole), value);				\
}												\
												\
static inline type hbk_##name##_floor(type value)						\
{												\
	type near = hbk_##name##_nearest(value);						\
												\
	return near > value ? near - 1 : near;							\
}												\
												\
static inline type hbk_##name##_ceil(type value)						\
{												\
	type near = hbk_##name##_nearest(value);						\
												\
	return near < value ? hbk_##name##_copysign(near + 1, value) : near;			\
}												\
												\
static inline type hbk_##name##_trunc(type value)						\
{												\
	return hbk_##name##_copysign(hbk_##name##_floor(hbk_##name##_abs(value)), value);	\
}

HBK_FLOAT_HELPERS(float, f32, u32, 0x80000000u, 0x00400000u, 8388608.0f)
HBK_FLOAT_HELPERS(double, f64, u64, 0x8000000000000000ull, 0x0008000000000000ull, 4503599627370496.0)

static inline float hbk_f32_sqrt(float value)
{
	return __builtin_sqrtf(value);
}

static inline double hbk_f64_sqrt(double value)
{
	return __builtin_sqrt(value);
}

/* A compiler takes (float)(double)value for the value itself, but it is to make a NaN quiet. */
static inline double hbk_f64_promote(float value)
{
	double wide = value;

	if (__builtin_isunordered(value, value))
		return hbk_f64_quiet(wide);
	return wide;
}

/*
 * Conversions to integers. Each range is open at both ends, and its ends are exact: hbk_<to>_from_<from>_fits() says
 * whether a value has an integer, hbk_<to>_sat_<from>() takes the nearest one if not, and zero of a NaN.
 */
#define HBK_FLOAT_TO_INTEGER(to, result, via, from, type, below, above, least, most)		\
												\
static inline bool hbk_##to##_from_##from##_fits(type value)					\
{												\
	return value > (below) && value < (above);						\
}												\
												\
static inline result hbk_##to##_from_##from(type value)						\
{												\
	return (result)(via)value;								\
}												\
												\
static inline result hbk_##to##_sat_##from(type value)						\
{												\
	if (__builtin_isunordered(value, value))						\
		return 0;									\
	if (hbk_##to##_from_##from##_fits(value))						\
		return hbk_##to##_from_##from(value);						\
	return value < 0 ? (least) : (most);							\
}

HBK_FLOAT_TO_INTEGER(i32s, u32, int, f32, float, -2147483904.0f, 2147483648.0f, 0x80000000u, 0x7fffffffu)
HBK_FLOAT_TO_INTEGER(i32u, u32, u32, f32, float, -1.0f, 4294967296.0f, 0, 0xffffffffu)
HBK_FLOAT_TO_INTEGER(i32s, u32, int, f64, double, -2147483649.0, 2147483648.0, 0x80000000u, 0x7fffffffu)
HBK_FLOAT_TO_INTEGER(i32u, u32, u32, f64, double, -1.0, 4294967296.0, 0, 0xffffffffu)
HBK_FLOAT_TO_INTEGER(i64s, u64, s64, f32, float, -9223373136366403584.0f, 9223372036854775808.0f,
		     0x8000000000000000ull, 0x7fffffffffffffffull)
HBK_FLOAT_TO_INTEGER(i64u, u64, u64, f32, float, -1.0f, 18446744073709551616.0f, 0, 0xffffffffffffffffull)
HBK_FLOAT_TO_INTEGER(i64s, u64, s64, f64, double, -9223372036854777856.0, 9223372036854775808.0,
		     0x8000000000000000ull, 0x7fffffffffffffffull)
HBK_FLOAT_TO_INTEGER(i64u, u64, u64, f64, double, -1.0, 18446744073709551616.0, 0, 0xffffffffffffffffull)

HBK_FLOATS_END

#endif /* _HBK_CORE_WASM_COMPILED_FLOAT_H */
