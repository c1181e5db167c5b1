// SPDX-License-Identifier: GPL-2.0-only
#include "trace.h"

#define TEXT_MAX	160	/* bytes of what hbk_trace_text() formats at once */

static void put(struct hbk_trace *trace, struct hbk_buffer *to, const void *bytes, size_t length)
{
	if (hbk_buffer_append(to, bytes, length))
		trace->full = true;
}

/**
 * hbk_trace_begin() - begin a line
 * @trace: the trace
 *
 * Return: what hbk_trace_end() wants to know.
 */
size_t hbk_trace_begin(struct hbk_trace *trace)
{
	return trace->open.length;
}

static void __attribute__((format(printf, 2, 0)))
vtext(struct hbk_trace *trace, const char *format, va_list args)
{
	char text[TEXT_MAX];
	int length = vsnprintf(text, sizeof(text), format, args);

	put(trace, &trace->open, text, length < TEXT_MAX ? length : TEXT_MAX - 1);
}

/**
 * hbk_trace_text() - add to the line that was begun last
 * @trace: the trace
 * @format: as printf() has it; short
 */
void hbk_trace_text(struct hbk_trace *trace, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vtext(trace, format, args);
	va_end(args);
}

static u32 fnv1a(const u8 *bytes, size_t length)
{
	u32 hash = 2166136261u;

	while (length--)
		hash = (hash ^ *bytes++) * 16777619u;
	return hash;
}

static u32 escape(char *to, u8 byte)
{
	static const char digits[] = "0123456789abcdef";
	static const char named[] = { ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't', ['"'] = '"', ['\\'] = '\\' };

	if (byte < sizeof(named) && named[byte]) {
		to[0] = '\\';
		to[1] = named[byte];
		return 2;
	}
	if (byte >= 0x20 && byte < 0x7f) {
		to[0] = byte;
		return 1;
	}
	to[0] = '\\';
	to[1] = 'x';
	to[2] = digits[byte >> 4];
	to[3] = digits[byte & 15];
	return 4;
}

/**
 * hbk_trace_bytes() - add bytes in quotes to the line that was begun last
 * @trace: the trace
 * @bytes: any
 * @length: how many; of too many only the first are shown, and a hash of all
 */
void hbk_trace_bytes(struct hbk_trace *trace, const void *bytes, size_t length)
{
	size_t shown = length < HBK_PROXY_TRACE_STRING ? length : HBK_PROXY_TRACE_STRING, i;
	const u8 *at = bytes;
	char escaped[4];

	hbk_trace_text(trace, "\"");
	for (i = 0; i < shown; i++)
		put(trace, &trace->open, escaped, escape(escaped, at[i]));
	hbk_trace_text(trace, "\"");
	if (shown < length)
		hbk_trace_text(trace, "+%zu#%08x", length - shown, fnv1a(bytes, length));
}

/**
 * hbk_trace_end() - the line is finished
 * @trace: the trace
 * @begin: from hbk_trace_begin()
 */
void hbk_trace_end(struct hbk_trace *trace, size_t begin)
{
	put(trace, &trace->open, "\n", 1);
	put(trace, trace->lines, hbk_buffer_data(&trace->open) + begin, trace->open.length - begin);
	trace->open.length = begin;
}

/**
 * hbk_trace_line() - a whole line at once
 * @trace: the trace
 * @format: as printf() has it; short
 */
void hbk_trace_line(struct hbk_trace *trace, const char *format, ...)
{
	size_t begin = hbk_trace_begin(trace);
	va_list args;

	va_start(args, format);
	vtext(trace, format, args);
	va_end(args);
	hbk_trace_end(trace, begin);
}

static const void *memory(struct hbk_vm *vm, u32 address, u32 length)
{
	return vm->env->ops->memory(vm->core, address, length);
}

static void trace_given(struct hbk_vm *vm, u32 address, u32 length)
{
	const void *bytes = memory(vm, address, length);

	if (bytes)
		hbk_trace_bytes(vm->env->trace, bytes, length);
	else
		hbk_trace_text(vm->env->trace, "invalid");
}

static bool is_shown_before(char role)
{
	return role == 'n' || role == 'N' || role == 's';
}

/**
 * hbk_trace_call_begin() - a guest calls the host
 * @vm: of the guest
 * @row: what it calls
 * @values: the arguments
 *
 * Return: what hbk_trace_call_end() wants to know.
 */
