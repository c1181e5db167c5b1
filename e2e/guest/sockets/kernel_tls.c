// SPDX-License-Identifier: Apache-2.0
/*
 * What the kernel's own tests of kTLS (tools/testing/selftests/net/tls.c of
 * Linux 6.12) look at, asked of sockets that know nothing of TLS.  Each case is
 * named after the test whose question it asks; docs/socket-semantics.md lists
 * those that have none here.
 *
 * Where the kernel's test sends a control record, the one that Hauberk sends
 * takes its place: the close_notify of shutdown().  Where it makes records
 * itself, a relay changes those of a connection.
 */
#define GROUP "kernel_tls"
#define _GNU_SOURCE
#include "harness.h"

#include <fcntl.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "relay.h"

#ifndef TCP_ULP
#define TCP_ULP	31
#endif
#ifndef SOL_TLS
#define SOL_TLS	282
#endif

#define WORDS "words that fit in one record"

static void send_words(int sock, int flags)
{
	check_is(send(sock, WORDS, sizeof(WORDS), flags), sizeof(WORDS));
}

static void recv_words(int sock, int flags)
{
	char got[sizeof(WORDS)] = "";

	check_is(recv(sock, got, sizeof(got), flags), sizeof(WORDS));
	check_same(got, WORDS, sizeof(WORDS));
}

/* Reads what fill() made with this seed. */
static void recv_filled(int sock, size_t length, unsigned int seed)
{
	char *got = malloc(length), *wanted = malloc(length);

	check(got && wanted);
	fill(wanted, length, seed);
	recv_all(sock, got, length);
	check_same(got, wanted, length);
	free(got);
	free(wanted);
}

/* An unlinked file of so many bytes of fill(). */
static int filled_file(size_t length, unsigned int seed)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	char *bytes = malloc(length);

	check(fd >= 0 && bytes);
	fill(bytes, length, seed);
	check_is(write(fd, bytes, length), (long long)length);
	check_is(lseek(fd, 0, SEEK_SET), 0);
	free(bytes);
	return fd;
}

static void sendfile_all(int sock, int fd, size_t length, size_t chunk)
{
	ssize_t sent;

	while (length) {
		sent = sendfile(sock, fd, NULL, chunk < length ? chunk : length);
		check(sent > 0);
		length -= sent;
	}
}

static void make_pipe(int *out, int *in)
{
	int ends[2];

	check_is(pipe(ends), 0);
	*out = ends[0];
	*in = ends[1];
}

static void splice_all(int from, int to, size_t length)
{
	ssize_t moved;

	while (length) {
		moved = splice(from, NULL, to, NULL, length, 0);
		check(moved > 0);
		length -= moved;
	}
}

CASE(base_base)
{
	pair_begin(test_port(), &a, &b);
	send_words(a, 0);
	recv_words(b, 0);
}

UPGRADED_CASE(bad_cipher)
{
	struct tls12_crypto_info_aes_gcm_128 keys = { .info = { 200, TLS_CIPHER_AES_GCM_128 } };

	pair_open(PORT_STRICT, &a, &b);
	check_fails(setsockopt(a, SOL_TLS, TLS_TX, &keys, sizeof(keys)), EBUSY);
	keys.info.version = TLS_1_2_VERSION;
	check_fails(setsockopt(a, SOL_TLS, TLS_TX, &keys, sizeof(keys)), EBUSY);
	check_fails(setsockopt(b, SOL_TLS, TLS_RX, &keys, sizeof(keys)), EBUSY);
	pair_settle(a, b);
}

PAIR_CASE(sendfile)
{
	size_t length = 300000;
	int fd = filled_file(length, 1);
	pid_t reader = spawn();

	if (!reader) {
		recv_filled(b, length, 1);
		done();
	}
	sendfile_all(a, fd, length, length);
	reap(reader);
}

PAIR_CASE(send_then_sendfile)
{
	send_words(a, 0);
	recv_words(b, MSG_WAITALL);
	sendfile_all(a, filled_file(20000, 2), 20000, 20000);
	recv_filled(b, 20000, 2);
}

