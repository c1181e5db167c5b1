/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that was translated to C (translate.c) and compiled: what its code
 * includes, and how it is found and called. Built into a kernel module of its
 * own it registers with wasm.ko when it is loaded; built as a shared object
 * for tests it has one symbol, its struct hbk_wasm_compiled.
 *
 * A function of the guest is a C function: the instance, the operands, and
 * where the results go if there are several. A trap is instance->trap, looked
 * at after each call; nothing ever jumps out of a frame.
 */
#ifndef _HBK_CORE_WASM_COMPILED_H
#define _HBK_CORE_WASM_COMPILED_H

#include "bulk.h"
#include "engine.h"
#include "module.h"

#ifdef __KERNEL__
#include <linux/module.h>

#include "../../include/hauberk/wasm.h"
#endif

#define HBK_COMPILED_SHA256	32	/* bytes */

/*
 * A function finds out that the stack is at its end when its frame is already there: no frame may be larger than half
 * of what the kernel keeps free below that end. The generated Kbuild has the compiler see to it.
 */
#define HBK_COMPILED_FRAME_MAX	8192	/* bytes */
#define HBK_COMPILED_ROOM_FREE	512	/* bytes pushed besides that need no look of their own: of the other half */

/**
 * struct hbk_wasm_compiled_function - one function of a compiled guest
 * @native: its code, of a C type that only @enter and other code of the guest know
 * @enter: calls @native with arguments from @values and puts its results there
 */
struct hbk_wasm_compiled_function {
	const void *native;
	void (*enter)(struct hbk_wasm_instance *instance, const void *native, u64 *values);
};

/**
 * struct hbk_wasm_compiled - a compiled guest
 * @sha256: of the module that it was translated from
 * @instance_size: of the struct hbk_wasm_instance that it was compiled with
 * @function_count: how many functions the module has, imports not counted
 * @cost: of all its functions and loops together: a translator that charges otherwise would have another sum
 * @floats: it needs vector registers
 * @functions: the functions
 */
struct hbk_wasm_compiled {
	u8 sha256[HBK_COMPILED_SHA256];
	u32 instance_size;
	u32 function_count;
	u64 cost;
	bool floats;
	const struct hbk_wasm_compiled_function *functions;
};

/* The backend of compiled guests without floats, and of those with; code is the struct hbk_wasm_compiled. */
extern const struct hbk_wasm_backend hbk_wasm_compiled_integers;
extern const struct hbk_wasm_backend hbk_wasm_compiled_floats;

u64 hbk_wasm_compiled_cost(const struct hbk_wasm_module *module);
bool hbk_wasm_compiled_fits(const struct hbk_wasm_compiled *compiled, const struct hbk_wasm_module *module);

static inline const struct hbk_wasm_backend *hbk_wasm_compiled_backend(const struct hbk_wasm_compiled *compiled)
{
	return compiled->floats ? &hbk_wasm_compiled_floats : &hbk_wasm_compiled_integers;
}

/* For the guest's code only, from here on; what is not inline is in compiled.c. */
#define HBK_COMPILED_INLINE	static inline __attribute__((__always_inline__))
#define HBK_COMPILED_RARE	__attribute__((__noinline__, __cold__))

bool hbk_compiled_enter_slow(struct hbk_wasm_instance *instance, u64 cost, bool counted);
bool hbk_compiled_refill(struct hbk_wasm_instance *instance, u64 cost);
bool hbk_compiled_spend_less(struct hbk_wasm_instance *instance, u64 spent, u64 cost);
bool hbk_compiled_call(struct hbk_wasm_instance *instance, const struct hbk_wasm_function *function, u64 *values);
bool hbk_compiled_call_indirect(struct hbk_wasm_instance *instance, u32 table, u32 type, u32 index, u64 *values);

/* A speculative run past a check must find nothing either: all ones if @index is less than @size, else zero. */
HBK_COMPILED_INLINE u64 hbk_compiled_mask(u64 index, u64 size)
{
#ifdef __x86_64__
	u64 mask;

	asm("cmp %[size], %[index]\n\tsbb %[mask], %[mask]"
	    : [mask] "=r" (mask) : [index] "r" (index), [size] "rme" (size) : "cc");
	return mask;
#else
	asm("" : "+r" (index));
	return ~(u64)((s64)(index | (size - 1 - index)) >> 63);
#endif
}

