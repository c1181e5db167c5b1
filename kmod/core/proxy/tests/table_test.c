// SPDX-License-Identifier: GPL-2.0-only
/* The tables of host functions are the ABI's: names and types of version 0.2.1, copied by hand from its specification. */
#include "../hostcall.h"
#include "tests.h"

static const struct {
	const char *name;
	const char *signature;
} abi[] = {
	{ "proxy_done", "i()" },
	{ "proxy_set_effective_context", "i(i)" },
	{ "proxy_log", "i(iii)" },
	{ "proxy_get_log_level", "i(i)" },
	{ "proxy_get_current_time_nanoseconds", "i(i)" },
	{ "proxy_set_tick_period_milliseconds", "i(i)" },
	{ "proxy_set_buffer_bytes", "i(iiiii)" },
	{ "proxy_get_buffer_bytes", "i(iiiii)" },
	{ "proxy_get_buffer_status", "i(iii)" },
	{ "proxy_get_header_map_size", "i(ii)" },
	{ "proxy_get_header_map_pairs", "i(iii)" },
	{ "proxy_set_header_map_pairs", "i(iii)" },
	{ "proxy_get_header_map_value", "i(iiiii)" },
	{ "proxy_add_header_map_value", "i(iiiii)" },
	{ "proxy_replace_header_map_value", "i(iiiii)" },
	{ "proxy_remove_header_map_value", "i(iii)" },
	{ "proxy_continue_stream", "i(i)" },
	{ "proxy_close_stream", "i(i)" },
	{ "proxy_get_status", "i(iii)" },
	{ "proxy_send_local_response", "i(iiiiiiii)" },
	{ "proxy_http_call", "i(iiiiiiiiii)" },
	{ "proxy_grpc_call", "i(iiiiiiiiiiii)" },
	{ "proxy_grpc_stream", "i(iiiiiiiii)" },
	{ "proxy_grpc_send", "i(iiii)" },
	{ "proxy_grpc_cancel", "i(i)" },
	{ "proxy_grpc_close", "i(i)" },
	{ "proxy_set_shared_data", "i(iiiii)" },
	{ "proxy_get_shared_data", "i(iiiii)" },
	{ "proxy_register_shared_queue", "i(iii)" },
	{ "proxy_resolve_shared_queue", "i(iiiii)" },
	{ "proxy_enqueue_shared_queue", "i(iii)" },
	{ "proxy_dequeue_shared_queue", "i(iii)" },
	{ "proxy_define_metric", "i(iiii)" },
	{ "proxy_record_metric", "i(iI)" },
	{ "proxy_increment_metric", "i(iI)" },
	{ "proxy_get_metric", "i(ii)" },
	{ "proxy_get_property", "i(iiii)" },
	{ "proxy_set_property", "i(iiii)" },
	{ "proxy_call_foreign_function", "i(iiiiii)" },
};

static const struct {
	const char *name;
	const char *signature;
} wasi[] = {
	{ "fd_write", "i(iiii)" },
	{ "clock_time_get", "i(iIi)" },
	{ "random_get", "i(ii)" },
	{ "environ_sizes_get", "i(ii)" },
	{ "environ_get", "i(ii)" },
	{ "args_sizes_get", "i(ii)" },
	{ "args_get", "i(ii)" },
	{ "proc_exit", "v(i)" },
};

static const struct hbk_hostcall *find(const char *module, const char *name)
{
	const struct hbk_wasm_name of = { module, strlen(module) }, what = { name, strlen(name) };

	return hbk_hostcall_find(&of, &what);
}

static void all_of_the_abi(void **state)
{
	const struct hbk_hostcall *row;
	size_t i;

	(void)state;
	assert_int_equal(sizeof(abi) / sizeof(abi[0]), 39);
	for (i = 0; i < sizeof(abi) / sizeof(abi[0]); i++) {
		row = find("env", abi[i].name);
		assert_non_null(row);
		assert_string_equal(row->signature, abi[i].signature);
	}
}

static void wasi_by_both_names(void **state)
{
	const struct hbk_hostcall *row;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wasi) / sizeof(wasi[0]); i++) {
		row = find("wasi_snapshot_preview1", wasi[i].name);
		assert_non_null(row);
		assert_string_equal(row->signature, wasi[i].signature);
		assert_ptr_equal(row, find("wasi_unstable", wasi[i].name));
		assert_null(find("env", wasi[i].name));
	}
	assert_null(find("wasi_snapshot_preview1", "proxy_log"));
	assert_null(find("other", "proxy_log"));
}

static void assert_widths(const struct hbk_hostcall *row)
{
	size_t parameters = strlen(row->signature) - strlen("i()"), values = 0;
	const char *role;

	for (role = row->roles; *role; role++) {
		assert_non_null(strchr("nNsop48x", *role));
		assert_int_equal(*role == 'N', row->signature[2 + values] == 'I');
		values += hbk_role_width(*role);
	}
	assert_int_equal(values, parameters);
}

/* Checks and traces go by the roles: they must be of as many arguments as there are. */
static void roles_fit(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < hbk_hostcalls_env_count; i++)
		assert_widths(&hbk_hostcalls_env[i]);
	for (i = 0; i < hbk_hostcalls_wasi_count; i++)
		assert_widths(&hbk_hostcalls_wasi[i]);
}

void add_table_tests(struct tests *tests)
{
	tests_add(tests, "table: all 39 functions of the ABI", all_of_the_abi, NULL);
	tests_add(tests, "table: WASI by both of its names", wasi_by_both_names, NULL);
	tests_add(tests, "table: roles fit signatures", roles_fit, NULL);
}
