// SPDX-License-Identifier: Apache-2.0
/* Operations that move bytes: send, receive, splice, sendfile, and with bad buffers. */
#define _GNU_SOURCE
#include "operation.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define PIECES_MAX	4
#define CONTROL_ROOM	64
#define ACK_MS		5	/* between two looks */
#define DRAIN_PIECE	64	/* bytes of one read at least */
#define BAD_POINTER	((void *)8)

static uint8_t room[ROOM];

/* Cuts a buffer into one to four pieces, some of which may be empty. */
static int cut(struct iovec *pieces, void *buffer, size_t size, uint32_t argument)
{
	int i, count = 1 + argument % PIECES_MAX;
	size_t piece;

	for (i = 0; i < count; i++) {
		argument = argument * 1664525 + 1013904223;
		piece = i == count - 1 ? size : (argument >> 16) % (size + 1);
		pieces[i] = (struct iovec){ .iov_base = buffer, .iov_len = piece };
		buffer = (uint8_t *)buffer + piece;
		size -= piece;
	}
	return count;
}

/* Is there room for so much, or an error to come at once? */
bool can_send(const struct episode *episode, const struct step *step)
{
	const struct end *end = &episode->ends[step->end];
	const struct end *peer = &episode->ends[!step->end];
	uint32_t limit = episode->small ? INFLIGHT_SMALL : INFLIGHT_MAX;

	/* It answers with a reset, which comes between two records, and after all of a large write. */
	if ((peer->closed || shut_both_ways(peer)) && step->size > INFLIGHT_SMALL)
		return false;
	return is_open(episode, step) &&
	       (end->write_shut || episode->ends[!step->end].closed ||
		settle_unread(episode, !step->end) + step->size <= limit);
}

enum { BY_SEND, BY_WRITE, BY_WRITEV, BY_SENDMSG, SEND_WAYS };

static const int send_flags[] = {
	0, 0, 0, MSG_NOSIGNAL, MSG_DONTWAIT, MSG_DONTWAIT | MSG_NOSIGNAL, MSG_MORE,
	MSG_MORE | MSG_DONTWAIT, MSG_EOR, MSG_DONTROUTE, MSG_CONFIRM,
};

static int send_flags_of(const struct step *step)
{
	int way = step->variant % SEND_WAYS;

	if (way == BY_WRITE || way == BY_WRITEV)
		return 0;
	return send_flags[step->variant / SEND_WAYS % (sizeof(send_flags) / sizeof(send_flags[0]))];
}

void sent_after(struct episode *episode, int end, long sent)
{
	struct end *peer = &episode->ends[!end];

	episode->ends[end].sent += sent;
	if (sent > 0 && shut_both_ways(peer))
		peer->refused = true;
}

bool send_may(const struct episode *episode, const struct step *step)
{
	return can_send(episode, step);
}

/*
 * There is room for so few bytes as soon as those before them are acknowledged,
 * which may be the delay of an ACK away: who does not wait is asked again.
 */
static bool again(const struct outcome *outcome, uint64_t deadline)
{
	if (outcome->result >= 0 || errno != EAGAIN || now_ms() > deadline)
		return false;
	difference_used(DIFFERENCE_PARTIAL_WRITE);
	poll(NULL, 0, ACK_MS);
	return true;
}

static void send_once(struct episode *episode, const struct step *step, int kind,
		      struct outcome *outcome)
{
	void *bytes = (void *)stream_at(step->end, episode->ends[step->end].sent);
	int fd = step_fd(episode, step, kind), flags = send_flags_of(step);
	struct iovec pieces[PIECES_MAX];
	struct msghdr msg = { .msg_iov = pieces };

	switch (step->variant % SEND_WAYS) {
	case BY_SEND:
		outcome->result = send(fd, bytes, step->size, flags);
		break;
	case BY_WRITE:
		outcome->result = write(fd, bytes, step->size);
		break;
	case BY_WRITEV:
		outcome->result = writev(fd, pieces, cut(pieces, bytes, step->size, step->argument));
		break;
	case BY_SENDMSG:
		msg.msg_iovlen = cut(pieces, bytes, step->size, step->argument);
		outcome->result = sendmsg(fd, &msg, flags);
		break;
	}
}

void send_run(struct episode *episode, const struct step *step, int kind, struct outcome *outcome)
{
	uint64_t deadline = now_ms() + PATIENCE_MS;

	do
		send_once(episode, step, kind, outcome);
	while (again(outcome, deadline));
}

void send_after(struct episode *episode, const struct step *step, const struct outcome *outcome)
{
	struct end *end = &episode->ends[step->end];

	if (outcome->result < 0)
		return;
	sent_after(episode, step->end, outcome->result);
	/* Who sends nothing lets nothing go. */
	if (send_flags_of(step) & MSG_MORE)
		end->held = true;
	else if (outcome->result)
		end->held = end->corked;
}

