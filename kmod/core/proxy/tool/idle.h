/* SPDX-License-Identifier: GPL-2.0-only */
/* An environment in which nothing happens, for programs that measure chains or run them for their locks. */
#ifndef _HBK_PROXY_TOOL_IDLE_H
#define _HBK_PROXY_TOOL_IDLE_H

#include "../env.h"

/*
 * Nothing is known, nobody is called, nobody is woken, and nothing needs a lock; a filter that fails ends the program.
 * There is no call and no memory in it: whoever copies it brings those of its engine.
 */
extern const struct hbk_proxy_ops tool_idle_ops;

#endif /* _HBK_PROXY_TOOL_IDLE_H */
