// SPDX-License-Identifier: Apache-2.0
/* poll, select, epoll, SIGIO; connecting without waiting. */
#define GROUP "ready"
#define _GNU_SOURCE
#include "harness.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

PAIR_CASE(idle_is_writable_only)
{
	check_is(poll_for(a, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0), POLLOUT);
	check_is(poll_for(b, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0), POLLOUT);
}

PAIR_CASE(readable_until_read)
{
	char got[8];

	send_all(a, "data", 4);
	await(b, POLLIN);
	check_is(poll_for(b, POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLPRI | POLLRDHUP, 0),
		 POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM);
	check_is(recv(b, got, 2, 0), 2);
	await(b, POLLIN);
	check_is(recv(b, got, 2, 0), 2);
	check_quiet(b, POLLIN | POLLRDHUP);
}

PAIR_CASE(peer_closed)
{
	char byte;

	close(a);
	await(b, POLLIN | POLLRDHUP);
	check_is(recv(b, &byte, 1, 0), 0);
	check_is(poll_for(b, POLLIN | POLLRDHUP | POLLOUT, 0), POLLIN | POLLRDHUP | POLLOUT);
}

PAIR_CASE(both_closed_their_half)
{
	check_is(shutdown(a, SHUT_WR), 0);
	check_is(shutdown(b, SHUT_WR), 0);
	await(a, POLLIN | POLLRDHUP | POLLHUP);
	await(b, POLLIN | POLLRDHUP | POLLHUP);
	check_is(drain(a), 0);
	check_is(drain(b), 0);
}

PAIR_CASE(own_shutdown_of_reading)
{
	check_is(shutdown(b, SHUT_RD), 0);
	await(b, POLLIN | POLLRDHUP);
	check_is(drain(b), 0);
}

PAIR_CASE(reset)
{
	struct linger linger = { .l_onoff = 1 };
	char byte;

	check_is(setsockopt(a, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
	close(a);
	await(b, POLLIN | POLLERR | POLLHUP);
	check_fails(recv(b, &byte, 1, 0), ECONNRESET);
	check_is(recv(b, &byte, 1, 0), 0);
}

PAIR_CASE(selecting)
{
	struct timeval now = {}, limit = { .tv_sec = PATIENCE_MS / 1000 };
	fd_set in, out;

	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(b, &in);
	FD_SET(b, &out);
	check_is(select(b + 1, &in, &out, NULL, &now), 1);
	check(!FD_ISSET(b, &in) && FD_ISSET(b, &out));
	send_all(a, "data", 4);
	FD_ZERO(&in);
	FD_SET(b, &in);
	check_is(select(b + 1, &in, NULL, NULL, &limit), 1);
	check(FD_ISSET(b, &in));
}

static int watch(int fd, unsigned int events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };
	int set = epoll_create1(EPOLL_CLOEXEC);

	check(set >= 0);
	check_is(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event), 0);
	return set;
}

/* The events that come within this time, or 0. */
static unsigned int events_of(int set, int timeout_ms)
{
	struct epoll_event event = {};

	check(epoll_wait(set, &event, 1, timeout_ms) >= 0);
	return event.events;
}

PAIR_CASE(level_triggered)
{
	int set = watch(b, EPOLLIN), i;
	char got[4];

	check_is(events_of(set, QUIET_MS), 0);
	send_all(a, "data", 4);
	for (i = 0; i < 3; i++)
		check_is(events_of(set, PATIENCE_MS), EPOLLIN);
	recv_all(b, got, 4);
	check_is(events_of(set, QUIET_MS), 0);
}

PAIR_CASE(edge_triggered)
{
	int set = watch(b, EPOLLIN | EPOLLET), i;
	char got[16];

	check_is(events_of(set, QUIET_MS), 0);
	for (i = 0; i < 3; i++) {
		send_all(a, "data", 4);
		check_is(events_of(set, PATIENCE_MS), EPOLLIN);
		check_is(events_of(set, QUIET_MS), 0);
	}
	recv_all(b, got, 12);
	check_fails(recv(b, got, sizeof(got), MSG_DONTWAIT), EAGAIN);
	send_all(a, "data", 4);
	check_is(events_of(set, PATIENCE_MS), EPOLLIN);
	recv_all(b, got, 4);
	check_is(events_of(set, QUIET_MS), 0);
}

/* The loop of every edge-triggered server: read until EAGAIN, then an event for what comes later. */
PAIR_CASE(edge_triggered_drain)
{
	enum { LENGTH = 500000 };
	static char bytes[LENGTH], got[LENGTH];
	int set = watch(b, EPOLLIN | EPOLLET);
	size_t total = 0;
	pid_t writer;
	ssize_t part;

	fill(bytes, LENGTH, 1);
	nonblocking(b, true);
	writer = spawn();
	if (!writer) {
		nonblocking(a, false);
		send_all(a, bytes, LENGTH);
		done();
	}
	while (total < LENGTH) {
		check(events_of(set, PATIENCE_MS) & EPOLLIN);
		while ((part = recv(b, got + total, 10000, 0)) > 0)
			total += part;
		check_is(part, -1);
		check_is(errno, EAGAIN);
	}
	check_same(got, bytes, LENGTH);
	reap(writer);
}

