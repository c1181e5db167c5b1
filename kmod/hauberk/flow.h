/* SPDX-License-Identifier: GPL-2.0-only */
/* What a socket and its caller look like to the decision table. */
#ifndef _HBK_FLOW_H
#define _HBK_FLOW_H

#include <linux/socket.h>
#include <net/sock.h>

#include "conn_info.h"
#include "ruleset.h"

bool hbk_flow_remote(const struct sock *sk, const struct sockaddr *address, int length, struct hbk_conn_info *info);
void hbk_flow_child(const struct sock *child, struct hbk_conn_info *info);
struct hbk_rule *hbk_flow_match(struct hbk_ruleset *ruleset, const struct sock *sk,
				struct hbk_conn_info *info);
struct hbk_rule *hbk_flow_match_early(struct hbk_ruleset *ruleset, const struct sock *sk,
				      struct hbk_conn_info *info);
void hbk_flow_task(struct hbk_conn_info *info);

#endif /* _HBK_FLOW_H */
