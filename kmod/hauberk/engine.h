/* SPDX-License-Identifier: GPL-2.0-only */
/* How BearSSL is set up for one handshake, and what its errors mean. */
#ifndef _HBK_ENGINE_H
#define _HBK_ENGINE_H

#include <hauberk/bearssl.h>

#include "verify.h"

struct hbk_conn;
struct hbk_session;

/* All memory of one handshake; gone once the keys are with kTLS. */
struct hbk_handshake {
	union {
		br_ssl_engine_context engine;	/* the first member of both */
		br_ssl_client_context client;
		br_ssl_server_context server;
	};
	struct hbk_verifier verifier;
	const br_ssl_session_cache_class *sessions;	/* how a server's engine asks for one */
	struct hbk_session *session;		/* what may be resumed, or was */
	bool finished;				/* who the peer is has been settled */
	u32 received;				/* bytes from the peer so far */
	unsigned char buffer[BR_SSL_BUFSIZE_MONO];
};

int hbk_engine_start(struct hbk_handshake *hs, struct hbk_conn *conn);
enum hbk_reason hbk_engine_finish(struct hbk_handshake *hs);
void hbk_engine_fail(struct hbk_handshake *hs);
void hbk_engine_exit(struct hbk_handshake *hs);
enum hbk_reason hbk_engine_reason(const struct hbk_handshake *hs);
u8 hbk_engine_alert(enum hbk_reason reason);

#endif /* _HBK_ENGINE_H */
