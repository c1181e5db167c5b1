// SPDX-License-Identifier: GPL-2.0-only
/* Chains of several filters in raw mode. */
#include <stdlib.h>

#include "bench.h"
#include "tests.h"

#define ADDS(letter) \
	"on_downstream_data: set_buffer_bytes 2 -1 0 \"" letter "\"\n" \
	"on_upstream_data: set_buffer_bytes 3 -1 0 \"" letter "\""
#define HOLDS	"on_downstream_data: return 1\non_tick: set_effective_context 2; continue_stream 2"

static void no_filter(void **state)
{
	struct bench *bench = bench_new();

	(void)state;
	bench_open(bench, "", HBK_CHAIN_RAW);
	assert_int_equal(bench_push(bench, HBK_CHAIN_REQUEST, "hello", false), 0);
	bench_expect(bench, HBK_CHAIN_REQUEST, "hello", false);
	assert_int_equal(bench_push(bench, HBK_CHAIN_RESPONSE, "", true), 0);
	bench_expect(bench, HBK_CHAIN_RESPONSE, "", true);
	bench_free(bench);
}

/* Requests pass the first filter first, responses the last one. */
static void order(void **state)
{
	struct bench *bench = bench_new();

	(void)state;
	bench_add(bench, "probe", ADDS("a"));
	bench_add(bench, "probe", ADDS("b"));
	bench_add(bench, "probe", ADDS("c"));
	bench_open(bench, "ccc", HBK_CHAIN_RAW);
	bench_push(bench, HBK_CHAIN_REQUEST, "> ", false);
	bench_expect(bench, HBK_CHAIN_REQUEST, "> abc", false);
	bench_push(bench, HBK_CHAIN_RESPONSE, "< ", true);
	bench_expect(bench, HBK_CHAIN_RESPONSE, "< cba", true);
	bench_push(bench, HBK_CHAIN_REQUEST, "", true);
	bench_expect(bench, HBK_CHAIN_REQUEST, "abc", true);
	bench_free(bench);
}

/* A filter in the middle holds; what it let go passes those behind it only. */
static void hold_in_the_middle(void **state)
{
	struct bench *bench = bench_new();
	struct hbk_vm *holder;

	(void)state;
	bench_add(bench, "probe", ADDS("a"));
	holder = bench_add(bench, "probe", HOLDS);
	bench_add(bench, "probe", ADDS("c"));
	bench_open(bench, "ccc", HBK_CHAIN_RAW);
	bench_push(bench, HBK_CHAIN_REQUEST, "1", false);
	bench_push(bench, HBK_CHAIN_REQUEST, "2", true);
	bench_expect(bench, HBK_CHAIN_REQUEST, "", false);
	bench_push(bench, HBK_CHAIN_RESPONSE, "<", false);
	bench_expect(bench, HBK_CHAIN_RESPONSE, "<ca", false);
	hbk_vm_tick(holder);
	assert_int_equal(bench->woken, 1);
	bench_expect(bench, HBK_CHAIN_REQUEST, "", false);
	bench_resume(bench);
	bench_expect(bench, HBK_CHAIN_REQUEST, "1a2ac", true);
	bench_free(bench);
}

static void back_pressure(void **state)
{
	const size_t piece = 100000;
	char *bytes = calloc(1, piece);
	struct bench *bench = bench_new();
	size_t room, held = 0, length;
	struct hbk_vm *vm;

	(void)state;
	vm = bench_add(bench, "probe", HOLDS);
	bench_open(bench, "c", HBK_CHAIN_RAW);
	while ((room = hbk_chain_room(bench->chain, HBK_CHAIN_REQUEST))) {
		assert_int_equal(room, HBK_PROXY_HELD_MAX - held);
		room = room < piece ? room : piece;
		assert_int_equal(hbk_chain_push(bench->chain, HBK_CHAIN_REQUEST, bytes, room, false), 0);
		held += room;
	}
	assert_int_equal(held, HBK_PROXY_HELD_MAX);
	assert_int_equal(hbk_chain_room(bench->chain, HBK_CHAIN_RESPONSE), HBK_PROXY_HELD_MAX);
	hbk_vm_tick(vm);
	bench_resume(bench);
	/* It is still inside, until somebody takes it. */
	assert_int_equal(hbk_chain_room(bench->chain, HBK_CHAIN_REQUEST), 0);
	hbk_chain_out(bench->chain, HBK_CHAIN_REQUEST, &length);
	assert_int_equal(length, HBK_PROXY_HELD_MAX);
	hbk_chain_out_consume(bench->chain, HBK_CHAIN_REQUEST, length);
	assert_int_equal(hbk_chain_room(bench->chain, HBK_CHAIN_REQUEST), HBK_PROXY_HELD_MAX);
	free(bytes);
	bench_free(bench);
}

