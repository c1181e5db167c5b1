// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.device.Device;
import io.hauberk.wasm.Guest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hauberk wasm list}: the guests that the kernel holds. */
@Command(name = "list", description = "List the guests that the kernel holds, and how they fare.")
final class WasmListCommand implements Callable<Integer> {
  private final Context context;

  @Option(names = "--json", description = "Print JSON")
  private boolean json;

  WasmListCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    List<Guest> guests;
    try (Device device = context.openDevice()) {
      guests = device.guests();
    }
    if (json) {
      try (Json out = new Json(context.out())) {
        out.array(() -> guests.forEach(guest -> out.object(() -> GuestJson.write(out, guest))));
      }
    } else {
      printTable(guests);
    }
    return ExitStatus.OK;
  }

  private void printTable(List<Guest> guests) {
    Instant now = context.environment().clock().instant();
    Table table =
        new Table(
            "NAME",
            "MODE",
            "STATE",
            ">SIZE",
            ">MEMORY",
            ">INSTANCES",
            ">CALLS",
            ">TRAPS",
            ">INSTRUCTIONS",
            ">AGE");
    for (Guest guest : guests) {
      table.row(
          guest.name(),
          Text.mode(guest),
          guest.quarantined() ? "quarantined" : "ready",
          Text.bytes(guest.size()),
          Text.bytes(guest.memoryBytes()),
          guest.instances(),
          guest.calls(),
          guest.traps(),
          guest.instructions(),
          Text.span(Duration.between(guest.loaded(), now)));
    }
    table.print(context.out(), context.palette());
  }
}
