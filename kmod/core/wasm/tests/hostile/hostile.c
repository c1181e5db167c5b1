// SPDX-License-Identifier: GPL-2.0-only
/*
 * hostile TABLE FOLDER [SHARED-OBJECT]
 *
 * Gives each guest of TABLE, which is FOLDER/GUEST.wasm, to the engine, and sees that what becomes of it is what TABLE
 * says. They are interpreted; or they run compiled, of the shared object. A line of the table:
 *
 *   guest <tab> call <tab> fuel <tab> outcome
 *
 * call      name(i32:1,i64:0x2), or "-": nothing is called, an instance is made
 * outcome   "refused KIND: TEXT": the module or its instance is, and TEXT is in the reason
 *           "unlinkable IMPORT...": nobody has these; all of them are named, by wasm.ko, and the first one here
 *           "trap NAME"
 *           "ok", and the results: ok i32:5 i64:7
 *
 * Numbers are bits, of floats also. After each trap the instance must be good for nothing more.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../tool/compiled.h"
#include "guest.h"

#define PATIENCE	60	/* seconds for one line, sanitizers included */
#define OUTCOME		512

struct line {
	char *guest;
	char *call;
	u64 fuel;
	char *expected;
};

struct call {
	char name[64];
	u64 values[GUEST_VALUES_MAX];
};

static const struct {
	const char *name;
	u8 type;
} type_names[] = {
	{ "i32", HBK_WASM_I32 }, { "i64", HBK_WASM_I64 }, { "f32", HBK_WASM_F32 }, { "f64", HBK_WASM_F64 },
};

static const char *type_name(u8 type)
{
	size_t i;

	for (i = 0; i < sizeof(type_names) / sizeof(*type_names); i++) {
		if (type_names[i].type == type)
			return type_names[i].name;
	}
	return "ref";
}

/* "name(i32:1,i32:2)"; the table is ours, so types are for people. */
static void parse_call(struct call *call, const char *text)
{
	size_t length = strcspn(text, "(");
	const char *colon = text;
	unsigned int count = 0;

	snprintf(call->name, sizeof(call->name), "%.*s", (int)length, text);
	while ((colon = strchr(colon, ':')))
		call->values[count++] = strtoull(++colon, NULL, 0);
}

static void tell_refusal(const struct guest *guest, char *outcome)
{
	snprintf(outcome, OUTCOME, "refused %s: %s", hbk_wasm_refusal_name(guest->error.refusal), guest->error.text);
}

static void tell_results(const struct hbk_wasm_type *type, const u64 *values, char *outcome)
{
	size_t used = snprintf(outcome, OUTCOME, "ok");
	u32 i;

	for (i = 0; i < type->result_count && used < OUTCOME; i++)
		used += snprintf(outcome + used, OUTCOME - used, " %s:%llu", type_name(type->results[i]),
				 (unsigned long long)values[i]);
}

static void tell_call(struct guest *guest, const struct line *line, char *outcome)
{
	const struct hbk_wasm_function *function;
	enum hbk_wasm_trap trap;
	struct call call = { };
	u64 used = 0;

	parse_call(&call, line->call);
	function = hbk_wasm_instance_function(guest->instance, call.name);
	if (!function) {
		snprintf(outcome, OUTCOME, "no function %s", call.name);
		return;
	}
	trap = guest_call(guest, function, call.values, line->fuel, &used);
	if (!trap) {
		tell_results(function->type, call.values, outcome);
		return;
	}
	snprintf(outcome, OUTCOME, "trap %s", hbk_wasm_trap_name(trap));
	if (used > line->fuel)
		snprintf(outcome, OUTCOME, "%llu units used of %llu", (unsigned long long)used,
			 (unsigned long long)line->fuel);
	else if (guest_call(guest, function, call.values, line->fuel, &used) != HBK_WASM_TRAP_POISONED)
		snprintf(outcome, OUTCOME, "runs on after it trapped");
}

