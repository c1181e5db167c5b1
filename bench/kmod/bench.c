// SPDX-License-Identifier: GPL-2.0-only
/*
 * The benchmarks in the kernel, native, interpreted and compiled. Reading
 * debugfs's hauberk-bench runs them all, a few times each; the fastest counts.
 * One line per benchmark: where, engine, benchmark, result, nanoseconds.
 */
#include <hauberk/wasm.h>

#include "images.h"

#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#define REPEATS		2
#define EMPTY_CALLS	1000
#define FUEL		(1ull << 40)

#define DECLARE(name, amount)	u32 bench_##name(u32);
BENCH_C(DECLARE)
DECLARE(nop, 0)

#define bench_coremark	NULL

/**
 * struct bench - one benchmark
 * @name:	of it
 * @amount:	how much of it to do
 * @native:	its native code, or NULL
 * @image:	the guest
 * @image_end:	where its bytes end
 */
struct bench {
	const char *name;
	u32 amount;
	u32 (*native)(u32 amount);
	const unsigned char *image;
	const unsigned char *image_end;
};

#define BENCH(name, amount)	{ #name, amount, bench_##name, bench_image_##name, bench_image_end_##name }
#define ENTRY(name, amount)	BENCH(name, amount),

static const struct bench benches[] = { BENCH_LIST(ENTRY) };
static const struct bench nop = BENCH(nop, 0);

/* How a benchmark is run: native code, or a guest of which there is an instance. */
struct engine {
	const char *name;
	u32 flags;
	struct hbk_guest_instance *instance;
	u32 function;
};

static struct dentry *file;

static int run(const struct engine *engine, const struct bench *bench, u32 amount, u32 *result)
{
	struct hbk_guest_run call = { .context = HBK_GUEST_IN_STREAM, .fuel = FUEL };
	u64 value = amount;
	int err;

	if (!engine->instance) {
		*result = bench->native(amount);
		return 0;
	}
	err = hbk_guest_call(engine->instance, engine->function, &value, &call);
	if (err)
		pr_err("hauberk_bench: %s, %s: %s\n", bench->name, engine->name,
		       hbk_wasm_trap_name(call.trap));
	*result = value;
	return err;
}

static int measure(struct seq_file *to, const struct engine *engine, const struct bench *bench)
{
	u64 least = U64_MAX;
	u32 result;
	int i, err;

	for (i = 0; i < REPEATS; i++) {
		u64 begin = ktime_get_ns();

		err = run(engine, bench, bench->amount, &result);
		if (err)
			return err;
		least = min(least, ktime_get_ns() - begin);
	}
	seq_printf(to, "kernel,%s,%s,%u,%llu\n", engine->name, bench->name, result, least);
	return 0;
}

/* As often as it is measured, without what chooses between engines. */
static noinline int call_often(const struct engine *engine, const struct bench *bench, u32 *result)
{
	struct hbk_guest_run call = { .context = HBK_GUEST_IN_STREAM, .fuel = FUEL };
	u64 value = 0;
	int i, err = 0;

	for (i = 0; i < EMPTY_CALLS && !err; i++) {
		if (engine->instance)
			err = hbk_guest_call(engine->instance, engine->function, &value, &call);
		else
			value = bench->native(value);
	}
	*result = value;
	return err;
}

/* What a call costs that does no work. */
static int measure_calls(struct seq_file *to, const struct engine *engine, const struct bench *bench)
{
	u64 least = U64_MAX;
	u32 result;
	int i, err;

	for (i = 0; i < REPEATS; i++) {
		u64 begin = ktime_get_ns();

		err = call_often(engine, bench, &result);
		if (err)
			return err;
		least = min(least, ktime_get_ns() - begin);
	}
	seq_printf(to, "kernel,%s,call,%u,%llu\n", engine->name, EMPTY_CALLS,
		   div_u64(least, EMPTY_CALLS));
	return 0;
}

