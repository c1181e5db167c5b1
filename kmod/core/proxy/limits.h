/* SPDX-License-Identifier: GPL-2.0-only */
/* What a filter may ask of the proxy-wasm host. docs/proxy-wasm.md lists what a guest is told beyond each. */
#ifndef _HBK_PROXY_LIMITS_H
#define _HBK_PROXY_LIMITS_H

/* Of one connection. */
#define HBK_PROXY_HELD_MAX		1048576	/* bytes that a chain holds per flow before its sender has to wait */
#define HBK_PROXY_BUFFER_MAX		2097152	/* bytes of one buffer, also after a filter has added to it */
#define HBK_PROXY_CHAIN_MAX		16	/* filters */
#define HBK_PROXY_ROUNDS_MAX		64	/* turns of one hbk_chain_resume() */

/* Of one stream context. */
#define HBK_PROXY_PROPERTIES_MAX	32	/* set by its filter */
#define HBK_PROXY_PROPERTY_PATH		256	/* bytes */
#define HBK_PROXY_PROPERTY_VALUE	4096	/* bytes */

/* Of one VM. */
#define HBK_PROXY_BUDGET		1000000	/* instructions of a callback if nobody says another number */
#define HBK_PROXY_START_BUDGET		100000000 /* of all that happens up to proxy_on_configure, each */
#define HBK_PROXY_CONTEXTS_MAX		65536	/* stream contexts that live at once */
#define HBK_PROXY_LINGERING_MAX		64	/* of them, ended but not done as their filter says */
#define HBK_PROXY_CALLS_MAX		64	/* HTTP calls that wait for their answer */
#define HBK_PROXY_CALL_BODY_MAX		1048576	/* bytes of a call's body, and of its answer's */
#define HBK_PROXY_CALL_TIMEOUT_MAX	60000	/* milliseconds; more is cut to this */
#define HBK_PROXY_TICK_MIN		10	/* milliseconds; less is raised to this */
#define HBK_PROXY_CONFIG_MAX		65536	/* bytes of a VM's or a plugin's configuration */
#define HBK_PROXY_ID_MAX		64	/* bytes of a vm_id and of a root id */
#define HBK_PROXY_RANDOM_MAX		65536	/* bytes of one random_get */
#define HBK_PROXY_LOG_MAX		4096	/* bytes of one message; the rest is cut off */
#define HBK_PROXY_IOVEC_MAX		1024	/* pieces of one fd_write */

/* Of a header map and its serialised form. */
#define HBK_PROXY_PAIRS_MAX		1024
#define HBK_PROXY_PAIRS_BYTES		1048576

/* Of what the VMs of one vm_id share. */
#define HBK_PROXY_SHARED_KEYS		4096
#define HBK_PROXY_SHARED_KEY		256	/* bytes of a key */
#define HBK_PROXY_SHARED_VALUE		65536	/* bytes of a value */
#define HBK_PROXY_SHARED_BYTES		4194304	/* of keys and values together */
#define HBK_PROXY_QUEUES		64
#define HBK_PROXY_QUEUE_NAME		256	/* bytes */
#define HBK_PROXY_QUEUE_ITEMS		4096	/* of one queue */
#define HBK_PROXY_QUEUE_ITEM		65536	/* bytes of an item */
#define HBK_PROXY_QUEUE_BYTES		1048576	/* of one queue's items */
#define HBK_PROXY_METRICS		256
#define HBK_PROXY_METRIC_NAME		256	/* bytes */

/* Of all. */
#define HBK_PROXY_SPACES		256	/* different vm_ids */
#define HBK_PROXY_QUEUES_ALL		1024	/* of all vm_ids */
#define HBK_PROXY_FOREIGN		64	/* foreign functions */

/* Of one trial. */
#define HBK_PROXY_SCRIPT_MAX		1048576	/* bytes of an event script */
#define HBK_PROXY_TRACE_MAX		1048576	/* bytes of its trace */
#define HBK_PROXY_TRACE_STRING		1024	/* bytes of a string that are shown */

#endif /* _HBK_PROXY_LIMITS_H */