/* A chain uses a buffer as it can: one that may hold less than filters do, and one that may hold as much. */
static const size_t caps[] = { 8192, HBK_PROXY_BUFFER_MAX };

/* What is pushed in a buffer is the chain's afterwards, and what has passed comes out in pieces or whole. */
static void bytes_are_handed_over(void **state)
{
	static const enum hbk_chain_mode modes[] = { HBK_CHAIN_RAW, HBK_CHAIN_HTTP };
	static const char request[] = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
	struct hbk_buffer in, out;
	struct bench *bench;
	u32 i;

	(void)state;
	for (i = 0; i < 4; i++) {
		bench = bench_new();
		bench_add(bench, "probe", "");
		bench_open(bench, "c", modes[i / 2]);
		hbk_buffer_init(&in, bench->env.heap, caps[i % 2]);
		hbk_buffer_init(&out, bench->env.heap, 8192);
		assert_int_equal(hbk_buffer_reserve(&in, 100), 0);
		memcpy(in.bytes, request, strlen(request));
		in.length = strlen(request);
		assert_int_equal(hbk_chain_push_buffer(bench->chain, HBK_CHAIN_REQUEST, &in, false), 0);
		assert_int_equal(in.length, 0);
		assert_int_equal(hbk_chain_out_move(bench->chain, HBK_CHAIN_REQUEST, &out, 5), 0);
		assert_int_equal(out.length, 5);
		assert_int_equal(hbk_chain_out_move(bench->chain, HBK_CHAIN_REQUEST, &out, 8192), 0);
		assert_int_equal(out.length, strlen(request));
		assert_memory_equal(hbk_buffer_data(&out), request, strlen(request));
		hbk_buffer_clear(&out);
		assert_int_equal(hbk_chain_push_buffer(bench->chain, HBK_CHAIN_REQUEST, &in, true), 0);
		bench_expect(bench, HBK_CHAIN_REQUEST, "", true);
		/* Behind the end. */
		assert_int_equal(hbk_buffer_append(&in, "x", 1), 0);
		assert_int_equal(hbk_chain_push_buffer(bench->chain, HBK_CHAIN_REQUEST, &in, false), 0);
		assert_int_equal(in.length, 0);
		bench_expect(bench, HBK_CHAIN_REQUEST, "", true);
		hbk_buffer_release(&in);
		hbk_buffer_release(&out);
		bench_free(bench);
	}
}

static void push_many(struct bench *bench, struct hbk_buffer *in)
{
	assert_int_equal(hbk_buffer_reserve(in, in->cap < 8000 ? in->cap : 8000), 0);
	memset(in->bytes, 'm', 8000);
	in->length = 8000;
	assert_int_equal(hbk_chain_push_buffer(bench->chain, HBK_CHAIN_REQUEST, in, false), 0);
	assert_int_equal(in->length, 0);
}

/* What a filter held goes on before what comes, though it is more than the buffer may hold that this came in. */
static void what_was_held_goes_on_first(void **state)
{
	struct hbk_buffer in;
	struct bench *bench;
	size_t length;
	u32 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		bench = bench_new();
		bench_add(bench, "probe", "on_downstream_data[3]: return 0\non_downstream_data: return 1");
		bench_add(bench, "probe", "");
		bench_open(bench, "cc", HBK_CHAIN_RAW);
		hbk_buffer_init(&in, bench->env.heap, caps[i]);
		push_many(bench, &in);
		push_many(bench, &in);
		bench_expect(bench, HBK_CHAIN_REQUEST, "", false);
		assert_int_equal(hbk_chain_room(bench->chain, HBK_CHAIN_REQUEST), HBK_PROXY_HELD_MAX - 16000);
		push_many(bench, &in);
		hbk_chain_out(bench->chain, HBK_CHAIN_REQUEST, &length);
		assert_int_equal(length, 24000);
		hbk_chain_out_consume(bench->chain, HBK_CHAIN_REQUEST, length);
		assert_int_equal(hbk_chain_room(bench->chain, HBK_CHAIN_REQUEST), HBK_PROXY_HELD_MAX);
		hbk_buffer_release(&in);
		bench_free(bench);
	}
}

