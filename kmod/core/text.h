/* SPDX-License-Identifier: GPL-2.0-only */
/* Text from outside: what may be shown to a person, and what may be a name. */
#ifndef _HBK_CORE_TEXT_H
#define _HBK_CORE_TEXT_H

#include "types.h"

bool hbk_text_valid(const u8 *text, size_t length);
bool hbk_name_valid(const u8 *name, size_t length);

#endif /* _HBK_CORE_TEXT_H */
