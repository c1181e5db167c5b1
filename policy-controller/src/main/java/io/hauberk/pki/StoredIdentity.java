// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * An identity as it stands in the state directory, or is about to.
 *
 * @param name the identity's name in the rule-set
 * @param chain the leaf first, then the intermediates if there are any
 * @param key the leaf's private key
 */
public record StoredIdentity(String name, List<X509Certificate> chain, PrivateKey key) {
  public StoredIdentity {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new PkiException("identity " + name + " has no certificate");
    }
  }

  public Leaf leaf() {
    return new Leaf(chain.get(0));
  }

  @Override
  public String toString() {
    return "StoredIdentity[" + name + ", serial " + leaf().serial() + "]";
  }
}
