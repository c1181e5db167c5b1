// SPDX-License-Identifier: Apache-2.0
/*
 * sockets plain|kernel|own [--list] [NAME...]
 *
 * Runs the cases, or those whose names begin with one of the arguments, and
 * prints TAP.  The first argument says what lies below the sockets: nothing,
 * kTLS, or Hauberk's own record layer; the rules are in force already.
 */
#define GROUP "harness"
#include "harness.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_S		60	/* for a case */
#define STATUS_SKIPPED	77

enum role {
	ROLE_NONE,
	ROLE_CLIENT_SENDS,
	ROLE_SERVER_SENDS,
};

static const char *const role_names[] = {
	[ROLE_NONE] = "",
	[ROLE_CLIENT_SENDS] = " (a is the client)",
	[ROLE_SERVER_SENDS] = " (a is the server)",
};

bool is_plain;

static struct test *tests, **tests_end = &tests;
static int count, failed;

void test_register(struct test *test)
{
	*tests_end = test;
	tests_end = &test->next;
}

int test_port(void)
{
	return is_plain ? PORT_PLAIN : PORT_STRICT;
}

static void comment(const char *prefix, const char *format, va_list arguments)
{
	printf("# %s", prefix);
	vprintf(format, arguments);
	printf("\n");
	fflush(stdout);
}

void fail(const char *file, int line, const char *format, ...)
{
	const char *name = strrchr(file, '/');
	char place[64];
	va_list arguments;

	snprintf(place, sizeof(place), "%s:%d: ", name ? name + 1 : file, line);
	va_start(arguments, format);
	comment(place, format, arguments);
	va_end(arguments);
	_exit(EXIT_FAILURE);
}

void skip(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	comment("skipped: ", format, arguments);
	va_end(arguments);
	_exit(STATUS_SKIPPED);
}

pid_t spawn(void)
{
	pid_t parent = getpid();
	pid_t child = fork();

	check(child >= 0);
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(EXIT_FAILURE);
	}
	return child;
}

void reap(pid_t child)
{
	int status;

	check_is(waitpid(child, &status, 0), child);
	if (status)
		fail(__FILE__, __LINE__, "a child ended with status %#x", status);
}

void done(void)
{
	_exit(EXIT_SUCCESS);
}

static socklen_t address_of(struct sockaddr_storage *address, int family, int port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;

	memset(address, 0, sizeof(*address));
	if (family == AF_INET6) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		in6->sin6_addr = in6addr_loopback;
		return sizeof(*in6);
	}
	in->sin_family = AF_INET;
	in->sin_port = htons(port);
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sizeof(*in);
}

int tcp_socket(int family)
{
	int sock = socket(family, SOCK_STREAM, IPPROTO_TCP);

	check(sock >= 0);
	return sock;
}

int listen_with(int family, int port, int backlog)
{
	struct sockaddr_storage address;
	socklen_t length = address_of(&address, family, port);
	int sock = tcp_socket(family);

	set_option(sock, SOL_SOCKET, SO_REUSEADDR, 1);
	check_is(bind(sock, (struct sockaddr *)&address, length), 0);
	check_is(listen(sock, backlog), 0);
	return sock;
}

int listen_on(int port)
{
	return listen_with(AF_INET, port, 64);
}

int connect_with(int sock, int family, int port)
{
	struct sockaddr_storage address;
	socklen_t length = address_of(&address, family, port);

	return connect(sock, (struct sockaddr *)&address, length);
}

int connect_to(int port)
{
	int sock = tcp_socket(AF_INET);

	check_is(connect_with(sock, AF_INET, port), 0);
	return sock;
}

int accept_from(int listener)
{
	int sock = accept(listener, NULL, NULL);

	check(sock >= 0);
	return sock;
}

int accept_unless_refused(int listener)
{
	int sock;

	await(listener, POLLIN);
	nonblocking(listener, true);
	sock = accept(listener, NULL, NULL);
	check(sock >= 0 || (!is_plain && errno == EAGAIN));
	nonblocking(listener, false);
	return sock;
}

