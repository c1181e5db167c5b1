/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small harness for socket cases.
 *
 * A case is a function.  Each runs in a process of its own, which ends where the
 * first check fails, and is killed with all its children when its time is over.
 * PAIR_CASE gets an open connection and runs twice: once the client is the end
 * "a" and the server "b", once the other way round.  CASE makes its own sockets.
 * UPGRADED_CASE is left out where there is nothing but plain TCP to look at.
 *
 * GROUP is to be defined before this file is included: the first part of the
 * names of the file's cases.
 */
#ifndef SOCKETS_HARNESS_H
#define SOCKETS_HARNESS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What the rules that sockets.py pushes say of a port. */
enum port {
	PORT_PLAIN = 7200,	/* no rule */
	PORT_STRICT,		/* strict both ways */
	PORT_FRONT,		/* strict outbound, no rule inbound: a relay listens there */
	PORT_BACK,		/* strict inbound, no rule outbound: a relay connects there */
	PORT_MISTRUST,		/* strict both ways, but the client wants another server */
	PORT_UNMATCHED,		/* no rule, for a second attempt */
};

enum how {
	HOW_FREE,
	HOW_PAIR,
	HOW_UPGRADED,		/* as HOW_FREE, but not with plain TCP */
};

struct test {
	const char *group;
	const char *name;
	enum how how;
	void (*run)(int a, int b);
	struct test *next;
};

void test_register(struct test *test);

#define DEFINE_TEST(title, kind)							\
	static void case_##title(int a, int b);						\
	static struct test test_##title = {						\
		.group = GROUP, .name = #title, .how = kind, .run = case_##title,	\
	};										\
	static void __attribute__((constructor)) register_##title(void)			\
	{										\
		test_register(&test_##title);						\
	}										\
	static void case_##title(int a __attribute__((unused)), int b __attribute__((unused)))

#define CASE(title) DEFINE_TEST(title, HOW_FREE)
#define PAIR_CASE(title) DEFINE_TEST(title, HOW_PAIR)
#define UPGRADED_CASE(title) DEFINE_TEST(title, HOW_UPGRADED)

/* Is there nothing but TCP in this run? */
extern bool is_plain;

/* The port whose both ends this run is about. */
int test_port(void);

void __attribute__((noreturn, format(printf, 3, 4)))
fail(const char *file, int line, const char *format, ...);

/* The kernel has not what the case is about. */
void __attribute__((noreturn, format(printf, 1, 2))) skip(const char *format, ...);

#define check(condition) do {								\
	if (!(condition))								\
		fail(__FILE__, __LINE__, "not so: %s (errno %d)", #condition, errno);	\
} while (0)

#define check_is(value, wanted) do {							\
	long long value_ = (value);							\
	int errno_ = errno;								\
	long long wanted_ = (wanted);							\
	if (value_ != wanted_)								\
		fail(__FILE__, __LINE__, "%s: %lld instead of %lld (errno %d)", #value,	\
		     value_, wanted_, errno_);						\
} while (0)

#define check_fails(call, number) do {							\
	errno = 0;									\
	long long value_ = (call);							\
	int errno_ = errno;								\
	if (value_ != -1 || errno_ != (number))						\
		fail(__FILE__, __LINE__, "%s: %lld (errno %d) instead of %s", #call,	\
		     value_, errno_, #number);						\
} while (0)

#define check_same(a, b, length) do {							\
	if (memcmp(a, b, length))							\
		fail(__FILE__, __LINE__, "%s differs from %s", #a, #b);			\
} while (0)

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* A child that dies with its parent: 0 in the child. */
pid_t spawn(void);
/* Waits for a child, which must have ended well. */
void reap(pid_t child);
/* Ends a child of spawn() whose checks have all passed. */
void __attribute__((noreturn)) done(void);

/* Sockets of 127.0.0.1, or of ::1 for AF_INET6. */
int tcp_socket(int family);
int listen_on(int port);
int listen_with(int family, int port, int backlog);
int connect_to(int port);
int connect_with(int sock, int family, int port);
int accept_from(int listener);
/* As accept_from(), but -1 if the connection that came is refused: the application does not learn of it. */
int accept_unless_refused(int listener);
/* The two ends of a connection whose handshake may be under way still. */
void pair_begin(int port, int *client, int *server);
/* The two ends of a connection whose handshake is over. */
void pair_open(int port, int *client, int *server);
/* Passes a byte in each direction. */
void pair_settle(int client, int server);

/* Data that tells where it is in the stream. */
void fill(void *bytes, size_t length, unsigned int seed);
void send_all(int sock, const void *bytes, size_t length);
void recv_all(int sock, void *bytes, size_t length);
/* Reads to the end of the stream; returns how much that was. */
size_t drain(int sock);
/* recv() of a peer that is gone: whatever was sent may come first. */
int drain_to_error(int sock);

void nonblocking(int fd, bool on);
void set_option(int sock, int level, int name, int value);
int get_option(int sock, int level, int name);
/* What poll() says within so many milliseconds. */
short poll_for(int fd, short events, int timeout_ms);

#define PATIENCE_MS	10000	/* for what must come */
#define QUIET_MS	50	/* for what must not come */
#define HELD_MS		150	/* for what TCP holds back */

/* Waits until poll() says all of these events. */
void await(int fd, short events);
/* Interrupts the calling process with SIGALRM after 50 ms, and again until it is told to stop. */
void alarm_often(int flags);
void alarm_stop(void);
void check_quiet(int fd, short events);
/* Waits until TCP is through with the connection, which it tells nobody. */
void await_end_of_connection(int sock);
/* Waits until all that was sent is acknowledged, for an ACK lets go what TCP holds back; returns what time it is. */
long long await_acks(int sock);
/* What was sent since then is held back, as it is for 200 ms at most: after more than HELD_MS nothing is said. */
void check_held(int sock, long long since);

#define MAX_RECORD	16384	/* bytes of plaintext in a record of TLS 1.2 */

#endif /* SOCKETS_HARNESS_H */
