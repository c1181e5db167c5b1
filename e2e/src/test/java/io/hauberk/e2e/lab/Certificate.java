// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;

/** A certificate and its key. */
public record Certificate(X509Certificate certificate, PrivateKey key) {
  private static final Base64.Encoder LINES =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  byte[] der() {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new LabException("a certificate cannot be encoded", e);
    }
  }

  /** Writes NAME.crt and NAME.key, as PEM, into the guest's /run/pki. */
  public void install(Vm vm, String name) {
    vm.put("/run/pki/" + name + ".crt", pem("CERTIFICATE", der()));
    vm.put("/run/pki/" + name + ".key", pem("PRIVATE KEY", key.getEncoded()));
  }

  private static String pem(String label, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(label, LINES.encodeToString(der), label);
  }
}
