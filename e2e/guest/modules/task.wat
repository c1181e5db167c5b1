;; SPDX-License-Identifier: Apache-2.0
;; What the host tells of the task that calls.
(module
  (import "hauberk" "pid" (func $pid (result i32)))
  (func (export "pid") (result i32)
    (call $pid)))
