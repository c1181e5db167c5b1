// SPDX-License-Identifier: Apache-2.0
/*
 * probe - a guest that does what its configuration says: one program of host calls for each callback
 *
 *	on_request_headers: get_header_map_value 0 "x-a" &p &l; add_header_map_value 0 "k" p l; return 1
 *	on_request_body[2]: continue_stream 0
 *
 * README.md has the language. Programs of on_vm_start and of what comes before stand in the VM's configuration, all
 * others in the plugin's, or in the VM's where that one is silent.
 */
#define PW_NO_MALLOC_EXPORT
#include "proxy_wasm.h"

#define PW_UNSTABLE(name) PW_IMPORT("wasi_unstable", name) uint32_t unstable_##name

PW_UNSTABLE(fd_write)(uint32_t descriptor, const struct pw_iovec *vector, size_t count, size_t *written);
PW_UNSTABLE(clock_time_get)(uint32_t clock, uint64_t precision, uint64_t *time);
PW_UNSTABLE(random_get)(void *buffer, size_t size);
PW_UNSTABLE(environ_sizes_get)(size_t *count, size_t *size);
PW_UNSTABLE(environ_get)(char **environment, char *buffer);
PW_UNSTABLE(args_sizes_get)(size_t *count, size_t *size);
PW_UNSTABLE(args_get)(char **arguments, char *buffer);
PW_IMPORT("wasi_unstable", proc_exit) void unstable_proc_exit(uint32_t code);
PW_IMPORT("env", emscripten_notify_memory_growth) void emscripten_notify_memory_growth(uint32_t memory);

enum {
	ARGUMENTS_MOST = 12,
	SLOTS = 26,
	HIDDEN = 4,
	SCRATCH = 4096,
	STRINGS_MOST = 32,
	PAIRS_MOST = 64,
};

struct source {
	const char *at;
	const char *end;
};

static struct pw_bytes vm_program, plugin_program;
static uint64_t slots[SLOTS], hidden[HIDDEN];
static char scratch[SCRATCH];
static uint32_t arguments[5];
static uint64_t last;

/* What one statement needed; given back at its end. */
static void *strings[STRINGS_MOST];
static size_t strings_count;

static _Noreturn void fail(const char *why, struct pw_bytes what)
{
	char line[160];
	struct pw_text text = PW_TEXT(line);

	pw_put(&text, "probe: ");
	pw_put_bytes(&text, (struct pw_bytes){(char *)why, strlen(why)});
	pw_put(&text, ": ");
	pw_put_json(&text, what);
	pw_text_log(PROXY_LOG_CRITICAL, &text);
	__builtin_trap();
}

static struct pw_bytes rest(struct source *source)
{
	size_t size = (size_t)(source->end - source->at);

	return (struct pw_bytes){(char *)source->at, size < 60 ? size : 60};
}

static void *take_memory(size_t size)
{
	void *memory = malloc(size ? size : 1);

	if (!memory || strings_count == STRINGS_MOST)
		fail("no room for the strings of a statement", (struct pw_bytes){NULL, 0});
	strings[strings_count++] = memory;
	return memory;
}

static char peek(struct source *source)
{
	while (source->at < source->end && (*source->at == ' ' || *source->at == ',' || *source->at == ':'))
		source->at++;
	return source->at < source->end ? *source->at : 0;
}

static bool is_word(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '_';
}

static struct pw_bytes word(struct source *source)
{
	const char *start = source->at;

	while (source->at < source->end && is_word(*source->at))
		source->at++;
	return (struct pw_bytes){(char *)start, (size_t)(source->at - start)};
}

static uint32_t digit_of(char byte)
{
	if (byte >= '0' && byte <= '9')
		return (uint32_t)(byte - '0');
	byte = pw_lower(byte);
	return byte >= 'a' && byte <= 'f' ? (uint32_t)(byte - 'a' + 10) : 255;
}

static uint64_t number(struct source *source)
{
	struct source start = *source;
	bool negative = *source->at == '-';
	uint64_t value = 0;
	uint32_t base = 10;

	source->at += negative;
	if (source->end - source->at > 2 && source->at[0] == '0' && source->at[1] == 'x') {
		base = 16;
		source->at += 2;
	}
	if (source->at == source->end || digit_of(*source->at) >= base)
		fail("not an argument", rest(&start));
	while (source->at < source->end && digit_of(*source->at) < base)
		value = value * base + digit_of(*source->at++);
	return negative ? -value : value;
}

