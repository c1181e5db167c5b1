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
    return other.stream()
        .allMatch(
            range ->
                set.stream().anyMatch(s -> s.low() <= range.low() && range.high() <= s.high()));
  }

  static long size(List<Range> set) {
    return set.stream().mapToLong(Range::size).sum();
  }
}
