// SPDX-License-Identifier: GPL-2.0-only
/* What stands before every function of the host, and the table of "env". */
#include "hostcall_private.h"
#include "trace.h"

#define ANYTIME	(HBK_HOSTCALL_IN_START | HBK_HOSTCALL_IN_MALLOC)

/* emscripten_notify_memory_growth: we look at the memory afresh whenever the guest has run. */
static u32 notify(struct hbk_vm *vm, const u64 *values, enum hbk_wasm_trap *trap)
{
	HBK_HOSTCALL_UNUSED();
	return HBK_PROXY_OK;
}

const struct hbk_hostcall hbk_hostcalls_env[] = {
	{ "proxy_log", "i(iii)", "ns", HBK_PROXY_LOG_LEVELS, ANYTIME, 200, hbk_call_log },
	{ "proxy_get_log_level", "i(i)", "4", 0, 0, 30, hbk_call_get_log_level },
	{ "proxy_get_current_time_nanoseconds", "i(i)", "8", 0, 0, 30, hbk_call_get_time },
	{ "proxy_set_tick_period_milliseconds", "i(i)", "n", 0, 0, 200, hbk_call_set_tick_period },
	{ "proxy_get_buffer_bytes", "i(iiiii)", "nnno", HBK_PROXY_BUFFERS, 0, 50,
		hbk_call_get_buffer_bytes },
	{ "proxy_set_buffer_bytes", "i(iiiii)", "nnns", HBK_PROXY_BUFFERS, 0, 50,
		hbk_call_set_buffer_bytes },
	{ "proxy_get_buffer_status", "i(iii)", "n44", HBK_PROXY_BUFFERS, 0, 30,
		hbk_call_get_buffer_status },
	{ "proxy_get_header_map_size", "i(ii)", "n4", HBK_PROXY_MAPS, 0, 30, hbk_call_get_map_size },
	{ "proxy_get_header_map_pairs", "i(iii)", "no", HBK_PROXY_MAPS, 0, 30, hbk_call_get_map_pairs },
	{ "proxy_set_header_map_pairs", "i(iii)", "ns", HBK_PROXY_MAPS, 0, 200, hbk_call_set_map_pairs },
	{ "proxy_get_header_map_value", "i(iiiii)", "nso", HBK_PROXY_MAPS, 0, 30,
		hbk_call_get_map_value },
	{ "proxy_add_header_map_value", "i(iiiii)", "nss", HBK_PROXY_MAPS, 0, 30,
		hbk_call_add_map_value },
	{ "proxy_replace_header_map_value", "i(iiiii)", "nss", HBK_PROXY_MAPS, 0, 30,
		hbk_call_replace_map_value },
	{ "proxy_remove_header_map_value", "i(iii)", "ns", HBK_PROXY_MAPS, 0, 30,
		hbk_call_remove_map_value },
	{ "proxy_continue_stream", "i(i)", "n", HBK_PROXY_STREAM_TYPES, 0, 30,
		hbk_call_continue_stream },
	{ "proxy_close_stream", "i(i)", "n", HBK_PROXY_STREAM_TYPES, 0, 30, hbk_call_close_stream },
	{ "proxy_send_local_response", "i(iiiiiiii)", "nsssn", 0, 0, 1000,
		hbk_call_send_local_response },
	{ "proxy_http_call", "i(iiiiiiiiii)", "ssssn4", 0, 0, 2000, hbk_call_http_call },
	{ "proxy_get_status", "i(iii)", "4o", 0, 0, 30, hbk_call_get_status },
	{ "proxy_grpc_call", "i(iiiiiiiiiiii)", "sssssn4", 0, 0, 30, hbk_call_unimplemented },
	{ "proxy_grpc_stream", "i(iiiiiiiii)", "ssss4", 0, 0, 30, hbk_call_unimplemented },
	{ "proxy_grpc_send", "i(iiii)", "nsn", 0, 0, 30, hbk_call_unimplemented },
	{ "proxy_grpc_cancel", "i(i)", "n", 0, 0, 30, hbk_call_unimplemented },
	{ "proxy_grpc_close", "i(i)", "n", 0, 0, 30, hbk_call_unimplemented },
	{ "proxy_set_shared_data", "i(iiiii)", "ssn", 0, 0, 1000, hbk_call_set_shared_data },
	{ "proxy_get_shared_data", "i(iiiii)", "so4", 0, 0, 1000, hbk_call_get_shared_data },
	{ "proxy_register_shared_queue", "i(iii)", "s4", 0, 0, 1000, hbk_call_register_queue },
	{ "proxy_resolve_shared_queue", "i(iiiii)", "ss4", 0, 0, 1000, hbk_call_resolve_queue },
	{ "proxy_enqueue_shared_queue", "i(iii)", "ns", 0, 0, 200, hbk_call_enqueue },
	{ "proxy_dequeue_shared_queue", "i(iii)", "no", 0, 0, 200, hbk_call_dequeue },
	{ "proxy_define_metric", "i(iiii)", "ns4", HBK_PROXY_METRIC_TYPES, 0, 500,
		hbk_call_define_metric },
	{ "proxy_record_metric", "i(iI)", "nN", 0, 0, 30, hbk_call_record_metric },
	{ "proxy_increment_metric", "i(iI)", "nN", 0, 0, 30, hbk_call_increment_metric },
	{ "proxy_get_metric", "i(ii)", "n8", 0, 0, 30, hbk_call_get_metric },
	{ "proxy_get_property", "i(iiii)", "so", 0, 0, 200, hbk_call_get_property },
	{ "proxy_set_property", "i(iiii)", "ss", 0, 0, 300, hbk_call_set_property },
	{ "proxy_set_effective_context", "i(i)", "n", 0, 0, 30, hbk_call_set_effective_context },
	{ "proxy_done", "i()", "", 0, 0, 30, hbk_call_done },
	{ "proxy_call_foreign_function", "i(iiiiii)", "ssp", 0, 0, 200, hbk_call_foreign_function },

	/* Not of the ABI, but imported by what some compilers make. */
	{ "emscripten_notify_memory_growth", "v(i)", "x", 0, ANYTIME, 30, notify },
	{ "abort", "v(iiii)", "xxnn", 0, ANYTIME, 30, hbk_call_abort },
};

