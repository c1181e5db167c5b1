/* SPDX-License-Identifier: GPL-2.0-only */
/* The stacks that guests run on. */
#ifndef _HBK_WASM_STACK_H
#define _HBK_WASM_STACK_H

#include <linux/list.h>
#include <linux/llist.h>
#include <linux/types.h>

#include "../core/wasm/engine.h"
#include "compat.h"

/**
 * struct hbk_stack - a native stack and the interpreter's value stack
 * @node: in the list of idle ones
 * @gathered: on the way there
 * @native: the lowest byte of the native stack; NULL where stacks cannot be switched
 * @top: where a call on it begins
 * @slots: the value stack
 * @stacks: both, as the engine wants to know them
 */
struct hbk_stack {
	struct list_head node;
	struct llist_node gathered;
	u8 *native;
	u8 *top;
	u64 *slots;
	struct hbk_wasm_stacks stacks;
};

int hbk_stack_init(void);
void hbk_stack_exit(void);

struct hbk_stack *hbk_stack_take(void);
struct hbk_stack *hbk_stack_await(void);
void hbk_stack_give(struct hbk_stack *stack);

bool hbk_stack_is_foreign(void);
void hbk_stack_describe(const struct hbk_stack *stack, struct hbk_wasm_stacks *stacks);
/* What the engine wants to know of a stack; where stacks cannot be switched it depends on the task. */
static inline const struct hbk_wasm_stacks *hbk_stack_limits(struct hbk_stack *stack)
{
#ifndef HBK_OWN_STACKS
	hbk_stack_describe(stack, &stack->stacks);
#endif
	return &stack->stacks;
}

/* Runs a function that the assembly can name: one of this file, with one pointer. Process context. */
#ifdef HBK_OWN_STACKS
#define hbk_stack_run(stack, function, argument)						\
	call_on_stack((stack)->top, function, ASM_CALL_ARG1,					\
		      , [arg1] "r" (argument))
#else
#define hbk_stack_run(stack, function, argument)	((function)(argument))
#endif

void hbk_stack_call(struct hbk_stack *stack, void (*work)(void *data), void *data);

#endif /* _HBK_WASM_STACK_H */
