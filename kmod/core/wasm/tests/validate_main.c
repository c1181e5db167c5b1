// SPDX-License-Identifier: GPL-2.0-only
#include <assert.h>

#include "validate_tests.h"

void tests_add(struct tests *tests, const char *name, CMUnitTestFunction test, const void *row)
{
	tests->list = realloc(tests->list, (tests->count + 1) * sizeof(*tests->list));
	assert(tests->list);
	tests->list[tests->count++] = (struct CMUnitTest){
		.name = name, .test_func = test, .initial_state = (void *)row,
	};
}

int check_built(struct builder *builder, u32 forbidden, struct hbk_wasm_error *error)
{
	struct hbk_wasm_module module;
	struct tool_heap heap;
	int err;

	tool_heap_init(&heap);
	err = hbk_wasm_validate(&module, builder->bytes, builder->size, forbidden, &heap.heap, error);
	if (!err)
		hbk_wasm_module_free(&module);
	assert_int_equal(heap.used, 0);
	builder_free(builder);
	return err;
}

int main(void)
{
	struct tests tests = { 0 };
	int failed;

	add_limit_tests(&tests);
	add_refusal_tests(&tests);
	add_module_tests(&tests);
	failed = _cmocka_run_group_tests("validator", tests.list, tests.count, NULL, NULL);
	printf("validator: %zu passed, %d failed\n", tests.count - failed, failed);
	free(tests.list);
	return failed != 0;
}
