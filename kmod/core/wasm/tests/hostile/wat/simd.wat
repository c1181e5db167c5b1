;; SPDX-License-Identifier: GPL-2.0-only
(module (func (export "never") (drop (v128.const i32x4 1 2 3 4))))
