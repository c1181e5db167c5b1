// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.util.ArrayList;
import java.util.List;

/** Sets of numbers as lists of ranges: disjoint, ascending, no two adjacent. */
final class Ranges {
  private Ranges() {}

  /** The set that holds what any of the ranges holds. */
  static List<Range> union(List<Range> ranges) {
    List<Range> union = new ArrayList<>();
    for (Range range : ranges.stream().sorted().toList()) {
      int last = union.size() - 1;
      if (last >= 0 && range.low() <= union.get(last).high() + 1) {
        Range merged = union.get(last);
        union.set(last, new Range(merged.low(), Math.max(merged.high(), range.high())));
      } else {
        union.add(range);
      }
    }
    return List.copyOf(union);
  }

  /** Whether each number of the second set is in the first one. */
  static boolean covers(List<Range> set, List<Range> other) {
    int i = 0;
    for (Range range : other) {
      while (i < set.size() && set.get(i).high() < range.high()) {
        i++;
      }
      if (i == set.size() || set.get(i).low() > range.low()) {
        return false;
      }
    }
    return true;
  }

  /** Whether some number is in both sets. */
  static boolean overlap(List<Range> set, List<Range> other) {
    int i = 0;
    for (Range range : other) {
      while (i < set.size() && set.get(i).high() < range.low()) {
        i++;
      }
      if (i < set.size() && set.get(i).low() <= range.high()) {
        return true;
      }
    }
    return false;
  }

  static long size(List<Range> set) {
    return set.stream().mapToLong(Range::size).sum();
  }
}
