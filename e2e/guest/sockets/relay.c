// SPDX-License-Identifier: Apache-2.0
#define GROUP "relay"
#include "relay.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"

static void relay_pass(int from, int to)
{
	static char buffer[65536];
	ssize_t got = recv(from, buffer, sizeof(buffer), MSG_DONTWAIT);

	check(got > 0);
	send_all(to, buffer, got);
}

void relay_until(struct relay *relay, int fd)
{
	struct pollfd fds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = relay->front, .events = POLLIN },
		{ .fd = relay->back, .events = POLLIN },
	};

	for (;;) {
		check(poll(fds, ARRAY_SIZE(fds), PATIENCE_MS) > 0);
		if (fds[0].revents)
			return;
		if (fds[1].revents)
			relay_pass(relay->front, relay->back);
		if (fds[2].revents)
			relay_pass(relay->back, relay->front);
	}
}

/* A byte each way; sending one waits for the handshake, which needs the relay. */
static void relay_settle(struct relay *relay, int from, int to)
{
	char byte = 'x';
	pid_t child = spawn();

	if (!child) {
		check_is(send(from, &byte, 1, 0), 1);
		done();
	}
	relay_until(relay, to);
	check_is(recv(to, &byte, 1, 0), 1);
	reap(child);
}

void relay_open(struct relay *relay)
{
	int listener = listen_on(PORT_FRONT);

	relay->client = connect_to(PORT_FRONT);
	relay->front = accept_from(listener);
	close(listener);
	listener = listen_on(PORT_BACK);
	relay->back = connect_to(PORT_BACK);
	relay->server = accept_from(listener);
	close(listener);
	relay_settle(relay, relay->client, relay->server);
	relay_settle(relay, relay->server, relay->client);
}

size_t relay_take(int from, unsigned char *record)
{
	ssize_t got = recv(from, record, RECORD_HEADER, MSG_WAITALL);
	size_t length;

	check(got >= 0);
	if (!got)
		return 0;
	check_is(got, RECORD_HEADER);
	length = record[3] << 8 | record[4];
	check(length <= RECORD_MAX - RECORD_HEADER);
	check_is(recv(from, record + RECORD_HEADER, length, MSG_WAITALL), (long long)length);
	return RECORD_HEADER + length;
}
