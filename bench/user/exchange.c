// SPDX-License-Identifier: Apache-2.0
/*
 * exchange PORT raw REQUEST ANSWER TURNS
 * exchange PORT http BODY 0 TURNS
 *
 * Two processes and one TCP connection on the loopback device: one asks, the other answers, so many bytes each; or a
 * request of HTTP/1.1 with a body of so many bytes and an answer without one. Prints how many nanoseconds an exchange
 * takes, as the median of some rounds of TURNS exchanges each. Both ends read blockingly, as most programs do that
 * know nothing of each other's speed.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	ROUNDS = 9,
	WARM_UP = 20,		/* exchanges before the first round */
	PIECE = 16384,		/* bytes of one write */
	HEAD_MAX = 512,
};

static char data[PIECE];
static char room[4 * PIECE];

static void die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

static void put(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);

		if (sent < 0)
			die("send");
		bytes += sent;
		length -= sent;
	}
}

static void put_data(int fd, size_t length)
{
	for (; length > PIECE; length -= PIECE)
		put(fd, data, PIECE);
	put(fd, data, length);
}

/* Returns 0 at the end of the stream. */
static size_t get(int fd, char *bytes, size_t most)
{
	ssize_t got = recv(fd, bytes, most, 0);

	if (got < 0)
		die("recv");
	return got;
}

static bool get_data(int fd, size_t length)
{
	while (length) {
		size_t got = get(fd, room, length < sizeof(room) ? length : sizeof(room));

		if (!got)
			return false;
		length -= got;
	}
	return true;
}

/* A head, and as much behind it as it is to have: nothing comes behind that before somebody answers. */
static bool get_message(int fd, size_t body)
{
	size_t length = 0;
	const char *end;

	do {
		size_t got = get(fd, room + length, sizeof(room) - 1 - length);

		if (!got)
			return false;
		length += got;
		room[length] = 0;
		end = strstr(room, "\r\n\r\n");
	} while (!end);
	return get_data(fd, body - (length - (end + 4 - room)));
}

struct exchange {
	bool http;
	size_t request, answer;
	char head[HEAD_MAX];
};

static void ask(int fd, const struct exchange *x)
{
	if (x->http)
		put(fd, x->head, strlen(x->head));
	put_data(fd, x->request);
	if (x->http ? !get_message(fd, 0) : !get_data(fd, x->answer)) {
		fputs("exchange: the connection ended\n", stderr);
		exit(EXIT_FAILURE);
	}
}

static void serve(int listener, const struct exchange *x)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nserver: exchange\r\ncontent-type: text/plain\r\n"
				     "content-length: 0\r\n\r\n";
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		die("accept");
	if (x->http)
		while (get_message(fd, x->request))
			put(fd, answer, strlen(answer));
	else
		while (get_data(fd, x->request))
			put_data(fd, x->answer);
	exit(EXIT_SUCCESS);
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;

	return (one > other) - (one < other);
}

static int64_t measure(int fd, const struct exchange *x, int turns)
{
	int64_t rounds[ROUNDS];
	int i, j;

	for (i = 0; i < WARM_UP; i++)
		ask(fd, x);
	for (i = 0; i < ROUNDS; i++) {
		int64_t begin = now();

		for (j = 0; j < turns; j++)
			ask(fd, x);
		rounds[i] = (now() - begin) / turns;
	}
	qsort(rounds, ROUNDS, sizeof(rounds[0]), compare);
	return rounds[ROUNDS / 2];
}

static int listen_at(struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) ||
	    bind(fd, (struct sockaddr *)address, sizeof(*address)) || listen(fd, 1))
		die("listen");
	return fd;
}

static int connect_to(struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)address, sizeof(*address)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)))
		die("connect");
	return fd;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct exchange x = {};
	int listener, fd, status;
	pid_t server;

	if (argc != 6) {
		fputs("usage: exchange PORT raw|http REQUEST ANSWER TURNS\n", stderr);
		return EXIT_FAILURE;
	}
	address.sin_port = htons(atoi(argv[1]));
	x.http = !strcmp(argv[2], "http");
	x.request = atol(argv[3]);
	x.answer = atol(argv[4]);
	memset(data, 'a', sizeof(data));
	snprintf(x.head, sizeof(x.head), "%s /index.html HTTP/1.1\r\nhost: localhost\r\nuser-agent: exchange\r\n"
		 "accept: */*\r\ncontent-length: %zu\r\n\r\n", x.request ? "POST" : "GET", x.request);
	listener = listen_at(&address);
	server = fork();
	if (server < 0)
		die("fork");
	if (!server)
		serve(listener, &x);
	fd = connect_to(&address);
	printf("%lld\n", (long long)measure(fd, &x, atoi(argv[5])));
	close(fd);
	if (waitpid(server, &status, 0) != server || status)
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
