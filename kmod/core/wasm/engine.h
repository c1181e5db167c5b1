/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the two ways of running a guest share: the interpreter (interp.c) and
 * C that was compiled from a guest. An instance is all the state that a guest
 * has; code and the parsed module are read-only and shared by its instances.
 *
 * One instance runs on one CPU at a time: whoever calls it sees to that.
 *
 * A value is 64 bits: an i32 has its upper half zero, an f32 and an f64 are
 * their bits, a funcref is the address of a struct hbk_wasm_function or 0, an
 * externref is whatever the host says and 0 is null.
 */
#ifndef _HBK_WASM_ENGINE_H
#define _HBK_WASM_ENGINE_H

#include "limits.h"
#include "../types.h"

#ifndef unlikely
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#endif

#define HBK_WASM_REACH_MAX	64	/* bytes behind an address: its check is at hand */

struct hbk_wasm_error;
struct hbk_wasm_heap;
struct hbk_wasm_import;
struct hbk_wasm_instance;
struct hbk_wasm_module;
struct hbk_wasm_type;

/* Why a guest was stopped. The names are those of the core test suite. */
enum hbk_wasm_trap {
	HBK_WASM_TRAP_NONE,
	HBK_WASM_TRAP_UNREACHABLE,
	HBK_WASM_TRAP_DIVIDE_BY_ZERO,
	HBK_WASM_TRAP_INTEGER_OVERFLOW,
	HBK_WASM_TRAP_INVALID_CONVERSION,
	HBK_WASM_TRAP_MEMORY_BOUNDS,
	HBK_WASM_TRAP_TABLE_BOUNDS,
	HBK_WASM_TRAP_UNDEFINED_ELEMENT,
	HBK_WASM_TRAP_UNINITIALIZED_ELEMENT,
	HBK_WASM_TRAP_INDIRECT_TYPE,
	HBK_WASM_TRAP_STACK_EXHAUSTED,
	HBK_WASM_TRAP_FUEL_EXHAUSTED,
	HBK_WASM_TRAP_HOST,		/* a host function refused; instance->host_error is its errno */
	HBK_WASM_TRAP_EXIT,		/* the guest asked to end (proc_exit) */
	HBK_WASM_TRAP_INTERRUPTED,	/* a fatal signal while it ran */
	HBK_WASM_TRAP_POISONED,		/* the instance trapped before */
	HBK_WASM_TRAP_COUNT
};

const char *hbk_wasm_trap_name(enum hbk_wasm_trap trap);

/**
 * struct hbk_wasm_memory - one linear memory; instances may share it
 * @base: its bytes; moves when it grows; NULL while it has no page
 * @size: bytes that a guest may touch, @pages * 64 KiB
 * @capacity: bytes allocated
 * @pages: current number of pages
 * @max_pages: it never has more: the module's maximum or the cap of its owner
 * @declared_max: the module's own maximum, for import matching; 65536 if none
 * @heap: where it comes from
 */
struct hbk_wasm_memory {
	u8 *base;
	u64 size;
	u64 capacity;
	u32 pages;
	u32 max_pages;
	u32 declared_max;
	bool has_max;
	struct hbk_wasm_heap *heap;
};

/* A table of references; entries are values, see above. */
struct hbk_wasm_table {
	u64 *entries;
	u32 size;
	u32 capacity;
	u32 max;
	u32 declared_max;
	bool has_max;
	u8 type;		/* funcref or externref, as module.h has it */
	struct hbk_wasm_heap *heap;
};

/**
 * typedef hbk_wasm_host_call - a function of the host that a guest calls
 * @instance: the caller; its memory may be read, written and grown in here
 * @data: what the resolver gave with the function
 * @values: the arguments, then overwritten with the results
 *
 * It may call back into the guest with hbk_wasm_call_function(@instance, ...).
 *
 * Context: as the guest was called, outside of an FPU section; may sleep when
 * the guest's caller may.
 * Return: HBK_WASM_TRAP_NONE, or the trap that ends the guest.
 */
typedef enum hbk_wasm_trap (*hbk_wasm_host_call)(struct hbk_wasm_instance *instance, void *data,
						 u64 *values);

enum hbk_wasm_function_kind {
	HBK_WASM_FUNCTION_HOST,
	HBK_WASM_FUNCTION_INTERP,
	HBK_WASM_FUNCTION_COMPILED,
};

