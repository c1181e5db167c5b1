// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import java.time.Duration;
import java.util.List;

/**
 * How a call ended.
 *
 * @param trap why it ended early; empty if it did not
 * @param instructions that it was charged
 */
public record GuestResult(List<Value> values, String trap, long instructions, Duration duration) {
  public GuestResult {
    values = List.copyOf(values);
  }
}
