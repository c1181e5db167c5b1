// SPDX-License-Identifier: Apache-2.0
/* Operations where one side has to wait for the other: full buffers, and a reader that sleeps. */
#define _GNU_SOURCE
#include "operation.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define FILL_PIECE	512	/* bytes of one write at least */
#define FILL_LOOKS	16
#define FILL_GOAL	(1 << 17)	/* bytes */

static uint8_t room[ROOM];

/* What went wrong in a step of several calls; 0 is nothing. */
enum { FILL_OK, FILL_ERROR, FILL_STILL_WRITABLE, FILL_NO_INPUT, FILL_SPOILT, FILL_NO_OUTPUT, FILL_NO_EDGE };

struct fill {
	int writer_fd, reader_fd, writer;
	uint64_t sent, received;
	struct pair *pair;
};

static bool fill_poll(int fd, short event, int timeout_ms)
{
	struct pollfd fds = { .fd = fd, .events = event };

	return poll(&fds, 1, timeout_ms) == 1 && (fds.revents & event);
}

bool fill_may(const struct episode *episode, const struct step *step)
{
	const struct end *writer = &episode->ends[step->end], *reader = &episode->ends[!step->end];

	return episode->small && reader->lowat == 1 && !writer->closed && !reader->closed && !writer->write_shut &&
	       !reader->read_shut && !writer->corked && !writer->held;
}

/* As many as go at once. */
static int fill_write_once(struct fill *fill, size_t size)
{
	long sent;

	do {
		sent = send(fill->writer_fd, stream_at(fill->writer, fill->sent), size, MSG_DONTWAIT);
		if (sent > 0)
			fill->sent += sent;
		if (sent > 0 && sent < (long)size)
			difference_used(DIFFERENCE_PARTIAL_WRITE);
	} while (sent > 0);
	return sent == 0 || errno != EAGAIN ? FILL_ERROR : FILL_OK;
}

/* Room may come between the last write and the look: then more goes. */
static int fill_write(struct fill *fill, size_t size)
{
	int fault, looks = 0;

	do {
		fault = fill_write_once(fill, size);
		if (!fault && !fill_poll(fill->writer_fd, POLLOUT, 0))
			return FILL_OK;
	} while (!fault && ++looks < FILL_LOOKS);
	return fault ? fault : FILL_STILL_WRITABLE;
}

static int fill_read(struct fill *fill)
{
	long got;

	while (fill->received < fill->sent) {
		if (!fill_poll(fill->reader_fd, POLLIN, PATIENCE_MS))
			return FILL_NO_INPUT;
		got = recv(fill->reader_fd, room, sizeof(room), MSG_DONTWAIT);
		if (got <= 0)
			return FILL_ERROR;
		if (stream_spoilt(fill->writer, fill->received, room, got))
			return FILL_SPOILT;
		fill->received += got;
	}
	return FILL_OK;
}

static int fill_room_again(struct fill *fill)
{
	uint64_t deadline = now_ms() + PATIENCE_MS;

	if (!fill_poll(fill->writer_fd, POLLOUT, PATIENCE_MS))
		return FILL_NO_OUTPUT;
	do
		if (fill->pair->seen[fill->writer] & EPOLLOUT)
			return FILL_OK;
	while (pair_edges(fill->pair, PATIENCE_MS) && now_ms() < deadline);
	return FILL_NO_EDGE;
}

static int fill_all(struct fill *fill, size_t size)
{
	int fault;

	pair_edges(fill->pair, 0);
	fill->pair->seen[fill->writer] &= ~EPOLLOUT;
	fault = fill_write(fill, size);
	if (!fault)
		fault = fill_read(fill);
	if (!fault)
		fault = fill_room_again(fill);
	return fault;
}

