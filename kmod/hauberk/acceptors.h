/* SPDX-License-Identifier: GPL-2.0-only */
/* Tasks that were in accept() before it was ours. */
#ifndef _HBK_ACCEPTORS_H
#define _HBK_ACCEPTORS_H

void hbk_acceptors_restart(void);

#endif /* _HBK_ACCEPTORS_H */
