/* SPDX-License-Identifier: GPL-2.0-only */
/* How much of HTTP/1.1 a peer may send before it is refused. */
#ifndef _HBK_HTTP_LIMITS_H
#define _HBK_HTTP_LIMITS_H

#define HBK_HTTP_HEAD_MAX	65536	/* bytes of a head, the empty line included */
#define HBK_HTTP_LINE_MAX	16384	/* bytes of its first line */
#define HBK_HTTP_FIELDS_MAX	256	/* of a head, or of trailers */
#define HBK_HTTP_TRAILERS_MAX	16384	/* bytes */
#define HBK_HTTP_CHUNK_LINE_MAX	256	/* bytes of a chunk's first line, extensions included */
#define HBK_HTTP_CHUNK_DIGITS	15	/* hexadecimal ones of a chunk's size */
#define HBK_HTTP_LENGTH_DIGITS	18	/* decimal ones of a Content-Length */
#define HBK_HTTP_INTERIM_MAX	16	/* responses 1xx before the one that counts */
#define HBK_HTTP_HELD		65536	/* bytes of a body that are waited for to know its length */

#endif /* _HBK_HTTP_LIMITS_H */
