/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests about filters. Each is served under its opener's lock, in process context. */
#ifndef _HBK_FILTER_REQUEST_H
#define _HBK_FILTER_REQUEST_H

#include "request.h"

/* filter_status.c */
int hbk_filter_serve_status(struct hbk_exchange *exchange);
int hbk_filter_serve_metrics(struct hbk_exchange *exchange);

/* filter_try.c */
int hbk_filter_serve_try(struct hbk_exchange *exchange);

#endif /* _HBK_FILTER_REQUEST_H */
