// SPDX-License-Identifier: Apache-2.0
package io.hauberk.cli;

import io.hauberk.device.FilterStatus;
import io.hauberk.device.Metric;

/** The members that filters and their metrics have in JSON. */
final class FilterJson {
  private FilterJson() {}

  static void write(Json json, FilterStatus filter) {
    json.object(
        () ->
            json.put("name", filter.name())
                .put("guest", filter.guest())
                .put("compiled", filter.compiled())
                .put("quarantined", filter.quarantined())
                .put("calls", filter.calls())
                .put("traps", filter.traps())
                .put("instructions", filter.instructions())
                .put("streams", filter.streams())
                .put("bypassed", filter.bypassed())
                .put("failed", filter.failed())
                .put("instances", filter.instances())
                .put("memoryBytes", filter.memoryBytes()));
  }

  static void write(Json json, Metric metric) {
    json.object(
        () -> {
          json.put("vm", metric.vm())
              .put("name", metric.name())
              .put("kind", metric.kind().label())
              .put("value", metric.value());
          if (metric.kind() == Metric.Kind.HISTOGRAM) {
            json.put("samples", metric.samples());
          }
        });
  }
}
