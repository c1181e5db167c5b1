// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.util.Arrays;
import java.util.Optional;

/** Which end of the connection is this machine's. */
public enum Direction {
  INBOUND("inbound", 1),
  OUTBOUND("outbound", 2);

  private final String label;
  private final int code;

  Direction(String label, int code) {
    this.label = label;
    this.code = code;
  }

  static Optional<Direction> of(String label) {
    return Arrays.stream(values()).filter(d -> d.label.equals(label)).findFirst();
  }

  public String label() {
    return label;
  }

  /** The number on the device's wire: {@code enum hbk_direction}. */
  public int code() {
    return code;
  }
}
