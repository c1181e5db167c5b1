/* SPDX-License-Identifier: Apache-2.0 */
/* io_uring by its system calls: one ring, a few requests at a time. */
#ifndef SOCKETS_URING_H
#define SOCKETS_URING_H

#include <linux/io_uring.h>
#include <stddef.h>

struct uring {
	int fd;
	unsigned int *sq_tail, *sq_array, sq_mask;
	unsigned int *cq_head, *cq_tail, cq_mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
	unsigned int queued;
};

/* Of struct io_uring_cqe, what every ring has. */
struct uring_result {
	unsigned long user_data;
	int res;
	unsigned int flags;
};

/* Skips the case where the kernel has none. */
void uring_open(struct uring *ring);
/* A request to be filled in further; user_data is its tag. */
struct io_uring_sqe *uring_request(struct uring *ring, int opcode, int fd, const void *bytes, size_t length,
				   unsigned long tag);
/* Hands all requests over. */
void uring_submit(struct uring *ring);
/* The next completion, in order of arrival. */
struct uring_result uring_wait(struct uring *ring);
/* Hands one request over and returns its result. */
int uring_do(struct uring *ring, int opcode, int fd, const void *bytes, size_t length);

#endif /* SOCKETS_URING_H */
