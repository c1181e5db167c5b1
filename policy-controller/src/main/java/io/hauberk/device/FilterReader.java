// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

/** What frames tell of filters. */
final class FilterReader {
  private FilterReader() {}

  static FilterStatus status(Frame frame) {
    return new FilterStatus(
        frame.string(Wire.A_NAME),
        frame.string(Wire.A_MODULE),
        frame.number(Wire.A_CALLS),
        frame.number(Wire.A_TRAPS),
        frame.number(Wire.A_INSTRUCTIONS),
        frame.number(Wire.A_STREAMS),
        frame.number(Wire.A_BYPASSED),
        frame.number(Wire.A_FAILED),
        frame.number(Wire.A_QUARANTINED) != 0,
        frame.number(Wire.A_COMPILED) != 0,
        frame.number(Wire.A_MEMORY_BYTES),
        frame.number(Wire.A_INSTANCES));
  }

  static Metric metric(Frame frame) {
    int kind = frame.integer(Wire.A_KIND);
    Metric.Kind[] kinds = Metric.Kind.values();
    if (kind < 0 || kind >= kinds.length) {
      throw Frame.malformed("its kind is " + kind);
    }
    return new Metric(
        frame.string(Wire.A_VM_ID),
        frame.string(Wire.A_NAME),
        kinds[kind],
        frame.number(Wire.A_VALUE),
        frame.number(Wire.A_SAMPLES));
  }

  static Event.FilterFailed failure(Frame frame) {
    return new Event.FilterFailed(
        frame.nanoseconds(Wire.A_TIME_NS),
        frame.string(Wire.A_NAME),
        frame.string(Wire.A_RULE),
        frame.number(Wire.A_CONNECTION_ID),
        frame.string(Wire.A_TRAP),
        frame.string(Wire.A_REASON));
  }
}
