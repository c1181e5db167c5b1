/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection that goes through our hands.
 *
 *	client ==== front   back ==== server
 *	      records   relay   records
 *
 * No rule matches the relay's two sockets: it sees what is on the wire, and
 * passes on, holds back, changes or cuts off what it likes.
 */
#ifndef SOCKETS_RELAY_H
#define SOCKETS_RELAY_H

#include <stdbool.h>
#include <stddef.h>

enum {
	RECORD_ALERT = 21,
	RECORD_DATA = 23,
	RECORD_HEADER = 5,
	RECORD_MAX = RECORD_HEADER + 16384 + 256,
};

struct relay {
	int client, front, back, server;
};

/* Both ends are open, and nothing is under way. */
void relay_open(struct relay *relay);
/* Passes on whatever comes from either side until this file descriptor is readable. */
void relay_until(struct relay *relay, int fd);
/* Reads a whole record, header included, from one of the relay's sockets; returns its length, 0 at the end. */
size_t relay_take(int from, unsigned char *record);

#endif /* SOCKETS_RELAY_H */