/*
 * HBK_COMPILED_CHECK(base, last, bounds) - goes to @bounds where an access would leave the memory
 * @base: a variable, of its address; inside of the memory afterwards, also for a CPU that guesses that it was
 * @last: the last address that an access like this may begin at
 *
 * HBK_COMPILED_CHECK_NEAR(base, reach, bounds) - the same for one that ends @reach bytes behind @base
 *
 * One comparison for the branch and the move, which is not guessed. The empty asm() is for compilers that forget what
 * the other one yields (GCC's bug 113921).
 */
#if defined(__x86_64__) && __GNUC__ >= 11
#define HBK_COMPILED_CHECK_AT(base, place, last, bounds) do {						\
	asm volatile goto("cmp %[end], %[at]\n\tcmova %[end], %[at]\n\tja %l[" #bounds "]"		\
			  : [at] "+r" (base) : [end] place(last) : "cc" : bounds);			\
	asm volatile("");										\
} while (0)
#else
#define HBK_COMPILED_CHECK_AT(base, place, last, bounds) do {						\
	if (unlikely((base) > (last)))									\
		goto bounds;										\
	(base) &= hbk_compiled_mask(base, (last) + 1);							\
} while (0)
#endif

#define HBK_COMPILED_CHECK(base, last, bounds)		HBK_COMPILED_CHECK_AT(base, "rm", last, bounds)
#define HBK_COMPILED_CHECK_NEAR(base, reach, bounds)	\
	HBK_COMPILED_CHECK_AT(base, "m", instance->memory_last[reach], bounds)

/**
 * hbk_compiled_outside_far() - the same where the offset alone may lead outside
 * @at: the whole address
 * @width: bytes of the access, at least one
 * @size: bytes of the memory
 * @mask: to be and-ed with the address
 */
HBK_COMPILED_INLINE bool hbk_compiled_outside_far(u64 at, u32 width, u64 size, u64 *mask)
{
	*mask = hbk_compiled_mask(at + width - 1, size);
	return !*mask;
}

/*
 * What follows is written for the processor where the compiler would load what it can compare in memory, and keep in a
 * register what is to be counted back.
 */

/* Whether the function at hand uses stack beyond the limit: its frame is complete, see -fno-shrink-wrap in the Kbuild. */
HBK_COMPILED_INLINE bool hbk_compiled_is_low(const struct hbk_wasm_instance *instance, size_t room)
{
#ifdef __x86_64__
	const u8 *at;
	bool low;

	if (room <= HBK_COMPILED_ROOM_FREE) {
		asm volatile("cmp %[limit], %%rsp" : "=@ccb" (low) : [limit] "m" (instance->native_limit));
		return low;
	}
	asm volatile("mov %%rsp, %0" : "=r" (at));
	return at - room < instance->native_limit;
#else
	return (const u8 *)__builtin_frame_address(0) - room < instance->native_limit;
#endif
}

/* Takes from the slice what is to be paid. True if it has less. */
HBK_COMPILED_INLINE bool hbk_compiled_spend(struct hbk_wasm_instance *instance, u64 cost)
{
	bool less;

#ifdef __x86_64__
	asm volatile("subq %[cost], %[slice]" : [slice] "+m" (instance->slice), "=@ccs" (less) : [cost] "er" (cost));
#else
	instance->slice -= cost;
	less = instance->slice < 0;
#endif
	return unlikely(less);
}

/* One call deeper. True if that is too deep. */
HBK_COMPILED_INLINE bool hbk_compiled_descend(struct hbk_wasm_instance *instance)
{
	bool exhausted;

#ifdef __x86_64__
	asm volatile("subl $1, %[levels]" : [levels] "+m" (instance->levels), "=@ccs" (exhausted));
#else
	exhausted = --instance->levels < 0;
#endif
	return exhausted;
}

HBK_COMPILED_INLINE void hbk_compiled_ascend(struct hbk_wasm_instance *instance)
{
#ifdef __x86_64__
	asm volatile("addl $1, %[levels]" : [levels] "+m" (instance->levels) : : "cc");
#else
	instance->levels++;
#endif
}

/* After a call: whether the guest was stopped in it. */
HBK_COMPILED_INLINE bool hbk_compiled_trapped(const struct hbk_wasm_instance *instance)
{
#ifdef __x86_64__
	bool trapped;

	asm volatile("cmpl $0, %[trap]" : "=@ccne" (trapped) : [trap] "m" (instance->trap));
	return trapped;
#else
	return instance->trap != HBK_WASM_TRAP_NONE;
#endif
}

