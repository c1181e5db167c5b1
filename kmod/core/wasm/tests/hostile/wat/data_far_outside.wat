;; SPDX-License-Identifier: GPL-2.0-only
(module (memory 1) (data (i32.const -1) "a") (func (export "never")))