/* On to a position that both pairs share, far beyond what their buffers took. */
static int fill_up_to(struct fill *fill, uint64_t goal, size_t size)
{
	int fault = FILL_OK;
	long sent;

	while (!fault && fill->sent < goal) {
		if (size > goal - fill->sent)
			size = goal - fill->sent;
		sent = send(fill->writer_fd, stream_at(fill->writer, fill->sent), size, MSG_DONTWAIT);
		if (sent > 0)
			fill->sent += sent;
		else if (errno != EAGAIN)
			return FILL_ERROR;
		fault = fill_read(fill);
		if (!fault && sent < 0 && !fill_poll(fill->writer_fd, POLLOUT, PATIENCE_MS))
			fault = FILL_NO_OUTPUT;
	}
	if (!fault && !fill_poll(fill->writer_fd, POLLOUT, PATIENCE_MS))
		fault = FILL_NO_OUTPUT;
	return fault;
}

/* Writes until there is no more room, reads it all, and expects room again, by poll and by an edge. */
void fill_run(struct episode *episode, const struct step *step, int kind, struct outcome *outcome)
{
	struct pair *pair = &episode->pairs[kind];
	struct fill fill = {
		.writer = step->end, .writer_fd = pair->fd[step->end], .reader_fd = pair->fd[!step->end],
		.sent = episode->ends[step->end].sent, .received = episode->ends[!step->end].received,
		.pair = pair,
	};
	uint64_t goal = fill.sent + FILL_GOAL;

	outcome->values[1] = fill_all(&fill, FILL_PIECE + step->size);
	if (!outcome->values[1])
		outcome->values[1] = fill_up_to(&fill, goal, 8 * FILL_PIECE);
	outcome->values[0] = fill.sent;
	/* Both pairs wrong in the same way would be no reason to be content. */
	outcome->spoilt = outcome->values[1];
}

void fill_after(struct episode *episode, const struct step *step, const struct outcome *outcome)
{
	episode->ends[step->end].sent = outcome->values[0];
	episode->ends[!step->end].received = outcome->values[0];
}

struct reader {
	int fd;
	size_t size;
	long result;
	int error;
};

static void *reader_run(void *argument)
{
	struct reader *reader = argument;

	reader->result = recv(reader->fd, room, reader->size, MSG_WAITALL);
	reader->error = errno;
	return NULL;
}

bool waiting_read_may(const struct episode *episode, const struct step *step)
{
	const struct end *reader = &episode->ends[step->end], *writer = &episode->ends[!step->end];

	return sees_all(episode, step) && reader->lowat == 1 && !writer->closed && !writer->write_shut && !reader->read_shut &&
	       !reader->nonblocking && !writer->nonblocking && !writer->corked && !settle_unread(episode, step->end) &&
	       step->size > 0 && step->size <= INFLIGHT_SMALL;
}

/* A thread reads what is sent, in two pieces, after it has begun to wait, or before. */
void waiting_read_run(struct episode *episode, const struct step *step, int kind,
		      struct outcome *outcome)
{
	struct pair *pair = &episode->pairs[kind];
	struct reader reader = { .fd = pair->fd[step->end], .size = step->size };
	uint64_t position = episode->ends[!step->end].sent;
	size_t first = step->argument % (step->size + 1);
	pthread_t thread;

	if (pthread_create(&thread, NULL, reader_run, &reader))
		die("pthread_create");
	if (step->variant % 2)
		sched_yield();
	send(pair->fd[!step->end], stream_at(!step->end, position), first, 0);
	send(pair->fd[!step->end], stream_at(!step->end, position + first), step->size - first, 0);
	if (pthread_join(thread, NULL))
		die("pthread_join");
	outcome->result = reader.result;
	errno = reader.error;
	if (reader.result > 0)
		outcome->spoilt = stream_spoilt(!step->end, position, room, reader.result);
}

void waiting_read_after(struct episode *episode, const struct step *step,
			const struct outcome *outcome)
{
	episode->ends[!step->end].sent += step->size;
	episode->ends[step->end].received += outcome->result;
}
