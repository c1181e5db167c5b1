// SPDX-License-Identifier: Apache-2.0
package io.hauberk.rules;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Who a rule's side of a connection is.
 *
 * @param dnsNames the DNS names of the leaf, possibly none
 * @param key the kind of key; empty leaves it to the certificate profile
 * @param lifetime how long a leaf lives; empty leaves it to the certificate profile
 */
public record Identity(
    String name,
    String spiffeId,
    List<String> dnsNames,
    Optional<KeyType> key,
    Optional<Duration> lifetime) {

  public Identity {
    dnsNames = List.copyOf(dnsNames);
  }
}
