// SPDX-License-Identifier: Apache-2.0
/* write, send, sendmsg: flags, shapes, time limits; sendfile, splice, tee. */
#define GROUP "transmit"
#define _GNU_SOURCE
#include "harness.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/sockios.h>

PAIR_CASE(write_and_writev)
{
	struct iovec vec[] = { { "gather", 6 }, { "", 0 }, { "ed", 2 } };
	char got[16];

	check_is(write(a, "plain ", 6), 6);
	check_is(writev(a, vec, 3), 8);
	recv_all(b, got, 14);
	check_same(got, "plain gathered", 14);
}

PAIR_CASE(no_bytes_make_no_record)
{
	char byte;

	check_is(send(a, "", 0, 0), 0);
	check_is(write(a, "", 0), 0);
	check_quiet(b, POLLIN);
	check_fails(recv(b, &byte, 1, MSG_DONTWAIT), EAGAIN);
}

PAIR_CASE(a_destination_is_ignored)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9) };
	char got[4];

	check_is(sendto(a, "data", 4, 0, (struct sockaddr *)&address, sizeof(address)), 4);
	recv_all(b, got, 4);
}

PAIR_CASE(sendmmsg_sends_several)
{
	struct iovec vec[] = { { "one", 3 }, { "two", 3 } };
	struct mmsghdr messages[] = {
		{ .msg_hdr = { .msg_iov = &vec[0], .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &vec[1], .msg_iovlen = 1 } },
	};
	char got[6];

	check_is(sendmmsg(a, messages, 2, 0), 2);
	recv_all(b, got, 6);
	check_same(got, "onetwo", 6);
}

PAIR_CASE(bad_buffer)
{
	char got[2];

	check_fails(send(a, (void *)8, 4, 0), EFAULT);
	send_all(a, "ok", 2);
	recv_all(b, got, 2);
	check_same(got, "ok", 2);
}

PAIR_CASE(flags_that_tcp_ignores)
{
	char got[8];

	check_is(send(a, "ab", 2, MSG_EOR), 2);
	check_is(send(a, "cd", 2, MSG_CONFIRM), 2);
	check_is(send(a, "ef", 2, MSG_DONTROUTE), 2);
	check_is(send(a, "gh", 2, MSG_DONTWAIT | MSG_NOSIGNAL), 2);
	recv_all(b, got, 8);
	check_same(got, "abcdefgh", 8);
}

/* Refused where TCP would send it: there is no urgent byte in a stream of records. */
PAIR_CASE(urgent_data)
{
	char got[4];

	if (is_plain)
		check_is(send(a, "!", 1, MSG_OOB), 1);
	else
		check_fails(send(a, "!", 1, MSG_OOB), EOPNOTSUPP);
	send_all(a, "data", 4);
	recv_all(b, got, 4);
	check_same(got, "data", 4);
}

static volatile sig_atomic_t pipe_signals;

static void pipe_signal(int number __attribute__((unused)))
{
	pipe_signals++;
}

PAIR_CASE(sigpipe_and_nosignal)
{
	signal(SIGPIPE, pipe_signal);
	check_is(shutdown(a, SHUT_WR), 0);
	check_fails(send(a, "x", 1, MSG_NOSIGNAL), EPIPE);
	check_is(pipe_signals, 0);
	check_fails(send(a, "x", 1, 0), EPIPE);
	check_is(pipe_signals, 1);
	check_fails(write(a, "x", 1), EPIPE);
	check_is(pipe_signals, 2);
	check_is(drain(b), 0);
}

PAIR_CASE(more_is_flushed_by_the_next)
{
	long long begin = await_acks(a);
	char got[8];

	check_is(send(a, "held", 4, MSG_MORE), 4);
	check_held(b, begin);
	send_all(a, "sent", 4);
	recv_all(b, got, 8);
	check_same(got, "heldsent", 8);
}

/* TCP holds it back for 200 ms at most; the peer of a program that says it too often must not wait for ever. */
PAIR_CASE(more_and_nothing_after_it)
{
	char got[4];

	check_is(send(a, "held", 4, MSG_MORE), 4);
	await(b, POLLIN);
	recv_all(b, got, 4);
	check_same(got, "held", 4);
}