static char unescape(struct source *source)
{
	char kind = *source->at++;

	switch (kind) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case '0':
		return 0;
	case 'x':
		if (source->end - source->at < 2)
			fail("half an escape", rest(source));
		source->at += 2;
		return (char)(digit_of(source->at[-2]) << 4 | digit_of(source->at[-1]));
	default:
		return kind;
	}
}

/* By doubling what is there: a guest's instructions are counted. */
static struct pw_bytes repeated(struct pw_bytes once, uint64_t times)
{
	struct pw_bytes all = {take_memory(once.size * times), once.size * times};
	size_t done = all.size ? once.size : 0;

	memcpy(all.data, once.data, done);
	while (done < all.size) {
		size_t size = done < all.size - done ? done : all.size - done;

		memcpy(all.data + done, all.data, size);
		done += size;
	}
	return all;
}

/* "text", and "text"*N for as many of them. */
static struct pw_bytes piece(struct source *source)
{
	struct source start = *source;
	struct pw_bytes once;

	source->at++;
	once.data = take_memory((size_t)(source->end - source->at));
	once.size = 0;
	while (source->at < source->end && *source->at != '"') {
		char byte = *source->at++;

		once.data[once.size++] = byte == '\\' && source->at < source->end ? unescape(source) : byte;
	}
	if (source->at++ == source->end)
		fail("a string without end", rest(&start));
	if (source->at == source->end || *source->at != '*')
		return once;
	source->at++;
	return repeated(once, number(source));
}

/* Pieces that are joined by +. */
static struct pw_bytes string(struct source *source)
{
	struct pw_bytes all = piece(source);

	while (source->end - source->at > 1 && source->at[0] == '+' && source->at[1] == '"') {
		struct pw_bytes next, joined;

		source->at++;
		next = piece(source);
		joined = (struct pw_bytes){take_memory(all.size + next.size), all.size + next.size};
		memcpy(joined.data, all.data, all.size);
		memcpy(joined.data + all.size, next.data, next.size);
		all = joined;
	}
	return all;
}

/* {"key": "value", …}: serialised. */
static struct pw_bytes pairs(struct source *source)
{
	static struct pw_pair list[PAIRS_MOST];
	struct pw_text text = {0};
	size_t count = 0;

	source->at++;
	text.room = sizeof(uint32_t);
	while (peek(source) == '"') {
		if (count == PAIRS_MOST)
			fail("too many pairs", rest(source));
		list[count].key = string(source);
		if (peek(source) != '"')
			fail("a key without a value", rest(source));
		list[count].value = string(source);
		text.room += list[count].key.size + list[count].value.size + 2 * sizeof(uint32_t) + 2;
		count++;
	}
	if (peek(source) != '}')
		fail("pairs without end", rest(source));
	source->at++;
	text.data = take_memory(text.room);
	pw_put_pairs(&text, list, count);
	return (struct pw_bytes){text.data, text.size};
}

/* ["one" "two"]: a vector of fd_write. */
static struct pw_bytes vector(struct source *source)
{
	struct pw_iovec *list = take_memory(STRINGS_MOST * sizeof(*list));
	size_t count = 0;

	source->at++;
	while (peek(source) == '"') {
		struct pw_bytes bytes = string(source);

		list[count++] = (struct pw_iovec){bytes.data, bytes.size};
	}
	if (peek(source) != ']')
		fail("a vector without end", rest(source));
	source->at++;
	return (struct pw_bytes){(char *)list, count};
}

static uint64_t *slot(struct source *source)
{
	struct source start = *source;
	struct pw_bytes name = word(source);

	if (name.size != 1 || *name.data < 'a' || *name.data > 'z')
		fail("not a slot", rest(&start));
	return &slots[*name.data - 'a'];
}

static uint64_t special(struct source *source)
{
	char which = ++source->at < source->end ? *source->at++ : 0;

	if (which == 'r')
		return last;
	if (which < '0' || which > '4')
		fail("not an argument of the callback", rest(source));
	return arguments[which - '0'];
}

