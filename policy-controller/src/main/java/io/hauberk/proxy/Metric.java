// SPDX-License-Identifier: Apache-2.0
package io.hauberk.proxy;

/** A number that a guest keeps. */
final class Metric {
  private final Type type;
  private final String name;
  private long value;

  /** What may become of it. */
  enum Type {
    COUNTER,
    GAUGE,
    HISTOGRAM
  }

  Metric(Type type, String name) {
    this.type = type;
    this.name = name;
  }

  Type type() {
    return type;
  }

  String name() {
    return name;
  }

  long value() {
    return value;
  }

  Status record(long number) {
    value = type == Type.HISTOGRAM ? value + number : number;
    return Status.OK;
  }

  Status add(long delta) {
    if (type == Type.HISTOGRAM || type == Type.COUNTER && delta < 0) {
      return Status.BAD_ARGUMENT;
    }
    value += delta;
    return Status.OK;
  }
}