static void tell_instance(struct guest *guest, const struct line *line, char *outcome)
{
	enum hbk_wasm_trap trap = guest_start(guest, line->fuel);

	if (trap)
		snprintf(outcome, OUTCOME, "trap %s", hbk_wasm_trap_name(trap));
	else if (!strcmp(line->call, "-"))
		snprintf(outcome, OUTCOME, "ok");
	else
		tell_call(guest, line, outcome);
}

/* What becomes of it. */
static void run(const struct line *line, const struct guest_bytes *bytes, char *outcome)
{
	struct guest guest;

	guest_init(&guest);
	if (guest_load(&guest, bytes) || guest_prepare(&guest) || guest_instantiate(&guest))
		tell_refusal(&guest, outcome);
	else
		tell_instance(&guest, line, outcome);
	guest_free(&guest);
}

/* An import is MODULE.NAME; the engine says import "MODULE" "NAME". */
static bool is_unlinkable(const char *outcome, const char *imports)
{
	size_t module = strcspn(imports, "."), name = strcspn(imports + module + 1, " ");
	char wanted[OUTCOME];

	snprintf(wanted, sizeof(wanted), " \"%.*s\" \"%.*s\"", (int)module, imports, (int)name,
		 imports + module + 1);
	return !strncmp(outcome, "refused ", 8) && strstr(outcome, wanted);
}

static bool is_expected(const char *outcome, const char *expected)
{
	size_t kind = strcspn(expected, ":") + 1;

	if (!strncmp(expected, "unlinkable ", 11))
		return is_unlinkable(outcome, expected + 11);
	if (strncmp(expected, "refused ", 8))
		return !strcmp(outcome, expected);
	return !strncmp(outcome, expected, kind) && strstr(outcome + kind, expected + kind + 1);
}

static bool check(const struct line *line, const char *folder)
{
	char path[4096], outcome[OUTCOME] = "";
	struct guest_bytes bytes;

	snprintf(path, sizeof(path), "%s/%s.wasm", folder, line->guest);
	if (!guest_bytes_read(&bytes, path)) {
		fprintf(stderr, "hostile: cannot read %s\n", path);
		return false;
	}
	alarm(PATIENCE);
	run(line, &bytes, outcome);
	alarm(0);
	free(bytes.at);
	if (is_expected(outcome, line->expected))
		return true;
	fprintf(stderr, "hostile: %s\t%s\t%llu\n  expected %s\n  found    %s\n", line->guest, line->call,
		(unsigned long long)line->fuel, line->expected, outcome);
	return false;
}

static bool parse_line(struct line *line, char *text)
{
	char *fuel;

	text[strcspn(text, "\n")] = 0;
	if (!*text || *text == '#')
		return false;
	line->guest = strtok(text, "\t");
	line->call = strtok(NULL, "\t");
	fuel = strtok(NULL, "\t");
	line->expected = strtok(NULL, "\t");
	if (!line->expected) {
		fprintf(stderr, "hostile: not a line of the table: %s\n", text);
		exit(2);
	}
	line->fuel = strtoull(fuel, NULL, 10);
	return true;
}

int main(int argc, char **argv)
{
	unsigned int calls = 0, failed = 0;
	struct line line;
	char text[1024];
	FILE *table;

	table = argc < 3 ? NULL : fopen(argv[1], "r");
	if (!table || (argc > 3 && !tool_compiled_open(argv[3]))) {
		fprintf(stderr, "usage: hostile TABLE FOLDER [SHARED-OBJECT]\n");
		return 2;
	}
	while (fgets(text, sizeof(text), table)) {
		if (!parse_line(&line, text))
			continue;
		calls++;
		failed += !check(&line, argv[2]);
	}
	fclose(table);
	printf("hostile guests, %s: %u calls, %u failed\n", argc > 3 ? "compiled" : "interpreted", calls, failed);
	return failed || !calls;
}
