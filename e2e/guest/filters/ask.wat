;; SPDX-License-Identifier: Apache-2.0
;; Asks the upstream that its configuration names before it lets a request go: 200 lets it pass, another status becomes
;; the answer. Without an answer that is 504, without a call 503. Who is called "slow" has little time, others much.
(module
  (import "env" "proxy_http_call"
    (func $call (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_get_buffer_bytes" (func $bytes (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_get_status" (func $status (param i32 i32 i32) (result i32)))
  (import "env" "proxy_set_effective_context" (func $become (param i32) (result i32)))
  (import "env" "proxy_continue_stream" (func $continue (param i32) (result i32)))
  (import "env" "proxy_send_local_response"
    (func $answer (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; 64: results; 256: headers; 4096: the configuration; 8192: who has made each call; 12288: whatever comes later.
  (data (i32.const 256)
    "\03\00\00\00" "\07\00\00\00\03\00\00\00" "\05\00\00\00\06\00\00\00" "\0a\00\00\00\05\00\00\00"
    ":method\00GET\00" ":path\00/check\00" ":authority\00authz\00")
  (global $room (mut i32) (i32.const 4096))
  (global $length (mut i32) (i32.const 0))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "proxy_on_memory_allocate") (param i32) (result i32)
    global.get $room
    (global.set $room (i32.const 12288)))
  (func (export "proxy_on_context_create") (param i32 i32))
  (func (export "proxy_on_vm_start") (param i32 i32) (result i32)
    i32.const 1)
  (func (export "proxy_on_configure") (param i32 i32) (result i32)
    (drop (call $bytes (i32.const 7) (i32.const 0) (local.get 1) (i32.const 64) (i32.const 68)))
    (global.set $length (local.get 1))
    i32.const 1)
  (func $refuse (param $code i32)
    (drop (call $answer (local.get $code) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
      (i32.const 0) (i32.const 0) (i32.const -1))))
  (func (export "proxy_on_request_headers") (param $context i32) (param i32 i32) (result i32)
    (if (call $call (i32.const 4096) (global.get $length) (i32.const 256) (i32.const 70)
          (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
          (select (i32.const 300) (i32.const 30000) (i32.eq (i32.load8_u (i32.const 4096)) (i32.const 0x73)))
          (i32.const 64))
      (then (call $refuse (i32.const 503)))
      (else (i32.store offset=8192
        (i32.shl (i32.and (i32.load (i32.const 64)) (i32.const 255)) (i32.const 2)) (local.get $context))))
    i32.const 1)
  (func (export "proxy_on_http_call_response") (param $root i32) (param $id i32) (param i32 i32 i32)
    (local $code i32)
    (drop (call $status (i32.const 64) (i32.const 68) (i32.const 72)))
    (local.set $code (i32.load (i32.const 64)))
    (drop (call $become
      (i32.load offset=8192 (i32.shl (i32.and (local.get $id) (i32.const 255)) (i32.const 2)))))
    (if (i32.eq (local.get $code) (i32.const 200))
      (then (drop (call $continue (i32.const 0))))
      (else (call $refuse (select (local.get $code) (i32.const 504) (local.get $code)))))))
