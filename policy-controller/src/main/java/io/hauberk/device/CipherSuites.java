// SPDX-License-Identifier: Apache-2.0
package io.hauberk.device;

import java.util.Map;

/** The names of the cipher suites that the kernel offers. */
final class CipherSuites {
  private static final Map<Integer, String> NAMES =
      Map.of(
          0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
          0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256");

  private CipherSuites() {}

  static String name(int suite) {
    return suite == 0 ? "" : NAMES.getOrDefault(suite, String.format("0x%04x", suite));
  }
}
