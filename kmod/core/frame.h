/* SPDX-License-Identifier: GPL-2.0-only */
/* Frames of the device: one pass over a request with a policy per frame type; a writer for replies. */
#ifndef _HBK_CORE_FRAME_H
#define _HBK_CORE_FRAME_H

#include "fault.h"

/*
 * What hbk_frame_parse() answers, each with a text and with the name of the
 * item ("frame", "frame type 12", "attribute NAME", "attribute 99"):
 *
 *	-EBADMSG	shorter than a header, or not as long as its header says
 *	-EMSGSIZE	longer than HBK_FRAME_MAX
 *	-EOPNOTSUPP	not a type of request
 *	-EINVAL		malformed: reserved fields, padding, trailing bytes, a size or a
 *			text that cannot be, an attribute that this type does not have
 *	-EEXIST		an attribute twice
 *	-E2BIG		an attribute that is too long, or more certificates than are allowed
 *	-ERANGE		a number out of its range
 *	-ENODATA	a required attribute is missing
 */

/* A parsed attribute points into the caller's frame; it lives as long as that does. */
struct hbk_attr_view {
	const u8 *data;		/* NULL if absent */
	u32 length;		/* of the payload */
};

#define HBK_FRAME_CERTS	HBK_CHAIN_MAX	/* CERT is the only attribute that may be repeated */

struct hbk_request {
	u16 type;
	u32 sequence;
	struct hbk_attr_view attrs[HBK_A_COUNT];
	struct hbk_attr_view certs[HBK_FRAME_CERTS];	/* attrs[HBK_A_CERT] is the first of them */
	u32 cert_count;
};

int hbk_frame_header_check(const void *frame, size_t length);
int hbk_frame_parse(struct hbk_request *request, const void *frame, size_t length,
		    struct hbk_fault *fault);

const char *hbk_attr_name(u16 attr);	/* "NAME"; NULL if there is no such attribute */

bool hbk_request_has(const struct hbk_request *request, u16 attr);
u8 hbk_request_u8(const struct hbk_request *request, u16 attr, u8 absent);
u16 hbk_request_u16(const struct hbk_request *request, u16 attr, u16 absent);
u32 hbk_request_u32(const struct hbk_request *request, u16 attr, u32 absent);
u64 hbk_request_u64(const struct hbk_request *request, u16 attr, u64 absent);

/*
 * The writer never overruns: past the end it only remembers that it did, and
 * hbk_writer_end() says so.
 */
struct hbk_writer {
	u8 *buffer;
	u32 size;
	u32 length;
	bool overrun;
};

void hbk_writer_begin(struct hbk_writer *w, void *buffer, u32 size, u16 type, u32 sequence);
void hbk_writer_bytes(struct hbk_writer *w, u16 attr, const void *data, u32 length);
void hbk_writer_string(struct hbk_writer *w, u16 attr, const char *string);
void hbk_writer_u8(struct hbk_writer *w, u16 attr, u8 value);
void hbk_writer_u16(struct hbk_writer *w, u16 attr, u16 value);
void hbk_writer_u32(struct hbk_writer *w, u16 attr, u32 value);
void hbk_writer_u64(struct hbk_writer *w, u16 attr, u64 value);
int hbk_writer_end(struct hbk_writer *w);

#endif /* _HBK_CORE_FRAME_H */
