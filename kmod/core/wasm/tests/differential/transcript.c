// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads names of modules, a line each, and answers with a transcript of what
 * each does when it is run by our engine: the same lines as Oracle.java writes
 * of Chicory. See Transcript.java for what they are.
 */
#include <stdlib.h>
#include <string.h>

#include "../hostile/guest.h"

#define FUEL	300000000ull
#define ROUNDS	2
#define EDGES	10

static const u64 edges_i32[EDGES] = {
	0, 1, 0xffffffff, 0x7fffffff, 0x80000000, 42, 0xffff, 0x100, 0x0fffffff, 0xfffffff8,
};

static const u64 edges_i64[EDGES] = {
	0, 1, 0xffffffffffffffff, 0x7fffffffffffffff, 0x8000000000000000, 42, 0xffffffff, 0x100000000, 0x80000000,
	0xffffffffffffff80,
};

static const u64 edges_f32[EDGES] = {
	0, 0x3f800000, 0xbf800000, 0x7fc00000, 0x7f800000, 0xff800000, 0x80000000, 1, 0x4f000000, 0x40490fdb,
};

static const u64 edges_f64[EDGES] = {
	0, 0x3ff0000000000000, 0xbff0000000000000, 0x7ff8000000000000, 0x7ff0000000000000, 0xfff0000000000000,
	0x8000000000000000, 1, 0x43e0000000000000, 0x400921fb54442d18,
};

static u64 edge(u8 type, u32 choice)
{
	switch (type) {
	case HBK_WASM_I32:
		return edges_i32[choice % EDGES];
	case HBK_WASM_I64:
		return edges_i64[choice % EDGES];
	case HBK_WASM_F32:
		return edges_f32[choice % EDGES];
	case HBK_WASM_F64:
		return edges_f64[choice % EDGES];
	default:
		return 0;
	}
}

static void print_value(u8 type, u64 value)
{
	switch (type) {
	case HBK_WASM_I32:
		printf(" i32:%llx", (unsigned long long)value);
		break;
	case HBK_WASM_I64:
		printf(" i64:%llx", (unsigned long long)value);
		break;
	case HBK_WASM_F32:
		printf(" f32:%llx", (value & 0x7fffffff) > 0x7f800000 ? 0x7fc00000ull : (unsigned long long)value);
		break;
	case HBK_WASM_F64:
		printf(" f64:%llx", (value & 0x7fffffffffffffff) > 0x7ff0000000000000 ? 0x7ff8000000000000ull :
		       (unsigned long long)value);
		break;
	default:
		printf(" ref:%s", value ? "some" : "null");
	}
}

/* How much of a resource there is, is an engine's own affair. */
static const char *trap_name(enum hbk_wasm_trap trap)
{
	if (trap == HBK_WASM_TRAP_FUEL_EXHAUSTED || trap == HBK_WASM_TRAP_STACK_EXHAUSTED)
		return "resource";
	return hbk_wasm_trap_name(trap);
}

static bool call(struct guest *guest, const struct hbk_wasm_function *function, const struct hbk_wasm_name *name,
		 u32 choice)
{
	const struct hbk_wasm_type *type = function->type;
	u64 values[GUEST_VALUES_MAX] = { }, used;
	enum hbk_wasm_trap trap;
	u32 i;

	for (i = 0; i < type->param_count; i++)
		values[i] = edge(type->params[i], choice + i * 3);
	trap = guest_call(guest, function, values, FUEL, &used);
	printf("call %.*s", (int)name->length, name->text);
	if (trap)
		printf(" ! %s", trap_name(trap));
	for (i = 0; !trap && i < type->result_count; i++)
		print_value(type->results[i], values[i]);
	putchar('\n');
	/* Chicory's instances outlive their traps; so that there is more to compare, so does this one. */
	guest->instance->trap = HBK_WASM_TRAP_NONE;
	guest->instance->poisoned = false;
	return strcmp(trap_name(trap), "resource");
}

static bool call_all(struct guest *guest)
{
	const struct hbk_wasm_export *export;
	u32 i, round;

	for (i = 0; i < guest->module.export_count; i++) {
		export = &guest->module.exports[i];
		for (round = 0; export->kind == HBK_WASM_KIND_FUNCTION && round < ROUNDS; round++) {
			if (!call(guest, &guest->instance->functions[export->index], &export->name, i * 7 + round * 5))
				return false;
		}
	}
	return true;
}

static void run(struct guest *guest)
{
	enum hbk_wasm_trap trap = guest_start(guest, FUEL);
	const struct hbk_wasm_memory *memory;

	if (trap) {
		printf("start ! %s\n", trap_name(trap));
		return;
	}
	if (!call_all(guest))
		return;
	printf("told %08x\n", guest->logged);
	memory = guest->instance->memory;
	if (memory)
		printf("memory %u %08x\n", memory->pages, guest_checksum(0, memory->base, memory->size));
}

static void transcribe(const struct guest_bytes *bytes)
{
	struct guest guest;

	guest_init(&guest);
	if (guest_load(&guest, bytes) || guest_prepare(&guest) || guest_instantiate(&guest))
		printf("refused %s: %s\n", hbk_wasm_refusal_name(guest.error.refusal), guest.error.text);
	else
		run(&guest);
	guest_free(&guest);
}

int main(void)
{
	struct guest_bytes bytes;
	char path[4096];

	while (fgets(path, sizeof(path), stdin)) {
		path[strcspn(path, "\n")] = 0;
		if (!guest_bytes_read(&bytes, path)) {
			fprintf(stderr, "transcript: cannot read %s\n", path);
			return 1;
		}
		transcribe(&bytes);
		free(bytes.at);
		puts("end");
		fflush(stdout);
	}
	return 0;
}
