// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import io.hauberk.device.Credential;
import io.hauberk.rules.Identity;
import io.hauberk.rules.RuleSet;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** Brings the identities of a rule-set and those in a state directory together. */
public final class Enrollment {
  private final StateDirectory state;
  private final Clock clock;

  public Enrollment(StateDirectory state, Clock clock) {
    this.state = state;
    this.clock = clock;
  }

  /** Why the identity needs a new certificate; empty if the one that it has will do. */
  public Optional<String> reasonToIssue(Identity identity) {
    if (!state.hasIdentity(identity.name())) {
      return Optional.of("there was none");
    }
    Leaf leaf = new Leaf(state.certificates(identity.name()).get(0));
    if (!leaf.spiffeId().equals(identity.spiffeId())) {
      return Optional.of("it was for " + leaf.spiffeId());
    }
    if (!new HashSet<>(leaf.dnsNames()).equals(new HashSet<>(identity.dnsNames()))) {
      return Optional.of("its DNS names were " + leaf.dnsNames());
    }
    if (identity.key().isPresent() && identity.key().get() != leaf.keyType()) {
      return Optional.of("its key was " + leaf.keyType().label());
    }
    if (!clock.instant().isBefore(leaf.notAfter())) {
      return Optional.of("it expired at " + leaf.notAfter());
    }
    return Optional.empty();
  }

  /** Makes and keeps a new key and certificate as the rule-set and the profile ask for. */
  public StoredIdentity issue(Identity identity) {
    Profile profile = state.profile();
    Duration lifetime = identity.lifetime().orElse(profile.leafLifetime());
    return issue(
        new LeafRequest(
            identity.name(),
            identity.spiffeId(),
            identity.dnsNames(),
            identity.key().orElse(profile.leafKey()),
            lifetime));
  }

  /** Makes and keeps a new key and certificate that says what the present one says. */
  public StoredIdentity reissue(String name) {
    return issue(LeafRequest.again(name, new Leaf(state.certificates(name).get(0))));
  }

  /** Each identity of the rule-set with its key, ready to be pushed. */
  public List<Credential> credentials(RuleSet ruleSet) {
    List<String> complaints = new ArrayList<>();
    List<Credential> credentials = new ArrayList<>();
    for (Identity identity : ruleSet.identities()) {
      if (!state.hasIdentity(identity.name())) {
        complaints.add("identity " + identity.name() + " has no certificate in " + state.root());
        continue;
      }
      StoredIdentity stored = state.identity(identity.name());
      if (stored.leaf().spiffeId().equals(identity.spiffeId())) {
        credentials.add(credential(stored));
      } else {
        complaints.add(
            String.format(
                "identity %s shall be %s, and its certificate is for %s",
                identity.name(), identity.spiffeId(), stored.leaf().spiffeId()));
      }
    }
    if (!complaints.isEmpty()) {
      String hint = "\nrun: hauberk init " + ruleSet.source().file();
      throw new PkiException(String.join("\n", complaints) + hint);
    }
    return credentials;
  }

  /** The trust bundle in DER. */
  public List<byte[]> anchors() {
    return state.anchors().stream().map(Enrollment::der).toList();
  }

  private StoredIdentity issue(LeafRequest request) {
    StoredIdentity identity = state.authority(clock).issue(request);
    state.save(identity);
    return identity;
  }

  private static Credential credential(StoredIdentity stored) {
    return new Credential(
        stored.name(),
        stored.leaf().spiffeId(),
        stored.chain().stream().map(Enrollment::der).toList(),
        stored.key().getEncoded());
  }

  private static byte[] der(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new PkiException("a certificate cannot be encoded: " + e.getMessage(), e);
    }
  }
}
