// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What a trace must say, and what it must not.
 *
 * @param where what it is of, for a person
 * @param expected each stands in the trace, in this order; other lines may stand between
 * @param forbidden none stands in it
 */
record Expectation(String where, List<Line> expected, List<Line> forbidden) {

  /** A whole line, or, written between slashes, a regular expression that is found in one. */
  record Line(String text, Pattern pattern) {
    static Line of(String text) {
      if (text.length() < 2 || !text.startsWith("/") || !text.endsWith("/")) {
        return new Line(text, Pattern.compile("^" + Pattern.quote(text) + "$"));
      }
      try {
        return new Line(text, Pattern.compile(text.substring(1, text.length() - 1)));
      } catch (PatternSyntaxException e) {
        throw new ProxyException(text + " is no regular expression: " + e.getDescription(), e);
      }
    }

    boolean matches(String line) {
      return pattern.matcher(line).find();
    }
  }

  /** What is wrong with these lines, a sentence each. */
  List<String> faults(List<String> lines) {
    List<String> faults = new ArrayList<>();
    int at = 0;
    for (Line line : expected) {
      int found = at;
      while (found < lines.size() && !line.matches(lines.get(found))) {
        found++;
      }
      if (found == lines.size()) {
        faults.add(where + ": expected " + line.text());
      } else {
        at = found + 1;
      }
    }
    for (Line line : forbidden) {
      lines.stream()
          .filter(line::matches)
          .findFirst()
          .ifPresent(found -> faults.add(where + ": forbidden by " + line.text() + ": " + found));
    }
    return faults;
  }
}
