// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's calls nest on the native stack, and a task's stack of 16 KiB, half
 * of it used already, is too small for programs that compilers make. So each
 * running call has a stack of its own, of HBK_WASM_STACK_SIZE bytes, which the
 * processor is switched to. What runs there may sleep and be preempted as on
 * any other: only the unwinder stops at its beginning.
 *
 * Stacks are bounded in number: beyond it, and where there is no memory for
 * another, a caller waits. Nobody waits who holds one (hbk_stack_is_foreign()),
 * and there always is one, so all waits end. Those that are free are kept: one
 * for each CPU, which is taken and given back without a lock, and some in a
 * list. Whoever waits looks at the list alone: those that run come to it as long
 * as somebody waits, and those that lie beside a CPU are fetched from there.
 *
 * User-mode Linux finds the current task by its stack's address and cannot be
 * switched: there a guest has what is left of the task's, and is stopped the
 * same way where that ends.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/llist.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>

#include "../core/wasm/limits.h"
#include "account.h"
#include "compat.h"
#include "stack.h"

#define STACKS_MAX	64			/* besides one for each CPU */
#define SLOTS_SIZE	(256 * 1024)		/* bytes of a value stack */

/*
 * Bytes that guests leave to the host functions that they call, to the
 * interrupts and faults that begin on their stack, and to allocation.
 */
#ifdef HBK_OWN_STACKS
#define RESERVE		(16 * 1024)
#define STACK_SIZE	(HBK_WASM_STACK_SIZE + RESERVE)
#else
#define RESERVE		(12 * 1024)
#define STACK_SIZE	0
#endif

DEFINE_PER_CPU(struct hbk_stack *, hbk_stack_nearest);
static DEFINE_SPINLOCK(idle_lock);	/* guards the next three */
static LIST_HEAD(idle);
static unsigned int idle_count;
static unsigned int stack_count;	/* that there are */
DECLARE_WAIT_QUEUE_HEAD(hbk_stack_waiters);
static LLIST_HEAD(gathered);		/* on the way from CPUs to the list */

#ifdef HBK_OWN_STACKS
static void set_canary(u64 *lowest)
{
	unsigned int i;

	for (i = 0; i < HBK_STACK_CANARIES; i++)
		lowest[i] = HBK_STACK_CANARY;
}

/* The page below it belongs to nobody: vmalloc() leaves a gap after each area. */
static bool alloc_native(struct hbk_stack *stack)
{
	stack->native = vmalloc(STACK_SIZE);
	if (!stack->native)
		return false;
	stack->top = stack->native + STACK_SIZE - sizeof(u64);
	set_canary((u64 *)stack->native);
	return true;
}
#else
static bool alloc_native(struct hbk_stack *stack)
{
	return true;
}
#endif

static void stack_free(struct hbk_stack *stack)
{
	vfree(stack->native);
	vfree(stack->slots);
	kfree(stack);
	hbk_account_uncharge_total(STACK_SIZE + SLOTS_SIZE);
}

static struct hbk_stack *stack_new(void)
{
	struct hbk_stack *stack;

	if (hbk_account_charge_total(STACK_SIZE + SLOTS_SIZE))
		return NULL;
	stack = kzalloc(sizeof(*stack), GFP_KERNEL);
	if (!stack) {
		hbk_account_uncharge_total(STACK_SIZE + SLOTS_SIZE);
		return NULL;
	}
	stack->slots = vzalloc(SLOTS_SIZE);
	if (!stack->slots || !alloc_native(stack)) {
		stack_free(stack);
		return NULL;
	}
	hbk_stack_describe(stack, &stack->stacks);
	return stack;
}

static struct hbk_stack *idle_pop(void)
{
	struct hbk_stack *stack;

	lockdep_assert_held(&idle_lock);
	stack = list_first_entry_or_null(&idle, struct hbk_stack, node);
	if (stack) {
		list_del(&stack->node);
		idle_count--;
	}
	return stack;
}

/* True with an idle stack, or with none where the caller may make one. */
static bool seize(struct hbk_stack **stack)
{
	bool grow;

	spin_lock(&idle_lock);
	*stack = idle_pop();
	grow = !*stack && stack_count < STACKS_MAX + num_possible_cpus();
	if (grow)
		stack_count++;
	spin_unlock(&idle_lock);
	return *stack || grow;
}

/* False when there are enough of them already. */
static bool idle_push(struct hbk_stack *stack)
{
	bool keep;

	spin_lock(&idle_lock);
	keep = idle_count < num_possible_cpus();
	if (keep) {
		list_add(&stack->node, &idle);
		idle_count++;
	}
	spin_unlock(&idle_lock);
	return keep;
}

static void forget_one(void)
{
	spin_lock(&idle_lock);
	stack_count--;
	spin_unlock(&idle_lock);
}

