;; SPDX-License-Identifier: Apache-2.0
;;
;; A proxy-wasm filter that is slow to start. Its root id is a letter and a key of the shared data: "w" is not started
;; before somebody has set the key, "r" then refuses to be, "g" sets it when a connection begins. "b" calculates for a
;; while. Bytes pass as they are. Each callback has its budget: who waits does so in three of them, and is a trap at last.
(module
  (import "env" "proxy_get_property" (func $property (param i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_get_shared_data" (func $shared (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_set_shared_data" (func $share (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (data (i32.const 64) "plugin_root_id")
  (global $mode (mut i32) (i32.const 0))
  (global $length (mut i32) (i32.const 0))

  (func (export "proxy_abi_version_0_2_1"))

  ;; What the host wants room for is the root id, which is kept, or a value that nobody looks at.
  (func (export "malloc") (param $size i32) (result i32)
    (select (i32.const 2048) (i32.const 1024) (global.get $mode)))

  (func $calculate (param $turns i32)
    (loop $more
      (local.set $turns (i32.sub (local.get $turns) (i32.const 1)))
      (br_if $more (i32.gt_s (local.get $turns) (i32.const 0)))))

  (func $is_set (result i32)
    (i32.eqz (call $shared (i32.const 1025) (global.get $length) (i32.const 16) (i32.const 20) (i32.const 24))))

  (func $waits (result i32)
    (i32.or (i32.eq (global.get $mode) (i32.const 119)) (i32.eq (global.get $mode) (i32.const 114)))) ;; w, r

  ;; What is calculated takes longer than asking, for the instructions that it costs.
  (func $wait
    (local $left i32)
    (if (i32.eqz (call $waits))
      (then (return)))
    (local.set $left (i32.const 1000))
    (loop $again
      (if (call $is_set)
        (then (return)))
      (call $calculate (i32.const 10000))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $again (local.get $left))))

  (func (export "proxy_on_context_create") (param $context i32) (param $parent i32)
    (if (local.get $parent)
      (then (return)))
    (if (call $property (i32.const 64) (i32.const 14) (i32.const 16) (i32.const 20))
      (then (unreachable)))
    (global.set $length (i32.sub (i32.load (i32.const 20)) (i32.const 1)))
    (global.set $mode (i32.load8_u (i32.const 1024)))
    (call $wait))

  (func (export "proxy_on_vm_start") (param $root i32) (param $size i32) (result i32)
    (call $wait)
    (i32.const 1))

  (func (export "proxy_on_configure") (param $root i32) (param $size i32) (result i32)
    (if (i32.eq (global.get $mode) (i32.const 98)) ;; b
      (then (call $calculate (i32.const 3000000))))
    (call $wait)
    (if (i32.and (call $waits) (i32.eqz (call $is_set)))
      (then (unreachable)))
    (i32.ne (global.get $mode) (i32.const 114)))

  (func (export "proxy_on_new_connection") (param $context i32) (result i32)
    (if (i32.eq (global.get $mode) (i32.const 103)) ;; g
      (then
        (if (call $share (i32.const 1025) (global.get $length) (i32.const 1024) (i32.const 1) (i32.const 0))
          (then (unreachable)))))
    (i32.const 0)))
