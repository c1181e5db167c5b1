// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import java.util.List;
import java.util.OptionalLong;

/**
 * A call of an export, in an instance of its own.
 *
 * @param budget how many instructions it may take; the kernel's own limit if empty
 */
public record GuestCall(String guest, String export, List<Value> arguments, OptionalLong budget) {
  public GuestCall {
    arguments = List.copyOf(arguments);
  }
}