PAIR_CASE(multi_chunk_sendfile)
{
	static const struct {
		size_t chunk, extra;
	} rounds[] = {
		{ 4096, 4096 }, { 4096, 0 }, { 4096, 1 }, { 4096, 2048 }, { 8192, 2048 },
		{ 4096, 8192 }, { 8192, 4096 }, { 12288, 1024 }, { 12288, 2000 }, { 15360, 100 },
		{ 15360, 300 }, { 1, 4096 }, { 2048, 4096 }, { 2048, 8192 }, { 4096, 8192 },
		{ 1024, 12288 }, { 2000, 12288 }, { 100, 15360 }, { 300, 15360 },
	};
	size_t i, length;
	int fd;

	for (i = 0; i < ARRAY_SIZE(rounds); i++) {
		length = rounds[i].chunk + rounds[i].extra;
		fd = filled_file(length, i);
		sendfile_all(a, fd, length, rounds[i].chunk);
		recv_filled(b, length, i);
		close(fd);
	}
}

PAIR_CASE(recv_max)
{
	char bytes[MAX_RECORD];

	fill(bytes, sizeof(bytes), 3);
	check_is(send(a, bytes, sizeof(bytes), 0), sizeof(bytes));
	recv_filled(b, sizeof(bytes), 3);
}

PAIR_CASE(recv_small)
{
	send_words(a, 0);
	recv_words(b, 0);
}

PAIR_CASE(msg_more)
{
	long long begin = await_acks(a);

	send_words(a, MSG_MORE);
	check_held(b, begin);
	send_words(a, 0);
	recv_words(b, MSG_WAITALL);
	recv_words(b, MSG_WAITALL);
}

PAIR_CASE(msg_more_unsent)
{
	long long begin = await_acks(a);

	send_words(a, MSG_MORE);
	check_held(b, begin);
	await(b, POLLIN);
	recv_words(b, 0);
}

PAIR_CASE(msg_eor)
{
	send_words(a, MSG_EOR);
	recv_words(b, MSG_WAITALL);
}

/* Sends so many slices of so many bytes in one message, and reads them in one piece. */
static void message_of(int from, int to, size_t slices, size_t length)
{
	char *bytes = malloc(slices * length);
	struct iovec *vec = calloc(slices, sizeof(*vec));
	struct msghdr message = { .msg_iov = vec, .msg_iovlen = slices };
	size_t i;

	check(bytes && vec);
	fill(bytes, slices * length, slices);
	for (i = 0; i < slices; i++)
		vec[i] = (struct iovec){ .iov_base = bytes + i * length, .iov_len = length };
	check_is(sendmsg(from, &message, 0), (long long)(slices * length));
	recv_filled(to, slices * length, slices);
	free(bytes);
	free(vec);
}

PAIR_CASE(sendmsg_single)
{
	message_of(a, b, 1, 13);
}

PAIR_CASE(sendmsg_fragmented)
{
	size_t slices;

	for (slices = 1; slices <= 64; slices++)
		message_of(a, b, slices, 13);
}

PAIR_CASE(sendmsg_large)
{
	enum { MESSAGES = 64 };
	static char bytes[MESSAGES * MAX_RECORD];
	struct iovec vec = { .iov_len = MAX_RECORD };
	struct msghdr message = { .msg_iov = &vec, .msg_iovlen = 1 };
	pid_t reader = spawn();
	int i;

	if (!reader) {
		recv_filled(b, sizeof(bytes), 4);
		done();
	}
	fill(bytes, sizeof(bytes), 4);
	for (i = 0; i < MESSAGES; i++) {
		vec.iov_base = bytes + i * MAX_RECORD;
		check_is(sendmsg(a, &message, 0), MAX_RECORD);
	}
	reap(reader);
}

PAIR_CASE(sendmsg_multiple)
{
	message_of(a, b, 5, 22);
}

PAIR_CASE(sendmsg_multiple_stress)
{
	message_of(a, b, 1024, 16);
}

PAIR_CASE(splice_from_pipe)
{
	char bytes[MAX_RECORD];
	int out, in;

	fill(bytes, sizeof(bytes), 5);
	make_pipe(&out, &in);
	check_is(write(in, bytes, sizeof(bytes)), sizeof(bytes));
	splice_all(out, a, sizeof(bytes));
	recv_filled(b, sizeof(bytes), 5);
}