PAIR_CASE(more_is_flushed_without_the_cork)
{
	char got[4];

	set_option(a, IPPROTO_TCP, TCP_CORK, 1);
	check_is(send(a, "held", 4, MSG_MORE), 4);
	set_option(a, IPPROTO_TCP, TCP_CORK, 0);
	await(b, POLLIN);
	recv_all(b, got, 4);
}

PAIR_CASE(more_is_flushed_by_close)
{
	char got[4];

	check_is(send(a, "held", 4, MSG_MORE), 4);
	close(a);
	recv_all(b, got, 4);
	check_same(got, "held", 4);
	check_is(drain(b), 0);
}

PAIR_CASE(cork_holds_and_lets_go)
{
	char got[4];

	set_option(a, IPPROTO_TCP, TCP_CORK, 1);
	check_is(get_option(a, IPPROTO_TCP, TCP_CORK), 1);
	send_all(a, "da", 2);
	send_all(a, "ta", 2);
	set_option(a, IPPROTO_TCP, TCP_CORK, 0);
	recv_all(b, got, 4);
	check_same(got, "data", 4);
}

PAIR_CASE(nodelay)
{
	char got[100];
	int i;

	set_option(a, IPPROTO_TCP, TCP_NODELAY, 1);
	check_is(get_option(a, IPPROTO_TCP, TCP_NODELAY), 1);
	for (i = 0; i < 100; i++)
		send_all(a, "x", 1);
	recv_all(b, got, 100);
}

/* Fills the way to a reader who does not read; what is under way still makes room for a moment. */
static size_t fill_up(int sock)
{
	static char bytes[65536];
	size_t total = 0, before;
	ssize_t sent;

	set_option(sock, SOL_SOCKET, SO_SNDBUF, 16384);
	do {
		before = total;
		while ((sent = send(sock, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
			total += sent;
		check_is(sent, -1);
		check_is(errno, EAGAIN);
		poll_for(sock, POLLOUT, QUIET_MS);
	} while (total > before);
	return total;
}

PAIR_CASE(a_full_buffer_says_eagain)
{
	static char bytes[65536];
	size_t sent = fill_up(a), got = 0;
	ssize_t taken;
	short room;

	nonblocking(a, true);
	/* Room that turns up late is used up; where poll() tells of some, there is some. */
	do {
		room = poll_for(a, POLLOUT, 0);
		taken = send(a, "x", 1, 0);
		if (taken > 0)
			sent += taken;
		else
			check_is(errno, EAGAIN);
		check(!room || taken == 1);
	} while (taken > 0);
	while (got < sent)
		got += recv(b, bytes, sizeof(bytes), 0);
	check_is(got, sent);
	await(a, POLLOUT);
	check_is(send(a, "x", 1, 0), 1);
}

PAIR_CASE(sndtimeo)
{
	static const char bytes[65536];
	struct timeval limit = { .tv_usec = 100000 };
	ssize_t sent;

	fill_up(a);
	check_is(setsockopt(a, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)), 0);
	/* Room that turns up late is used up. */
	do {
		sent = send(a, bytes, sizeof(bytes), 0);
	} while (sent > 0);
	check_is(sent, -1);
	check_is(errno, EAGAIN);
}

/* Copied or not, the completion says that the bytes are the application's again. */
PAIR_CASE(zerocopy)
{
	char got[8192], bytes[8192], control[128];
	struct msghdr message = { .msg_control = control, .msg_controllen = sizeof(control) };

	fill(bytes, sizeof(bytes), 1);
	set_option(a, SOL_SOCKET, SO_ZEROCOPY, 1);
	check_is(send(a, bytes, sizeof(bytes), MSG_ZEROCOPY), sizeof(bytes));
	recv_all(b, got, sizeof(got));
	check_same(got, bytes, sizeof(got));
	await(a, POLLERR);
	check_is(recvmsg(a, &message, MSG_ERRQUEUE), 0);
}

PAIR_CASE(zerocopy_without_the_option_is_a_copy)
{
	char got[4];

	check_is(send(a, "data", 4, MSG_ZEROCOPY), 4);
	recv_all(b, got, 4);
	check_same(got, "data", 4);
}

/* Sent and not yet acknowledged, in the bytes of the wire; all acknowledged is 0 in any case. */
PAIR_CASE(outq)
{
	static char bytes[65536];
	size_t sent = fill_up(a), got = 0;
	int count = 0, i;

	check_is(ioctl(a, SIOCOUTQ, &count), 0);
	check(count > 0);
	check_is(ioctl(a, SIOCOUTQNSD, &count), 0);
	check(count > 0);
	while (got < sent)
		got += recv(b, bytes, sizeof(bytes), 0);
	/* The last segments may be acknowledged by a delayed ACK. */
	for (i = 0; i < 100; i++) {
		check_is(ioctl(a, SIOCOUTQ, &count), 0);
		if (!count)
			break;
		check(poll_for(a, POLLIN, 20) == 0);
	}
	check_is(count, 0);
}

static int file_of(const char *bytes, size_t length)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);

	check(fd >= 0);
	check_is(pwrite(fd, bytes, length, 0), (long long)length);
	return fd;
}

