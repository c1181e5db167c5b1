;; SPDX-License-Identifier: GPL-2.0-only
;; Imports that nobody offers: all of them are listed.
(module
  (import "nowhere" "first" (func))
  (import "hauberk" "no_such_function" (func (param i32)))
  (import "nowhere" "second" (func (param i64) (result f32)))
  (func (export "never"))
)
