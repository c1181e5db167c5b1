// SPDX-License-Identifier: GPL-2.0-only
/*
 * HTTP calls that filters make.
 *
 * Each is a work of its own, which connects, sends, reads the answer and hands
 * it to the VM, waiting for each of these until the call's deadline.  The
 * socket is one of the initial network namespace, and the rules apply to it as
 * to any process's: where they say mutual TLS, it is.  Filters do not see it,
 * for one that calls would call for its calls.
 *
 * A VM that goes waits for its calls, and cuts their sockets off so that it
 * does not wait long.
 */
#include "filter_call.h"

#include <linux/mm.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "../core/http/call.h"
#include "../core/proxy/buffer.h"
#include "../core/proxy/map.h"
#include "filter.h"
#include "filter_env.h"
#include "filter_vm.h"
#include "inject.h"
#include "ruleset.h"

#define CALL_PIECE	SZ_16K
#define CALL_HEAD_MAX	HBK_PROXY_PAIRS_BYTES	/* bytes of a request without its body */

struct call {
	struct list_head node;		/* of the VM */
	struct list_head ours;		/* of all that have a socket */
	const struct sock *sk;		/* which */
	struct mutex lock;		/* sock and cut */
	struct work_struct work;
	struct hbk_filter_vm *vm;
	u32 id;
	bool to_head;			/* the answer has no body, whatever it says */
	bool cut;			/* the VM goes */
	bool over;
	unsigned long deadline;		/* jiffies */
	struct hbk_upstream upstream;
	struct hbk_buffer request;
	struct socket *sock;
};

static DEFINE_SPINLOCK(calls_lock);	/* guards the list */
static LIST_HEAD(calls_ours);
static bool calls_are_shut;		/* the module goes: soon nobody intercepts connect() */

/**
 * hbk_filter_call_is_ours() - is this the socket of a filter's call?
 * @sk: about to connect
 *
 * Context: process.
 */
bool hbk_filter_call_is_ours(const struct sock *sk)
{
	const struct call *call;
	bool ours = false;

	if (likely(!(current->flags & PF_KTHREAD)) || list_empty_careful(&calls_ours))
		return false;
	spin_lock(&calls_lock);
	list_for_each_entry(call, &calls_ours, ours)
		ours |= call->sk == sk;
	spin_unlock(&calls_lock);
	return ours;
}

/* Return: false if the VM goes already. */
static bool call_publish(struct call *call, struct socket *sock)
{
	bool going;

	mutex_lock(&call->lock);
	going = call->cut;
	if (!going) {
		call->sock = sock;
		call->sk = sock->sk;
		spin_lock(&calls_lock);
		list_add(&call->ours, &calls_ours);
		spin_unlock(&calls_lock);
	}
	mutex_unlock(&call->lock);
	return !going;
}

static void call_withdraw(struct call *call)
{
	struct socket *sock;

	mutex_lock(&call->lock);
	sock = call->sock;
	call->sock = NULL;
	mutex_unlock(&call->lock);
	if (!sock)
		return;
	spin_lock(&calls_lock);
	list_del(&call->ours);
	spin_unlock(&calls_lock);
	sock_release(sock);
}

/* Waits no longer than the call may. Return: 0 or -ETIMEDOUT. */
static int call_set_timeout(struct call *call)
{
	long left = call->deadline - jiffies;
	struct sock *sk = call->sock->sk;

	if (left <= 0)
		return -ETIMEDOUT;
	sk->sk_sndtimeo = left;
	sk->sk_rcvtimeo = left;
	return 0;
}

