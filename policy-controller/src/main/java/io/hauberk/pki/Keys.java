// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import io.hauberk.rules.KeyType;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Makes keys of the kinds that the kernel side can use, and tells which kind a key is. */
final class Keys {
  private Keys() {}

  static KeyPair generate(KeyType type, SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(isRsa(type) ? "RSA" : "EC");
      generator.initialize(parameters(type), random);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new PkiException(
          "this Java cannot make " + type.label() + " keys: " + e.getMessage(), e);
    }
  }

  static boolean isRsa(KeyType type) {
    return type == KeyType.RSA_2048 || type == KeyType.RSA_3072;
  }

  /** The kind that a profile calls by this name. */
  static KeyType named(String label) {
    return KeyType.of(label)
        .orElseThrow(() -> new PkiException("key \"" + label + "\" is none of " + labels()));
  }

  static KeyType typeOf(PublicKey key) {
    String label = label(key);
    return KeyType.of(label)
        .orElseThrow(() -> new PkiException("a key of type " + label + " is none of " + labels()));
  }

  private static AlgorithmParameterSpec parameters(KeyType type) {
    return switch (type) {
      case EC_P256 -> new ECGenParameterSpec("secp256r1");
      case EC_P384 -> new ECGenParameterSpec("secp384r1");
      case RSA_2048 -> new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4);
      case RSA_3072 -> new RSAKeyGenParameterSpec(3072, RSAKeyGenParameterSpec.F4);
    };
  }

  private static String label(PublicKey key) {
    if (key instanceof ECPublicKey ec) {
      return "ec-p" + ec.getParams().getCurve().getField().getFieldSize();
    }
    return key instanceof RSAPublicKey rsa
        ? "rsa-" + rsa.getModulus().bitLength()
        : key.getAlgorithm();
  }

  private static String labels() {
    return Arrays.stream(KeyType.values()).map(KeyType::label).collect(Collectors.joining(", "));
  }
}