/* In the callback of one flow, a filter lets go of what it holds of the other, or of its end alone: nobody is to wake it. */
static void lets_the_other_flow_go(void **state)
{
	struct bench *bench;
	u32 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		bench = bench_new();
		bench_add(bench, "probe", ADDS("a"));
		bench_add(bench, "probe", "on_downstream_data: return 1\non_upstream_data: continue_stream 2");
		bench_add(bench, "probe", ADDS("c"));
		bench_open(bench, "ccc", HBK_CHAIN_RAW);
		bench_push(bench, HBK_CHAIN_REQUEST, i ? "" : ">", true);
		bench_expect(bench, HBK_CHAIN_REQUEST, "", false);
		bench_push(bench, HBK_CHAIN_RESPONSE, "<", false);
		assert_int_equal(bench->woken, 0);
		bench_expect(bench, HBK_CHAIN_RESPONSE, "<ca", false);
		bench_expect(bench, HBK_CHAIN_REQUEST, i ? "ac" : ">ac", true);
		bench_free(bench);
	}
}

/* In the callback of one flow, a filter changes what it holds of the other: there is room as it is then. */
static void room_follows_what_filters_change(void **state)
{
	static const char *const rows[] = {
		"on_downstream_data: set_buffer_bytes 3 0 2000000 \"\"",
		"on_downstream_data: set_buffer_bytes 3 -1 0 \"a\"*8192",
		"on_downstream_data: return 1\non_tick: set_effective_context 2; set_buffer_bytes 3 0 2000000 \"\"",
	};
	static const size_t rooms[] = { HBK_PROXY_HELD_MAX, 0, HBK_PROXY_HELD_MAX };
	static const char bytes[HBK_PROXY_HELD_MAX];
	struct bench *bench;
	struct hbk_vm *vm;
	char script[256];
	u32 i;

	(void)state;
	for (i = 0; i < 3; i++) {
		bench = bench_new();
		snprintf(script, sizeof(script), "on_upstream_data: return 1\n%s", rows[i]);
		vm = bench_add(bench, "probe", script);
		bench_open(bench, "c", HBK_CHAIN_RAW);
		hbk_chain_push(bench->chain, HBK_CHAIN_RESPONSE, bytes, sizeof(bytes) - 4096, false);
		assert_int_equal(hbk_chain_room(bench->chain, HBK_CHAIN_RESPONSE), 4096);
		hbk_chain_push(bench->chain, HBK_CHAIN_REQUEST, "x", 1, false);
		hbk_vm_tick(vm);
		bench_resume(bench);
		assert_int_equal(hbk_chain_room(bench->chain, HBK_CHAIN_RESPONSE), rooms[i]);
		bench_free(bench);
	}
}

/* A filter that fails in a callback of one flow, and may, keeps nothing of the other either. */
static void failing_lets_both_flows_go(void **state)
{
	struct bench *bench = bench_new();

	(void)state;
	bench_add(bench, "probe", "on_downstream_data: return 1\non_upstream_data: trap");
	bench_add(bench, "probe", ADDS("b"));
	bench_open(bench, "oc", HBK_CHAIN_RAW);
	bench_push(bench, HBK_CHAIN_REQUEST, ">", true);
	bench_expect(bench, HBK_CHAIN_REQUEST, "", false);
	assert_int_equal(hbk_chain_push(bench->chain, HBK_CHAIN_RESPONSE, "<", 1, false), 0);
	bench_expect(bench, HBK_CHAIN_RESPONSE, "<b", false);
	bench_expect(bench, HBK_CHAIN_REQUEST, ">b", true);
	bench_free(bench);
}

