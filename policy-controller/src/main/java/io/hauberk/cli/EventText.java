// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.device.Connection;
import io.hauberk.device.Event;
import io.hauberk.rules.Direction;

/** An event as one line for a person. */
final class EventText {
  private EventText() {}

  static String line(Event event, Palette palette) {
    if (event instanceof Event.Opened opened) {
      return line(event, palette.green("opened  "), opened.connection()) + handshake(opened);
    }
    if (event instanceof Event.Closed closed) {
      return line(event, palette.dim("closed  "), closed.connection())
          + String.format(
              " rx=%d tx=%d reason=%s",
              closed.connection().rxBytes(), closed.connection().txBytes(), closed.reason());
    }
    if (event instanceof Event.Refused refused) {
      return line(event, palette.red("refused "), refused.connection())
          + " reason="
          + palette.red(refused.reason());
    }
    if (event instanceof Event.RuleSetChanged changed) {
      return prefix(event, palette.bold("rule-set"))
          + " generation "
          + changed.generation()
          + " by: "
          + changed.label();
    }
    if (event instanceof Event.Lost lost) {
      return prefix(event, palette.yellow("lost    ")) + " " + Text.count(lost.count(), "event");
    }
    if (event instanceof Event.FilterFailed failed) {
      return prefix(event, palette.red("filter  ")) + filter(failed);
    }
    return guest(event, palette);
  }

  private static String filter(Event.FilterFailed failed) {
    return (failed.connection() == 0 ? "" : " #" + failed.connection())
        + " "
        + failed.filter()
        + " failed rule="
        + failed.rule()
        + (failed.trap().isEmpty() ? "" : " trap=" + Text.printable(failed.trap()))
        + " reason="
        + Text.printable(failed.reason());
  }

  private static String guest(Event event, Palette palette) {
    if (event instanceof Event.GuestLoaded loaded) {
      return prefix(event, palette.bold("guest   "))
          + String.format(
              " %s loaded, %s, %s",
              loaded.guest(),
              Text.bytes(loaded.size()),
              loaded.compiled() ? "compiled" : "interpreted");
    }
    if (event instanceof Event.GuestUnloaded unloaded) {
      return prefix(event, palette.bold("guest   ")) + " " + unloaded.guest() + " unloaded";
    }
    Event.GuestQuarantined quarantined = (Event.GuestQuarantined) event;
    return prefix(event, palette.red("guest   "))
        + String.format(
            " %s quarantined after %s",
            quarantined.guest(), Text.count(quarantined.traps(), "trap"));
  }

  private static String prefix(Event event, String kind) {
    String time = Text.time(event.time());
    return (time.isEmpty() ? "-" : time) + " " + kind;
  }

  private static String line(Event event, String kind, Connection connection) {
    String arrow = connection.direction() == Direction.INBOUND ? " <- " : " -> ";
    String line =
        prefix(event, kind)
            + " #"
            + connection.id()
            + " "
            + Text.address(connection.local())
            + arrow
            + Text.address(connection.remote())
            + " "
            + Text.process(connection.comm(), connection.pid())
            + " rule="
            + connection.rule();
    String peer = connection.peerId().isEmpty() ? connection.peerName() : connection.peerId();
    return peer.isEmpty() ? line : line + " peer=" + peer + serial(connection);
  }

  private static String serial(Connection connection) {
    return connection.peerSerial().isEmpty() ? "" : " serial=" + connection.peerSerial();
  }

  private static String handshake(Event.Opened opened) {
    Connection connection = opened.connection();
    if (connection.suiteName().isEmpty()) {
      return " plaintext through filters";
    }
    return String.format(
        " suite=%s ktls=%s resumed=%s handshake=%dus",
        connection.suiteName(),
        connection.ktls() ? "yes" : "no",
        connection.resumed() ? "yes" : "no",
        connection.handshake().toNanos() / 1000);
  }
}
