// SPDX-License-Identifier: GPL-2.0-only
/* Event scripts: the environment that a guest finds in a trial, and what happens to it there. */
#include "trial.h"

#include "../http/call.h"
#include "chain.h"
#include "hub.h"
#include "map.h"
#include "stream.h"
#include "trace.h"
#include "trial_script.h"

#define TRIAL_NAME	"trial"
#define TRIAL_CLOCK	1700000000000000000ull
#define STRING_MAX	HBK_PROXY_SCRIPT_MAX

/* A property, or an upstream (then there is no value). */
struct fact {
	struct fact *next;
	u32 name_length;
	u32 length;
	u8 bytes[];		/* name, value */
};

/**
 * struct trial - a trial that runs
 * @engine: first, see struct hbk_trial_engine
 * @ops: the environment's
 * @env: the environment
 * @hub: what the guest shares with nobody
 * @trace: what is written down
 * @vm: the guest's
 * @chain: of the connection that is open
 * @clock: now
 * @advanced: since the begin
 * @random: the next byte
 * @budget: instructions of a callback; 0 for the usual number
 * @head_calls: which calls asked for a head only
 * @properties: that the script names
 * @upstreams: likewise
 * @vm_config: VM configuration
 * @plugin_config: plugin configuration
 * @root: plugin_root_id
 * @string: of the line that is looked at
 * @piece: what is pushed; may hold as much as the chain's own buffers, so that the chain uses it
 * @mode: what connections carry
 * @open: onFailure
 * @ended: the end of a flow that was written down
 * @started: `start` has been seen
 * @made: the guest has an instance
 * @dead: it does not run, or not any more
 * @woken: the chain is to be resumed
 */
struct trial {
	const struct hbk_trial_engine *engine;
	struct hbk_proxy_ops ops;
	struct hbk_proxy_env env;
	struct hbk_hub hub;
	struct hbk_trace trace;
	struct hbk_vm vm;
	struct hbk_chain *chain;
	u64 clock;
	u64 advanced;
	u8 random;
	u64 budget;
	u32 head_calls[HBK_PROXY_CALLS_MAX];
	struct fact *properties;
	struct fact *upstreams;
	struct hbk_buffer vm_config;
	struct hbk_buffer plugin_config;
	struct hbk_buffer root;
	struct hbk_buffer string;
	struct hbk_buffer piece;
	enum hbk_chain_mode mode;
	bool open;
	bool ended[HBK_CHAIN_FLOWS];
	bool started;
	bool made;
	bool dead;
	bool woken;
};

static struct trial *trial_of(struct hbk_vm *vm)
{
	return vm->owner;
}

/* Facts. */

static const struct fact *find_fact(const struct fact *fact, const void *name, u32 length)
{
	while (fact && (fact->name_length != length || memcmp(fact->bytes, name, length)))
		fact = fact->next;
	return fact;
}

static bool add_fact(struct trial *trial, struct fact **list, const struct hbk_script_word *name,
		     const struct hbk_buffer *value)
{
	struct hbk_wasm_heap *heap = trial->env.heap;
	size_t length = value ? value->length : 0;
	struct fact *fact = heap->allocate(heap, sizeof(*fact) + name->length + length);

	if (!fact)
		return false;
	fact->name_length = name->length;
	fact->length = length;
	memcpy(fact->bytes, name->text, name->length);
	if (length)
		memcpy(fact->bytes + name->length, hbk_buffer_data(value), length);
	fact->next = *list;
	*list = fact;
	return true;
}

static void release_facts(struct trial *trial, struct fact *fact)
{
	struct hbk_wasm_heap *heap = trial->env.heap;
	struct fact *next;

	for (; fact; fact = next) {
		next = fact->next;
		heap->release(heap, fact, sizeof(*fact) + fact->name_length + fact->length);
	}
}

/* The environment. */

static void no_lock(struct hbk_vm *vm)
{
	(void)vm;
}

static void no_hub_lock(struct hbk_hub *hub)
{
	(void)hub;
}

