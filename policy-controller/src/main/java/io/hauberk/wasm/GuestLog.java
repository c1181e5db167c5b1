// SPDX-License-Identifier: Apache-2.0
package io.hauberk.wasm;

import java.util.List;

/**
 * What guests have said.
 *
 * @param position where it ends, so where the next reading begins
 * @param lines each begins with the guest's name, a colon and a blank
 */
public record GuestLog(long position, List<String> lines) {
  /** As a position: after all that was said so far. */
  public static final long END = -1;

  public GuestLog {
    lines = List.copyOf(lines);
  }

  /** The lines of one guest, without its name. */
  public List<String> of(String guest) {
    String prefix = guest + ": ";
    return lines.stream()
        .filter(line -> line.startsWith(prefix))
        .map(line -> line.substring(prefix.length()))
        .toList();
  }
}
