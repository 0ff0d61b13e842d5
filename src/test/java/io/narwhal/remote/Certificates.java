package io.narwhal.remote;

import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;

import javax.security.auth.x500.X500Principal;

/** An authority for tests, and the files of those whom it certifies. */
final class Certificates {
    /** All validity is told from here. */
    static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

    private static final long DAY = 86_400;

    private final X500Principal name;
    private final KeyPair keys;
    private final byte[] certificate;
    private final List<BigInteger> revoked = new ArrayList<>();
    private int serial = 1;

    /** What a certificate says. */
    record Wish(String common, List<String> names, Instant from, Instant to, KeyPurposeId... uses) {
        static Wish of(String name) {
            return new Wish(
                    name,
                    List.of(name),
                    NOW.minusSeconds(DAY),
                    NOW.plusSeconds(DAY),
                    KeyPurposeId.id_kp_clientAuth,
                    KeyPurposeId.id_kp_serverAuth);
        }

        Wish valid(Instant since, Instant until) {
            return new Wish(common, names, since, until, uses);
        }

        Wish named(List<String> others) {
            return new Wish(common, others, from, to, uses);
        }

        Wish forUse(KeyPurposeId... others) {
            return new Wish(common, names, from, to, others);
        }
    }

    Certificates(String common) throws Exception {
        name = new X500Principal("CN=" + common);
        keys = pair();
        var builder =
                new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.valueOf(serial++),
                        Date.from(NOW.minusSeconds(400 * DAY)),
                        Date.from(NOW.plusSeconds(400 * DAY)),
                        name,
                        keys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        certificate = builder.build(signer()).getEncoded();
    }

    private static KeyPair pair() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        return generator.generateKeyPair();
    }

    private ContentSigner signer() throws Exception {
        return new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate());
    }

    /** Writes certificate.pem, key.pem and ca.pem; gives the serial number. */
    BigInteger issue(Path directory, Wish wish) throws Exception {
        KeyPair own = pair();
        BigInteger number = BigInteger.valueOf(serial++);
        var builder =
                new JcaX509v3CertificateBuilder(
                        name,
                        number,
                        Date.from(wish.from()),
                        Date.from(wish.to()),
                        new X500Principal("CN=" + wish.common()),
                        own.getPublic());
        if (!wish.names().isEmpty()) {
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(
                            wish.names().stream()
                                    .map(one -> new GeneralName(GeneralName.dNSName, one))
                                    .toArray(GeneralName[]::new)));
        }
        if (wish.uses().length > 0) {
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(wish.uses()));
        }
        X509CertificateHolder issued = builder.build(signer());
        Files.createDirectories(directory);
        replace(directory.resolve("key.pem"), pem("PRIVATE KEY", own.getPrivate().getEncoded()));
        replace(directory.resolve("certificate.pem"), pem("CERTIFICATE", issued.getEncoded()));
        replace(directory.resolve("ca.pem"), pem());
        return number;
    }

    String pem() {
        return pem("CERTIFICATE", certificate);
    }

    void revoke(BigInteger number) {
        revoked.add(number);
    }

    /** Writes the list of what was revoked. */
    void list(Path file, Instant until) throws Exception {
        var builder =
                new JcaX509v2CRLBuilder(
                        X500Name.getInstance(name.getEncoded()), Date.from(NOW.minusSeconds(DAY)));
        builder.setNextUpdate(Date.from(until));
        revoked.forEach(
                one ->
                        builder.addCRLEntry(
                                one, Date.from(NOW.minusSeconds(1)), CRLReason.keyCompromise));
        replace(file, pem("X509 CRL", builder.build(signer()).getEncoded()));
    }

    private static String pem(String kind, byte[] der) {
        return "-----BEGIN "
                + kind
                + "-----\n"
                + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(der)
                + "\n-----END "
                + kind
                + "-----\n";
    }

    static void replace(Path file, String content) throws IOException {
        Files.writeString(file, content);
    }
}
