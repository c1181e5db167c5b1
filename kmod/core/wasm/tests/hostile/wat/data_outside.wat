;; SPDX-License-Identifier: GPL-2.0-only
;; An active data segment that ends past the memory: found when an instance is made.
(module (memory 1) (data (i32.const 65535) "ab") (func (export "never")))