static int call_connect(struct call *call)
{
	struct sockaddr_in6 address = {
		.sin6_family = AF_INET6, .sin6_addr = call->upstream.address,
		.sin6_port = htons(call->upstream.port),
	};
	struct sockaddr_in address4 = {
		.sin_family = AF_INET, .sin_addr.s_addr = call->upstream.address.s6_addr32[3],
		.sin_port = htons(call->upstream.port),
	};
	bool v4 = ipv6_addr_v4mapped(&call->upstream.address);
	struct socket *sock;
	int err;

	err = HBK_INJECT(FILTER_CALL) ? -ENOMEM :
	      sock_create_kern(&init_net, v4 ? AF_INET : AF_INET6, SOCK_STREAM, IPPROTO_TCP, &sock);
	if (err)
		return err;
	if (!call_publish(call, sock)) {
		sock_release(sock);
		return -ESHUTDOWN;
	}
	err = call_set_timeout(call);
	if (err)
		return err;
	if (v4)
		return kernel_connect(sock, (struct sockaddr *)&address4, sizeof(address4), 0);
	return kernel_connect(sock, (struct sockaddr *)&address, sizeof(address), 0);
}

/* A connection that was made past the rules is not written to. */
static int call_send(struct call *call)
{
	struct hbk_buffer *request = &call->request;

	if (READ_ONCE(calls_are_shut))
		return -ESHUTDOWN;
	while (request->length) {
		struct kvec vec = { .iov_base = (void *)hbk_buffer_data(request),
				    .iov_len = request->length };
		struct msghdr msg = { .msg_flags = MSG_NOSIGNAL };
		int sent = call_set_timeout(call);

		if (!sent)
			sent = kernel_sendmsg(call->sock, &msg, &vec, 1, vec.iov_len);
		if (sent <= 0)
			return sent ?: -EIO;
		hbk_buffer_consume(request, sent);
	}
	return 0;
}

/* Return: 0 when the answer is complete, or why it never will be. */
static int call_receive(struct call *call, struct hbk_http_answer *answer, u8 *piece)
{
	int err, got;

	do {
		struct kvec vec = { .iov_base = piece, .iov_len = CALL_PIECE };
		struct msghdr msg = {};

		err = call_set_timeout(call);
		if (err)
			return err;
		got = kernel_recvmsg(call->sock, &msg, &vec, 1, CALL_PIECE, 0);
		if (got < 0)
			return got;
		err = got ? hbk_http_answer_feed(answer, piece, got) : hbk_http_answer_end(answer);
	} while (err == -EAGAIN && got);
	return err == -EAGAIN ? -ECONNRESET : err;
}

static int call_exchange(struct call *call, struct hbk_http_answer *answer)
{
	u8 *piece = HBK_INJECT(FILTER_CALL) ? NULL : kvmalloc(CALL_PIECE, GFP_KERNEL_ACCOUNT);
	int err = -ENOMEM;

	if (piece)
		err = call_connect(call);
	if (!err)
		err = call_send(call);
	if (!err)
		err = call_receive(call, answer, piece);
	kvfree(piece);
	return err;
}

static const char *call_message(int err)
{
	switch (err) {
	case -EAGAIN:
	case -ETIMEDOUT:
	case -EINPROGRESS:
		return "timeout";
	case -ENOMEM:
		return "out of memory";
	case -EINVAL:
	case -E2BIG:
		return "bad answer";
	default:
		return "connection failed";
	}
}

static void call_answer(struct call *call, struct hbk_http_answer *answer, int err)
{
	struct hbk_vm *core = hbk_filter_vm_core(call->vm);

	if (err)
		hbk_vm_http_failed(core, call->id, call_message(err));
	else
		hbk_vm_http_response(core, call->id, &answer->parser.head.map, &answer->body,
				     &answer->parser.trailers);
}

static void call_over(struct call *call)
{
	atomic_dec(&call->vm->filter->calls_out);
	WRITE_ONCE(call->over, true);
}

/* It is over, or was cut before it began. */
static void call_free(struct call *call)
{
	if (!call->over)
		call_over(call);
	hbk_buffer_release(&call->request);
	mutex_destroy(&call->lock);
	kfree(call);
}

static void call_work(struct work_struct *work)
{
	struct call *call = container_of(work, struct call, work);
	struct hbk_http_answer *answer = kvzalloc(sizeof(*answer), GFP_KERNEL_ACCOUNT);
	int err = -ENOMEM;

	if (answer) {
		hbk_http_answer_init(answer, &hbk_filter_heap, HBK_PROXY_CALL_BODY_MAX,
				     call->to_head);
		err = call_exchange(call, answer);
	}
	call_withdraw(call);
	if (!READ_ONCE(call->vm->dying))
		call_answer(call, answer, err);
	if (answer)
		hbk_http_answer_release(answer);
	kvfree(answer);
	call_over(call);
}

