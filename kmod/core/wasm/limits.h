/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest may ask of us. Every limit of the engine has its name here; a
 * module past one is refused with the limit's number, before anything runs.
 */
#ifndef _HBK_CORE_WASM_LIMITS_H
#define _HBK_CORE_WASM_LIMITS_H

/* Of the specification: no memory can have more. */
#define HBK_WASM_PAGE_SIZE		65536	/* bytes */
#define HBK_WASM_PAGES_SPEC		65536	/* 4 GiB */

/* Of one module. */
#define HBK_WASM_MODULE_MAX		16777216	/* bytes, custom sections and data included */
#define HBK_WASM_CODE_MAX		8388608		/* bytes of the code section */
#define HBK_WASM_TYPES_MAX		10000
#define HBK_WASM_IMPORTS_MAX		1000
#define HBK_WASM_FUNCTIONS_MAX		100000		/* imported ones included, as with all that follow */
#define HBK_WASM_TABLES_MAX		64
#define HBK_WASM_MEMORIES_MAX		1		/* more is the multi-memory proposal */
#define HBK_WASM_GLOBALS_MAX		10000
#define HBK_WASM_EXPORTS_MAX		10000
#define HBK_WASM_ELEMENT_SEGMENTS_MAX	10000
#define HBK_WASM_ELEMENTS_MAX		131072		/* of all element segments together */
#define HBK_WASM_DATA_SEGMENTS_MAX	100000		/* Go writes very many */
#define HBK_WASM_NAME_MAX		4096		/* bytes of the name of an import or export */

/* Of one function. */
#define HBK_WASM_PARAMS_MAX		1000
#define HBK_WASM_RESULTS_MAX		1000
#define HBK_WASM_BODY_MAX		262144		/* bytes */
#define HBK_WASM_COST_MAX		262144		/* units that it is charged when it is entered: it may run as long at once */
#define HBK_WASM_LOCALS_MAX		4096		/* parameters included */
#define HBK_WASM_OPERANDS_MAX		4096		/* height of the operand stack */
#define HBK_WASM_NESTING_MAX		1024		/* control frames, the function's own included */
#define HBK_WASM_TARGETS_MAX		16384		/* labels of one br_table, its default included */

/* Of one instance. */
#define HBK_WASM_MEMORY_PAGES_MAX	256		/* 16 MiB: minimum of a module, and growth */
#define HBK_WASM_TABLE_SIZE_MAX		131072		/* elements of one table: minimum, and growth */

/* Of one call. */
#define HBK_WASM_DEPTH_MAX		1000		/* calls of guest functions in one another */
#define HBK_WASM_STACK_SIZE		262144		/* bytes of native stack */
#define HBK_WASM_SLICE			20000		/* units of fuel between two chances to reschedule */

/* Fuel beyond one unit for each instruction. */
#define HBK_WASM_FUEL_BULK		16		/* bytes or entries of a bulk operation for one unit */
#define HBK_WASM_FUEL_GROW		16		/* units for each memory.grow, … */
#define HBK_WASM_FUEL_PAGE		1024		/* … and for each page that it gets */

/*
 * What validating may cost: a step for each instruction, operand and label
 * that is looked at. An instruction of two bytes may have a thousand operands;
 * without a bound a small module could keep the kernel busy for minutes.
 */
#define HBK_WASM_STEPS_MAX		134217728
#define HBK_WASM_STEPS_SLICE		65536		/* between two calls of the heap's yield() */

#endif /* _HBK_CORE_WASM_LIMITS_H */
