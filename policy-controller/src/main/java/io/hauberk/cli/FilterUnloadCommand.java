// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.device.Device;
import io.hauberk.rules.FilterModule;
import io.hauberk.wasm.Guest;
import io.hauberk.wasm.WasmException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code hauberk filter unload}: the kernel forgets the modules of filters. */
@Command(
    name = "unload",
    description = "Take the modules of filters out of the kernel, unless a rule-set uses them.")
final class FilterUnloadCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(arity = "1..*", paramLabel = "NAME", description = "Filters, or guests of them")
  private List<String> names;

  FilterUnloadCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    try (Device device = context.openDevice()) {
      List<Guest> guests =
          device.guests().stream().filter(guest -> !filterOf(guest).isEmpty()).toList();
      List<Guest> meant = names.stream().flatMap(name -> of(name, guests).stream()).toList();
      for (Guest guest : meant) {
        device.unload(guest.name());
        context.out().println(guest.name() + " is unloaded");
      }
    }
    return ExitStatus.OK;
  }

  private static List<Guest> of(String name, List<Guest> guests) {
    List<Guest> meant =
        guests.stream()
            .filter(guest -> filterOf(guest).equals(name) || guest.name().equals(name))
            .toList();
    if (meant.isEmpty()) {
      throw new WasmException(
          "no module of a filter '" + name + "' is loaded; there " + present(guests));
    }
    return meant;
  }

  private static String present(List<Guest> guests) {
    String names = guests.stream().map(Guest::name).collect(Collectors.joining(", "));
    return guests.isEmpty() ? "is none" : (guests.size() == 1 ? "is " : "are ") + names;
  }

  private static String filterOf(Guest guest) {
    return FilterModule.filterOf(guest.name(), guest.digest());
  }
}
