// SPDX-License-Identifier: Apache-2.0
/* Listening and connecting in all their shapes, and sockets that are left alone. */
#define GROUP "listen"
#define _GNU_SOURCE
#include "harness.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MSG_FASTOPEN
#define MSG_FASTOPEN	0x20000000
#endif
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

/* Data in a SYN would be plaintext. */
CASE(fast_open_client)
{
	int listener = listen_on(test_port());
	struct sockaddr_in address = loopback(test_port());
	char got[4];

	set_option(listener, IPPROTO_TCP, TCP_FASTOPEN, 8);
	a = tcp_socket(AF_INET);
	if (!is_plain) {
		check_fails(sendto(a, "data", 4, MSG_FASTOPEN, (struct sockaddr *)&address, sizeof(address)),
			    EOPNOTSUPP);
		check_quiet(listener, POLLIN);
		check_is(connect_with(a, AF_INET, test_port()), 0);
		b = accept_from(listener);
		pair_settle(a, b);
		return;
	}
	check_is(sendto(a, "data", 4, MSG_FASTOPEN, (struct sockaddr *)&address, sizeof(address)), 4);
	b = accept_from(listener);
	recv_all(b, got, 4);
}

/* The option that makes connect() and the first write one: the connection is an ordinary one. */
CASE(fast_open_connect)
{
	int listener = listen_on(test_port());
	pid_t client;
	char got[4];

	set_option(listener, IPPROTO_TCP, TCP_FASTOPEN, 8);
	client = spawn();
	if (!client) {
		a = tcp_socket(AF_INET);
		set_option(a, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, 1);
		check_is(connect_with(a, AF_INET, test_port()), 0);
		send_all(a, "data", 4);
		check_is(drain(a), 0);
		done();
	}
	b = accept_from(listener);
	recv_all(b, got, 4);
	check_same(got, "data", 4);
	close(b);
	reap(client);
}

CASE(fast_open_server)
{
	int listener = listen_on(test_port());

	set_option(listener, IPPROTO_TCP, TCP_FASTOPEN, 8);
	a = connect_to(test_port());
	b = accept_from(listener);
	pair_settle(a, b);
}

/* accept() comes with the first data, which of an upgraded client are its handshake's. */
CASE(deferred_accept)
{
	int listener = listen_on(test_port());
	char got[4];
	pid_t client;

	set_option(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, 5);
	client = spawn();
	if (!client) {
		a = connect_to(test_port());
		send_all(a, "data", 4);
		check_is(drain(a), 0);
		done();
	}
	b = accept_from(listener);
	recv_all(b, got, 4);
	close(b);
	reap(client);
}

static int listen_shared(int port)
{
	struct sockaddr_in address = loopback(port);
	int sock = tcp_socket(AF_INET);

	set_option(sock, SOL_SOCKET, SO_REUSEPORT, 1);
	set_option(sock, SOL_SOCKET, SO_REUSEADDR, 1);
	check_is(bind(sock, (struct sockaddr *)&address, sizeof(address)), 0);
	check_is(listen(sock, 16), 0);
	return sock;
}

CASE(reuse_port_group)
{
	struct pollfd fds[3] = {};
	int clients[12];
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = (struct pollfd){ .fd = listen_shared(test_port()), .events = POLLIN };
	for (i = 0; i < ARRAY_SIZE(clients); i++) {
		clients[i] = connect_to(test_port());
		check_is(poll(fds, ARRAY_SIZE(fds), PATIENCE_MS), 1);
		for (j = 0; j < ARRAY_SIZE(fds); j++)
			if (fds[j].revents)
				pair_settle(clients[i], accept_from(fds[j].fd));
	}
}

CASE(accept_from_several_processes)
{
	enum { PROCESSES = 4, CONNECTIONS = 12 };
	int listener = listen_on(test_port()), i;
	pid_t servers[PROCESSES];
	char got[5];

	for (i = 0; i < PROCESSES; i++) {
		servers[i] = spawn();
		if (servers[i])
			continue;
		for (i = 0; i < CONNECTIONS / PROCESSES; i++) {
			b = accept_from(listener);
			send_all(b, "hello", 5);
			close(b);
		}
		done();
	}
	for (i = 0; i < CONNECTIONS; i++) {
		a = connect_to(test_port());
		recv_all(a, got, 5);
		check_is(drain(a), 0);
		close(a);
	}
	for (i = 0; i < PROCESSES; i++)
		reap(servers[i]);
}

