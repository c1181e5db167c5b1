// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of events.
 *
 * Events are kept as the frames that readers get, whole and one after the
 * other, in a ring of bytes.  Positions and sequence numbers only grow; a
 * position modulo the ring's size is an offset.  Frames are padded to four
 * bytes, so the length at the head of a frame never wraps around.
 *
 * ring.lock guards all of it, and the followers.  It is taken in softirq too,
 * and inside the socket lock; nothing but the followers' wait queues is locked
 * inside it.
 */
#include "event.h"

#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

#define RING_SIZE	(1U << 20)
#define FRAME_ALIGN	4

static struct {
	spinlock_t lock;
	u8 *bytes;
	u64 head;			/* position of the next event */
	u64 tail;			/* position of the oldest event */
	u64 next;			/* sequence of the next event */
	u64 first;			/* sequence of the oldest event */
	u64 lost;			/* overwritten before some follower took them */
	struct list_head followers;
	u8 scratch[HBK_EVENT_FRAME_MAX];	/* an event is encoded here */
} ring = {
	.lock = __SPIN_LOCK_UNLOCKED(ring.lock),
	.followers = LIST_HEAD_INIT(ring.followers),
};

static_assert(RING_SIZE % FRAME_ALIGN == 0);
static_assert(HBK_EVENT_FRAME_MAX <= RING_SIZE);

static u32 length_at(u64 position)
{
	lockdep_assert_held(&ring.lock);
	return get_unaligned_le32(ring.bytes + position % RING_SIZE);
}

static u64 position_after(u64 position)
{
	return position + ALIGN(length_at(position), FRAME_ALIGN);
}

static void copy_in(const u8 *frame, u32 length)
{
	u32 offset = ring.head % RING_SIZE;
	u32 before_end = min(length, RING_SIZE - offset);

	memcpy(ring.bytes + offset, frame, before_end);
	memcpy(ring.bytes, frame + before_end, length - before_end);
}

static void copy_out(u8 *frame, u64 position, u32 length)
{
	u32 offset = position % RING_SIZE;
	u32 before_end = min(length, RING_SIZE - offset);

	memcpy(frame, ring.bytes + offset, before_end);
	memcpy(frame + before_end, ring.bytes, length - before_end);
}

static void push(u32 length)
{
	u32 room = ALIGN(length, FRAME_ALIGN);
	struct hbk_follower *follower;

	lockdep_assert_held(&ring.lock);
	while (ring.head + room - ring.tail > RING_SIZE) {
		ring.tail = position_after(ring.tail);
		ring.first++;
	}
	copy_in(ring.scratch, length);
	ring.head += room;
	ring.next++;
	list_for_each_entry(follower, &ring.followers, node)
		wake_up_interruptible(follower->wait);
}

static void event_begin(struct hbk_writer *w, u16 type)
	__acquires(&ring.lock)
{
	spin_lock_bh(&ring.lock);
	hbk_writer_begin(w, ring.scratch, sizeof(ring.scratch), type, 0);
}

static void event_end(struct hbk_writer *w)
	__releases(&ring.lock)
{
	/* HBK_EVENT_FRAME_MAX holds all attributes of an event at their longest. */
	if (!WARN_ON_ONCE(hbk_writer_end(w) < 0))
		push(w->length);
	spin_unlock_bh(&ring.lock);
}

static void write_bounded(struct hbk_writer *w, u16 attr, const char *string, size_t max)
{
	hbk_writer_bytes(w, attr, string, string ? strnlen(string, max) : 0);
}

/**
 * hbk_event_write_info() - write what is told of a connection in every frame
 * @w: the frame
 * @info: the connection
 * @time_ns: when it happened, nanoseconds since 1970
 */
