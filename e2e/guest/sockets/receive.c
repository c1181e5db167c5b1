// SPDX-License-Identifier: Apache-2.0
/* read, recv, recvmsg: flags, shapes, time limits. */
#define GROUP "receive"
#define _GNU_SOURCE
#include "harness.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

PAIR_CASE(read_takes_what_is_there)
{
	char got[64];

	send_all(a, "hello", 5);
	check_is(read(b, got, sizeof(got)), 5);
	check_same(got, "hello", 5);
}

PAIR_CASE(readv_scatters)
{
	char head[3], tail[16];
	struct iovec vec[] = { { head, sizeof(head) }, { tail, sizeof(tail) } };

	send_all(a, "headtail", 8);
	await(b, POLLIN);
	check_is(readv(b, vec, 2), 8);
	check_same(head, "hea", 3);
	check_same(tail, "dtail", 5);
}

PAIR_CASE(peek_then_read)
{
	char got[8];

	send_all(a, "twice", 5);
	check_is(recv(b, got, 3, MSG_PEEK), 3);
	check_same(got, "twi", 3);
	check_is(recv(b, got, 5, MSG_PEEK | MSG_WAITALL), 5);
	check_same(got, "twice", 5);
	check_is(recv(b, got, sizeof(got), 0), 5);
	check_same(got, "twice", 5);
	check_fails(recv(b, got, sizeof(got), MSG_DONTWAIT), EAGAIN);
}

PAIR_CASE(peek_waits_for_nothing)
{
	char got[8];

	check_fails(recv(b, got, sizeof(got), MSG_PEEK | MSG_DONTWAIT), EAGAIN);
	nonblocking(b, true);
	check_fails(recv(b, got, sizeof(got), MSG_PEEK), EAGAIN);
	check_fails(read(b, got, sizeof(got)), EAGAIN);
}

PAIR_CASE(waitall_waits_for_all)
{
	char got[10];
	pid_t writer = spawn();

	if (!writer) {
		send_all(a, "12345", 5);
		check_quiet(a, POLLIN);
		send_all(a, "67890", 5);
		done();
	}
	recv_all(b, got, sizeof(got));
	check_same(got, "1234567890", 10);
	reap(writer);
}

PAIR_CASE(waitall_ends_with_the_stream)
{
	char got[10];

	send_all(a, "short", 5);
	check_is(shutdown(a, SHUT_WR), 0);
	check_is(recv(b, got, sizeof(got), MSG_WAITALL), 5);
	check_is(recv(b, got, sizeof(got), MSG_WAITALL), 0);
}

/* TCP throws the bytes away and counts them; the buffer stays as it was. */
PAIR_CASE(trunc_discards)
{
	char got[16] = "untouched";

	send_all(a, "discard-keep", 12);
	await(b, POLLIN);
	check_is(recv(b, got, 8, MSG_TRUNC | MSG_WAITALL), 8);
	check_same(got, "untouched", 9);
	recv_all(b, got, 4);
	check_same(got, "keep", 4);
}

PAIR_CASE(trunc_without_a_buffer)
{
	char got[4];

	send_all(a, "discard-keep", 12);
	await(b, POLLIN);
	check_is(recv(b, NULL, 8, MSG_TRUNC | MSG_WAITALL), 8);
	recv_all(b, got, 4);
	check_same(got, "keep", 4);
}

PAIR_CASE(zero_bytes_are_no_end)
{
	char got[4];

	check_fails(recv(b, got, 0, MSG_DONTWAIT), EAGAIN);
	send_all(a, "data", 4);
	await(b, POLLIN);
	check_is(recv(b, got, 0, 0), 0);
	recv_all(b, got, 4);
	check_same(got, "data", 4);
}

PAIR_CASE(zero_bytes_wait_too)
{
	pid_t writer = spawn();
	char byte;

	if (!writer) {
		check_quiet(a, POLLIN);
		send_all(a, "x", 1);
		done();
	}
	check_is(recv(b, &byte, 0, 0), 0);
	check_is(recv(b, &byte, 1, MSG_DONTWAIT), 1);
	reap(writer);
}

