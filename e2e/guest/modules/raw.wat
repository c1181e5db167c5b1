;; SPDX-License-Identifier: Apache-2.0
;;
;; A proxy-wasm filter of bytes. Its configuration is a letter: "x" exchanges small and capital letters in requests,
;; "-" refuses to be configured, "l" holds requests until there is an answer, anything else, or nothing, leaves bytes as
;; they are. With "x" some bytes do more:
;; "!" is a trap, "~" pauses until the next tick, "#" ends the connection, "%" never comes to an end, "$" calls the
;; upstream "sink", and ends the connection where it may not.
(module
  (import "env" "proxy_get_buffer_bytes" (func $get (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_set_buffer_bytes" (func $set (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_set_tick_period_milliseconds" (func $period (param i32) (result i32)))
  (import "env" "proxy_set_effective_context" (func $effective (param i32) (result i32)))
  (import "env" "proxy_continue_stream" (func $continue (param i32) (result i32)))
  (import "env" "proxy_close_stream" (func $close (param i32) (result i32)))
  (import "env" "proxy_define_metric" (func $define (param i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_increment_metric" (func $add (param i32 i64) (result i32)))
  (import "env" "proxy_http_call" (func $call (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 64) "raw_bytes")
  (data (i32.const 80) "sink")
  (data (i32.const 96) "\03\00\00\00\07\00\00\00\03\00\00\00\05\00\00\00\01\00\00\00\0a\00\00\00\01\00\00\00"
    ":method\00GET\00:path\00/\00:authority\00a\00")
  (global $mode (mut i32) (i32.const 0))
  (global $paused (mut i32) (i32.const 0))
  (global $metric (mut i32) (i32.const 0))

  (func (export "proxy_abi_version_0_2_1"))

  ;; What the host wants room for is looked at before it wants some again.
  (func (export "malloc") (param $size i32) (result i32)
    (select (i32.const 0) (i32.const 65536) (i32.gt_u (local.get $size) (i32.const 196608))))

  (func (export "proxy_on_configure") (param $root i32) (param $size i32) (result i32)
    (if (i32.eqz (local.get $size))
      (then (return (i32.const 1))))
    (if (call $get (i32.const 7) (i32.const 0) (i32.const 1) (i32.const 16) (i32.const 20))
      (then (unreachable)))
    (global.set $mode (i32.load8_u (i32.load (i32.const 16))))
    (if (i32.eq (global.get $mode) (i32.const 45)) ;; -
      (then (return (i32.const 0))))
    (drop (call $define (i32.const 0) (i32.const 64) (i32.const 9) (i32.const 24)))
    (global.set $metric (i32.load (i32.const 24)))
    (drop (call $period (i32.const 20)))
    (i32.const 1))

  (func (export "proxy_on_tick") (param $root i32)
    (if (global.get $paused)
      (then
        (drop (call $effective (global.get $paused)))
        (drop (call $continue (i32.const 2)))
        (global.set $paused (i32.const 0)))))

  ;; Whether to pause.
  (func $look (param $context i32) (param $byte i32) (result i32)
    (if (i32.eq (local.get $byte) (i32.const 33)) ;; !
      (then (unreachable)))
    (if (i32.eq (local.get $byte) (i32.const 37)) ;; %
      (then (loop $ever (br $ever))))
    (if (i32.eq (local.get $byte) (i32.const 35)) ;; #
      (then (drop (call $close (i32.const 2)))))
    (if (i32.eq (local.get $byte) (i32.const 36)) ;; $
      (then
        (if (call $call (i32.const 80) (i32.const 4) (i32.const 96) (i32.const 61) (i32.const 0) (i32.const 0)
            (i32.const 0) (i32.const 0) (i32.const 20000) (i32.const 24))
          (then (drop (call $close (i32.const 2)))))))
    (if (i32.ne (local.get $byte) (i32.const 126)) ;; ~
      (then (return (i32.const 0))))
    (global.set $paused (local.get $context))
    (i32.const 1))

  (func (export "proxy_on_downstream_data") (param $context i32) (param $size i32) (param $end i32) (result i32)
    (local $at i32) (local $behind i32) (local $byte i32) (local $action i32)
    (if (i32.eq (global.get $mode) (i32.const 108)) ;; l
      (then (return (i32.const 1))))
    (if (i32.or (i32.eqz (local.get $size)) (i32.ne (global.get $mode) (i32.const 120))) ;; x
      (then (return (i32.const 0))))
    (if (i32.eq (global.get $paused) (local.get $context)) ;; it has seen some of this
      (then (return (i32.const 1))))
    (drop (call $add (global.get $metric) (i64.extend_i32_u (local.get $size))))
    (if (call $get (i32.const 2) (i32.const 0) (local.get $size) (i32.const 16) (i32.const 20))
      (then (unreachable)))
    (local.set $at (i32.load (i32.const 16)))
    (local.set $behind (i32.add (local.get $at) (i32.load (i32.const 20))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $behind)))
        (local.set $byte (i32.load8_u (local.get $at)))
        (if (i32.lt_u (local.get $byte) (i32.const 64))
          (then (local.set $action (i32.or (local.get $action) (call $look (local.get $context) (local.get $byte)))))
          (else
            (if (i32.eq (local.get $byte) (i32.const 126))
              (then (local.set $action (call $look (local.get $context) (local.get $byte))))
              (else (i32.store8 (local.get $at) (i32.xor (local.get $byte) (i32.const 32)))))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (drop (call $set (i32.const 2) (i32.const 0) (local.get $size) (i32.load (i32.const 16)) (i32.load (i32.const 20))))
    (local.get $action))

  (func (export "proxy_on_upstream_data") (param $context i32) (param $size i32) (param $end i32) (result i32)
    (if (i32.eq (global.get $mode) (i32.const 108)) ;; l
      (then (drop (call $continue (i32.const 2)))))
    (i32.const 0)))
