;; SPDX-License-Identifier: GPL-2.0-only
;; A start function that traps.
(module (func $start (unreachable)) (start $start) (func (export "never")))
