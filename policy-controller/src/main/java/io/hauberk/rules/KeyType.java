// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.util.Arrays;
import java.util.Optional;

/** The kinds of key that an identity may have. */
public enum KeyType {
  EC_P256("ec-p256"),
  EC_P384("ec-p384"),
  RSA_2048("rsa-2048"),
  RSA_3072("rsa-3072");

  private final String label;

  KeyType(String label) {
    this.label = label;
  }

  /** The name in a rule-set and in what the kernel tells. */
  public String label() {
    return label;
  }

  public static Optional<KeyType> of(String label) {
    return Arrays.stream(values()).filter(type -> type.label.equals(label)).findFirst();
  }
}
