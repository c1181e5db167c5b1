// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import io.hauberk.HauberkException;
import java.util.List;
import java.util.stream.Collectors;

/** A rule-set that is refused, with every mistake in it, in the order of the file. */
public final class RuleSetException extends HauberkException {
  private final transient List<Problem> problems;

  public RuleSetException(List<Problem> problems) {
    super(problems.stream().sorted().map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = problems.stream().sorted().toList();
  }

  public List<Problem> problems() {
    return problems;
  }
}
