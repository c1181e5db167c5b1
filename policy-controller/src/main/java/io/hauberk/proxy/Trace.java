// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import io.hauberk.proxy.EventScript.TraceLine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What happens in a trial, a line each, as docs/proxy-wasm.md has it. */
final class Trace {
  private static final int SHOWN = 1024;
  private static final int FNV_BASIS = 0x811c9dc5;
  private static final int FNV_PRIME = 0x01000193;

  private final List<TraceLine> lines = new ArrayList<>();
  private int scriptLine;

  /** What is added from now on comes of this line of the script. */
  void setScriptLine(int number) {
    scriptLine = number;
  }

  void add(String line) {
    lines.add(new TraceLine(scriptLine, line));
  }

  List<TraceLine> lines() {
    return List.copyOf(lines);
  }

  /** Bytes in quotes; of many only the first, and a hash of all. */
  static String bytes(byte[] bytes) {
    if (bytes.length <= SHOWN) {
      return TrialText.quote(Bytes.text(bytes));
    }
    int hash = FNV_BASIS;
    for (byte b : bytes) {
      hash = (hash ^ b & 0xff) * FNV_PRIME;
    }
    return TrialText.quote(Bytes.text(Arrays.copyOf(bytes, SHOWN)))
        + String.format("+%d#%08x", bytes.length - SHOWN, hash);
  }
}
