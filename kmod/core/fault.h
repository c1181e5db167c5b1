/* SPDX-License-Identifier: GPL-2.0-only */
/* What went wrong, for the person who wrote the input: an errno, a sentence, the thing at fault. */
#ifndef _HBK_CORE_FAULT_H
#define _HBK_CORE_FAULT_H

#include "types.h"

#define HBK_FAULT_TEXT	160	/* bytes, the final NUL included */
#define HBK_FAULT_ITEM	96

struct hbk_fault {
	char text[HBK_FAULT_TEXT];
	char item[HBK_FAULT_ITEM];
};

int hbk_fault_set(struct hbk_fault *fault, int err, const char *item, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
int hbk_fault_vset(struct hbk_fault *fault, int err, const char *item, const char *format,
		   va_list args) __attribute__((format(printf, 4, 0)));

#endif /* _HBK_CORE_FAULT_H */
