;; SPDX-License-Identifier: GPL-2.0-only
;; A start function that never ends.
(module (func $start (loop (br 0))) (start $start) (func (export "never")))
