// SPDX-License-Identifier: GPL-2.0-only
/* Which layers a connection gets. */
#include "layer.h"

#include "conn.h"
#include "keys.h"
#include "ktls.h"
#include "layer_filter.h"
#include "layer_ktls.h"
#include "layer_own.h"
#include "layer_plain.h"

static int layer_install_records(struct hbk_conn *conn, const struct hbk_keys *keys)
{
	const struct hbk_layer *layer = &hbk_layer_ktls;
	int err = -EOPNOTSUPP;

	if (conn->ruleset->record_layer == HBK_RECORDS_KERNEL)
		err = hbk_ktls_install(conn, keys);
	conn->info.suite = keys->suite;
	conn->info.ktls = !err;
	if (err == -EOPNOTSUPP) {
		layer = &hbk_layer_own;
		err = hbk_own_install(conn, keys);
	}
	if (!err)
		conn->layer = layer;
	return err;
}

/**
 * hbk_layer_install() - give a session's keys to a record layer, and put the rule's filters upon it
 * @conn: in the handshake that is done; its callbacks are the socket's own
 * again, it has met its struct socket, and its filters are ready
 * @keys: of the session, the caller wipes them; NULL if the connection is plain
 *
 * Context: process, socket not locked; may load crypto modules.
 * Return: 0, or why there can be no connection.
 */
int hbk_layer_install(struct hbk_conn *conn, const struct hbk_keys *keys)
{
	int err = 0;

	if (conn->plain)
		conn->layer = &hbk_layer_plain;
	else
		err = layer_install_records(conn, keys);
	if (err)
		hbk_layer_release(conn);
	else if (conn->filter)
		hbk_filtering_install(conn);
	return err;
}

/**
 * hbk_layer_release() - free what a record layer has, and the filters on it
 * @conn: may have none of them; nobody uses it any more
 *
 * Context: process, socket not locked; runs guests.
 */
void hbk_layer_release(struct hbk_conn *conn)
{
	const struct hbk_layer *records = hbk_filtering_below(conn);

	hbk_filtering_free(conn);
	if (records && records->release)
		records->release(conn);
	conn->layer = NULL;
}
