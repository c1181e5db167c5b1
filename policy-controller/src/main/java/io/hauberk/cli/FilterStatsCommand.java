// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.daemon.MetricsText;
import io.hauberk.device.Device;
import io.hauberk.device.FilterStatus;
import io.hauberk.device.Metric;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hauberk filter stats}: what filters did, and what they count themselves. */
@Command(name = "stats", description = "Show what filters did, and what they count themselves.")
final class FilterStatsCommand implements Callable<Integer> {
  private final Context context;

  @ArgGroup private Format format = new Format();

  /** One of them at most. */
  private static final class Format {
    @Option(names = "--json", description = "Print JSON")
    private boolean json;

    @Option(
        names = "--prometheus",
        description = "Print the text format of Prometheus, rules and all, as serve --metrics does")
    private boolean prometheus;
  }

  FilterStatsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    try (Device device = context.openDevice()) {
      if (format.prometheus) {
        context.out().print(MetricsText.of(device));
      } else if (format.json) {
        printJson(device.filters(), device.metrics());
      } else {
        print(device.filters(), device.metrics());
      }
    }
    return ExitStatus.OK;
  }

  private void print(List<FilterStatus> filters, List<Metric> metrics) {
    Table table =
        new Table(
            "FILTER",
            ">STREAMS",
            ">CALLS",
            ">INSTRUCTIONS",
            ">PER CALL",
            ">TRAPS",
            ">BYPASSED",
            ">FAILED");
    for (FilterStatus filter : filters) {
      table.row(
          filter.name(),
          filter.streams(),
          filter.calls(),
          filter.instructions(),
          filter.calls() == 0 ? "" : filter.instructions() / filter.calls(),
          filter.traps(),
          filter.bypassed(),
          filter.failed());
    }
    table.print(context.out(), context.palette());
    if (!metrics.isEmpty()) {
      context.out().println();
      printMetrics(metrics);
    }
  }

  private void printMetrics(List<Metric> metrics) {
    Table table = new Table("METRIC", "VM", "KIND", ">VALUE", ">SAMPLES");
    for (Metric metric : metrics) {
      table.row(
          Text.printable(metric.name()),
          Text.printable(metric.vm()),
          metric.kind().label(),
          metric.value(),
          metric.kind() == Metric.Kind.HISTOGRAM ? metric.samples() : "");
    }
    table.print(context.out(), context.palette());
  }

  private void printJson(List<FilterStatus> filters, List<Metric> metrics) {
    try (Json json = new Json(context.out())) {
      json.object(
          () -> {
            json.name("filters")
                .array(() -> filters.forEach(filter -> FilterJson.write(json, filter)));
            json.name("metrics")
                .array(() -> metrics.forEach(metric -> FilterJson.write(json, metric)));
          });
    }
  }
}
