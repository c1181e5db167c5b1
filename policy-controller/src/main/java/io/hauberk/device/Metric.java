// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

/**
 * What filters count by a name of their own.
 *
 * @param vm the vm_id of the filters that share it
 * @param value of a histogram the sum of its samples
 * @param samples of a histogram; otherwise 0
 */
public record Metric(String vm, String name, Kind kind, long value, long samples) {

  /** The kinds of proxy-wasm, in the order of their numbers on the wire. */
  public enum Kind {
    COUNTER("counter"),
    GAUGE("gauge"),
    HISTOGRAM("histogram");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }
}
