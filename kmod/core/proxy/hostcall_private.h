/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For the functions of the host: the guest's memory, and who is called.
 *
 * A pointer into the guest's memory is good until the guest runs again, which
 * it does in hbk_hostcall_allocate() and hbk_hostcall_give().
 */
#ifndef _HBK_PROXY_HOSTCALL_PRIVATE_H
#define _HBK_PROXY_HOSTCALL_PRIVATE_H

#include "hostcall.h"
#include "stream.h"

/* Bytes that a guest gives; checked before the function was called. */
struct hbk_given {
	const u8 *bytes;
	u32 length;
};

static inline u8 *hbk_hostcall_memory(const struct hbk_vm *vm, u32 address, u32 length)
{
	return vm->env->ops->memory(vm->core, address, length);
}

static inline struct hbk_given hbk_hostcall_given(const struct hbk_vm *vm, const u64 *values)
{
	return (struct hbk_given){ hbk_hostcall_memory(vm, values[0], values[1]), values[1] };
}

static inline void hbk_hostcall_put32(const struct hbk_vm *vm, u32 address, u32 value)
{
	put_unaligned_le32(value, hbk_hostcall_memory(vm, address, sizeof(value)));
}

static inline void hbk_hostcall_put64(const struct hbk_vm *vm, u32 address, u64 value)
{
	put_unaligned_le64(value, hbk_hostcall_memory(vm, address, sizeof(value)));
}

/* The stream that the host call acts on; NULL in the root context. */
static inline struct hbk_stream *hbk_hostcall_stream(const struct hbk_vm *vm)
{
	return hbk_stream_of(vm->effective);
}

/* The same, while its connection is there. */
static inline struct hbk_stream *hbk_hostcall_live_stream(const struct hbk_vm *vm)
{
	struct hbk_stream *stream = hbk_hostcall_stream(vm);

	return stream && stream->chain ? stream : NULL;
}

/* Whoever runs the stream's own callback looks at it afterwards; otherwise its chain is to be woken. */
static inline void hbk_hostcall_note(struct hbk_vm *vm, struct hbk_stream *stream)
{
	if (vm->running != &stream->context)
		vm->env->ops->wake_chain(stream->chain);
}

bool hbk_hostcall_pay(struct hbk_vm *vm, u64 bytes, enum hbk_wasm_trap *trap);
u32 hbk_hostcall_allocate(struct hbk_vm *vm, u32 length, u32 *address, enum hbk_wasm_trap *trap);
u32 hbk_hostcall_give(struct hbk_vm *vm, const u64 *outs, const void *bytes, u32 length,
		      enum hbk_wasm_trap *trap);

#define HBK_HOSTCALL(name) \
	u32 name(struct hbk_vm *vm, const u64 *values, enum hbk_wasm_trap *trap)

HBK_HOSTCALL(hbk_call_log);
HBK_HOSTCALL(hbk_call_get_log_level);
HBK_HOSTCALL(hbk_call_get_time);
HBK_HOSTCALL(hbk_call_abort);
HBK_HOSTCALL(hbk_call_set_tick_period);
HBK_HOSTCALL(hbk_call_get_buffer_bytes);
HBK_HOSTCALL(hbk_call_set_buffer_bytes);
HBK_HOSTCALL(hbk_call_get_buffer_status);
HBK_HOSTCALL(hbk_call_get_map_size);
HBK_HOSTCALL(hbk_call_get_map_pairs);
HBK_HOSTCALL(hbk_call_set_map_pairs);
HBK_HOSTCALL(hbk_call_get_map_value);
HBK_HOSTCALL(hbk_call_add_map_value);
HBK_HOSTCALL(hbk_call_replace_map_value);
HBK_HOSTCALL(hbk_call_remove_map_value);
HBK_HOSTCALL(hbk_call_continue_stream);
HBK_HOSTCALL(hbk_call_close_stream);
HBK_HOSTCALL(hbk_call_send_local_response);
HBK_HOSTCALL(hbk_call_http_call);
HBK_HOSTCALL(hbk_call_get_status);
HBK_HOSTCALL(hbk_call_unimplemented);
HBK_HOSTCALL(hbk_call_set_shared_data);
HBK_HOSTCALL(hbk_call_get_shared_data);
HBK_HOSTCALL(hbk_call_register_queue);
HBK_HOSTCALL(hbk_call_resolve_queue);
HBK_HOSTCALL(hbk_call_enqueue);
HBK_HOSTCALL(hbk_call_dequeue);
HBK_HOSTCALL(hbk_call_define_metric);
HBK_HOSTCALL(hbk_call_record_metric);
HBK_HOSTCALL(hbk_call_increment_metric);
HBK_HOSTCALL(hbk_call_get_metric);
HBK_HOSTCALL(hbk_call_get_property);
HBK_HOSTCALL(hbk_call_set_property);
HBK_HOSTCALL(hbk_call_set_effective_context);
HBK_HOSTCALL(hbk_call_done);
HBK_HOSTCALL(hbk_call_foreign_function);

/* Says that arguments are not needed, without a warning. */
#define HBK_HOSTCALL_UNUSED()	do { (void)vm; (void)values; (void)trap; } while (0)

#endif /* _HBK_PROXY_HOSTCALL_PRIVATE_H */
