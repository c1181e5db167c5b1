;; SPDX-License-Identifier: Apache-2.0
(module
  (func (export "mul") (param f64 f64) (result f64)
    (f64.mul (local.get 0) (local.get 1)))

  (func (export "sqrt") (param f32) (result f32)
    (f32.sqrt (local.get 0)))

  ;; Long enough that others run meanwhile: sqrt(n) by summing.
  (func (export "sum") (param $n i32) (result f64)
    (local $sum f64)
    (loop $again
      (local.set $sum (f64.add (local.get $sum) (f64.const 0.5)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
