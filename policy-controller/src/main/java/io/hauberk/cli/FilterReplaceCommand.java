// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.HauberkException;
import io.hauberk.daemon.Plan;
import io.hauberk.device.Device;
import io.hauberk.pki.Applied;
import io.hauberk.pki.AtomicFile;
import io.hauberk.pki.StateDirectory;
import io.hauberk.rules.Filter;
import io.hauberk.rules.FilterModule;
import io.hauberk.wasm.ModuleSource;
import io.hauberk.wasm.WasmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hauberk filter replace}: another module for a filter, under live traffic. */
@Command(
    name = "replace",
    description = {
      "Put another module into the place of a filter's, and push the rule-set in force again.",
      "New connections get the new module, open ones go on with the old one."
    })
final class FilterReplaceCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "NAME", description = "The filter")
  private String name;

  @Parameters(
      paramLabel = "FILE",
      description = "The new module; it is copied over the file that the rule-set names")
  private Path file;

  FilterReplaceCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    ModuleSource modules = context.modules();
    ModuleFile.require(file);
    byte[] fresh = modules.read(file);
    StateDirectory state = context.state();
    Applied applied =
        state
            .applied()
            .orElseThrow(() -> new WasmException("no rule-set was applied yet: run hauberk apply"));
    Plan plan = context.deployer().plan(state.appliedCopy(), applied.file());
    Path target = plan.module(filter(plan)).toRealPath();
    long generation;
    try (Device device = context.openDevice()) {
      generation = replace(device, applied, target, fresh);
    }
    context
        .out()
        .println(
            context.palette().green("generation " + generation)
                + ": "
                + name
                + " is guest "
                + FilterModule.of(name, fresh).guest());
    return ExitStatus.OK;
  }

  private Filter filter(Plan plan) {
    return plan.ruleSet().filters().stream()
        .filter(filter -> filter.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new WasmException(
                    "the rule-set in force has no filter '" + name + "'; it has " + names(plan)));
  }

  private static String names(Plan plan) {
    return plan.ruleSet().filters().isEmpty()
        ? "none"
        : plan.ruleSet().filters().stream().map(Filter::name).collect(Collectors.joining(", "));
  }

  /** What the kernel refuses leaves no trace in the file either. */
  private long replace(Device device, Applied applied, Path target, byte[] fresh)
      throws IOException {
    byte[] before = Files.readAllBytes(target);
    AtomicFile.write(target, fresh, AtomicFile.PUBLIC);
    try {
      Plan plan = context.deployer().plan(context.state().appliedCopy(), applied.file());
      return context.deployer().repush(device, plan, "filter replace " + name);
    } catch (HauberkException e) {
      AtomicFile.write(target, before, AtomicFile.PUBLIC);
      throw e;
    }
  }
}
