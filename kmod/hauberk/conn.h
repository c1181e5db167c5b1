/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A connection: one upgraded socket, from connect() or accept() to close().
 *
 * sk->sk_user_data points here while the socket is upgraded.  The application
 * reaches the socket only through sock->ops, which are ours from before the
 * first SYN (connect) or before the descriptor exists (accept) until release;
 * what lies below, sk->sk_prot, is TCP's, until kTLS is installed.
 *
 * The handshake of a server begins in its backlog, before accept(): see
 * backlog.c.  Such a child has no struct socket, and its listener, when it is
 * closed, expects to find nobody inside lock_sock(): until it was accepted only
 * hbk_conn_lock() may be used on it.
 *
 *	HANDSHAKE -> OPEN    a record layer has the keys; ops hand down to it
 *	HANDSHAKE -> FAILED  no byte ever passes; sk_err tells, the event says why
 *	FAILED -> HANDSHAKE  the application calls connect() again
 *	IDLE                 no connection, or one that the rules leave plain: a
 *	                     socket stays ours until it is closed
 *
 * A connection that the rules leave plain but for filters is in HANDSHAKE until
 * TCP's is done, and OPEN then, with plaintext below its filters.
 *
 * The handshake work leaves HANDSHAKE, connect() enters it, both under
 * lock_sock and with release semantics; readers use hbk_conn_state().
 *
 * Locks, outermost first: rx_lock or tx_lock, those of filters (see
 * layer_filter.h), lock_sock(sk), sk->sk_callback_lock, registry lock.
 */
#ifndef _HBK_CONN_H
#define _HBK_CONN_H

#include <linux/atomic.h>
#include <linux/mutex.h>
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

/* Whose first words decide whether there is a handshake at all. */
enum hbk_sniff {
	HBK_SNIFF_NOTHING,	/* there is one */
	HBK_SNIFF_PEER,		/* inbound, permissive or passthrough */
	HBK_SNIFF_APPLICATION,	/* outbound, passthrough */
};

struct hbk_filtering;
struct hbk_handshake;
struct hbk_keys;
struct hbk_ktls_stand_in;
struct hbk_layer;
struct hbk_own;

struct hbk_conn {
	struct sock *sk;			/* we hold it */
	const struct proto_ops *base;		/* inet_stream_ops or inet6_stream_ops */
	const struct proto_ops *lower;		/* kTLS's, once it is attached */
	const struct hbk_layer *layer;		/* once open */
	struct hbk_own *own;			/* of the layer that is our own */
	struct hbk_filtering *filter;		/* of the layer of filters, or NULL; before it is open the work's alone */
	struct mutex rx_lock, tx_lock;		/* of open connections: see layer.h */
	struct hbk_ruleset *ruleset;		/* the generation this connection belongs to */
	struct hbk_rule *rule;
	int state;				/* enum hbk_conn_state */

	struct work_struct work;		/* drives the handshake; single-threaded per connection */
	struct delayed_work deadline;
	struct delayed_work watch;		/* of a child in the backlog */
	struct hbk_keys *keys;			/* of the handshake that is done, until a layer has them */
	struct hbk_handshake *handshake;	/* of the work alone */
	struct hbk_ktls_stand_in *stand_in;	/* see ktls.c; lives as long as we do */
	u8 sniff;				/* enum hbk_sniff; HANDSHAKE only */
	bool unfiltered;			/* a filter calls: filters do not see it */
	bool plain;				/* no handshake, but filters: it is open as soon as TCP's is */
	bool wanted;				/* the application waits for the handshake: no more sniffing */
	bool own_tls;				/* the application's first words were a ClientHello */
	bool accepted;				/* a process has it, or is about to; outbound always */
	u8 failing;				/* enum hbk_reason: to be told once there is a struct socket */
	bool spoken;				/* the application's first words were looked at */
	bool timed;				/* the deadline was set */
	bool expired;				/* the deadline has passed */
	bool released;				/* close() has begun: the work does no more */
	bool pending;				/* counted among the handshakes that take memory */
	gfp_t allocation;			/* of the socket, while hbk_conn_lock() holds it */
	int rcvlowat;				/* the application's: TCP's is one byte, of a record */
	u8 shut;				/* RCV_SHUTDOWN, SEND_SHUTDOWN: shutdown() waits for the handshake's end */
	bool notified;				/* our close_notify is on its way */
	u8 closed;				/* RCV_SHUTDOWN, SEND_SHUTDOWN: what shutdown() has shut */
	bool parting;				/* our close_notify was sent, and all was well before */
	u32 goodbye;				/* TCP's sequence number of it */
	bool peer_notified;			/* the peer's close_notify was read */
	bool broken;				/* nothing can be read any more, and that is an error */
	bool held;				/* filters may hold what came before either: readers have not come to it */
	u8 alert;				/* the fatal one that the peer is to get for it, or 0 */

	/* The socket's own callbacks while ours stand in for them (callbacks.c). */
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

struct hbk_conn *hbk_conn_create(struct sock *sk, const struct proto_ops *base, gfp_t gfp);
void hbk_conn_attach(struct hbk_conn *conn);
bool hbk_conn_release(struct hbk_conn *conn);

void hbk_conn_arm(struct hbk_conn *conn, struct hbk_ruleset *ruleset, struct hbk_rule *rule,
		  const struct hbk_conn_info *info);
void hbk_conn_disarm(struct hbk_conn *conn);
void hbk_conn_start(struct hbk_conn *conn);
void hbk_conn_clock_start(struct hbk_conn *conn);
enum hbk_reason hbk_conn_admit(struct hbk_conn *conn);

bool hbk_conn_is_backlogged(const struct sock *sk);
void hbk_conn_watch(struct hbk_conn *conn);
bool hbk_conn_is_forgotten(struct hbk_conn *conn);
void hbk_conn_forget(struct hbk_conn *conn);
void hbk_conn_accepted(struct hbk_conn *conn);
void hbk_conn_want(struct hbk_conn *conn);
int hbk_conn_keys_take(struct hbk_conn *conn);
void hbk_conn_keys_free(struct hbk_conn *conn);
void hbk_conn_sniff_end(struct hbk_conn *conn);
void hbk_conn_plain(struct hbk_conn *conn, atomic64_t *counter);
void hbk_conn_addresses(struct hbk_conn *conn);

void hbk_conn_part(struct hbk_conn *conn, u8 how);
void hbk_conn_opened(struct hbk_conn *conn);
void hbk_conn_failed(struct hbk_conn *conn, enum hbk_reason reason);
void hbk_conn_end(struct hbk_conn *conn, enum hbk_reason reason);
int hbk_conn_wait(struct hbk_conn *conn, long timeo);

/* Does the end of what is received not concern readers yet? */
static inline bool hbk_conn_holds(const struct hbk_conn *conn)
{
	return READ_ONCE(conn->held);
}

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

/*
 * lock_sock() for a moment: a child in the backlog is locked as softirqs lock
 * it, without owning it, and then nothing may sleep for memory.
 */
static inline bool hbk_conn_lock(struct hbk_conn *conn) __acquires(&conn->sk->sk_lock.slock)
{
	bool slow = lock_sock_fast(conn->sk);

	conn->allocation = conn->sk->sk_allocation;
	if (!slow)
		conn->sk->sk_allocation = GFP_ATOMIC;
	return slow;
}

static inline void hbk_conn_unlock(struct hbk_conn *conn, bool slow)
	__releases(&conn->sk->sk_lock.slock)
{
	conn->sk->sk_allocation = conn->allocation;
	unlock_sock_fast(conn->sk, slow);
}

#endif /* _HBK_CONN_H */