PAIR_CASE(splice_more)
{
	char bytes[64];
	int out, in, i;

	fill(bytes, sizeof(bytes), 6);
	make_pipe(&out, &in);
	check_is(write(in, bytes, sizeof(bytes)), sizeof(bytes));
	for (i = 0; i < 32; i++)
		check_is(splice(out, NULL, a, NULL, 1, SPLICE_F_NONBLOCK | SPLICE_F_MORE | SPLICE_F_GIFT), 1);
	splice_all(out, a, 32);
	recv_filled(b, sizeof(bytes), 6);
}

PAIR_CASE(splice_from_pipe2)
{
	char bytes[16000];
	int out[2], in[2], i;

	fill(bytes, sizeof(bytes), 7);
	for (i = 0; i < 2; i++) {
		make_pipe(&out[i], &in[i]);
		check_is(write(in[i], bytes + 8000 * i, 8000), 8000);
		splice_all(out[i], a, 8000);
	}
	recv_filled(b, sizeof(bytes), 7);
}

PAIR_CASE(send_and_splice)
{
	char bytes[MAX_RECORD];
	int out, in;

	send_words(a, 0);
	recv_words(b, MSG_WAITALL);
	fill(bytes, sizeof(bytes), 8);
	make_pipe(&out, &in);
	check_is(write(in, bytes, sizeof(bytes)), sizeof(bytes));
	splice_all(out, a, sizeof(bytes));
	recv_filled(b, sizeof(bytes), 8);
}

PAIR_CASE(splice_to_pipe)
{
	char bytes[MAX_RECORD], got[MAX_RECORD];
	int out, in;

	fill(bytes, sizeof(bytes), 9);
	make_pipe(&out, &in);
	send_all(a, bytes, sizeof(bytes));
	splice_all(b, in, sizeof(bytes));
	check_is(read(out, got, sizeof(got)), sizeof(got));
	check_same(got, bytes, sizeof(got));
}

PAIR_CASE(splice_cmsg_to_pipe)
{
	char byte;
	int out, in;

	make_pipe(&out, &in);
	check_is(shutdown(a, SHUT_WR), 0);
	check_is(splice(b, NULL, in, NULL, 10, 0), 0);
	check_is(recv(b, &byte, 1, 0), 0);
}

PAIR_CASE(splice_dec_cmsg_to_pipe)
{
	char byte;
	int out, in;

	make_pipe(&out, &in);
	check_is(shutdown(a, SHUT_WR), 0);
	check_is(recv(b, &byte, 1, 0), 0);
	check_is(splice(b, NULL, in, NULL, 10, 0), 0);
}

PAIR_CASE(recv_and_splice)
{
	char bytes[MAX_RECORD], got[MAX_RECORD];
	size_t half = MAX_RECORD / 2;
	int out, in;

	fill(bytes, sizeof(bytes), 10);
	make_pipe(&out, &in);
	send_all(a, bytes, sizeof(bytes));
	recv_all(b, got, half);
	splice_all(b, in, half);
	check_is(read(out, got + half, half), (long long)half);
	check_same(got, bytes, sizeof(got));
}

PAIR_CASE(peek_and_splice)
{
	char bytes[MAX_RECORD], got[MAX_RECORD];
	size_t quarter = MAX_RECORD / 4, i;
	int out, in;

	fill(bytes, sizeof(bytes), 11);
	make_pipe(&out, &in);
	for (i = 0; i < 4; i++)
		send_all(a, bytes + i * quarter, quarter);
	check_is(recv(b, got, quarter * 5 / 2, MSG_WAITALL | MSG_PEEK), (long long)quarter * 5 / 2);
	check_same(got, bytes, quarter * 5 / 2);
	splice_all(b, in, sizeof(bytes));
	check_is(read(out, got, sizeof(got)), sizeof(got));
	check_same(got, bytes, sizeof(got));
}

