// SPDX-License-Identifier: Apache-2.0
package io.hauberk.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.hauberk.device.FilterStatus;
import io.hauberk.device.Metric;
import io.hauberk.device.RuleStatus;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What Prometheus reads. */
class MetricsTextTest {
  private final FakeKernel kernel = new FakeKernel();

  private String text() {
    return MetricsText.of(kernel.open());
  }

  @Test
  void tellsOfRulesAndFilters() {
    kernel.rules = List.of(new RuleStatus("web-in", 20, 10, 2, 0, 9, 100, -1, 8, 5, 3));
    kernel.filterStatus =
        List.of(
            new FilterStatus("stamp", "stamp-0123456789ab", 9, 1, 80, 3, 1, 0, true, false, 64, 2));
    assertThat(text())
        .contains("# TYPE hauberk_connections_open gauge\nhauberk_connections_open 2\n")
        .contains("# TYPE hauberk_rule_opened_total counter\n")
        .contains("hauberk_rule_opened_total{rule=\"web-in\"} 10\n")
        .contains("hauberk_rule_tx_bytes_total{rule=\"web-in\"} 18446744073709551615\n")
        .contains("hauberk_filter_calls_total{filter=\"stamp\"} 9\n")
        .contains("hauberk_filter_quarantined{filter=\"stamp\"} 1\n")
        .contains("# TYPE hauberk_filter_memory_bytes gauge\n");
  }

  @Test
  void makesNamesOfWhatFiltersCallTheirMetrics() {
    kernel.metrics =
        List.of(
            new Metric("m", "requests", Metric.Kind.COUNTER, -1, 0),
            new Metric("m", "http.2xx", Metric.Kind.GAUGE, -5, 0),
            new Metric("m", "bytes", Metric.Kind.HISTOGRAM, 100, 4),
            new Metric("m", "http-2xx", Metric.Kind.GAUGE, 6, 0),
            new Metric("m", "requests_total", Metric.Kind.GAUGE, 7, 0),
            new Metric("m", "a\"b\\c\nd", Metric.Kind.COUNTER, 8, 0));
    assertThat(text())
        .contains(
            """
            # TYPE hauberk_guest_requests_total counter
            hauberk_guest_requests_total{vm="m",metric="requests"} 18446744073709551615
            # TYPE hauberk_guest_http_2xx gauge
            hauberk_guest_http_2xx{vm="m",metric="http.2xx"} -5
            hauberk_guest_http_2xx{vm="m",metric="http-2xx"} 6
            # TYPE hauberk_guest_bytes summary
            hauberk_guest_bytes_sum{vm="m",metric="bytes"} 100
            hauberk_guest_bytes_count{vm="m",metric="bytes"} 4
            # TYPE hauberk_guest_requests_total_2 gauge
            hauberk_guest_requests_total_2{vm="m",metric="requests_total"} 7
            # TYPE hauberk_guest_a_b_c_d_total counter
            hauberk_guest_a_b_c_d_total{vm="m",metric="a\\"b\\\\c\\nd"} 8
            """);
  }

  @Test
  void boundsWhatFiltersCanMakeOfIt() {
    kernel.metrics =
        IntStream.range(0, MetricsText.GUEST_METRICS_MAX + 3)
            .mapToObj(i -> new Metric("m", "m" + i + "x".repeat(1000), Metric.Kind.GAUGE, i, 0))
            .toList();
    String text = text();
    assertThat(text).contains("hauberk_guest_metrics_left_out 3\n");
    assertThat(text.lines().filter(line -> line.startsWith("hauberk_guest_m0x")))
        .singleElement()
        .satisfies(line -> assertThat(line.indexOf('{')).isEqualTo(MetricsText.NAME_MAX));
  }

  @Test
  void everyLineIsOneThatPrometheusReads() {
    tellsOfRulesAndFilters();
    makesNamesOfWhatFiltersCallTheirMetrics();
    assertThat(text().lines())
        .allMatch(
            line ->
                line.matches("# (HELP|TYPE) hauberk_[a-z0-9_]+ .+")
                    || line.matches("hauberk_[A-Za-z0-9_]+(\\{[a-z]+=\".*\"\\})? -?[0-9]+"));
  }
}