size_t hbk_trace_call_begin(struct hbk_vm *vm, const struct hbk_hostcall *row, const u64 *values)
{
	struct hbk_trace *trace = vm->env->trace;
	size_t begin = hbk_trace_begin(trace);
	const char *role, *comma = "";

	hbk_trace_text(trace, "call %s(", row->name);
	for (role = row->roles; *role; values += hbk_role_width(*role), role++) {
		if (!is_shown_before(*role))
			continue;
		hbk_trace_text(trace, "%s", comma);
		comma = ", ";
		if (*role == 's')
			trace_given(vm, values[0], values[1]);
		else if (*role == 'N')
			hbk_trace_text(trace, "%lld", (long long)values[0]);
		else
			hbk_trace_text(trace, "%u", (u32)values[0]);
	}
	hbk_trace_text(trace, ")");
	return begin;
}

/* An address of 0 is one like others, unless the results need not be wanted. */
static void trace_got(struct hbk_vm *vm, char role, u32 address_at, u32 length_at)
{
	const void *address = memory(vm, address_at, 4), *length = memory(vm, length_at, 4);

	if ((role == 'p' && !address_at) || !address || !length)
		return;
	hbk_trace_text(vm->env->trace, " ");
	trace_given(vm, get_unaligned_le32(address), get_unaligned_le32(length));
}

static void trace_number(struct hbk_vm *vm, u32 at, u32 size)
{
	const void *number = memory(vm, at, size);

	if (number && size == 4)
		hbk_trace_text(vm->env->trace, " %u", get_unaligned_le32(number));
	else if (number)
		hbk_trace_text(vm->env->trace, " %lld", (long long)get_unaligned_le64(number));
}

static void trace_outputs(struct hbk_vm *vm, const char *role, const u64 *values)
{
	for (; *role; values += hbk_role_width(*role), role++) {
		if (*role == 'o' || *role == 'p')
			trace_got(vm, *role, values[0], values[1]);
		else if (*role == '4')
			trace_number(vm, values[0], 4);
		else if (*role == '8')
			trace_number(vm, values[0], 8);
	}
}

/**
 * hbk_trace_call_end() - the host's function returns
 * @vm: of the guest
 * @row: what it was
 * @arguments: as at the begin
 * @status: what it answers; HBK_TRACE_REFUSED: nothing, it was not allowed
 * @trap: what stopped the guest in it
 * @begin: from hbk_trace_call_begin()
 *
 * A call in which the guest's allocator was stopped never returns: there is no line of it.
 */
void hbk_trace_call_end(struct hbk_vm *vm, const struct hbk_hostcall *row, const u64 *arguments,
			u32 status, enum hbk_wasm_trap trap, size_t begin)
{
	struct hbk_trace *trace = vm->env->trace;

	if (status == HBK_TRACE_REFUSED) {
		hbk_trace_text(trace, " -> refused");
	} else if (row->signature[0] != 'v') {
		hbk_trace_text(trace, " -> %u", status);
		if (!status)
			trace_outputs(vm, row->roles, arguments);
	}
	if (trap && status != HBK_TRACE_REFUSED && row->signature[0] != 'v') {
		trace->open.length = begin;
		return;
	}
	hbk_trace_end(trace, begin);
}

/**
 * hbk_trace_callback() - a callback has returned
 * @vm: of the guest
 * @name: of the callback
 * @arguments: of it
 * @count: how many
 * @result: NULL if it has none
 * @trap: what stopped it
 */
void hbk_trace_callback(struct hbk_vm *vm, const char *name, const u32 *arguments, u32 count,
			const u32 *result, enum hbk_wasm_trap trap)
{
	struct hbk_trace *trace = vm->env->trace;
	size_t begin = hbk_trace_begin(trace);
	u32 i;

	hbk_trace_text(trace, "callback %s(", name);
	for (i = 0; i < count; i++)
		hbk_trace_text(trace, i ? ", %u" : "%u", arguments[i]);
	hbk_trace_text(trace, ")");
	if (trap)
		hbk_trace_text(trace, " -> trap");
	else if (result)
		hbk_trace_text(trace, " -> %u", *result);
	hbk_trace_end(trace, begin);
	if (trap)
		hbk_trace_line(trace, "trap %s", hbk_wasm_trap_name(trap));
}