/* A flow is clear while bytes just go through. */
static void clear(void **state)
{
	struct bench *bench = bench_new();

	(void)state;
	bench_add(bench, "probe", "on_downstream_data[2]: return 1\non_downstream_data[3]: return 0\n"
		  "on_upstream_data[2]: close_stream 1");
	bench_open(bench, "c", HBK_CHAIN_RAW);
	assert_true(hbk_chain_is_clear(bench->chain, HBK_CHAIN_REQUEST));
	bench_push(bench, HBK_CHAIN_REQUEST, "1", false);
	assert_false(hbk_chain_is_clear(bench->chain, HBK_CHAIN_REQUEST));	/* it waits to be taken */
	bench_expect(bench, HBK_CHAIN_REQUEST, "1", false);
	assert_true(hbk_chain_is_clear(bench->chain, HBK_CHAIN_REQUEST));
	bench_push(bench, HBK_CHAIN_REQUEST, "2", false);
	assert_false(hbk_chain_is_clear(bench->chain, HBK_CHAIN_REQUEST));	/* held */
	assert_true(hbk_chain_is_clear(bench->chain, HBK_CHAIN_RESPONSE));
	bench_push(bench, HBK_CHAIN_REQUEST, "3", true);
	bench_expect(bench, HBK_CHAIN_REQUEST, "23", true);
	assert_false(hbk_chain_is_clear(bench->chain, HBK_CHAIN_REQUEST));	/* at its end */
	bench_push(bench, HBK_CHAIN_RESPONSE, "1", false);
	bench_expect(bench, HBK_CHAIN_RESPONSE, "1", false);
	assert_true(hbk_chain_is_clear(bench->chain, HBK_CHAIN_RESPONSE));
	bench_push(bench, HBK_CHAIN_RESPONSE, "2", false);
	assert_false(hbk_chain_is_clear(bench->chain, HBK_CHAIN_RESPONSE));	/* the connection ends */
	bench_free(bench);
}

/* A filter that adds without end is told so, and the chain goes on. */
static void buffer_bomb(void **state)
{
	struct bench *bench = bench_new();
	struct hbk_vm *vm;
	u32 i;

	(void)state;
	vm = bench_add(bench, "probe", "on_downstream_data: return 1\non_tick: set_effective_context 2; "
		       "repeat 16 set_buffer_bytes 2 -1 0 \"a\"*8192");
	bench_open(bench, "c", HBK_CHAIN_RAW);
	bench_push(bench, HBK_CHAIN_REQUEST, "x", false);
	for (i = 0; i < 20; i++)
		hbk_vm_tick(vm);
	assert_int_equal(vm->poisoned, HBK_WASM_TRAP_NONE);
	hbk_chain_resume(bench->chain);
	assert_int_equal(hbk_chain_room(bench->chain, HBK_CHAIN_REQUEST), 0);
	assert_true(bench->heap.used < 2 * HBK_PROXY_BUFFER_MAX + 65536);
	assert_int_equal(bench->chain->ops->held(bench->chain, HBK_CHAIN_REQUEST),
			 HBK_PROXY_BUFFER_MAX - 8192 + 1);
	bench_free(bench);
}

/* Closed: the chain fails and so the connection, whatever the others are. */
static void fails_closed(void **state)
{
	struct bench *bench = bench_new();

	(void)state;
	bench_add(bench, "probe", ADDS("a"));
	bench_add(bench, "probe", "on_downstream_data[2]: trap");
	bench_open(bench, "oc", HBK_CHAIN_RAW);
	assert_int_equal(bench_push(bench, HBK_CHAIN_REQUEST, "1", false), 0);
	bench_expect(bench, HBK_CHAIN_REQUEST, "1a", false);
	assert_int_equal(bench_push(bench, HBK_CHAIN_REQUEST, "2", false), -EIO);
	bench_expect(bench, HBK_CHAIN_REQUEST, "", false);
	assert_true(hbk_chain_has_failed(bench->chain));
	assert_int_equal(bench_push(bench, HBK_CHAIN_REQUEST, "3", false), -EIO);
	assert_int_equal(bench->failures, 1);
	assert_int_equal(bench->bypasses, 0);
	bench_free(bench);
}

