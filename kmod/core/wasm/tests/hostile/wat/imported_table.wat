;; SPDX-License-Identifier: GPL-2.0-only
(module (import "nowhere" "table" (table 1 funcref)) (func (export "never")))
