// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log of guests. The ring's bytes have positions that only grow: a reader
 * keeps the position up to which it has read, and finds the next whole line
 * when what it had not read yet is overwritten. Any context but hard
 * interrupt: one spinlock, held for the copying of a line.
 */
#include <linux/ctype.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/spinlock.h>

#include <hauberk/wasm.h>

#include "guest.h"
#include "log.h"

#define LOG_SIZE	65536	/* a power of two */

static DEFINE_SPINLOCK(log_lock);
static char ring[LOG_SIZE];
static u64 written;		/* position after the last byte */

static void put(char c)
{
	ring[written++ % LOG_SIZE] = c;
}

static void put_line(const char *name, const char *text, size_t length)
{
	size_t i;

	while (*name)
		put(*name++);
	put(':');
	put(' ');
	for (i = 0; i < length; i++)
		put(isprint(text[i]) ? text[i] : '.');
	put('\n');
}

void hbk_log_write(struct hbk_guest *guest, const void *text, size_t length)
{
	const char *line = text, *end = line + min_t(size_t, length, HBK_LOG_LINE_MAX);

	if (end > line && end[-1] == '\n')
		end--;
	if (!__ratelimit(&guest->log_rate))
		return;
	spin_lock_bh(&log_lock);
	put_line(guest->name, line, end - line);
	spin_unlock_bh(&log_lock);
}

/**
 * hbk_guest_log_write() - something was said by a guest, or of it
 * @guest: of whom
 * @text: one line; cut where it is too long
 * @length: bytes of it
 */
void hbk_guest_log_write(struct hbk_guest *guest, const void *text, size_t length)
{
	hbk_log_write(guest, text, length);
}
EXPORT_SYMBOL_GPL(hbk_guest_log_write);

/* The beginning of the first whole line at or after @position. */
static u64 next_line(u64 position)
{
	if (written - position <= LOG_SIZE)
		return position;
	position = written - LOG_SIZE;
	while (position < written && ring[position % LOG_SIZE] != '\n')
		position++;
	return position < written ? position + 1 : position;
}

/* How many bytes of whole lines there are at @position, @size at most. */
static size_t lines_at(u64 position, size_t size)
{
	size_t whole = 0, i;

	for (i = 0; i < size && position + i < written; i++)
		if (ring[(position + i) % LOG_SIZE] == '\n')
			whole = i + 1;
	return whole;
}

/**
 * hbk_guest_log_read() - what guests have said
 * @position: up to where it has been read; 0 at first
 * @to: gets whole lines, "NAME: TEXT\n"
 * @size: of @to, at least that of a line: HBK_GUEST_NAME + HBK_LOG_LINE_MAX + 3
 *
 * Context: any but hard interrupt.
 * Return: how many bytes there were.
 */
size_t hbk_guest_log_read(u64 *position, char *to, size_t size)
{
	size_t length, i;

	spin_lock_bh(&log_lock);
	*position = next_line(min(*position, written));
	length = lines_at(*position, size);
	for (i = 0; i < length; i++)
		to[i] = ring[(*position + i) % LOG_SIZE];
	*position += length;
	spin_unlock_bh(&log_lock);
	return length;
}
EXPORT_SYMBOL_GPL(hbk_guest_log_read);
