// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.daemon.Plan;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hauberk check}: tells all mistakes of a rule-set, and touches nothing. */
@Command(name = "check", description = "Tell every mistake of a rule-set, each with its place.")
final class CheckCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "FILE", description = "The rule-set")
  private Path file;

  CheckCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Plan plan = context.plan(file);
    context
        .out()
        .println(
            file
                + ": "
                + context.palette().green("ok")
                + ", "
                + Text.count(plan.ruleSet().rules().size(), "rule")
                + ", "
                + Text.count(plan.ruleSet().identities().size(), "identity")
                + filters(plan));
    return ExitStatus.OK;
  }

  private static String filters(Plan plan) {
    int count = plan.ruleSet().filters().size();
    return count == 0 ? "" : ", " + Text.count(count, "filter");
  }
}
