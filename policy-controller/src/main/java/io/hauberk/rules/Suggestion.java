// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.util.Collection;
import java.util.Comparator;

/** Guesses what somebody meant who wrote a word that is not known. */
final class Suggestion {
  private Suggestion() {}

  /** {@code "; did you mean 'x'?"} if a candidate is near, else nothing. */
  static String of(String written, Collection<String> candidates) {
    int near = Math.min(3, (written.length() + 1) / 2);
    return candidates.stream()
        .filter(candidate -> distance(written, candidate) <= near)
        .min(
            Comparator.comparingInt((String candidate) -> distance(written, candidate))
                .thenComparing(Comparator.naturalOrder()))
        .map(candidate -> "; did you mean '" + candidate + "'?")
        .orElse("");
  }

  /** The edits (insert, delete, replace) that make one word the other, whatever the case. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        char left = Character.toLowerCase(a.charAt(i - 1));
        char right = Character.toLowerCase(b.charAt(j - 1));
        int replaced = diagonal + (left == right ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
