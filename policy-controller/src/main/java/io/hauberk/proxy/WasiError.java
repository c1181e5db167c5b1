// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

/** What the functions of WASI return. */
enum WasiError implements Answer {
  SUCCESS(0),
  BADF(8),
  FAULT(21),
  INVAL(28),
  NOENT(44),
  NOTSUP(58),
  SPIPE(70);

  private final int code;

  WasiError(int code) {
    this.code = code;
  }

  @Override
  public int code() {
    return code;
  }
}
