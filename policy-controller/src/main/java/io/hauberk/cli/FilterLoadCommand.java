// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.device.Device;
import io.hauberk.rules.FilterModule;
import io.hauberk.wasm.Guest;
import io.hauberk.wasm.GuestModule;
import io.hauberk.wasm.WasmException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code hauberk filter load}: the kernel has a filter's module before a rule-set needs it. */
@Command(
    name = "load",
    description = {
      "Load the module of a filter into the kernel, ahead of the rule-set that uses it.",
      "A push takes it out again unless the rule-set that is pushed uses it."
    })
final class FilterLoadCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(paramLabel = "FILE", description = "The module")
  private Path file;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What the filter is called (default: the file's name without .wasm)")
  private String name;

  FilterLoadCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ModuleFile.require(file);
    String filter = name != null ? name : ModuleFile.guestName(file);
    if (!FilterModule.isName(filter)) {
      throw new WasmException(
          "'"
              + filter
              + "' is no name of a filter: 1 to 48 letters, digits, dots, dashes and underscores,"
              + " the first and the last a letter or a digit; choose one with --name");
    }
    FilterModule module = FilterModule.of(filter, context.modules().read(file));
    Guest guest;
    try (Device device = context.openDevice()) {
      Optional<Guest> present = find(device, module.guest());
      if (present.isEmpty()) {
        device.load(new GuestModule(module.guest(), module.bytes(), false, false, false));
      }
      guest = present.orElseGet(() -> device.guest(module.guest()).guest());
    }
    context
        .out()
        .println(
            context.palette().green(filter) + ": guest " + guest.name() + ", " + Text.mode(guest));
    return ExitStatus.OK;
  }

  private static Optional<Guest> find(Device device, String name) {
    return device.guests().stream().filter(guest -> guest.name().equals(name)).findFirst();
  }
}
