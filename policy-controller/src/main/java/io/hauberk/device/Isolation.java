// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.util.Arrays;
import java.util.Optional;

/** Which connections share an instance of a filter, with its memory. */
public enum Isolation {
  /** All that one processor serves. */
  SHARED("shared", 0),
  /** None: each has its own. */
  CONNECTION("connection", 1);

  private final String label;
  private final int code;

  Isolation(String label, int code) {
    this.label = label;
    this.code = code;
  }

  public String label() {
    return label;
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }

  public static Optional<Isolation> of(String label) {
    return Arrays.stream(values()).filter(way -> way.label.equals(label)).findFirst();
  }
}