/**
 * hbk_compiled_pay() - the beginning of a small function that calls nothing
 * @instance: who runs
 * @cost: of the function's body
 *
 * It needs less stack than a function out of line does; nobody can see that it is not counted as a call in progress.
 *
 * Return: true if it cannot go on like that: hbk_compiled_enter_slow() tells why.
 */
HBK_COMPILED_INLINE bool hbk_compiled_pay(struct hbk_wasm_instance *instance, u64 cost)
{
	return unlikely(instance->levels <= 0) || hbk_compiled_spend(instance, cost);
}

/**
 * hbk_compiled_enter() - the beginning of all other functions
 * @instance: who runs
 * @cost: of the function's body
 * @room: bytes of stack that it may push for the arguments of its calls
 *
 * It is counted as a call in progress also if it cannot go on.
 *
 * Return: true if it cannot go on like that: hbk_compiled_enter_slow() tells why.
 */
HBK_COMPILED_INLINE bool hbk_compiled_enter(struct hbk_wasm_instance *instance, u64 cost, size_t room)
{
	return unlikely(hbk_compiled_descend(instance)) || unlikely(hbk_compiled_is_low(instance, room)) ||
	       hbk_compiled_spend(instance, cost);
}

/* Once more round a loop. True if the guest is to be stopped. */
HBK_COMPILED_INLINE bool hbk_compiled_charge(struct hbk_wasm_instance *instance, u64 cost)
{
	return hbk_compiled_spend(instance, cost) && hbk_compiled_refill(instance, cost);
}


/* Gives back what was paid for rounds that were not made. */
HBK_COMPILED_INLINE void hbk_compiled_refund(struct hbk_wasm_instance *instance, u64 cost)
{
#ifdef __x86_64__
	asm volatile("addq %[cost], %[slice]" : [slice] "+m" (instance->slice) : [cost] "er" (cost) : "cc");
#else
	instance->slice += cost;
#endif
}

/* Notes a trap. True if there is one. */
HBK_COMPILED_INLINE bool hbk_compiled_stop(struct hbk_wasm_instance *instance, enum hbk_wasm_trap trap)
{
	if (likely(trap == HBK_WASM_TRAP_NONE))
		return false;
	instance->trap = trap;
	return true;
}

/**
 * hbk_compiled_native() - the code that call_indirect calls, if it is this guest's own
 * @instance: the caller
 * @table: index of the table
 * @type: index of the expected type, the canonical one
 * @index: of the entry
 *
 * Return: code of a function of that type of the same instance; NULL for all else, which
 * hbk_compiled_call_indirect() sorts out.
 */
#if defined(__x86_64__) && __GNUC__ >= 11
HBK_COMPILED_INLINE const void *hbk_compiled_native(const struct hbk_wasm_instance *instance, u32 table, u32 type,
						    u32 index)
{
	const struct hbk_wasm_table *entries = instance->tables[table];
	const struct hbk_wasm_function *function;
	const void *code;
	u64 at = index;

	/* Neither an entry beyond the table nor another function's code is there for a CPU that guesses wrong. */
	asm volatile goto("cmp %[size], %k[at]\n\tcmovae %k[none], %k[at]\n\tjae %l[other]"
			  : [at] "+r" (at) : [size] "m" (entries->size), [none] "r" (0) : "cc" : other);
	asm volatile("");
	function = (const struct hbk_wasm_function *)(uintptr_t)entries->entries[at];
	if (unlikely(!function))
		return NULL;
	code = function->code;
	asm volatile goto("cmp %[tag], %[expected]\n\tcmovne %[none], %[code]\n\tjne %l[other]"
			  : [code] "+r" (code)
			  : [tag] "m" (function->tag), [expected] "r" (instance->tags + type), [none] "r" (0ull)
			  : "cc" : other);
	asm volatile("");
	if (!code)
		__builtin_unreachable();
	return code;
other:
	return NULL;
}
#else
HBK_COMPILED_INLINE const void *hbk_compiled_native(const struct hbk_wasm_instance *instance, u32 table, u32 type,
						    u32 index)
{
	const struct hbk_wasm_table *entries = instance->tables[table];
	const struct hbk_wasm_function *function;
	u64 mask = hbk_compiled_mask(index, entries->size);

	if (unlikely(!mask))
		return NULL;
	function = (const struct hbk_wasm_function *)(uintptr_t)entries->entries[index & mask];
	if (unlikely(!function))
		return NULL;
	mask = hbk_compiled_mask((uintptr_t)function->tag ^ (uintptr_t)(instance->tags + type), 1);
	return (const void *)((uintptr_t)function->code & mask);
}
#endif