void hbk_event_write_info(struct hbk_writer *w, const struct hbk_conn_info *info, u64 time_ns)
{
	hbk_writer_u64(w, HBK_A_CONNECTION_ID, info->id);
	hbk_writer_u64(w, HBK_A_TIME_NS, time_ns);
	hbk_writer_u64(w, HBK_A_GENERATION, info->generation);
	write_bounded(w, HBK_A_RULE, info->rule, HBK_NAME_MAX);
	hbk_writer_u8(w, HBK_A_DIRECTION, info->direction);
	hbk_writer_bytes(w, HBK_A_LOCAL_ADDRESS, &info->local, sizeof(info->local));
	hbk_writer_u16(w, HBK_A_LOCAL_PORT, info->local_port);
	hbk_writer_bytes(w, HBK_A_REMOTE_ADDRESS, &info->remote, sizeof(info->remote));
	hbk_writer_u16(w, HBK_A_REMOTE_PORT, info->remote_port);
	hbk_writer_u32(w, HBK_A_PID, info->pid);
	hbk_writer_u32(w, HBK_A_UID, info->uid);
	write_bounded(w, HBK_A_COMM, info->comm, HBK_COMM_LEN);
	write_bounded(w, HBK_A_IDENTITY, info->identity, HBK_NAME_MAX);
	write_bounded(w, HBK_A_PEER_ID, info->peer_id, HBK_SPIFFE_ID_MAX);
	write_bounded(w, HBK_A_PEER_NAME, info->peer_name, HBK_DNS_NAME_MAX);
	hbk_writer_bytes(w, HBK_A_PEER_SERIAL, info->peer_serial, info->peer_serial_length);
	hbk_writer_u64(w, HBK_A_PEER_NOT_AFTER, info->peer_not_after);
	hbk_writer_u16(w, HBK_A_SUITE, info->suite);
	hbk_writer_u8(w, HBK_A_KTLS, info->ktls);
	hbk_writer_u32(w, HBK_A_HANDSHAKE_US, info->handshake_us);
	hbk_writer_u64(w, HBK_A_RESUMED, info->resumed);
}

/**
 * hbk_event_opened() - tell that a handshake was finished
 * @info: the connection
 */
void hbk_event_opened(const struct hbk_conn_info *info)
{
	struct hbk_writer w;

	event_begin(&w, HBK_EVENT_OPENED);
	hbk_event_write_info(&w, info, info->time_ns);
	event_end(&w);
}

/**
 * hbk_event_closed() - tell that an opened connection ended, now
 * @info: the connection
 */
void hbk_event_closed(const struct hbk_conn_info *info)
{
	struct hbk_writer w;

	event_begin(&w, HBK_EVENT_CLOSED);
	hbk_event_write_info(&w, info, ktime_get_real_ns());
	hbk_writer_u64(&w, HBK_A_RX_BYTES, info->rx_bytes);
	hbk_writer_u64(&w, HBK_A_TX_BYTES, info->tx_bytes);
	hbk_writer_string(&w, HBK_A_REASON, hbk_reason_name(info->reason));
	event_end(&w);
}

/**
 * hbk_event_refused() - tell that a connection was denied, or its handshake failed
 * @info: the connection
 */
void hbk_event_refused(const struct hbk_conn_info *info)
{
	struct hbk_writer w;

	event_begin(&w, HBK_EVENT_REFUSED);
	hbk_event_write_info(&w, info, info->time_ns);
	hbk_writer_string(&w, HBK_A_REASON, hbk_reason_name(info->reason));
	event_end(&w);
}

/**
 * hbk_event_ruleset() - tell that a push took effect
 * @generation: the new one
 * @label: who or what pushed
 */
void hbk_event_ruleset(u64 generation, const char *label)
{
	struct hbk_writer w;

	event_begin(&w, HBK_EVENT_RULESET);
	hbk_writer_u64(&w, HBK_A_GENERATION, generation);
	hbk_writer_string(&w, HBK_A_LABEL, label);
	hbk_writer_u64(&w, HBK_A_TIME_NS, ktime_get_real_ns());
	event_end(&w);
}

static void begin_named(struct hbk_writer *w, u16 type, const char *name)
	__acquires(&ring.lock)
{
	event_begin(w, type);
	hbk_writer_string(w, HBK_A_NAME, name);
	hbk_writer_u64(w, HBK_A_TIME_NS, ktime_get_real_ns());
}

/**
 * hbk_event_wasm_loaded() - tell that a guest was loaded
 * @name: of the guest
 * @size: bytes of its module
 * @compiled: whether it was compiled ahead of time
 */
void hbk_event_wasm_loaded(const char *name, u32 size, bool compiled)
{
	struct hbk_writer w;

	begin_named(&w, HBK_EVENT_WASM_LOADED, name);
	hbk_writer_u32(&w, HBK_A_SIZE, size);
	hbk_writer_u8(&w, HBK_A_COMPILED, compiled);
	event_end(&w);
}

/**
 * hbk_event_wasm_unloaded() - tell that a guest was unloaded
 * @name: of the guest
 */
void hbk_event_wasm_unloaded(const char *name)
{
	struct hbk_writer w;

	begin_named(&w, HBK_EVENT_WASM_UNLOADED, name);
	event_end(&w);
}

/**
 * hbk_event_wasm_quarantined() - tell that a guest trapped too often, and runs no more
 * @name: of the guest
 * @traps: how often it trapped since it was loaded
 */
