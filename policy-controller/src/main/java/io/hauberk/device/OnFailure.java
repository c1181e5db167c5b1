// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.util.Arrays;
import java.util.Optional;

/** What becomes of a connection when a filter on it fails. */
public enum OnFailure {
  /** It is closed: nothing passes that the filter has not seen. */
  CLOSED("closed", 0),
  /** It goes on without that filter. */
  OPEN("open", 1);

  private final String label;
  private final int code;

  OnFailure(String label, int code) {
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

  public static Optional<OnFailure> of(String label) {
    return Arrays.stream(values()).filter(way -> way.label.equals(label)).findFirst();
  }
}
