// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Predicate;

/**
 * What a program of many checks printed: the Test Anything Protocol, a line for each check.
 *
 * @see <a href="https://testanything.org/tap-specification.html">TAP</a>
 */
public final class Tap {
  private static final String SKIPPED = "# SKIP";

  private final List<String> lines;

  private Tap(List<String> lines) {
    this.lines = lines;
  }

  /** Asserts that no check of the program has failed, and that it came to its end. */
  public static Tap of(Output output) {
    List<String> lines = output.out().lines().toList();
    assertThat(lines.stream().filter(line -> line.startsWith("not ok")))
        .as("failed checks%n%s", output.all())
        .isEmpty();
    output.ok();
    return new Tap(lines);
  }

  /** Asserts that the last line is the plan, and that as many checks have passed. */
  public Tap asPlanned() {
    assertThat(lines).last().isEqualTo("1.." + passed());
    return this;
  }

  /** How many checks have passed. */
  public long passed() {
    return lines.stream()
        .filter(line -> line.startsWith("ok "))
        .filter(Predicate.not(Tap::isSkipped))
        .count();
  }

  /** The lines of checks that were left out. */
  public List<String> skipped() {
    return lines.stream().filter(Tap::isSkipped).toList();
  }

  /** What the program remarked, each with its {@code #}. */
  public List<String> remarks() {
    return lines.stream().filter(line -> line.startsWith("# ")).toList();
  }

  private static boolean isSkipped(String line) {
    return line.endsWith(SKIPPED);
  }
}
