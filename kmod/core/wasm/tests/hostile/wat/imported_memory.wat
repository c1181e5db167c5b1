;; SPDX-License-Identifier: GPL-2.0-only
(module (import "nowhere" "memory" (memory 1)) (func (export "never")))
