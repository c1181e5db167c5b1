// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What happens to a filter, line by line, and what is to come of it.
 *
 * @param name of the script
 * @param module of the filter that it is for; empty if it is for any
 * @param setUp lines before the first event
 * @param events one after the other
 * @param whole what is expected of the whole trace
 */
public record EventScript(
    String name, String module, List<String> setUp, List<Event> events, Expectation whole) {

  /**
   * An event.
   *
   * @param line as the text form has it
   * @param expectation of the lines that it adds to the trace
   */
  record Event(String line, Expectation expectation) {}

  /** A line of a trace with the line of the script that it came of. */
  public record TraceLine(int scriptLine, String text) {}

  /** The plain text that the kernel, and its native twin, take. */
  public String text() {
    return lines().stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>(setUp);
    events.forEach(event -> lines.add(event.line()));
    return lines;
  }

  /** What this trace lacks, and what it should not have: a sentence each. */
  public List<String> faults(List<TraceLine> trace) {
    List<String> faults = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      int number = setUp.size() + i;
      faults.addAll(
          events
              .get(i)
              .expectation()
              .faults(
                  trace.stream()
                      .filter(line -> line.scriptLine() == number)
                      .map(TraceLine::text)
                      .toList()));
    }
    faults.addAll(whole.faults(trace.stream().map(TraceLine::text).toList()));
    return faults;
  }
}
