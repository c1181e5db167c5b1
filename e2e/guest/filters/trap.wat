;; SPDX-License-Identifier: Apache-2.0
;; Traps at the first byte that it sees.
(module
  (memory (export "memory") 1)
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "proxy_on_memory_allocate") (param i32) (result i32)
    i32.const 4096)
  (func (export "proxy_on_context_create") (param i32 i32))
  (func (export "proxy_on_vm_start") (param i32 i32) (result i32)
    i32.const 1)
  (func (export "proxy_on_configure") (param i32 i32) (result i32)
    i32.const 1)
  (func (export "proxy_on_new_connection") (param i32) (result i32)
    i32.const 0)
  (func (export "proxy_on_downstream_data") (param i32 i32 i32) (result i32)
    unreachable))
