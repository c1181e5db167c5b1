// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

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

/** The kinds of keys that the kernel side can use. */
public enum KeyType {
  EC_P256("ec-p256", "EC", new ECGenParameterSpec("secp256r1"), 256),
  EC_P384("ec-p384", "EC", new ECGenParameterSpec("secp384r1"), 384),
  RSA_2048("rsa-2048", "RSA", new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4), 2048),
  RSA_3072("rsa-3072", "RSA", new RSAKeyGenParameterSpec(3072, RSAKeyGenParameterSpec.F4), 3072);

  private final String label;
  private final String algorithm;
  private final AlgorithmParameterSpec parameters;
  private final int bits;

  KeyType(String label, String algorithm, AlgorithmParameterSpec parameters, int bits) {
    this.label = label;
    this.algorithm = algorithm;
    this.parameters = parameters;
    this.bits = bits;
  }

  /** The name in rule-sets and profiles, such as {@code ec-p256}. */
  public String label() {
    return label;
  }

  boolean isRsa() {
    return algorithm.equals("RSA");
  }

  KeyPair generate(SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(parameters, random);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new PkiException("this Java cannot make " + label + " keys: " + e.getMessage(), e);
    }
  }

  /** The kind that a rule-set or a profile calls by this name. */
  public static KeyType of(String label) {
    return Arrays.stream(values())
        .filter(type -> type.label.equals(label))
        .findFirst()
        .orElseThrow(() -> new PkiException("key \"" + label + "\" is none of " + labels()));
  }

  static KeyType of(PublicKey key) {
    String algorithm = key.getAlgorithm();
    int bits = bits(key);
    return Arrays.stream(values())
        .filter(type -> type.algorithm.equals(algorithm) && type.bits == bits)
        .findFirst()
        .orElseThrow(
            () ->
                new PkiException(
                    "a key of " + bits + " bits " + algorithm + " is none of " + labels()));
  }

  private static int bits(PublicKey key) {
    if (key instanceof ECPublicKey ec) {
      return ec.getParams().getCurve().getField().getFieldSize();
    }
    return key instanceof RSAPublicKey rsa ? rsa.getModulus().bitLength() : 0;
  }

  private static String labels() {
    return Arrays.stream(values()).map(KeyType::label).collect(Collectors.joining(", "));
  }
}
