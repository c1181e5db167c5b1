;; SPDX-License-Identifier: Apache-2.0
(module
  (func $start (loop $again (br $again)))
  (func (export "f"))
  (start $start))
