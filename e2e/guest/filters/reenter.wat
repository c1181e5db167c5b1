;; SPDX-License-Identifier: Apache-2.0
;; Calls the host while the host has it allocate, which is forbidden.
(module
  (import "env" "proxy_get_buffer_bytes" (func $get (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "proxy_on_memory_allocate") (param i32) (result i32)
    (drop (call $get (i32.const 2) (i32.const 0) (i32.const 100) (i32.const 0) (i32.const 4)))
    i32.const 4096)
  (func (export "proxy_on_context_create") (param i32 i32))
  (func (export "proxy_on_vm_start") (param i32 i32) (result i32)
    i32.const 1)
  (func (export "proxy_on_configure") (param i32 i32) (result i32)
    i32.const 1)
  (func (export "proxy_on_new_connection") (param i32) (result i32)
    i32.const 0)
  (func (export "proxy_on_downstream_data") (param i32 i32 i32) (result i32)
    (drop (call $get (i32.const 2) (i32.const 0) (i32.const 100) (i32.const 0) (i32.const 4)))
    i32.const 0))
