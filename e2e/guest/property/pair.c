// SPDX-License-Identifier: Apache-2.0
/* Makes and unmakes a pair of connected sockets. */
#define _GNU_SOURCE
#include "property.h"

#include <netinet/in.h>
#include <linux/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG	8

static void set(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)))
		die("setsockopt");
}

static socklen_t address_fill(struct sockaddr_storage *address, bool ipv6, uint16_t port)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;
	struct sockaddr_in *v4 = (struct sockaddr_in *)address;

	memset(address, 0, sizeof(*address));
	if (ipv6) {
		v6->sin6_family = AF_INET6;
		v6->sin6_addr = in6addr_loopback;
		v6->sin6_port = htons(port);
		return sizeof(*v6);
	}
	v4->sin_family = AF_INET;
	v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	v4->sin_port = htons(port);
	return sizeof(*v4);
}

static int listeners[KINDS][2];	/* over IPv4, over IPv6 */

static int listener(bool ipv6, uint16_t port)
{
	struct sockaddr_storage address;
	socklen_t length = address_fill(&address, ipv6, port);
	int fd = socket(address.ss_family, SOCK_STREAM, 0);

	if (fd < 0)
		die("socket");
	set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, (struct sockaddr *)&address, length) || listen(fd, BACKLOG))
		die("listen");
	return fd;
}

static void buffers_shrink(int fd)
{
	set(fd, SOL_SOCKET, SO_SNDBUF, BUFFER_SMALL);
	set(fd, SOL_SOCKET, SO_RCVBUF, BUFFER_SMALL);
}

static void edges_open(struct pair *pair)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET };
	int end;

	pair->edges = epoll_create1(EPOLL_CLOEXEC);
	if (pair->edges < 0)
		die("epoll_create1");
	for (end = 0; end < ENDS; end++) {
		event.data.u32 = end;
		if (epoll_ctl(pair->edges, EPOLL_CTL_ADD, pair->fd[end], &event))
			die("epoll_ctl");
		pair->seen[end] = 0;
	}
}

void pair_listen(const struct ports *ports)
{
	int kind, ipv6;

	for (kind = 0; kind < KINDS; kind++)
		for (ipv6 = 0; ipv6 < 2; ipv6++)
			listeners[kind][ipv6] = listener(ipv6, ports->port[kind]);
}

void pair_open(struct episode *episode, const struct ports *ports, int kind)
{
	struct pair *pair = &episode->pairs[kind];
	struct sockaddr_storage address;
	socklen_t length = address_fill(&address, episode->ipv6, ports->port[kind]);
	int client;

	client = socket(address.ss_family, SOCK_STREAM, 0);
	if (client < 0)
		die("socket");
	if (episode->small)
		buffers_shrink(client);
	if (connect(client, (struct sockaddr *)&address, length))
		die("connect");
	pair->fd[CLIENT] = client;
	pair->fd[SERVER] = accept(listeners[kind][episode->ipv6], NULL, NULL);
	if (pair->fd[SERVER] < 0)
		die("accept");
	if (episode->small)
		buffers_shrink(pair->fd[SERVER]);
	set(pair->fd[CLIENT], SOL_TCP, TCP_NODELAY, 1);
	set(pair->fd[SERVER], SOL_TCP, TCP_NODELAY, 1);
	edges_open(pair);
}

/* Until both ends may be written to, as plain ones may at once. */
void pair_settle_handshake(struct pair *pair)
{
	struct pollfd fds = { .events = POLLOUT };
	int end;

	for (end = 0; end < ENDS; end++) {
		fds.fd = pair->fd[end];
		if (poll(&fds, 1, PATIENCE_MS) != 1 || fds.revents != POLLOUT)
			die("no handshake");
	}
}

/* What has become ready since the last call, in seen[]; waits for the first if there is none. */
uint32_t pair_edges(struct pair *pair, int timeout_ms)
{
	struct epoll_event events[ENDS];
	int i, count = epoll_wait(pair->edges, events, ENDS, timeout_ms);

	for (i = 0; i < count; i++)
		pair->seen[events[i].data.u32] |= events[i].events;
	return count > 0;
}

void pair_close(struct pair *pair)
{
	int end;

	for (end = 0; end < ENDS; end++)
		if (pair->fd[end] >= 0)
			close(pair->fd[end]);
	close(pair->edges);
}