PAIR_CASE(edge_triggered_room)
{
	enum { LENGTH = 500000 };
	static char bytes[LENGTH];
	int set = watch(a, EPOLLOUT | EPOLLET);
	size_t total = 0;
	pid_t reader;
	ssize_t part;

	nonblocking(a, true);
	set_option(a, SOL_SOCKET, SO_SNDBUF, 16384);
	reader = spawn();
	if (!reader) {
		recv_all(b, bytes, LENGTH);
		done();
	}
	while (total < LENGTH) {
		check(events_of(set, PATIENCE_MS) & EPOLLOUT);
		while (total < LENGTH && (part = send(a, bytes + total, LENGTH - total, 0)) > 0)
			total += part;
		check(total == LENGTH || errno == EAGAIN);
	}
	reap(reader);
}

PAIR_CASE(oneshot)
{
	struct epoll_event again = { .events = EPOLLIN | EPOLLONESHOT };
	int set = watch(b, EPOLLIN | EPOLLONESHOT);

	send_all(a, "data", 4);
	check_is(events_of(set, PATIENCE_MS), EPOLLIN);
	check_is(events_of(set, QUIET_MS), 0);
	check_is(epoll_ctl(set, EPOLL_CTL_MOD, b, &again), 0);
	check_is(events_of(set, PATIENCE_MS), EPOLLIN);
}

PAIR_CASE(rdhup)
{
	int set = watch(b, EPOLLIN | EPOLLRDHUP | EPOLLET);
	char got[4];

	send_all(a, "data", 4);
	check_is(events_of(set, PATIENCE_MS), EPOLLIN);
	check_is(shutdown(a, SHUT_WR), 0);
	check_is(events_of(set, PATIENCE_MS), EPOLLIN | EPOLLRDHUP);
	recv_all(b, got, 4);
	check_is(drain(b), 0);
}

/* Data and the end are there: the end must not hide, nor be told before the data. */
PAIR_CASE(rdhup_behind_data)
{
	char got[4];

	send_all(a, "data", 4);
	check_is(shutdown(a, SHUT_WR), 0);
	await(b, POLLIN | POLLRDHUP);
	recv_all(b, got, 4);
	check_same(got, "data", 4);
	check_is(drain(b), 0);
}

#ifndef EPOLLEXCLUSIVE
#define EPOLLEXCLUSIVE (1u << 28)
#endif

CASE(exclusive_listener)
{
	int listener = listen_on(test_port()), i;
	pid_t waiters[3];

	nonblocking(listener, true);
	for (i = 0; i < 3; i++) {
		waiters[i] = spawn();
		if (!waiters[i]) {
			int set = watch(listener, EPOLLIN | EPOLLEXCLUSIVE), got = -1;

			while (got < 0) {
				check_is(events_of(set, PATIENCE_MS), EPOLLIN);
				got = accept(listener, NULL, NULL);
				check(got >= 0 || errno == EAGAIN);
			}
			send_all(got, "hello", 5);
			done();
		}
	}
	for (i = 0; i < 3; i++) {
		char bytes[5];

		a = connect_to(test_port());
		recv_all(a, bytes, 5);
	}
	for (i = 0; i < 3; i++)
		reap(waiters[i]);
}

PAIR_CASE(exclusive_reader)
{
	int set = watch(b, EPOLLIN | EPOLLEXCLUSIVE);

	check_is(events_of(set, QUIET_MS), 0);
	send_all(a, "data", 4);
	check_is(events_of(set, PATIENCE_MS), EPOLLIN);
}

/* Waits for SIGIO; returns what the signal says of the socket, or -1 if none comes. */
static int await_sigio(int timeout_ms)
{
	struct timespec limit = { .tv_sec = timeout_ms / 1000, .tv_nsec = timeout_ms % 1000 * 1000000 };
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	if (sigtimedwait(&set, &info, &limit) < 0)
		return -1;
	return info.si_band;
}

static void signals_from(int sock)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	check_is(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	check_is(fcntl(sock, F_SETSIG, SIGRTMIN), 0);
	check_is(fcntl(sock, F_SETOWN, getpid()), 0);
	check_is(fcntl(sock, F_SETFL, fcntl(sock, F_GETFL) | O_ASYNC), 0);
}

/* What is told of may be over by the time that a signal is taken: other signals are let pass. */
static bool sigio_comes(int band)
{
	int got;

	while ((got = await_sigio(PATIENCE_MS)) != -1)
		if (got & band)
			return true;
	return false;
}

