// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import io.hauberk.rules.KeyType;
import java.time.Duration;
import java.util.List;

/**
 * What a leaf certificate shall say.
 *
 * @param name the identity's name, which becomes the subject's common name
 * @param spiffeId the one URI among the subject's alternative names
 * @param dnsNames further alternative names, for clients that check a host name
 * @param keyType the kind of the new key
 * @param lifetime from now to the end of validity
 */
public record LeafRequest(
    String name, String spiffeId, List<String> dnsNames, KeyType keyType, Duration lifetime) {
  public LeafRequest {
    dnsNames = List.copyOf(dnsNames);
  }

  /** Asks for the same again, with a new key: what renewal does. */
  static LeafRequest again(String name, Leaf leaf) {
    return new LeafRequest(name, leaf.spiffeId(), leaf.dnsNames(), leaf.keyType(), leaf.lifetime());
  }
}
