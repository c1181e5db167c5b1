// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import tools.jackson.databind.JsonNode;

/** An event of the device; attributes have the names of the protocol. */
public record Event(JsonNode attributes) {

  /** EVENT_OPENED, EVENT_CLOSED, EVENT_REFUSED … */
  public String frame() {
    return text("frame");
  }

  public String rule() {
    return text("RULE");
  }

  public String reason() {
    return text("REASON");
  }

  public String text(String name) {
    return attributes.path(name).asString("");
  }

  public long number(String name) {
    return attributes.path(name).asLong();
  }

  @Override
  public String toString() {
    return attributes.toString();
  }
}
