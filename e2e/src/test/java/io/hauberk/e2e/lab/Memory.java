// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import java.util.Map;
import java.util.TreeMap;

/**
 * What is in use in the guest.
 *
 * @param objects in those slab caches that connections and keys come from
 * @param availableKb MemAvailable, in KiB
 */
public record Memory(Map<String, Integer> objects, long availableKb) {

  /** Looks, after the kernel has given back what it can. */
  public static Memory look(Vm vm) {
    String text = vm.run("/opt/hauberk/e2e/memory").ok().out();
    Map<String, Integer> objects = new TreeMap<>();
    long available = 0;
    for (String line : text.lines().toList()) {
      String[] words = line.split(" ");
      if (words[0].equals("MemAvailable")) {
        available = Long.parseLong(words[1]);
      } else {
        objects.put(words[0], Integer.parseInt(words[1]));
      }
    }
    return new Memory(objects, available);
  }
}
