// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.daemon.Plan;
import io.hauberk.device.Device;
import io.hauberk.rules.FilterUse;
import io.hauberk.rules.OnTls;
import io.hauberk.rules.Rule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    List<String> headings =
        new ArrayList<>(List.of("RULE", "DIRECTION", "PORTS", "ACTION", "IDENTITY", "PEERS"));
    boolean filtered = !plan.compiled().filters().entries().isEmpty();
    if (filtered) {
      headings.add("FILTERS");
    }
    Table table = new Table(headings.toArray(String[]::new));
    for (Rule rule : plan.compiled().ordered()) {
      List<Object> cells = new ArrayList<>(cells(rule));
      if (filtered) {
        cells.add(filters(rule));
      }
      table.row(cells.toArray());
    }
    return table;
  }

  private static List<String> cells(Rule rule) {
    return List.of(
        rule.name(),
        rule.match().direction().label(),
        rule.match().ports().stream().map(Object::toString).collect(Collectors.joining(",")),
        action(rule),
        rule.identity().orElse(""),
        String.join(" ", rule.peers()));
  }

  private static String filters(Rule rule) {
    return rule.filters().stream().map(FilterUse::filter).collect(Collectors.joining(" "));
  }

  private static String action(Rule rule) {
    String label = rule.action().label();
    return rule.onTls() == OnTls.REFUSE ? label : label + ", " + rule.onTls().label();
  }
}
