/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests: what a frame asks for, and its answer. */
#ifndef _HBK_REQUEST_H
#define _HBK_REQUEST_H

#include "device.h"

struct hbk_guest_error;

/* A request while it is served. */
struct hbk_exchange {
	struct hbk_opener *opener;
	struct hbk_request request;
	struct hbk_fault fault;
	u64 generation;			/* told in the outcome */
	struct hbk_reply *listing;	/* frames before the outcome, or NULL */
	struct hbk_guest_error *refusal;	/* the engine's words, which are longer than a fault's, or NULL */
	struct hbk_reply *outcome;	/* room was made before anything was done */
};

struct hbk_reply *hbk_request_make_listing(struct hbk_exchange *exchange, u32 size, int *error);
int hbk_request_serve(struct hbk_opener *opener, const void *frame, size_t length);

/* Handlers of status.c. */
int hbk_status_serve(struct hbk_exchange *exchange);
int hbk_status_serve_connections(struct hbk_exchange *exchange);

#endif /* _HBK_REQUEST_H */