/* Reads one message into so many slices. */
static void message_into(int from, int to, size_t slices, size_t length)
{
	char *bytes = malloc(slices * length), *got = malloc(slices * length);
	struct iovec *vec = calloc(slices, sizeof(*vec));
	struct msghdr message = { .msg_iov = vec, .msg_iovlen = slices };
	size_t i;

	check(bytes && got && vec);
	fill(bytes, slices * length, slices);
	send_all(from, bytes, slices * length);
	for (i = 0; i < slices; i++)
		vec[i] = (struct iovec){ .iov_base = got + i * length, .iov_len = length };
	check_is(recvmsg(to, &message, MSG_WAITALL), (long long)(slices * length));
	check_is(message.msg_flags & ~MSG_EOR, 0);
	check_same(got, bytes, slices * length);
	free(bytes);
	free(got);
	free(vec);
}

PAIR_CASE(recvmsg_single)
{
	message_into(a, b, 1, 20);
}

PAIR_CASE(recvmsg_single_max)
{
	message_into(a, b, 1, MAX_RECORD);
}

PAIR_CASE(recvmsg_multiple)
{
	message_into(a, b, 1024, 16);
}

PAIR_CASE(single_send_multiple_recv)
{
	char bytes[2 * MAX_RECORD], got[2 * MAX_RECORD];

	fill(bytes, sizeof(bytes), 12);
	send_all(a, bytes, sizeof(bytes));
	recv_all(b, got, MAX_RECORD);
	recv_all(b, got + MAX_RECORD, MAX_RECORD);
	check_same(got, bytes, sizeof(got));
}

PAIR_CASE(multiple_send_single_recv)
{
	char bytes[20], got[20];

	fill(bytes, sizeof(bytes), 13);
	send_all(a, bytes, 10);
	send_all(a, bytes + 10, 10);
	recv_all(b, got, sizeof(got));
	check_same(got, bytes, sizeof(got));
}

PAIR_CASE(single_send_multiple_recv_non_align)
{
	char bytes[15], got[20];

	fill(bytes, sizeof(bytes), 14);
	send_all(a, bytes, sizeof(bytes));
	check_is(recv(b, got, 10, 0), 10);
	check_is(recv(b, got + 10, 10, 0), 5);
	check_same(got, bytes, sizeof(bytes));
}

PAIR_CASE(recv_partial)
{
	char got[sizeof(WORDS)];

	send_words(a, 0);
	recv_all(b, got, 5);
	recv_all(b, got + 5, sizeof(got) - 5);
	check_same(got, WORDS, sizeof(got));
}

PAIR_CASE(recv_nonblock)
{
	char bytes[4096];

	check_fails(recv(b, bytes, sizeof(bytes), MSG_DONTWAIT), EAGAIN);
}

PAIR_CASE(recv_peek)
{
	send_words(a, 0);
	recv_words(b, MSG_PEEK);
	recv_words(b, 0);
}

PAIR_CASE(recv_peek_multiple)
{
	int i;

	send_words(a, 0);
	for (i = 0; i < 100; i++)
		recv_words(b, MSG_PEEK);
	recv_words(b, 0);
}

PAIR_CASE(recv_peek_multiple_records)
{
	char got[2 * sizeof(WORDS)];
	int more;

	for (more = 0; more < 2; more++) {
		send_words(a, more ? MSG_MORE : 0);
		send_words(a, 0);
		check_is(recv(b, got, sizeof(WORDS), MSG_PEEK | MSG_WAITALL), sizeof(WORDS));
		check_same(got, WORDS, sizeof(WORDS));
		recv_all(b, got, sizeof(got));
		check_same(got, WORDS, sizeof(WORDS));
		check_same(got + sizeof(WORDS), WORDS, sizeof(WORDS));
	}
}

PAIR_CASE(recv_peek_large_buf_mult_recs)
{
	char got[2 * sizeof(WORDS)];

	send_words(a, 0);
	send_words(a, 0);
	check_is(recv(b, got, sizeof(got), MSG_PEEK | MSG_WAITALL), sizeof(got));
	check_same(got, WORDS, sizeof(WORDS));
	check_same(got + sizeof(WORDS), WORDS, sizeof(WORDS));
	recv_words(b, 0);
	recv_words(b, 0);
}

