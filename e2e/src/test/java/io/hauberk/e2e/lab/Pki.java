// SPDX-License-Identifier: Apache-2.0
package io.hauberk.e2e.lab;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certification authority that signs whatever a test asks for, right or wrong. */
public final class Pki {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Duration BACKDATE = Duration.ofHours(1);
  private static final Duration LIFETIME = Duration.ofDays(2);

  private final X500Name name;
  private final Certificate authority;

  public Pki(String commonName) {
    name = new X500Name("CN=" + commonName);
    KeyPair pair = keyPair("ec-p256");
    Instant now = Instant.now();
    X509v3CertificateBuilder builder =
        builder(
            now.minus(BACKDATE.multipliedBy(2)), now.plus(LIFETIME.multipliedBy(2)), name, pair);
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    } catch (IOException e) {
      throw new LabException("the authority cannot be encoded", e);
    }
    authority = sign(builder, pair, pair.getPrivate());
  }

  public Certificate authority() {
    return authority;
  }

  /** Starts the description of a leaf that is right in all that is not said otherwise. */
  public Leaf leaf() {
    return new Leaf();
  }

  /** Describes a leaf. */
  public final class Leaf {
    private final List<GeneralName> names = new ArrayList<>();
    private Instant notBefore = Instant.now().minus(BACKDATE);
    private Instant notAfter = Instant.now().plus(LIFETIME);
    private String keyType = "ec-p256";
    private boolean authority;
    private boolean constrained;
    private boolean constraintsCritical;

    public Leaf uri(String uri) {
      names.add(new GeneralName(GeneralName.uniformResourceIdentifier, uri));
      return this;
    }

    public Leaf dns(String dns) {
      names.add(new GeneralName(GeneralName.dNSName, dns));
      return this;
    }

    public Leaf key(String type) {
      keyType = type;
      return this;
    }

    public Leaf expired() {
      notAfter = Instant.now().minus(BACKDATE.dividedBy(2));
      return this;
    }

    public Leaf notYetValid() {
      notBefore = Instant.now().plus(BACKDATE);
      return this;
    }

    public Leaf asAuthority() {
      authority = true;
      return this;
    }

    public Leaf nameConstraints(boolean critical) {
      constrained = true;
      constraintsCritical = critical;
      return this;
    }

    public Certificate issue() {
      KeyPair pair = keyPair(keyType);
      X509v3CertificateBuilder builder =
          builder(notBefore, notAfter, new X500Name("CN=leaf"), pair);
      try {
        extend(builder);
      } catch (IOException e) {
        throw new LabException("a leaf cannot be encoded", e);
      }
      return sign(builder, pair, Pki.this.authority.key());
    }

    private void extend(X509v3CertificateBuilder builder) throws IOException {
      int usage = KeyUsage.digitalSignature | (authority ? KeyUsage.keyCertSign : 0);
      KeyPurposeId[] purposes = {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth};
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
      builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
      if (!names.isEmpty()) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(names.toArray(GeneralName[]::new)));
      }
      if (constrained) {
        GeneralName permitted = new GeneralName(GeneralName.dNSName, "example.org");
        builder.addExtension(
            Extension.nameConstraints,
            constraintsCritical,
            new NameConstraints(
                new GeneralSubtree[] {new GeneralSubtree(permitted)}, new GeneralSubtree[0]));
      }
    }
  }

  private X509v3CertificateBuilder builder(
      Instant notBefore, Instant notAfter, X500Name subject, KeyPair pair) {
    return new X509v3CertificateBuilder(
        name,
        new BigInteger(120, RANDOM).setBit(100),
        Date.from(notBefore),
        Date.from(notAfter),
        subject,
        SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()));
  }

  private static KeyPair keyPair(String type) {
    try {
      if (type.startsWith("rsa-")) {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(Integer.parseInt(type.substring("rsa-".length())));
        return generator.generateKeyPair();
      }
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(
          new ECGenParameterSpec(type.equals("ec-p384") ? "secp384r1" : "secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new LabException("no key of type " + type, e);
    }
  }

  private static Certificate sign(
      X509v3CertificateBuilder builder, KeyPair subject, PrivateKey signer) {
    try {
      return new Certificate(
          new JcaX509CertificateConverter()
              .getCertificate(
                  builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer))),
          subject.getPrivate());
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new LabException("a certificate cannot be signed", e);
    }
  }
}
