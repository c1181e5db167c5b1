;; SPDX-License-Identifier: GPL-2.0-only
(module (memory 0) (data (i32.const 0) "a") (func (export "never")))