/* Of the VM's lock's owner: calls that are over are forgotten when the next one begins, or the VM goes. */
static void calls_sweep(struct hbk_filter_vm *vm)
{
	struct call *call, *next;

	list_for_each_entry_safe(call, next, &vm->calls, node) {
		if (!READ_ONCE(call->over))
			continue;
		/* It may not have returned yet. */
		if (work_busy(&call->work))
			continue;
		list_del(&call->node);
		call_free(call);
	}
}

static void call_cut(struct call *call)
{
	mutex_lock(&call->lock);
	call->cut = true;
	if (call->sock)
		kernel_sock_shutdown(call->sock, SHUT_RDWR);
	mutex_unlock(&call->lock);
	cancel_work(&call->work);
}

/**
 * hbk_filter_calls_end() - end the calls of a VM, and wait for them
 * @vm: is dying; what its guest begins from here on is refused
 *
 * Context: process; sleeps. The VM's lock not held.
 */
void hbk_filter_calls_end(struct hbk_filter_vm *vm)
{
	struct call *call, *next;

	mutex_lock(&vm->lock);
	list_for_each_entry(call, &vm->calls, node)
		call_cut(call);
	mutex_unlock(&vm->lock);
	list_for_each_entry_safe(call, next, &vm->calls, node) {
		flush_work(&call->work);
		list_del(&call->node);
		call_free(call);
	}
}

/**
 * hbk_filter_calls_shut() - the module goes: filters call nobody any more
 *
 * Context: process, before the hooks go.
 */
void hbk_filter_calls_shut(void)
{
	WRITE_ONCE(calls_are_shut, true);
}

static bool call_is_head(const struct hbk_http_call *call)
{
	const u8 *method;
	u32 length;

	return hbk_map_get(call->headers, ":method", 7, &method, &length) && length == 4 &&
	       !memcmp(method, "HEAD", 4);
}

/**
 * hbk_filter_call() - begin a call
 * @core: of the VM
 * @request: what; copied
 *
 * Context: process; the VM's lock held.
 * Return: 0, -ENOENT for an unknown upstream, or another errno.
 */
int hbk_filter_call(struct hbk_vm *core, const struct hbk_http_call *request)
{
	struct hbk_filter_vm *vm = hbk_filter_vm_of(core);
	const struct hbk_upstream *upstream;
	struct call *call;
	int err;

	upstream = hbk_ruleset_upstream(vm->filter->ruleset, request->upstream,
					request->upstream_length);
	if (!upstream)
		return -ENOENT;
	if (READ_ONCE(vm->dying) || READ_ONCE(calls_are_shut))
		return -ESHUTDOWN;
	calls_sweep(vm);
	call = HBK_INJECT(FILTER_CALL) ? NULL : kzalloc(sizeof(*call), GFP_KERNEL_ACCOUNT);
	if (!call)
		return -ENOMEM;
	mutex_init(&call->lock);
	hbk_buffer_init(&call->request, &hbk_filter_heap,
			(size_t)request->body_length + CALL_HEAD_MAX);
	call->vm = vm;
	err = atomic_inc_return(&vm->filter->calls_out) > HBK_FILTER_CALLS_MAX ? -EUSERS :
	      hbk_http_call_write(&call->request, request->headers, request->body,
				  request->body_length, request->trailers);
	if (err) {
		call_free(call);
		return err;
	}
	call->id = request->id;
	call->to_head = call_is_head(request);
	call->upstream = *upstream;
	call->deadline = jiffies + msecs_to_jiffies(request->timeout_ms);
	INIT_WORK(&call->work, call_work);
	list_add_tail(&call->node, &vm->calls);
	queue_work(hbk_filter_call_workqueue, &call->work);
	return 0;
}
