// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import io.hauberk.rules.KeyType;
import java.math.BigInteger;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/** What a certificate says, in the words of the rule-set. */
public final class Leaf {
  private static final int SAN_DNS = 2;
  private static final int SAN_URI = 6;

  private final X509Certificate certificate;

  public Leaf(X509Certificate certificate) {
    this.certificate = certificate;
  }

  /** The first URI among the alternative names, or the empty string. */
  public String spiffeId() {
    return names(SAN_URI).stream().findFirst().orElse("");
  }

  public List<String> dnsNames() {
    return names(SAN_DNS);
  }

  public KeyType keyType() {
    return Keys.typeOf(certificate.getPublicKey());
  }

  public Instant notBefore() {
    return certificate.getNotBefore().toInstant();
  }

  public Instant notAfter() {
    return certificate.getNotAfter().toInstant();
  }

  /** The lifetime that was asked for when the certificate was made. */
  public Duration lifetime() {
    return Duration.between(issuedAt(), notAfter());
  }

  /** When the certificate was made, as far as it tells: validity begins a little earlier. */
  public Instant issuedAt() {
    return notBefore().plus(Profile.BACKDATE);
  }

  /** The serial number in lower-case hexadecimal, two digits a byte, as events show it. */
  public String serial() {
    return hex(certificate.getSerialNumber());
  }

  private static String hex(BigInteger serial) {
    String digits = serial.toString(16);
    return digits.length() % 2 == 0 ? digits : "0" + digits;
  }

  private List<String> names(int kind) {
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      return all == null
          ? List.of()
          : all.stream()
              .filter(name -> name.get(0).equals(kind))
              .map(name -> (String) name.get(1))
              .toList();
    } catch (CertificateParsingException e) {
      throw new PkiException(
          "the alternative names of certificate " + serial() + " cannot be read", e);
    }
  }
}
