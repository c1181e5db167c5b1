;; SPDX-License-Identifier: GPL-2.0-only
;; A start function that calls what may not be called from there.
(module
  (import "hauberk" "cpu" (func $cpu (result i32)))
  (func $start (drop (call $cpu)))
  (start $start)
  (func (export "never")))
