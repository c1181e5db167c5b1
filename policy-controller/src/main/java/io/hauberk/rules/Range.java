// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

/** Numbers from {@code low} to {@code high}, both included: of ports, user ids or group ids. */
public record Range(long low, long high) implements Comparable<Range> {

  public Range {
    if (low < 0 || high < low) {
      throw new IllegalArgumentException("not a range: " + low + "-" + high);
    }
  }

  /** How many numbers it holds. */
  public long size() {
    return high - low + 1;
  }

  @Override
  public int compareTo(Range other) {
    int byLow = Long.compare(low, other.low);
    return byLow != 0 ? byLow : Long.compare(high, other.high);
  }

  @Override
  public String toString() {
    return low == high ? Long.toString(low) : low + "-" + high;
  }
}
