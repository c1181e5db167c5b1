// SPDX-License-Identifier: Apache-2.0
/* How a stream ends: well, half, badly, or never having begun. */
#define GROUP "ends"
#define _GNU_SOURCE
#include "harness.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay.h"

static void linger(int sock, int seconds)
{
	struct linger value = { .l_onoff = 1, .l_linger = seconds };

	check_is(setsockopt(sock, SOL_SOCKET, SO_LINGER, &value, sizeof(value)), 0);
}

PAIR_CASE(half_close_leaves_the_other_half)
{
	char got[6];

	send_all(a, "asking", 6);
	check_is(shutdown(a, SHUT_WR), 0);
	recv_all(b, got, 6);
	check_is(drain(b), 0);
	send_all(b, "answer", 6);
	close(b);
	recv_all(a, got, 6);
	check_same(got, "answer", 6);
	check_is(drain(a), 0);
}

PAIR_CASE(large_answer_after_half_close)
{
	enum { LENGTH = 300000 };
	static char bytes[LENGTH];
	pid_t reader;

	check_is(shutdown(a, SHUT_WR), 0);
	reader = spawn();
	if (!reader) {
		check_is(drain(a), LENGTH);
		done();
	}
	check_is(drain(b), 0);
	send_all(b, bytes, LENGTH);
	check_is(shutdown(b, SHUT_WR), 0);
	reap(reader);
}

/* Who has closed still has data on the way: that the other end says goodbye must not cost them. */
PAIR_CASE(half_close_after_the_peers_close)
{
	enum { LENGTH = 200000 };
	static char bytes[LENGTH];
	ssize_t sent;

	set_option(a, SOL_SOCKET, SO_SNDBUF, LENGTH);
	sent = send(a, bytes, LENGTH, MSG_DONTWAIT);
	check(sent > LENGTH / 2);
	close(a);
	check_is(shutdown(b, SHUT_WR), 0);
	check_is(drain(b), sent);
}

PAIR_CASE(writing_after_half_close)
{
	check_is(shutdown(a, SHUT_WR), 0);
	check_fails(send(a, "x", 1, MSG_NOSIGNAL), EPIPE);
	check_is(shutdown(a, SHUT_WR), 0);
	check_is(drain(b), 0);
}

PAIR_CASE(reading_after_shutdown_of_reading)
{
	char got[4];

	check_is(shutdown(b, SHUT_RD), 0);
	check_is(recv(b, got, 4, 0), 0);
	send_all(b, "data", 4);
	recv_all(a, got, 4);
}

/* TCP delivers what comes after shutdown(SHUT_RD) nonetheless. */
PAIR_CASE(data_after_shutdown_of_reading)
{
	char got[4];

	check_is(shutdown(b, SHUT_RD), 0);
	send_all(a, "data", 4);
	await_acks(a);
	check_is(recv(b, got, 4, 0), 4);
	check_same(got, "data", 4);
	check_is(recv(b, got, 4, 0), 0);
}

PAIR_CASE(shutdown_of_what_is_shut)
{
	check_is(shutdown(a, SHUT_RDWR), 0);
	check_is(shutdown(b, SHUT_RDWR), 0);
	await_end_of_connection(a);
	check_fails(shutdown(a, 3), EINVAL);
	check_fails(shutdown(a, SHUT_WR), ENOTCONN);
}

CASE(shutdown_of_a_socket_without_a_connection)
{
	a = tcp_socket(AF_INET);
	check_fails(shutdown(a, SHUT_WR), ENOTCONN);
}

PAIR_CASE(close_with_data_on_the_way)
{
	enum { LENGTH = 300000 };
	static char bytes[LENGTH], got[LENGTH];
	pid_t writer = spawn();

	fill(bytes, LENGTH, 1);
	if (!writer) {
		send_all(a, bytes, LENGTH);
		close(a);
		done();
	}
	close(a);
	recv_all(b, got, LENGTH);
	check_same(got, bytes, LENGTH);
	check_is(drain(b), 0);
	reap(writer);
}

/* Data that nobody read turns the FIN into a RST, as everywhere. */
PAIR_CASE(close_with_unread_data)
{
	send_all(a, "unread", 6);
	await(b, POLLIN);
	close(b);
	await(a, POLLIN | POLLERR | POLLHUP);
	check_is(drain_to_error(a), ECONNRESET);
}

