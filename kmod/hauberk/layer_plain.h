/* SPDX-License-Identifier: GPL-2.0-only */
/* No records at all: TCP itself, under the filters of connections that stay plaintext. */
#ifndef _HBK_LAYER_PLAIN_H
#define _HBK_LAYER_PLAIN_H

#include "layer.h"

extern const struct hbk_layer hbk_layer_plain;

#endif /* _HBK_LAYER_PLAIN_H */
