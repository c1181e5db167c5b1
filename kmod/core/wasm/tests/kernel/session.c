// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/hauberk-suite: the core test suite's runner (tool/suite.c)
 * in the kernel, on the engine that is in wasm.ko. Who has it open writes lines
 * and reads answers; closing it forgets the modules. One at a time.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "../../tool/suite.h"

#define LINE_MAX	(64 * 1024)	/* bytes of what is written at once: one line */
#define ANSWER_MAX	(64 * 1024)	/* bytes of its answer */

static DEFINE_MUTEX(session_lock);	/* held while it is open */
static char *answer;
static size_t answer_length;

void suite_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	answer_length += vscnprintf(answer + answer_length, ANSWER_MAX - answer_length, format, args);
	va_end(args);
}

void *suite_alloc(size_t size)
{
	return kzalloc(size, GFP_KERNEL | __GFP_NOFAIL);
}

void suite_free(void *memory)
{
	kfree(memory);
}

static int session_open(struct inode *inode, struct file *file)
{
	if (!mutex_trylock(&session_lock))
		return -EBUSY;
	answer = kvzalloc(ANSWER_MAX, GFP_KERNEL);
	if (!answer) {
		mutex_unlock(&session_lock);
		return -ENOMEM;
	}
	answer_length = 0;
	suite_begin();
	return nonseekable_open(inode, file);
}

static int session_release(struct inode *inode, struct file *file)
{
	suite_end();
	kvfree(answer);
	mutex_unlock(&session_lock);
	return 0;
}

static ssize_t session_write(struct file *file, const char __user *from, size_t size, loff_t *position)
{
	char *line;

	if (size > LINE_MAX)
		return -E2BIG;
	line = memdup_user_nul(from, size);
	if (IS_ERR(line))
		return PTR_ERR(line);
	answer_length = 0;
	suite_run_line(line);
	kfree(line);
	return size;
}

/* The whole answer to the last line, once. */
static ssize_t session_read(struct file *file, char __user *to, size_t size, loff_t *position)
{
	size_t length = min(size, answer_length);

	if (copy_to_user(to, answer, length))
		return -EFAULT;
	answer_length = 0;
	return length;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = session_open,
	.release = session_release,
	.write = session_write,
	.read = session_read,
};

static struct dentry *entry;

static int __init suite_init(void)
{
	entry = debugfs_create_file("hauberk-suite", 0600, NULL, NULL, &operations);
	return PTR_ERR_OR_ZERO(entry);
}

static void __exit suite_exit(void)
{
	debugfs_remove(entry);
}

module_init(suite_init);
module_exit(suite_exit);

MODULE_DESCRIPTION("Core test suite for the WebAssembly engine of hauberk");
MODULE_LICENSE("GPL");
