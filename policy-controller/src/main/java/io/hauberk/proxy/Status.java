// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

/** What the functions of proxy-wasm return. */
enum Status implements Answer {
  OK(0),
  NOT_FOUND(1),
  BAD_ARGUMENT(2),
  SERIALIZATION_FAILURE(3),
  PARSE_FAILURE(4),
  INVALID_MEMORY_ACCESS(6),
  EMPTY(7),
  CAS_MISMATCH(8),
  INTERNAL_FAILURE(10),
  UNIMPLEMENTED(12);

  private final int code;

  Status(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }
}
