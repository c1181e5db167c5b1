/* SPDX-License-Identifier: GPL-2.0-only */
/* Interception of connect() and accept(). */
#ifndef _HBK_HOOK_H
#define _HBK_HOOK_H

void hbk_hook_init(void);
void hbk_hook_exit(void);

#endif /* _HBK_HOOK_H */