void pair_begin(int port, int *client, int *server)
{
	int listener = listen_on(port);

	*client = connect_to(port);
	*server = accept_from(listener);
	close(listener);
}

void pair_settle(int client, int server)
{
	char byte = 0;

	check_is(send(client, "c", 1, 0), 1);
	check_is(recv(server, &byte, 1, 0), 1);
	check_is(byte, 'c');
	check_is(send(server, "s", 1, 0), 1);
	check_is(recv(client, &byte, 1, 0), 1);
	check_is(byte, 's');
}

void pair_open(int port, int *client, int *server)
{
	pair_begin(port, client, server);
	pair_settle(*client, *server);
}

void fill(void *bytes, size_t length, unsigned int seed)
{
	unsigned char *at = bytes;
	unsigned int state = seed * 2654435761u + 1;
	size_t i;

	for (i = 0; i < length; i++) {
		state = state * 1664525u + 1013904223u;
		at[i] = state >> 24;
	}
}

void send_all(int sock, const void *bytes, size_t length)
{
	const char *at = bytes;
	ssize_t sent;

	while (length) {
		sent = send(sock, at, length, MSG_NOSIGNAL);
		check(sent > 0);
		at += sent;
		length -= sent;
	}
}

void recv_all(int sock, void *bytes, size_t length)
{
	check_is(recv(sock, bytes, length, MSG_WAITALL), (long long)length);
}

size_t drain(int sock)
{
	static char buffer[65536];
	size_t total = 0;
	ssize_t got;

	while ((got = recv(sock, buffer, sizeof(buffer), 0)) > 0)
		total += got;
	check_is(got, 0);
	return total;
}

int drain_to_error(int sock)
{
	static char buffer[65536];
	ssize_t got;

	do {
		got = recv(sock, buffer, sizeof(buffer), 0);
	} while (got > 0);
	return got ? errno : 0;
}

void nonblocking(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	check_is(fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK), 0);
}

void set_option(int sock, int level, int name, int value)
{
	check_is(setsockopt(sock, level, name, &value, sizeof(value)), 0);
}

int get_option(int sock, int level, int name)
{
	socklen_t length = sizeof(int);
	int value = -1;

	check_is(getsockopt(sock, level, name, &value, &length), 0);
	return value;
}

short poll_for(int fd, short events, int timeout_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = events };

	check(poll(&pollfd, 1, timeout_ms) >= 0);
	return pollfd.revents;
}

static long long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/*
 * One may come before another, and who finds something at once does not sleep:
 * ksoftirqd, which may have the rest, is given no time.  So what is missing is
 * waited for alone.
 */
void await(int fd, short events)
{
	long long deadline = milliseconds() + PATIENCE_MS;
	short got = 0;

	do {
		poll_for(fd, events & ~got, PATIENCE_MS);
		got = poll_for(fd, events, 0);
	} while ((got & events) != events && milliseconds() < deadline);
	if ((got & events) != events)
		fail(__FILE__, __LINE__, "poll() says %#x, and not %#x", got, events);
}

void check_quiet(int fd, short events)
{
	short got = poll_for(fd, events, QUIET_MS);

	if (got)
		fail(__FILE__, __LINE__, "poll() says %#x where nothing was to come", got);
}