PAIR_CASE(close_with_half_read_data)
{
	char got[3];

	send_all(a, "unread", 6);
	recv_all(b, got, 3);
	close(b);
	await(a, POLLIN | POLLERR | POLLHUP);
	check_is(drain_to_error(a), ECONNRESET);
}

/* An end that was not read to is no unread data. */
PAIR_CASE(close_with_an_unread_end)
{
	check_is(shutdown(a, SHUT_WR), 0);
	await(b, POLLIN | POLLRDHUP);
	close(b);
	check_is(drain(a), 0);
}

PAIR_CASE(linger_zero_resets)
{
	linger(a, 0);
	close(a);
	await(b, POLLERR | POLLHUP);
	check_is(get_option(b, SOL_SOCKET, SO_ERROR), ECONNRESET);
	check_is(get_option(b, SOL_SOCKET, SO_ERROR), 0);
	check_is(drain_to_error(b), 0);
	check_fails(send(b, "x", 1, MSG_NOSIGNAL), EPIPE);
}

PAIR_CASE(linger_waits_for_the_data)
{
	char got[4];

	linger(a, 5);
	send_all(a, "data", 4);
	close(a);
	recv_all(b, got, 4);
	check_is(drain(b), 0);
}

PAIR_CASE(reset_behind_data)
{
	char got[16];

	send_all(a, "data", 4);
	await(b, POLLIN);
	linger(a, 0);
	close(a);
	await(b, POLLERR | POLLHUP);
	/* TCP throws nothing away that was received: the error comes first, then the data, or the other way round. */
	check(recv(b, got, sizeof(got), 0) == 4 || errno == ECONNRESET);
}

PAIR_CASE(writing_to_who_is_gone)
{
	int i;

	close(b);
	await(a, POLLIN | POLLRDHUP);
	check_is(drain(a), 0);
	/* The first write brings the RST, one of the next is refused. */
	for (i = 0; i < 100 && send(a, "x", 1, MSG_NOSIGNAL) > 0; i++)
		poll_for(a, POLLERR, 20);
	check(errno == EPIPE || errno == ECONNRESET);
}

PAIR_CASE(killed_process)
{
	pid_t child = spawn();
	char got[4];

	if (!child) {
		close(b);
		send_all(a, "last", 4);
		pause();
		done();
	}
	close(a);
	recv_all(b, got, 4);
	check_is(kill(child, SIGKILL), 0);
	check_is(drain(b), 0);
}

UPGRADED_CASE(truncated_between_records)
{
	struct relay relay;
	char byte;

	relay_open(&relay);
	check_is(shutdown(relay.back, SHUT_WR), 0);
	await(relay.server, POLLIN);
	check_fails(recv(relay.server, &byte, 1, 0), ECONNRESET);
	check_is(shutdown(relay.front, SHUT_WR), 0);
	await(relay.client, POLLIN);
	check_fails(recv(relay.client, &byte, 1, 0), ECONNRESET);
}

UPGRADED_CASE(truncated_within_a_record)
{
	unsigned char record[RECORD_MAX];
	struct relay relay;
	size_t length;
	char byte;

	relay_open(&relay);
	send_all(relay.client, "data", 4);
	length = relay_take(relay.front, record);
	send_all(relay.back, record, length / 2);
	check_is(shutdown(relay.back, SHUT_WR), 0);
	await(relay.server, POLLIN);
	check_fails(recv(relay.server, &byte, 1, 0), ECONNRESET);
}

UPGRADED_CASE(data_before_a_truncation)
{
	unsigned char record[RECORD_MAX];
	struct relay relay;
	size_t length;
	char got[16];

	relay_open(&relay);
	send_all(relay.client, "data", 4);
	length = relay_take(relay.front, record);
	send_all(relay.back, record, length);
	check_is(shutdown(relay.back, SHUT_WR), 0);
	check_is(recv(relay.server, got, sizeof(got), 0), 4);
	check_fails(recv(relay.server, got, sizeof(got), 0), ECONNRESET);
	check(recv(relay.server, got, sizeof(got), 0) <= 0);
}

/* Long enough for kTLS to look at it. */
static const char no_record[] = "this is no record at all";