/* One that the caller may make. */
static struct hbk_stack *stack_make(void)
{
	struct hbk_stack *stack = stack_new();

	if (stack)
		return stack;
	forget_one();
	wake_up(&hbk_stack_waiters);
	return NULL;
}

static void discard(struct hbk_stack *stack)
{
	stack_free(stack);
	forget_one();
}

/* What hbk_stack_give() does when somebody waits, this CPU has one already, or the stack is not @whole. */
void hbk_stack_give_slowly(struct hbk_stack *stack, bool whole)
{
	WARN_ONCE(!whole, "a guest has used all of its stack\n");
	if (!whole || !idle_push(stack))
		discard(stack);
	wake_up(&hbk_stack_waiters);
}

/* On each CPU, with interrupts off. */
static void give_up_nearest(void *unused)
{
	struct hbk_stack *stack = this_cpu_xchg(hbk_stack_nearest, NULL);

	if (stack)
		llist_add(&stack->gathered, &gathered);
}

static void gather(void)
{
	struct hbk_stack *stack, *next;
	unsigned int cpu;

	cpus_read_lock();
	on_each_cpu(give_up_nearest, NULL, true);
	for_each_possible_cpu(cpu) {
		stack = cpu_online(cpu) ? NULL : xchg(per_cpu_ptr(&hbk_stack_nearest, cpu), NULL);
		if (stack)
			llist_add(&stack->gathered, &gathered);
	}
	cpus_read_unlock();
	llist_for_each_entry_safe(stack, next, llist_del_all(&gathered), gathered)
		hbk_stack_give_slowly(stack, true);
}

static struct hbk_stack *idle_take(void)
{
	struct hbk_stack *stack;

	spin_lock(&idle_lock);
	stack = idle_pop();
	spin_unlock(&idle_lock);
	return stack;
}

/* There is no memory for another one: until one of those that there are is free. */
static struct hbk_stack *take_old(bool killable)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	struct hbk_stack *stack;
	bool killed = false;

	/* First this: who gives one back sees us, or has given it to a CPU before we look there. */
	add_wait_queue(&hbk_stack_waiters, &wait);
	gather();
	while (!(stack = idle_take()) && READ_ONCE(stack_count) && !killed) {
		wait_woken(&wait, killable ? TASK_KILLABLE : TASK_UNINTERRUPTIBLE,
			   MAX_SCHEDULE_TIMEOUT);
		killed = killable && fatal_signal_pending(current);
	}
	remove_wait_queue(&hbk_stack_waiters, &wait);
	return stack ?: ERR_PTR(killed ? -EINTR : -ENOMEM);
}

/* What hbk_stack_take() does when this CPU has none. */
struct hbk_stack *hbk_stack_take_slowly(bool killable)
{
	struct hbk_stack *stack;

	if (!killable)
		wait_event(hbk_stack_waiters, seize(&stack));
	else if (wait_event_killable(hbk_stack_waiters, seize(&stack)))
		return ERR_PTR(-EINTR);
	return stack ?: stack_make() ?: take_old(killable);
}

void hbk_stack_describe(const struct hbk_stack *stack, struct hbk_wasm_stacks *stacks)
{
	const u8 *lowest = stack->native ?: (const u8 *)end_of_stack(current);

	stacks->native_limit = lowest + RESERVE;
	stacks->slots = stack->slots;
	stacks->slots_end = stack->slots + SLOTS_SIZE / sizeof(u64);
}

#ifdef HBK_OWN_STACKS
/* The assembly below calls a function that it can name; which work it is comes along. */
struct errand {
	void (*work)(void *data);
	void *data;
};

static void run_errand(struct errand *errand)
{
	errand->work(errand->data);
}

/**
 * hbk_stack_call() - run something on another stack
 * @stack: where
 * @work: what
 * @data: for @work
 *
 * Context: process context.
 */
void hbk_stack_call(struct hbk_stack *stack, void (*work)(void *data), void *data)
{
	struct errand errand = { .work = work, .data = data };

	hbk_stack_run(stack, run_errand, &errand);
}
#else
void hbk_stack_call(struct hbk_stack *stack, void (*work)(void *data), void *data)
{
	work(data);
}
#endif

/* One there is whatever memory is left later. */
int hbk_stack_init(void)
{
	struct hbk_stack *stack = stack_new();

	if (!stack)
		return -ENOMEM;
	stack_count = 1;
	idle_push(stack);
	return 0;
}

/* Nobody calls a guest any more. */
void hbk_stack_exit(void)
{
	struct hbk_stack *stack, *next;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		stack = per_cpu(hbk_stack_nearest, cpu);
		if (stack)
			discard(stack);
	}
	list_for_each_entry_safe(stack, next, &idle, node)
		discard(stack);
}