void hbk_event_wasm_quarantined(const char *name, u64 traps)
{
	struct hbk_writer w;

	begin_named(&w, HBK_EVENT_WASM_QUARANTINED, name);
	hbk_writer_u64(&w, HBK_A_TRAPS, traps);
	event_end(&w);
}

/**
 * hbk_event_filter_failed() - tell that a filter could not do its work
 * @name: of the filter
 * @info: the connection
 * @trap: what stopped its guest; empty if there was none to be had
 * @reason: what became of the connection
 */
void hbk_event_filter_failed(const char *name, const struct hbk_conn_info *info, const char *trap,
			     const char *reason)
{
	struct hbk_writer w;

	begin_named(&w, HBK_EVENT_FILTER_FAILED, name);
	hbk_writer_string(&w, HBK_A_RULE, info->rule);
	hbk_writer_u64(&w, HBK_A_CONNECTION_ID, info->id);
	hbk_writer_string(&w, HBK_A_TRAP, trap);
	hbk_writer_string(&w, HBK_A_REASON, reason);
	event_end(&w);
}

/**
 * hbk_event_follow() - follow the ring from now on
 * @follower: the reader; starts anew if it followed already
 * @replay: so many past events are to be taken first, as far as they are still there
 */
void hbk_event_follow(struct hbk_follower *follower, u32 replay)
{
	u64 sequence, position;

	spin_lock_bh(&ring.lock);
	position = ring.tail;
	for (sequence = ring.first; ring.next - sequence > replay; sequence++)
		position = position_after(position);
	follower->sequence = sequence;
	follower->position = position;
	if (!follower->following) {
		follower->following = true;
		list_add_tail(&follower->node, &ring.followers);
	}
	spin_unlock_bh(&ring.lock);
}

/**
 * hbk_event_unfollow() - stop to follow
 * @follower: a reader that need not have followed
 */
void hbk_event_unfollow(struct hbk_follower *follower)
{
	spin_lock_bh(&ring.lock);
	if (follower->following)
		list_del(&follower->node);
	follower->following = false;
	spin_unlock_bh(&ring.lock);
}

/**
 * hbk_event_waiting() - ask whether hbk_event_take() would yield a frame
 * @follower: the reader
 *
 * Return: true if it would.
 */
bool hbk_event_waiting(const struct hbk_follower *follower)
{
	bool waiting;

	spin_lock_bh(&ring.lock);
	waiting = follower->following && follower->sequence != ring.next;
	spin_unlock_bh(&ring.lock);
	return waiting;
}

/* The reader fell behind: say by how much, and go on with the oldest event. */
static u32 take_lost(struct hbk_follower *follower, u8 *frame)
{
	u64 lost = ring.first - follower->sequence;
	struct hbk_writer w;

	lockdep_assert_held(&ring.lock);
	ring.lost += lost;
	follower->sequence = ring.first;
	follower->position = ring.tail;
	hbk_writer_begin(&w, frame, HBK_EVENT_FRAME_MAX, HBK_EVENT_LOST, 0);
	hbk_writer_u64(&w, HBK_A_LOST, lost);
	hbk_writer_end(&w);
	return w.length;
}

static u32 take_next(struct hbk_follower *follower, u8 *frame)
{
	u32 length = length_at(follower->position);

	copy_out(frame, follower->position, length);
	follower->position = position_after(follower->position);
	follower->sequence++;
	return length;
}

/**
 * hbk_event_take() - take the next event
 * @follower: the reader
 * @frame: HBK_EVENT_FRAME_MAX bytes
 *
 * Return: the length of the frame that was taken, 0 if there is none.
 */
u32 hbk_event_take(struct hbk_follower *follower, u8 *frame)
{
	u32 length = 0;

	spin_lock_bh(&ring.lock);
	if (follower->following && follower->sequence < ring.first)
		length = take_lost(follower, frame);
	else if (follower->following && follower->sequence != ring.next)
		length = take_next(follower, frame);
	spin_unlock_bh(&ring.lock);
	return length;
}

/**
 * hbk_event_lost() - how much was lost
 *
 * Return: the events that followers were told to have missed, since the module was loaded.
 */
u64 hbk_event_lost(void)
{
	u64 lost;

	spin_lock_bh(&ring.lock);
	lost = ring.lost;
	spin_unlock_bh(&ring.lock);
	return lost;
}

/**
 * hbk_event_init() - make the ring
 *
 * Return: 0 or -ENOMEM.
 */
int hbk_event_init(void)
{
	ring.bytes = vmalloc(RING_SIZE);
	return ring.bytes ? 0 : -ENOMEM;
}

/**
 * hbk_event_exit() - free the ring; nobody follows or tells any more
 */
void hbk_event_exit(void)
{
	vfree(ring.bytes);
}