/* All connect before the first is accepted. */
CASE(a_full_backlog)
{
	enum { CONNECTIONS = 20 };
	int listener = listen_on(test_port()), clients[CONNECTIONS], i;

	for (i = 0; i < CONNECTIONS; i++)
		clients[i] = connect_to(test_port());
	for (i = 0; i < CONNECTIONS; i++)
		pair_settle(clients[i], accept_from(listener));
}

/* Who waits in the backlog of a listener that closes is reset. */
CASE(listener_closed_before_accept)
{
	int listener = listen_on(test_port());

	a = connect_to(test_port());
	close(listener);
	await(a, POLLERR | POLLHUP);
	check_is(drain_to_error(a), ECONNRESET);
}

CASE(client_gone_before_accept)
{
	int listener = listen_on(test_port());
	int error;

	a = connect_to(test_port());
	close(a);
	b = accept_unless_refused(listener);
	if (b >= 0) {
		error = drain_to_error(b);
		check(!error || (!is_plain && error == ECONNRESET));
	}
	/* The next one is served as if nothing had been. */
	a = connect_to(test_port());
	b = accept_from(listener);
	pair_settle(a, b);
}

CASE(bound_client)
{
	int listener = listen_on(test_port());
	struct sockaddr_in address = loopback(0), peer;
	socklen_t length = sizeof(address);

	a = tcp_socket(AF_INET);
	check_is(bind(a, (struct sockaddr *)&address, sizeof(address)), 0);
	check_is(getsockname(a, (struct sockaddr *)&address, &length), 0);
	check_is(connect_with(a, AF_INET, test_port()), 0);
	length = sizeof(peer);
	b = accept(listener, (struct sockaddr *)&peer, &length);
	check(b >= 0);
	check_is(peer.sin_port, address.sin_port);
	pair_settle(a, b);
}

/*
 * A socket connected to itself (TCP's simultaneous open) would have to be client
 * and server of one handshake: an upgraded one is reset.
 */
CASE(connected_to_itself)
{
	struct sockaddr_in address = loopback(test_port());
	char got[4];

	a = tcp_socket(AF_INET);
	set_option(a, SOL_SOCKET, SO_REUSEADDR, 1);
	check_is(bind(a, (struct sockaddr *)&address, sizeof(address)), 0);
	if (is_plain) {
		check_is(connect(a, (struct sockaddr *)&address, sizeof(address)), 0);
		send_all(a, "echo", 4);
		recv_all(a, got, 4);
	} else if (connect(a, (struct sockaddr *)&address, sizeof(address))) {
		check(errno == ECONNRESET || errno == ECONNABORTED);
	} else {
		check_fails(recv(a, got, 4, 0), ECONNRESET);
	}
}

static void connect_mapped(int sock, int port)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	check_is(inet_pton(AF_INET6, "::ffff:127.0.0.1", &address.sin6_addr), 1);
	check_is(connect(sock, (struct sockaddr *)&address, sizeof(address)), 0);
}

CASE(ipv6)
{
	int listener = listen_with(AF_INET6, test_port(), 8);

	a = tcp_socket(AF_INET6);
	check_is(connect_with(a, AF_INET6, test_port()), 0);
	b = accept_from(listener);
	pair_settle(a, b);
	close(a);
	check_is(drain(b), 0);
}

/* An AF_INET6 client speaking IPv4, to an AF_INET server. */
CASE(ipv6_client_speaking_ipv4)
{
	int listener = listen_on(test_port());

	a = tcp_socket(AF_INET6);
	connect_mapped(a, test_port());
	b = accept_from(listener);
	pair_settle(a, b);
}

/* An AF_INET6 server that serves IPv4 too: both kinds of client, both kinds of address. */
CASE(ipv6_server_speaking_ipv4)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(test_port()) }, peer;
	socklen_t length = sizeof(peer);
	int listener = tcp_socket(AF_INET6);

	set_option(listener, SOL_SOCKET, SO_REUSEADDR, 1);
	set_option(listener, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	check_is(bind(listener, (struct sockaddr *)&any, sizeof(any)), 0);
	check_is(listen(listener, 8), 0);
	a = connect_to(test_port());
	b = accept(listener, (struct sockaddr *)&peer, &length);
	check(b >= 0);
	check_is(peer.sin6_family, AF_INET6);
	check(IN6_IS_ADDR_V4MAPPED(&peer.sin6_addr));
	pair_settle(a, b);
	a = tcp_socket(AF_INET6);
	connect_mapped(a, test_port());
	pair_settle(a, accept_from(listener));
	a = tcp_socket(AF_INET6);
	check_is(connect_with(a, AF_INET6, test_port()), 0);
	pair_settle(a, accept_from(listener));
}