/* The way of event loops: an error is told, SO_ERROR takes it, and nobody waits for more. */
UPGRADED_CASE(bad_record_told_by_so_error)
{
	struct relay relay;
	char byte;

	relay_open(&relay);
	send_all(relay.back, no_record, sizeof(no_record));
	await(relay.server, POLLIN);
	check(!(get_option(relay.server, SOL_SOCKET, SO_ERROR) & ~ECONNRESET));
	await(relay.server, POLLIN);
	nonblocking(relay.server, true);
	check(recv(relay.server, &byte, 1, 0) == 0 || errno == ECONNRESET);
	check(recv(relay.server, &byte, 1, 0) == 0 || errno == ECONNRESET);
}

/* Who was sent what is no record must not write to whoever that was. */
UPGRADED_CASE(writing_after_a_bad_record)
{
	struct relay relay;
	char byte;

	relay_open(&relay);
	send_all(relay.back, no_record, sizeof(no_record));
	check_fails(recv(relay.server, &byte, 1, 0), ECONNRESET);
	check_fails(send(relay.server, "secret", 6, MSG_NOSIGNAL), EPIPE);
}

UPGRADED_CASE(splice_of_a_truncated_stream)
{
	struct relay relay;
	int ends[2];

	check_is(pipe(ends), 0);
	relay_open(&relay);
	check_is(shutdown(relay.back, SHUT_WR), 0);
	await(relay.server, POLLIN);
	check_fails(splice(relay.server, NULL, ends[1], NULL, 10, 0), ECONNRESET);
}

UPGRADED_CASE(reset_within_a_record)
{
	unsigned char record[RECORD_MAX];
	struct relay relay;
	size_t length;
	char byte;

	relay_open(&relay);
	send_all(relay.client, "data", 4);
	length = relay_take(relay.front, record);
	send_all(relay.back, record, length / 2);
	linger(relay.back, 0);
	close(relay.back);
	await(relay.server, POLLERR | POLLHUP);
	check_fails(recv(relay.server, &byte, 1, 0), ECONNRESET);
}

/* What the wire shows from one end of a connection on: records, then the close_notify, then FIN. */
static void expect_farewell(int from, int data_records)
{
	unsigned char record[RECORD_MAX];
	int i;

	for (i = 0; i < data_records; i++) {
		check(relay_take(from, record));
		check_is(record[0], RECORD_DATA);
	}
	check(relay_take(from, record));
	check_is(record[0], RECORD_ALERT);
	check_is(relay_take(from, record), 0);
}

UPGRADED_CASE(close_notify_before_fin_by_close)
{
	struct relay relay;

	relay_open(&relay);
	send_all(relay.client, "last", 4);
	close(relay.client);
	expect_farewell(relay.front, 1);
	close(relay.server);
	expect_farewell(relay.back, 0);
}

UPGRADED_CASE(close_notify_before_fin_by_shutdown)
{
	struct relay relay;

	relay_open(&relay);
	send_all(relay.server, "last", 4);
	check_is(shutdown(relay.server, SHUT_WR), 0);
	expect_farewell(relay.back, 1);
	close(relay.server);
	check_is(shutdown(relay.client, SHUT_RDWR), 0);
	expect_farewell(relay.front, 0);
}

UPGRADED_CASE(close_notify_behind_what_was_held_back)
{
	struct relay relay;

	relay_open(&relay);
	check_is(send(relay.client, "held", 4, MSG_MORE), 4);
	close(relay.client);
	expect_farewell(relay.front, 1);
}

UPGRADED_CASE(close_notify_of_a_killed_process)
{
	struct relay relay;
	pid_t child;

	relay_open(&relay);
	child = spawn();
	if (!child) {
		pause();
		done();
	}
	close(relay.client);
	check_is(kill(child, SIGKILL), 0);
	expect_farewell(relay.front, 0);
}

/* No close_notify where a reset is what was asked for. */
UPGRADED_CASE(no_close_notify_before_a_reset)
{
	struct relay relay;
	char byte;

	relay_open(&relay);
	linger(relay.client, 0);
	close(relay.client);
	await(relay.front, POLLERR | POLLHUP);
	check_fails(recv(relay.front, &byte, 1, 0), ECONNRESET);
}