typedef int (*measure_how)(struct seq_file *to, const struct engine *engine,
			   const struct bench *bench);

static int measure_guest(struct seq_file *to, const struct bench *bench, struct hbk_guest *guest,
			 struct engine *engine, struct hbk_guest_error *error, measure_how how)
{
	struct hbk_guest_run start = { .context = HBK_GUEST_IN_START, .fuel = FUEL };
	int err;

	err = hbk_guest_export(guest, "run", &engine->function);
	if (err)
		return err;
	engine->instance = hbk_guest_instance_new(guest, NULL, &start, error);
	if (IS_ERR(engine->instance))
		return PTR_ERR(engine->instance);
	err = how(to, engine, bench);
	hbk_guest_instance_free(engine->instance);
	return err;
}

static int measure_loaded(struct seq_file *to, const struct bench *bench, struct engine *engine,
			  struct hbk_guest_error *error, measure_how how)
{
	struct hbk_guest *guest = hbk_guest_find(bench->name);
	struct hbk_guest_info *info;
	int err = 0;

	if (IS_ERR_OR_NULL(guest))
		return guest ? PTR_ERR(guest) : -ENOENT;
	info = kzalloc(sizeof(*info), GFP_KERNEL);
	if (!info) {
		err = -ENOMEM;
		goto out_put;
	}
	hbk_guest_describe(guest, info);
	if (info->compiled != !(engine->flags & HBK_GUEST_INTERPRET))
		seq_printf(to, "# %s: not there %s\n", bench->name, engine->name);
	else
		err = measure_guest(to, bench, guest, engine, error, how);
	kfree(info);
out_put:
	hbk_guest_put(guest);
	return err;
}

/* Loads a benchmark's guest for @engine and runs it. */
static int measure_engine(struct seq_file *to, const struct bench *bench, struct engine *engine,
			  measure_how how)
{
	struct hbk_guest_error *error = kzalloc(sizeof(*error), GFP_KERNEL);
	int err;

	if (!error)
		return -ENOMEM;
	err = hbk_guest_load(bench->name, bench->image, bench->image_end - bench->image,
			     engine->flags, error);
	if (err)
		goto out_free;
	err = measure_loaded(to, bench, engine, error, how);
	hbk_guest_unload(bench->name);
out_free:
	if (err)
		seq_printf(to, "# %s, %s: %d %s\n", bench->name, engine->name, err, error->text);
	kfree(error);
	return err;
}

static int measure_bench(struct seq_file *to, const struct bench *bench, measure_how how)
{
	struct engine native = { .name = "native" };
	struct engine interpreted = { .name = "interpreted", .flags = HBK_GUEST_INTERPRET };
	struct engine compiled = { .name = "compiled" };
	int err;

	err = bench->native ? how(to, &native, bench) : 0;
	if (!err)
		err = measure_engine(to, bench, &interpreted, how);
	if (!err)
		err = measure_engine(to, bench, &compiled, how);
	return err;
}

static int bench_show(struct seq_file *to, void *unused)
{
	int i, err;

	/* What does not fit is asked for again with more room: see that all fits. */
	for (i = 0; i < ARRAY_SIZE(benches); i++) {
		err = measure_bench(to, &benches[i], measure);
		if (err)
			return 0;
	}
	measure_bench(to, &nop, measure_calls);
	return 0;
}

static int bench_open(struct inode *inode, struct file *opened)
{
	return single_open_size(opened, bench_show, NULL, 4 * PAGE_SIZE);
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = bench_open,
	.read = seq_read,
	.release = single_release,
};

static int __init bench_init(void)
{
	file = debugfs_create_file("hauberk-bench", 0400, NULL, NULL, &operations);
	return PTR_ERR_OR_ZERO(file);
}

static void __exit bench_exit(void)
{
	debugfs_remove(file);
}

module_init(bench_init);
module_exit(bench_exit);
MODULE_DESCRIPTION("Benchmarks of Hauberk's guests");
MODULE_LICENSE("GPL");