PAIR_CASE(sendfile_with_an_offset)
{
	char bytes[10000], got[9000];
	off_t offset = 1000;
	int fd;

	fill(bytes, sizeof(bytes), 2);
	fd = file_of(bytes, sizeof(bytes));
	check_is(sendfile(a, fd, &offset, 100000), 9000);
	check_is(offset, 10000);
	check_is(lseek(fd, 0, SEEK_CUR), 0);
	recv_all(b, got, sizeof(got));
	check_same(got, bytes + 1000, sizeof(got));
	check_is(sendfile(a, fd, &offset, 100), 0);
}

PAIR_CASE(sendfile_after_cork)
{
	char bytes[5000], got[5006];

	fill(bytes, sizeof(bytes), 3);
	set_option(a, IPPROTO_TCP, TCP_CORK, 1);
	send_all(a, "header", 6);
	check_is(sendfile(a, file_of(bytes, sizeof(bytes)), NULL, sizeof(bytes)), sizeof(bytes));
	set_option(a, IPPROTO_TCP, TCP_CORK, 0);
	recv_all(b, got, sizeof(got));
	check_same(got, "header", 6);
	check_same(got + 6, bytes, sizeof(bytes));
}

PAIR_CASE(sendfile_to_a_full_socket)
{
	static char bytes[65536];
	int fd = file_of(bytes, sizeof(bytes));
	ssize_t sent;
	off_t offset;

	fill_up(a);
	nonblocking(a, true);
	/* Room that turns up late is used up. */
	do {
		offset = 0;
		sent = sendfile(a, fd, &offset, sizeof(bytes));
	} while (sent > 0);
	check_is(sent, -1);
	check_is(errno, EAGAIN);
	check_is(offset, 0);
}

PAIR_CASE(sendfile_after_shutdown)
{
	int fd = file_of("data", 4);

	check_is(shutdown(a, SHUT_WR), 0);
	check_fails(sendfile(a, fd, NULL, 4), EPIPE);
	check_is(drain(b), 0);
}

/* The bytes are those of the file at the time of the call, or of the time of sending: never others. */
PAIR_CASE(sendfile_of_a_mapped_file)
{
	char got[4096], *mapped;
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);

	check(fd >= 0);
	check_is(ftruncate(fd, 4096), 0);
	mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check(mapped != MAP_FAILED);
	memset(mapped, 'm', 4096);
	check_is(sendfile(a, fd, NULL, 4096), 4096);
	recv_all(b, got, sizeof(got));
	check_same(got, mapped, sizeof(got));
}

PAIR_CASE(splice_round_trip)
{
	char bytes[4000], got[4000];
	int ends[2];

	fill(bytes, sizeof(bytes), 4);
	check_is(pipe(ends), 0);
	check_is(write(ends[1], bytes, sizeof(bytes)), sizeof(bytes));
	check_is(splice(ends[0], NULL, a, NULL, sizeof(bytes), 0), sizeof(bytes));
	check_is(recv(b, got, sizeof(got), MSG_PEEK | MSG_WAITALL), sizeof(got));
	check_is(splice(b, NULL, ends[1], NULL, sizeof(bytes), SPLICE_F_MOVE), sizeof(bytes));
	check_is(read(ends[0], got, sizeof(got)), sizeof(got));
	check_same(got, bytes, sizeof(got));
}

