// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PEM text (RFC 7468) to certificates and keys, and back. */
final class Pem {
  private static final Base64.Encoder ENCODER = Base64.getMimeEncoder(64, new byte[] {'\n'});
  private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA");

  private Pem() {}

  static String ofCertificates(List<X509Certificate> certificates) {
    StringBuilder text = new StringBuilder();
    for (X509Certificate certificate : certificates) {
      try {
        text.append(block("CERTIFICATE", certificate.getEncoded()));
      } catch (CertificateEncodingException e) {
        throw new PkiException("a certificate cannot be encoded: " + e.getMessage(), e);
      }
    }
    return text.toString();
  }

  static String ofKey(PrivateKey key) {
    return block("PRIVATE KEY", key.getEncoded());
  }

  /** Reads each certificate of {@code pem}; {@code origin} is named when that fails. */
  static List<X509Certificate> certificates(byte[] pem, Object origin) {
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (byte[] der : blocks("CERTIFICATE", pem, origin)) {
        certificates.add(
            (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
      }
    } catch (CertificateException e) {
      throw new PkiException(origin + " holds a certificate that cannot be read", e);
    }
    return certificates;
  }

  static PrivateKey key(byte[] pem, Object origin) {
    List<byte[]> blocks = blocks("PRIVATE KEY", pem, origin);
    if (blocks.size() != 1) {
      throw new PkiException(origin + " must hold exactly one PKCS#8 private key");
    }
    for (String algorithm : KEY_ALGORITHMS) {
      try {
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(blocks.get(0));
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (GeneralSecurityException notThisOne) {
        continue;
      }
    }
    throw new PkiException(origin + " holds neither an EC nor an RSA key");
  }

  private static List<byte[]> blocks(String label, byte[] pem, Object origin) {
    Pattern pattern =
        Pattern.compile(
            "-----BEGIN " + label + "-----([A-Za-z0-9+/=\\s]*)-----END " + label + "-----");
    Matcher matcher = pattern.matcher(new String(pem, StandardCharsets.US_ASCII));
    List<byte[]> blocks = new ArrayList<>();
    while (matcher.find()) {
      try {
        blocks.add(Base64.getMimeDecoder().decode(matcher.group(1)));
      } catch (IllegalArgumentException e) {
        throw new PkiException(origin + " is not PEM: " + e.getMessage(), e);
      }
    }
    if (blocks.isEmpty()) {
      throw new PkiException(origin + " has no PEM block \"" + label + "\"");
    }
    return blocks;
  }

  private static String block(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + ENCODER.encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }
}
