// SPDX-License-Identifier: Apache-2.0
/* Operations that move no bytes, and the table of all of them. */
#define _GNU_SOURCE
#include "operation.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static bool open_may(const struct episode *episode, const struct step *step)
{
	return is_open(episode, step);
}

static bool shutdown_may(const struct episode *episode, const struct step *step)
{
	return sees_all(episode, step);
}

static void shutdown_run(struct episode *episode, const struct step *step, int kind,
			 struct outcome *outcome)
{
	outcome->result = shutdown(step_fd(episode, step, kind), step->variant % 4);
}

static void shutdown_after(struct episode *episode, const struct step *step,
			   const struct outcome *outcome)
{
	struct end *end = &episode->ends[step->end];
	int how = step->variant % 4;

	if (outcome->result)
		return;
	if (how != SHUT_WR)
		end->read_shut = true;
	if (how != SHUT_RD) {
		end->write_shut = true;
		end->held = end->corked = false;
		/* Our goodbye is refused, and what was sent before it may not be acknowledged yet. */
		if (shut_both_ways(&episode->ends[!step->end]) && settle_unread(episode, !step->end))
			end->refused = true;
	}
}

enum { CLOSE_PLAINLY, CLOSE_PLAINLY_TOO, CLOSE_RESET, CLOSE_LINGER, CLOSE_WAYS };

/* What is held back arrives before a FIN, and perhaps before a reset. */
static bool close_may(const struct episode *episode, const struct step *step)
{
	return !episode->ends[step->end].closed && !episode->ends[!step->end].held &&
	       (!episode->ends[step->end].held ||
		(step->variant % CLOSE_WAYS != CLOSE_RESET && !settle_unread(episode, step->end)));
}

static void close_run(struct episode *episode, const struct step *step, int kind,
		      struct outcome *outcome)
{
	struct linger linger = { .l_onoff = 1, .l_linger = step->variant % CLOSE_WAYS == CLOSE_LINGER };
	int *fd = &episode->pairs[kind].fd[step->end];

	if (step->variant % CLOSE_WAYS >= CLOSE_RESET &&
	    setsockopt(*fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)))
		die("SO_LINGER");
	outcome->result = close(*fd);
	*fd = -1;
}

static void close_after(struct episode *episode, const struct step *step,
			const struct outcome *outcome)
{
	struct end *end = &episode->ends[step->end], *peer = &episode->ends[!step->end];

	(void)outcome;
	if (shut_both_ways(peer) && (step->variant % CLOSE_WAYS == CLOSE_RESET ||
				     settle_unread(episode, step->end)))
		peer->refused = true;
	end->closed = true;
	end->held = end->corked = false;
	end->ready = 0;
}

static void nonblock_run(struct episode *episode, const struct step *step, int kind,
			 struct outcome *outcome)
{
	outcome->result = fcntl(step_fd(episode, step, kind), F_SETFL,
				O_RDWR | (step->variant % 2 ? O_NONBLOCK : 0));
	outcome->values[0] = fcntl(step_fd(episode, step, kind), F_GETFL);
}

static void nonblock_after(struct episode *episode, const struct step *step,
			   const struct outcome *outcome)
{
	(void)outcome;
	episode->ends[step->end].nonblocking = step->variant % 2;
}

static bool is_cork(const struct step *step)
{
	return step->variant % 4 == 0;
}

/* Cork or Nagle: either may hold what is sent until it is taken away. */
static void cork_run(struct episode *episode, const struct step *step, int kind,
		     struct outcome *outcome)
{
	int on = is_cork(step), name = step->variant / 4 % 2 ? TCP_CORK : TCP_NODELAY;
	int value = name == TCP_CORK ? on : !on, other = name == TCP_CORK;

	outcome->result = setsockopt(step_fd(episode, step, kind), SOL_TCP, name, &value, sizeof(value));
	/* The other one must not go on holding. */
	if (!on)
		outcome->values[0] = setsockopt(step_fd(episode, step, kind), SOL_TCP,
						name == TCP_CORK ? TCP_NODELAY : TCP_CORK, &other,
						sizeof(other));
}