/* One token, which may be two values; says how many. */
static size_t argument(struct source *source, uint64_t *values)
{
	struct pw_bytes bytes;

	switch (peek(source)) {
	case '"':
		bytes = string(source);
		break;
	case '{':
		bytes = pairs(source);
		break;
	case '[':
		bytes = vector(source);
		break;
	case '&':
		source->at++;
		values[0] = (uintptr_t)slot(source);
		return 1;
	case '@':
		source->at++;
		values[0] = (uintptr_t)scratch + number(source);
		return 1;
	case '$':
		values[0] = special(source);
		return 1;
	default:
		values[0] = *source->at >= 'a' ? *slot(source) : number(source);
		return 1;
	}
	values[0] = (uintptr_t)bytes.data;
	values[1] = bytes.size;
	return 2;
}

/*
 * The host calls: name, parameters, the call. i is a 32-bit value, l a 64-bit one; d (a pointer to data that the host
 * writes) and o (any other place where it writes) may be left out at the end.
 */
#define I(n) ((uint32_t)a[n])
#define P(n) ((void *)(uintptr_t)(uint32_t)a[n])
#define HOST_CALLS(X) \
	X(log, "iii", proxy_log(I(0), P(1), I(2))) \
	X(get_log_level, "o", proxy_get_log_level(P(0))) \
	X(get_current_time_nanoseconds, "o", proxy_get_current_time_nanoseconds(P(0))) \
	X(set_tick_period_milliseconds, "i", proxy_set_tick_period_milliseconds(I(0))) \
	X(get_buffer_bytes, "iiido", proxy_get_buffer_bytes(I(0), I(1), I(2), P(3), P(4))) \
	X(set_buffer_bytes, "iiiii", proxy_set_buffer_bytes(I(0), I(1), I(2), P(3), I(4))) \
	X(get_buffer_status, "ioo", proxy_get_buffer_status(I(0), P(1), P(2))) \
	X(continue_stream, "i", proxy_continue_stream(I(0))) \
	X(close_stream, "i", proxy_close_stream(I(0))) \
	X(get_header_map_size, "io", proxy_get_header_map_size(I(0), P(1))) \
	X(get_header_map_pairs, "ido", proxy_get_header_map_pairs(I(0), P(1), P(2))) \
	X(set_header_map_pairs, "iii", proxy_set_header_map_pairs(I(0), P(1), I(2))) \
	X(get_header_map_value, "iiido", proxy_get_header_map_value(I(0), P(1), I(2), P(3), P(4))) \
	X(add_header_map_value, "iiiii", proxy_add_header_map_value(I(0), P(1), I(2), P(3), I(4))) \
	X(replace_header_map_value, "iiiii", proxy_replace_header_map_value(I(0), P(1), I(2), P(3), I(4))) \
	X(remove_header_map_value, "iii", proxy_remove_header_map_value(I(0), P(1), I(2))) \
	X(send_local_response, "iiiiiiii", \
	  proxy_send_local_response(I(0), P(1), I(2), P(3), I(4), P(5), I(6), (int32_t)I(7))) \
	X(http_call, "iiiiiiiiio", proxy_http_call(P(0), I(1), P(2), I(3), P(4), I(5), P(6), I(7), I(8), P(9))) \
	X(grpc_call, "iiiiiiiiiiio", \
	  proxy_grpc_call(P(0), I(1), P(2), I(3), P(4), I(5), P(6), I(7), P(8), I(9), I(10), P(11))) \
	X(grpc_stream, "iiiiiiiio", proxy_grpc_stream(P(0), I(1), P(2), I(3), P(4), I(5), P(6), I(7), P(8))) \
	X(grpc_send, "iiii", proxy_grpc_send(I(0), P(1), I(2), I(3))) \
	X(grpc_cancel, "i", proxy_grpc_cancel(I(0))) \
	X(grpc_close, "i", proxy_grpc_close(I(0))) \
	X(get_status, "odo", proxy_get_status(P(0), P(1), P(2))) \
	X(get_shared_data, "iidoo", proxy_get_shared_data(P(0), I(1), P(2), P(3), P(4))) \
	X(set_shared_data, "iiiii", proxy_set_shared_data(P(0), I(1), P(2), I(3), I(4))) \
	X(register_shared_queue, "iio", proxy_register_shared_queue(P(0), I(1), P(2))) \
	X(resolve_shared_queue, "iiiio", proxy_resolve_shared_queue(P(0), I(1), P(2), I(3), P(4))) \
	X(enqueue_shared_queue, "iii", proxy_enqueue_shared_queue(I(0), P(1), I(2))) \
	X(dequeue_shared_queue, "ido", proxy_dequeue_shared_queue(I(0), P(1), P(2))) \
	X(define_metric, "iiio", proxy_define_metric(I(0), P(1), I(2), P(3))) \
	X(record_metric, "il", proxy_record_metric(I(0), a[1])) \
	X(increment_metric, "il", proxy_increment_metric(I(0), (int64_t)a[1])) \
	X(get_metric, "io", proxy_get_metric(I(0), P(1))) \
	X(get_property, "iido", proxy_get_property(P(0), I(1), P(2), P(3))) \
	X(set_property, "iiii", proxy_set_property(P(0), I(1), P(2), I(3))) \
	X(set_effective_context, "i", proxy_set_effective_context(I(0))) \
	X(done, "", proxy_done()) \
	X(call_foreign_function, "iiiido", proxy_call_foreign_function(P(0), I(1), P(2), I(3), P(4), P(5))) \
	X(fd_write, "iiio", pw_wasi_fd_write(I(0), P(1), I(2), P(3))) \
	X(clock_time_get, "ilo", pw_wasi_clock_time_get(I(0), a[1], P(2))) \
	X(random_get, "ii", pw_wasi_random_get(P(0), I(1))) \
	X(environ_sizes_get, "oo", pw_wasi_environ_sizes_get(P(0), P(1))) \
	X(environ_get, "ii", pw_wasi_environ_get(P(0), P(1))) \
	X(args_sizes_get, "oo", pw_wasi_args_sizes_get(P(0), P(1))) \
	X(args_get, "ii", pw_wasi_args_get(P(0), P(1))) \
	X(proc_exit, "i", (pw_wasi_proc_exit(I(0)), 0)) \
	X(unstable_fd_write, "iiio", unstable_fd_write(I(0), P(1), I(2), P(3))) \
	X(unstable_clock_time_get, "ilo", unstable_clock_time_get(I(0), a[1], P(2))) \
	X(unstable_random_get, "ii", unstable_random_get(P(0), I(1))) \
	X(unstable_environ_sizes_get, "oo", unstable_environ_sizes_get(P(0), P(1))) \
	X(unstable_environ_get, "ii", unstable_environ_get(P(0), P(1))) \
	X(unstable_args_sizes_get, "oo", unstable_args_sizes_get(P(0), P(1))) \
	X(unstable_args_get, "ii", unstable_args_get(P(0), P(1))) \
	X(unstable_proc_exit, "i", (unstable_proc_exit(I(0)), 0)) \
	X(notify_memory_growth, "i", (emscripten_notify_memory_growth(I(0)), 0)) \
	OWN_STATEMENTS(X)

