/* SPDX-License-Identifier: GPL-2.0-only */
/* /dev/hauberk: openers, their transactions and their frames. */
#ifndef _HBK_DEVICE_H
#define _HBK_DEVICE_H

int hbk_device_init(void);
void hbk_device_exit(void);

#endif /* _HBK_DEVICE_H */
