// SPDX-License-Identifier: Apache-2.0
/* The differences that are allowed, and nothing else. docs/socket-semantics.md has the same list. */
#include "property.h"

#include <inttypes.h>
#include <stdio.h>

static const struct {
	const char *name;
	const char *text;
} differences[DIFFERENCE_COUNT] = {
	[DIFFERENCE_PARTIAL_WRITE] = { "partial-write",
		"how many bytes a non-blocking write takes when the send buffer fills, or any when the peer is gone" },
	[DIFFERENCE_SMALL_ROOM] = { "small-room",
		"POLLOUT at which fill of a small buffer: records take more room than their bytes" },
	[DIFFERENCE_HELD] = { "held",
		"how much of what MSG_MORE or TCP_CORK hold back the peer sees before it is let go" },
	[DIFFERENCE_SHORT_SPLICE] = { "short-splice",
		"how many bytes one splice() from the socket moves: at most a record" },
	[DIFFERENCE_EXTRA_EDGE] = { "extra-edge",
		"further edge-triggered events without new readiness, more or fewer" },
	[DIFFERENCE_HANDSHAKE] = { "handshake",
		"no readiness, and EAGAIN for who does not wait, until the handshake is over" },
	[DIFFERENCE_LOW_WATER] = { "low-water",
		"what getsockopt(SO_RCVLOWAT) tells: 1, whatever holds" },
	[DIFFERENCE_REFUSED_DATA] = { "refused-data",
		"ECONNRESET at the end that was shut both ways, when its peer sends nevertheless, or resets; and at the one "
		"that shuts down last, when the other threw away what it had sent" },
	[DIFFERENCE_BAD_BUFFER] = { "bad-buffer",
		"EFAULT for a bad buffer where there is nothing to read, too" },
};

static uint64_t used[DIFFERENCE_COUNT];

void difference_used(enum difference difference)
{
	used[difference]++;
}

void difference_list(bool with_counts)
{
	int i;

	for (i = 0; i < DIFFERENCE_COUNT; i++) {
		if (with_counts)
			printf("difference %s: %" PRIu64 "\n", differences[i].name, used[i]);
		else
			printf("%s: %s\n", differences[i].name, differences[i].text);
	}
}
