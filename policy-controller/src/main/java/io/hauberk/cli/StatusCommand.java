// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.daemon.Deployer;
import io.hauberk.device.Device;
import io.hauberk.device.IdentityStatus;
import io.hauberk.device.RuleStatus;
import io.hauberk.device.Status;
import io.hauberk.pki.Applied;
import io.hauberk.pki.StateDirectory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hauberk status}: what the kernel holds and has counted. */
@Command(name = "status", description = "Show what the kernel holds and has counted.")
final class StatusCommand implements Callable<Integer> {
  private final Context context;

  @Option(names = "--json", description = "Print JSON")
  private boolean json;

  StatusCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Status status;
    String version;
    try (Device device = context.openDevice()) {
      status = device.status();
      version = device.hello().moduleVersion();
    }
    if (json) {
      printJson(status, version);
    } else {
      printText(status, version);
    }
    return ExitStatus.OK;
  }

  private void printText(Status status, String version) {
    PrintStream out = context.out();
    Palette palette = context.palette();
    Instant now = context.environment().clock().instant();
    out.println(palette.bold("module") + "       hauberk.ko " + version);
    if (status.generation() == 0) {
      out.println(palette.bold("rule-set") + "     none: no connection is touched");
    } else {
      String age = Text.span(Duration.between(status.time(), now));
      out.println(
          palette.bold("rule-set")
              + String.format(
                  "     generation %d, %s old, by: %s", status.generation(), age, status.label())
              + palette.yellow(fileNote()));
    }
    out.println(
        palette.bold("connections")
            + String.format(
                "  %d open, %d handshakes pending (at most %d, %d ms each)",
                status.connectionsOpen(),
                status.handshakesPending(),
                status.settings().handshakeMax(),
                status.settings().handshakeTimeoutMs()));
    out.println(
        palette.bold("counters")
            + String.format(
                "     %d opened, %d refused, %d denied, %d closed, %d events lost",
                status.opened(),
                status.refused(),
                status.denied(),
                status.closed(),
                status.eventsLost()));
    out.println(palette.bold("trust") + "        " + Text.count(status.anchors(), "trust anchor"));
    printRules(status);
    printIdentities(status, now);
  }

  /** Tells that the file of the last apply has changed since. */
  private String fileNote() {
    StateDirectory state = context.state();
    return state.applied().filter(StatusCommand::isChanged).isPresent()
        ? " (the file has changed since)"
        : "";
  }

  private static boolean isChanged(Applied applied) {
    try {
      return !Deployer.digest(Files.readAllBytes(applied.file())).equals(applied.digest());
    } catch (IOException e) {
      return true;
    }
  }

  private void printRules(Status status) {
    if (status.rules().isEmpty()) {
      return;
    }
    Table table =
        new Table("RULE", ">MATCHED", ">OPENED", ">REFUSED", ">DENIED", ">CLOSED", ">RX", ">TX");
    for (RuleStatus rule : status.rules()) {
      table.row(
          rule.rule(),
          rule.matched(),
          rule.opened(),
          rule.refused(),
          rule.denied(),
          rule.closed(),
          Text.bytes(rule.rxBytes()),
          Text.bytes(rule.txBytes()));
    }
    context.out().println();
    table.print(context.out(), context.palette());
  }

  private void printIdentities(Status status, Instant now) {
    if (status.identities().isEmpty()) {
      return;
    }
    Table table = new Table("IDENTITY", "SPIFFE ID", "KEY", "SERIAL", "VALID UNTIL", "LEFT");
    for (IdentityStatus identity : status.identities()) {
      boolean expired = !now.isBefore(identity.notAfter());
      table.row(
          identity.name(),
          identity.spiffeId(),
          identity.keyType(),
          identity.serial(),
          identity.notAfter(),
          expired ? "expired" : Text.span(Duration.between(now, identity.notAfter())));
    }
    context.out().println();
    table.print(context.out(), context.palette());
  }

  private void printJson(Status status, String version) {
    try (Json json = new Json(context.out())) {
      json.object(
          () -> {
            json.put("moduleVersion", version)
                .put("instance", Long.toHexString(status.instance()))
                .put("generation", status.generation())
                .put("label", status.label())
                .put("time", status.time())
                .put("handshakeTimeoutMs", status.settings().handshakeTimeoutMs())
                .put("handshakeMax", status.settings().handshakeMax())
                .put("handshakesPending", status.handshakesPending())
                .put("connectionsOpen", status.connectionsOpen())
                .put("opened", status.opened())
                .put("refused", status.refused())
                .put("denied", status.denied())
                .put("closed", status.closed())
                .put("eventsLost", status.eventsLost())
                .put("anchors", status.anchors());
            json.name("rules").array(() -> status.rules().forEach(rule -> rule(json, rule)));
            json.name("identities")
                .array(() -> status.identities().forEach(identity -> identity(json, identity)));
          });
    }
  }

  private static void rule(Json json, RuleStatus rule) {
    json.object(
        () ->
            json.put("rule", rule.rule())
                .put("matched", rule.matched())
                .put("opened", rule.opened())
                .put("refused", rule.refused())
                .put("denied", rule.denied())
                .put("closed", rule.closed())
                .put("rxBytes", rule.rxBytes())
                .put("txBytes", rule.txBytes()));
  }

  private static void identity(Json json, IdentityStatus identity) {
    json.object(
        () ->
            json.put("name", identity.name())
                .put("spiffeId", identity.spiffeId())
                .put("serial", identity.serial())
                .put("notBefore", identity.notBefore())
                .put("notAfter", identity.notAfter())
                .put("keyType", identity.keyType()));
  }
}