static void trial_log(struct hbk_vm *vm, enum hbk_proxy_log_level level, const char *text, u32 length)
{
	static const char * const names[HBK_PROXY_LOG_LEVELS] = {
		"trace", "debug", "info", "warn", "error", "critical",
	};
	struct hbk_trace *trace = vm->env->trace;
	size_t begin = hbk_trace_begin(trace);

	hbk_trace_text(trace, "log %s ", names[level]);
	hbk_trace_bytes(trace, text, length);
	hbk_trace_end(trace, begin);
}

static enum hbk_proxy_log_level trial_log_level(struct hbk_vm *vm)
{
	(void)vm;
	return HBK_PROXY_TRACE;
}

static u64 trial_clock(struct hbk_vm *vm, bool monotonic)
{
	struct trial *trial = trial_of(vm);

	return monotonic ? trial->advanced : trial->clock;
}

static void trial_random(struct hbk_vm *vm, void *to, u32 length)
{
	u8 *byte = to;

	while (length--)
		*byte++ = trial_of(vm)->random++;
}

static int trial_property(struct hbk_vm *vm, struct hbk_stream *stream, const char *path, u32 length,
			  struct hbk_buffer *value)
{
	const struct fact *fact = find_fact(trial_of(vm)->properties, path, length);

	(void)stream;
	if (!fact)
		return -ENOENT;
	return hbk_buffer_append(value, fact->bytes + fact->name_length, fact->length);
}

static int trial_http_call(struct hbk_vm *vm, const struct hbk_http_call *call)
{
	struct trial *trial = trial_of(vm);
	const u8 *method;
	u32 length, i;

	if (!find_fact(trial->upstreams, call->upstream, call->upstream_length))
		return -ENOENT;
	for (i = 0; i < HBK_PROXY_CALLS_MAX; i++)
		if (vm->calls[i] == call->id)
			break;
	trial->head_calls[i] = hbk_map_get(call->headers, ":method", 7, &method, &length) &&
			       length == 4 && !memcmp(method, "HEAD", 4);
	return 0;
}

static void trial_tick(struct hbk_vm *vm, u32 milliseconds)
{
	hbk_trace_line(vm->env->trace, "tick %u", milliseconds);
}

static void trial_wake_chain(struct hbk_chain *chain)
{
	((struct trial *)chain->owner)->woken = true;
}

/* Queues are told of by an event of the script. */
static void trial_wake_vm(struct hbk_vm *vm)
{
	(void)vm;
}

static void trial_failed(struct hbk_chain *chain, u32 index, enum hbk_wasm_trap trap, bool bypassed)
{
	(void)index;
	(void)trap;
	if (bypassed)
		hbk_trace_line(chain->env->trace, "bypass");
}

static enum hbk_proxy_status echo(struct hbk_vm *vm, const u8 *arguments, u32 length,
				  struct hbk_buffer *result)
{
	(void)vm;
	return hbk_buffer_append(result, arguments, length) ? HBK_PROXY_INTERNAL_FAILURE : HBK_PROXY_OK;
}

static const struct hbk_foreign foreign_echo = { .name = "echo", .call = echo };

static void refuse(struct trial *trial, const char *text)
{
	hbk_trace_line(&trial->trace, "error %s", text);
}

/* After each event: what became possible by it, and what came out. */

static void put_out(struct trial *trial, enum hbk_chain_flow flow)
{
	struct hbk_trace *trace = &trial->trace;
	size_t begin = hbk_trace_begin(trace), length;
	const u8 *bytes = hbk_chain_out(trial->chain, flow, &length);
	bool end = hbk_chain_out_ended(trial->chain, flow) && !trial->ended[flow];

	if (!length && !end)
		return;
	hbk_trace_text(trace, "out %s ", flow == HBK_CHAIN_REQUEST ? "up" : "down");
	hbk_trace_bytes(trace, bytes, length);
	if (end)
		hbk_trace_text(trace, " end");
	hbk_trace_end(trace, begin);
	trial->ended[flow] |= end;
	hbk_chain_out_consume(trial->chain, flow, length);
}

