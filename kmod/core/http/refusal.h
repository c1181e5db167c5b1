/* SPDX-License-Identifier: GPL-2.0-only */
/* What a message is refused for. */
#ifndef _HBK_HTTP_REFUSAL_H
#define _HBK_HTTP_REFUSAL_H

#include "../types.h"

enum hbk_http_refusal {
	HBK_HTTP_FINE,
	HBK_HTTP_NO_MEMORY,
	HBK_HTTP_CONTROL,		/* a control character */
	HBK_HTTP_BARE_LF,
	HBK_HTTP_BARE_CR,
	HBK_HTTP_FOLDING,		/* a field that goes on in the next line */
	HBK_HTTP_START,			/* the first line is none */
	HBK_HTTP_METHOD,
	HBK_HTTP_TARGET,
	HBK_HTTP_TARGET_LONG,
	HBK_HTTP_VERSION,
	HBK_HTTP_STATUS,
	HBK_HTTP_FIELD,			/* no name, a bad one, no colon behind it */
	HBK_HTTP_HEAD_LONG,
	HBK_HTTP_FIELDS_MANY,
	HBK_HTTP_HOST,			/* none, several, a bad one, not the target's */
	HBK_HTTP_LENGTH,		/* no number, or one too big */
	HBK_HTTP_LENGTHS,		/* more than one */
	HBK_HTTP_LENGTH_AND_CODING,
	HBK_HTTP_CODING,		/* another one than chunked */
	HBK_HTTP_CODING_OLD,		/* in HTTP/1.0 */
	HBK_HTTP_BODY,			/* where there is none */
	HBK_HTTP_CHUNK_SIZE,
	HBK_HTTP_CHUNK_LONG,		/* its first line */
	HBK_HTTP_CHUNK_END,		/* its last bytes are not its end */
	HBK_HTTP_TRAILER,		/* a field that may not be one */
	HBK_HTTP_TRAILERS_LONG,
	HBK_HTTP_TRUNCATED,		/* the end within a message */
	HBK_HTTP_UNASKED,		/* a response without a request */
	HBK_HTTP_UPGRADE,		/* one that nobody asked for */
	HBK_HTTP_INTERIMS,		/* too many of them */
	HBK_HTTP_CHANGED,		/* a filter made of it what cannot be sent */
	HBK_HTTP_REFUSALS
};

u32 hbk_http_refusal_status(enum hbk_http_refusal refusal);
const char *hbk_http_refusal_text(enum hbk_http_refusal refusal);

#endif /* _HBK_HTTP_REFUSAL_H */
