/* SPDX-License-Identifier: Apache-2.0 */
/*
 * @NAME@ - sets the header x-@NAME@ of every response to the text of its configuration
 *
 * proxy_wasm.h has all callbacks that may be defined here, and all that the host offers. A filter keeps what it needs
 * in memory of its own: a connection's bytes and headers are only there while its callback runs, or while it is paused.
 */
#include "proxy_wasm.h"

static struct pw_bytes value;

/* Once, before the first connection. False refuses the configuration; say why in the log. */
bool proxy_on_configure(uint32_t root, size_t size)
{
	value = pw_configuration(size);
	if (!value.size)
		return pw_refuse("expected the value of the header, found", value);
	return true;
}

/* `protocol: http`: the head of a response. PROXY_PAUSE holds it until proxy_continue_stream(PROXY_HTTP_RESPONSE). */
enum proxy_action proxy_on_response_headers(uint32_t context, size_t count, bool end_of_stream)
{
	struct pw_bytes name = PW_BYTES("x-@NAME@");

	proxy_replace_header_map_value(PROXY_HTTP_RESPONSE_HEADERS, name.data, name.size, value.data, value.size);
	return PROXY_CONTINUE;
}

/* `protocol: tcp`: bytes of the client's; size is how many the filter holds, with those that it paused for. */
enum proxy_action proxy_on_downstream_data(uint32_t context, size_t size, bool end_of_stream)
{
	return PROXY_CONTINUE;
}
