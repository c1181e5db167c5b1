// SPDX-License-Identifier: GPL-2.0-only
#include "reason.h"

static const char *const reason_names[HBK_REASON_COUNT] = {
	[HBK_REASON_NONE]		= "",
	[HBK_REASON_CLEAN]		= "clean",
	[HBK_REASON_PEER_CLOSED]	= "peer-closed",
	[HBK_REASON_TRUNCATED]		= "truncated",
	[HBK_REASON_RESET]		= "reset",
	[HBK_REASON_LOCAL_ABORT]	= "local-abort",
	[HBK_REASON_ALERT]		= "peer-alert",
	[HBK_REASON_BAD_RECORD]		= "bad-record",
	[HBK_REASON_NOT_TLS]		= "not-tls",
	[HBK_REASON_BAD_VERSION]	= "bad-version",
	[HBK_REASON_NO_SUITE]		= "no-common-suite",
	[HBK_REASON_NO_CERTIFICATE]	= "no-certificate",
	[HBK_REASON_UNTRUSTED]		= "untrusted",
	[HBK_REASON_EXPIRED]		= "expired",
	[HBK_REASON_NOT_YET_VALID]	= "not-yet-valid",
	[HBK_REASON_BAD_CERTIFICATE]	= "bad-certificate",
	[HBK_REASON_BAD_USAGE]		= "bad-usage",
	[HBK_REASON_NAME_CONSTRAINTS]	= "name-constraints",
	[HBK_REASON_NO_IDENTITY]	= "no-identity",
	[HBK_REASON_MANY_URIS]		= "many-uri-sans",
	[HBK_REASON_BAD_SPIFFE_ID]	= "bad-spiffe-id",
	[HBK_REASON_NOT_ALLOWED]	= "peer-not-allowed",
	[HBK_REASON_WRONG_SERVER_NAME]	= "wrong-server-name",
	[HBK_REASON_TIMEOUT]		= "handshake-timeout",
	[HBK_REASON_TOO_MANY]		= "too-many-handshakes",
	[HBK_REASON_DENIED]		= "denied",
	[HBK_REASON_UNREACHABLE]	= "unreachable",
	[HBK_REASON_NO_MEMORY]		= "no-memory",
	[HBK_REASON_NO_KTLS]		= "no-ktls",
	[HBK_REASON_PROTOCOL]		= "protocol",
	[HBK_REASON_RATE]		= "rate-limited",
	[HBK_REASON_OWN_TLS]		= "application-tls",
	[HBK_REASON_FILTER]		= "filter",
};

/**
 * hbk_reason_name() - the word that events, tests and documents use for a reason
 * @reason: the reason
 *
 * Return: a string constant, empty for HBK_REASON_NONE and for what is no reason.
 */
const char *hbk_reason_name(enum hbk_reason reason)
{
	if ((unsigned int)reason >= HBK_REASON_COUNT)
		return "";
	return reason_names[reason];
}