PAIR_CASE(recv_lowat)
{
	char bytes[15], got[20];

	fill(bytes, sizeof(bytes), 15);
	send_all(a, bytes, 10);
	send_all(a, bytes + 10, 5);
	/* TCP wakes no reader for bytes that come later and are fewer than the mark. */
	check_is(recv(b, got, sizeof(bytes), MSG_PEEK | MSG_WAITALL), sizeof(bytes));
	set_option(b, SOL_SOCKET, SO_RCVLOWAT, 8);
	recv_all(b, got, 1);
	recv_all(b, got + 1, 6);
	check_is(recv(b, got + 7, 10, 0), 8);
	check_same(got, bytes, sizeof(bytes));
}

PAIR_CASE(bidir)
{
	send_words(a, 0);
	recv_words(b, 0);
	send_words(b, 0);
	recv_words(a, 0);
}

PAIR_CASE(pollin)
{
	send_words(a, 0);
	await(b, POLLIN);
	recv_words(b, MSG_WAITALL);
	check_quiet(b, POLLIN);
}

PAIR_CASE(poll_wait)
{
	pid_t writer = spawn();

	if (!writer) {
		send_words(a, 0);
		done();
	}
	check_is(poll_for(b, POLLIN, -1), POLLIN);
	recv_words(b, MSG_WAITALL);
	reap(writer);
}

PAIR_CASE(poll_wait_split)
{
	char bytes[20], got[15];

	fill(bytes, sizeof(bytes), 16);
	send_all(a, bytes, sizeof(bytes));
	check_is(poll_for(b, POLLIN, -1), POLLIN);
	recv_all(b, got, sizeof(got));
	check_is(poll_for(b, POLLIN, -1), POLLIN);
	check_is(recv(b, got, sizeof(got), 0), 5);
	check_same(got, bytes + 15, 5);
}

PAIR_CASE(blocking)
{
	enum { LENGTH = 100000 };
	static char bytes[LENGTH];
	pid_t reader = spawn();

	if (!reader) {
		recv_filled(b, LENGTH, 17);
		done();
	}
	fill(bytes, LENGTH, 17);
	send_all(a, bytes, LENGTH);
	reap(reader);
}

/* Moves data through two non-blocking ends by turns; both have to be told to wait. */
PAIR_CASE(nonblocking)
{
	enum { LENGTH = 400000 };
	static char bytes[LENGTH], got[LENGTH];
	struct pollfd ends[] = { { .fd = a, .events = POLLOUT }, { .fd = b, .events = POLLIN } };
	int sent = 0, read = 0, full = 0, empty = 0;
	ssize_t moved;

	fill(bytes, LENGTH, 18);
	set_option(a, SOL_SOCKET, SO_SNDBUF, 100);
	nonblocking(a, true);
	nonblocking(b, true);
	while (read < LENGTH) {
		while (sent < LENGTH && (moved = send(a, bytes + sent, LENGTH - sent, 0)) > 0)
			sent += moved;
		if (sent < LENGTH) {
			check_is(errno, EAGAIN);
			full++;
		}
		check(poll(ends, 2, PATIENCE_MS) > 0);
		while (read < LENGTH && (moved = recv(b, got + read, LENGTH - read, 0)) > 0)
			read += moved;
		if (read < LENGTH) {
			check_is(moved, -1);
			check_is(errno, EAGAIN);
			empty++;
		}
	}
	check_same(got, bytes, LENGTH);
	check(full && empty);
}

#define MULTIPROC_BYTES	300000	/* the kernel's test takes 20 times as much, and does not run in an emulator */

static void multiproc_read(int sock, size_t left)
{
	char buffer[8001];
	ssize_t got;

	while (left) {
		got = recv(sock, buffer, left < sizeof(buffer) ? left : sizeof(buffer), 0);
		check(got > 0);
		left -= got;
	}
}

static void multiproc_write(int sock, size_t left, bool by_sendfile)
{
	enum { CHUNK = 60000 };
	static char buffer[CHUNK];
	int fd = filled_file(CHUNK, 19);
	ssize_t sent;
	size_t part;

	while (left) {
		part = left < CHUNK ? left : CHUNK;
		check_is(lseek(fd, 0, SEEK_SET), 0);
		sent = by_sendfile ? sendfile(sock, fd, NULL, part) : send(sock, buffer, part, 0);
		check(sent > 0);
		left -= sent;
	}
}