/* connect() with AF_UNSPEC dissolves a connection; an upgraded one is not dissolved, for what would it be then? */
PAIR_CASE(dissolve)
{
	struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

	if (is_plain) {
		check_is(connect(a, &nowhere, sizeof(nowhere)), 0);
	} else {
		check_fails(connect(a, &nowhere, sizeof(nowhere)), EOPNOTSUPP);
		pair_settle(a, b);
	}
}

CASE(second_attempt)
{
	int listener;

	a = tcp_socket(AF_INET);
	check_fails(connect_with(a, AF_INET, test_port()), ECONNREFUSED);
	listener = listen_on(test_port());
	check_is(connect_with(a, AF_INET, test_port()), 0);
	b = accept_from(listener);
	pair_settle(a, b);
}

CASE(second_attempt_elsewhere)
{
	int listener = listen_on(PORT_UNMATCHED);

	a = tcp_socket(AF_INET);
	check_fails(connect_with(a, AF_INET, test_port()), ECONNREFUSED);
	check_is(connect_with(a, AF_INET, PORT_UNMATCHED), 0);
	b = accept_from(listener);
	pair_settle(a, b);
	close(a);
	check_is(drain(b), 0);
}

CASE(accept_tells_the_address)
{
	int listener = listen_on(test_port());
	struct sockaddr_in local, peer;
	socklen_t length = sizeof(local);

	a = connect_to(test_port());
	check_is(getsockname(a, (struct sockaddr *)&local, &length), 0);
	length = sizeof(peer);
	b = accept(listener, (struct sockaddr *)&peer, &length);
	check(b >= 0);
	check_is(length, sizeof(peer));
	check_same(&peer, &local, sizeof(peer));
}

CASE(calls_on_a_listener)
{
	int listener = listen_on(test_port());
	char byte;

	check_fails(recv(listener, &byte, 1, 0), ENOTCONN);
	check_fails(send(listener, "x", 1, MSG_NOSIGNAL), EPIPE);
	check_fails(connect_with(listener, AF_INET, test_port()), EISCONN);
	check_is(get_option(listener, SOL_SOCKET, SO_ACCEPTCONN), 1);
}

static int other_socket(int protocol)
{
	int sock = socket(AF_INET, SOCK_STREAM, protocol);

	if (sock < 0)
		skip("this kernel has no protocol %d", protocol);
	return sock;
}

/* Another protocol on a port that has a rule: it is not TCP, and it is left alone. */
static void left_alone(int protocol)
{
	struct sockaddr_in address = loopback(test_port());
	int listener = other_socket(protocol), client = other_socket(protocol), server;

	set_option(listener, SOL_SOCKET, SO_REUSEADDR, 1);
	check_is(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	check_is(listen(listener, 4), 0);
	check_is(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	server = accept_from(listener);
	pair_settle(client, server);
	pair_settle(server, client);
}

CASE(mptcp_is_left_alone)
{
	left_alone(IPPROTO_MPTCP);
}

CASE(sctp_is_left_alone)
{
	left_alone(IPPROTO_SCTP);
}

static bool has_file_system(const char *name)
{
	FILE *file = fopen("/proc/filesystems", "r");
	char line[64], found[32];
	bool has = false;

	check(file);
	while (!has && fgets(line, sizeof(line), file))
		has = sscanf(line, "nodev %31s", found) == 1 && !strcmp(found, name);
	fclose(file);
	return has;
}

/* A socket of the kernel's own, made by mount(): its first bytes are 9P's, and no handshake's. */
CASE(kernel_sockets_are_left_alone)
{
	enum { TVERSION = 100, TYPE_AT = 4 };
	int listener = listen_on(PORT_FRONT);
	unsigned char got[5];
	char options[64];
	pid_t mounter;

	if (!has_file_system("9p"))
		skip("this kernel has no 9P");
	snprintf(options, sizeof(options), "trans=tcp,port=%d", PORT_FRONT);
	mkdir("/tmp/sockets-mount", 0700);
	mounter = spawn();
	if (!mounter) {
		check(mount("127.0.0.1", "/tmp/sockets-mount", "9p", 0, options) == -1);
		done();
	}
	b = accept_from(listener);
	recv_all(b, got, sizeof(got));
	check_is(got[TYPE_AT], TVERSION);
	close(b);
	reap(mounter);
}
