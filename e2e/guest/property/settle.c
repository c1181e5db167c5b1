// SPDX-License-Identifier: Apache-2.0
/*
 * Waits after each step until both pairs have come to rest.
 *
 * What was sent has arrived when the receiver's TCP has counted what the
 * sender's TCP has counted; records are bytes like any others there.  Then
 * readiness must become the same on both pairs.
 */
#define _GNU_SOURCE
#include "property.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define MUCH_UNREAD	1024	/* bytes, less than the smallest receive buffer takes */
#define LOOK_AGAIN_MS	1	/* where readiness has to go, which nothing can await */

#define POLL_ALL	(POLLIN | POLLOUT | POLLRDHUP | POLLPRI)

/* Bytes that this end could read, as far as the program knows. */
uint64_t settle_unread(const struct episode *episode, int reader)
{
	return episode->ends[!reader].sent - episode->ends[reader].received;
}

static void info_get(int fd, struct tcp_info *info)
{
	socklen_t length = sizeof(*info);

	memset(info, 0, sizeof(*info));
	if (getsockopt(fd, SOL_TCP, TCP_INFO, info, &length))
		die("TCP_INFO");
}

static bool arrived(const struct pair *pair, int writer)
{
	struct tcp_info from, to;

	info_get(pair->fd[writer], &from);
	info_get(pair->fd[!writer], &to);
	return !from.tcpi_notsent_bytes &&
	       to.tcpi_bytes_received >= from.tcpi_bytes_sent - from.tcpi_bytes_retrans;
}

/* Of a connection that was reset nothing more arrives. */
static bool is_over(const struct episode *episode, const struct readiness *readiness)
{
	int kind, end;

	for (end = 0; end < ENDS; end++) {
		if (episode->ends[end].closed)
			return true;
		for (kind = 0; kind < KINDS; kind++)
			if (readiness->mask[kind][end] & (POLLERR | POLLHUP))
				return true;
	}
	return false;
}

/*
 * Has each end been told that its peer's stream has ended?  What TCP counts does
 * not say: a FIN has no bytes.  Behind much that is unread it may be on the way
 * for as long as the reader has no room.
 */
static bool ends_told(const struct episode *episode, const struct readiness *readiness)
{
	const struct end *peer;
	int kind, end;

	for (end = 0; end < ENDS; end++) {
		peer = &episode->ends[!end];
		if (episode->ends[end].closed || !(peer->closed || peer->write_shut) || peer->held ||
		    settle_unread(episode, end) > MUCH_UNREAD)
			continue;
		for (kind = 0; kind < KINDS; kind++)
			if (!(readiness->mask[kind][end] & (POLLRDHUP | POLLHUP | POLLERR)))
				return false;
	}
	return true;
}

static bool all_arrived(const struct episode *episode)
{
	int kind, writer;

	for (writer = 0; writer < ENDS; writer++) {
		if (episode->ends[writer].held)
			continue;
		for (kind = 0; kind < KINDS; kind++)
			if (!arrived(&episode->pairs[kind], writer))
				return false;
	}
	return true;
}

/* What is compared of one end's readiness. */
static uint32_t comparable(const struct episode *episode, int end)
{
	uint32_t mask = POLL_ALL | POLLERR | POLLHUP | POLLNVAL;

	if (episode->ends[!end].held)
		mask &= ~(POLLIN | POLLRDHUP);
	if (episode->small)
		mask &= ~POLLOUT;
	if (episode->ends[end].refused)
		mask &= ~POLLERR;
	return mask;
}

static void differences_count(const struct episode *episode)
{
	if (episode->ends[CLIENT].held || episode->ends[SERVER].held)
		difference_used(DIFFERENCE_HELD);
	if (episode->small)
		difference_used(DIFFERENCE_SMALL_ROOM);
	if (episode->ends[CLIENT].refused || episode->ends[SERVER].refused)
		difference_used(DIFFERENCE_REFUSED_DATA);
}

static void look(struct episode *episode, struct readiness *readiness)
{
	struct pollfd fds[KINDS * ENDS];
	int kind, end;

	for (kind = 0; kind < KINDS; kind++)
		for (end = 0; end < ENDS; end++)
			fds[kind * ENDS + end] = (struct pollfd){
				.fd = episode->pairs[kind].fd[end], .events = POLL_ALL };
	if (poll(fds, KINDS * ENDS, 0) < 0)
		die("poll");
	for (kind = 0; kind < KINDS; kind++)
		for (end = 0; end < ENDS; end++)
			readiness->mask[kind][end] = fault_mask(kind, fds[kind * ENDS + end].revents) &
						     comparable(episode, end);
}

/* Sleeps until one end becomes what its counterpart is already. */
static void await_missing(const struct episode *episode, const struct readiness *readiness)
{
	struct pollfd fds[KINDS * ENDS];
	uint32_t missing;
	int kind, end, count = 0;

	for (kind = 0; kind < KINDS; kind++)
		for (end = 0; end < ENDS; end++) {
			missing = readiness->mask[!kind][end] & ~readiness->mask[kind][end];
			if (missing)
				fds[count++] = (struct pollfd){
					.fd = episode->pairs[kind].fd[end], .events = missing & POLL_ALL };
		}
	poll(fds, count, LOOK_AGAIN_MS);
}

/* Readiness that has come must have been told by an edge, on each pair. */
static bool edges_told(struct episode *episode, const struct readiness *readiness)
{
	uint32_t gained;
	bool told = true;
	int kind, end;

	for (end = 0; end < ENDS; end++) {
		gained = readiness->mask[PLAIN][end] & ~episode->ends[end].ready;
		for (kind = 0; kind < KINDS; kind++)
			told = told && (episode->pairs[kind].seen[end] & gained) == gained;
	}
	return told;
}

static void edges_collect(struct episode *episode)
{
	int kind;

	for (kind = 0; kind < KINDS; kind++)
		pair_edges(&episode->pairs[kind], 0);
	if (fault_is("lost-edge"))
		episode->pairs[UPGRADED].seen[CLIENT] = 0;
}

static void remember(struct episode *episode, const struct readiness *readiness)
{
	int kind, end;

	differences_count(episode);
	for (end = 0; end < ENDS; end++) {
		if (episode->pairs[PLAIN].seen[end] != episode->pairs[UPGRADED].seen[end])
			difference_used(DIFFERENCE_EXTRA_EDGE);
		episode->ends[end].ready = readiness->mask[PLAIN][end] |
					   (episode->ends[end].ready & ~comparable(episode, end));
		for (kind = 0; kind < KINDS; kind++)
			if (!episode->ends[!end].held)
				episode->pairs[kind].seen[end] = 0;
	}
}

/* Returns whether both pairs became the same in time. */
bool settle(struct episode *episode, struct readiness *readiness)
{
	uint64_t deadline = 0;
	bool rest;

	for (;;) {
		rest = is_over(episode, readiness) || all_arrived(episode);
		/* Edges first: one that comes in between belongs to a mask that is not known yet. */
		edges_collect(episode);
		look(episode, readiness);
		rest = (rest || is_over(episode, readiness)) && ends_told(episode, readiness);
		if (rest && !memcmp(readiness->mask[PLAIN], readiness->mask[UPGRADED],
				    sizeof(readiness->mask[PLAIN])) &&
		    edges_told(episode, readiness))
			break;
		if (!deadline)
			deadline = now_ms() + PATIENCE_MS / 4;
		else if (now_ms() > deadline)
			return false;
		await_missing(episode, readiness);
	}
	remember(episode, readiness);
	return true;
}
