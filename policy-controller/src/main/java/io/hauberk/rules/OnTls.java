// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.util.Arrays;
import java.util.Optional;

/** What becomes of an application that speaks TLS itself where a rule has it upgraded. */
public enum OnTls {
  /** Its connection is reset. */
  REFUSE("refuse", 0),
  /** Its own TLS is all there is: no second layer, and no authentication by Hauberk. */
  PASSTHROUGH("passthrough", 1);

  private final String label;
  private final int code;

  OnTls(String label, int code) {
    this.label = label;
    this.code = code;
  }

  public String label() {
    return label;
  }

  /** The number in the decision table: {@code enum hbk_on_tls}. */
  public int code() {
    return code;
  }

  public static Optional<OnTls> of(String label) {
    return Arrays.stream(values()).filter(way -> way.label.equals(label)).findFirst();
  }
}
