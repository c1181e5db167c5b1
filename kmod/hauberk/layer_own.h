/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Our own record layer, upon BearSSL's record contexts: where the rule-set
 * says so, and where kernel TLS cannot be had.
 *
 * An idle connection has this structure and no buffer.  What was received and
 * not read takes one buffer for each record, up to about the size of the
 * socket's receive buffer, besides what TCP itself holds; a write takes one
 * buffer of a record while it runs.
 */
#ifndef _HBK_LAYER_OWN_H
#define _HBK_LAYER_OWN_H

#include <linux/list.h>
#include <linux/workqueue.h>

#include <hauberk/bearssl.h>

#include "../core/reason.h"
#include "layer.h"

#define HBK_OWN_HEADER	5	/* type, version, length: RFC 5246 section 6.2.1 */
#define HBK_OWN_VERSION	0x0303

struct hbk_own_record;
struct hbk_key;

/* Guarded by rx_lock. */
struct hbk_own_rx {
	union {
		const br_sslrec_in_class *vtable;
		br_sslrec_gcm_context gcm;
		br_sslrec_chapol_context chapol;
	};
	struct list_head queue;			/* records that were decrypted, the oldest first */
	size_t held;				/* memory of the queue */
	int plain;				/* bytes in the queue up to the first record that is no data */
	struct hbk_own_record *partial;		/* being received, once its header is there */
	u32 filled;				/* bytes of it, with the header */
	u8 header[HBK_OWN_HEADER];
	int empty, warnings;			/* in a row */
	enum hbk_reason failed;			/* what follows the queue; HBK_REASON_NONE as long as all is well */
};

/* Guarded by tx_lock. */
struct hbk_own_tx {
	union {
		const br_sslrec_out_class *vtable;
		br_sslrec_gcm_context gcm;
		br_sslrec_chapol_context chapol;
	};
	u8 *rest;				/* of a record that TCP had no memory for, or NULL */
	size_t rest_size, rest_start, rest_end;
	bool torn;				/* a record was lost: none may follow */
};

struct hbk_own {
	struct hbk_conn *conn;
	struct delayed_work push;		/* tries the rest again */
	struct hbk_own_rx rx;
	struct hbk_own_tx tx;
};

extern const struct hbk_layer hbk_layer_own;

int hbk_own_install(struct hbk_conn *conn, const struct hbk_keys *keys);

void hbk_own_rx_init(struct hbk_own_rx *rx, const struct hbk_keys *keys);
void hbk_own_rx_exit(struct hbk_own_rx *rx);
int hbk_own_read(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg, size_t length,
		 int flags);
int hbk_own_readable(struct hbk_conn *conn);
bool hbk_own_ready(struct hbk_conn *conn);
bool hbk_own_unread(struct hbk_conn *conn);

void hbk_own_tx_init(struct hbk_own_tx *tx, const struct hbk_keys *keys);
void hbk_own_tx_exit(struct hbk_own_tx *tx);
int hbk_own_sendmsg(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg, size_t length);
int hbk_own_alert(struct hbk_conn *conn, u8 level, u8 description);
bool hbk_own_lost(struct hbk_conn *conn);
void hbk_own_push(struct work_struct *work);

#endif /* _HBK_LAYER_OWN_H */
