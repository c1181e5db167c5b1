/* SPDX-License-Identifier: GPL-2.0-only */
/* Where chains and VMs live: the environment of core/proxy in the kernel. */
#ifndef _HBK_FILTER_ENV_H
#define _HBK_FILTER_ENV_H

#include <hauberk/wasm.h>
#include <linux/workqueue.h>

#include "../core/proxy/env.h"
#include "../core/proxy/hub.h"

/* Guests that are VMs import these, others what stands for them. */
#define HBK_FILTER_HOSTS	3	/* env, and WASI by its two names */

extern struct workqueue_struct *hbk_filter_workqueue;
extern struct workqueue_struct *hbk_filter_call_workqueue;
extern struct hbk_proxy_env hbk_filter_env;
extern struct hbk_wasm_heap hbk_filter_heap;
extern struct hbk_host_module hbk_filter_hosts[HBK_FILTER_HOSTS];

int hbk_filter_env_init(void);
void hbk_filter_env_exit(void);

int hbk_filter_hosts_init(void);
void hbk_filter_hosts_exit(void);

/* filter_property.c: as the property of struct hbk_proxy_ops */
int hbk_filter_property(struct hbk_vm *vm, struct hbk_stream *stream, const char *path, u32 length,
			struct hbk_buffer *value);

#endif /* _HBK_FILTER_ENV_H */
