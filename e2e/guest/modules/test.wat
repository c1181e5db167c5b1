;; SPDX-License-Identifier: Apache-2.0
;; A bit of everything that needs nothing of its host.
(module
  (memory (export "memory") 1 4)
  (table (export "table") 2 funcref)
  (global (export "counter") (mut i64) (i64.const 7))
  (elem (i32.const 0) $add)

  (func $add (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))

  (func (export "add64") (param i64 i64) (result i64)
    (i64.add (local.get 0) (local.get 1)))

  (func (export "div") (param i32 i32) (result i32)
    (i32.div_s (local.get 0) (local.get 1)))

  (func (export "swap") (param i32 i64) (result i64 i32)
    (local.get 1) (local.get 0))

  (func $fac (export "fac") (param i64) (result i64)
    (if (result i64) (i64.eqz (local.get 0))
      (then (i64.const 1))
      (else (i64.mul (local.get 0) (call $fac (i64.sub (local.get 0) (i64.const 1)))))))

  (func (export "loop")
    (loop $again (br $again)))

  (func $recurse (export "recurse")
    (call $recurse))

  (func (export "load") (param i32) (result i32)
    (i32.load (local.get 0)))

  (func (export "grow") (param i32) (result i32)
    (memory.grow (local.get 0)))

  ;; What one call leaves another must not find.
  (func (export "count") (result i64)
    (global.set 0 (i64.add (global.get 0) (i64.const 1)))
    (global.get 0))

  (func (export "call") (param i32)
    (drop (call_indirect (param i32 i32) (result i32)
      (i32.const 1) (i32.const 2) (local.get 0))))

  (func (export "give") (result funcref)
    (ref.func $add))

  (func (export "take") (param externref) (result externref)
    (local.get 0))

  (func (export "unreachable")
    (unreachable))

  (func (export "a b") (result i32)
    (i32.const 42)))
