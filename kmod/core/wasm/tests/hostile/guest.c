// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../interp.h"
#include "../../tool/compiled.h"
#include "../../validate.h"
#include "guest.h"

#define ALLOWED		(256u << 20)		/* bytes */
#define NATIVE_STACK	(4u << 20)		/* bytes; sanitizers make frames large, the depth is what must end it */
#define SLOTS		(HBK_WASM_STACK_SIZE / 2 / sizeof(u64))
#define WASI_FAULT	21

static u64 slots[SLOTS];

/* --- heap ------------------------------------------------------------------------------------------------------- */

static struct guest *guest_of_heap(struct hbk_wasm_heap *heap)
{
	return (struct guest *)heap;
}

static bool may_allocate(struct guest *guest, size_t more)
{
	if (more > guest->allowed || guest->held > guest->allowed - more)
		return false;
	if (guest->allocations < 0)
		return true;
	return guest->allocations && guest->allocations--;
}

static void *heap_allocate(struct hbk_wasm_heap *heap, size_t size)
{
	struct guest *guest = guest_of_heap(heap);
	void *memory;

	if (!may_allocate(guest, size))
		return NULL;
	memory = calloc(1, size);
	if (memory)
		guest->held += size;
	return memory;
}

static void heap_release(struct hbk_wasm_heap *heap, void *memory, size_t size)
{
	if (!memory)
		return;
	guest_of_heap(heap)->held -= size;
	free(memory);
}

/* Always moves, so that who keeps an old address is found out. */
static void *heap_resize(struct hbk_wasm_heap *heap, void *memory, size_t old_size, size_t new_size)
{
	void *moved = heap_allocate(heap, new_size);

	if (!moved)
		return NULL;
	if (memory)
		memcpy(moved, memory, old_size < new_size ? old_size : new_size);
	heap_release(heap, memory, old_size);
	return moved;
}

/* --- host functions --------------------------------------------------------------------------------------------- */

static struct guest *guest_of(struct hbk_wasm_instance *instance)
{
	return instance->host;
}

static bool is_inside(const struct hbk_wasm_instance *instance, u64 offset, u64 length)
{
	return instance->memory && offset + length <= instance->memory->size;
}

static enum hbk_wasm_trap tell(struct hbk_wasm_instance *instance, const u64 *value)
{
	struct guest *guest = guest_of(instance);

	guest->logged = guest_checksum(guest->logged, value, sizeof(*value));
	return HBK_WASM_TRAP_NONE;
}

static enum hbk_wasm_trap host_tell(struct hbk_wasm_instance *instance, void *data, u64 *values)
{
	(void)data;
	return tell(instance, values);
}

/* A NaN has no bits of its own that two engines had to agree on. */
static enum hbk_wasm_trap host_tell_f32(struct hbk_wasm_instance *instance, void *data, u64 *values)
{
	(void)data;
	if ((values[0] & 0x7fffffff) > 0x7f800000)
		values[0] = 0x7fc00000;
	return tell(instance, values);
}

static enum hbk_wasm_trap host_tell_f64(struct hbk_wasm_instance *instance, void *data, u64 *values)
{
	(void)data;
	if ((values[0] & 0x7fffffffffffffff) > 0x7ff0000000000000)
		values[0] = 0x7ff8000000000000;
	return tell(instance, values);
}

static enum hbk_wasm_trap host_abort(struct hbk_wasm_instance *instance, void *data, u64 *values)
{
	(void)instance;
	(void)data;
	(void)values;
	return HBK_WASM_TRAP_UNREACHABLE;
}

static enum hbk_wasm_trap host_log(struct hbk_wasm_instance *instance, void *data, u64 *values)
{
	(void)data;
	return is_inside(instance, values[1], values[2]) ? HBK_WASM_TRAP_NONE : HBK_WASM_TRAP_MEMORY_BOUNDS;
}

static enum hbk_wasm_trap host_cpu(struct hbk_wasm_instance *instance, void *data, u64 *values)
{
	(void)data;
	values[0] = 0;
	if (!guest_of(instance)->starting)
		return HBK_WASM_TRAP_NONE;
	instance->host_error = -EPERM;
	return HBK_WASM_TRAP_HOST;
}

static enum hbk_wasm_trap host_exit(struct hbk_wasm_instance *instance, void *data, u64 *values)
{
	(void)data;
	instance->exit_status = values[0];
	return HBK_WASM_TRAP_EXIT;
}

static u32 word_at(const struct hbk_wasm_instance *instance, u64 offset)
{
	u32 word;

	memcpy(&word, instance->memory->base + offset, sizeof(word));
	return word;
}

static bool is_written(const struct hbk_wasm_instance *instance, const u64 *values)
{
	u32 total = 0, i;

	if (!is_inside(instance, values[1], 8 * values[2]) || !is_inside(instance, values[3], sizeof(total)))
		return false;
	for (i = 0; i < values[2]; i++) {
		u32 length = word_at(instance, values[1] + 8 * i + 4);

		if (!is_inside(instance, word_at(instance, values[1] + 8 * i), length))
			return false;
		total += length;
	}
	memcpy(instance->memory->base + values[3], &total, sizeof(total));
	return true;
}

static enum hbk_wasm_trap host_write(struct hbk_wasm_instance *instance, void *data, u64 *values)
{
	(void)data;
	values[0] = is_written(instance, values) ? 0 : WASI_FAULT;
	return HBK_WASM_TRAP_NONE;
}

