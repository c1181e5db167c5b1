// SPDX-License-Identifier: GPL-2.0-only
/*
 * Failures to order; see inject.h.  Any context may ask, one administrator at
 * a time tells: the counters are atomic and nothing is locked.
 */
#include "inject.h"

#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#define INJECT_NAME	32	/* bytes of a name and a count, the final NUL included */

static struct {
	const char *const name;
	atomic_t left;		/* how often it is still to fail */
	atomic_t failed;
} inject_points[HBK_INJECT_COUNT] = {
	[HBK_INJECT_MODULE]		= { "module" },
	[HBK_INJECT_CONN]		= { "conn" },
	[HBK_INJECT_HANDSHAKE]		= { "handshake" },
	[HBK_INJECT_ENTROPY]		= { "entropy" },
	[HBK_INJECT_HANDSHAKE_SEND]	= { "handshake-send" },
	[HBK_INJECT_HANDSHAKE_RECV]	= { "handshake-recv" },
	[HBK_INJECT_CERT]		= { "cert" },
	[HBK_INJECT_CHAIN]		= { "chain" },
	[HBK_INJECT_PEER_ID]		= { "peer-id" },
	[HBK_INJECT_SESSION_CACHE]	= { "session-cache" },
	[HBK_INJECT_SESSION]		= { "session" },
	[HBK_INJECT_SESSION_PEER_ID]	= { "session-peer-id" },
	[HBK_INJECT_CONN_KEYS]		= { "conn-keys" },
	[HBK_INJECT_KEYS]		= { "keys" },
	[HBK_INJECT_KTLS_STAND_IN]	= { "ktls-stand-in" },
	[HBK_INJECT_KTLS_ABSENT]	= { "ktls-absent" },
	[HBK_INJECT_KTLS_ULP]		= { "ktls-ulp" },
	[HBK_INJECT_KTLS_SEND_KEY]	= { "ktls-send-key" },
	[HBK_INJECT_KTLS_RECEIVE_KEY]	= { "ktls-receive-key" },
	[HBK_INJECT_OWN]		= { "own" },
	[HBK_INJECT_OWN_RECORD]		= { "own-record" },
	[HBK_INJECT_OWN_DECRYPT]	= { "own-decrypt" },
	[HBK_INJECT_OWN_SEND]		= { "own-send" },
	[HBK_INJECT_OWN_ALERT]		= { "own-alert" },
	[HBK_INJECT_ZEROCOPY]		= { "zerocopy" },
	[HBK_INJECT_SPLICE]		= { "splice" },
	[HBK_INJECT_SPLICE_PAGE]	= { "splice-page" },
	[HBK_INJECT_FILTER]		= { "filter" },
	[HBK_INJECT_FILTER_CONFIG]	= { "filter-config" },
	[HBK_INJECT_FILTER_CHAINS]	= { "filter-chains" },
	[HBK_INJECT_FILTER_VM]		= { "filter-vm" },
	[HBK_INJECT_FILTER_MEMORY]	= { "filter-memory" },
	[HBK_INJECT_FILTER_HOSTS]	= { "filter-hosts" },
	[HBK_INJECT_FILTER_CALL]	= { "filter-call" },
	[HBK_INJECT_FILTERING]		= { "filtering" },
	[HBK_INJECT_FILTERING_READY]	= { "filtering-ready" },
	[HBK_INJECT_FILTERING_PIECE]	= { "filtering-piece" },
	[HBK_INJECT_FILTERING_RESET]	= { "filtering-reset" },
};

/**
 * hbk_inject() - is this place to fail?
 * @point: which one
 *
 * Context: any.
 */
bool hbk_inject(enum hbk_inject_point point)
{
	if (!atomic_add_unless(&inject_points[point].left, -1, 0))
		return false;
	atomic_inc(&inject_points[point].failed);
	return true;
}

static int inject_arm(const char *name, int count)
{
	int i;

	for (i = 0; i < HBK_INJECT_COUNT; i++) {
		if (strcmp(inject_points[i].name, name))
			continue;
		atomic_set(&inject_points[i].failed, 0);
		atomic_set(&inject_points[i].left, count);
		return 0;
	}
	return -ENOENT;
}

static void inject_disarm(void)
{
	int i;

	for (i = 0; i < HBK_INJECT_COUNT; i++)
		atomic_set(&inject_points[i].left, 0);
}

static int inject_set(const char *value, const struct kernel_param *param)
{
	char text[INJECT_NAME];
	char *name, *count;
	int times = INT_MAX;

	if (strscpy(text, value, sizeof(text)) < 0)
		return -EINVAL;
	name = strim(text);
	if (!strcmp(name, "none")) {
		inject_disarm();
		return 0;
	}
	count = strchr(name, ':');
	if (count) {
		*count++ = '\0';
		if (kstrtoint(count, 10, &times) || times < 0)
			return -EINVAL;
	}
	return inject_arm(name, times);
}

static int inject_get(char *buffer, const struct kernel_param *param)
{
	int length = 0, i;

	for (i = 0; i < HBK_INJECT_COUNT; i++)
		length += sysfs_emit_at(buffer, length, "%s %d\n", inject_points[i].name,
					atomic_read(&inject_points[i].failed));
	return length;
}

static const struct kernel_param_ops inject_ops = {
	.set = inject_set,
	.get = inject_get,
};

module_param_cb(inject, &inject_ops, NULL, 0600);
MODULE_PARM_DESC(inject, "a place that is to fail: NAME, NAME:COUNT or none");
