// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hauberk.rules.KeyType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CertificateAuthorityTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.750Z");
  private static final Instant SECOND = Instant.parse("2026-03-01T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final Path OPENSSL = Path.of("/usr/bin/openssl");

  private final CertificateAuthority authority =
      CertificateAuthority.create("example.org", Profile.DEFAULT, CLOCK);

  @Test
  void theAuthorityMaySignLeavesAndNothingElse() {
    X509Certificate certificate = authority.certificate();

    assertThat(certificate.getBasicConstraints()).isZero();
    assertThat(certificate.getCriticalExtensionOIDs()).contains("2.5.29.19", "2.5.29.15");
    assertThat(trueBits(certificate.getKeyUsage())).containsExactly(5, 6);
    assertThat(new Leaf(certificate).spiffeId()).isEqualTo("spiffe://example.org");
    assertThat(certificate.getNotAfter().toInstant()).isEqualTo(SECOND.plus(Duration.ofDays(3650)));
  }

  @Test
  void aLeafSaysWhatWasAskedFor() throws Exception {
    StoredIdentity identity = authority.issue(request(KeyType.EC_P256, Duration.ofHours(24)));
    X509Certificate certificate = identity.chain().get(0);
    Leaf leaf = identity.leaf();

    certificate.verify(authority.certificate().getPublicKey());
    assertThat(leaf.spiffeId()).isEqualTo("spiffe://example.org/web");
    assertThat(leaf.dnsNames()).containsExactly("localhost", "web.example.org");
    assertThat(leaf.notBefore()).isEqualTo(SECOND.minus(Duration.ofMinutes(5)));
    assertThat(leaf.notAfter()).isEqualTo(SECOND.plus(Duration.ofHours(24)));
    assertThat(leaf.lifetime()).isEqualTo(Duration.ofHours(24));
    assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
    assertThat(certificate.getExtendedKeyUsage())
        .containsExactly("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
    assertThat(certificate.getNonCriticalExtensionOIDs()).contains("2.5.29.17");
  }

  @ParameterizedTest
  @EnumSource(KeyType.class)
  void theKeyIsOfTheKindThatWasAskedForAndBelongsToTheLeaf(KeyType type) throws Exception {
    StoredIdentity identity = authority.issue(request(type, Duration.ofHours(1)));
    boolean rsa = type.label().startsWith("rsa");
    byte[] message = {1, 2, 3};
    Signature signature = Signature.getInstance(rsa ? "SHA256withRSA" : "SHA256withECDSA");
    signature.initSign(identity.key());
    signature.update(message);
    byte[] signed = signature.sign();
    signature.initVerify(identity.chain().get(0));
    signature.update(message);

    assertThat(signature.verify(signed)).isTrue();
    assertThat(identity.leaf().keyType()).isEqualTo(type);
    assertThat(trueBits(identity.chain().get(0).getKeyUsage()))
        .containsExactlyElementsOf(rsa ? List.of(0, 2) : List.of(0));
  }

  @Test
  void aLeafNeverOutlivesTheAuthority() {
    StoredIdentity identity = authority.issue(request(KeyType.EC_P256, Duration.ofDays(5000)));

    assertThat(identity.leaf().notAfter())
        .isEqualTo(authority.certificate().getNotAfter().toInstant());
  }

  @Test
  void anExpiredAuthoritySignsNothing() {
    Clock later = Clock.offset(CLOCK, Duration.ofDays(3650));
    CertificateAuthority expired =
        new CertificateAuthority(authority.certificate(), authority.key(), later);

    assertThatThrownBy(() -> expired.issue(request(KeyType.EC_P256, Duration.ofHours(1))))
        .isInstanceOf(PkiException.class)
        .hasMessage(
            "the authority's certificate expired at 2036-02-27T12:00:00Z; "
                + "hauberk init --force makes a new one");
  }

  @Test
  void serialNumbersArePositiveRandomAndAtMost128Bits() {
    Set<String> serials = new HashSet<>();
    for (int i = 0; i < 64; i++) {
      X509Certificate leaf =
          authority.issue(request(KeyType.EC_P256, Duration.ofHours(1))).chain().get(0);
      assertThat(leaf.getSerialNumber().signum()).isEqualTo(1);
      assertThat(leaf.getSerialNumber().bitLength()).isLessThanOrEqualTo(128);
      serials.add(new Leaf(leaf).serial());
    }

    assertThat(serials).hasSize(64).allMatch(serial -> serial.matches("([0-9a-f]{2})+"));
  }

  @Test
  void twoAuthoritiesOfOneTrustDomainHaveDifferentNames() {
    CertificateAuthority other = CertificateAuthority.create("example.org", Profile.DEFAULT, CLOCK);

    assertThat(other.certificate().getSubjectX500Principal())
        .isNotEqualTo(authority.certificate().getSubjectX500Principal());
  }

  @ParameterizedTest
  @EnumSource(KeyType.class)
  void opensslAcceptsTheChainForBothEnds(KeyType type, @TempDir Path directory) throws Exception {
    assumeTrue(Files.isExecutable(OPENSSL), "openssl is not installed");
    Profile profile = new Profile(type, Duration.ofDays(1), type, Duration.ofHours(1));
    CertificateAuthority signer =
        CertificateAuthority.create("example.org", profile, Clock.systemUTC());
    StateDirectory state = new StateDirectory(directory);
    state.save(signer);
    state.save(signer.issue(request(type, Duration.ofHours(1))));

    for (String purpose : List.of("sslserver", "sslclient")) {
      Process openssl =
          new ProcessBuilder(
                  OPENSSL.toString(),
                  "verify",
                  "-x509_strict",
                  "-purpose",
                  purpose,
                  "-verify_hostname",
                  "web.example.org",
                  "-CAfile",
                  state.caCertificate().toString(),
                  state.identities().resolve("web/tls.crt").toString())
              .redirectErrorStream(true)
              .start();
      String output = new String(openssl.getInputStream().readAllBytes());
      assertThat(openssl.waitFor()).as(output).isZero();
    }
  }

  private static LeafRequest request(KeyType type, Duration lifetime) {
    return new LeafRequest(
        "web", "spiffe://example.org/web", List.of("localhost", "web.example.org"), type, lifetime);
  }

  private static List<Integer> trueBits(boolean[] bits) {
    return IntStream.range(0, bits.length).filter(i -> bits[i]).boxed().toList();
  }
}