/* Open: it is left out, and what it held goes on in its place. */
static void fails_open(void **state)
{
	struct bench *bench = bench_new();

	(void)state;
	bench_add(bench, "probe", ADDS("a"));
	bench_add(bench, "probe", "on_downstream_data: return 1\non_upstream_data: trap");
	bench_add(bench, "probe", ADDS("c"));
	bench_open(bench, "coc", HBK_CHAIN_RAW);
	bench_push(bench, HBK_CHAIN_REQUEST, "1", false);
	bench_expect(bench, HBK_CHAIN_REQUEST, "", false);
	bench_push(bench, HBK_CHAIN_RESPONSE, "<", false);
	bench_expect(bench, HBK_CHAIN_RESPONSE, "<ca", false);
	bench_expect(bench, HBK_CHAIN_REQUEST, "1ac", false);
	bench_push(bench, HBK_CHAIN_REQUEST, "2", true);
	bench_expect(bench, HBK_CHAIN_REQUEST, "2ac", true);
	assert_int_equal(bench->failures, 1);
	assert_int_equal(bench->bypasses, 1);
	bench_free(bench);
}

/* A guest that traps in its timer takes its streams along, each by its own rule. */
static void poisoned_from_outside(void **state)
{
	struct bench *bench = bench_new();
	struct hbk_vm *vm;

	(void)state;
	bench_add(bench, "probe", ADDS("a"));
	vm = bench_add(bench, "probe", "on_downstream_data: return 1\non_tick: trap");
	bench_open(bench, "co", HBK_CHAIN_RAW);
	bench_push(bench, HBK_CHAIN_REQUEST, "held", true);
	hbk_vm_tick(vm);
	assert_int_equal(vm->poisoned, HBK_WASM_TRAP_UNREACHABLE);
	assert_int_equal(bench->woken, 1);
	bench_resume(bench);
	bench_expect(bench, HBK_CHAIN_REQUEST, "helda", true);
	assert_int_equal(bench->bypasses, 1);
	hbk_vm_tick(vm);
	hbk_chain_free(bench->chain);
	bench_open(bench, "cc", HBK_CHAIN_RAW);
	assert_true(hbk_chain_has_failed(bench->chain));
	bench_free(bench);
}

static void without_a_vm(void **state)
{
	struct bench *bench = bench_new();

	(void)state;
	bench_add(bench, "probe", ADDS("a"));
	bench_add(bench, "probe", ADDS("b"));
	bench_open(bench, "c_", HBK_CHAIN_RAW);
	assert_false(hbk_chain_has_failed(bench->chain));
	bench_push(bench, HBK_CHAIN_REQUEST, "1", true);
	bench_expect(bench, HBK_CHAIN_REQUEST, "1a", true);
	hbk_chain_free(bench->chain);
	bench_open(bench, "c-", HBK_CHAIN_RAW);
	assert_true(hbk_chain_has_failed(bench->chain));
	assert_int_equal(bench_push(bench, HBK_CHAIN_REQUEST, "1", true), -EIO);
	bench_free(bench);
}

/* An endless loop ends with its budget, and only for its own connection. */
static void endless_loop(void **state)
{
	struct bench *bench = bench_new();

	(void)state;
	bench_add(bench, "probe", "on_downstream_data: spin");
	bench_open(bench, "c", HBK_CHAIN_RAW);
	assert_int_equal(bench_push(bench, HBK_CHAIN_REQUEST, "x", false), -EIO);
	assert_int_equal(bench->guests[0]->vm.poisoned, HBK_WASM_TRAP_FUEL_EXHAUSTED);
	bench_free(bench);
}

/* What had passed goes out, nothing else does any more. */
static void close_in_the_middle(void **state)
{
	struct bench *bench = bench_new();

	(void)state;
	bench_add(bench, "probe", ADDS("a"));
	bench_add(bench, "probe", "on_downstream_data[2]: close_stream 2");
	bench_add(bench, "probe", ADDS("c"));
	bench_open(bench, "ccc", HBK_CHAIN_RAW);
	bench_push(bench, HBK_CHAIN_REQUEST, "1", false);
	assert_int_equal(bench_push(bench, HBK_CHAIN_REQUEST, "2", false), 0);
	assert_true(hbk_chain_wants_close(bench->chain));
	assert_int_equal(bench_push(bench, HBK_CHAIN_RESPONSE, "ignored", false), 0);
	bench_expect(bench, HBK_CHAIN_REQUEST, "1ac", false);
	bench_expect(bench, HBK_CHAIN_RESPONSE, "", false);
	bench_free(bench);
}

