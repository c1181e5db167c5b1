// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "../../peer.h"

static void check_view(const struct hbk_name_view *view, const u8 *data, size_t length)
{
	if (view->length == 0 || view->data < data || view->data + view->length > data + length)
		abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t length)
{
	struct hbk_leaf leaf;
	u32 i;

	if (hbk_leaf_scan(&leaf, data, length))
		return 0;
	if (leaf.uri_count)
		check_view(&leaf.uri, data, length);
	for (i = 0; i < leaf.dns_count; i++)
		check_view(&leaf.dns[i], data, length);
	hbk_peer_identity_check(&leaf);
	hbk_peer_pattern_match("spiffe://example.org/*", &leaf);
	hbk_peer_pattern_match("dns:web.example.org", &leaf);
	return 0;
}
