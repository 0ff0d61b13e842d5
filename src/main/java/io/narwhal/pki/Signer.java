package io.narwhal.pki;

import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;

/** Makes and reads keys, certificates and revocation lists (RFC 5280); touches no disk. */
final class Signer {
    /** What clocks of nodes may be behind. */
    static final Duration SLACK = Duration.ofMinutes(5);

    private static final String ALGORITHM = "SHA256withECDSA";
    private static final String CURVE = "secp256r1";

    /** Unguessable bits of a serial number; positive, in at most 20 octets (RFC 5280 §4.1.2.2). */
    private static final int SERIAL_BITS = 127;

    private final SecureRandom random;

    Signer(SecureRandom random) {
        this.random = random;
    }

    KeyPair newKey() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(CURVE), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Java has EC keys on " + CURVE, e);
        }
    }

    /** The first certificate: of the authority, by the authority. */
    X509Certificate authority(
            String name, PublicKey ours, PrivateKey key, Instant now, Instant end) {
        X500Name self = name(name);
        var builder =
                new JcaX509v3CertificateBuilder(
                        self, serial(), Date.from(now.minus(SLACK)), Date.from(end), self, ours);
        try {
            var identifiers = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    identifiers.createSubjectKeyIdentifier(ours));
            return signed(builder, key);
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("an authority's certificate can be made", e);
        }
    }

    /** A node's certificate, as a server and as a client. */
    X509Certificate node(
            Order order, PublicKey theirs, X509Certificate authority, PrivateKey key, Instant now) {
        var builder =
                new JcaX509v3CertificateBuilder(
                        subject(authority),
                        serial(),
                        Date.from(now.minus(SLACK)),
                        Date.from(now.plus(Duration.ofDays(order.days()))),
                        name(order.name()),
                        theirs);
        try {
            addNodeExtensions(builder, order, theirs, authority);
            return signed(builder, key);
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("a node's certificate can be made", e);
        }
    }

    private static void addNodeExtensions(
            X509v3CertificateBuilder builder,
            Order order,
            PublicKey theirs,
            X509Certificate authority)
            throws GeneralSecurityException, CertIOException {
        var identifiers = new JcaX509ExtensionUtils();
        KeyPurposeId[] uses = {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth};
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(uses));
        builder.addExtension(Extension.subjectAlternativeName, false, names(order));
        builder.addExtension(
                Extension.subjectKeyIdentifier,
                false,
                identifiers.createSubjectKeyIdentifier(theirs));
        builder.addExtension(
                Extension.authorityKeyIdentifier,
                false,
                identifiers.createAuthorityKeyIdentifier(authority.getPublicKey()));
    }

    private static GeneralNames names(Order order) {
        return new GeneralNames(
                order.names().stream().map(Signer::general).toArray(GeneralName[]::new));
    }

    private static GeneralName general(String host) {
        return Order.ip(host)
                .map(ip -> new DEROctetString(ip.getAddress()))
                .map(octets -> new GeneralName(GeneralName.iPAddress, octets))
                .orElseGet(() -> new GeneralName(GeneralName.dNSName, host));
    }

    /** The list of those that were revoked, valid as long as the authority. */
    byte[] revoked(
            List<Certified> revoked,
            long number,
            X509Certificate authority,
            PrivateKey key,
            Instant now) {
        var builder = new JcaX509v2CRLBuilder(authority, Date.from(now.minus(SLACK)));
        builder.setNextUpdate(authority.getNotAfter());
        for (Certified one : revoked) {
            Revocation revocation = one.revocation().orElseThrow();
            builder.addCRLEntry(
                    one.certificate().getSerialNumber(),
                    Date.from(revocation.at()),
                    revocation.reason().code());
        }
        try {
            var identifiers = new JcaX509ExtensionUtils();
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    identifiers.createAuthorityKeyIdentifier(authority.getPublicKey()));
            builder.addExtension(
                    Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(number)));
            return builder.build(content(key)).getEncoded();
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("a revocation list can be made", e);
        }
    }

    private X509Certificate signed(X509v3CertificateBuilder builder, PrivateKey key)
            throws OperatorCreationException, IOException {
        return certificate(builder.build(content(key)).getEncoded()).orElseThrow();
    }

    private ContentSigner content(PrivateKey key) throws OperatorCreationException {
        return new JcaContentSignerBuilder(ALGORITHM).setSecureRandom(random).build(key);
    }

    private BigInteger serial() {
        return new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1);
    }

    private static X500Name name(String commonName) {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, commonName).build();
    }

    private static X500Name subject(X509Certificate certificate) {
        return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    }

    static String commonName(X509Certificate certificate) {
        return IETFUtils.valueToString(
                subject(certificate).getRDNs(BCStyle.CN)[0].getFirst().getValue());
    }

    /** The certificate of these bytes; empty when they are none. */
    static Optional<X509Certificate> certificate(byte[] der) {
        try {
            return Optional.of(
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509")
                                    .generateCertificate(new ByteArrayInputStream(der)));
        } catch (CertificateException _) {
            return Optional.empty();
        }
    }

    static byte[] bytes(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read has bytes", e);
        }
    }

    /** The key of these bytes; empty when they are none. */
    static Optional<PrivateKey> key(byte[] der) {
        try {
            return Optional.of(
                    KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der)));
        } catch (GeneralSecurityException _) {
            return Optional.empty();
        }
    }

    /** Which of the authority's lists it is; 0 when it is none of this authority. */
    static long number(byte[] der, X509Certificate authority) {
        try {
            var list =
                    (X509CRL)
                            CertificateFactory.getInstance("X.509")
                                    .generateCRL(new ByteArrayInputStream(der));
            list.verify(authority.getPublicKey());
            byte[] value = list.getExtensionValue(Extension.cRLNumber.getId());
            return value == null
                    ? 0
                    : ASN1Integer.getInstance(JcaX509ExtensionUtils.parseExtensionValue(value))
                            .longValueExact();
        } catch (GeneralSecurityException | IOException | RuntimeException _) {
            return 0; // whatever it is, it is not the one that should be there
        }
    }

    /** Whether a private key belongs to a public one. */
    boolean belongs(PrivateKey key, PublicKey to) {
        byte[] text = {1, 2, 3};
        try {
            Signature signing = Signature.getInstance(ALGORITHM);
            signing.initSign(key, random);
            signing.update(text);
            Signature verifying = Signature.getInstance(ALGORITHM);
            verifying.initVerify(to);
            verifying.update(text);
            return verifying.verify(signing.sign());
        } catch (GeneralSecurityException _) {
            return false;
        }
    }
}