/* Several processes read at one end, and several write at the other: all together get through. */
static void multiproc(int a, int b, bool by_sendfile, int readers, int writers)
{
	size_t total = (size_t)MULTIPROC_BYTES * (readers > writers ? readers : writers);
	pid_t children[16];
	int i;

	for (i = 0; i < readers + writers; i++) {
		children[i] = spawn();
		if (children[i])
			continue;
		if (i < readers)
			multiproc_read(b, total / readers);
		else
			multiproc_write(a, total / writers, by_sendfile);
		done();
	}
	for (i = 0; i < readers + writers; i++)
		reap(children[i]);
	check_quiet(b, POLLIN);
}

PAIR_CASE(mutliproc_even)
{
	multiproc(a, b, false, 6, 6);
}

PAIR_CASE(mutliproc_readers)
{
	multiproc(a, b, false, 4, 12);
}

PAIR_CASE(mutliproc_writers)
{
	multiproc(a, b, false, 10, 2);
}

PAIR_CASE(mutliproc_sendpage_even)
{
	multiproc(a, b, true, 6, 6);
}

PAIR_CASE(mutliproc_sendpage_readers)
{
	multiproc(a, b, true, 4, 12);
}

PAIR_CASE(mutliproc_sendpage_writers)
{
	multiproc(a, b, true, 10, 2);
}

PAIR_CASE(control_msg)
{
	char bytes[16];

	check_is(shutdown(a, SHUT_WR), 0);
	check_is(recv(b, bytes, sizeof(bytes), MSG_WAITALL | MSG_PEEK), 0);
	check_is(recv(b, bytes, sizeof(bytes), 0), 0);
	check_is(recv(b, bytes, sizeof(bytes), MSG_WAITALL), 0);
}

PAIR_CASE(data_control_data)
{
	char bytes[4 * sizeof(WORDS)];

	send_words(a, 0);
	check_is(shutdown(a, SHUT_WR), 0);
	check_is(recv(b, bytes, sizeof(bytes), MSG_PEEK), sizeof(WORDS));
	check_is(recv(b, bytes, sizeof(bytes), MSG_PEEK), sizeof(WORDS));
	check_is(recv(b, bytes, sizeof(bytes), 0), sizeof(WORDS));
	check_is(recv(b, bytes, sizeof(bytes), 0), 0);
}

PAIR_CASE(shutdown)
{
	send_words(a, 0);
	recv_words(b, 0);
	check_is(shutdown(a, SHUT_RDWR), 0);
	check_is(shutdown(b, SHUT_RDWR), 0);
	check_is(drain(a), 0);
	check_is(drain(b), 0);
}

PAIR_CASE(shutdown_unsent)
{
	send_words(a, MSG_MORE);
	check_is(shutdown(a, SHUT_WR), 0);
	recv_words(b, 0);
	check_is(drain(b), 0);
}

PAIR_CASE(shutdown_reuse)
{
	struct sockaddr_in address = { .sin_family = AF_INET };

	check_is(shutdown(a, SHUT_RDWR), 0);
	check_is(shutdown(b, SHUT_RDWR), 0);
	close(b);
	await_end_of_connection(a);
	check_is(bind(a, (struct sockaddr *)&address, sizeof(address)), 0);
	check_fails(listen(a, 10), EINVAL);
	check_fails(connect_with(a, AF_INET, test_port()), EISCONN);
}

UPGRADED_CASE(getsockopt)
{
	struct tls12_crypto_info_aes_gcm_256 keys;
	socklen_t length = sizeof(keys);

	pair_open(PORT_STRICT, &a, &b);
	check_fails(getsockopt(a, SOL_TLS, TLS_TX, &keys, &length), ENOPROTOOPT);
	check_fails(getsockopt(b, SOL_TLS, TLS_RX, &keys, &length), ENOPROTOOPT);
}

