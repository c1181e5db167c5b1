// SPDX-License-Identifier: Apache-2.0
#define GROUP "io_uring"
#define _GNU_SOURCE
#include "uring.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "harness.h"

#define ENTRIES	16

static void *uring_map(int fd, size_t length, off_t offset)
{
	void *at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);

	check(at != MAP_FAILED);
	return at;
}

void uring_open(struct uring *ring)
{
	struct io_uring_params params = {};
	size_t rings;
	char *at;

	memset(ring, 0, sizeof(*ring));
	ring->fd = syscall(SYS_io_uring_setup, ENTRIES, &params);
	if (ring->fd < 0)
		skip("io_uring_setup: %s", strerror(errno));
	check(params.features & IORING_FEAT_SINGLE_MMAP);
	rings = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
	if (rings < params.sq_off.array + params.sq_entries * sizeof(unsigned int))
		rings = params.sq_off.array + params.sq_entries * sizeof(unsigned int);
	at = uring_map(ring->fd, rings, IORING_OFF_SQ_RING);
	ring->sq_tail = (unsigned int *)(at + params.sq_off.tail);
	ring->sq_array = (unsigned int *)(at + params.sq_off.array);
	ring->sq_mask = params.sq_entries - 1;
	ring->cq_head = (unsigned int *)(at + params.cq_off.head);
	ring->cq_tail = (unsigned int *)(at + params.cq_off.tail);
	ring->cq_mask = params.cq_entries - 1;
	ring->cqes = (struct io_uring_cqe *)(at + params.cq_off.cqes);
	ring->sqes = uring_map(ring->fd, params.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
}

struct io_uring_sqe *uring_request(struct uring *ring, int opcode, int fd, const void *bytes, size_t length,
				   unsigned long tag)
{
	unsigned int tail = *ring->sq_tail, index = tail & ring->sq_mask;
	struct io_uring_sqe *sqe = &ring->sqes[index];

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = opcode;
	sqe->fd = fd;
	sqe->addr = (unsigned long)bytes;
	sqe->len = length;
	sqe->user_data = tag;
	ring->sq_array[index] = index;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
	ring->queued++;
	return sqe;
}

void uring_submit(struct uring *ring)
{
	check_is(syscall(SYS_io_uring_enter, ring->fd, ring->queued, 0, 0, NULL, 0), ring->queued);
	ring->queued = 0;
}

struct uring_result uring_wait(struct uring *ring)
{
	unsigned int head = *ring->cq_head;
	const struct io_uring_cqe *cqe = &ring->cqes[head & ring->cq_mask];
	struct uring_result result;

	while (__atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE) == head)
		check_is(syscall(SYS_io_uring_enter, ring->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL, 0), 0);
	result = (struct uring_result){ .user_data = cqe->user_data, .res = cqe->res, .flags = cqe->flags };
	__atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
	return result;
}

int uring_do(struct uring *ring, int opcode, int fd, const void *bytes, size_t length)
{
	uring_request(ring, opcode, fd, bytes, length, 1);
	uring_submit(ring);
	return uring_wait(ring).res;
}

PAIR_CASE(send_and_recv)
{
	struct uring ring;
	char got[8];

	uring_open(&ring);
	check_is(uring_do(&ring, IORING_OP_SEND, a, "data", 4), 4);
	check_is(uring_do(&ring, IORING_OP_RECV, b, got, sizeof(got)), 4);
	check_same(got, "data", 4);
}

PAIR_CASE(write_and_read)
{
	struct uring ring;
	char got[8];

	uring_open(&ring);
	check_is(uring_do(&ring, IORING_OP_WRITE, a, "data", 4), 4);
	check_is(uring_do(&ring, IORING_OP_READ, b, got, sizeof(got)), 4);
	check_same(got, "data", 4);
}

PAIR_CASE(writev_and_readv)
{
	char got[2][4];
	struct iovec from[] = { { "scat", 4 }, { "tered", 5 } };
	struct iovec to[] = { { got[0], 4 }, { got[1], 4 } };
	struct uring ring;

	uring_open(&ring);
	check_is(uring_do(&ring, IORING_OP_WRITEV, a, from, 2), 9);
	check_is(uring_do(&ring, IORING_OP_READV, b, to, 2), 8);
	check_same(got, "scattere", 8);
}