/* What is no host call: the ways of a hostile guest, and the memory. */
#define OWN_STATEMENTS(X) \
	X(trap, "", own_trap()) \
	X(spin, "", own_spin()) \
	X(recurse, "i", own_recurse(I(0))) \
	X(grow, "i", __builtin_wasm_memory_grow(0, I(0))) \
	X(hoard, "", own_hoard()) \
	X(store, "ii", (*(volatile uint32_t *)P(0) = I(1))) \
	X(load, "i", (*(volatile uint32_t *)P(0))) \
	X(fill, "iii", (memset(P(0), (int)I(2), I(1)), 0)) \
	X(add, "ol", (*(uint64_t *)P(0) += a[1])) \
	X(set, "ol", (*(uint64_t *)P(0) = a[1])) \
	X(malloc_mode, "i", (malloc_mode = I(0)))

/* What malloc does when the host calls it. */
enum malloc_mode {
	MALLOC_WELL,
	MALLOC_NULL,
	MALLOC_WILD,	/* a pointer past the memory */
	MALLOC_EDGE,	/* a pointer to the memory's last byte */
	MALLOC_LOG,	/* calls proxy_log, which is allowed */
	MALLOC_CALL,	/* calls another host function, which is not */
	MALLOC_TRAP,
	MALLOC_GROW,	/* well, but in new memory each time, so that the old one may move */
	MALLOC_SPIN,
};