PAIR_CASE(bad_buffer)
{
	char got[4];

	send_all(a, "data", 4);
	await(b, POLLIN);
	check_fails(recv(b, (void *)8, 4, 0), EFAULT);
	check_fails(recv(b, (void *)8, 2, 0), EFAULT);
	check_fails(recv(b, (void *)8, MAX_RECORD, 0), EFAULT);
	check_is(poll_for(b, POLLIN | POLLOUT, 0), POLLIN | POLLOUT);
	recv_all(b, got, 4);
	check_same(got, "data", 4);
}

PAIR_CASE(recvmsg_tells_no_sender)
{
	struct sockaddr_storage from;
	char got[4], control[64];
	struct iovec vec = { got, sizeof(got) };
	struct msghdr message = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &vec, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};

	send_all(a, "data", 4);
	check_is(recvmsg(b, &message, MSG_WAITALL), 4);
	check_is(message.msg_namelen, 0);
	check_is(message.msg_controllen, 0);
	check_is(message.msg_flags, 0);
}

/* TCP's count of what it holds would be one of records: who asked for it gets none, and the data as ever. */
PAIR_CASE(no_ancillary_data)
{
	char got[4], control[64];
	struct iovec vec = { got, sizeof(got) };
	struct msghdr message = {
		.msg_iov = &vec, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};

	set_option(b, IPPROTO_TCP, TCP_INQ, 1);
	send_all(a, "data", 4);
	check_is(recvmsg(b, &message, MSG_WAITALL), 4);
	check_same(got, "data", 4);
	check(is_plain == (message.msg_controllen > 0));
}

PAIR_CASE(recvfrom_tells_no_sender)
{
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);
	char got[4];

	send_all(a, "data", 4);
	check_is(recvfrom(b, got, sizeof(got), MSG_WAITALL, (struct sockaddr *)&from, &length), 4);
	check_is(length, 0);
}

PAIR_CASE(recvmmsg_fills_several)
{
	char got[2][4];
	struct iovec vec[] = { { got[0], 4 }, { got[1], 4 } };
	struct mmsghdr messages[] = {
		{ .msg_hdr = { .msg_iov = &vec[0], .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &vec[1], .msg_iovlen = 1 } },
	};

	send_all(a, "onetwo..", 8);
	await(b, POLLIN);
	check_is(recvmmsg(b, messages, 2, 0, NULL), 2);
	check_same(got, "onetwo..", 8);
}

PAIR_CASE(urgent_data_is_refused)
{
	char byte;

	check_fails(recv(b, &byte, 1, MSG_OOB | MSG_DONTWAIT), EINVAL);
}

PAIR_CASE(errqueue_is_empty)
{
	char got[4];

	check_fails(recv(b, got, sizeof(got), MSG_ERRQUEUE | MSG_DONTWAIT), EAGAIN);
}

static long long microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