/**
 * struct hbk_wasm_function - a function that may be called: what a funcref is
 * @type: its signature; equal types of one module are one object here
 * @instance: whose function it is; for a host function the instance that
 *            imported it
 * @code: what runs it, as @kind says: a native function of the compiled
 *        guest's own convention, or the interpreter's
 * @host: the host's function, where @kind is HBK_WASM_FUNCTION_HOST
 * @tag: of a function of a compiled guest: an address that is @instance's own, one for each type; otherwise NULL
 * @data: for @host
 * @enter: of a function of a compiled guest: calls @code as its type asks for
 * @index: in @instance's index space of functions
 * @kind: one of enum hbk_wasm_function_kind
 */
struct hbk_wasm_function {
	const struct hbk_wasm_type *type;
	struct hbk_wasm_instance *instance;
	union {
		const void *code;
		hbk_wasm_host_call host;
	};
	const u8 *tag;
	union {
		void *data;
		void (*enter)(struct hbk_wasm_instance *instance, const void *code, u64 *values);
	};
	u32 index;
	u32 kind;
};

/**
 * struct hbk_wasm_world - what the engine needs of where it runs; all optional
 * @yield: a slice has been used up: reschedule, look for fatal signals;
 *         HBK_WASM_TRAP_NONE to go on. Leaves the FPU section by itself.
 * @fpu_begin: enters a section in which vector registers may be used
 * @fpu_end: leaves it
 */
struct hbk_wasm_world {
	enum hbk_wasm_trap (*yield)(struct hbk_wasm_instance *instance);
	void (*fpu_begin)(struct hbk_wasm_instance *instance);
	void (*fpu_end)(struct hbk_wasm_instance *instance);
};

/**
 * struct hbk_wasm_stacks - what one call from the host runs on
 * @native_limit: lowest address that the native stack may reach; the caller
 *                has switched to that stack
 * @slots: the interpreter's value stack; unused by compiled guests
 * @slots_end: its end
 */
struct hbk_wasm_stacks {
	const u8 *native_limit;
	u64 *slots;
	u64 *slots_end;
};

/**
 * struct hbk_wasm_instance - a guest's state
 * @slice: fuel that is left until the next yield; below zero only in between
 * @memory_base: copy of memory->base; read it again after every call
 * @memory_size: copy of memory->size; likewise
 * @memory_starts: how many addresses an access of 1, 2, 4 and 8 bytes may begin at; likewise
 * @memory_last: for each small reach the last address from which an access of that reach stays inside; likewise
 * @levels: how many guest calls may still begin in one another; below zero only in between
 * @trap: why the guest was stopped; compiled code looks at it after each call
 * @native_limit: see struct hbk_wasm_stacks
 * @slots: first free slot for whoever calls back in, see struct hbk_wasm_stacks
 * @globals: pointers to the cells: imported ones belong to someone else
 * @tables: likewise
 * @functions: the whole index space, imports first
 * @tags: a byte for each type, only for its address: see struct hbk_wasm_function
 * @fuel: fuel beyond @slice
 * @dropped_data: a byte per data segment, 1 when it is gone
 * @dropped_elements: likewise
 * @world: never NULL
 * @host: the host's own, handed through
 * @code: the backend's, shared by all instances of the module
 */
struct hbk_wasm_instance {
	s64 slice;
	u8 *memory_base;
	u64 memory_size;
	u64 memory_starts[4];
	int levels;
	enum hbk_wasm_trap trap;
	const u8 *native_limit;
	u64 *slots;
	u64 *slots_end;
	u64 **globals;
	struct hbk_wasm_table **tables;
	struct hbk_wasm_function *functions;
	u8 *tags;
	u64 fuel;
	struct hbk_wasm_memory *memory;
	u8 *dropped_data;
	u8 *dropped_elements;
	const struct hbk_wasm_module *module;
	const struct hbk_wasm_backend *backend;
	const void *code;
	const struct hbk_wasm_world *world;
	void *host;
	struct hbk_wasm_heap *heap;
	u64 memory_last[HBK_WASM_REACH_MAX + 1];
	int host_error;
	u32 exit_status;
	bool uses_fpu;			/* calls need a section of world->fpu_begin */
	bool in_fpu;			/* calls run inside such a section */
	bool poisoned;
	u64 *own_globals;
	struct hbk_wasm_memory own_memory;
	struct hbk_wasm_table *own_tables;
};

/**
 * struct hbk_wasm_backend - one way of running guests
 * @name: for people
 * @kind: of the functions that it binds
 * @uses_fpu: calls need world->fpu_begin() where the module has floats
 * @prepare: makes code from a valid module, once; NULL where there is nothing
 *           to make. 0, -ENOMEM, or -E2BIG when the module is more than it
 *           can run, with @error filled in
 * @release: the reverse of @prepare
 * @bind: sets functions[].code of a new instance for the module's own functions
 * @call: runs @function, which belongs to an instance of this backend.
 *        Arguments are in @values and results replace them. Fuel, stacks and
 *        the FPU section are the caller's business: hbk_wasm_invoke() sees to
 *        them.
 */
