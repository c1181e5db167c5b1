;; SPDX-License-Identifier: Apache-2.0
;; What a host module of the tests offers.
(module
  (import "test" "answer" (func $answer (result i32)))
  (func (export "ask") (result i32)
    (call $answer)))