PAIR_CASE(sendmsg_and_recvmsg)
{
	char got[8];
	struct iovec from = { "message", 7 }, to = { got, sizeof(got) };
	struct msghdr out = { .msg_iov = &from, .msg_iovlen = 1 };
	struct msghdr in = { .msg_iov = &to, .msg_iovlen = 1 };
	struct uring ring;

	uring_open(&ring);
	check_is(uring_do(&ring, IORING_OP_SENDMSG, a, &out, 1), 7);
	check_is(uring_do(&ring, IORING_OP_RECVMSG, b, &in, 1), 7);
	check_same(got, "message", 7);
	check_is(in.msg_controllen, 0);
}

/* The reader is there first: the ring polls for it, and nobody sleeps. */
PAIR_CASE(recv_before_the_data)
{
	struct uring_result cqe;
	struct uring ring;
	char got[8];

	uring_open(&ring);
	uring_request(&ring, IORING_OP_RECV, b, got, sizeof(got), 7);
	uring_submit(&ring);
	check_quiet(ring.fd, POLLIN);
	send_all(a, "data", 4);
	cqe = uring_wait(&ring);
	check_is(cqe.user_data, 7);
	check_is(cqe.res, 4);
	check_same(got, "data", 4);
}

PAIR_CASE(recv_all_of_a_large_message)
{
	enum { LENGTH = 200000 };
	static char bytes[LENGTH], got[LENGTH];
	struct uring_result cqe;
	struct uring ring;
	int i;

	fill(bytes, LENGTH, 1);
	uring_open(&ring);
	uring_request(&ring, IORING_OP_RECV, b, got, LENGTH, 1)->msg_flags = MSG_WAITALL;
	uring_request(&ring, IORING_OP_SEND, a, bytes, LENGTH, 2)->msg_flags = MSG_WAITALL;
	uring_submit(&ring);
	for (i = 0; i < 2; i++) {
		cqe = uring_wait(&ring);
		check_is(cqe.res, LENGTH);
	}
	check_same(got, bytes, LENGTH);
}

PAIR_CASE(peeking)
{
	struct uring ring;
	char got[4];

	uring_open(&ring);
	send_all(a, "data", 4);
	uring_request(&ring, IORING_OP_RECV, b, got, 4, 1)->msg_flags = MSG_PEEK;
	uring_submit(&ring);
	check_is(uring_wait(&ring).res, 4);
	check_is(uring_do(&ring, IORING_OP_RECV, b, got, 4), 4);
	check_same(got, "data", 4);
}

PAIR_CASE(the_end)
{
	struct uring ring;
	char got[4];

	uring_open(&ring);
	uring_request(&ring, IORING_OP_SHUTDOWN, a, NULL, SHUT_WR, 1);
	uring_submit(&ring);
	check_is(uring_wait(&ring).res, 0);
	check_is(uring_do(&ring, IORING_OP_RECV, b, got, 4), 0);
	uring_request(&ring, IORING_OP_SEND, a, "x", 1, 1)->msg_flags = MSG_NOSIGNAL;
	uring_submit(&ring);
	check_is(uring_wait(&ring).res, -EPIPE);
}

PAIR_CASE(closing)
{
	struct uring ring;

	uring_open(&ring);
	check_is(uring_do(&ring, IORING_OP_SEND, a, "last", 4), 4);
	check_is(uring_do(&ring, IORING_OP_CLOSE, a, NULL, 0), 0);
	check_is(drain(b), 4);
}

PAIR_CASE(polling)
{
	struct uring_result cqe;
	struct uring ring;

	uring_open(&ring);
	uring_request(&ring, IORING_OP_POLL_ADD, b, NULL, 0, 3)->poll32_events = POLLIN;
	uring_submit(&ring);
	check_quiet(ring.fd, POLLIN);
	send_all(a, "data", 4);
	cqe = uring_wait(&ring);
	check_is(cqe.user_data, 3);
	check(cqe.res & POLLIN);
}

