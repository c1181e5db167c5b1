;; SPDX-License-Identifier: GPL-2.0-only
;; Bulk memory instructions out of bounds: nothing is written before they trap.
(module
  (memory 1)
  (data $d "0123456789")
  (data (i32.const 0) "abcdefgh")
  (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 1) (local.get 1)))
  (func (export "copy") (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init") (param i32 i32 i32) (memory.init $d (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init_dropped") (param i32)
    (data.drop $d)
    (memory.init $d (i32.const 0) (i32.const 0) (local.get 0)))
  (func (export "init_active") (param i32) (memory.init 1 (i32.const 0) (i32.const 0) (local.get 0)))
  (func (export "overlapping") (result i64)
    (memory.copy (i32.const 2) (i32.const 0) (i32.const 6))
    (i64.load (i32.const 0)))
)
