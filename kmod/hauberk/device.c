// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device: one write(2) is one request, one read(2) one frame of what the
 * opener has to read: replies first, then events.
 *
 * Only CAP_NET_ADMIN of the initial user namespace opens it.  What an opener
 * does is its own: several may be open, and a process that is handed the
 * descriptor acts with the right of who opened it.
 *
 * opener->lock is the outermost lock.  Inside it user memory is touched,
 * memory is allocated, guests of WebAssembly run, and the locks of the
 * rule-set, the registry and the ring of events are taken.
 *
 * An opener who does not read is served until HBK_REPLIES_MAX bytes wait for
 * him.  Then poll() does not say EPOLLOUT any more, and write() fails: EAGAIN
 * with O_NONBLOCK, ENOBUFS without, since waiting would be for ever if the
 * same thread had to read.  Events wait in the ring, which forgets.
 */
#include "device.h"

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "request.h"

static u64 instance;

/**
 * hbk_device_instance() - tell one load of the module from another
 *
 * Return: a number drawn when the module was loaded.
 */
u64 hbk_device_instance(void)
{
	return instance;
}

static int device_open(struct inode *inode, struct file *file)
{
	struct hbk_opener *opener;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	opener = kvzalloc(sizeof(*opener), GFP_KERNEL_ACCOUNT);
	if (!opener)
		return -ENOMEM;
	mutex_init(&opener->lock);
	init_waitqueue_head(&opener->wait);
	hbk_reply_queue_init(&opener->replies);
	opener->follower.wait = &opener->wait;
	file->private_data = opener;
	return stream_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	struct hbk_opener *opener = file->private_data;

	hbk_event_unfollow(&opener->follower);
	hbk_transaction_abort(&opener->transaction);
	hbk_wasm_upload_release(&opener->upload);
	hbk_reply_queue_free(&opener->replies);
	kvfree(opener);
	return 0;
}

static bool readable(const struct hbk_opener *opener)
{
	return READ_ONCE(opener->replies.bytes) || READ_ONCE(opener->event_length) ||
	       hbk_event_waiting(&opener->follower);
}

static ssize_t read_event(struct hbk_opener *opener, char __user *buffer, size_t size)
{
	u32 length;

	if (!opener->event_length)
		WRITE_ONCE(opener->event_length, hbk_event_take(&opener->follower, opener->event));
	length = opener->event_length;
	if (!length)
		return -EAGAIN;
	if (length > size)
		return -EMSGSIZE;
	if (copy_to_user(buffer, opener->event, length))
		return -EFAULT;
	WRITE_ONCE(opener->event_length, 0);
	return length;
}

static ssize_t read_frame(struct hbk_opener *opener, char __user *buffer, size_t size)
{
	bool was_full = !hbk_reply_queue_room(&opener->replies);
	ssize_t length;

	length = hbk_reply_queue_read(&opener->replies, buffer, size);
	if (length == -EAGAIN)
		return read_event(opener, buffer, size);
	if (was_full && hbk_reply_queue_room(&opener->replies))
		wake_up_interruptible(&opener->wait);
	return length;
}

static ssize_t device_read(struct file *file, char __user *buffer, size_t size, loff_t *offset)
{
	struct hbk_opener *opener = file->private_data;
	ssize_t length;

	for (;;) {
		if (mutex_lock_interruptible(&opener->lock))
			return -ERESTARTSYS;
		length = read_frame(opener, buffer, size);
		mutex_unlock(&opener->lock);
		if (length != -EAGAIN || file->f_flags & O_NONBLOCK)
			return length;
		if (wait_event_interruptible(opener->wait, readable(opener)))
			return -ERESTARTSYS;
	}
}

static int serve_locked(struct hbk_opener *opener, const void *frame, size_t length,
			bool nonblocking)
{
	int error;

	if (mutex_lock_interruptible(&opener->lock))
		return -ERESTARTSYS;
	if (hbk_reply_queue_room(&opener->replies))
		error = hbk_request_serve(opener, frame, length);
	else
		error = nonblocking ? -EAGAIN : -ENOBUFS;
	mutex_unlock(&opener->lock);
	return error;
}

static ssize_t device_write(struct file *file, const char __user *buffer, size_t length,
			    loff_t *offset)
{
	void *frame;
	int error;

	if (length < sizeof(struct hbk_frame))
		return -EBADMSG;
	if (length > HBK_FRAME_MAX)
		return -EMSGSIZE;
	frame = vmemdup_user(buffer, length);
	if (IS_ERR(frame))
		return PTR_ERR(frame);
	error = hbk_frame_header_check(frame, length);
	if (!error)
		error = serve_locked(file->private_data, frame, length,
				     file->f_flags & O_NONBLOCK);
	/* It may have carried a private key. */
	kvfree_sensitive(frame, length);
	return error ? error : length;
}

static __poll_t device_poll(struct file *file, poll_table *table)
{
	struct hbk_opener *opener = file->private_data;
	__poll_t events = 0;

	poll_wait(file, &opener->wait, table);
	if (readable(opener))
		events |= EPOLLIN | EPOLLRDNORM;
	if (hbk_reply_queue_room(&opener->replies))
		events |= EPOLLOUT | EPOLLWRNORM;
	return events;
}

static const struct file_operations device_operations = {
	.owner		= THIS_MODULE,
	.open		= device_open,
	.release	= device_release,
	.read		= device_read,
	.write		= device_write,
	.poll		= device_poll,
};

static struct miscdevice device = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= HBK_DEVICE_NAME,
	.fops	= &device_operations,
	.mode	= 0600,
};

/**
 * hbk_device_init() - register the device; the ring of events must be there
 *
 * Return: 0 or a negative errno.
 */
int hbk_device_init(void)
{
	instance = get_random_u64();
	return misc_register(&device);
}

/**
 * hbk_device_exit() - unregister the device; nobody has it open any more
 */
void hbk_device_exit(void)
{
	misc_deregister(&device);
}