static void end_connection(struct trial *trial, enum hbk_proxy_peer peer)
{
	hbk_chain_close(trial->chain, peer);
	hbk_chain_free(trial->chain);
	trial->chain = NULL;
}

static void settle_chain(struct trial *trial)
{
	u32 round;

	for (round = 0; trial->woken && round < HBK_PROXY_ROUNDS_MAX; round++) {
		trial->woken = false;
		hbk_chain_resume(trial->chain);
	}
	put_out(trial, HBK_CHAIN_REQUEST);
	put_out(trial, HBK_CHAIN_RESPONSE);
	if (!hbk_chain_has_failed(trial->chain) && !hbk_chain_wants_close(trial->chain))
		return;
	hbk_trace_line(&trial->trace, hbk_chain_has_failed(trial->chain) ? "fail" : "close");
	end_connection(trial, HBK_PROXY_PEER_LOCAL);
}

static void end_plugin(struct trial *trial)
{
	hbk_vm_release(&trial->vm);
	trial->dead = true;
}

static void settle(struct trial *trial)
{
	if (trial->chain)
		settle_chain(trial);
	if (!trial->dead && trial->vm.root.pending && trial->vm.root_done)
		end_plugin(trial);
}

/* Set-up. What a line says is in @word, @number and trial->string. */

static bool set_mode(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	(void)number;
	trial->mode = hbk_script_is(word, "http") ? HBK_CHAIN_HTTP : HBK_CHAIN_RAW;
	return hbk_script_is(word, "http") || hbk_script_is(word, "raw");
}

static bool set_on_failure(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	(void)number;
	trial->open = hbk_script_is(word, "open");
	return trial->open || hbk_script_is(word, "closed");
}

static bool set_vm_config(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	(void)word;
	(void)number;
	return !hbk_buffer_move(&trial->vm_config, &trial->string);
}

static bool set_plugin_config(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	(void)word;
	(void)number;
	return !hbk_buffer_move(&trial->plugin_config, &trial->string);
}

static bool set_root(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	(void)word;
	(void)number;
	return !hbk_buffer_move(&trial->root, &trial->string);
}

static bool set_clock(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	(void)word;
	trial->clock = number;
	return true;
}

static bool set_seed(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	(void)word;
	trial->random = number;
	return true;
}

static bool set_budget(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	(void)word;
	trial->budget = number;
	return true;
}

static bool add_upstream(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	(void)number;
	return add_fact(trial, &trial->upstreams, word, NULL);
}

static bool add_property(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	(void)number;
	return add_fact(trial, &trial->properties, word, &trial->string);
}

/* Events. What they are refused for is told in the trace; false is for lines that make no sense. */

static bool begin_plugin(struct trial *trial, const char **why)
{
	const struct hbk_vm_config config = {
		.name = TRIAL_NAME,
		.root_id = (const char *)hbk_buffer_data(&trial->root),
		.vm = hbk_buffer_data(&trial->vm_config),
		.vm_length = trial->vm_config.length,
		.plugin = hbk_buffer_data(&trial->plugin_config),
		.plugin_length = trial->plugin_config.length,
		.budget = trial->budget,
	};
	enum hbk_wasm_trap trap;

	if (hbk_vm_init(&trial->vm, &trial->env, trial->engine->module, NULL, &config, why))
		return false;
	trial->vm.owner = trial;
	*why = "the guest trapped";
	trap = trial->engine->make(trial->engine, &trial->vm);
	if (trap) {
		hbk_trace_line(&trial->trace, "trap %s", hbk_wasm_trap_name(trap));
		return false;
	}
	trial->made = true;
	if (!hbk_vm_start(&trial->vm, why))
		return true;
	if (trial->vm.poisoned)
		*why = "the guest trapped";
	return false;
}

