// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.device.Device;
import io.hauberk.wasm.Guest;
import io.hauberk.wasm.GuestModule;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hauberk wasm load}: the kernel validates a module and keeps it. */
@Command(name = "load", description = "Load a module into the kernel, which validates it first.")
final class WasmLoadCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "FILE", description = "The module")
  private Path file;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What the guest is called (default: the file's name without .wasm)")
  private String name;

  @Option(names = "--no-floats", description = "Refuse a module that computes with floats")
  private boolean noFloats;

  @Option(names = "--interpret", description = "Interpret it even where it is there compiled")
  private boolean interpret;

  WasmLoadCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    byte[] bytes = ModuleFile.read(file);
    String guest = name != null ? name : ModuleFile.guestName(file);
    Guest loaded;
    try (Device device = context.openDevice()) {
      device.load(new GuestModule(guest, bytes, false, noFloats, interpret));
      loaded = device.guest(guest).guest();
    }
    context
        .out()
        .println(
            context.palette().green(Text.printable(guest))
                + ": "
                + Text.count(loaded.functions(), "function")
                + ", "
                + Text.count(loaded.imports(), "import")
                + ", "
                + Text.count(loaded.exports(), "export")
                + ", "
                + Text.mode(loaded));
    return ExitStatus.OK;
  }
}
