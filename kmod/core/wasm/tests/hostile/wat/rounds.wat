;; SPDX-License-Identifier: GPL-2.0-only
;; A small loop, which a compiled guest pays for several rounds at a time: it must be charged as if it had not.
(module
  (memory 1)
  ;; as many rounds as bytes are left: 16 for the first, 13 for each that follows
  (func (export "sum") (param i32) (result i32) (local i32)
    (loop
      (local.set 1 (i32.add (local.get 1) (i32.load8_u (local.get 0))))
      (br_if 0 (i32.ne (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 65536))))
    (local.get 1))
  ;; the same, and one more, which is out of bounds
  (func (export "past") (param i32) (result i32) (local i32)
    (loop
      (local.set 1 (i32.add (local.get 1) (i32.load8_u (local.get 0))))
      (br_if 0 (i32.ne (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 65540))))
    (local.get 1)))
