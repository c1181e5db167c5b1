;; SPDX-License-Identifier: GPL-2.0-only
(module (import "nowhere" "global" (global i32)) (func (export "never")))