static bool event_start(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	const char *why;

	(void)word;
	(void)number;
	if (hbk_buffer_append(&trial->root, "", 1))
		return false;
	trial->started = true;
	if (begin_plugin(trial, &why))
		return true;
	refuse(trial, why);
	trial->dead = true;
	return true;
}

static bool event_open(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	const struct hbk_chain_entry entry = { .vm = &trial->vm, .open = trial->open };

	(void)word;
	(void)number;
	if (trial->chain) {
		refuse(trial, "a connection is open");
		return true;
	}
	memset(trial->ended, 0, sizeof(trial->ended));
	trial->woken = false;
	trial->chain = hbk_chain_create(&trial->env, &entry, 1, trial->mode, trial);
	return trial->chain;
}

static bool push(struct trial *trial, enum hbk_chain_flow flow, bool end)
{
	size_t room;

	if (!trial->chain) {
		refuse(trial, "no connection");
		return true;
	}
	room = hbk_chain_room(trial->chain, flow);
	if (trial->string.length > room) {
		hbk_trace_line(&trial->trace, "room %zu", room);
		trial->string.length = room;
		end = false;
	}
	hbk_buffer_move(&trial->piece, &trial->string);
	hbk_chain_push_buffer(trial->chain, flow, &trial->piece, end);
	return true;
}

static bool event_down(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	(void)word;
	return push(trial, HBK_CHAIN_REQUEST, number);
}

static bool event_up(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	(void)word;
	return push(trial, HBK_CHAIN_RESPONSE, number);
}

static bool event_close(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	bool local = hbk_script_is(word, "local");

	(void)number;
	if (!local && !hbk_script_is(word, "remote"))
		return false;
	if (trial->chain)
		end_connection(trial, local ? HBK_PROXY_PEER_LOCAL : HBK_PROXY_PEER_REMOTE);
	else
		refuse(trial, "no connection");
	return true;
}

static bool event_tick(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	(void)word;
	(void)number;
	hbk_vm_tick(&trial->vm);
	return true;
}

static bool event_advance(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	(void)word;
	trial->clock += number;
	trial->advanced += number;
	return true;
}

/* HBK_PROXY_CALLS_MAX if there is no such call. */
static u32 slot_of(const struct trial *trial, u64 id)
{
	u32 i;

	for (i = 0; i < HBK_PROXY_CALLS_MAX; i++)
		if (id && trial->vm.calls[i] == id)
			break;
	return i;
}

static void answer(struct trial *trial, u32 slot)
{
	struct hbk_wasm_heap *heap = trial->env.heap;
	struct hbk_map headers, trailers;
	struct hbk_buffer body;

	hbk_map_init(&headers, heap, HBK_MAP_RESPONSE);
	hbk_map_init(&trailers, heap, HBK_MAP_FIELDS);
	hbk_buffer_init(&body, heap, HBK_PROXY_CALL_BODY_MAX);
	if (hbk_http_answer_parse(heap, trial->head_calls[slot], hbk_buffer_data(&trial->string),
				  trial->string.length, true, &headers, &body, &trailers))
		refuse(trial, "not an HTTP response");
	else
		hbk_vm_http_response(&trial->vm, trial->vm.calls[slot], &headers, &body, &trailers);
	hbk_map_clear(&headers);
	hbk_map_clear(&trailers);
	hbk_buffer_release(&body);
}

static bool event_http_response(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	u32 slot = slot_of(trial, number);

	(void)word;
	if (slot < HBK_PROXY_CALLS_MAX)
		answer(trial, slot);
	else
		refuse(trial, "no such call");
	return true;
}

static bool event_http_timeout(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	(void)word;
	if (slot_of(trial, number) < HBK_PROXY_CALLS_MAX)
		hbk_vm_http_failed(&trial->vm, number, "timeout");
	else
		refuse(trial, "no such call");
	return true;
}

static bool event_queue(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	u32 id;

	(void)number;
	if (hbk_hub_queue_resolve(&trial->hub, TRIAL_NAME, strlen(TRIAL_NAME), word->text,
				  word->length, &id))
		refuse(trial, "no such queue");
	else
		hbk_vm_queue_ready(&trial->vm, id);
	return true;
}

