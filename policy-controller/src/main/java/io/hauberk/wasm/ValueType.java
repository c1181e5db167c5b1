// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import java.util.Locale;
import java.util.Optional;

/** The types of values, with the numbers of the binary format. */
public enum ValueType {
  I32(0x7f),
  I64(0x7e),
  F32(0x7d),
  F64(0x7c),
  FUNCREF(0x70),
  EXTERNREF(0x6f);

  private final int code;

  ValueType(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /** As the text format writes it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  public boolean isReference() {
    return this == FUNCREF || this == EXTERNREF;
  }

  public static Optional<ValueType> ofCode(int code) {
    for (ValueType type : values()) {
      if (type.code == code) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
