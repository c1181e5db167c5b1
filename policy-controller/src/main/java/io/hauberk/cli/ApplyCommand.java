// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.daemon.Plan;
import io.hauberk.device.Device;
import io.hauberk.rules.OnTls;
import io.hauberk.rules.Rule;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hauberk apply}: replaces the kernel's rule-set in one step. */
@Command(
    name = "apply",
    description = "Replace the kernel's rule-set by the one in a file, in one step or not at all.")
final class ApplyCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "FILE", description = "The rule-set")
  private Path file;

  ApplyCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Plan plan = context.plan(file);
    long generation;
    try (Device device = context.openDevice()) {
      generation = context.deployer().push(device, plan, "apply");
    }
    context
        .out()
        .println(
            context.palette().green("generation " + generation)
                + ": "
                + Text.count(plan.ruleSet().rules().size(), "rule")
                + ", "
                + Text.count(plan.ruleSet().identities().size(), "identity")
                + "\n");
    rules(plan).print(context.out(), context.palette());
    return ExitStatus.OK;
  }

  /** The rules in the order in which the kernel asks them. */
  private static Table rules(Plan plan) {
    Table table = new Table("RULE", "DIRECTION", "PORTS", "ACTION", "IDENTITY", "PEERS");
    for (Rule rule : plan.compiled().ordered()) {
      table.row(
          rule.name(),
          rule.match().direction().label(),
          rule.match().ports().stream().map(Object::toString).collect(Collectors.joining(",")),
          action(rule),
          rule.identity().orElse(""),
          String.join(" ", rule.peers()));
    }
    return table;
  }

  private static String action(Rule rule) {
    String label = rule.action().label();
    return rule.onTls() == OnTls.REFUSE ? label : label + ", " + rule.onTls().label();
  }
}