PAIR_CASE(splicing)
{
	struct io_uring_sqe *sqe;
	struct uring ring;
	char got[4];
	int ends[2];

	check_is(pipe(ends), 0);
	uring_open(&ring);
	send_all(a, "data", 4);
	await(b, POLLIN);
	sqe = uring_request(&ring, IORING_OP_SPLICE, ends[1], NULL, 4, 1);
	sqe->splice_fd_in = b;
	sqe->splice_off_in = -1;
	sqe->off = -1;
	uring_submit(&ring);
	check_is(uring_wait(&ring).res, 4);
	check_is(read(ends[0], got, 4), 4);
	check_same(got, "data", 4);
}

/* A pending read is given up and takes no data with it. */
PAIR_CASE(cancelling)
{
	struct uring_result cqe;
	struct uring ring;
	char got[4];
	int i;

	uring_open(&ring);
	uring_request(&ring, IORING_OP_RECV, b, got, 4, 5);
	uring_submit(&ring);
	uring_request(&ring, IORING_OP_ASYNC_CANCEL, -1, (void *)5, 0, 6);
	uring_submit(&ring);
	for (i = 0; i < 2; i++) {
		cqe = uring_wait(&ring);
		check_is(cqe.res, cqe.user_data == 5 ? -ECANCELED : 0);
	}
	send_all(a, "data", 4);
	recv_all(b, got, 4);
	check_same(got, "data", 4);
}

/* Sent and told of, or refused: who uses it must be ready for sockets that cannot. */
PAIR_CASE(send_without_copying)
{
	struct uring_result cqe;
	struct uring ring;
	char got[4];

	uring_open(&ring);
	uring_request(&ring, IORING_OP_SEND_ZC, a, "data", 4, 1);
	uring_submit(&ring);
	cqe = uring_wait(&ring);
	if (!is_plain && cqe.res == -EOPNOTSUPP) {
		check_quiet(b, POLLIN);
	} else {
		check_is(cqe.res, 4);
		recv_all(b, got, 4);
		check_same(got, "data", 4);
	}
	if (cqe.flags & IORING_CQE_F_MORE) {
		cqe = uring_wait(&ring);
		check(cqe.flags & IORING_CQE_F_NOTIF);
	}
}

static struct sockaddr_in address_of(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

/* Both ends come about in one ring. */
CASE(connect_and_accept)
{
	struct sockaddr_in address = address_of(test_port());
	int listener = listen_on(test_port()), i;
	struct uring_result cqe;
	struct uring ring;
	char got[4];

	uring_open(&ring);
	a = tcp_socket(AF_INET);
	uring_request(&ring, IORING_OP_ACCEPT, listener, NULL, 0, 1);
	uring_request(&ring, IORING_OP_CONNECT, a, &address, 0, 2)->off = sizeof(address);
	uring_submit(&ring);
	for (i = 0; i < 2; i++) {
		cqe = uring_wait(&ring);
		check(cqe.res >= 0);
		if (cqe.user_data == 1)
			b = cqe.res;
	}
	uring_request(&ring, IORING_OP_RECV, b, got, 4, 1);
	uring_request(&ring, IORING_OP_SEND, a, "data", 4, 2);
	uring_submit(&ring);
	for (i = 0; i < 2; i++)
		check_is(uring_wait(&ring).res, 4);
	check_same(got, "data", 4);
}

CASE(connect_to_nobody)
{
	struct sockaddr_in address = address_of(test_port());
	struct uring ring;

	uring_open(&ring);
	a = tcp_socket(AF_INET);
	uring_request(&ring, IORING_OP_CONNECT, a, &address, 0, 2)->off = sizeof(address);
	uring_submit(&ring);
	check_is(uring_wait(&ring).res, -ECONNREFUSED);
}

CASE(multishot_accept)
{
	enum { CONNECTIONS = 4 };
	int listener = listen_on(test_port()), i, clients[CONNECTIONS];
	struct uring_result cqe;
	struct uring ring;

	uring_open(&ring);
	uring_request(&ring, IORING_OP_ACCEPT, listener, NULL, 0, 1)->ioprio = IORING_ACCEPT_MULTISHOT;
	uring_submit(&ring);
	for (i = 0; i < CONNECTIONS; i++) {
		clients[i] = connect_to(test_port());
		cqe = uring_wait(&ring);
		check(cqe.res >= 0 && (cqe.flags & IORING_CQE_F_MORE));
		pair_settle(clients[i], cqe.res);
	}
}
