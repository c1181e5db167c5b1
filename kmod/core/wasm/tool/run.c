// SPDX-License-Identifier: GPL-2.0-only
/* The verb `run`: call an exported function in user space. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "guest.h"
#include "tool.h"

static bool resolve(void *context, const struct hbk_wasm_import *import, struct hbk_wasm_extern *found)
{
	(void)context;
	return spectest_resolve(import, found);
}

static bool parse_value(const char *text, u8 type, u64 *value)
{
	union {
		float f;
		u32 bits;
	} single;
	union {
		double f;
		u64 bits;
	} full;
	char *end;

	switch (type) {
	case HBK_WASM_I32:
		*value = (u32)strtoull(text, &end, 0);
		break;
	case HBK_WASM_I64:
		*value = strtoull(text, &end, 0);
		break;
	case HBK_WASM_F32:
		single.f = strtof(text, &end);
		*value = single.bits;
		break;
	case HBK_WASM_F64:
		full.f = strtod(text, &end);
		*value = full.bits;
		break;
	default:
		return false;
	}
	return *text && !*end;
}

static void print_value(u64 value, u8 type)
{
	union {
		u32 bits;
		float f;
	} single = { .bits = (u32)value };
	union {
		u64 bits;
		double f;
	} full = { .bits = value };

	switch (type) {
	case HBK_WASM_I32:
		printf("%" PRId32 "\n", (int32_t)value);
		break;
	case HBK_WASM_I64:
		printf("%" PRId64 "\n", (int64_t)value);
		break;
	case HBK_WASM_F32:
		printf("%.9g\n", single.f);
		break;
	case HBK_WASM_F64:
		printf("%.17g\n", full.f);
		break;
	default:
		puts(value ? "reference" : "null");
	}
}

static int call(const struct hbk_wasm_function *function, const char *name, int argc, char **argv)
{
	const struct hbk_wasm_type *type = function->type;
	static u64 values[HBK_WASM_PARAMS_MAX];
	enum hbk_wasm_trap trap;
	u64 used;
	u32 i;

	if ((u32)argc != type->param_count) {
		fprintf(stderr, "%s: takes %u arguments, not %d\n", name, type->param_count, argc);
		return TOOL_REFUSED;
	}
	for (i = 0; i < type->param_count; i++) {
		if (parse_value(argv[i], type->params[i], &values[i]))
			continue;
		fprintf(stderr, "%s: argument %u: %s is no %s\n", name, i + 1, argv[i],
			hbk_wasm_value_type_name(type->params[i]));
		return TOOL_REFUSED;
	}
	trap = guest_call(function, values, GUEST_FUEL, &used);
	fprintf(stderr, "%" PRIu64 " instructions\n", used);
	if (trap) {
		fprintf(stderr, "%s: trap: %s\n", name, hbk_wasm_trap_name(trap));
		return TOOL_REFUSED;
	}
	for (i = 0; i < type->result_count; i++)
		print_value(values[i], type->results[i]);
	return TOOL_DONE;
}

static int call_export(const struct guest *guest, int argc, char **argv)
{
	const struct hbk_wasm_function *function = hbk_wasm_instance_function(guest->instance, argv[1]);

	if (!function) {
		fprintf(stderr, "%s: exports no function \"%s\"\n", argv[0], argv[1]);
		return TOOL_REFUSED;
	}
	return call(function, argv[1], argc - 2, argv + 2);
}

static int run_file(int argc, char **argv)
{
	char text[2 * HBK_WASM_ERROR_TEXT];
	enum guest_verdict verdict;
	struct hbk_wasm_error error;
	enum hbk_wasm_trap trap;
	struct guest *guest;
	int status = TOOL_REFUSED;

	spectest_reset();
	verdict = guest_open(&guest, argv[0], resolve, NULL, &error, &trap);
	switch (verdict) {
	case GUEST_MADE:
		status = call_export(guest, argc, argv);
		break;
	case GUEST_TRAPPED:
		fprintf(stderr, "%s: trap when it was started: %s\n", argv[0], hbk_wasm_trap_name(trap));
		break;
	default:
		hbk_wasm_error_print(&error, text, sizeof(text));
		fprintf(stderr, "%s: %s\n", argv[0], text);
	}
	guest_close(guest);
	return status;
}

const struct tool_verb verb_run = {
	.name = "run",
	.usage = "FILE EXPORT [ARGUMENT...]",
	.description = "call a function of a module with the interpreter",
	.least = 2,
	.run = run_file,
};