void file_after(struct episode *episode, const struct step *step, const struct outcome *outcome)
{
	struct end *end = &episode->ends[step->end];

	if (outcome->result <= 0)
		return;
	sent_after(episode, step->end, outcome->result);
	end->held = end->corked;
}

enum { BY_RECV, BY_READ, BY_READV, BY_RECVMSG, RECEIVE_WAYS };

static const int receive_flags[] = {
	0, 0, MSG_DONTWAIT, MSG_DONTWAIT, MSG_PEEK, MSG_PEEK | MSG_DONTWAIT, MSG_WAITALL,
	MSG_WAITALL | MSG_DONTWAIT, MSG_WAITALL | MSG_PEEK, MSG_TRUNC, MSG_TRUNC | MSG_DONTWAIT,
	MSG_TRUNC | MSG_PEEK, MSG_TRUNC | MSG_WAITALL, MSG_OOB, MSG_NOSIGNAL,
};

static int receive_flags_of(const struct step *step)
{
	int way = step->variant % RECEIVE_WAYS;

	if (way == BY_READ || way == BY_READV)
		return 0;
	return receive_flags[step->variant / RECEIVE_WAYS %
			     (sizeof(receive_flags) / sizeof(receive_flags[0]))];
}

/* How much must be there so that a call without O_NONBLOCK comes back. */
static uint64_t receive_needs(const struct end *end, const struct step *step, int flags)
{
	uint32_t needs = flags & MSG_WAITALL ? step->size : end->lowat;

	if (needs > step->size)
		needs = step->size;
	return needs ? needs : 1;
}

bool receive_may(const struct episode *episode, const struct step *step)
{
	const struct end *end = &episode->ends[step->end];
	int flags = receive_flags_of(step);

	return sees_all(episode, step) &&
	       (end->nonblocking || (flags & MSG_DONTWAIT) || end_of_stream(episode, step->end) ||
		settle_unread(episode, step->end) >= receive_needs(end, step, flags));
}

static void receive_message(int fd, const struct step *step, int flags, struct outcome *outcome)
{
	uint8_t name[CONTROL_ROOM], control[CONTROL_ROOM];
	struct iovec pieces[PIECES_MAX];
	struct msghdr msg = {
		.msg_iov = pieces,
		.msg_iovlen = cut(pieces, room, step->size, step->argument),
		.msg_name = name,
		.msg_namelen = sizeof(name),
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};

	outcome->result = recvmsg(fd, &msg, flags);
	if (outcome->result < 0)
		return;
	outcome->values[0] = msg.msg_flags;
	outcome->values[1] = msg.msg_namelen;
	outcome->values[2] = msg.msg_controllen;
}

void receive_run(struct episode *episode, const struct step *step, int kind, struct outcome *outcome)
{
	int fd = step_fd(episode, step, kind), flags = receive_flags_of(step), asked = flags;
	struct iovec pieces[PIECES_MAX];

	if (kind == UPGRADED && fault_is("eaten-peek"))
		flags &= ~MSG_PEEK;
	switch (step->variant % RECEIVE_WAYS) {
	case BY_RECV:
		outcome->result = recv(fd, room, step->size, flags);
		break;
	case BY_READ:
		outcome->result = read(fd, room, step->size);
		break;
	case BY_READV:
		outcome->result = readv(fd, pieces, cut(pieces, room, step->size, step->argument));
		break;
	case BY_RECVMSG:
		receive_message(fd, step, flags, outcome);
		break;
	}
	if (kind == UPGRADED && fault_is("ignored-waitall") && (flags & MSG_WAITALL) &&
	    outcome->result > 1)
		outcome->result--;
	if (kind == UPGRADED && fault_is("spoilt-byte") && outcome->result > 1000)
		room[1000] ^= 1;
	if (outcome->result > 0 && !(asked & (MSG_TRUNC | MSG_OOB)))
		outcome->spoilt = stream_spoilt(!step->end, episode->ends[step->end].received, room,
						outcome->result);
}

void receive_after(struct episode *episode, const struct step *step, const struct outcome *outcome)
{
	if (outcome->result > 0 && !(receive_flags_of(step) & MSG_PEEK))
		episode->ends[step->end].received += outcome->result;
}

bool drain_may(const struct episode *episode, const struct step *step)
{
	return sees_all(episode, step);
}

/* Reads all there is, and then what comes after it. */
void drain_run(struct episode *episode, const struct step *step, int kind, struct outcome *outcome)
{
	uint64_t received = episode->ends[step->end].received;
	long got;

	for (;;) {
		got = recv(step_fd(episode, step, kind), room, DRAIN_PIECE + step->size, MSG_DONTWAIT);
		if (got <= 0)
			break;
		if (!outcome->spoilt)
			outcome->spoilt = stream_spoilt(!step->end, received, room, got);
		received += got;
	}
	outcome->result = got;
	outcome->values[0] = received - episode->ends[step->end].received;
}

