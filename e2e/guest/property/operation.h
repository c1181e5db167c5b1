/* SPDX-License-Identifier: Apache-2.0 */
/* What the operations share. */
#ifndef OPERATION_H
#define OPERATION_H

#include "property.h"

#define ROOM	65536	/* bytes of the buffer that reads go to */

static inline int step_fd(const struct episode *episode, const struct step *step, int kind)
{
	return episode->pairs[kind].fd[step->end];
}

static inline bool is_open(const struct episode *episode, const struct step *step)
{
	return !episode->ends[step->end].closed && !episode->ends[step->end].refused;
}

/* Nothing that the peer sent is held back: what this end sees is certain. */
static inline bool sees_all(const struct episode *episode, const struct step *step)
{
	return is_open(episode, step) && !episode->ends[!step->end].held;
}

static inline bool shut_both_ways(const struct end *end)
{
	return end->read_shut && end->write_shut;
}

static inline bool end_of_stream(const struct episode *episode, int end)
{
	return episode->ends[!end].closed || episode->ends[!end].write_shut ||
	       episode->ends[end].read_shut;
}

void sent_after(struct episode *episode, int end, long sent);
bool can_send(const struct episode *episode, const struct step *step);
bool send_may(const struct episode *episode, const struct step *step);
void send_run(struct episode *episode, const struct step *step, int kind, struct outcome *outcome);
void send_after(struct episode *episode, const struct step *step, const struct outcome *outcome);

void file_after(struct episode *episode, const struct step *step, const struct outcome *outcome);

bool receive_may(const struct episode *episode, const struct step *step);
void receive_run(struct episode *episode, const struct step *step, int kind, struct outcome *outcome);
void receive_after(struct episode *episode, const struct step *step, const struct outcome *outcome);

bool drain_may(const struct episode *episode, const struct step *step);
void drain_run(struct episode *episode, const struct step *step, int kind, struct outcome *outcome);
void drain_after(struct episode *episode, const struct step *step, const struct outcome *outcome);

bool splice_in_may(const struct episode *episode, const struct step *step);
void splice_in_run(struct episode *episode, const struct step *step, int kind, struct outcome *outcome);
void splice_out_run(struct episode *episode, const struct step *step, int kind, struct outcome *outcome);
void sendfile_run(struct episode *episode, const struct step *step, int kind, struct outcome *outcome);

bool bad_receive_may(const struct episode *episode, const struct step *step);
bool bad_send_may(const struct episode *episode, const struct step *step);
void bad_send_run(struct episode *episode, const struct step *step, int kind, struct outcome *outcome);
void bad_receive_run(struct episode *episode, const struct step *step, int kind, struct outcome *outcome);

bool fill_may(const struct episode *episode, const struct step *step);
void fill_run(struct episode *episode, const struct step *step, int kind, struct outcome *outcome);
void fill_after(struct episode *episode, const struct step *step, const struct outcome *outcome);

bool waiting_read_may(const struct episode *episode, const struct step *step);
void waiting_read_run(struct episode *episode, const struct step *step, int kind,
		      struct outcome *outcome);
void waiting_read_after(struct episode *episode, const struct step *step,
			const struct outcome *outcome);

#endif