static uint32_t malloc_mode;

static uint32_t own_trap(void)
{
	__builtin_trap();
}

static uint32_t own_spin(void)
{
	static volatile uint32_t turns;

	for (;;)
		turns++;
}

__attribute__((noinline)) static uint32_t own_recurse(uint32_t depth)
{
	static uint32_t (*volatile self)(uint32_t) = own_recurse;

	return depth ? self(depth - 1) + 1 : 0;
}

/* Takes memory until there is none; how many pages it got. */
static uint32_t own_hoard(void)
{
	uint32_t pages = 0;

	while (__builtin_wasm_memory_grow(0, 16) != (size_t)-1)
		pages += 16;
	return pages;
}

/* Some variants of the probe have no allocator that the host could call. */
__attribute__((unused)) static void *host_malloc(size_t size)
{
	size_t pages;

	switch ((enum malloc_mode)malloc_mode) {
	case MALLOC_NULL:
		return NULL;
	case MALLOC_WILD:
		return (void *)0xfffffff0u;
	case MALLOC_EDGE:
		return (void *)(__builtin_wasm_memory_size(0) * PW_PAGE - 1);
	case MALLOC_LOG:
		pw_log(PROXY_LOG_INFO, "malloc");
		break;
	case MALLOC_CALL:
		proxy_set_tick_period_milliseconds(1);
		break;
	case MALLOC_TRAP:
		own_trap();
	case MALLOC_GROW:
		pages = __builtin_wasm_memory_grow(0, (size + PW_PAGE - 1) / PW_PAGE);
		return pages == (size_t)-1 ? NULL : (void *)(pages * PW_PAGE);
	case MALLOC_SPIN:
		own_spin();
	case MALLOC_WELL:
		break;
	}
	return malloc(size);
}

#ifndef PROBE_NO_MALLOC
__attribute__((export_name("malloc"))) void *probe_malloc(size_t size)
{
	return host_malloc(size);
}
#endif

#ifdef PROBE_MEMORY_ALLOCATE
PW_EXPORT(proxy_on_memory_allocate) void *proxy_on_memory_allocate(size_t size)
{
	return host_malloc(size);
}
#endif

struct host_call {
	struct pw_bytes name;
	const char *parameters;
};

#define NAMED(name, parameters, call) {PW_BYTES(#name), parameters},
#define NUMBERED(name, parameters, call) CALL_##name,
#define CALLED(name, parameters, call) \
	case CALL_##name: \
		return (uint64_t)(call);

static const struct host_call host_calls[] = { HOST_CALLS(NAMED) };

enum { HOST_CALLS(NUMBERED) HOST_CALLS_COUNT };

static uint64_t dispatch(size_t which, const uint64_t *a)
{
	switch (which) {
	HOST_CALLS(CALLED)
	default:
		return 0;
	}
}

static size_t find(struct pw_bytes name)
{
	size_t which = 0;

	while (which < HOST_CALLS_COUNT && !pw_equal(host_calls[which].name, name))
		which++;
	if (which == HOST_CALLS_COUNT)
		fail("no such statement", name);
	return which;
}

/* Places of the probe's own for what the host writes and the program does not name. */
static void complete(const struct host_call *call, uint64_t *values, size_t count)
{
	size_t spare = 0;

	for (; call->parameters[count]; count++) {
		if (call->parameters[count] != 'o' && call->parameters[count] != 'd')
			fail("too few arguments", call->name);
		hidden[spare] = 0;
		values[count] = (uintptr_t)&hidden[spare++];
	}
}

