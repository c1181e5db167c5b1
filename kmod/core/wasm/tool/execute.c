// SPDX-License-Identifier: GPL-2.0-only
/* What the core test suite has executed: module, register, invoke and get; see suite.c for the protocol. */
#include "guest.h"
#include "suite.h"

/* A name, hexadecimal as it came, and the guest that has it. */
struct named {
	struct named *next;
	struct guest *guest;
	char name[];
};

static struct guest *guests;	/* all of them, the latest first; one that trapped may be referred to */
static struct guest *current;
static struct named *names;
static struct named *registered;

static void release_names(struct named **list)
{
	struct named *next;

	for (; *list; *list = next) {
		next = (*list)->next;
		suite_free(*list);
	}
}

/**
 * suite_begin() - be ready for a file of the suite
 */
void suite_begin(void)
{
	spectest_reset();
}

/**
 * suite_end() - forget all modules and their names
 *
 * Nothing of a file of the suite is of use to the next one.
 */
void suite_end(void)
{
	struct guest *next;

	for (; guests; guests = next) {
		next = guests->next;
		guest_close(guests);
	}
	current = NULL;
	release_names(&names);
	release_names(&registered);
}

static struct guest *find(const struct named *list, const char *name)
{
	for (; list; list = list->next) {
		if (!strcmp(list->name, name))
			return list->guest;
	}
	return NULL;
}

static void give_name(struct named **list, const char *name, struct guest *guest)
{
	struct named *named = suite_alloc(sizeof(*named) + strlen(name) + 1);

	strcpy(named->name, name);
	named->guest = guest;
	named->next = *list;
	*list = named;
}

static struct guest *named_guest(const char *name)
{
	return strcmp(name, "-") ? find(names, name) : current;
}

static void to_hexadecimal(const struct hbk_wasm_name *name, char *text)
{
	u32 i;

	for (i = 0; i < name->length; i++)
		sprintf(text + 2 * i, "%02x", (u8)name->text[i]);
	strcpy(text + 2 * i, i ? "" : "-");
}

static u32 from_hexadecimal(const char *text, char *name)
{
	u32 length = 0;
	unsigned int byte;

	if (strcmp(text, "-")) {
		for (; sscanf(text, "%2x", &byte) == 1; text += 2)
			name[length++] = byte;
	}
	return length;
}

static bool resolve(void *context, const struct hbk_wasm_import *import, struct hbk_wasm_extern *found)
{
	static char text[2 * HBK_WASM_NAME_MAX + 2];
	struct guest *guest;

	(void)context;
	to_hexadecimal(&import->module, text);
	guest = find(registered, text);
	if (!guest)
		return spectest_resolve(import, found);
	return hbk_wasm_instance_export(guest->instance, import->name.text, import->name.length, found);
}

static void make_module(int argc, char **argv)
{
	struct hbk_wasm_error error;
	enum guest_verdict verdict;
	enum hbk_wasm_trap trap;
	struct guest *guest;

	(void)argc;
	verdict = guest_open(&guest, argv[1], resolve, NULL, &error, &trap);
	guest->next = guests;
	guests = guest;
	switch (verdict) {
	case GUEST_MADE:
		current = guest;
		if (strcmp(argv[0], "-"))
			give_name(&names, argv[0], guest);
		suite_say("ok\n");
		break;
	case GUEST_FAILED:
		suite_say("error %s\n", error.text);
		break;
	case GUEST_REFUSED:
		suite_answer_refused(&error);
		break;
	case GUEST_UNLINKABLE:
		suite_say("unlinkable %s\n", error.text);
		break;
	case GUEST_TRAPPED:
		suite_say("trap %s\n", hbk_wasm_trap_name(trap));
		break;
	}
}

static void register_module(int argc, char **argv)
{
	struct guest *guest = named_guest(argv[0]);

	(void)argc;
	if (!guest) {
		suite_say("error no such module\n");
		return;
	}
	give_name(&registered, argv[1], guest);
	suite_say("ok\n");
}

/* TYPE:BITS; an external reference that is not null is one more than its number. */
static u64 parse_value(const char *word)
{
	const char *bits = strchr(word, ':');
	u64 value = 0;

	if (!bits || !strcmp(bits, ":null"))
		return 0;
	while (*++bits >= '0' && *bits <= '9')
		value = 10 * value + (*bits - '0');
	return value + (strstr(word, "ref:") != NULL);
}

static void print_value(u64 value, u8 type)
{
	bool reference = type == HBK_WASM_FUNCREF || type == HBK_WASM_EXTERNREF;

	suite_say(" %s:", hbk_wasm_value_type_name(type));
	if (reference && !value)
		suite_say("null");
	else
		suite_say("%llu", (unsigned long long)(value - reference));
}

static bool find_export(const char *module, const char *field, struct hbk_wasm_extern *found)
{
	static char name[HBK_WASM_NAME_MAX];
	struct guest *guest = named_guest(module);

	if (guest && hbk_wasm_instance_export(guest->instance, name, from_hexadecimal(field, name), found))
		return true;
	suite_say("error no such module or export\n");
	return false;
}

static void invoke(int argc, char **argv)
{
	static u64 values[HBK_WASM_PARAMS_MAX];
	const struct hbk_wasm_type *type;
	struct hbk_wasm_extern found;
	enum hbk_wasm_trap trap;
	u32 i;

	if (!find_export(argv[0], argv[1], &found))
		return;
	if (!found.function || found.function->type->param_count != argc - 2) {
		suite_say("error no function with so many parameters\n");
		return;
	}
	type = found.function->type;
	for (i = 0; i < type->param_count; i++)
		values[i] = parse_value(argv[2 + i]);
	trap = guest_call(found.function, values, GUEST_FUEL, NULL);
	found.function->instance->poisoned = false;	/* the suite goes on after a trap */
	if (trap) {
		suite_say("trap %s\n", hbk_wasm_trap_name(trap));
		return;
	}
	suite_say("values");
	for (i = 0; i < type->result_count; i++)
		print_value(values[i], type->results[i]);
	suite_say("\n");
}

static void get(int argc, char **argv)
{
	struct hbk_wasm_extern found;

	(void)argc;
	if (!find_export(argv[0], argv[1], &found))
		return;
	if (!found.global) {
		suite_say("error no global\n");
		return;
	}
	suite_say("values");
	print_value(*found.global, found.global_type);
	suite_say("\n");
}

const struct suite_command suite_module = { "module", 2, make_module };
const struct suite_command suite_register = { "register", 2, register_module };
const struct suite_command suite_invoke = { "invoke", 2, invoke };
const struct suite_command suite_get = { "get", 2, get };
