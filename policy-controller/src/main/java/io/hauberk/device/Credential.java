// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.util.List;

/**
 * An identity with its secret.
 *
 * @param chain certificates in DER, the leaf first
 * @param key the leaf's private key in PKCS#8 DER; the caller wipes it
 */
public record Credential(String name, String spiffeId, List<byte[]> chain, byte[] key) {

  public Credential {
    chain = List.copyOf(chain);
  }

  /** Names the identity and never shows the key. */
  @Override
  public String toString() {
    return "Credential[" + name + ", " + spiffeId + "]";
  }
}
