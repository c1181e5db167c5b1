/* SPDX-License-Identifier: GPL-2.0-only */
/* HTTP calls that filters make: a connection of its own for each, to an upstream of the rule-set. */
#ifndef _HBK_FILTER_CALL_H
#define _HBK_FILTER_CALL_H

#include <linux/types.h>

struct hbk_filter_vm;
struct hbk_http_call;
struct hbk_vm;
struct sock;

int hbk_filter_call(struct hbk_vm *core, const struct hbk_http_call *call);
void hbk_filter_calls_end(struct hbk_filter_vm *vm);
void hbk_filter_calls_shut(void);
bool hbk_filter_call_is_ours(const struct sock *sk);

#endif /* _HBK_FILTER_CALL_H */