void await_end_of_connection(int sock)
{
	struct tcp_info info = { .tcpi_state = TCP_ESTABLISHED };
	socklen_t length = sizeof(info);
	int i;

	for (i = 0; i < PATIENCE_MS && info.tcpi_state != TCP_CLOSE; i++) {
		usleep(1000);
		check_is(getsockopt(sock, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
	}
}

long long await_acks(int sock)
{
	int unacknowledged = 1, i;

	for (i = 0; i < PATIENCE_MS && unacknowledged; i++) {
		check_is(ioctl(sock, SIOCOUTQ, &unacknowledged), 0);
		usleep(1000);
	}
	check_is(unacknowledged, 0);
	return milliseconds();
}

void check_held(int sock, long long since)
{
	char byte;
	ssize_t got = recv(sock, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	int number = errno;

	if (milliseconds() - since > HELD_MS)
		return;
	check_is(got, -1);
	check_is(number, EAGAIN);
}

static void alarmed(int number __attribute__((unused)))
{
}

void alarm_often(int flags)
{
	/* Again, because the first may come before the call that it is to interrupt. */
	const struct itimerval often = { .it_value.tv_usec = 50000, .it_interval.tv_usec = 50000 };
	struct sigaction action = { .sa_handler = alarmed, .sa_flags = flags };

	check_is(sigaction(SIGALRM, &action, NULL), 0);
	check_is(setitimer(ITIMER_REAL, &often, NULL), 0);
}

void alarm_stop(void)
{
	const struct itimerval never = { };

	check_is(setitimer(ITIMER_REAL, &never, NULL), 0);
}

static void test_child(const struct test *test, enum role role)
{
	int client = -1, server = -1;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (role != ROLE_NONE)
		pair_open(test_port(), &client, &server);
	if (role == ROLE_SERVER_SENDS)
		test->run(server, client);
	else
		test->run(client, server);
	_exit(EXIT_SUCCESS);
}

/* The status of a child, or -1 if its time is over: what is left of it is killed in either case. */
static int test_await(pid_t child)
{
	struct timespec limit = { .tv_sec = LIMIT_S }, last = { .tv_sec = 5 };
	sigset_t set;
	pid_t ended, left;
	int status;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	while ((ended = waitpid(child, &status, WNOHANG)) != child)
		if (sigtimedwait(&set, NULL, &limit) < 0)
			break;
	kill(-child, SIGKILL);
	/* Children of its own have become ours; they hold its ports as long as they are there. */
	while ((left = waitpid(-1, NULL, WNOHANG)) >= 0) {
		if (!left && sigtimedwait(&set, NULL, &last) < 0) {
			printf("# it cannot be killed\n");
			break;
		}
	}
	return ended == child ? status : -1;
}

static void test_run(const struct test *test, enum role role)
{
	long long begin = milliseconds();
	const char *verdict = "ok", *note = "";
	pid_t child = fork();
	int status;

	if (!child)
		test_child(test, role);
	status = test_await(child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_SKIPPED) {
		note = " # SKIP";
	} else if (status) {
		verdict = "not ok";
		failed++;
	}
	if (status == -1)
		printf("# no end after %d s\n", LIMIT_S);
	else if (WIFSIGNALED(status))
		printf("# killed by signal %d\n", WTERMSIG(status));
	printf("%s %d - %s.%s%s%s\n", verdict, ++count, test->group, test->name, role_names[role], note);
	printf("# %lld ms\n", milliseconds() - begin);
	fflush(stdout);
}

static bool test_chosen(const struct test *test, char **names)
{
	char name[128];

	if (is_plain && test->how == HOW_UPGRADED)
		return false;
	snprintf(name, sizeof(name), "%s.%s", test->group, test->name);
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strncmp(name, *names, strlen(*names)))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	struct test *test;
	sigset_t set;

	if (argc < 2 || (strcmp(argv[1], "plain") && strcmp(argv[1], "kernel") && strcmp(argv[1], "own"))) {
		fprintf(stderr, "usage: sockets plain|kernel|own [NAME...]\n");
		return 64;
	}
	is_plain = !strcmp(argv[1], "plain");
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (test = tests; test; test = test->next) {
		if (!test_chosen(test, argv + 2))
			continue;
		if (test->how == HOW_PAIR) {
			test_run(test, ROLE_CLIENT_SENDS);
			/* Without a handshake the two ends are alike. */
			if (!is_plain)
				test_run(test, ROLE_SERVER_SENDS);
		} else {
			test_run(test, ROLE_NONE);
		}
	}
	printf("1..%d\n", count);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
