;; SPDX-License-Identifier: GPL-2.0-only
;; An active element segment that ends past the table.
(module (table 2 funcref) (elem (i32.const 1) $f $f) (func $f) (func (export "never")))
