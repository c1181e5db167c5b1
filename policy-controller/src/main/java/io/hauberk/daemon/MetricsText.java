// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import io.hauberk.device.Device;
import io.hauberk.device.FilterStatus;
import io.hauberk.device.Metric;
import io.hauberk.device.RuleStatus;
import io.hauberk.device.Status;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/** What the kernel has counted, in the text format of Prometheus. */
public final class MetricsText {
  /** What the format is called over HTTP. */
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  /** So many of those that filters define are told; a filter may make them of what peers send. */
  static final int GUEST_METRICS_MAX = 2000;

  /** Characters of a name. */
  static final int NAME_MAX = 200;

  private static final String COUNTER = "counter";
  private static final String GAUGE = "gauge";

  private final StringBuilder text = new StringBuilder();

  /** The metrics of filters by what they are called here; the lines of one name stand together. */
  private final Map<String, Family> families = new LinkedHashMap<>();

  /** Metrics of one name and kind. */
  private record Family(Metric.Kind kind, StringBuilder lines) {}

  private MetricsText() {}

  /** Asks a device. */
  public static String of(Device device) {
    MetricsText text = new MetricsText();
    Status status = device.status();
    text.status(status);
    text.rules(status.rules());
    text.filters(device.filters());
    text.guests(device.metrics());
    return text.text.toString();
  }

  private void status(Status status) {
    one("generation", GAUGE, "The rule-set in force.", status.generation());
    one("connections_open", GAUGE, "Open connections.", status.connectionsOpen());
    one("events_lost_total", COUNTER, "Events that nobody has read.", status.eventsLost());
  }

  private void rules(List<RuleStatus> rules) {
    each("rule", rules, RuleStatus::rule, "matched_total", COUNTER, RuleStatus::matched);
    each("rule", rules, RuleStatus::rule, "opened_total", COUNTER, RuleStatus::opened);
    each("rule", rules, RuleStatus::rule, "refused_total", COUNTER, RuleStatus::refused);
    each("rule", rules, RuleStatus::rule, "denied_total", COUNTER, RuleStatus::denied);
    each("rule", rules, RuleStatus::rule, "closed_total", COUNTER, RuleStatus::closed);
    each("rule", rules, RuleStatus::rule, "rx_bytes_total", COUNTER, RuleStatus::rxBytes);
    each("rule", rules, RuleStatus::rule, "tx_bytes_total", COUNTER, RuleStatus::txBytes);
  }

  private void filters(List<FilterStatus> filters) {
    filter(filters, "calls_total", COUNTER, FilterStatus::calls);
    filter(filters, "traps_total", COUNTER, FilterStatus::traps);
    filter(filters, "instructions_total", COUNTER, FilterStatus::instructions);
    filter(filters, "streams_total", COUNTER, FilterStatus::streams);
    filter(filters, "bypassed_total", COUNTER, FilterStatus::bypassed);
    filter(filters, "failed_total", COUNTER, FilterStatus::failed);
    filter(filters, "quarantined", GAUGE, status -> status.quarantined() ? 1 : 0);
    filter(filters, "compiled", GAUGE, status -> status.compiled() ? 1 : 0);
    filter(filters, "memory_bytes", GAUGE, FilterStatus::memoryBytes);
    filter(filters, "instances", GAUGE, FilterStatus::instances);
  }

  private void filter(
      List<FilterStatus> filters, String name, String kind, ToLongFunction<FilterStatus> value) {
    each("filter", filters, FilterStatus::name, name, kind, value);
  }

  private void guests(List<Metric> metrics) {
    metrics.stream().limit(GUEST_METRICS_MAX).forEach(this::guest);
    families.values().forEach(family -> text.append(family.lines()));
    long left = Math.max(0, metrics.size() - GUEST_METRICS_MAX);
    one("guest_metrics_left_out", GAUGE, "Metrics of filters that are too many.", left);
  }

  private void guest(Metric metric) {
    String name = family(metric);
    StringBuilder lines = families.get(name).lines();
    String label =
        String.format("{vm=\"%s\",metric=\"%s\"} ", escaped(metric.vm()), escaped(metric.name()));
    switch (metric.kind()) {
      case COUNTER -> line(lines, name + label, Long.toUnsignedString(metric.value()));
      case GAUGE -> line(lines, name + label, Long.toString(metric.value()));
      case HISTOGRAM -> {
        line(lines, name + "_sum" + label, Long.toUnsignedString(metric.value()));
        line(lines, name + "_count" + label, Long.toUnsignedString(metric.samples()));
      }
    }
  }

  private static void line(StringBuilder lines, String what, String value) {
    lines.append(what).append(value).append('\n');
  }

  /**
   * The name that stands for a filter's own one. Two that differ only in what is not allowed here
   * are told apart by their label, two of different kinds by a number.
   */
  private String family(Metric metric) {
    String suffix = metric.kind() == Metric.Kind.COUNTER ? "_total" : "";
    String stem = "hauberk_guest_" + metric.name().replaceAll("[^A-Za-z0-9_]", "_");
    stem = stem.substring(0, Math.min(stem.length(), NAME_MAX));
    String name = stem + suffix;
    for (int number = 2; isOfAnotherKind(name, metric.kind()); number++) {
      name = stem + "_" + number + suffix;
    }
    families.computeIfAbsent(name, fresh -> new Family(metric.kind(), typeLine(fresh, metric)));
    return name;
  }

  private boolean isOfAnotherKind(String name, Metric.Kind kind) {
    Family family = families.get(name);
    return family != null && family.kind() != kind;
  }

  /** Without the bounds of buckets a histogram is what Prometheus calls a summary. */
  private static StringBuilder typeLine(String name, Metric metric) {
    String kind = metric.kind() == Metric.Kind.HISTOGRAM ? "summary" : metric.kind().label();
    return new StringBuilder("# TYPE ").append(name).append(' ').append(kind).append('\n');
  }

  private void one(String name, String kind, String help, long value) {
    text.append(
        String.format(
            "# HELP hauberk_%s %s%n# TYPE hauberk_%s %s%nhauberk_%s %d%n",
            name, help, name, kind, name, value));
  }

  /** Names one of several things of a kind. */
  private interface Namer<T> {
    String name(T thing);
  }

  private <T> void each(
      String noun,
      List<T> things,
      Namer<T> namer,
      String name,
      String kind,
      ToLongFunction<T> value) {
    if (things.isEmpty()) {
      return;
    }
    String family = "hauberk_" + noun + "_" + name;
    text.append("# TYPE ").append(family).append(' ').append(kind).append('\n');
    for (T thing : things) {
      text.append(family)
          .append('{')
          .append(noun)
          .append("=\"")
          .append(escaped(namer.name(thing)))
          .append("\"} ")
          .append(Long.toUnsignedString(value.applyAsLong(thing)))
          .append('\n');
    }
  }

  private static String escaped(String label) {
    return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }
}