static void cork_after(struct episode *episode, const struct step *step,
		       const struct outcome *outcome)
{
	struct end *end = &episode->ends[step->end];

	if (outcome->result)
		return;
	end->corked = is_cork(step);
	if (!end->corked)
		end->held = false;
}

static int lowat_value(const struct step *step)
{
	return step->variant % 2 ? 1 : 1 + step->argument % INFLIGHT_SMALL;
}

/* It holds readiness back, and reads as 1. */
static void lowat_run(struct episode *episode, const struct step *step, int kind,
		      struct outcome *outcome)
{
	int value = lowat_value(step);

	outcome->result = setsockopt(step_fd(episode, step, kind), SOL_SOCKET, SO_RCVLOWAT, &value,
				     sizeof(value));
	difference_used(DIFFERENCE_LOW_WATER);
}

static void lowat_after(struct episode *episode, const struct step *step,
			const struct outcome *outcome)
{
	(void)outcome;
	episode->ends[step->end].lowat = lowat_value(step);
}

static bool sees_all_may(const struct episode *episode, const struct step *step)
{
	return sees_all(episode, step);
}

static void inq_run(struct episode *episode, const struct step *step, int kind,
		    struct outcome *outcome)
{
	int value = -1;

	outcome->result = ioctl(step_fd(episode, step, kind), FIONREAD, &value);
	outcome->values[0] = value;
}

static void dup_run(struct episode *episode, const struct step *step, int kind,
		    struct outcome *outcome)
{
	int *fd = &episode->pairs[kind].fd[step->end], copy = dup(*fd);

	if (copy < 0)
		die("dup");
	outcome->result = close(*fd);
	*fd = copy;
}

/* In a child process, on the socket that it inherits: one send or one receive. */
static void (*fork_inner(const struct step *step))(struct episode *, const struct step *, int,
						   struct outcome *)
{
	return step->argument % 2 ? send_run : receive_run;
}

static bool fork_may(const struct episode *episode, const struct step *step)
{
	return step->argument % 2 ? send_may(episode, step) : receive_may(episode, step);
}

static void fork_run(struct episode *episode, const struct step *step, int kind,
		     struct outcome *outcome)
{
	static struct outcome *shared;
	pid_t child;

	if (!shared)
		shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			      -1, 0);
	if (shared == MAP_FAILED)
		die("mmap");
	memset(shared, 0, sizeof(*shared));
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		int before = signals_seen;

		errno = 0;
		fork_inner(step)(episode, step, kind, shared);
		shared->error = errno;
		shared->signals = signals_seen - before;
		_exit(0);
	}
	if (waitpid(child, NULL, 0) != child)
		die("waitpid");
	*outcome = *shared;
	errno = shared->error;
}

static void fork_after(struct episode *episode, const struct step *step,
		       const struct outcome *outcome)
{
	if (step->argument % 2)
		send_after(episode, step, outcome);
	else
		receive_after(episode, step, outcome);
}

static bool ready_may(const struct episode *episode, const struct step *step)
{
	return sees_all(episode, step) && !episode->small;
}

static void select_run(int fd, struct outcome *outcome)
{
	struct timeval none = { 0 };
	fd_set in, out, except;

	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_ZERO(&except);
	FD_SET(fd, &in);
	FD_SET(fd, &out);
	FD_SET(fd, &except);
	outcome->result = select(fd + 1, &in, &out, &except, &none);
	outcome->values[0] = FD_ISSET(fd, &in);
	outcome->values[1] = FD_ISSET(fd, &out);
	outcome->values[2] = FD_ISSET(fd, &except);
}

/* A new epoll, level- or edge-triggered, tells twice what there is, or once. */
static void epoll_run(int fd, uint32_t trigger, struct outcome *outcome)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | trigger };
	int i, epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0)
		die("epoll_create1");
	outcome->result = epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	for (i = 0; i < 2; i++) {
		event.events = 0;
		outcome->values[2 * i] = epoll_wait(epoll, &event, 1, 0);
		outcome->values[2 * i + 1] = event.events;
	}
	close(epoll);
}

static void ready_run(struct episode *episode, const struct step *step, int kind,
		      struct outcome *outcome)
{
	static const uint32_t triggers[] = { 0, EPOLLET, EPOLLONESHOT, EPOLLEXCLUSIVE };
	int fd = step_fd(episode, step, kind);

