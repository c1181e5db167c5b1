;; SPDX-License-Identifier: Apache-2.0
(module
  (import "hauberk" "no_such_thing" (func (param i32)))
  (import "nobody" "knows" (func (result i32)))
  (import "nobody" "remembers" (memory 1))
  (func (export "f")))