PAIR_CASE(recv_efault)
{
	char bytes[20], got[12], rest[19];
	struct iovec vec[] = {
		{ .iov_base = got, .iov_len = sizeof(got) },
		{ .iov_base = NULL, .iov_len = 1 },
	};
	struct msghdr message = { .msg_iov = vec, .msg_iovlen = 2 };
	ssize_t read;

	fill(bytes, sizeof(bytes), 20);
	send_all(a, bytes, 10);
	send_all(a, bytes + 10, 10);
	check_is(recv(b, got, 1, 0), 1);
	read = recvmsg(b, &message, 0);
	if (read < 0) {
		check_is(errno, EFAULT);
		read = 0;
	}
	check(!read || (read >= 9 && read <= (ssize_t)sizeof(got)));
	check_same(got, bytes + 1, read);
	recv_all(b, rest, 19 - read);
	check_same(rest, bytes + 1 + read, 19 - read);
}

UPGRADED_CASE(bad_rec)
{
	struct relay relay;
	char bytes[64];

	relay_open(&relay);
	memset(bytes, 0x55, sizeof(bytes));
	send_all(relay.back, bytes, sizeof(bytes));
	check_fails(recv(relay.server, bytes, sizeof(bytes), 0), ECONNRESET);
	check(recv(relay.server, bytes, sizeof(bytes), MSG_DONTWAIT) <= 0);
}

/* One record of data, as it is on the wire. */
static size_t record_of(struct relay *relay, const void *bytes, size_t length, unsigned char *record)
{
	size_t got;

	send_all(relay->client, bytes, length);
	got = relay_take(relay->front, record);
	check_is(record[0], RECORD_DATA);
	check(got > length);
	return got;
}

UPGRADED_CASE(bad_auth)
{
	unsigned char record[RECORD_MAX];
	struct relay relay;
	char bytes[64];
	size_t length;

	relay_open(&relay);
	fill(bytes, sizeof(bytes), 21);
	length = record_of(&relay, bytes, sizeof(bytes), record);
	record[length - 1]++;
	send_all(relay.back, record, length);
	check_fails(recv(relay.server, bytes, sizeof(bytes), 0), ECONNRESET);
	check(recv(relay.server, bytes, sizeof(bytes), 0) <= 0);
}

UPGRADED_CASE(bad_in_large_read)
{
	unsigned char record[RECORD_MAX];
	char bytes[3][64], got[sizeof(bytes)];
	struct relay relay;
	size_t length;
	int i;

	relay_open(&relay);
	fill(bytes, sizeof(bytes), 22);
	for (i = 0; i < 3; i++) {
		length = record_of(&relay, bytes[i], sizeof(bytes[i]), record);
		if (i == 2)
			record[length - 1]++;
		send_all(relay.back, record, length);
	}
	recv_all(relay.server, got, 2 * sizeof(bytes[0]));
	check_same(got, bytes, 2 * sizeof(bytes[0]));
	check_fails(recv(relay.server, got, sizeof(got), 0), ECONNRESET);
	check(recv(relay.server, got, sizeof(got), 0) <= 0);
}

UPGRADED_CASE(bad_cmsg)
{
	unsigned char record[RECORD_MAX];
	char bytes[64], got[128];
	struct relay relay;
	size_t length;

	relay_open(&relay);
	fill(bytes, sizeof(bytes), 23);
	length = record_of(&relay, bytes, sizeof(bytes), record);
	send_all(relay.back, record, length);
	check_is(shutdown(relay.client, SHUT_WR), 0);
	length = relay_take(relay.front, record);
	check_is(record[0], RECORD_ALERT);
	record[length - 1]++;
	send_all(relay.back, record, length);
	check_is(recv(relay.server, got, sizeof(bytes), 0), sizeof(bytes));
	check_same(got, bytes, sizeof(bytes));
	check_fails(recv(relay.server, got, sizeof(got), 0), ECONNRESET);
}