	if (step->variant % 5 == 4) {
		select_run(fd, outcome);
		return;
	}
	epoll_run(fd, triggers[step->variant % 5], outcome);
	/* EPOLLEXCLUSIVE goes with EPOLLIN and EPOLLOUT only: refused, on any socket. */
}

static const struct {
	int level, name;
	int values[3];
} options[] = {
	{ SOL_SOCKET, SO_KEEPALIVE, { 0, 1, 7 } },
	{ SOL_SOCKET, SO_OOBINLINE, { 0, 1, 0 } },
	{ SOL_SOCKET, SO_PRIORITY, { 0, 3, 6 } },
	{ SOL_SOCKET, SO_SNDLOWAT, { 1, 2, 3 } },
	{ SOL_SOCKET, SO_TYPE, { 0 } },
	{ SOL_SOCKET, SO_DOMAIN, { 0 } },
	{ SOL_SOCKET, SO_PROTOCOL, { 0 } },
	{ SOL_SOCKET, SO_ACCEPTCONN, { 0 } },
	{ SOL_SOCKET, SO_ERROR, { 0 } },
	{ SOL_SOCKET, SO_BROADCAST, { 0, 1, 0 } },
	{ SOL_SOCKET, 9999, { 0 } },
	{ SOL_TCP, TCP_KEEPIDLE, { 30, 60, -1 } },
	{ SOL_TCP, TCP_KEEPINTVL, { 30, 60, -1 } },
	{ SOL_TCP, TCP_KEEPCNT, { 3, 4, 1000 } },
	{ SOL_TCP, TCP_SYNCNT, { 3, 4, 1000 } },
	{ SOL_TCP, TCP_LINGER2, { 10, 20, 30 } },
	{ SOL_TCP, TCP_DEFER_ACCEPT, { 0, 1, 0 } },
	{ SOL_TCP, TCP_USER_TIMEOUT, { 0, 60000, -5 } },
	{ SOL_TCP, TCP_THIN_LINEAR_TIMEOUTS, { 0, 1, 2 } },
	{ SOL_TCP, TCP_FASTOPEN_CONNECT, { 0, 1, 0 } },
	{ SOL_TCP, TCP_SAVE_SYN, { 0, 1, 0 } },
	{ SOL_TCP, TCP_TIMESTAMP, { 5, 6, 7 } },
	{ SOL_TCP, TCP_MD5SIG, { 0 } },
	{ SOL_TCP, TCP_QUEUE_SEQ, { 1 } },
	{ SOL_TCP, 9999, { 0 } },
	{ 9999, 1, { 0 } },
};

/* These hold a time or a count of their own, or are set only: read back they would differ between any two sockets. */
static bool option_readable(int level, int name)
{
	return !(level == SOL_TCP && (name == TCP_TIMESTAMP || name == TCP_SAVE_SYN));
}

static void option_run(struct episode *episode, const struct step *step, int kind,
		       struct outcome *outcome)
{
	int fd = step_fd(episode, step, kind), which = step->argument % COUNT(options);
	int value = options[which].values[step->size % 3];
	socklen_t length = step->variant % 8 ? sizeof(value) : 1;

	if (step->variant & 16) {
		outcome->result = setsockopt(fd, options[which].level, options[which].name,
					     step->variant % 8 == 1 ? NULL : &value, length);
		return;
	}
	value = 0;
	outcome->result = getsockopt(fd, options[which].level, options[which].name, &value, &length);
	if (!outcome->result && option_readable(options[which].level, options[which].name))
		outcome->values[0] = value;
	outcome->values[1] = length;
}

static long odd_connect(int fd)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return connect(fd, (struct sockaddr *)&address, sizeof(address));
}

static long odd_accept(int fd)
{
	return accept4(fd, NULL, NULL, SOCK_NONBLOCK);
}

static long odd_listen(int fd)
{
	return listen(fd, 1);
}

static long odd_bind(int fd)
{
	struct sockaddr_in address = { .sin_family = AF_INET };

	return bind(fd, (struct sockaddr *)&address, sizeof(address));
}

static long odd_peer_name(int fd)
{
	struct sockaddr_in6 address;
	socklen_t length = sizeof(address);

	if (getpeername(fd, (struct sockaddr *)&address, &length))
		return -1;
	return address.sin6_family * 1000 + length;
}

