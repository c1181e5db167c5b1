/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A connection: one upgraded socket, from connect() or accept() to close().
 *
 * sk->sk_user_data points here while the socket is upgraded.  The application
 * reaches the socket only through sock->ops, which are ours from before the
 * first SYN (connect) or before the descriptor exists (accept) until release;
 * what lies below, sk->sk_prot, is TCP's during the handshake and kTLS's after.
 *
 *
 *	HANDSHAKE -> OPEN    keys are with kTLS; ops hand down to it
 *	HANDSHAKE -> FAILED  no byte ever passes; sk_err tells, the event says why
 *	FAILED -> HANDSHAKE  the application calls connect() again
 *	IDLE                 no connection, or one that the rules leave plain: a
 *	                     socket stays ours until it is closed
 *
 * The handshake work leaves HANDSHAKE, connect() enters it, both under
 * lock_sock and with release semantics; readers use hbk_conn_state().
 *
 * Locks, outermost first: lock_sock(sk), sk->sk_callback_lock, registry lock.
 */
#ifndef _HBK_CONN_H
#define _HBK_CONN_H

#include <linux/atomic.h>
#include <linux/net.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "conn_info.h"
#include "ruleset.h"

enum hbk_conn_state {
	HBK_CONN_IDLE,
	HBK_CONN_HANDSHAKE,
	HBK_CONN_OPEN,
	HBK_CONN_FAILED,
};

struct hbk_handshake;
struct hbk_ktls_stand_in;

struct hbk_conn {
	struct sock *sk;			/* we hold it */
	const struct proto_ops *base;		/* inet_stream_ops or inet6_stream_ops */
	const struct proto_ops *lower;		/* kTLS's, once it is attached */
	struct hbk_ruleset *ruleset;		/* the generation this connection belongs to */
	struct hbk_rule *rule;
	int state;				/* enum hbk_conn_state */

	struct work_struct work;		/* drives the handshake; single-threaded per connection */
	struct delayed_work deadline;
	struct hbk_handshake *handshake;	/* of the work alone */
	struct hbk_ktls_stand_in *stand_in;	/* see ktls.c; lives as long as we do */
	bool timed;				/* the deadline was set */
	bool expired;				/* the deadline has passed */
	bool pending;				/* counted among the handshakes that take memory */
	int rcvlowat;				/* the application's, while the handshake needs each byte */
	u8 shut;				/* RCV_SHUTDOWN, SEND_SHUTDOWN: shutdown() waits for the handshake's end */
	bool notified;				/* our close_notify is on its way */
	bool peer_notified;			/* the peer's close_notify was read */

	/* The socket's own callbacks while ours stand in for them. */
	void (*data_ready)(struct sock *sk);
	void (*write_space)(struct sock *sk);
	void (*state_change)(struct sock *sk);
	void (*error_report)(struct sock *sk);
	bool callbacks_taken;

	struct list_head node;			/* in the registry, once open */
	atomic64_t rx_bytes, tx_bytes;
	ktime_t started;
	struct hbk_conn_info info;
	struct rcu_head rcu;
};

int hbk_conn_init(void);
void hbk_conn_exit(void);

struct hbk_conn *hbk_conn_create(struct sock *sk, const struct proto_ops *base);
void hbk_conn_attach(struct hbk_conn *conn);
void hbk_conn_release(struct hbk_conn *conn);

void hbk_conn_arm(struct hbk_conn *conn, struct hbk_ruleset *ruleset, struct hbk_rule *rule,
		  const struct hbk_conn_info *info);
void hbk_conn_disarm(struct hbk_conn *conn);
void hbk_conn_start(struct hbk_conn *conn);
void hbk_conn_clock_start(struct hbk_conn *conn);
bool hbk_conn_admit(struct hbk_conn *conn);

void hbk_conn_callbacks_restore(struct hbk_conn *conn);
void hbk_conn_opened(struct hbk_conn *conn);
void hbk_conn_failed(struct hbk_conn *conn, enum hbk_reason reason);
void hbk_conn_end(struct hbk_conn *conn, enum hbk_reason reason);
int hbk_conn_wait(struct hbk_conn *conn, long timeo);

/* The connection of a socket whose ops are ours. Valid until release. */
static inline struct hbk_conn *hbk_conn_of(const struct sock *sk)
{
	return (struct hbk_conn *)((uintptr_t)READ_ONCE(sk->sk_user_data) & SK_USER_DATA_PTRMASK);
}

static inline enum hbk_conn_state hbk_conn_state(const struct hbk_conn *conn)
{
	/* Pairs with the releases in conn.c. */
	return smp_load_acquire(&conn->state);
}

#endif /* _HBK_CONN_H */
