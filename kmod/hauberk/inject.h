/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Failures to order, in builds with INJECT=1: each place that can fail has a
 * name, and fails, or comes late, when it is told to.  In any other build
 * HBK_INJECT() is false and nothing of this is there.
 *
 * /sys/module/hauberk/parameters/inject is written "NAME" or "NAME:COUNT" to
 * let that place fail from now on, or so many times, and "none" to let all of
 * them work again; read, it lists the names and how often each has failed.
 */
#ifndef _HBK_INJECT_H
#define _HBK_INJECT_H

#include <linux/types.h>

enum hbk_inject_point {
	HBK_INJECT_MODULE,		/* the module is going */
	HBK_INJECT_CONN,
	HBK_INJECT_HANDSHAKE,
	HBK_INJECT_ENTROPY,
	HBK_INJECT_HANDSHAKE_SEND,
	HBK_INJECT_HANDSHAKE_RECV,
	HBK_INJECT_CERT,
	HBK_INJECT_CHAIN,
	HBK_INJECT_PEER_ID,
	HBK_INJECT_SESSION_CACHE,
	HBK_INJECT_SESSION,
	HBK_INJECT_SESSION_PEER_ID,
	HBK_INJECT_CONN_KEYS,
	HBK_INJECT_KEYS,
	HBK_INJECT_KTLS_STAND_IN,
	HBK_INJECT_KTLS_ABSENT,
	HBK_INJECT_KTLS_ULP,
	HBK_INJECT_KTLS_SEND_KEY,
	HBK_INJECT_KTLS_RECEIVE_KEY,
	HBK_INJECT_OWN,
	HBK_INJECT_OWN_RECORD,
	HBK_INJECT_OWN_DECRYPT,
	HBK_INJECT_OWN_SEND,
	HBK_INJECT_OWN_ALERT,
	HBK_INJECT_ZEROCOPY,
	HBK_INJECT_SPLICE,
	HBK_INJECT_SPLICE_PAGE,
	HBK_INJECT_FILTER,
	HBK_INJECT_FILTER_CONFIG,
	HBK_INJECT_FILTER_CHAINS,
	HBK_INJECT_FILTER_VM,
	HBK_INJECT_FILTER_MEMORY,
	HBK_INJECT_FILTER_HOSTS,
	HBK_INJECT_FILTER_CALL,
	HBK_INJECT_FILTERING,
	HBK_INJECT_FILTERING_READY,
	HBK_INJECT_FILTERING_PIECE,
	HBK_INJECT_FILTERING_RESET,	/* comes late */
	HBK_INJECT_COUNT
};

#ifdef HBK_INJECTION
bool hbk_inject(enum hbk_inject_point point);
#define HBK_INJECT(point)	hbk_inject(HBK_INJECT_##point)
#else
#define HBK_INJECT(point)	false
#endif

#endif /* _HBK_INJECT_H */
