;; SPDX-License-Identifier: GPL-2.0-only
;; What says of itself that it must not be reached.
(module
  (func $deep (param i32) (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1)))) (else (unreachable))))
  (func (export "now") (unreachable))
  (func (export "in_a_block") (result i32) (block (result i32) (unreachable)))
  (func (export "after_a_branch") (result i32) (block (result i32) (br 0 (i32.const 3)) (unreachable)))
  (func (export "deep") (call $deep (i32.const 500)))
)