static void call(struct source *source, struct pw_bytes name)
{
	const struct host_call *host_call = &host_calls[find(name)];
	uint64_t values[ARGUMENTS_MOST + 2];
	size_t count = 0, most = strlen(host_call->parameters);

	while (peek(source) && *source->at != ';') {
		if (count >= most)
			fail("too many arguments", name);
		count += argument(source, values + count);
	}
	if (count > most)
		fail("too many arguments", name);
	complete(host_call, values, count);
	last = dispatch((size_t)(host_call - host_calls), values);
	for (; host_call->parameters[count]; count++)
		if (host_call->parameters[count] == 'd' && !last && malloc_mode == MALLOC_WELL)
			free(*(void **)(uintptr_t)values[count]);
}

static void forget_strings(void)
{
	while (strings_count)
		free(strings[--strings_count]);
}

static uint32_t run(struct source source, uint32_t usual);
static bool find_line(struct pw_bytes program, struct pw_bytes name, uint64_t turn, struct source *found);

/* `do NAME`: the statements of another line. */
static void run_line(struct source *source)
{
	struct pw_bytes name;
	struct source line;

	peek(source);
	name = word(source);
	if (!find_line(plugin_program, name, 0, &line) && !find_line(vm_program, name, 0, &line))
		fail("no such line", name);
	run(line, 0);
}

static void statement(struct source *source, struct pw_bytes name)
{
	if (pw_equal(name, PW_BYTES("do"))) {
		run_line(source);
		return;
	}
	call(source, name);
	forget_strings();
}

/* Runs the statements; what `return` said, or the usual. */
static uint32_t run(struct source source, uint32_t usual)
{
	uint64_t values[2], times = 1;
	struct source again;

	while (peek(&source)) {
		struct pw_bytes name;

		if (*source.at == ';') {
			source.at++;
			continue;
		}
		name = word(&source);
		if (pw_equal(name, PW_BYTES("return"))) {
			argument(&source, values);
			return (uint32_t)values[0];
		}
		if (pw_equal(name, PW_BYTES("repeat"))) {
			peek(&source);
			times = number(&source);
			peek(&source);
			name = word(&source);
		}
		for (again = source; times; times--) {
			source = again;
			statement(&source, name);
		}
		times = 1;
	}
	return usual;
}

/* The program of a line `name: …` or `name[n]: …`; the latter for the n-th time that the callback is called. */
static bool find_line(struct pw_bytes program, struct pw_bytes name, uint64_t turn, struct source *found)
{
	const char *at = program.data, *end = program.data + program.size;
	bool any = false;

	while (at < end) {
		struct source line = {at, at};

		while (line.end < end && *line.end != '\n')
			line.end++;
		at = line.end + 1;
		if (!pw_equal(word(&line), name) || line.at == line.end)
			continue;
		if (*line.at == '[') {
			line.at++;
			if (number(&line) != turn || line.at++ == line.end)
				continue;
			*found = line;
			return true;
		}
		*found = line;
		any = true;
	}
	return any;
}

static uint32_t callback(struct pw_bytes name, uint32_t *turns, uint32_t usual)
{
	struct source source;

	++*turns;
	if (find_line(plugin_program, name, *turns, &source) || find_line(vm_program, name, *turns, &source))
		return run(source, usual);
	return usual;
}

/* The arguments are $0 to $4. A callback may not be entered twice, so they can be the probe's own. */
static uint32_t enter(struct pw_bytes name, uint32_t *turns, uint32_t usual, const uint32_t *values, size_t count)
{
	memcpy(arguments, values, count * sizeof(*values));
	return callback(name, turns, usual);
}

#define ENTER(name, usual, ...) ({ \
	static uint32_t turns; \
	const uint32_t values[] = {__VA_ARGS__}; \
	enter(PW_BYTES(#name), &turns, (usual), values, sizeof(values) / sizeof(*values)); \
})

bool proxy_on_vm_start(uint32_t root, size_t size)
{
	if (size)
		vm_program = pw_buffer(PROXY_VM_CONFIGURATION, 0, size);
	return ENTER(on_vm_start, 1, root, size);
}

bool proxy_on_configure(uint32_t root, size_t size)
{
	if (size)
		plugin_program = pw_buffer(PROXY_PLUGIN_CONFIGURATION, 0, size);
	return ENTER(on_configure, 1, root, size);
}

bool proxy_on_done(uint32_t context)
{
	return ENTER(on_done, 1, context);
}

enum proxy_action proxy_on_new_connection(uint32_t context)
{
	return ENTER(on_new_connection, PROXY_CONTINUE, context);
}