PAIR_CASE(rcvtimeo)
{
	struct timeval limit = { .tv_usec = 100000 }, got = {};
	socklen_t length = sizeof(got);
	long long begin;
	char bytes[8];

	check_is(setsockopt(b, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	check_is(getsockopt(b, SOL_SOCKET, SO_RCVTIMEO, &got, &length), 0);
	check_is(got.tv_sec * 1000000 + got.tv_usec, 100000);
	begin = microseconds();
	check_fails(recv(b, bytes, sizeof(bytes), 0), EAGAIN);
	check(microseconds() - begin >= 90000);
	send_all(a, "part", 4);
	check_is(recv(b, bytes, sizeof(bytes), MSG_WAITALL), 4);
}

/* The same during a handshake that gets nowhere: the peer is not there to answer. */
CASE(rcvtimeo_before_the_peer_accepts)
{
	int port = is_plain ? PORT_PLAIN : PORT_FRONT;
	struct timeval limit = { .tv_usec = 100000 };
	int listener = listen_on(port);
	char byte;

	a = connect_to(port);
	check_is(setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	check_fails(recv(a, &byte, 1, 0), EAGAIN);
	close(listener);
}

PAIR_CASE(fionread)
{
	char got[8];
	int count = -1;

	check_is(ioctl(b, FIONREAD, &count), 0);
	check_is(count, 0);
	send_all(a, "hello", 5);
	await(b, POLLIN);
	check_is(ioctl(b, FIONREAD, &count), 0);
	check_is(count, 5);
	recv_all(b, got, 2);
	check_is(ioctl(b, FIONREAD, &count), 0);
	check_is(count, 3);
	recv_all(b, got, 3);
	check_is(ioctl(b, FIONREAD, &count), 0);
	check_is(count, 0);
}

/* Whoever sizes a buffer by it must get it filled, however many records that are. */
PAIR_CASE(fionread_of_several_writes)
{
	char got[300] = "";
	int count = -1, i;

	for (i = 0; i < 3; i++)
		send_all(a, got, 100);
	check_is(recv(b, got, sizeof(got), MSG_PEEK | MSG_WAITALL), 300);
	check_is(ioctl(b, FIONREAD, &count), 0);
	check_is(count, 300);
	check_is(recv(b, got, count, MSG_DONTWAIT), 300);
}

PAIR_CASE(fionread_at_the_end)
{
	char byte;
	int count = -1;

	check_is(shutdown(a, SHUT_WR), 0);
	await(b, POLLIN);
	check_is(ioctl(b, FIONREAD, &count), 0);
	check_is(count, 0);
	check_is(recv(b, &byte, 1, 0), 0);
}

PAIR_CASE(rcvlowat_holds_poll_back)
{
	char got[8];

	set_option(b, SOL_SOCKET, SO_RCVLOWAT, 8);
	/* The mark is one of plaintext; what TCP is told, and tells, is one of records. */
	check_is(get_option(b, SOL_SOCKET, SO_RCVLOWAT), is_plain ? 8 : 1);
	send_all(a, "1234", 4);
	check_quiet(b, POLLIN);
	send_all(a, "5678", 4);
	await(b, POLLIN);
	recv_all(b, got, 8);
	check_same(got, "12345678", 8);
}

PAIR_CASE(rcvlowat_and_the_end)
{
	char got[16];

	set_option(b, SOL_SOCKET, SO_RCVLOWAT, 8);
	send_all(a, "1234", 4);
	check_is(shutdown(a, SHUT_WR), 0);
	await(b, POLLIN);
	check_is(recv(b, got, sizeof(got), 0), 4);
	check_is(recv(b, got, sizeof(got), 0), 0);
}

#ifndef SO_PEEK_OFF
#define SO_PEEK_OFF 42
#endif

/* TCP has it since Linux 6.9; where it is refused it is refused. */
PAIR_CASE(peek_offset_moves_or_is_refused)
{
	int offset = 2;
	char got[3];

	if (setsockopt(b, SOL_SOCKET, SO_PEEK_OFF, &offset, sizeof(offset))) {
		check_is(errno, EOPNOTSUPP);
		return;
	}
	send_all(a, "abcdef", 6);
	check_is(recv(b, got, 2, MSG_PEEK | MSG_WAITALL), 2);
	check_same(got, "cd", 2);
	check_is(recv(b, got, 2, MSG_PEEK | MSG_WAITALL), 2);
	check_same(got, "ef", 2);
}

PAIR_CASE(many_records_in_one_read)
{
	enum { RECORDS = 200 };
	char bytes[RECORDS], got[RECORDS];
	int i;

	fill(bytes, sizeof(bytes), 1);
	for (i = 0; i < RECORDS; i++)
		send_all(a, bytes + i, 1);
	recv_all(b, got, RECORDS);
	check_same(got, bytes, RECORDS);
}