static inline u8 hbk_load8(const u8 *from)
{
	return *from;
}

static inline u16 hbk_load16(const u8 *from)
{
	u16 value;

	__builtin_memcpy(&value, from, sizeof(value));
	return value;
}

static inline u32 hbk_load32(const u8 *from)
{
	u32 value;

	__builtin_memcpy(&value, from, sizeof(value));
	return value;
}

static inline u64 hbk_load64(const u8 *from)
{
	u64 value;

	__builtin_memcpy(&value, from, sizeof(value));
	return value;
}

static inline void hbk_store8(u8 *to, u8 value)
{
	*to = value;
}

static inline void hbk_store16(u8 *to, u16 value)
{
	__builtin_memcpy(to, &value, sizeof(value));
}

static inline void hbk_store32(u8 *to, u32 value)
{
	__builtin_memcpy(to, &value, sizeof(value));
}

static inline void hbk_store64(u8 *to, u64 value)
{
	__builtin_memcpy(to, &value, sizeof(value));
}

static inline u32 hbk_clz32(u32 value)
{
	return value ? __builtin_clz(value) : 32;
}

static inline u32 hbk_ctz32(u32 value)
{
	return value ? __builtin_ctz(value) : 32;
}

static inline u64 hbk_clz64(u64 value)
{
	return value ? __builtin_clzll(value) : 64;
}

static inline u64 hbk_ctz64(u64 value)
{
	return value ? __builtin_ctzll(value) : 64;
}

/* Not __builtin_popcount(): without the instruction it is a call of the compiler's library. */
static inline u64 hbk_popcnt64(u64 value)
{
	value -= value >> 1 & 0x5555555555555555ull;
	value = (value & 0x3333333333333333ull) + (value >> 2 & 0x3333333333333333ull);
	value = (value + (value >> 4)) & 0x0f0f0f0f0f0f0f0full;
	return value * 0x0101010101010101ull >> 56;
}

static inline u32 hbk_rotl32(u32 value, u32 by)
{
	return value << (by & 31) | value >> (-by & 31);
}

static inline u64 hbk_rotl64(u64 value, u64 by)
{
	return value << (by & 63) | value >> (-by & 63);
}

static inline u32 hbk_rotr32(u32 value, u32 by)
{
	return value >> (by & 31) | value << (-by & 31);
}

static inline u64 hbk_rotr64(u64 value, u64 by)
{
	return value >> (by & 63) | value << (-by & 63);
}

/* The smallest number divided by -1 is the one quotient that does not fit; its remainder is zero. */
static inline bool hbk_div_overflows32(u32 dividend, u32 divisor)
{
	return dividend == 0x80000000u && divisor == 0xffffffffu;
}

static inline bool hbk_div_overflows64(u64 dividend, u64 divisor)
{
	return dividend == 0x8000000000000000ull && divisor == 0xffffffffffffffffull;
}

static inline u32 hbk_rem32(u32 dividend, u32 divisor)
{
	return divisor == 0xffffffffu ? 0 : (u32)((int)dividend % (int)divisor);
}

static inline u64 hbk_rem64(u64 dividend, u64 divisor)
{
	return divisor == 0xffffffffffffffffull ? 0 : (u64)((s64)dividend % (s64)divisor);
}

#ifdef __KERNEL__
/* The end of a guest's C file: what the module does when it is loaded, and when it goes. */
#define HBK_WASM_COMPILED(symbol)								\
static int __init symbol##_load(void)								\
{												\
	return hbk_compiled_register(&symbol, THIS_MODULE);					\
}												\
module_init(symbol##_load);									\
												\
static void __exit symbol##_unload(void)							\
{												\
	hbk_compiled_unregister(&symbol);							\
}												\
module_exit(symbol##_unload);									\
												\
MODULE_DESCRIPTION("WebAssembly guest compiled for Hauberk");					\
MODULE_LICENSE("GPL")
#define HBK_WASM_COMPILED_SCOPE	static
#else
#define HBK_WASM_COMPILED(symbol)	extern const struct hbk_wasm_compiled symbol
#define HBK_WASM_COMPILED_SCOPE
#endif

#endif /* _HBK_CORE_WASM_COMPILED_H */