PAIR_CASE(sigio_when_readable)
{
	char got[4];

	signals_from(b);
	send_all(a, "data", 4);
	check(sigio_comes(POLLIN));
	check_is(poll_for(b, POLLIN, 0), POLLIN);
	recv_all(b, got, 4);
}

PAIR_CASE(sigio_at_the_end)
{
	signals_from(b);
	close(a);
	check(sigio_comes(POLLIN | POLLHUP));
	await(b, POLLIN | POLLRDHUP);
	check_is(drain(b), 0);
}

static int begin_connecting(int port)
{
	int sock = tcp_socket(AF_INET);

	nonblocking(sock, true);
	check_fails(connect_with(sock, AF_INET, port), EINPROGRESS);
	return sock;
}

CASE(nonblocking_connect)
{
	int listener = listen_on(test_port());
	pid_t server = spawn();
	char got[5];

	if (!server) {
		b = accept_from(listener);
		send_all(b, "hello", 5);
		check_is(drain(b), 0);
		done();
	}
	a = begin_connecting(test_port());
	await(a, POLLOUT);
	check_is(get_option(a, SOL_SOCKET, SO_ERROR), 0);
	check_is(connect_with(a, AF_INET, test_port()), 0);
	check_fails(connect_with(a, AF_INET, test_port()), EISCONN);
	await(a, POLLIN);
	recv_all(a, got, 5);
	check_is(shutdown(a, SHUT_WR), 0);
	reap(server);
}

/* A single thread: it does not accept before its own connect() is through. */
CASE(nonblocking_connect_then_accept)
{
	int listener = listen_on(test_port());

	a = begin_connecting(test_port());
	await(listener, POLLIN);
	await(a, POLLOUT);
	check_is(get_option(a, SOL_SOCKET, SO_ERROR), 0);
	b = accept_from(listener);
	nonblocking(a, false);
	pair_settle(a, b);
}

/* The same with data sent before anybody accepts. */
CASE(nonblocking_send_before_accept)
{
	int listener = listen_on(test_port());
	char got[5];

	a = begin_connecting(test_port());
	await(a, POLLOUT);
	check_is(send(a, "early", 5, 0), 5);
	b = accept_from(listener);
	recv_all(b, got, 5);
	check_same(got, "early", 5);
}

CASE(nonblocking_accept)
{
	int listener = listen_on(test_port());

	nonblocking(listener, true);
	check_fails(accept(listener, NULL, NULL), EAGAIN);
	a = connect_to(test_port());
	await(listener, POLLIN);
	b = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	check(b >= 0);
	check(fcntl(b, F_GETFL) & O_NONBLOCK);
	check(fcntl(b, F_GETFD) & FD_CLOEXEC);
	nonblocking(b, false);
	pair_settle(a, b);
}

CASE(accept_with_a_time_limit)
{
	struct timeval limit = { .tv_usec = 100000 };
	int listener = listen_on(test_port());

	check_is(setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	check_fails(accept(listener, NULL, NULL), EAGAIN);
}

/* Before the handshake is over nothing can move: neither end says so, and neither waits. */
UPGRADED_CASE(nothing_moves_during_the_handshake)
{
	int listener = listen_on(PORT_FRONT), front;
	char byte;

	a = tcp_socket(AF_INET);
	nonblocking(a, true);
	check_fails(connect_with(a, AF_INET, PORT_FRONT), EINPROGRESS);
	front = accept_from(listener);
	await(front, POLLIN);
	check_quiet(a, POLLIN | POLLOUT);
	check_fails(send(a, "x", 1, 0), EAGAIN);
	check_fails(recv(a, &byte, 1, 0), EAGAIN);
	/* TCP's part of it is done. */
	check_is(connect_with(a, AF_INET, PORT_FRONT), 0);
	check_fails(connect_with(a, AF_INET, PORT_FRONT), EISCONN);
}

/* A signal interrupts who waits, and the socket is as it was. */
PAIR_CASE(interrupted_reader)
{
	char got[4];

	alarm_often(0);
	check_fails(recv(b, got, 4, 0), EINTR);
	alarm_stop();
	send_all(a, "data", 4);
	recv_all(b, got, 4);
	check_same(got, "data", 4);
}

/* With SA_RESTART the call goes on. */
PAIR_CASE(restarted_reader)
{
	pid_t writer;
	char got[4];

	alarm_often(SA_RESTART);
	writer = spawn();
	if (!writer) {
		check_quiet(a, POLLIN);
		check_quiet(a, POLLIN);
		send_all(a, "data", 4);
		done();
	}
	recv_all(b, got, 4);
	reap(writer);
}

UPGRADED_CASE(interrupted_during_the_handshake)
{
	int listener = listen_on(PORT_FRONT);
	char byte;

	a = connect_to(PORT_FRONT);
	alarm_often(0);
	check_fails(recv(a, &byte, 1, 0), EINTR);
	check_fails(send(a, "x", 1, 0), EINTR);
	close(listener);
}
