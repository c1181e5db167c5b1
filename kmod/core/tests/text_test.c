// SPDX-License-Identifier: GPL-2.0-only
#include "../fault.h"
#include "../reason.h"
#include "../text.h"
#include "tests.h"

struct row {
	const char *name;
	const char *text;
	size_t length;
	bool valid;
};

#define TEXT(name, text, valid)	{ name, text, sizeof(text) - 1, valid }
#define X16	"xxxxxxxxxxxxxxxx"

static const struct row texts[] = {
	TEXT("text: empty", "", true),
	TEXT("text: ASCII", "plain text ~", true),
	TEXT("text: first of two bytes", "\xc2\x80", true),
	TEXT("text: two bytes", "\xc3\xbc", true),
	TEXT("text: three bytes", "\xe2\x82\xac", true),
	TEXT("text: four bytes", "\xf0\x9f\x9b\xa1", true),
	TEXT("text: last character", "\xf4\x8f\xbf\xbf", true),
	TEXT("text: NUL", "a\0b", false),
	TEXT("text: newline", "a\nb", false),
	TEXT("text: escape", "\x1b[2J", false),
	TEXT("text: DEL", "a\x7f", false),
	TEXT("text: stray continuation", "\x80", false),
	TEXT("text: overlong slash", "\xc0\xaf", false),
	TEXT("text: overlong in three bytes", "\xe0\x80\xaf", false),
	TEXT("text: overlong in four bytes", "\xf0\x80\x80\xaf", false),
	TEXT("text: surrogate", "\xed\xa0\x80", false),
	TEXT("text: past U+10FFFF", "\xf4\x90\x80\x80", false),
	TEXT("text: five bytes", "\xf8\x88\x80\x80\x80", false),
	TEXT("text: cut off after one byte", "\xe2", false),
	TEXT("text: cut off after two bytes", "\xe2\x82", false),
	TEXT("text: third byte is none", "\xe2\x82\x41", false),
};

static const struct row names[] = {
	TEXT("name: a letter", "w", true),
	TEXT("name: all kinds", "Web-1.in_x", true),
	TEXT("name: first and last of each kind", "AZaz09", true),
	TEXT("name: A first", "A", true),
	TEXT("name: Z first", "Z", true),
	TEXT("name: a first", "a", true),
	TEXT("name: z first", "z", true),
	TEXT("name: at sign first", "@", false),
	TEXT("name: bracket first", "[", false),
	TEXT("name: brace first", "{", false),
	TEXT("name: digit first", "8000", true),
	TEXT("name: 63 bytes", X16 X16 X16 "xxxxxxxxxxxxxxx", true),
	TEXT("name: 64 bytes", X16 X16 X16 X16, false),
	TEXT("name: empty", "", false),
	TEXT("name: dot first", ".web", false),
	TEXT("name: dash first", "-web", false),
	TEXT("name: blank", "web in", false),
	TEXT("name: slash", "web/in", false),
	TEXT("name: NUL", "web\0", false),
	TEXT("name: not ASCII", "w\xc3\xbc", false),
};

static void check_text(void **state)
{
	const struct row *row = *state;

	assert_int_equal(hbk_text_valid((const u8 *)row->text, row->length), row->valid);
}

static void check_name(void **state)
{
	const struct row *row = *state;

	assert_int_equal(hbk_name_valid((const u8 *)row->text, row->length), row->valid);
}

static void check_fault_is_cut_off(void **state)
{
	struct hbk_fault fault;

	(void)state;
	assert_int_equal(hbk_fault_set(&fault, -EINVAL, X16 X16 X16 X16 X16 X16 X16, "%0200d", 7), -EINVAL);
	assert_int_equal(strlen(fault.text), HBK_FAULT_TEXT - 1);
	assert_int_equal(strlen(fault.item), HBK_FAULT_ITEM - 1);
	assert_int_equal(hbk_fault_set(NULL, -ENODATA, "nothing", "nobody listens"), -ENODATA);
}

static void check_reasons_differ(void **state)
{
	u32 i, j;

	(void)state;
	assert_string_equal(hbk_reason_name(HBK_REASON_NONE), "");
	assert_string_equal(hbk_reason_name(HBK_REASON_COUNT), "");
	assert_string_equal(hbk_reason_name(HBK_REASON_BAD_SPIFFE_ID), "bad-spiffe-id");
	for (i = 1; i < HBK_REASON_COUNT; i++) {
		assert_true(hbk_reason_name(i)[0]);
		for (j = 1; j < i; j++)
			assert_string_not_equal(hbk_reason_name(i), hbk_reason_name(j));
	}
}

void add_text_tests(struct tests *tests)
{
	size_t i;

	for (i = 0; i < ROWS(texts); i++)
		tests_add(tests, texts[i].name, check_text, &texts[i]);
	for (i = 0; i < ROWS(names); i++)
		tests_add(tests, names[i].name, check_name, &names[i]);
	tests_add(tests, "fault: what does not fit is cut off", check_fault_is_cut_off, NULL);
	tests_add(tests, "reason: each has a name of its own", check_reasons_differ, NULL);
}
