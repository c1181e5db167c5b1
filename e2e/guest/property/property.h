/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random programs of socket calls, run in lock-step on a plain pair of sockets
 * and on an upgraded one, which must look the same to the program.
 *
 *	          +- plain ----  client <---> server
 *	program --+                                      same returns, errnos, bytes, readiness
 *	          +- upgraded -  client <===> server
 *
 * An episode is one life of both pairs: connect, steps, close.  All that is
 * random in it comes from its own seed, so that it can be run again alone.
 * The bytes of a stream are a function of their position, so that each byte
 * that arrives is checked where it arrives.
 */
#ifndef PROPERTY_H
#define PROPERTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef SOL_TCP
#define SOL_TCP	6	/* <linux/tcp.h> has the whole of struct tcp_info, but not this */
#endif

enum { PLAIN, UPGRADED, KINDS };
enum { CLIENT, SERVER, ENDS };

#define STEPS_MAX	400	/* of one episode */
#define INFLIGHT_MAX	32768	/* bytes that nobody has read, where buffers are large */
#define INFLIGHT_SMALL	1024	/* … where they are small */
#define SEND_MAX	20000	/* bytes of one send: more than one record */
#define BUFFER_SMALL	8192	/* SO_SNDBUF and SO_RCVBUF where they are small */
#define PATIENCE_MS	10000	/* what ought to come has come by then, also on a slow kernel */
#define STREAM_PERIOD	65521	/* bytes after which a stream repeats itself; prime */

/* One call, or a few that belong together. What a step makes of its numbers is its own affair. */
struct step {
	uint8_t op;		/* index of steps[] */
	uint8_t end;		/* CLIENT or SERVER: who calls */
	uint8_t variant;
	uint32_t size;
	uint32_t argument;
};

#define OUTCOME_VALUES	4

/* What the program saw of one step. */
struct outcome {
	long result;
	int error;		/* errno, if the result is negative */
	int signals;		/* SIGPIPEs */
	long spoilt;		/* 1 + the offset of the first byte that is not what was sent */
	long values[OUTCOME_VALUES];
};

struct pair {
	int fd[ENDS];
	int edges;		/* edge-triggered epoll of both ends */
	uint32_t seen[ENDS];	/* edges that came since the last step that was compared */
};

/* What the program knows of one end; true of both pairs. */
struct end {
	uint64_t sent, received;
	uint32_t lowat;
	bool closed, write_shut, read_shut, nonblocking;
	bool corked;		/* TCP may hold what is sent */
	bool held;		/* TCP may be holding it: when the peer sees it is not told */
	bool refused;		/* something, or a reset, was sent to it after it was shut both ways */
	uint32_t ready;		/* poll mask after the last step */
};

struct episode {
	uint64_t seed;
	bool ipv6, small, early;
	struct pair pairs[KINDS];
	struct end ends[ENDS];
};

struct operation {
	const char *name;
	unsigned int weight;
	/* Is the step defined here, and sure not to block for ever? */
	bool (*may)(const struct episode *episode, const struct step *step);
	void (*run)(struct episode *episode, const struct step *step, int kind, struct outcome *outcome);
	/* Both pairs had this outcome. */
	void (*after)(struct episode *episode, const struct step *step, const struct outcome *outcome);
};

extern const struct operation operations[];
extern const unsigned int operation_count;

/* stream.c */
void stream_init(void);
const uint8_t *stream_at(int end, uint64_t position);
long stream_spoilt(int end, uint64_t position, const uint8_t *bytes, size_t length);
int stream_file(void);
size_t stream_file_offset(int end, uint64_t position);

/* pair.c */
struct ports {
	uint16_t port[KINDS];
};

void pair_listen(const struct ports *ports);
void pair_open(struct episode *episode, const struct ports *ports, int kind);
void pair_settle_handshake(struct pair *pair);
void pair_close(struct pair *pair);
uint32_t pair_edges(struct pair *pair, int timeout_ms);

/* settle.c */
struct readiness {
	uint32_t mask[KINDS][ENDS];
};

bool settle(struct episode *episode, struct readiness *readiness);
uint64_t settle_unread(const struct episode *episode, int reader);

/* difference.c: what is allowed to differ, and how often it did */
enum difference {
	DIFFERENCE_PARTIAL_WRITE,
	DIFFERENCE_SMALL_ROOM,
	DIFFERENCE_HELD,
	DIFFERENCE_SHORT_SPLICE,
	DIFFERENCE_EXTRA_EDGE,
	DIFFERENCE_HANDSHAKE,
	DIFFERENCE_LOW_WATER,
	DIFFERENCE_REFUSED_DATA,
	DIFFERENCE_BAD_BUFFER,
	DIFFERENCE_COUNT
};

void difference_used(enum difference difference);
void difference_list(bool with_counts);

/* fault.c: faults put in on purpose, to show that they are found */
bool fault_choose(const char *name);
bool fault_is(const char *name);
void fault_outcome(int kind, struct outcome *outcome);
uint32_t fault_mask(int kind, uint32_t mask);
void fault_list(void);

/* clock and the end of the program */
uint64_t now_ms(void);
void die(const char *what) __attribute__((noreturn));
extern volatile int signals_seen;

#endif