static bool event_foreign(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	(void)word;
	hbk_vm_foreign_function(&trial->vm, number, hbk_buffer_data(&trial->string),
				trial->string.length);
	return true;
}

static bool event_done(struct trial *trial, const struct hbk_script_word *word, u64 number)
{
	(void)word;
	(void)number;
	if (trial->chain)
		refuse(trial, "a connection is open");
	else if (hbk_vm_shutdown(&trial->vm))
		end_plugin(trial);
	return true;
}

enum phase {
	SET_UP,		/* before `start` */
	START,
	CONNECTION,	/* needs a guest that runs, or one that is left out */
	GUEST,		/* needs a guest that runs */
	ANYTIME,
};

/* @arguments: w a word, n a number, s a string, e the word "end" or nothing (a number, 1 or 0). */
static const struct {
	const char *name;
	const char *arguments;
	enum phase phase;
	bool (*run)(struct trial *trial, const struct hbk_script_word *word, u64 number);
} lines[] = {
	{ "mode", "w", SET_UP, set_mode },
	{ "on_failure", "w", SET_UP, set_on_failure },
	{ "vm_config", "s", SET_UP, set_vm_config },
	{ "plugin_config", "s", SET_UP, set_plugin_config },
	{ "root", "s", SET_UP, set_root },
	{ "clock", "n", SET_UP, set_clock },
	{ "seed", "n", SET_UP, set_seed },
	{ "budget", "n", SET_UP, set_budget },
	{ "upstream", "w", SET_UP, add_upstream },
	{ "property", "ws", SET_UP, add_property },
	{ "start", "", START, event_start },
	{ "open", "", CONNECTION, event_open },
	{ "down", "se", CONNECTION, event_down },
	{ "up", "se", CONNECTION, event_up },
	{ "close", "w", CONNECTION, event_close },
	{ "tick", "", GUEST, event_tick },
	{ "advance", "n", ANYTIME, event_advance },
	{ "http_response", "ns", GUEST, event_http_response },
	{ "http_timeout", "n", GUEST, event_http_timeout },
	{ "queue", "w", GUEST, event_queue },
	{ "foreign", "ns", GUEST, event_foreign },
	{ "done", "", GUEST, event_done },
};

#define LINES	(sizeof(lines) / sizeof(lines[0]))

static bool parse(struct trial *trial, const char *arguments, struct hbk_script_line *line,
		  struct hbk_script_word *word, u64 *number)
{
	struct hbk_script_word end;
	bool good = true;

	for (; *arguments && good; arguments++) {
		if (*arguments == 'w') {
			good = hbk_script_word(line, word);
		} else if (*arguments == 'n') {
			good = hbk_script_number(line, number);
		} else if (*arguments == 's') {
			good = hbk_script_string(line, &trial->string);
		} else {
			*number = !hbk_script_ends(line);
			good = !*number || (hbk_script_word(line, &end) && hbk_script_is(&end, "end"));
		}
	}
	return good && hbk_script_ends(line);
}

/* Why an event is not possible now; NULL if it is. */
static const char *objection(const struct trial *trial, enum phase phase)
{
	if (phase == ANYTIME)
		return NULL;
	if (phase == SET_UP || phase == START)
		return trial->started ? "started already" : NULL;
	if (!trial->started)
		return "not started";
	if (trial->dead || (trial->vm.poisoned && (phase == GUEST || !trial->open)))
		return "not running";
	return NULL;
}

static bool run_line(struct trial *trial, struct hbk_script_line *line)
{
	struct hbk_script_word name, word = { NULL, 0 };
	const char *objects;
	u64 number = 0;
	size_t i;

	hbk_script_word(line, &name);
	for (i = 0; i < LINES; i++)
		if (hbk_script_is(&name, lines[i].name))
			break;
	if (i == LINES || !parse(trial, lines[i].arguments, line, &word, &number))
		return false;
	objects = objection(trial, lines[i].phase);
	if (objects)
		refuse(trial, objects);
	else if (!lines[i].run(trial, &word, number))
		return false;
	settle(trial);
	return true;
}