struct hbk_wasm_backend {
	const char *name;
	u32 kind;
	bool uses_fpu;
	int (*prepare)(const void **code, const struct hbk_wasm_module *module,
		       struct hbk_wasm_heap *heap, struct hbk_wasm_error *error);
	void (*release)(const void *code, struct hbk_wasm_heap *heap);
	void (*bind)(struct hbk_wasm_instance *instance);
	enum hbk_wasm_trap (*call)(const struct hbk_wasm_function *function, u64 *values);
};

enum hbk_wasm_trap hbk_wasm_refill(struct hbk_wasm_instance *instance, u64 cost);
void hbk_wasm_memory_measure(struct hbk_wasm_instance *instance);
bool hbk_wasm_pause(struct hbk_wasm_instance *instance);
void hbk_wasm_resume(struct hbk_wasm_instance *instance);
bool hbk_wasm_type_equal(const struct hbk_wasm_type *a, const struct hbk_wasm_type *b);
enum hbk_wasm_trap hbk_wasm_call_function(struct hbk_wasm_instance *caller,
					  const struct hbk_wasm_function *function, u64 *values);

/**
 * hbk_wasm_charge() - pay for what is to be executed next
 * @instance: who pays
 * @cost: units; at most HBK_WASM_COST_MAX of limits.h
 *
 * At the beginning of a function it comes after the depth and the native stack
 * have been checked, so that both backends give the same trap.
 */
static inline enum hbk_wasm_trap hbk_wasm_charge(struct hbk_wasm_instance *instance, u64 cost)
{
	instance->slice -= cost;
	if (likely(instance->slice >= 0))
		return HBK_WASM_TRAP_NONE;
	return hbk_wasm_refill(instance, cost);
}

/* The memory may have moved: after a host call, a call of another instance, memory.grow. */
static inline void hbk_wasm_memory_reload(struct hbk_wasm_instance *instance)
{
	const struct hbk_wasm_memory *memory = instance->memory;

	if (!memory)
		return;
	instance->memory_base = memory->base;
	if (unlikely(instance->memory_size != memory->size))
		hbk_wasm_memory_measure(instance);
}

/* @index if it is less than @size, else zero; also for a processor that has guessed that it is less. */
static inline u32 hbk_wasm_clamp(u32 index, u32 size)
{
#ifdef __x86_64__
	u32 mask;

	asm("cmp %[size], %[index]\n\tsbb %[mask], %[mask]"
	    : [mask] "=r" (mask) : [index] "r" (index), [size] "rm" (size) : "cc");
	return index & mask;
#else
	return index < size ? index : 0;
#endif
}

/**
 * hbk_wasm_table_find() - the function that call_indirect is to call
 * @instance: the caller
 * @table: index of the table
 * @type: the expected type, as the validator made equal types one
 * @index: of the entry
 *
 * Return: the function, or NULL: hbk_wasm_table_function() says which trap that is.
 */
static inline const struct hbk_wasm_function *
hbk_wasm_table_find(const struct hbk_wasm_instance *instance, u32 table,
		    const struct hbk_wasm_type *type, u32 index)
{
	const struct hbk_wasm_table *entries = instance->tables[table];
	const struct hbk_wasm_function *function;

	if (unlikely(index >= entries->size))
		return NULL;
	index = hbk_wasm_clamp(index, entries->size);
	function = (const struct hbk_wasm_function *)(uintptr_t)entries->entries[index];
	if (unlikely(!function))
		return NULL;
	if (unlikely(function->type != type) && !hbk_wasm_type_equal(function->type, type))
		return NULL;
	return function;
}

/* The same, with @trap set where there is none. */
static inline const struct hbk_wasm_function *
hbk_wasm_table_function(const struct hbk_wasm_instance *instance, u32 table,
			const struct hbk_wasm_type *type, u32 index, enum hbk_wasm_trap *trap)
{
	const struct hbk_wasm_function *function = hbk_wasm_table_find(instance, table, type, index);
	const struct hbk_wasm_table *entries = instance->tables[table];

	if (likely(function))
		return function;
	if (index >= entries->size)
		*trap = HBK_WASM_TRAP_UNDEFINED_ELEMENT;
	else if (!entries->entries[hbk_wasm_clamp(index, entries->size)])
		*trap = HBK_WASM_TRAP_UNINITIALIZED_ELEMENT;
	else
		*trap = HBK_WASM_TRAP_INDIRECT_TYPE;
	return NULL;
}

#endif /* _HBK_WASM_ENGINE_H */
