;; SPDX-License-Identifier: GPL-2.0-only
;; Pauses new connections, has no data callback, and continues stream 2 by its timer.
(module
  (import "env" "proxy_continue_stream" (func $continue (param i32) (result i32)))
  (import "env" "proxy_set_effective_context" (func $effective (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "proxy_on_new_connection") (param i32) (result i32) (i32.const 1))
  (func (export "proxy_on_tick") (param i32)
    (drop (call $effective (i32.const 2)))
    (drop (call $continue (i32.const 2)))))