/* Somebody else's record after the close_notify does not come back to life. */
UPGRADED_CASE(nothing_follows_the_end)
{
	unsigned char record[RECORD_MAX];
	struct relay relay;
	size_t length;
	char byte;

	relay_open(&relay);
	check_is(shutdown(relay.client, SHUT_WR), 0);
	length = relay_take(relay.front, record);
	send_all(relay.back, record, length);
	check_is(recv(relay.server, &byte, 1, 0), 0);
	send_all(relay.back, record, length);
	check_is(recv(relay.server, &byte, 1, 0), 0);
}

/* What an application sees of a peer that it must not trust: as if the connection had been reset. */
static void expect_refusal(int sock)
{
	char byte;
	int error;

	await(sock, POLLERR | POLLHUP);
	error = get_option(sock, SOL_SOCKET, SO_ERROR);
	check(error == ECONNRESET || error == EPIPE);
	check_is(get_option(sock, SOL_SOCKET, SO_ERROR), 0);
	check_is(recv(sock, &byte, 1, 0), 0);
	check_fails(send(sock, "x", 1, MSG_NOSIGNAL), EPIPE);
}

/*
 * Either the server gets to see the connection before it fails, or not at all.
 * Return: false when the refusal was quicker than connect()'s own wakeup, which
 * has told it then, as it would tell of a reset.
 */
static bool try_untrusted(int *client, int *server)
{
	int listener = listen_on(PORT_MISTRUST);
	bool connected;

	*client = tcp_socket(AF_INET);
	connected = !connect_with(*client, AF_INET, PORT_MISTRUST);
	check(connected || errno == ECONNRESET);
	if (connected)
		*server = accept_unless_refused(listener);
	else
		close(*client);
	close(listener);
	return connected;
}

static void begin_untrusted(int *client, int *server)
{
	int tries = 100;

	while (!try_untrusted(client, server))
		check(--tries > 0);
}

UPGRADED_CASE(untrusted_peer)
{
	begin_untrusted(&a, &b);
	expect_refusal(a);
	if (b >= 0)
		expect_refusal(b);
}

UPGRADED_CASE(untrusted_peer_and_a_blocked_reader)
{
	char byte;

	begin_untrusted(&a, &b);
	check_fails(recv(a, &byte, 1, 0), ECONNRESET);
	check_is(recv(a, &byte, 1, 0), 0);
}

UPGRADED_CASE(untrusted_peer_and_a_blocked_writer)
{
	begin_untrusted(&a, &b);
	check(send(a, "secret", 6, MSG_NOSIGNAL) == -1 && (errno == ECONNRESET || errno == EPIPE));
	check_fails(send(a, "secret", 6, MSG_NOSIGNAL), EPIPE);
}

UPGRADED_CASE(peer_without_tls)
{
	int listener = listen_on(PORT_FRONT), front;

	a = connect_to(PORT_FRONT);
	front = accept_from(listener);
	send_all(front, "220 plain.example.org ready\r\n", 29);
	expect_refusal(a);
	close(front);
}

UPGRADED_CASE(peer_that_leaves_during_the_handshake)
{
	int listener = listen_on(PORT_BACK);
	char byte;

	a = connect_to(PORT_BACK);
	b = accept_from(listener);
	close(a);
	check_fails(recv(b, &byte, 1, 0), ECONNRESET);
	check_is(recv(b, &byte, 1, 0), 0);
}

CASE(nobody_listens)
{
	a = tcp_socket(AF_INET);
	check_fails(connect_with(a, AF_INET, test_port()), ECONNREFUSED);
	nonblocking(a, true);
	check_fails(connect_with(a, AF_INET, test_port()), EINPROGRESS);
	await(a, POLLERR | POLLHUP);
	check_is(get_option(a, SOL_SOCKET, SO_ERROR), ECONNREFUSED);
}

CASE(half_close_before_the_handshake_is_over)
{
	char got[4];

	pair_begin(test_port(), &a, &b);
	check_is(shutdown(a, SHUT_WR), 0);
	check_is(drain(b), 0);
	send_all(b, "late", 4);
	recv_all(a, got, 4);
}

/* Who was never authenticated has not ended well. */
CASE(close_before_the_handshake_is_over)
{
	int error;

	pair_begin(test_port(), &a, &b);
	close(a);
	error = drain_to_error(b);
	check(!error || (!is_plain && error == ECONNRESET));
}
