// SPDX-License-Identifier: Apache-2.0
/* A filter without a single callback: whatever passes it passes as it is. */
#include "proxy_wasm.h"
