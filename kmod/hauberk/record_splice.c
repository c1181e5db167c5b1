// SPDX-License-Identifier: GPL-2.0-only
/*
 * splice() from an upgraded socket: plaintext is read into fresh pages, which
 * the pipe owns from then on.  The caller holds the pipe's lock, so that the
 * room which is counted first is there afterwards.
 */
#include "record.h"

#include <linux/bvec.h>
#include <linux/pipe_fs_i.h>
#include <linux/splice.h>
#include <linux/uio.h>

#include "conn.h"
#include "inject.h"

#define SPLICE_PAGES	PIPE_DEF_BUFFERS	/* in one go */

struct record_splice {
	struct page *pages[SPLICE_PAGES];
	struct partial_page partial[SPLICE_PAGES];
	struct bio_vec vecs[SPLICE_PAGES];
	unsigned int count;
};

static void splice_release(struct splice_pipe_desc *spd, unsigned int i)
{
	put_page(spd->pages[i]);
}

static size_t splice_room(const struct pipe_inode_info *pipe, size_t length)
{
	unsigned int used = pipe_occupancy(pipe->head, pipe->tail);
	size_t free = used < pipe->max_usage ? pipe->max_usage - used : 0;

	return min3(length, free * PAGE_SIZE, (size_t)SPLICE_PAGES * PAGE_SIZE);
}

static bool splice_pages_get(struct record_splice *splice, size_t length)
{
	for (splice->count = 0; length; splice->count++) {
		size_t part = min_t(size_t, length, PAGE_SIZE);
		struct page *page = HBK_INJECT(SPLICE_PAGE) ? NULL :
				    alloc_page(GFP_KERNEL_ACCOUNT);

		if (!page)
			break;
		splice->pages[splice->count] = page;
		splice->vecs[splice->count] = (struct bio_vec){ .bv_page = page, .bv_len = part };
		length -= part;
	}
	return splice->count;
}

/* The pages that @got bytes did not reach go back; the pipe gets the others. */
static ssize_t splice_fill(struct record_splice *splice, struct pipe_inode_info *pipe, size_t got)
{
	struct splice_pipe_desc spd = {
		.pages = splice->pages, .partial = splice->partial,
		.nr_pages_max = SPLICE_PAGES, .ops = &nosteal_pipe_buf_ops,
		.spd_release = splice_release,
	};
	unsigned int used = DIV_ROUND_UP(got, PAGE_SIZE), i;

	for (i = used; i < splice->count; i++)
		put_page(splice->pages[i]);
	for (i = 0; i < used; i++) {
		splice->partial[i].offset = 0;
		splice->partial[i].len = min_t(size_t, got - i * PAGE_SIZE, PAGE_SIZE);
	}
	spd.nr_pages = used;
	return used ? splice_to_pipe(pipe, &spd) : 0;
}

/**
 * hbk_record_splice() - move plaintext into a pipe
 * @conn: open
 * @sock: its socket
 * @pipe: locked by the caller
 * @length: bytes wanted
 * @flags: as of recvmsg(2)
 *
 * Context: process, socket not locked; waits unless MSG_DONTWAIT.
 * Return: bytes moved, 0 at the end of the stream, or an error as hbk_record_recvmsg().
 */
ssize_t hbk_record_splice(struct hbk_conn *conn, struct socket *sock,
			  struct pipe_inode_info *pipe, size_t length, unsigned int flags)
{
	size_t room = splice_room(pipe, length), readable;
	struct record_splice *splice;
	struct msghdr msg = {};
	ssize_t moved;
	int got;

	if (!room)
		return length ? -EAGAIN : 0;
	splice = HBK_INJECT(SPLICE) ? NULL : kmalloc(sizeof(*splice), GFP_KERNEL);
	if (!splice)
		return -ENOMEM;
	/* No more pages than there is to fill them; one, where nothing is there yet. */
	readable = hbk_record_readable(conn);
	room = min_t(size_t, room, max_t(size_t, readable, PAGE_SIZE));
	moved = -ENOMEM;
	if (splice_pages_get(splice, room)) {
		room = min_t(size_t, room, splice->count * PAGE_SIZE);
		iov_iter_bvec(&msg.msg_iter, ITER_DEST, splice->vecs, splice->count, room);
		got = hbk_record_recvmsg(conn, sock, &msg, room, flags);
		moved = splice_fill(splice, pipe, max(got, 0));
		if (got <= 0)
			moved = got;
	}
	kfree(splice);
	return moved;
}
