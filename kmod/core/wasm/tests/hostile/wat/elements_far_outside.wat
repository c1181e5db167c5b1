;; SPDX-License-Identifier: GPL-2.0-only
(module (table 2 funcref) (elem (i32.const -1) $f) (func $f) (func (export "never")))
