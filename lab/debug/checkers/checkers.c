// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commits the bug that its parameter names, to show that the debug kernel
 * reports it: a silent log means something only where bugs are not silent.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

static char *bug = "";
module_param(bug, charp, 0);
MODULE_PARM_DESC(bug, "the bug to commit");

static DEFINE_MUTEX(first);
static DEFINE_MUTEX(second);
static DEFINE_SPINLOCK(spin);

static void out_of_bounds(void)
{
	size_t size = 24;
	volatile char *p = kmalloc(size, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(size);
	p[size] = 1;
	kfree((void *)p);
}

static void use_after_free(void)
{
	volatile char *p = kmalloc(24, GFP_KERNEL);

	kfree((void *)p);
	p[0] = 1;
}

static void lock_order(void)
{
	mutex_lock(&first);
	mutex_lock(&second);
	mutex_unlock(&second);
	mutex_unlock(&first);

	mutex_lock(&second);
	mutex_lock(&first);
	mutex_unlock(&first);
	mutex_unlock(&second);
}

static void sleep_in_atomic(void)
{
	spin_lock(&spin);
	kfree(kmalloc(24, GFP_KERNEL));
	spin_unlock(&spin);
}

static void shift_too_far(void)
{
	unsigned int width = 40;
	volatile int value = 1;

	OPTIMIZER_HIDE_VAR(width);
	value <<= width;
}

static void on_timer(struct timer_list *timer)
{
}

static void free_active_timer(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	timer_setup(timer, on_timer, 0);
	mod_timer(timer, jiffies + HZ);
	kfree(timer);
}

static const struct {
	const char *name;
	void (*commit)(void);
} bugs[] = {
	{ "out-of-bounds", out_of_bounds },
	{ "use-after-free", use_after_free },
	{ "lock-order", lock_order },
	{ "sleep-in-atomic", sleep_in_atomic },
	{ "shift-too-far", shift_too_far },
	{ "free-active-timer", free_active_timer },
};

static int __init checkers_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bugs); i++) {
		if (!strcmp(bug, bugs[i].name)) {
			bugs[i].commit();
			return 0;
		}
	}
	return -EINVAL;
}

static void __exit checkers_exit(void)
{
}

module_init(checkers_init);
module_exit(checkers_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Bugs for the debug kernel to find");
