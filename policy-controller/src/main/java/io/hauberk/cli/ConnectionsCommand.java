// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.device.Connection;
import io.hauberk.device.Device;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hauberk connections}: who talks to whom right now. */
@Command(name = "connections", description = "Show the open connections and who the peers are.")
final class ConnectionsCommand implements Callable<Integer> {
  private final Context context;

  @Option(names = "--json", description = "Print JSON")
  private boolean json;

  ConnectionsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    List<Connection> connections;
    try (Device device = context.openDevice()) {
      connections = device.connections();
    }
    if (json) {
      printJson(connections);
    } else {
      printTable(connections);
    }
    return ExitStatus.OK;
  }

  private void printTable(List<Connection> connections) {
    Instant now = context.environment().clock().instant();
    Table table =
        new Table(
            ">ID",
            "DIRECTION",
            "LOCAL",
            "REMOTE",
            "PROCESS",
            "RULE",
            "PEER",
            "SERIAL",
            "SUITE",
            "KTLS",
            "RESUMED",
            ">RX",
            ">TX",
            ">AGE");
    for (Connection connection : connections) {
      table.row(
          connection.id(),
          connection.direction().label(),
          Text.address(connection.local()),
          Text.address(connection.remote()),
          Text.process(connection.comm(), connection.pid()),
          connection.rule(),
          connection.peerId().isEmpty() ? connection.peerName() : connection.peerId(),
          connection.peerSerial(),
          connection.suiteName(),
          connection.ktls() ? "yes" : "no",
          connection.resumed() ? "yes" : "no",
          Text.bytes(connection.rxBytes()),
          Text.bytes(connection.txBytes()),
          Text.span(Duration.between(connection.time(), now)));
    }
    table.print(context.out(), context.palette());
  }

  private void printJson(List<Connection> connections) {
    try (Json json = new Json(context.out())) {
      json.array(
          () ->
              connections.forEach(
                  connection -> json.object(() -> ConnectionJson.write(json, connection))));
    }
  }
}