const u32 hbk_hostcalls_env_count = sizeof(hbk_hostcalls_env) / sizeof(hbk_hostcalls_env[0]);

static bool is_allowed(const struct hbk_vm *vm, const struct hbk_hostcall *row)
{
	if (vm->allocating)
		return row->flags & HBK_HOSTCALL_IN_MALLOC;
	return !vm->starting || row->flags & HBK_HOSTCALL_IN_START;
}

static bool has_memory(const struct hbk_vm *vm, char role, const u64 *values)
{
	switch (role) {
	case 's':
		return hbk_hostcall_memory(vm, values[0], values[1]);
	case 'p':
		return !(u32)values[0] || has_memory(vm, 'o', values);
	case 'o':
		return hbk_hostcall_memory(vm, values[0], 4) && hbk_hostcall_memory(vm, values[1], 4);
	case '4':
		return hbk_hostcall_memory(vm, values[0], 4);
	case '8':
		return hbk_hostcall_memory(vm, values[0], 8);
	default:
		return true;
	}
}

static bool has_all_memory(const struct hbk_vm *vm, const char *role, const u64 *values)
{
	for (; *role; values += hbk_role_width(*role), role++)
		if (!has_memory(vm, *role, values))
			return false;
	return true;
}

/* How many bytes it gives us, which are its memory's. */
static u64 bytes_given(const char *role, const u64 *values)
{
	u64 sum = 0;

	for (; *role; values += hbk_role_width(*role), role++)
		if (*role == 's')
			sum += (u32)values[1];
	return sum;
}

static u32 call(struct hbk_vm *vm, const struct hbk_hostcall *row, const u64 *values,
		enum hbk_wasm_trap *trap)
{
	*trap = hbk_wasm_charge(vm->core, row->cost);
	if (*trap)
		return HBK_PROXY_INTERNAL_FAILURE;
	if (row->limit && (u32)values[0] >= row->limit)
		return HBK_PROXY_BAD_ARGUMENT;
	if (row->flags & HBK_HOSTCALL_WASI)
		return row->call(vm, values, trap);
	if (!has_all_memory(vm, row->roles, values))
		return HBK_PROXY_INVALID_MEMORY_ACCESS;
	if (!hbk_hostcall_pay(vm, bytes_given(row->roles, values), trap))
		return HBK_PROXY_INTERNAL_FAILURE;
	return row->call(vm, values, trap);
}

/**
 * hbk_hostcall_run() - what the engine calls for every import
 * @core: the guest's instance
 * @data: the row of a table
 * @values: arguments, then the status
 */
enum hbk_wasm_trap hbk_hostcall_run(struct hbk_wasm_instance *core, void *data, u64 *values)
{
	enum hbk_wasm_trap trap = HBK_WASM_TRAP_NONE;
	const struct hbk_hostcall *row = data;
	struct hbk_vm *vm = hbk_vm_of(core);
	u32 status = HBK_TRACE_REFUSED;
	size_t begin = 0;

