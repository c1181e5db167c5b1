;; SPDX-License-Identifier: GPL-2.0-only
;; A host function imported with a type that it does not have.
(module (import "env" "print_i32" (func (param i64))) (func (export "never")))
