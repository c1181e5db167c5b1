// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.util.Arrays;
import java.util.Optional;

/** Who encrypts the records of connections that are opened from now on. */
public enum RecordLayer {
  /** The kernel's TLS where it has one, Hauberk's own where it has none. */
  KERNEL("kernel", 0),
  /** Hauberk's own, always. */
  OWN("own", 1);

  private final String label;
  private final int code;

  RecordLayer(String label, int code) {
    this.label = label;
    this.code = code;
  }

  public String label() {
    return label;
  }

  /** The number on the wire: {@code enum hbk_record_layer}. */
  public int code() {
    return code;
  }

  public static Optional<RecordLayer> of(String label) {
    return Arrays.stream(values()).filter(layer -> layer.label.equals(label)).findFirst();
  }

  static RecordLayer ofCode(int code) {
    return Arrays.stream(values())
        .filter(layer -> layer.code == code)
        .findFirst()
        .orElseThrow(
            () ->
                new DeviceException(
                    "the module sent a malformed frame: its record layer is " + code));
  }
}
