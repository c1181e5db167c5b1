// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.daemon.Deployer;
import io.hauberk.device.Device;
import io.hauberk.device.FilterStatus;
import io.hauberk.device.IdentityStatus;
import io.hauberk.device.RecordLayer;
import io.hauberk.device.RuleStatus;
import io.hauberk.device.Settings;
import io.hauberk.device.Status;
import io.hauberk.pki.Applied;
import io.hauberk.pki.StateDirectory;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hauberk status}: what the kernel holds and has counted. */
@Command(name = "status", description = "Show what the kernel holds and has counted.")
final class StatusCommand implements Callable<Integer> {
  /** All but one of so many parts. */
  private static final long NEARLY_FULL = 4;

  private final Context context;

  @Option(names = "--json", description = "Print JSON")
  private boolean json;

  StatusCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Status status;
    List<FilterStatus> filters;
    String version;
    try (Device device = context.openDevice()) {
      status = device.status();
      filters = device.filters();
      version = device.hello().moduleVersion();
    }
    if (json) {
      printJson(status, filters, version);
    } else {
      printText(status, version);
      printFilters(filters);
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
    printBounded(status);
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

  /** What a rule-set bounds, each beside its bound. */
  private void printBounded(Status status) {
    PrintStream out = context.out();
    Palette palette = context.palette();
    Settings settings = status.settings();
    out.println(
        palette.bold("connections")
            + String.format(
                "  %d open, records by %s",
                status.connectionsOpen(),
                settings.recordLayer() == RecordLayer.KERNEL ? "the kernel" : "Hauberk itself"));
    out.println(
        palette.bold("handshakes")
            + "   "
            + ofMax(status.handshakesInbound(), settings.handshakeMax())
            + " inbound, "
            + ofMax(status.handshakesOutbound(), settings.handshakeMax())
            + String.format(
                " outbound, %d ms each, %s a second from one source",
                settings.handshakeTimeoutMs(),
                settings.handshakeRate() == 0 ? "any number" : settings.handshakeRate()));
    out.println(
        palette.bold("sessions")
            + String.format("     %d of %d kept", status.sessions(), settings.sessionMax()));
  }

  /** So many of so many, so that it strikes the eye if that is most of them. */
  private String ofMax(long count, long max) {
    String text = count + " of " + max;
    return NEARLY_FULL * count >= max * (NEARLY_FULL - 1) ? context.palette().yellow(text) : text;
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
        new Table(
            "RULE",
            ">MATCHED",
            ">OPENED",
            ">RESUMED",
            ">PLAIN",
            ">PASSED",
            ">REFUSED",
            ">DENIED",
            ">CLOSED",
            ">RX",
            ">TX");
    for (RuleStatus rule : status.rules()) {
      table.row(
          rule.rule(),
          rule.matched(),
          rule.opened(),
          rule.resumed(),
          rule.plain(),
          rule.passed(),
          rule.refused(),
          rule.denied(),
          rule.closed(),
          Text.bytes(rule.rxBytes()),
          Text.bytes(rule.txBytes()));
    }
    context.out().println();
    table.print(context.out(), context.palette());
  }

  private void printFilters(List<FilterStatus> filters) {
    if (!filters.isEmpty()) {
      context.out().println();
      FilterListCommand.table(filters).print(context.out(), context.palette());
    }
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

  private void printJson(Status status, List<FilterStatus> filters, String version) {
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
                .put("handshakeRate", status.settings().handshakeRate())
                .put("sessionMax", status.settings().sessionMax())
                .put("recordLayer", status.settings().recordLayer().label())
                .put("handshakesPending", status.handshakesInbound() + status.handshakesOutbound())
                .put("handshakesInbound", status.handshakesInbound())
                .put("handshakesOutbound", status.handshakesOutbound())
                .put("sessions", status.sessions())
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
            json.name("filters")
                .array(() -> filters.forEach(filter -> FilterJson.write(json, filter)));
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
                .put("txBytes", rule.txBytes())
                .put("resumed", rule.resumed())
                .put("plain", rule.plain())
                .put("passed", rule.passed()));
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