/* More streams than may linger: the oldest are ended by the host. */
static void lingering_is_bounded(void **state)
{
	struct bench *bench = bench_new();
	struct hbk_vm *vm;
	u32 i;

	(void)state;
	vm = bench_add(bench, "probe", "on_done: return 0\non_log: log 1 \"gone\"");
	for (i = 0; i < HBK_PROXY_LINGERING_MAX + 3; i++) {
		bench_open(bench, "c", HBK_CHAIN_RAW);
		hbk_chain_free(bench->chain);
	}
	bench->chain = NULL;
	assert_int_equal(vm->lingering_count, HBK_PROXY_LINGERING_MAX);
	assert_string_equal(bench->log, "1 gone\n1 gone\n1 gone\n");
	bench->log[0] = '\0';
	assert_false(hbk_vm_shutdown(vm));
	bench_free(bench);
}

/* What is known of a connection is known to its end, and not after. */
static void properties_to_the_end(void **state)
{
	struct bench *bench = bench_new();
	struct hbk_vm *vm;

	(void)state;
	vm = bench_add(bench, "probe",
		       "on_context_create: get_property \"connected\"\n"
		       "on_done[1]: get_property \"connected\"; return 0\n"
		       "on_done[2]: get_property \"connected\"\n"
		       "on_log: get_property \"connected\"\n"
		       "on_tick: get_property \"connected\"; set_effective_context 2; get_property \"connected\"; done");
	bench->log[0] = '\0';
	bench_open(bench, "c", HBK_CHAIN_RAW);
	hbk_chain_free(bench->chain);
	assert_string_equal(bench->log, "2 yes\n2 yes\n");
	bench->log[0] = '\0';
	hbk_vm_tick(vm);
	assert_string_equal(bench->log, "2 no\n2 no\n2 no\n");
	bench->log[0] = '\0';
	bench_open(bench, "c", HBK_CHAIN_RAW);
	hbk_chain_free(bench->chain);
	bench->chain = NULL;
	assert_string_equal(bench->log, "2 yes\n2 yes\n2 yes\n");
	bench_free(bench);
}

/* What the host does for a guest is paid for: a buffer that is moved again and again, for one. */
static void host_work_is_paid_for(void **state)
{
	struct bench *bench = bench_new();
	static char bytes[HBK_PROXY_HELD_MAX];
	struct hbk_vm *vm;

	(void)state;
	vm = bench_add(bench, "probe", "on_downstream_data: repeat 100 set_buffer_bytes 2 0 0 \"a\"");
	bench_open(bench, "c", HBK_CHAIN_RAW);
	assert_int_equal(hbk_chain_push(bench->chain, HBK_CHAIN_REQUEST, bytes, sizeof(bytes), false), -EIO);
	assert_int_equal(vm->poisoned, HBK_WASM_TRAP_FUEL_EXHAUSTED);
	bench_free(bench);
}

/* A filter that trapped while the connection was idle is found at the next request, and only it. */
static void poisoned_between_requests(void **state)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	static const char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	const char *open;
	struct bench *bench;
	u32 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		open = i ? "ccc" : "coc";
		bench = bench_new();
		bench_add(bench, "probe", "on_request_headers: add_header_map_value 0 \"a\" \"1\"");
		bench_add(bench, "probe", "on_tick: trap");
		bench_add(bench, "probe", "on_request_headers: add_header_map_value 0 \"c\" \"3\"");
		bench_open(bench, open, HBK_CHAIN_HTTP);
		bench_push(bench, HBK_CHAIN_REQUEST, request, false);
		bench_push(bench, HBK_CHAIN_RESPONSE, response, false);
		bench_expect(bench, HBK_CHAIN_REQUEST, "GET / HTTP/1.1\r\nHost: a\r\na: 1\r\nc: 3\r\n\r\n", false);
		bench_expect(bench, HBK_CHAIN_RESPONSE, response, false);
		hbk_vm_tick(&bench->guests[1]->vm);
		bench_push(bench, HBK_CHAIN_REQUEST, request, false);
		assert_int_equal(bench->failures, 1);
		assert_int_equal(hbk_chain_has_failed(bench->chain), i);
		if (!i) {
			bench_expect(bench, HBK_CHAIN_REQUEST,
				     "GET / HTTP/1.1\r\nHost: a\r\na: 1\r\nc: 3\r\n\r\n", false);
			bench_push(bench, HBK_CHAIN_RESPONSE, response, false);
			bench_expect(bench, HBK_CHAIN_RESPONSE, response, false);
		}
		hbk_chain_free(bench->chain);
		bench->chain = NULL;
		hbk_vm_tick(&bench->guests[0]->vm);
		bench_free(bench);
	}
}

