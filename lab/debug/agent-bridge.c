// SPDX-License-Identifier: Apache-2.0
/*
 * agent-bridge tcp:HOST:PORT|unix:PATH COMMAND...
 *
 * User-mode Linux can tie a serial line to a file descriptor, but not to a
 * socket that listens. This runs COMMAND with its end of a stream socket as
 * descriptor 3, and offers the other end to one client at a time.
 *
 * The line is usable from the first new-line on that the guest sends. For each
 * client the bridge asks the guest's agent to say hello, so that a client's
 * first line is always the one that says "ready". The bridge ends when COMMAND
 * has ended, with its status.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define GUEST_FD 3
#define HELLO "{\"id\":0,\"hello\":true}\n"

static pid_t guest;

/*
 * User-mode Linux is a session of several processes, which go together. As
 * process 1 of a container the bridge would not be ended by default.
 */
static void end_guest(int number)
{
	kill(-guest, SIGKILL);
	kill(guest, SIGKILL);
	_exit(128 + number);
}

static void die(const char *what)
{
	fprintf(stderr, "agent-bridge: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int listen_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		die(path);
	}
	strcpy(address.sun_path, path);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 1))
		die(path);
	return fd;
}

static int listen_tcp(const char *host_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	char host[INET_ADDRSTRLEN];
	unsigned short port;

	if (sscanf(host_port, "%15[0-9.]:%hu", host, &port) != 2 ||
	    inet_pton(AF_INET, host, &address.sin_addr) != 1) {
		errno = EINVAL;
		die(host_port);
	}
	address.sin_port = htons(port);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 1))
		die(host_port);
	return fd;
}

static int listen_at(const char *address)
{
	if (!strncmp(address, "tcp:", 4))
		return listen_tcp(address + 4);
	if (!strncmp(address, "unix:", 5))
		return listen_unix(address + 5);
	errno = EINVAL;
	die(address);
	return -1;
}

static pid_t start(char **command, int line)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid) {
		/* User-mode Linux starts a session of its own, which nothing else would end. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* A copy does not inherit close-on-exec; all else is closed. */
		if (dup2(line, GUEST_FD) < 0)
			die("dup2");
		execv(command[0], command);
		die(command[0]);
	}
	return pid;
}

/* Copies what is there from one end to the other; false when one has gone. */
static int copy(int from, int to)
{
	char buffer[65536];
	ssize_t got = read(from, buffer, sizeof(buffer)), done = 0, n;

	while (done < got) {
		n = write(to, buffer + done, got - done);
		if (n < 0)
			return 0;
		done += n;
	}
	return got > 0;
}

/* Waits for the new-line with which the guest says that its line is raw. */
static int guest_is_up(int host)
{
	char c;

	do {
		if (read(host, &c, 1) != 1)
			return 0;
	} while (c != '\n');
	return 1;
}

/* The next client, or -1 when the guest has gone before one came. */
static int next_client(int listener, int host)
{
	struct pollfd ends[] = {
		{ .fd = listener, .events = POLLIN },
		{ .fd = host },
	};
	int client;

	if (poll(ends, 2, -1) < 0)
		die("poll");
	if (ends[1].revents)
		return -1;
	client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (client < 0)
		die("accept");
	return client;
}

/* Serves one client until either end has gone. */
static void serve(int host, int client)
{
	struct pollfd ends[] = {
		{ .fd = host, .events = POLLIN },
		{ .fd = client, .events = POLLIN },
	};

	if (write(host, HELLO, strlen(HELLO)) < 0)
		return;
	for (;;) {
		if (poll(ends, 2, -1) < 0)
			die("poll");
		if (ends[0].revents && !copy(host, client))
			return;
		if (ends[1].revents && !copy(client, host))
			return;
	}
}

int main(int argc, char **argv)
{
	int listener, pair[2], client, status;

	if (argc < 3) {
		fputs("usage: agent-bridge tcp:HOST:PORT|unix:PATH COMMAND...\n", stderr);
		return 64;
	}
	signal(SIGPIPE, SIG_IGN);
	listener = listen_at(argv[1]);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		die("socketpair");
	guest = start(argv + 2, pair[1]);
	signal(SIGTERM, end_guest);
	close(pair[1]);
	if (guest_is_up(pair[0])) {
		while ((client = next_client(listener, pair[0])) >= 0) {
			serve(pair[0], client);
			close(client);
		}
	}
	if (waitpid(guest, &status, 0) < 0)
		die("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
