// SPDX-License-Identifier: GPL-2.0-only
/* Which record layer a connection gets. */
#include "layer.h"

#include "conn.h"
#include "keys.h"
#include "ktls.h"
#include "layer_ktls.h"
#include "layer_own.h"

/**
 * hbk_layer_install() - give a session's keys to a record layer
 * @conn: in the handshake that is done; its callbacks are the socket's own
 * again, and it has met its struct socket
 * @keys: of the session; the caller wipes them
 *
 * Context: process, socket not locked; may load crypto modules.
 * Return: 0, or why there can be no connection.
 */
int hbk_layer_install(struct hbk_conn *conn, const struct hbk_keys *keys)
{
	const struct hbk_layer *layer = &hbk_layer_ktls;
	int err = -EOPNOTSUPP;

	hbk_layer_release(conn);	/* of a connection that failed, on the same socket */
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
 * hbk_layer_release() - free what a record layer has
 * @conn: may have none; nobody uses it any more
 *
 * Context: process, socket not locked.
 */
void hbk_layer_release(struct hbk_conn *conn)
{
	if (conn->layer && conn->layer->release)
		conn->layer->release(conn);
	conn->layer = NULL;
}