/* A queue's news come to the VM that registered it first, and to the next when that one goes. */
static void queue_news(void **state)
{
	struct bench *bench = bench_new();
	struct hbk_vm *reader, *writer;

	(void)state;
	reader = bench_add(bench, "probe", "on_configure: register_shared_queue \"jobs\"\n"
			   "on_queue_ready: dequeue_shared_queue $1; log 1 \"ready\"");
	writer = bench_add(bench, "probe", "on_tick: resolve_shared_queue \"0\" \"jobs\" &a; "
			   "enqueue_shared_queue a \"one\"; enqueue_shared_queue a \"two\"");
	hbk_vm_tick(writer);
	assert_int_equal(bench->vms_woken, 1);
	assert_string_equal(bench->log, "");
	hbk_vm_run_pending(writer);
	assert_string_equal(bench->log, "");
	hbk_vm_run_pending(reader);
	assert_string_equal(bench->log, "1 ready\n");
	hbk_vm_run_pending(reader);
	assert_string_equal(bench->log, "1 ready\n");
	bench_free(bench);
}

/* A VM that has trapped hears nothing any more: another one of its vm_id does. */
static void queue_news_of_the_dead(void **state)
{
	static const char reads[] = "on_configure: register_shared_queue \"jobs\"\non_tick: trap\n"
				    "on_queue_ready: dequeue_shared_queue $1; log 1 \"ready\"";
	struct bench *bench = bench_new();
	struct hbk_vm *first, *second, *writer;

	(void)state;
	first = bench_add_as(bench, "readers", "probe", reads);
	second = bench_add_as(bench, "readers", "probe", reads);
	writer = bench_add(bench, "probe", "on_tick: resolve_shared_queue \"readers\" \"jobs\" &a; "
			   "enqueue_shared_queue a \"one\"");
	hbk_vm_tick(writer);
	hbk_vm_tick(first);
	assert_int_equal(first->poisoned, HBK_WASM_TRAP_UNREACHABLE);
	assert_int_equal(bench->vms_woken, 2);
	hbk_vm_run_pending(first);
	assert_string_equal(bench->log, "");
	hbk_vm_run_pending(second);
	assert_string_equal(bench->log, "1 ready\n");
	bench_free(bench);
}

/* A guest that gives itself work for ever lets others work in between. */
static void queue_for_ever(void **state)
{
	struct bench *bench = bench_new();
	struct hbk_vm *vm;

	(void)state;
	vm = bench_add(bench, "probe", "on_configure: register_shared_queue \"jobs\"; enqueue_shared_queue 1 \"x\"\n"
		       "on_queue_ready: dequeue_shared_queue 1; enqueue_shared_queue 1 \"x\"");
	bench->vms_woken = 0;
	hbk_vm_run_pending(vm);
	assert_int_equal(bench->vms_woken, HBK_PROXY_QUEUES + 1);
	bench_free(bench);
}

/* Calls that wait are counted, and an answer that nobody waits for is dropped. */
static void calls_are_bounded(void **state)
{
	struct bench *bench = bench_new();
	struct hbk_vm *vm;
	u32 i;

	(void)state;
	vm = bench_add(bench, "probe",
		       "on_tick: http_call \"auth\" {\":method\": \"GET\", \":path\": \"/\", \":authority\": \"a\"} \"\" {} 9;"
		       "log 1 \"asked\"; record_metric 5 $r\n"
		       "on_http_call_response: log 1 \"answered\"");
	for (i = 0; i < HBK_PROXY_CALLS_MAX + 1; i++)
		hbk_vm_tick(vm);
	assert_int_equal(vm->last_call, HBK_PROXY_CALLS_MAX);
	bench->log[0] = '\0';
	hbk_vm_http_failed(vm, 5, "timeout");
	hbk_vm_http_failed(vm, 5, "timeout");
	hbk_vm_http_failed(vm, 0, "timeout");
	hbk_vm_http_failed(vm, HBK_PROXY_CALLS_MAX + 1, "timeout");
	assert_string_equal(bench->log, "1 answered\n");
	hbk_vm_tick(vm);
	assert_int_equal(vm->last_call, HBK_PROXY_CALLS_MAX + 1);
	bench_free(bench);
}