static const struct {
	const char *module;
	const char *name;
	const char *signature;
	hbk_wasm_host_call call;
} offered[] = {
	{ "env", "print_i32", "v(i)", host_tell },
	{ "env", "abort", "v(iiii)", host_abort },
	{ "hauberk", "log", "v(iii)", host_log },
	{ "hauberk", "cpu", "i()", host_cpu },
	{ "wasi_snapshot_preview1", "proc_exit", "v(i)", host_exit },
	{ "wasi_snapshot_preview1", "fd_write", "i(iiii)", host_write },
	/* What the generator of random modules imports. */
	{ "fuzzing-support", "log-i32", "v(i)", host_tell },
	{ "fuzzing-support", "log-i64", "v(I)", host_tell },
	{ "fuzzing-support", "log-f32", "v(f)", host_tell_f32 },
	{ "fuzzing-support", "log-f64", "v(F)", host_tell_f64 },
};

static bool is_named(const struct hbk_wasm_name *name, const char *text)
{
	return name->length == strlen(text) && !memcmp(name->text, text, name->length);
}

static bool resolve(void *context, const struct hbk_wasm_import *import, struct hbk_wasm_extern *found)
{
	size_t i;

	(void)context;
	for (i = 0; i < sizeof(offered) / sizeof(*offered); i++) {
		if (!is_named(&import->module, offered[i].module) || !is_named(&import->name, offered[i].name))
			continue;
		found->kind = HBK_WASM_KIND_FUNCTION;
		found->signature = offered[i].signature;
		found->host = offered[i].call;
		return true;
	}
	return false;
}

/* --- life ------------------------------------------------------------------------------------------------------- */

void guest_init(struct guest *guest)
{
	memset(guest, 0, sizeof(*guest));
	guest->heap.allocate = heap_allocate;
	guest->heap.resize = heap_resize;
	guest->heap.release = heap_release;
	guest->allowed = ALLOWED;
	guest->allocations = -1;
}

/* Reads and validates a module; 0 or a negative errno, with guest->error told. */
int guest_load(struct guest *guest, const struct guest_bytes *bytes)
{
	int err = hbk_wasm_validate(&guest->module, bytes->at, bytes->size, 0, &guest->heap, &guest->error);

	guest->valid = !err;
	return err;
}

/* It is to be interpreted; or, once a shared object of guests is open, it must be there compiled. */
int guest_prepare(struct guest *guest)
{
	const struct hbk_wasm_compiled *compiled;

	guest->backend = &hbk_wasm_interp;
	if (!tool_compiled_only())
		return hbk_wasm_interp.prepare(&guest->code, &guest->module, &guest->heap, &guest->error);
	compiled = tool_compiled_find(&guest->module);
	if (!compiled)
		return hbk_wasm_error_set(&guest->error, HBK_WASM_FAILED, 0, HBK_WASM_NO_INDEX, "not compiled");
	guest->backend = hbk_wasm_compiled_backend(compiled);
	guest->code = compiled;
	return 0;
}

int guest_instantiate(struct guest *guest)
{
	static const struct hbk_wasm_world world;
	struct hbk_wasm_plan plan = {
		.module = &guest->module,
		.backend = guest->backend,
		.code = guest->code,
		.heap = &guest->heap,
		.world = &world,
		.resolve = resolve,
		.host = guest,
	};

	guest->instance = hbk_wasm_instance_new(&plan, &guest->error);
	return guest->instance ? 0 : -ENOMEM;
}

static struct hbk_wasm_stacks stacks_here(void)
{
	return (struct hbk_wasm_stacks) {
		.native_limit = (const u8 *)__builtin_frame_address(0) - NATIVE_STACK,
		.slots = slots,
		.slots_end = slots + SLOTS,
	};
}

enum hbk_wasm_trap guest_start(struct guest *guest, u64 fuel)
{
	struct hbk_wasm_stacks stacks = stacks_here();
	enum hbk_wasm_trap trap;

	guest->starting = true;
	trap = hbk_wasm_instance_start(guest->instance, fuel, &stacks);
	guest->starting = false;
	return trap;
}

enum hbk_wasm_trap guest_call(struct guest *guest, const struct hbk_wasm_function *function, u64 *values, u64 fuel,
			      u64 *used)
{
	struct hbk_wasm_stacks stacks = stacks_here();

	(void)guest;
	return hbk_wasm_invoke(function, values, fuel, &stacks, used);
}

/* Every byte must have been given back. */
void guest_free(struct guest *guest)
{
	if (guest->instance)
		hbk_wasm_instance_free(guest->instance);
	if (guest->code && guest->backend->release)
		guest->backend->release(guest->code, &guest->heap);
	if (guest->valid)
		hbk_wasm_module_free(&guest->module);
	if (guest->held) {
		fprintf(stderr, "%zu bytes were not given back\n", guest->held);
		abort();
	}
}

bool guest_bytes_read(struct guest_bytes *bytes, const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat status;
	bool read = false;

	if (!file)
		return false;
	if (!fstat(fileno(file), &status)) {
		/* Exactly as large as the module: what reads past it is found out. */
		bytes->size = status.st_size;
		bytes->at = malloc(bytes->size ? bytes->size : 1);
		read = bytes->at && fread(bytes->at, 1, bytes->size, file) == bytes->size;
	}
	fclose(file);
	return read;
}

static void fill_table(u32 *table)
{
	u32 i, bit;

	for (i = 0; i < 256; i++) {
		table[i] = i;
		for (bit = 0; bit < 8; bit++)
			table[i] = table[i] & 1 ? table[i] >> 1 ^ 0xedb88320 : table[i] >> 1;
	}
}

/* CRC-32 as java.util.zip.CRC32 has it; the first sum is 0. */
u32 guest_checksum(u32 sum, const void *bytes, size_t length)
{
	static u32 table[256];
	const u8 *at = bytes;

	if (!table[1])
		fill_table(table);
	for (sum = ~sum; length; length--)
		sum = sum >> 8 ^ table[(sum ^ *at++) & 0xff];
	return ~sum;
}
