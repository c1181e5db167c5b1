// SPDX-License-Identifier: GPL-2.0-only
#include "scan.h"

#include "limits.h"

static enum hbk_http_refusal line_feed(struct hbk_http_scan *scan)
{
	if (!scan->cr)
		return HBK_HTTP_BARE_LF;
	scan->cr = false;
	scan->done = !scan->column;
	scan->column = 0;
	scan->lines++;
	return HBK_HTTP_FINE;
}

static enum hbk_http_refusal one_byte(struct hbk_http_scan *scan, u8 byte)
{
	if (byte == '\n')
		return line_feed(scan);
	if (scan->cr)
		return HBK_HTTP_BARE_CR;
	if (byte == '\r') {
		scan->cr = true;
		return HBK_HTTP_FINE;
	}
	if ((byte < ' ' && byte != '\t') || byte == 127)
		return HBK_HTTP_CONTROL;
	if (!scan->column && (byte == ' ' || byte == '\t'))
		return scan->lines ? HBK_HTTP_FOLDING : HBK_HTTP_START;
	scan->column++;
	return HBK_HTTP_FINE;
}

static enum hbk_http_refusal within_limits(const struct hbk_http_scan *scan, u32 limit)
{
	if (scan->total > limit)
		return HBK_HTTP_HEAD_LONG;
	if (!scan->lines && scan->column > HBK_HTTP_LINE_MAX)
		return HBK_HTTP_TARGET_LONG;
	/* The first line and the empty one are no fields. */
	if (scan->lines > HBK_HTTP_FIELDS_MAX + 2 || (scan->lines == HBK_HTTP_FIELDS_MAX + 2 && !scan->done))
		return HBK_HTTP_FIELDS_MANY;
	return HBK_HTTP_FINE;
}

/**
 * hbk_http_scan() - goes on with a head
 * @scan: where in the head it is
 * @data: the bytes
 * @length: how many there are
 * @limit: bytes that it may have
 * @used: bytes of @data that belong to it
 *
 * Return: why it is refused, as soon as that is known. @scan->done tells when it is complete.
 */
enum hbk_http_refusal hbk_http_scan(struct hbk_http_scan *scan, const u8 *data, size_t length, u32 limit,
				    size_t *used)
{
	enum hbk_http_refusal refusal = HBK_HTTP_FINE;
	size_t i;

	for (i = 0; i < length && !scan->done && !refusal; i++) {
		scan->total++;
		refusal = one_byte(scan, data[i]);
		if (!refusal)
			refusal = within_limits(scan, limit);
	}
	*used = i;
	return refusal;
}
