/* SPDX-License-Identifier: GPL-2.0-only */
/* What a handshake leaves behind: the keys of one TLS 1.2 session, for a record layer. */
#ifndef _HBK_KEYS_H
#define _HBK_KEYS_H

#include <linux/types.h>

#define HBK_KEY_BYTES	32
#define HBK_IV_BYTES	12

enum hbk_cipher {
	HBK_CIPHER_AES_GCM_128,
	HBK_CIPHER_AES_GCM_256,
	HBK_CIPHER_CHAPOL,
};

/* One direction. */
struct hbk_key {
	u8 key[HBK_KEY_BYTES];
	u8 iv[HBK_IV_BYTES];	/* the implicit part */
	u64 sequence;		/* of the next record */
};

/* To be wiped when a record layer has them. */
struct hbk_keys {
	u16 suite;
	u8 cipher;		/* enum hbk_cipher */
	u8 key_length;
	u8 iv_length;
	struct hbk_key tx, rx;
};

struct hbk_handshake;

int hbk_keys_derive(struct hbk_keys *keys, struct hbk_handshake *hs, bool client);

#endif /* _HBK_KEYS_H */