	core->host_error = -EPERM;
	if (!vm)
		return HBK_WASM_TRAP_HOST;
	vm->core = core;
	if (vm->env->trace)
		begin = hbk_trace_call_begin(vm, row, values);
	if (is_allowed(vm, row))
		status = call(vm, row, values, &trap);
	else
		trap = HBK_WASM_TRAP_HOST;
	if (vm->env->trace)
		hbk_trace_call_end(vm, row, values, status, trap, begin);
	if (row->signature[0] != 'v')
		values[0] = status;
	return trap;
}

static bool is_name(const struct hbk_wasm_name *name, const char *text)
{
	return name->length == strlen(text) && !memcmp(name->text, text, name->length);
}

static const struct hbk_hostcall *find(const struct hbk_hostcall *rows, u32 count,
				       const struct hbk_wasm_name *name)
{
	for (; count; rows++, count--)
		if (is_name(name, rows->name))
			return rows;
	return NULL;
}

/**
 * hbk_hostcall_find() - what an import means
 * @module: its module's name
 * @name: its own
 *
 * Return: the row, or NULL.
 */
const struct hbk_hostcall *hbk_hostcall_find(const struct hbk_wasm_name *module,
					     const struct hbk_wasm_name *name)
{
	if (is_name(module, "env"))
		return find(hbk_hostcalls_env, hbk_hostcalls_env_count, name);
	if (is_name(module, "wasi_snapshot_preview1") || is_name(module, "wasi_unstable"))
		return find(hbk_hostcalls_wasi, hbk_hostcalls_wasi_count, name);
	return NULL;
}

/**
 * hbk_hostcall_pay() - let the guest pay for work that grows with bytes
 * @vm: of the guest, which is in a host call
 * @bytes: that are looked at, copied or moved
 * @trap: it cannot: its budget is used up
 *
 * Else a guest could keep a CPU busy with calls that cost it next to nothing. The engine reschedules now and then
 * as it does while the guest runs.
 */
bool hbk_hostcall_pay(struct hbk_vm *vm, u64 bytes, enum hbk_wasm_trap *trap)
{
	*trap = hbk_wasm_charge(vm->core, bytes / HBK_WASM_FUEL_BULK);
	return !*trap;
}

/**
 * hbk_hostcall_allocate() - have the guest allocate memory
 * @vm: of the guest, which is in a host call
 * @length: bytes, not 0
 * @address: gets where they are: all of them are the guest's
 * @trap: the allocator was stopped
 */
u32 hbk_hostcall_allocate(struct hbk_vm *vm, u32 length, u32 *address, enum hbk_wasm_trap *trap)
{
	enum hbk_callback callback = hbk_vm_has(vm, HBK_CALLBACK_MEMORY_ALLOCATE) ?
				     HBK_CALLBACK_MEMORY_ALLOCATE : HBK_CALLBACK_MALLOC;
	u64 values[1] = { length };

	vm->allocating = true;
	*trap = hbk_wasm_call_function(vm->core, &vm->core->functions[vm->callbacks[callback]], values);
	vm->allocating = false;
	*address = values[0];
	if (*trap || !*address)
		return HBK_PROXY_INTERNAL_FAILURE;
	return hbk_hostcall_memory(vm, *address, length) ? HBK_PROXY_OK :
							   HBK_PROXY_INVALID_MEMORY_ACCESS;
}

/**
 * hbk_hostcall_give() - give bytes to the guest, in memory that it allocates
 * @vm: of the guest, which is in a host call
 * @outs: where the address and the length go; checked
 * @bytes: not in the guest's memory
 * @length: of them; none need no memory
 * @trap: the allocator was stopped
 */
u32 hbk_hostcall_give(struct hbk_vm *vm, const u64 *outs, const void *bytes, u32 length,
		      enum hbk_wasm_trap *trap)
{
	u32 address = 0, status;

	if (!hbk_hostcall_pay(vm, length, trap))
		return HBK_PROXY_INTERNAL_FAILURE;
	if (length) {
		status = hbk_hostcall_allocate(vm, length, &address, trap);
		if (status)
			return status;
		memcpy(hbk_hostcall_memory(vm, address, length), bytes, length);
	}
	hbk_hostcall_put32(vm, outs[0], address);
	hbk_hostcall_put32(vm, outs[1], length);
	return HBK_PROXY_OK;
}