void drain_after(struct episode *episode, const struct step *step, const struct outcome *outcome)
{
	episode->ends[step->end].received += outcome->values[0];
}

bool splice_in_may(const struct episode *episode, const struct step *step)
{
	const struct end *end = &episode->ends[step->end];

	return sees_all(episode, step) && step->size > 0 &&
	       (end->nonblocking || end_of_stream(episode, step->end) ||
		settle_unread(episode, step->end) >= step->size);
}

static long pipe_verify(int fd, int writer, uint64_t position, size_t size)
{
	size_t got = 0;
	long piece;

	while (got < size) {
		piece = read(fd, room + got, size - got);
		if (piece <= 0)
			die("read from the pipe");
		got += piece;
	}
	return stream_spoilt(writer, position, room, size);
}

/* Until the size asked for has come, or nothing more does. */
void splice_in_run(struct episode *episode, const struct step *step, int kind,
		   struct outcome *outcome)
{
	uint64_t received = episode->ends[step->end].received;
	size_t left = step->size;
	int ends[2], calls = 0;
	long got;

	if (pipe2(ends, O_CLOEXEC))
		die("pipe2");
	do {
		got = splice(step_fd(episode, step, kind), NULL, ends[1], NULL, left,
			     step->variant % 2 ? SPLICE_F_NONBLOCK : 0);
		if (got <= 0)
			break;
		if (!outcome->spoilt)
			outcome->spoilt = pipe_verify(ends[0], !step->end, received, got);
		received += got;
		left -= got;
		calls++;
	} while (left);
	outcome->result = left ? got : 0;
	outcome->error = errno;
	outcome->values[0] = step->size - left;
	close(ends[0]);
	close(ends[1]);
	errno = outcome->error;
	if (calls > 1)
		difference_used(DIFFERENCE_SHORT_SPLICE);
}

/* A pipe's content fits into the socket, or an error comes at once. */
void splice_out_run(struct episode *episode, const struct step *step, int kind,
		    struct outcome *outcome)
{
	const uint8_t *bytes = stream_at(step->end, episode->ends[step->end].sent);
	uint64_t deadline = now_ms() + PATIENCE_MS;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		die("pipe2");
	if (step->size && write(ends[1], bytes, step->size) != (long)step->size)
		die("write to the pipe");
	close(ends[1]);
	do
		outcome->result = splice(ends[0], NULL, step_fd(episode, step, kind), NULL, ROOM, 0);
	while (again(outcome, deadline));
	outcome->error = errno;
	close(ends[0]);
	errno = outcome->error;
}

/* A file that ends before the count that was asked for. */
static void sendfile_short(int fd, const struct step *step, const uint8_t *bytes,
			   struct outcome *outcome)
{
	int file = memfd_create("short", MFD_CLOEXEC);
	off_t offset = 0;

	if (file < 0 || write(file, bytes, step->size) != (long)step->size)
		die("memfd_create");
	outcome->result = sendfile(fd, file, &offset, step->size + 1 + step->argument % ROOM);
	outcome->error = errno;
	outcome->values[0] = offset;
	close(file);
	errno = outcome->error;
}

static void sendfile_once(struct episode *episode, const struct step *step, int kind,
			  struct outcome *outcome)
{
	uint64_t sent = episode->ends[step->end].sent;
	off_t offset = stream_file_offset(step->end, sent), begin = offset;
	int fd = step_fd(episode, step, kind);

	if (step->variant % 4 == 0) {
		sendfile_short(fd, step, stream_at(step->end, sent), outcome);
		return;
	}
	outcome->result = sendfile(fd, stream_file(), &offset, step->size);
	outcome->values[0] = offset - begin;
}

void sendfile_run(struct episode *episode, const struct step *step, int kind,
		  struct outcome *outcome)
{
	uint64_t deadline = now_ms() + PATIENCE_MS;

	do
		sendfile_once(episode, step, kind, outcome);
	while (again(outcome, deadline));
}

bool bad_send_may(const struct episode *episode, const struct step *step)
{
	return can_send(episode, step) && step->size > 0;
}

void bad_send_run(struct episode *episode, const struct step *step, int kind,
		  struct outcome *outcome)
{
	outcome->result = send(step_fd(episode, step, kind), BAD_POINTER, step->size, MSG_DONTWAIT);
}

/* Only where there is something to read. */
bool bad_receive_may(const struct episode *episode, const struct step *step)
{
	difference_used(DIFFERENCE_BAD_BUFFER);
	return sees_all(episode, step) && step->size > 0 && !episode->ends[!step->end].closed &&
	       settle_unread(episode, step->end) > 0;
}

void bad_receive_run(struct episode *episode, const struct step *step, int kind,
		     struct outcome *outcome)
{
	outcome->result = recv(step_fd(episode, step, kind), BAD_POINTER, step->size, MSG_DONTWAIT);
}
