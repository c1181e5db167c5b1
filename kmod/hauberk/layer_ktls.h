/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel TLS as a record layer. */
#ifndef _HBK_LAYER_KTLS_H
#define _HBK_LAYER_KTLS_H

#include "layer.h"

extern const struct hbk_layer hbk_layer_ktls;

#endif /* _HBK_LAYER_KTLS_H */
