// SPDX-License-Identifier: Apache-2.0
/* A socket in several hands: fork, dup, SCM_RIGHTS, exec, threads. */
#define GROUP "processes"
#define _GNU_SOURCE
#include "harness.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

PAIR_CASE(forked_reader_and_writer)
{
	enum { LENGTH = 200000 };
	static char bytes[LENGTH], got[LENGTH];
	pid_t echo = spawn(), writer;
	ssize_t part;

	if (!echo) {
		close(a);
		while ((part = recv(b, got, LENGTH, 0)) > 0)
			send_all(b, got, part);
		check_is(part, 0);
		done();
	}
	close(b);
	fill(bytes, LENGTH, 1);
	writer = spawn();
	if (!writer) {
		send_all(a, bytes, LENGTH);
		done();
	}
	recv_all(a, got, LENGTH);
	check_same(got, bytes, LENGTH);
	reap(writer);
	close(a);
	reap(echo);
}

/* The end comes with the last descriptor, and not with the first. */
PAIR_CASE(closed_by_one_of_two)
{
	pid_t child = spawn();
	char got[4];

	if (!child) {
		close(b);
		check_is(recv(a, got, 4, MSG_WAITALL), 4);
		send_all(a, "more", 4);
		done();
	}
	close(a);
	check_quiet(b, POLLIN);
	send_all(b, "ask?", 4);
	recv_all(b, got, 4);
	check_same(got, "more", 4);
	check_is(drain(b), 0);
	reap(child);
}

/* shutdown() acts on the connection, not on the descriptor. */
PAIR_CASE(shut_by_one_of_two)
{
	pid_t child = spawn();

	if (!child) {
		check_is(shutdown(a, SHUT_WR), 0);
		done();
	}
	reap(child);
	check_is(drain(b), 0);
	check_fails(send(a, "x", 1, MSG_NOSIGNAL), EPIPE);
}

PAIR_CASE(duplicated)
{
	int copy = dup(a), other = fcntl(a, F_DUPFD_CLOEXEC, 100);
	char got[8];

	check(copy >= 0 && other >= 100);
	send_all(copy, "one.", 4);
	close(a);
	send_all(other, "two.", 4);
	close(other);
	recv_all(b, got, 8);
	check_same(got, "one.two.", 8);
	check_quiet(b, POLLIN);
	close(copy);
	check_is(drain(b), 0);
}

static void pass(int through, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
	struct iovec vec = { "", 1 };
	struct msghdr message = {
		.msg_iov = &vec, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	check_is(sendmsg(through, &message, 0), 1);
}

static int take(int from)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec vec = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &vec, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int fd;

	check_is(recvmsg(from, &message, 0), 1);
	check_is(control.header.cmsg_type, SCM_RIGHTS);
	memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

PAIR_CASE(passed_to_another_process)
{
	int ends[2];
	char got[4];
	pid_t other;

	check_is(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	other = spawn();
	if (!other) {
		int sock;

		close(a);
		close(b);
		sock = take(ends[1]);
		recv_all(sock, got, 4);
		check_same(got, "ask?", 4);
		send_all(sock, "yes!", 4);
		done();
	}
	pass(ends[0], b);
	close(b);
	send_all(a, "ask?", 4);
	recv_all(a, got, 4);
	check_same(got, "yes!", 4);
	reap(other);
	check_is(drain(a), 0);
}

/* While it is nowhere but in a message, the connection lives on. */
PAIR_CASE(in_flight)
{
	int ends[2], sock;
	char got[4];

	check_is(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	pass(ends[0], b);
	close(b);
	send_all(a, "data", 4);
	check_quiet(a, POLLIN);
	sock = take(ends[1]);
	recv_all(sock, got, 4);
	check_same(got, "data", 4);
}

PAIR_CASE(dropped_in_flight)
{
	int ends[2];

	check_is(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	pass(ends[0], b);
	close(b);
	close(ends[0]);
	close(ends[1]);
	check_is(drain(a), 0);
}

PAIR_CASE(inherited_over_exec)
{
	pid_t child = spawn();
	char got[13];

	if (!child) {
		close(a);
		check(dup2(b, STDIN_FILENO) >= 0 && dup2(b, STDOUT_FILENO) >= 0);
		close(b);
		execl("/bin/sh", "sh", "-c", "read word; echo \"heard $word\"", NULL);
		_exit(1);
	}
	close(b);
	send_all(a, "hello.\n", 7);
	recv_all(a, got, sizeof(got));
	check_same(got, "heard hello.\n", sizeof(got));
	check_is(drain(a), 0);
	reap(child);
}

/* inetd's way: a child that knows nothing but its standard input and output, before the handshake is over. */
CASE(inherited_over_exec_at_once)
{
	int listener = listen_on(test_port());
	char got[6];
	pid_t child;

	a = connect_to(test_port());
	b = accept_from(listener);
	child = spawn();
	if (!child) {
		check(dup2(b, STDOUT_FILENO) >= 0);
		close(a);
		close(b);
		execl("/bin/echo", "echo", "hello", NULL);
		_exit(1);
	}
	close(b);
	recv_all(a, got, sizeof(got));
	check_same(got, "hello\n", sizeof(got));
	check_is(drain(a), 0);
	reap(child);
}

PAIR_CASE(closed_on_exec)
{
	pid_t child;

	check_is(fcntl(b, F_SETFD, FD_CLOEXEC), 0);
	child = spawn();
	if (!child) {
		close(a);
		execl("/bin/true", "true", NULL);
		_exit(1);
	}
	close(b);
	check_is(drain(a), 0);
	reap(child);
}

/* A process that ends without a word closes well all the same. */
PAIR_CASE(exit_closes)
{
	pid_t child = spawn();
	char got[4];

	if (!child) {
		close(a);
		send_all(b, "bye.", 4);
		_exit(0);
	}
	close(b);
	recv_all(a, got, 4);
	check_is(drain(a), 0);
	reap(child);
}

static void *read_to_the_end(void *argument)
{
	char byte;

	return (void *)(long)recv(*(int *)argument, &byte, 1, 0);
}

PAIR_CASE(shutdown_wakes_a_reading_thread)
{
	pthread_t reader;
	void *result;

	check_is(pthread_create(&reader, NULL, read_to_the_end, &b), 0);
	check_quiet(b, POLLIN);
	check_is(shutdown(b, SHUT_RDWR), 0);
	check_is(pthread_join(reader, &result), 0);
	check_is((long)result, 0);
	check_is(drain(a), 0);
}

static void *flood(void *argument)
{
	static char bytes[65536];
	int sock = *(int *)argument, i;

	for (i = 0; i < 10; i++)
		send_all(sock, bytes, sizeof(bytes));
	return NULL;
}

/* Both ends send at once more than fits on the way, and read in another thread: nobody waits for nobody. */
PAIR_CASE(duplex)
{
	enum { TOTAL = 10 * 65536 };
	static char got[TOTAL];
	pthread_t writer;
	pid_t other = spawn();
	int mine = other ? a : b;

	check_is(pthread_create(&writer, NULL, flood, &mine), 0);
	recv_all(mine, got, TOTAL);
	check_is(pthread_join(writer, NULL), 0);
	if (!other)
		done();
	reap(other);
}
