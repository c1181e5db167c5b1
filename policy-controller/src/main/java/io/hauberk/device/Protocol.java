// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.util.Arrays;
import java.util.Optional;

/** What a filter sees of a connection. */
public enum Protocol {
  /** Bytes. */
  TCP("tcp", 0),
  /** The requests and responses of HTTP/1.1. */
  HTTP("http", 1);

  private final String label;
  private final int code;

  Protocol(String label, int code) {
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

  public static Optional<Protocol> of(String label) {
    return Arrays.stream(values()).filter(way -> way.label.equals(label)).findFirst();
  }
}
