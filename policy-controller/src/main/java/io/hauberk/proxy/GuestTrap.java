// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.HauberkException;
import java.util.List;

/** A guest was stopped; the message is the trap's name, as the engine of the kernel has it. */
final class GuestTrap extends HauberkException {
  static final String HOST = "host error";
  static final String EXIT = "exit";
  static final String UNREACHABLE = "unreachable";
  static final String FUEL = "fuel exhausted";
  static final String STACK = "call stack exhausted";

  private static final List<String> NAMES =
      List.of(
          UNREACHABLE,
          "integer divide by zero",
          "integer overflow",
          "invalid conversion to integer",
          "out of bounds memory access",
          "out of bounds table access",
          "undefined element",
          "uninitialized element",
          "indirect call type mismatch",
          FUEL,
          STACK);

  GuestTrap(String name) {
    super(name);
  }

  private GuestTrap(String name, Throwable cause) {
    super(name, cause);
  }

  /** What Chicory calls a trap, in the words of the core test suite. */
  static GuestTrap of(RuntimeException failure) {
    if (failure instanceof GuestTrap trap) {
      return trap;
    }
    String message = String.valueOf(failure.getMessage());
    return new GuestTrap(
        NAMES.stream().filter(message::contains).findFirst().orElse(message), failure);
  }
}
