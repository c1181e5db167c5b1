// SPDX-License-Identifier: GPL-2.0-only
/*
 * hauberk.ko: mutual TLS under plain TCP sockets.
 *
 * Interception finds everything that it uses in place.  The device comes last:
 * there are no rules before all of TCP's sockets are under them.
 */
#include <linux/init.h>
#include <linux/module.h>

#include "conn.h"
#include "device.h"
#include "event.h"
#include "filter_call.h"
#include "filter_env.h"
#include "hook.h"
#include "ktls.h"
#include "ops.h"
#include "ruleset.h"
#include "source.h"
#include "wasm_watch.h"

static int __init hauberk_init(void)
{
	int err;

	err = hbk_ops_init();
	if (err)
		return err;
	err = hbk_ktls_init();
	if (err)
		return err;
	hbk_source_init();
	err = hbk_event_init();
	if (err)
		goto err_ktls;
	err = hbk_conn_init();
	if (err)
		goto err_event;
	err = hbk_filter_env_init();
	if (err)
		goto err_conn;
	hbk_hook_init();
	hbk_wasm_watch_init();
	err = hbk_device_init();
	if (err)
		goto err_watch;
	pr_info("hauberk " HBK_MODULE_VERSION " loaded\n");
	return 0;

err_watch:
	hbk_wasm_watch_exit();
	hbk_hook_exit();
	hbk_filter_env_exit();
err_conn:
	hbk_conn_exit();
err_event:
	hbk_event_exit();
err_ktls:
	hbk_ktls_exit();
	return err;
}

static void __exit hauberk_exit(void)
{
	hbk_device_exit();
	hbk_wasm_watch_exit();
	hbk_filter_calls_shut();
	hbk_hook_exit();
	hbk_conn_exit();
	hbk_ruleset_exit();
	hbk_filter_env_exit();
	hbk_event_exit();
	hbk_ktls_exit();
}

module_init(hauberk_init);
module_exit(hauberk_exit);

MODULE_DESCRIPTION("Mutual TLS under plain TCP sockets");
MODULE_LICENSE("GPL");
MODULE_VERSION(HBK_MODULE_VERSION);
MODULE_SOFTDEP("pre: tls gcm ctr ghash-generic chacha20poly1305");
