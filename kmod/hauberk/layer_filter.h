/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The filters of an open connection, as a layer that stands on another one:
 * kernel TLS, our own, or none at all.  What is received goes through one flow
 * of the chain on its way to the application, what is sent through the other.
 *
 * Filters run in process context, in the system calls of the application and
 * in two works of the connection's.  One opens them, the other goes on with
 * what nobody waits for: bytes that TCP had no room for, what filters allowed
 * later, the end that a filter asked for.
 *
 * Locks, outermost first: rx_lock or tx_lock of the connection, the chain's,
 * a VM's, lock_sock.
 */
#ifndef _HBK_LAYER_FILTER_H
#define _HBK_LAYER_FILTER_H

#include <linux/bvec.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "../core/proxy/chain.h"
#include "filter_vm.h"
#include "layer.h"

#define HBK_FILTERING_PIECE	SZ_16K	/* bytes that are moved in one go */
#define HBK_FILTERING_QUIET	(HZ / 5)	/* who sends nothing for so long has nothing to send, when close() waits for it */

struct hbk_filtering {
	struct hbk_conn *conn;
	const struct hbk_rule *rule;	/* of the connection, when it was begun */
	const struct hbk_layer *below;	/* once the connection is open */
	struct mutex lock;		/* of the chain */
	struct hbk_chain *chain;
	struct delayed_work work;
	wait_queue_head_t drained;
	bool starved[HBK_CHAIN_FLOWS];	/* somebody found no room for a flow */
	bool ended[HBK_CHAIN_FLOWS];	/* its end came out of a push, and who waits for it was told */
	/*
	 * hbk_chain_is_clear() at the last push into a flow, and others have
	 * not given it anything to take since, nor an end: a piece may be pushed
	 * without another look. What others have filled the flow with meanwhile
	 * is HBK_PROXY_HELD_MAX at most, and buffers hold twice as much; an
	 * answer of a filter's own may be more, and what comes behind that is
	 * thrown away. Who sees a change too late, without the lock, is woken: it
	 * is false first.
	 */
	bool clear[HBK_CHAIN_FLOWS];
	bool woken;			/* filters have allowed something: the chain is to go on */
	bool told;			/* who sleeps on the socket is to look again */
	bool dead;			/* the socket is closed: no more work */
	bool reset;			/* the chain failed, and the connection with it */

	/* A filter has asked for the end. The work's, but for readers' looks. */
	bool leaving;			/* it was seen */
	bool parted;			/* the peer was told */
	bool left;			/* so is the application: the peer had its time */
	unsigned long until;		/* jiffies when that is over */
	unsigned long heard;		/* jiffies: it was known to be sending then */

	/* rx_lock */
	u8 rx_flow;			/* enum hbk_chain_flow */
	struct hbk_buffer rx_in;	/* empty; what is read from below comes here */
	struct hbk_buffer ready;	/* has passed the filters, and was not read */
	size_t patience;		/* bytes that are still thrown away before the application is told of the end */
	bool rx_more;			/* the last piece was as long as it might be */
	bool rx_ended;			/* nothing comes from below any more */
	bool rx_failed;			/* by an error */
	int rx_error;			/* which, until it was told */

	/* tx_lock */
	u8 tx_flow;
	struct hbk_buffer tx_in;	/* empty; what the application writes comes here */
	bool tx_ended;			/* the application sends no more */
	unsigned long retry;		/* jiffies until it is tried again */
	bool tx_behind;			/* the last flush did not get through */
	bool tx_waiting;		/* TCP has no room for what has passed the filters */
	bool tx_moved;			/* bytes have gone since the work last looked */
	u8 shut;			/* of shutdown(): done when all has passed */

	/* Until it is open: see layer_filter_open.c. */
	struct work_struct opening;
	struct hbk_filter_wait wait;	/* of that, for the next VM */
	int result;			/* -EINPROGRESS, until the chain is there or failed */
	bool stopped;			/* it is not to go on */
	u32 taken;			/* VMs that are known */
	struct hbk_filter_vm *vms[];	/* of the rule's filters; NULL: could not be made */
};

/**
 * union hbk_filtering_vec - what an iterator over a buffer of ours needs
 * @page: kernel TLS encrypts from pages and decrypts into them, but copies what it gets as a kvec
 * @kernel: where the buffer has no pages in a row
 */
union hbk_filtering_vec {
	struct bio_vec page;
	struct kvec kernel;
};

static inline void hbk_filtering_iter(struct iov_iter *iter, union hbk_filtering_vec *vec,
				      unsigned int direction, void *bytes, size_t length)
{
	if (is_vmalloc_addr(bytes)) {
		vec->kernel = (struct kvec){ .iov_base = bytes, .iov_len = length };
		iov_iter_kvec(iter, direction, &vec->kernel, 1, length);
		return;
	}
	vec->page = (struct bio_vec){
		.bv_page = virt_to_page(bytes), .bv_offset = offset_in_page(bytes),
		.bv_len = length,
	};
	iov_iter_bvec(iter, direction, &vec->page, 1, length);
}

extern const struct hbk_layer hbk_layer_filter;

const struct hbk_layer *hbk_filtering_below(const struct hbk_conn *conn);
void hbk_filtering_work(struct work_struct *work);
void hbk_filtering_kick(struct hbk_filtering *filtering);
void hbk_filtering_later(struct hbk_filtering *filtering);
void hbk_filtering_room(struct hbk_conn *conn);
void hbk_filtering_came(struct hbk_conn *conn);
void hbk_filtering_changed(struct hbk_conn *conn);
void hbk_filtering_unlock(struct hbk_filtering *filtering, enum hbk_chain_flow flow);

/* layer_filter_open.c */
int hbk_filtering_open(struct hbk_conn *conn);
int hbk_filtering_opened(struct hbk_filtering *filtering);
void hbk_filtering_install(struct hbk_conn *conn);
void hbk_filtering_stop(struct hbk_filtering *filtering);
void hbk_filtering_free(struct hbk_conn *conn);

/* layer_filter_rx.c */
int hbk_filtering_read(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
		       size_t length, int flags);
bool hbk_filtering_quiet(struct hbk_conn *conn);
int hbk_filtering_readable(struct hbk_conn *conn);
bool hbk_filtering_ready(struct hbk_conn *conn);
bool hbk_filtering_unread(struct hbk_conn *conn);
bool hbk_filtering_drain(struct hbk_filtering *filtering);

/* layer_filter_tx.c */
int hbk_filtering_sendmsg(struct hbk_conn *conn, struct socket *sock, struct msghdr *msg,
			  size_t length);
int hbk_filtering_alert(struct hbk_conn *conn, u8 level, u8 description);
bool hbk_filtering_lost(struct hbk_conn *conn);
bool hbk_filtering_holds(struct hbk_conn *conn);
bool hbk_filtering_is_full(struct hbk_filtering *filtering);
int hbk_filtering_flush(struct hbk_filtering *filtering);
bool hbk_filtering_has_flushed(struct hbk_filtering *filtering);
bool hbk_filtering_finish(struct hbk_conn *conn, u8 how);
void hbk_filtering_linger(struct hbk_conn *conn);

#endif /* _HBK_LAYER_FILTER_H */