static int run(struct trial *trial, const char *text, size_t length)
{
	struct hbk_script script = { .at = text, .end = text + length };
	struct hbk_script_line line;

	while (hbk_script_next(&script, &line)) {
		if (!run_line(trial, &line)) {
			hbk_trace_line(&trial->trace, "error line %u: this is no event, or not how it is written",
				       script.line);
			return -EINVAL;
		}
		if (trial->trace.full)
			return -E2BIG;
	}
	return 0;
}

static void trial_init(struct trial *trial, const struct hbk_trial_engine *engine,
		       struct hbk_buffer *trace)
{
	struct hbk_wasm_heap *heap = engine->heap;

	trial->engine = engine;
	trial->ops = (struct hbk_proxy_ops){
		.call = engine->call,
		.memory = engine->memory,
		.lock = no_lock,
		.unlock = no_lock,
		.log = trial_log,
		.log_level = trial_log_level,
		.clock = trial_clock,
		.random = trial_random,
		.property = trial_property,
		.http_call = trial_http_call,
		.tick = trial_tick,
		.wake_chain = trial_wake_chain,
		.wake_vm = trial_wake_vm,
		.failed = trial_failed,
	};
	trial->env = (struct hbk_proxy_env){
		.ops = &trial->ops, .heap = heap, .hub = &trial->hub, .trace = &trial->trace,
	};
	trial->hub.lock = no_hub_lock;
	trial->hub.unlock = no_hub_lock;
	hbk_hub_init(&trial->hub, heap);
	hbk_hub_register_foreign(&trial->hub, &foreign_echo);
	trial->trace.lines = trace;
	hbk_buffer_init(&trial->trace.open, heap, HBK_PROXY_TRACE_MAX);
	hbk_buffer_init(&trial->vm_config, heap, STRING_MAX);
	hbk_buffer_init(&trial->plugin_config, heap, STRING_MAX);
	hbk_buffer_init(&trial->root, heap, STRING_MAX);
	hbk_buffer_init(&trial->string, heap, STRING_MAX);
	hbk_buffer_init(&trial->piece, heap, HBK_PROXY_BUFFER_MAX);
	trial->clock = TRIAL_CLOCK;
}

/* Nothing is called any more. */
static void trial_release(struct trial *trial)
{
	trial->vm.poisoned = HBK_WASM_TRAP_INTERRUPTED;
	hbk_chain_free(trial->chain);
	if (trial->vm.env)
		hbk_vm_release(&trial->vm);
	if (trial->made)
		trial->engine->destroy(trial->engine, &trial->vm);
	hbk_hub_release(&trial->hub);
	release_facts(trial, trial->properties);
	release_facts(trial, trial->upstreams);
	hbk_buffer_release(&trial->vm_config);
	hbk_buffer_release(&trial->plugin_config);
	hbk_buffer_release(&trial->root);
	hbk_buffer_release(&trial->string);
	hbk_buffer_release(&trial->piece);
	hbk_buffer_release(&trial->trace.open);
}

/**
 * hbk_trial_run() - run a script, see trial.h
 * @engine: of the guest
 * @script: text
 * @length: of it
 * @trace: gets the lines
 */
int hbk_trial_run(const struct hbk_trial_engine *engine, const char *script, size_t length,
		  struct hbk_buffer *trace)
{
	struct trial *trial;
	int err;

	if (length > HBK_PROXY_SCRIPT_MAX)
		return -E2BIG;
	trial = engine->heap->allocate(engine->heap, sizeof(*trial));
	if (!trial)
		return -ENOMEM;
	trial_init(trial, engine, trace);
	err = run(trial, script, length);
	trial_release(trial);
	engine->heap->release(engine->heap, trial, sizeof(*trial));
	return err;
}
