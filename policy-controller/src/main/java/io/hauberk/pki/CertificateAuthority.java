// SPDX-License-Identifier: Apache-2.0
package io.hauberk.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509ExtensionUtils;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.bc.BcX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Signs leaf certificates for one trust domain. */
public final class CertificateAuthority {
  private static final int SERIAL_BITS = 128;
  private static final int ORGANIZATION_MAX = 64;

  private final X509Certificate certificate;
  private final PrivateKey key;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  public CertificateAuthority(X509Certificate certificate, PrivateKey key, Clock clock) {
    this.certificate = certificate;
    this.key = key;
    this.clock = clock;
  }

  /** Makes a new authority, its key included. */
  public static CertificateAuthority create(String trustDomain, Profile profile, Clock clock) {
    SecureRandom random = new SecureRandom();
    KeyPair pair = Keys.generate(profile.caKey(), random);
    BigInteger serial = serial(random);
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    X500Name name = caName(trustDomain, serial);
    X509v3CertificateBuilder builder =
        builder(name, serial, now, now.plus(profile.caLifetime()), name, pair.getPublic());
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(uri("spiffe://" + trustDomain)));
      builder.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          extensions().createSubjectKeyIdentifier(keyInfo(pair.getPublic())));
    } catch (IOException e) {
      throw new PkiException("the authority's certificate cannot be encoded", e);
    }
    return new CertificateAuthority(sign(builder, pair.getPrivate()), pair.getPrivate(), clock);
  }

  public X509Certificate certificate() {
    return certificate;
  }

  PrivateKey key() {
    return key;
  }

  /** Makes a key and a leaf for it; the leaf never outlives the authority. */
  public StoredIdentity issue(LeafRequest request) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Instant end = certificate.getNotAfter().toInstant();
    if (!now.isBefore(end)) {
      throw new PkiException(
          "the authority's certificate expired at "
              + end
              + "; hauberk init --force makes a new one");
    }
    Instant notAfter = now.plus(request.lifetime());
    KeyPair pair = Keys.generate(request.keyType(), random);
    X509v3CertificateBuilder builder =
        builder(
            X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
            serial(random),
            now,
            notAfter.isBefore(end) ? notAfter : end,
            leafName(request),
            pair.getPublic());
    addLeafExtensions(builder, request, pair.getPublic());
    return new StoredIdentity(request.name(), List.of(sign(builder, key)), pair.getPrivate());
  }

  private void addLeafExtensions(
      X509v3CertificateBuilder builder, LeafRequest request, PublicKey publicKey) {
    int usage = KeyUsage.digitalSignature;
    if (Keys.isRsa(request.keyType())) {
      usage |= KeyUsage.keyEncipherment;
    }
    KeyPurposeId[] purposes = {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth};
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
      builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
      builder.addExtension(Extension.subjectAlternativeName, false, alternativeNames(request));
      builder.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          extensions().createSubjectKeyIdentifier(keyInfo(publicKey)));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          extensions().createAuthorityKeyIdentifier(keyInfo(certificate.getPublicKey())));
    } catch (IOException e) {
      throw new PkiException("the certificate of " + request.name() + " cannot be encoded", e);
    }
  }

  private static X509v3CertificateBuilder builder(
      X500Name issuer,
      BigInteger serial,
      Instant now,
      Instant notAfter,
      X500Name subject,
      PublicKey publicKey) {
    return new X509v3CertificateBuilder(
        issuer,
        serial,
        Date.from(now.minus(Profile.BACKDATE)),
        Date.from(notAfter),
        subject,
        keyInfo(publicKey));
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey signer) {
    String algorithm = signer.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(signer)));
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new PkiException("a certificate cannot be signed: " + e.getMessage(), e);
    }
  }

  /** Two authorities of one trust domain get different names: chains are looked up by name. */
  private static X500Name caName(String trustDomain, BigInteger serial) {
    X500NameBuilder name = new X500NameBuilder();
    if (trustDomain.length() <= ORGANIZATION_MAX) {
      name.addRDN(BCStyle.O, trustDomain);
    }
    return name.addRDN(BCStyle.CN, "Hauberk CA " + String.format("%032x", serial).substring(0, 8))
        .build();
  }

  private static X500Name leafName(LeafRequest request) {
    return new X500NameBuilder().addRDN(BCStyle.CN, request.name()).build();
  }

  private static GeneralNames alternativeNames(LeafRequest request) {
    List<GeneralName> names = new ArrayList<>();
    names.add(uri(request.spiffeId()));
    request.dnsNames().forEach(name -> names.add(new GeneralName(GeneralName.dNSName, name)));
    return new GeneralNames(names.toArray(GeneralName[]::new));
  }

  private static GeneralName uri(String value) {
    return new GeneralName(GeneralName.uniformResourceIdentifier, value);
  }

  private static SubjectPublicKeyInfo keyInfo(PublicKey key) {
    return SubjectPublicKeyInfo.getInstance(key.getEncoded());
  }

  private static X509ExtensionUtils extensions() {
    return new BcX509ExtensionUtils();
  }

  private static BigInteger serial(SecureRandom random) {
    BigInteger serial;
    do {
      serial = new BigInteger(SERIAL_BITS, random);
    } while (serial.signum() == 0);
    return serial;
  }
}
