// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.device.Device;
import io.hauberk.wasm.Extern;
import io.hauberk.wasm.Guest;
import io.hauberk.wasm.GuestDetails;
import io.hauberk.wasm.GuestExport;
import io.hauberk.wasm.GuestImport;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hauberk wasm info}: one guest with its imports and exports. */
@Command(name = "info", description = "Show a guest, what it imports and what it exports.")
final class WasmInfoCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "NAME", description = "The guest")
  private String name;

  @Option(names = "--json", description = "Print JSON")
  private boolean json;

  WasmInfoCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    GuestDetails details;
    try (Device device = context.openDevice()) {
      details = device.guest(name);
    }
    if (json) {
      printJson(details);
    } else {
      printText(details);
    }
    return ExitStatus.OK;
  }

  private void printText(GuestDetails details) {
    Guest guest = details.guest();
    Duration age = Duration.between(guest.loaded(), context.environment().clock().instant());
    line("guest      ", guest.name() + ", loaded " + Text.span(age) + " ago");
    line("module     ", Text.bytes(guest.size()) + ", sha256 " + guest.digest());
    line("mode       ", Text.mode(guest) + (guest.floats() ? ", with floats" : ", no floats"));
    line(
        "state      ",
        guest.quarantined()
            ? context.palette().red("quarantined: it trapped too often and runs no more")
            : "ready");
    line(
        "calls      ",
        String.format(
            "%d, %d trapped, %s",
            guest.calls(), guest.traps(), Text.count(guest.instructions(), "instruction")));
    line(
        "instances  ",
        String.format("%d, %s in all", guest.instances(), Text.bytes(guest.memoryBytes())));
    line("memory     ", guest.memory().map(Extern.Memory::pages).orElse("none"));
    line("functions  ", String.valueOf(guest.functions()));
    printImports(details);
    printExports(details);
  }

  private void line(String label, String text) {
    context.out().println(context.palette().bold(label) + text);
  }

  private void printImports(GuestDetails details) {
    Table table = new Table("IMPORT", "OF", "TYPE");
    for (GuestImport wanted : details.imports()) {
      table.row(
          Text.printable(wanted.name()),
          Text.printable(wanted.module()),
          wanted.extern().description());
    }
    print(table, details.imports().isEmpty());
  }

  private void printExports(GuestDetails details) {
    Table table = new Table("EXPORT", "TYPE");
    for (GuestExport export : details.exports()) {
      table.row(Text.printable(export.name()), export.extern().description());
    }
    print(table, details.exports().isEmpty());
  }

  private void print(Table table, boolean empty) {
    PrintStream out = context.out();
    if (!empty) {
      out.println();
      table.print(out, context.palette());
    }
  }

  private void printJson(GuestDetails details) {
    try (Json out = new Json(context.out())) {
      out.object(
          () -> {
            GuestJson.write(out, details.guest());
            out.name("imports")
                .array(() -> details.imports().forEach(wanted -> guestImport(out, wanted)));
            out.name("exports")
                .array(() -> details.exports().forEach(export -> guestExport(out, export)));
          });
    }
  }

  private static void guestImport(Json json, GuestImport wanted) {
    json.object(
        () -> {
          json.put("module", wanted.module()).put("name", wanted.name());
          GuestJson.write(json, wanted.extern());
        });
  }

  private static void guestExport(Json json, GuestExport export) {
    json.object(
        () -> {
          json.put("name", export.name());
          GuestJson.write(json, export.extern());
        });
  }
}
