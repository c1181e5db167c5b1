;; SPDX-License-Identifier: GPL-2.0-only
;; A start function that takes all the memory that it can get, for ever.
(module (memory 1) (func $start (loop (drop (memory.grow (i32.const 1))) (br 0))) (start $start) (func (export "never")))