PAIR_CASE(timeo)
{
	struct timeval limit = { .tv_usec = 10000 };
	pid_t other;
	char byte;

	check_is(setsockopt(b, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	other = spawn();
	check_fails(recv(b, &byte, 1, 0), EAGAIN);
	if (!other)
		done();
	check_fails(recv(b, &byte, 1, 0), EAGAIN);
	reap(other);
}

static void partial_record(struct relay *relay, unsigned char *record, size_t *length)
{
	char bytes[128];

	relay_open(relay);
	fill(bytes, sizeof(bytes), 24);
	*length = record_of(relay, bytes, sizeof(bytes), record);
	send_all(relay->back, record, 100);
}

UPGRADED_CASE(poll_partial_rec)
{
	unsigned char record[RECORD_MAX];
	struct relay relay;
	size_t length;

	partial_record(&relay, record, &length);
	check_quiet(relay.server, POLLIN);
	send_all(relay.back, record + 100, length - 100);
	await(relay.server, POLLIN);
	recv_filled(relay.server, 128, 24);
}

UPGRADED_CASE(epoll_partial_rec)
{
	struct epoll_event event = { .events = EPOLLIN }, got;
	unsigned char record[RECORD_MAX];
	int set = epoll_create1(0);
	struct relay relay;
	size_t length;

	check(set >= 0);
	partial_record(&relay, record, &length);
	check_is(epoll_ctl(set, EPOLL_CTL_ADD, relay.server, &event), 0);
	check_is(epoll_wait(set, &got, 1, QUIET_MS), 0);
	send_all(relay.back, record + 100, length - 100);
	check_is(epoll_wait(set, &got, 1, PATIENCE_MS), 1);
	recv_filled(relay.server, 128, 24);
}

UPGRADED_CASE(poll_partial_rec_async)
{
	unsigned char record[RECORD_MAX];
	struct relay relay;
	int out, in;
	size_t length;
	pid_t sleeper;
	char byte;

	make_pipe(&out, &in);
	relay_open(&relay);
	sleeper = spawn();
	if (!sleeper) {
		check_quiet(relay.server, POLLIN);
		check_is(write(in, "", 1), 1);
		await(relay.server, POLLIN);
		done();
	}
	fill(record, 128, 24);
	length = record_of(&relay, record, 128, record);
	send_all(relay.back, record, 100);
	check_is(read(out, &byte, 1), 1);
	send_all(relay.back, record + 100, length - 100);
	reap(sleeper);
	recv_filled(relay.server, 128, 24);
}

CASE(non_established)
{
	int listener = listen_on(test_port());

	a = tcp_socket(AF_INET);
	check_fails(setsockopt(a, IPPROTO_TCP, TCP_ULP, "tls", 3), ENOTCONN);
	check_fails(setsockopt(listener, IPPROTO_TCP, TCP_ULP, "tls", 3), ENOTCONN);
	check_is(connect_with(a, AF_INET, test_port()), 0);
	b = accept_from(listener);
	if (is_plain) {
		check_is(setsockopt(a, IPPROTO_TCP, TCP_ULP, "tls", 3), 0);
		check_fails(setsockopt(a, IPPROTO_TCP, TCP_ULP, "tls", 3), EEXIST);
	} else {
		check_fails(setsockopt(a, IPPROTO_TCP, TCP_ULP, "tls", 3), EBUSY);
		check_fails(setsockopt(b, IPPROTO_TCP, TCP_ULP, "tls", 3), EBUSY);
		pair_settle(a, b);
	}
}

CASE(tls_v6ops)
{
	struct sockaddr_in6 before = {}, after = {};
	socklen_t length = sizeof(before);
	int listener = listen_with(AF_INET6, test_port(), 1);

	a = tcp_socket(AF_INET6);
	check_is(connect_with(a, AF_INET6, test_port()), 0);
	check_is(getsockname(a, (struct sockaddr *)&before, &length), 0);
	b = accept_from(listener);
	pair_settle(a, b);
	length = sizeof(after);
	check_is(getsockname(a, (struct sockaddr *)&after, &length), 0);
	check_is(length, sizeof(after));
	check_same(&before, &after, sizeof(before));
}

CASE(prequeue)
{
	static char bytes[20000];
	int listener = listen_on(test_port());
	pid_t writer;

	a = connect_to(test_port());
	writer = spawn();
	if (!writer) {
		fill(bytes, sizeof(bytes), 25);
		send_all(a, bytes, sizeof(bytes));
		done();
	}
	b = accept_from(listener);
	reap(writer);
	recv_filled(b, sizeof(bytes), 25);
}
