// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.daemon.Plan;
import io.hauberk.device.Device;
import io.hauberk.pki.Leaf;
import io.hauberk.pki.PkiException;
import io.hauberk.pki.StateDirectory;
import io.hauberk.pki.StoredIdentity;
import io.hauberk.rules.Identity;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hauberk certs rotate}: new keys and certificates, under live traffic. */
@Command(
    name = "rotate",
    description = {
      "Make a new key and certificate for one identity or for all, and hand them to the kernel.",
      "Open connections go on; the next handshake uses the new certificate."
    })
final class CertsRotateCommand implements Callable<Integer> {
  private final Context context;

  @Option(
      names = "--identity",
      paramLabel = "NAME",
      description = "Which one (default: all of them)")
  private String identity;

  CertsRotateCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    StateDirectory state = context.state();
    List<String> names = names(state);
    Optional<Plan> plan =
        state
            .applied()
            .map(applied -> context.deployer().plan(state.appliedCopy(), applied.file()));
    // Without the device nothing is rotated: what the kernel uses and what is on disk stay the
    // same.
    try (Device device = plan.isPresent() ? context.openDevice() : null) {
      Table table = new Table("IDENTITY", "OLD SERIAL", "NEW SERIAL", "VALID UNTIL");
      names.forEach(name -> rotate(state, plan, name, table));
      table.print(context.out(), context.palette());
      context.out().println();
      if (device == null) {
        context.out().println("No rule-set was applied yet: nothing was pushed.");
      } else {
        push(device, plan.get(), state);
      }
    }
    return ExitStatus.OK;
  }

  private List<String> names(StateDirectory state) {
    List<String> names = state.identityNames();
    if (identity == null) {
      if (names.isEmpty()) {
        throw new PkiException("there is no identity in " + state.root() + ": run hauberk init");
      }
      return names;
    }
    if (!names.contains(identity)) {
      throw new PkiException(
          "there is no identity " + identity + " in " + state.root() + ", only " + names);
    }
    return List.of(identity);
  }

  private void rotate(StateDirectory state, Optional<Plan> plan, String name, Table table) {
    String before = new Leaf(state.certificates(name).get(0)).serial();
    Optional<Identity> declared =
        plan.flatMap(
            p -> p.ruleSet().identities().stream().filter(i -> i.name().equals(name)).findFirst());
    StoredIdentity fresh =
        declared.isPresent()
            ? context.enrollment().issue(declared.get())
            : context.enrollment().reissue(name);
    table.row(name, before, fresh.leaf().serial(), fresh.leaf().notAfter());
  }

  private void push(Device device, Plan plan, StateDirectory state) {
    String file = state.applied().orElseThrow().file().toString();
    long generation = context.deployer().repush(device, plan, "certs rotate " + file);
    context.out().println(context.palette().green("generation " + generation) + ": " + file);
  }
}
