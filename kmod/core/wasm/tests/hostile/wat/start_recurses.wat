;; SPDX-License-Identifier: GPL-2.0-only
;; A start function that calls itself.
(module (func $start (call $start)) (start $start) (func (export "never")))
