/* SPDX-License-Identifier: GPL-2.0-only */
/* Why a connection was refused or ended: one name each, the same in events, tests and docs. */
#ifndef _HBK_CORE_REASON_H
#define _HBK_CORE_REASON_H

#include "types.h"

enum hbk_reason {
	HBK_REASON_NONE,		/* "" */
	HBK_REASON_CLEAN,		/* "clean": close_notify both ways or ours alone */
	HBK_REASON_PEER_CLOSED,		/* "peer-closed": the peer ended it with close_notify */
	HBK_REASON_TRUNCATED,		/* "truncated": end of stream without close_notify */
	HBK_REASON_RESET,		/* "reset": RST */
	HBK_REASON_LOCAL_ABORT,		/* "local-abort": closed by us before the handshake was over */
	HBK_REASON_ALERT,		/* "peer-alert": the peer sent a fatal alert */
	HBK_REASON_BAD_RECORD,		/* "bad-record": a record that cannot be decrypted or parsed */
	HBK_REASON_NOT_TLS,		/* "not-tls": plaintext into a strict port */
	HBK_REASON_BAD_VERSION,		/* "bad-version": the peer does not speak TLS 1.2 */
	HBK_REASON_NO_SUITE,		/* "no-common-suite" */
	HBK_REASON_NO_CERTIFICATE,	/* "no-certificate": the peer sent none */
	HBK_REASON_UNTRUSTED,		/* "untrusted": the chain does not end at a trust anchor */
	HBK_REASON_EXPIRED,		/* "expired" */
	HBK_REASON_NOT_YET_VALID,	/* "not-yet-valid" */
	HBK_REASON_BAD_CERTIFICATE,	/* "bad-certificate": it cannot be parsed, or a signature is wrong */
	HBK_REASON_BAD_USAGE,		/* "bad-usage": key usage, basic constraints */
	HBK_REASON_NAME_CONSTRAINTS,	/* "name-constraints": present, and cannot be checked */
	HBK_REASON_NO_IDENTITY,		/* "no-identity": neither a URI nor a DNS SAN */
	HBK_REASON_MANY_URIS,		/* "many-uri-sans": a SPIFFE certificate has exactly one */
	HBK_REASON_BAD_SPIFFE_ID,	/* "bad-spiffe-id": not a well-formed SPIFFE id */
	HBK_REASON_NOT_ALLOWED,		/* "peer-not-allowed": the rule does not allow this identity */
	HBK_REASON_WRONG_SERVER_NAME,	/* "wrong-server-name" */
	HBK_REASON_TIMEOUT,		/* "handshake-timeout" */
	HBK_REASON_TOO_MANY,		/* "too-many-handshakes" */
	HBK_REASON_DENIED,		/* "denied": by a rule */
	HBK_REASON_UNREACHABLE,		/* "unreachable": TCP itself did not connect */
	HBK_REASON_NO_MEMORY,		/* "no-memory" */
	HBK_REASON_NO_KTLS,		/* "no-ktls": the kernel refused the keys */
	HBK_REASON_PROTOCOL,		/* "protocol": any other fault of the TLS protocol */
	HBK_REASON_RATE,		/* "rate-limited": its source began too many handshakes */
	HBK_REASON_OWN_TLS,		/* "application-tls": the application speaks TLS itself, and the rule says refuse */
	HBK_REASON_FILTER,		/* "filter": a filter failed that must not, or ended the connection */
	HBK_REASON_COUNT
};

const char *hbk_reason_name(enum hbk_reason reason);

#endif /* _HBK_CORE_REASON_H */
