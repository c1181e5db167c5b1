;; SPDX-License-Identifier: GPL-2.0-only
;; A memory with a maximum of its own, which holds.
(module
  (memory 1 3)
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "two_then_one") (result i32)
    (drop (memory.grow (i32.const 2)))
    (memory.grow (i32.const 1)))
)
