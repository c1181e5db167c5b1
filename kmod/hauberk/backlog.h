/* SPDX-License-Identifier: GPL-2.0-only */
/* Handshakes of children that wait to be accepted. */
#ifndef _HBK_BACKLOG_H
#define _HBK_BACKLOG_H

void hbk_backlog_init(void);
void hbk_backlog_exit(void);

#endif /* _HBK_BACKLOG_H */
