/* SPDX-License-Identifier: GPL-2.0-only */
/* The stacks that guests run on. */
#ifndef _HBK_WASM_STACK_H
#define _HBK_WASM_STACK_H

#include <linux/list.h>
#include <linux/llist.h>
#include <linux/percpu.h>
#include <linux/sched/task_stack.h>
#include <linux/types.h>
#include <linux/wait.h>

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

#define HBK_STACK_CANARY	0x4861756265726b21ULL	/* in the lowest words of each native stack */
#define HBK_STACK_CANARIES	2

/* For the functions below only: each CPU's own stack, and who waits for one. */
DECLARE_PER_CPU(struct hbk_stack *, hbk_stack_nearest);
extern wait_queue_head_t hbk_stack_waiters;

int hbk_stack_init(void);
void hbk_stack_exit(void);
struct hbk_stack *hbk_stack_take_slowly(bool killable);
void hbk_stack_give_slowly(struct hbk_stack *stack, bool whole);

/* This CPU's, if it is there. Process context. */
static inline struct hbk_stack *hbk_stack_take_nearest(void)
{
	return this_cpu_xchg(hbk_stack_nearest, NULL);
}

/**
 * hbk_stack_take() - a stack for one call
 * @killable: a fatal signal ends the waiting
 *
 * Context: process context; sleeps until there is one.
 * Return: the stack, or ERR_PTR of -EINTR (a fatal signal came) or, when all have been spoilt, -ENOMEM.
 */
static inline struct hbk_stack *hbk_stack_take(bool killable)
{
	return hbk_stack_take_nearest() ?: hbk_stack_take_slowly(killable);
}

static inline bool hbk_stack_is_whole(const struct hbk_stack *stack)
{
#ifdef HBK_OWN_STACKS
	const u64 *lowest = (const u64 *)stack->native;

	BUILD_BUG_ON(HBK_STACK_CANARIES != 2);
	return !((lowest[0] ^ HBK_STACK_CANARY) | (lowest[1] ^ HBK_STACK_CANARY));
#else
	return true;
#endif
}

/* The reverse of hbk_stack_take(). */
static inline void hbk_stack_give(struct hbk_stack *stack)
{
	bool whole = hbk_stack_is_whole(stack);

	/* Who begins to wait after the look asks this CPU for it: see take_old(). */
	preempt_disable();
	if (likely(whole) && likely(!this_cpu_cmpxchg(hbk_stack_nearest, NULL, stack)))
		stack = unlikely(wq_has_sleeper(&hbk_stack_waiters)) ? hbk_stack_take_nearest() : NULL;
	preempt_enable();
	if (unlikely(stack))
		hbk_stack_give_slowly(stack, whole);
}

/* Is this not the task's own stack: are we inside a guest's call? */
static inline bool hbk_stack_is_foreign(void)
{
#ifdef HBK_OWN_STACKS
	return !object_is_on_stack((void *)current_stack_pointer);
#else
	return false;
#endif
}

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
/*
 * The argument is moved after the switch: it must be in a register, and not in the stack pointer, which the compiler
 * takes for the address of what is lowest in its frame.
 */
#define hbk_stack_run(stack, function, argument) do {						\
	void *moved = (argument);								\
												\
	OPTIMIZER_HIDE_VAR(moved);								\
	call_on_stack((stack)->top, function, ASM_CALL_ARG1,					\
		      , [arg1] "r" (moved));							\
} while (0)
#else
#define hbk_stack_run(stack, function, argument)	((function)(argument))
#endif

void hbk_stack_call(struct hbk_stack *stack, void (*work)(void *data), void *data);

#endif /* _HBK_WASM_STACK_H */
