;; SPDX-License-Identifier: GPL-2.0-only
;; A memory without a page: nothing is within its bounds.
(module
  (memory 0)
  (func (export "load") (result i32) (i32.load8_u (i32.const 0)))
  (func (export "store") (i32.store8 (i32.const 0) (i32.const 1)))
  (func (export "fill_nothing") (memory.fill (i32.const 0) (i32.const 1) (i32.const 0)))
  (func (export "fill_nothing_outside") (memory.fill (i32.const 1) (i32.const 1) (i32.const 0)))
)
