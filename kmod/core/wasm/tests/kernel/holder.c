// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/hauberk-holder: holds a guest and an instance of it, as a
 * user of hauberk/wasm.h may. What is written to it is done; writing fails with
 * what that answered:
 *
 *	find NAME	hold the guest of this name
 *	instance	make an instance of it, and hold that
 *	free		free the instance
 *	put		let go of the guest
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <hauberk/wasm.h>

static DEFINE_MUTEX(holder_lock);	/* guards the next two */
static struct hbk_guest *guest;
static struct hbk_guest_instance *instance;

static int find(const char *name)
{
	if (guest)
		return -EBUSY;
	guest = hbk_guest_find(name);
	return guest ? 0 : -ENOENT;
}

static int make(const char *word)
{
	struct hbk_guest_run run = { };
	struct hbk_guest_error *error;
	int err;

	if (!guest || instance)
		return -EINVAL;
	error = kzalloc(sizeof(*error), GFP_KERNEL);
	if (!error)
		return -ENOMEM;
	instance = hbk_guest_instance_new(guest, NULL, &run, error);
	kfree(error);
	err = PTR_ERR_OR_ZERO(instance);
	if (err)
		instance = NULL;
	return err;
}

static int drop(const char *word)
{
	if (!instance)
		return -EINVAL;
	hbk_guest_instance_free(instance);
	instance = NULL;
	return 0;
}

static int put(const char *word)
{
	if (!guest || instance)
		return -EINVAL;
	hbk_guest_put(guest);
	guest = NULL;
	return 0;
}

static const struct {
	const char *verb;
	int (*run)(const char *word);
} verbs[] = {
	{ "find", find },
	{ "instance", make },
	{ "free", drop },
	{ "put", put },
};

static int obey(char *line)
{
	const char *verb = strsep(&line, " ");
	int i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verb, verbs[i].verb))
			return verbs[i].run(line ?: "");
	return -EINVAL;
}

static ssize_t holder_write(struct file *file, const char __user *from, size_t size, loff_t *position)
{
	char *line;
	int err;

	if (size > PAGE_SIZE)
		return -E2BIG;
	line = memdup_user_nul(from, size);
	if (IS_ERR(line))
		return PTR_ERR(line);
	mutex_lock(&holder_lock);
	err = obey(strim(line));
	mutex_unlock(&holder_lock);
	kfree(line);
	return err ?: size;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = nonseekable_open,
	.write = holder_write,
};

static struct dentry *entry;

static int __init holder_init(void)
{
	entry = debugfs_create_file("hauberk-holder", 0200, NULL, NULL, &operations);
	return PTR_ERR_OR_ZERO(entry);
}

static void __exit holder_exit(void)
{
	debugfs_remove(entry);
	if (instance)
		hbk_guest_instance_free(instance);
	if (guest)
		hbk_guest_put(guest);
}

module_init(holder_init);
module_exit(holder_exit);

MODULE_DESCRIPTION("Holds guests for tests of hauberk");
MODULE_LICENSE("GPL");
