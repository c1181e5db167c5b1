;; SPDX-License-Identifier: GPL-2.0-only
;; Bulk instructions at full length, again and again.
(module
  (memory 64)
  (table $t 1000 100000 funcref)
  (table $u 1000 funcref)
  (func (export "fill") (loop (memory.fill (i32.const 0) (i32.const 255) (i32.const 4194304)) (br 0)))
  (func (export "copy")
    (loop (memory.copy (i32.const 0) (i32.const 1) (i32.const 4194303)) (br 0)))
  (func (export "copy_up")
    (loop (memory.copy (i32.const 1) (i32.const 0) (i32.const 4194303)) (br 0)))
  (func (export "fill_once") (memory.fill (i32.const 0) (i32.const 255) (i32.const 4194304)))
  (func (export "table_fill") (loop (table.fill $t (i32.const 0) (ref.null func) (i32.const 1000)) (br 0)))
  (func (export "table_copy") (loop (table.copy $t $u (i32.const 0) (i32.const 0) (i32.const 1000)) (br 0)))
  (func (export "table_grow") (loop (drop (table.grow $t (ref.null func) (i32.const 1))) (br 0)))
  (func (export "table_grow_by_nothing") (loop (drop (table.grow $u (ref.null func) (i32.const 0))) (br 0)))
)
