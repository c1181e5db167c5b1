// SPDX-License-Identifier: Apache-2.0
/*
 * Connects as any program would, and asks the socket who is at the other end.
 *
 *	cc -Wall -I../../kmod/include/uapi -o peer_info peer_info.c
 *	./peer_info HOST PORT
 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <hauberk_socket.h>

#define PEER_ID_ROOM	2049	/* the longest SPIFFE id and a final NUL */

static int connect_to(const char *host, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found, *one;
	int fd = -1, err;

	err = getaddrinfo(host, port, &hints, &found);
	if (err) {
		fprintf(stderr, "%s: %s\n", host, gai_strerror(err));
		return -1;
	}
	for (one = found; one && fd < 0; one = one->ai_next) {
		fd = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
		if (fd >= 0 && connect(fd, one->ai_addr, one->ai_addrlen)) {
			perror("connect");
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(found);
	return fd;
}

static int tell(int fd)
{
	char peer_id[PEER_ID_ROOM];
	struct hbk_so_info info;
	socklen_t length = sizeof(info);

	/* Waits for the handshake, as a read would. */
	if (getsockopt(fd, SOL_HAUBERK, HBK_SO_INFO, &info, &length)) {
		if (errno == EOPNOTSUPP || errno == ENOPROTOOPT)
			printf("not upgraded: this is plain TCP\n");
		else
			fprintf(stderr, "no connection: %s\n", strerror(errno));
		return 1;
	}
	length = sizeof(peer_id);
	if (getsockopt(fd, SOL_HAUBERK, HBK_SO_PEER_ID, peer_id, &length)) {
		perror("HBK_SO_PEER_ID");
		return 1;
	}
	printf("peer %s, rule %s, as %s, suite %04x, %s%s\n", peer_id, info.rule, info.identity,
	       info.suite, info.ktls ? "kTLS" : "own records", info.resumed ? ", resumed" : "");
	return 0;
}

int main(int argc, char **argv)
{
	int fd, status;

	if (argc != 3) {
		fprintf(stderr, "usage: peer_info HOST PORT\n");
		return 2;
	}
	fd = connect_to(argv[1], argv[2]);
	if (fd < 0)
		return 1;
	status = tell(fd);
	close(fd);
	return status;
}
