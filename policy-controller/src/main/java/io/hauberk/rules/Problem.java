// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.util.Comparator;
import java.util.regex.Pattern;

/**
 * One mistake in a rule-set.
 *
 * @param path the key path, such as {@code rules[2].match.ports[0]}; empty for the whole document
 */
public record Problem(String file, int line, int column, String path, String message)
    implements Comparable<Problem> {

  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");
  private static final Comparator<Problem> ORDER =
      Comparator.comparingInt(Problem::line)
          .thenComparingInt(Problem::column)
          .thenComparing(Problem::path)
          .thenComparing(Problem::message);

  public Problem {
    path = printable(path);
    message = printable(message);
  }

  @Override
  public int compareTo(Problem other) {
    return ORDER.compare(this, other);
  }

  /** The line that a person and an editor can read: {@code FILE:LINE:COLUMN: PATH: MESSAGE}. */
  @Override
  public String toString() {
    String where = file + ":" + line + ":" + column + ": ";
    return path.isEmpty() ? where + message : where + path + ": " + message;
  }

  /** What a file says must neither break the line nor steer the terminal. */
  private static String printable(String text) {
    return CONTROL
        .matcher(text)
        .replaceAll(match -> String.format("\\\\u%04x", (int) match.group().charAt(0)));
  }
}