enum proxy_action proxy_on_downstream_data(uint32_t context, size_t size, bool end)
{
	return ENTER(on_downstream_data, PROXY_CONTINUE, context, size, end);
}

enum proxy_action proxy_on_upstream_data(uint32_t context, size_t size, bool end)
{
	return ENTER(on_upstream_data, PROXY_CONTINUE, context, size, end);
}

enum proxy_action proxy_on_request_headers(uint32_t context, size_t count, bool end)
{
	return ENTER(on_request_headers, PROXY_CONTINUE, context, count, end);
}

enum proxy_action proxy_on_request_body(uint32_t context, size_t size, bool end)
{
	return ENTER(on_request_body, PROXY_CONTINUE, context, size, end);
}

enum proxy_action proxy_on_request_trailers(uint32_t context, size_t count)
{
	return ENTER(on_request_trailers, PROXY_CONTINUE, context, count);
}

enum proxy_action proxy_on_response_headers(uint32_t context, size_t count, bool end)
{
	return ENTER(on_response_headers, PROXY_CONTINUE, context, count, end);
}

enum proxy_action proxy_on_response_body(uint32_t context, size_t size, bool end)
{
	return ENTER(on_response_body, PROXY_CONTINUE, context, size, end);
}

enum proxy_action proxy_on_response_trailers(uint32_t context, size_t count)
{
	return ENTER(on_response_trailers, PROXY_CONTINUE, context, count);
}

#define TELL(name, ...) ((void)ENTER(name, 0, __VA_ARGS__))

void proxy_on_context_create(uint32_t context, uint32_t parent)
{
	TELL(on_context_create, context, parent);
}

void proxy_on_log(uint32_t context)
{
	TELL(on_log, context);
}

void proxy_on_delete(uint32_t context)
{
	TELL(on_delete, context);
}

void proxy_on_downstream_connection_close(uint32_t context, enum proxy_peer peer)
{
	TELL(on_downstream_connection_close, context, peer);
}

void proxy_on_upstream_connection_close(uint32_t context, enum proxy_peer peer)
{
	TELL(on_upstream_connection_close, context, peer);
}

void proxy_on_tick(uint32_t root)
{
	TELL(on_tick, root);
}

void proxy_on_queue_ready(uint32_t root, uint32_t queue)
{
	TELL(on_queue_ready, root, queue);
}

void proxy_on_http_call_response(uint32_t root, uint32_t id, size_t headers, size_t body, size_t trailers)
{
	TELL(on_http_call_response, root, id, headers, body, trailers);
}

void proxy_on_grpc_receive_initial_metadata(uint32_t root, uint32_t id, size_t elements)
{
	TELL(on_grpc_receive_initial_metadata, root, id, elements);
}

void proxy_on_grpc_receive(uint32_t root, uint32_t id, size_t size)
{
	TELL(on_grpc_receive, root, id, size);
}

void proxy_on_grpc_receive_trailing_metadata(uint32_t root, uint32_t id, size_t elements)
{
	TELL(on_grpc_receive_trailing_metadata, root, id, elements);
}

void proxy_on_grpc_close(uint32_t root, uint32_t id, uint32_t status)
{
	TELL(on_grpc_close, root, id, status);
}

void proxy_on_foreign_function(uint32_t root, uint32_t function, size_t size)
{
	TELL(on_foreign_function, root, function, size);
}

/* The variants of the probe say in a macro what is to be done before any context exists. */
#if defined(PROBE_INITIALIZE) || defined(PROBE_START)
static void run_literal(struct pw_bytes program)
{
	run((struct source){program.data, program.data + program.size}, 0);
}
#endif

#ifdef PROBE_INITIALIZE
PW_EXPORT(_initialize) void probe_initialize(void)
{
	run_literal(PW_BYTES(PROBE_INITIALIZE));
}

PW_EXPORT(main) int probe_main(int count, char **values)
{
	run_literal(PW_BYTES("log 2 \"main\""));
	return 0;
}
#endif

#ifdef PROBE_START
PW_EXPORT(_start) void probe_start(void)
{
	run_literal(PW_BYTES(PROBE_START));
}
#endif