/* A call that could not be begun is none. */
static void call_fails(void **state)
{
	struct bench *bench = bench_new();
	struct hbk_vm *vm;

	(void)state;
	vm = bench_add(bench, "probe",
		       "on_tick: http_call \"fail\" {\":method\": \"GET\", \":path\": \"/\", \":authority\": \"a\"} \"\" {} 9;"
		       "set_tick_period_milliseconds $r");
	hbk_vm_tick(vm);
	assert_int_equal(bench->tick, HBK_PROXY_INTERNAL_FAILURE);
	assert_int_equal(vm->last_call, 0);
	assert_int_equal(vm->calls[0], 0);
	bench_free(bench);
}

static void properties_are_bounded(void **state)
{
	struct bench *bench = bench_new();
	struct hbk_vm *vm;
	char config[4096] = "on_tick: ";
	u32 i;

	(void)state;
	for (i = 0; i < HBK_PROXY_PROPERTIES_MAX + 1; i++)
		sprintf(config + strlen(config), "set_property \"p%u\" \"v\"; ", i);
	strcat(config, "set_tick_period_milliseconds $r");
	vm = bench_add(bench, "probe", config);
	hbk_vm_tick(vm);
	assert_int_equal(bench->tick, HBK_PROXY_INTERNAL_FAILURE);
	assert_int_equal(vm->root.property_count, HBK_PROXY_PROPERTIES_MAX);
	bench_free(bench);
}

void add_chain_tests(struct tests *tests)
{
	tests_add(tests, "chain: without a filter", no_filter, NULL);
	tests_add(tests, "chain: order of filters", order, NULL);
	tests_add(tests, "chain: one in the middle holds", hold_in_the_middle, NULL);
	tests_add(tests, "chain: back-pressure", back_pressure, NULL);
	tests_add(tests, "chain: bytes are handed over", bytes_are_handed_over, NULL);
	tests_add(tests, "chain: what was held goes on first", what_was_held_goes_on_first, NULL);
	tests_add(tests, "chain: lets the other flow go", lets_the_other_flow_go, NULL);
	tests_add(tests, "chain: failing lets both flows go", failing_lets_both_flows_go, NULL);
	tests_add(tests, "chain: room follows what filters change", room_follows_what_filters_change, NULL);
	tests_add(tests, "chain: clear", clear, NULL);
	tests_add(tests, "chain: a buffer bomb", buffer_bomb, NULL);
	tests_add(tests, "chain: fails closed", fails_closed, NULL);
	tests_add(tests, "chain: fails open", fails_open, NULL);
	tests_add(tests, "chain: poisoned from outside", poisoned_from_outside, NULL);
	tests_add(tests, "chain: poisoned between requests", poisoned_between_requests, NULL);
	tests_add(tests, "chain: a filter without a VM", without_a_vm, NULL);
	tests_add(tests, "chain: an endless loop", endless_loop, NULL);
	tests_add(tests, "chain: closed by one in the middle", close_in_the_middle, NULL);
	tests_add(tests, "chain: lingering streams are bounded", lingering_is_bounded, NULL);
	tests_add(tests, "chain: properties to the end", properties_to_the_end, NULL);
	tests_add(tests, "chain: what the host does is paid for", host_work_is_paid_for, NULL);
	tests_add(tests, "vm: news of queues", queue_news, NULL);
	tests_add(tests, "vm: news of queues after a trap", queue_news_of_the_dead, NULL);
	tests_add(tests, "vm: a queue for ever", queue_for_ever, NULL);
	tests_add(tests, "vm: calls are bounded", calls_are_bounded, NULL);
	tests_add(tests, "vm: a call that fails", call_fails, NULL);
	tests_add(tests, "vm: properties are bounded", properties_are_bounded, NULL);
}
