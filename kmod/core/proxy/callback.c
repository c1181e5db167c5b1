// SPDX-License-Identifier: GPL-2.0-only
#include "callback.h"

const struct hbk_callback_row hbk_callback_rows[HBK_CALLBACKS] = {
	[HBK_CALLBACK_INITIALIZE] = { "_initialize", "v()" },
	[HBK_CALLBACK_MAIN] = { "main", "i(ii)" },
	[HBK_CALLBACK_START] = { "_start", "v()" },
	[HBK_CALLBACK_MEMORY_ALLOCATE] = { "proxy_on_memory_allocate", "i(i)" },
	[HBK_CALLBACK_MALLOC] = { "malloc", "i(i)" },
	[HBK_CALLBACK_CONTEXT_CREATE] = { "proxy_on_context_create", "v(ii)" },
	[HBK_CALLBACK_DONE] = { "proxy_on_done", "i(i)" },
	[HBK_CALLBACK_LOG] = { "proxy_on_log", "v(i)" },
	[HBK_CALLBACK_DELETE] = { "proxy_on_delete", "v(i)" },
	[HBK_CALLBACK_VM_START] = { "proxy_on_vm_start", "i(ii)" },
	[HBK_CALLBACK_CONFIGURE] = { "proxy_on_configure", "i(ii)" },
	[HBK_CALLBACK_TICK] = { "proxy_on_tick", "v(i)" },
	[HBK_CALLBACK_NEW_CONNECTION] = { "proxy_on_new_connection", "i(i)" },
	[HBK_CALLBACK_DOWNSTREAM_DATA] = { "proxy_on_downstream_data", "i(iii)" },
	[HBK_CALLBACK_UPSTREAM_DATA] = { "proxy_on_upstream_data", "i(iii)" },
	[HBK_CALLBACK_DOWNSTREAM_CONNECTION_CLOSE] = {
		"proxy_on_downstream_connection_close", "v(ii)" },
	[HBK_CALLBACK_UPSTREAM_CONNECTION_CLOSE] = {
		"proxy_on_upstream_connection_close", "v(ii)" },
	[HBK_CALLBACK_REQUEST_HEADERS] = { "proxy_on_request_headers", "i(iii)" },
	[HBK_CALLBACK_REQUEST_BODY] = { "proxy_on_request_body", "i(iii)" },
	[HBK_CALLBACK_REQUEST_TRAILERS] = { "proxy_on_request_trailers", "i(ii)" },
	[HBK_CALLBACK_RESPONSE_HEADERS] = { "proxy_on_response_headers", "i(iii)" },
	[HBK_CALLBACK_RESPONSE_BODY] = { "proxy_on_response_body", "i(iii)" },
	[HBK_CALLBACK_RESPONSE_TRAILERS] = { "proxy_on_response_trailers", "i(ii)" },
	[HBK_CALLBACK_HTTP_CALL_RESPONSE] = { "proxy_on_http_call_response", "v(iiiii)" },
	[HBK_CALLBACK_QUEUE_READY] = { "proxy_on_queue_ready", "v(ii)" },
	[HBK_CALLBACK_FOREIGN_FUNCTION] = { "proxy_on_foreign_function", "v(iii)" },
};
