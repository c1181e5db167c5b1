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

static int layer_install_filters(struct hbk_conn *conn)
{
	int err;

	hbk_conn_addresses(conn);	/* filters may ask for them */
	err = hbk_filtering_install(conn, conn->layer);
	if (err)
		hbk_layer_release(conn);
	else
		conn->layer = &hbk_layer_filter;
	return err;
}

/**
 * hbk_layer_install() - give a session's keys to a record layer, and put the rule's filters upon it
 * @conn: in the handshake that is done; its callbacks are the socket's own
 * again, and it has met its struct socket
 * @keys: of the session, the caller wipes them; NULL if the connection is plain
 *
 * Context: process, socket not locked; may load crypto modules, and runs guests.
 * Return: 0, or why there can be no connection.
 */
int hbk_layer_install(struct hbk_conn *conn, const struct hbk_keys *keys)
{
	int err = 0;

	hbk_layer_release(conn);	/* of a connection that failed, on the same socket */
	if (conn->plain)
		conn->layer = &hbk_layer_plain;
	else
		err = layer_install_records(conn, keys);
	if (!err && conn->rule->filter_count && !conn->unfiltered)
		err = layer_install_filters(conn);
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
