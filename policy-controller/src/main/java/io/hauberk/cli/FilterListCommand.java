// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.device.Device;
import io.hauberk.device.FilterStatus;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hauberk filter list}: the filters of the rule-set in force. */
@Command(name = "list", description = "List the filters of the rule-set in force.")
final class FilterListCommand implements Callable<Integer> {
  private final Context context;

  @Option(names = "--json", description = "Print JSON")
  private boolean json;

  FilterListCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    List<FilterStatus> filters;
    try (Device device = context.openDevice()) {
      filters = device.filters();
    }
    if (json) {
      try (Json out = new Json(context.out())) {
        out.array(() -> filters.forEach(filter -> FilterJson.write(out, filter)));
      }
    } else {
      table(filters).print(context.out(), context.palette());
    }
    return ExitStatus.OK;
  }

  /** What a person wants to know of filters at a glance. */
  static Table table(List<FilterStatus> filters) {
    Table table =
        new Table("FILTER", "GUEST", "MODE", "STATE", ">STREAMS", ">INSTANCES", ">MEMORY");
    for (FilterStatus filter : filters) {
      table.row(
          filter.name(),
          filter.guest(),
          filter.compiled() ? "compiled" : "interpreted",
          filter.quarantined() ? "quarantined" : "ready",
          filter.streams(),
          filter.instances(),
          Text.bytes(filter.memoryBytes()));
    }
    return table;
  }
}
