// SPDX-License-Identifier: Apache-2.0
/* Faults of the second pair, put in on purpose: each must be found, or the test proves nothing. */
#define _GNU_SOURCE
#include "property.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

static const char *const faults[] = {
	"reset-as-eio",		/* ECONNRESET becomes EIO */
	"lost-end",		/* the end of the stream is never told */
	"spoilt-byte",		/* one byte in a long read is wrong */
	"eaten-peek",		/* MSG_PEEK takes what it shows */
	"ignored-waitall",	/* MSG_WAITALL returns with less */
	"lost-signal",		/* no SIGPIPE */
	"phantom-input",	/* POLLIN where there is nothing to read */
	"lost-output",		/* no POLLOUT */
	"lost-edge",		/* an edge is not told */
	"blocked-nonblock",	/* O_NONBLOCK's error is another one */
};

static const char *chosen;

bool fault_choose(const char *name)
{
	unsigned int i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (!strcmp(faults[i], name))
			chosen = faults[i];
	return chosen;
}

bool fault_is(const char *name)
{
	return chosen && !strcmp(chosen, name);
}

void fault_outcome(int kind, struct outcome *outcome)
{
	if (!chosen || kind != UPGRADED)
		return;
	if (fault_is("reset-as-eio") && outcome->error == ECONNRESET)
		outcome->error = EIO;
	if (fault_is("blocked-nonblock") && outcome->error == EAGAIN)
		outcome->error = EINPROGRESS;
	if (fault_is("lost-signal"))
		outcome->signals = 0;
}

uint32_t fault_mask(int kind, uint32_t mask)
{
	if (!chosen || kind != UPGRADED)
		return mask;
	if (fault_is("phantom-input") && mask == POLLOUT)
		mask |= POLLIN;
	if (fault_is("lost-output"))
		mask &= ~POLLOUT;
	if (fault_is("lost-end"))
		mask &= ~POLLRDHUP;
	return mask;
}

void fault_list(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		puts(faults[i]);
}