static long odd_own_name(int fd)
{
	struct sockaddr_in6 address;
	socklen_t length = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &length))
		return -1;
	return address.sin6_family * 1000 + length;
}

static long odd_mark(int fd)
{
	int value = -1;

	return ioctl(fd, SIOCATMARK, &value) ? -1 : value;
}

static long odd_ioctl(int fd)
{
	return ioctl(fd, 0xdead, NULL);
}

static long odd_seek(int fd)
{
	return lseek(fd, 0, SEEK_CUR);
}

static long odd_pread(int fd)
{
	char byte;

	return pread(fd, &byte, 1, 0);
}

static long odd_sync(int fd)
{
	return fsync(fd);
}

static long odd_error_queue(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_ERRQUEUE | MSG_DONTWAIT);
}

static long odd_many_pieces(int fd)
{
	struct msghdr msg = { .msg_iovlen = 100000 };

	return sendmsg(fd, &msg, MSG_DONTWAIT);
}

static long odd_outq(int fd)
{
	int value = -1;

	return ioctl(fd, SIOCOUTQ, &value) ? -1 : value >= 0;
}

static long odd_splice_to_itself(int fd)
{
	return splice(fd, NULL, fd, NULL, 1, SPLICE_F_NONBLOCK);
}

static long odd_send_to(int fd)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(9),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	return sendto(fd, "", 0, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&address,
		      sizeof(address));
}

/* Whether the peer has acknowledged our FIN yet is a matter of its timer, not of calls. */
static long odd_state(int fd)
{
	struct tcp_info info;
	socklen_t length = sizeof(info);

	if (getsockopt(fd, SOL_TCP, TCP_INFO, &info, &length))
		return -1;
	switch (info.tcpi_state) {
	case TCP_FIN_WAIT1:
		return TCP_FIN_WAIT2;
	case TCP_CLOSING:
		return TCP_TIME_WAIT;
	case TCP_LAST_ACK:
		return TCP_CLOSE;
	default:
		return info.tcpi_state;
	}
}

static long (*const oddities[])(int fd) = {
	odd_connect, odd_accept, odd_listen, odd_bind, odd_peer_name, odd_own_name, odd_mark, odd_ioctl,
	odd_seek, odd_pread, odd_sync, odd_error_queue, odd_many_pieces, odd_outq,
	odd_splice_to_itself, odd_send_to, odd_state,
};

static void odd_run(struct episode *episode, const struct step *step, int kind,
		    struct outcome *outcome)
{
	outcome->result = oddities[step->variant % COUNT(oddities)](step_fd(episode, step, kind));
}

const struct operation operations[] = {
	{ "send", 300, send_may, send_run, send_after },
	{ "receive", 340, receive_may, receive_run, receive_after },
	{ "drain", 30, drain_may, drain_run, drain_after },
	{ "splice-in", 25, splice_in_may, splice_in_run, drain_after },
	{ "splice-out", 25, can_send, splice_out_run, file_after },
	{ "sendfile", 25, can_send, sendfile_run, file_after },
	{ "bad-send", 5, bad_send_may, bad_send_run, NULL },
	{ "bad-receive", 2, bad_receive_may, bad_receive_run, NULL },
	{ "fill", 20, fill_may, fill_run, fill_after },
	{ "waiting-read", 5, waiting_read_may, waiting_read_run, waiting_read_after },
	{ "shutdown", 5, shutdown_may, shutdown_run, shutdown_after },
	{ "close", 5, close_may, close_run, close_after },
	{ "nonblock", 20, open_may, nonblock_run, nonblock_after },
	{ "cork", 15, open_may, cork_run, cork_after },
	{ "lowat", 10, sees_all_may, lowat_run, lowat_after },
	{ "inq", 40, sees_all_may, inq_run, NULL },
	{ "dup", 5, open_may, dup_run, NULL },
	{ "fork", 3, fork_may, fork_run, fork_after },
	{ "ready", 40, ready_may, ready_run, NULL },
	{ "option", 50, sees_all_may, option_run, NULL },
	{ "odd", 40, sees_all_may, odd_run, NULL },
};

const unsigned int operation_count = COUNT(operations);