PAIR_CASE(splice_waits_as_told)
{
	int ends[2];

	check_is(pipe(ends), 0);
	/* SPLICE_F_NONBLOCK is about the pipe: with it alone TCP would wait for data. */
	nonblocking(b, true);
	check_fails(splice(b, NULL, ends[1], NULL, 10, 0), EAGAIN);
	check_fails(splice(b, NULL, ends[1], NULL, 10, SPLICE_F_NONBLOCK), EAGAIN);
}

PAIR_CASE(splice_is_interrupted)
{
	int ends[2];

	check_is(pipe(ends), 0);
	alarm_often(0);
	check_fails(splice(b, NULL, ends[1], NULL, 10, 0), EINTR);
}

PAIR_CASE(splice_of_a_large_stream)
{
	enum { LENGTH = 300000 };
	static char bytes[LENGTH], got[LENGTH];
	pid_t writer = spawn();
	size_t total = 0;
	ssize_t moved;
	int ends[2];

	fill(bytes, LENGTH, 5);
	if (!writer) {
		send_all(a, bytes, LENGTH);
		done();
	}
	check_is(pipe(ends), 0);
	while (total < LENGTH) {
		moved = splice(b, NULL, ends[1], NULL, LENGTH, SPLICE_F_MOVE);
		check(moved > 0);
		while (moved > 0) {
			ssize_t part = read(ends[0], got + total, moved);

			check(part > 0);
			total += part;
			moved -= part;
		}
	}
	check_same(got, bytes, LENGTH);
	reap(writer);
}

PAIR_CASE(splice_meets_the_end)
{
	char got[8];
	int ends[2];

	check_is(pipe(ends), 0);
	send_all(a, "last", 4);
	check_is(shutdown(a, SHUT_WR), 0);
	check_is(splice(b, NULL, ends[1], NULL, 100, 0), 4);
	check_is(splice(b, NULL, ends[1], NULL, 100, 0), 0);
	check_is(splice(b, NULL, ends[1], NULL, 100, SPLICE_F_NONBLOCK), 0);
	check_is(read(ends[0], got, sizeof(got)), 4);
}

/* What is in a pipe goes to a file and, by tee, to the socket: a proxy that logs. */
PAIR_CASE(tee_to_the_socket)
{
	int source[2], copy[2];
	char got[7];

	check_is(pipe(source), 0);
	check_is(pipe(copy), 0);
	check_is(write(source[1], "doubled", 7), 7);
	check_is(tee(source[0], copy[1], 7, 0), 7);
	check_is(splice(copy[0], NULL, a, NULL, 7, 0), 7);
	recv_all(b, got, 7);
	check_same(got, "doubled", 7);
	check_is(read(source[0], got, 7), 7);
	check_same(got, "doubled", 7);
}

PAIR_CASE(tee_of_what_was_received)
{
	int received[2], copy[2];
	char got[7];

	check_is(pipe(received), 0);
	check_is(pipe(copy), 0);
	send_all(a, "doubled", 7);
	check_is(splice(b, NULL, received[1], NULL, 7, 0), 7);
	check_is(tee(received[0], copy[1], 7, 0), 7);
	check_is(read(copy[0], got, 7), 7);
	check_same(got, "doubled", 7);
	check_is(read(received[0], got, 7), 7);
	check_same(got, "doubled", 7);
}

PAIR_CASE(tee_knows_no_sockets)
{
	int ends[2];

	check_is(pipe(ends), 0);
	send_all(a, "data", 4);
	await(b, POLLIN);
	check_fails(tee(b, ends[1], 4, 0), EINVAL);
}

PAIR_CASE(socket_to_socket)
{
	char bytes[20000], got[20000];
	size_t total = 0;
	ssize_t moved;
	int ends[2];

	fill(bytes, sizeof(bytes), 6);
	check_is(pipe(ends), 0);
	send_all(a, bytes, sizeof(bytes));
	while (total < sizeof(bytes)) {
		moved = splice(b, NULL, ends[1], NULL, sizeof(bytes), 0);
		check(moved > 0);
		check_is(splice(ends[0], NULL, b, NULL, moved, 0), moved);
		total += moved;
	}
	recv_all(a, got, sizeof(got));
	check_same(got, bytes, sizeof(got));
}
